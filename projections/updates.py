"""What people say of each target, and what they were asked to say: a row an update, a row a check-in."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.utils import get_topic

from domain.checkpoint import checkpoint_id
from domain.updates.updates import Updates
from projections.view import View


@dataclass(frozen=True)
class Update:
    """number, cutoff: of the checkpoint whose check-in it answers."""

    target: UUID
    on_track: bool
    why: str
    confidence: int
    by: str
    at: datetime
    improve: str | None = None
    number: int | None = None
    cutoff: datetime | None = None


@dataclass(frozen=True)
class CheckIn:
    """state: open, escalated (and still to be answered), answered or ended; of: who was asked."""

    target: UUID
    number: int
    cutoff: datetime
    status: str
    of: list[str]
    due: datetime
    asked_at: datetime
    state: str = "open"
    since: datetime | None = None
    """In this state."""
    escalated_to: str | None = None
    escalated_at: datetime | None = None
    update: UUID | None = None
    """That answered it."""
    reason: str | None = None
    """Why nobody need answer it any more."""


def evolve_update(row: Update | None, fact: object) -> Update | None:
    match row, fact:
        case None, Updates.UpdatePosted():
            said = fact.on_track, fact.why, fact.confidence, fact.by, fact.timestamp
            return Update(fact.target, *said, fact.improve, fact.number, fact.cutoff)
    return row


def evolve_check_in(row: CheckIn | None, fact: object) -> CheckIn | None:
    match row, fact:
        case None, Updates.CheckInRequested(target=target, number=number, cutoff=cutoff, status=status, of=of, due=due):
            at = fact.timestamp
            return CheckIn(target, number, cutoff, status, of, due, at, since=at)
        case CheckIn(), Updates.CheckInEscalated(to=to, timestamp=at):
            return replace(row, state="escalated", since=at, escalated_to=to, escalated_at=at)
        case CheckIn(), Updates.UpdatePosted(update=update, timestamp=at):
            return replace(row, state="answered", since=at, update=update)
        case CheckIn(), Updates.CheckInEnded(reason=reason, timestamp=at):
            return replace(row, state="ended", since=at, reason=reason)
    return row


def _of_update(fact: Any) -> UUID:
    update: UUID = fact.update
    return update


def _of_checkpoint(fact: Any) -> UUID:
    """A check-in is found by its checkpoint's id; an update that answers none has no row here."""
    return fact.originator_id if fact.cutoff is None else checkpoint_id(fact.target, fact.cutoff)


CUTOFF = "(row->>'cutoff') COLLATE \"C\""
"""As text: in the order of time, as all are in UTC."""
POSTED = get_topic(Updates.UpdatePosted)
ASKING = (Updates.CheckInRequested, Updates.CheckInEscalated, Updates.CheckInEnded)
# In their column `position` stands the one of the update's fact; a check-in's rows come in the order of the cut-offs.
UPDATES = View("updates", Update, evolve_update, [POSTED], key=_of_update, indexes=("(row->>'target'), position",))
CHECK_INS = View(
    "check_ins",
    CheckIn,
    evolve_check_in,
    [POSTED, *(get_topic(fact) for fact in ASKING)],
    key=_of_checkpoint,
    indexes=(f"(row->>'target'), ({CUTOFF})",),
)
