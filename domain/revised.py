"""What a revision comes to, and what it was asked for with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.plan import Plan


@dataclass(frozen=True)
class Request:
    """What is asked for again where an answer was lost: its id, and what it says; the same id says the same."""

    id: UUID
    says: UUID


@dataclass(frozen=True)
class Revised:
    """As TargetRevised says it."""

    effective_at: datetime
    mode: str
    reason: str
    changes: dict[str, dict[str, Any]]
    plan: Plan
    fill_upto: int | None = None
    status: str | None = None
    proposed_by: str | None = None
    request: Request | None = None
