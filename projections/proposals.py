"""Every revision that was proposed, and what became of it; found by its target too."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.facts import PROPOSAL_TOPICS
from domain.proposals.proposal import Asked, Proposal, Stage
from projections.view import View


@dataclass(frozen=True)
class Decision:
    """reason: of one that was declined; revision: what came of one that was approved."""

    by: str
    at: datetime
    reason: str | None = None
    revision: int | None = None


@dataclass(frozen=True)
class Proposed:
    """revision: the target's when it was proposed; changes: {"from", "to"} by field, as they were said."""

    target: UUID
    asked: Asked
    revision: int
    changes: dict[str, dict[str, Any]]
    by: str
    at: datetime
    stage: Stage = Stage.OPEN
    decision: Decision | None = None


def evolve(row: Proposed | None, fact: object) -> Proposed | None:
    match row, fact:
        case None, Proposal.RevisionProposed() as one:
            return Proposed(one.target, one.asked, one.revision, one.changes, one.by, one.timestamp)
        case Proposed(), Proposal.RevisionApproved(by=by, timestamp=at, revision=revision):
            return replace(row, stage=Stage.APPROVED, decision=Decision(by, at, revision=revision))
        case Proposed(), Proposal.RevisionDeclined(by=by, timestamp=at, reason=reason):
            return replace(row, stage=Stage.DECLINED, decision=Decision(by, at, reason=reason))
    return row


PROPOSALS = View("proposals", Proposed, evolve, PROPOSAL_TOPICS, indexes=["(row->>'target'), id"])
