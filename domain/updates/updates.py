"""Updates: what people say of a target, and the check-in that they are asked for when a checkpoint is bad.

What they say stands beside the figures: nothing that is computed is decided by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import event

from domain.companion import Companion, CompanionEvent
from domain.prose import prose
from domain.refusal import Refused

CONFIDENCE_MAX = 10
UPDATES_MAX = 1_000
"""Of one target."""
RECOVERED, ATTAINED, CLOSED, CANCELLED = "recovered", "attained", "closed", "cancelled"
"""Why a check-in that nobody answered is over."""


@dataclass(frozen=True)
class Said:
    """What somebody says; confidence: from 0 to 10, that the target will be reached."""

    on_track: bool
    why: str
    confidence: int
    improve: str | None = None


@dataclass(frozen=True)
class Posted:
    """An update that was posted; number, cutoff: of the checkpoint whose check-in it answers."""

    said: Said
    by: str
    at: datetime
    number: int | None = None
    cutoff: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """The check-in that is open: about which checkpoint, and by when; escalated: nobody had answered by then."""

    number: int
    cutoff: datetime
    due: datetime
    escalated: bool = False


class Updates(Companion):
    TOPIC = "updates"
    STREAM = "updates"

    posted: dict[UUID, Posted]
    """By the id of the update."""
    asked: Asked | None
    asked_last: datetime | None
    """The cut-off of the last checkpoint that was asked about."""

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(CompanionEvent):
        def begun(self) -> "Updates":
            return Updates.of(self.target, self.timestamp)

    class UpdatePosted(Event):
        TOPIC = "target.update_posted"
        update: UUID
        on_track: bool
        """As people see it, whatever the figures say."""
        why: str
        confidence: int
        """0 to 10."""
        improve: str | None = None
        number: int | None = None
        """Of the checkpoint whose check-in it answers, with its cut-off; None: nobody had asked."""
        cutoff: datetime | None = None

    class CheckInRequested(Event):
        TOPIC = "target.check_in_requested"
        number: int
        cutoff: datetime
        status: str
        of: list[str]
        """Who is asked: the owner, then the team."""
        due: datetime

    class CheckInEscalated(Event):
        TOPIC = "target.check_in_escalated"
        number: int
        cutoff: datetime
        to: str | None = None
        """The owner of the target above; None: there is nobody one level up."""
        parent: UUID | None = None

    class CheckInEnded(Event):
        TOPIC = "target.check_in_ended"
        number: int
        cutoff: datetime
        reason: str

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    def post(self, update: UUID, said: Said, *, by: str, at: datetime) -> None:
        """Somebody says how it stands; it answers the check-in that is open. The same id again changes nothing.

        Refused, with the field: why_missing, improve_missing, too_long, bad_text, bad_confidence; too_many_updates.
        """
        if not 0 <= said.confidence <= CONFIDENCE_MAX:
            detail = f"confidence is a whole number from 0 to {CONFIDENCE_MAX}"
            raise Refused("bad_confidence", detail, "/confidence")
        prose(said.why, "why")
        if said.improve is not None:
            prose(said.improve, "improve")
        if (before := self.posted.get(update)) is not None:
            if before.said != said:
                raise Refused("key_reused", "this Idempotency-Key has posted another update before")
            return
        if len(self.posted) >= UPDATES_MAX:
            raise Refused("too_many_updates", f"a target has up to {UPDATES_MAX:,} updates")
        asked = {} if self.asked is None else {"number": self.asked.number, "cutoff": self.asked.cutoff}
        self.say(self.UpdatePosted, update=update, **vars(said), **asked, by=by, at=at)

    def ask(
        self, number: int, cutoff: datetime, status: str, of: Iterable[str], due: datetime, *, by: str, at: datetime
    ) -> bool:
        """Ask these people about a bad checkpoint; whether they were. Of what is open and not yet due none is asked
        again, and of a checkpoint once."""
        if self.asked is not None and not self.asked.escalated:
            return False
        if self.asked_last is not None and cutoff <= self.asked_last:
            return False
        checkpoint: dict[str, Any] = {"number": number, "cutoff": cutoff, "status": status}
        self.say(self.CheckInRequested, **checkpoint, of=list(of), due=due, by=by, at=at)
        return True

    def escalate(self, to: str | None, parent: UUID | None, *, by: str, at: datetime) -> None:
        """Nobody has answered in time: one level up, once."""
        if self.asked is not None and not self.asked.escalated:
            self._say_of_asked(self.CheckInEscalated, to=to, parent=parent, by=by, at=at)

    def end(self, reason: str, *, by: str, at: datetime) -> None:
        """There is nothing to be answered any more."""
        if self.asked is not None:
            self._say_of_asked(self.CheckInEnded, reason=reason, by=by, at=at)

    def _say_of_asked(self, fact: type[Event], **says: Any) -> None:
        assert self.asked is not None, "a check-in is open"
        self.say(fact, number=self.asked.number, cutoff=self.asked.cutoff, **says)

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    def begin(self) -> None:
        self.posted = {}
        self.asked = None
        self.asked_last = None

    @event(UpdatePosted)
    def _posted(
        self,
        update: UUID,
        on_track: bool,
        why: str,
        confidence: int,
        improve: str | None,
        by: str,
        timestamp: datetime,
        number: int | None,
        cutoff: datetime | None,
    ) -> None:
        self.posted[update] = Posted(Said(on_track, why, confidence, improve), by, timestamp, number, cutoff)
        self.asked = None

    @event(CheckInRequested)
    def _requested(self, number: int, cutoff: datetime, due: datetime) -> None:
        self.asked = Asked(number, cutoff, due)
        self.asked_last = cutoff

    @event(CheckInEscalated)
    def _escalated(self) -> None:
        self.asked = None if self.asked is None else replace(self.asked, escalated=True)

    @event(CheckInEnded)
    def _ended(self) -> None:
        self.asked = None
