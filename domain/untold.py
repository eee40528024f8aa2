"""What publishers are still to be told: kept in the transaction that refused it, until it is on refused.<source>."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Refusal:
    """A sale that was not taken, or that waited for another and lapsed."""

    source: str | None
    id: str | None
    code: str
    detail: str
    field: str = ""
    subject: str = ""
    """What it was published on; empty for a request."""
    name: str | None = None
    """What names it for ever, so that it is told once although its message comes again."""
    item: Any = None
    """The sale as it came."""
