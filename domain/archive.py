"""An Archive: whether a target is put away, and since when. Lists leave it out, everything else of it stays."""

from datetime import datetime

from eventsourcing.domain import event

from domain.companion import Companion, CompanionEvent
from domain.prose import prose
from domain.refusal import Refused
from domain.target import State, Target

ARCHIVABLE = (State.DRAFT, State.CLOSED, State.SEALED, State.CANCELLED)


class Archive(Companion):
    TOPIC = "archive"
    STREAM = "archive"

    archived: bool

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(CompanionEvent):
        def begun(self) -> "Archive":
            return Archive.of(self.target, self.timestamp)

    class TargetArchived(Event):
        TOPIC = "target.archived"
        reason: str | None = None

    class TargetUnarchived(Event):
        TOPIC = "target.unarchived"

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    def archive(self, target: Target, reason: str | None, *, by: str, at: datetime) -> None:
        if target.state not in ARCHIVABLE:
            detail = f"the target is {target.state.value}, and sales count toward it: wait for its close, or cancel it"
            raise Refused("still_counting", detail)
        reason = None if reason is None else prose(reason, "reason")
        if not self.archived:
            self.say(self.TargetArchived, reason=reason, by=by, at=at)

    def unarchive(self, *, by: str, at: datetime) -> None:
        if self.archived:
            self.say(self.TargetUnarchived, by=by, at=at)

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    def begin(self) -> None:
        self.archived = False

    @event(TargetArchived)
    def _archived(self) -> None:
        self.archived = True

    @event(TargetUnarchived)
    def _unarchived(self) -> None:
        self.archived = False
