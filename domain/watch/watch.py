"""A Watch: whether a target slips or stalls, and whether its data has stopped coming. It says what changes."""

from datetime import date, datetime

from eventsourcing.domain import event

from domain.companion import Companion, CompanionEvent
from domain.watch.seeing import SLIPPING, STALLED, Pace, Seen


class Watch(Companion):
    TOPIC = "watch"
    STREAM = "watch"

    slipping: bool
    stalled: bool
    stale: bool

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(CompanionEvent):
        def begun(self) -> "Watch":
            return Watch.of(self.target, self.timestamp)

    class TargetSlipping(Event):
        """It brings too little over five open days, and on the last of them too."""

        TOPIC = "target.slipping"
        day: date
        """The last open day that is over."""
        days: int
        """Over so many open days: what the plan adds on them and what they brought, in minor units."""
        expected: int
        actual: int
        burn: str
        """Of the shortfall, over these days, with four places: 1 at four fifths of the plan, 5 where nothing came."""
        last_burn: str

    class TargetStalled(Event):
        """It brings next to nothing over two open days, and on the last of them too."""

        TOPIC = "target.stalled"
        day: date
        days: int
        expected: int
        actual: int
        burn: str
        last_burn: str

    class TargetRecovered(Event):
        TOPIC = "target.recovered"
        what: str
        """slipping or stalled."""
        day: date
        reason: str

    class DataStale(Event):
        TOPIC = "target.data_stale"
        since: datetime
        """From then on there should have been data."""
        expect_data_every: int
        """Hours."""

    class DataResumed(Event):
        TOPIC = "target.data_resumed"
        data_at: datetime | None = None
        """When the last data was recorded; None: none has to come any more."""

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    def see(self, seen: Seen, *, by: str, at: datetime) -> None:
        """What the last open days come to. Slipping must have held for two evaluations to begin; it ends at once."""
        if seen.slipping is not None and seen.slipping_holds and not self.slipping:
            self._say_pace(self.TargetSlipping, seen, seen.slipping, by, at)
        elif seen.slipping is None and self.slipping:
            self.say(self.TargetRecovered, what=SLIPPING, day=seen.day, reason=seen.reason, by=by, at=at)
        if seen.stalled is not None and not self.stalled:
            self._say_pace(self.TargetStalled, seen, seen.stalled, by, at)
        elif seen.stalled is None and self.stalled:
            self.say(self.TargetRecovered, what=STALLED, day=seen.day, reason=seen.reason, by=by, at=at)

    def _say_pace(self, fact: type[Event], seen: Seen, pace: Pace, by: str, at: datetime) -> None:
        self.say(fact, day=seen.day, **vars(pace), by=by, at=at)

    def miss_data(self, since: datetime, expect_data_every: int, *, by: str, at: datetime) -> None:
        if not self.stale:
            self.say(self.DataStale, since=since, expect_data_every=expect_data_every, by=by, at=at)

    def resume_data(self, data_at: datetime | None, *, by: str, at: datetime) -> None:
        if self.stale:
            self.say(self.DataResumed, data_at=data_at, by=by, at=at)

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    def begin(self) -> None:
        self.slipping = False
        self.stalled = False
        self.stale = False

    @event(TargetSlipping)
    def _slipping(self) -> None:
        self.slipping = True

    @event(TargetStalled)
    def _stalled(self) -> None:
        self.stalled = True

    @event(TargetRecovered)
    def _recovered(self, what: str) -> None:
        self.slipping = self.slipping and what != SLIPPING
        self.stalled = self.stalled and what != STALLED

    @event(DataStale)
    def _stale(self) -> None:
        self.stale = True

    @event(DataResumed)
    def _resumed(self) -> None:
        self.stale = False
