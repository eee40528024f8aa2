"""A Membership: a target belongs to another one, its parent, from a local day to a local day."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

from domain.plan import Plan
from domain.refusal import Refused


@dataclass(frozen=True)
class Window:
    """Local days of the member, both inclusive; None: as long as the member itself."""

    since: date | None = None
    until: date | None = None

    def meets(self, other: "Window") -> bool:
        """Whether there is a day that lies in both."""
        first = max(self.since or date.min, other.since or date.min)
        return first <= min(self.until or date.max, other.until or date.max)

    def within(self, plan: Plan) -> tuple[datetime, datetime] | None:
        """The instants at which it begins and ends in the member's period; None where it lies outside of it."""
        first = max(self.since or plan.start, plan.start)
        last = min(self.until or plan.end, plan.end)
        if first > last:
            return None
        return plan.midnights[(first - plan.start).days], plan.midnights[(last - plan.start).days + 1]


def membership_id(parent: UUID, member: UUID, number: int) -> UUID:
    """The stream of a member's so-manieth membership in one parent."""
    return uuid5(parent, f"member {member} {number}")


class Membership(BaseAggregate[UUID]):
    TOPIC = "membership"

    target: UUID
    """The parent."""
    member: UUID
    window: Window
    ended: bool
    """Whether it is as if it had never been."""

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(AggregateEvent):
        by: str

    class MemberJoined(Event, AggregateCreated):
        TOPIC = "target.member_joined"
        target: UUID
        member: UUID
        since: date | None
        until: date | None

    class MemberLeft(Event):
        TOPIC = "target.member_left"
        target: UUID
        member: UUID
        until: date | None
        """The last day that it belongs; None: it never did."""

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    @classmethod
    def join(cls, one: UUID, parent: UUID, member: UUID, window: Window, *, by: str, at: datetime) -> "Membership":
        return cls._create(
            cls.MemberJoined,
            id=one,
            target=parent,
            member=member,
            since=window.since,
            until=window.until,
            by=by,
            timestamp=at,
        )

    def leave(self, until: date | None, *, by: str, at: datetime) -> None:
        """until: the last day that it belongs; None: take it back as a whole. The same again changes nothing."""
        if until is not None and self.window.since is not None and until < self.window.since:
            detail = f"it joined on {self.window.since}: leave out until to take the membership back as a whole"
            raise Refused("end_before_start", detail, "/until")
        if self.ended or (until is not None and until == self.window.until):
            return
        self.trigger_event(self.MemberLeft, target=self.target, member=self.member, until=until, by=by, timestamp=at)

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    @event(MemberJoined)
    def __init__(self, target: UUID, member: UUID, since: date | None, until: date | None) -> None:
        self.target = target
        self.member = member
        self.window = Window(since, until)
        self.ended = False

    @event(MemberLeft)
    def _left(self, until: date | None) -> None:
        self.ended = until is None
        self.window = Window(self.window.since, until if until is not None else self.window.until)
