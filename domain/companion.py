"""A Companion: what stands beside a target in a stream of its own, and begins with whatever happens first.

So the target's own stream, which every sale makes longer, is left alone; and where there is nothing to say of a target
there is no fact.
"""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateEvent, BaseAggregate, CanInitAggregate


class Companion(BaseAggregate[UUID]):
    """An aggregate whose facts all name its target."""

    STREAM: ClassVar[str]
    """What its stream is called beside the target's; it never changes."""

    target: UUID

    @classmethod
    def id_of(cls, target: UUID) -> UUID:
        return uuid5(target, cls.STREAM)

    @classmethod
    def of(cls, target: UUID, at: datetime) -> Self:
        """The one of a target of which nothing has happened yet; at: the time."""
        one = cls.__new__(cls)
        one.__base_init__(cls.id_of(target), 0, at)
        one.target = target
        one.begin()
        return one

    def begin(self) -> None:
        """Its state before its first fact."""
        raise NotImplementedError

    def say(self, fact: type[AggregateEvent], *, by: str, at: datetime, **says: Any) -> None:
        self.trigger_event(fact, target=self.target, by=by, timestamp=at, **says)


class CompanionEvent(AggregateEvent):
    """A fact of a companion: the first of them begins it."""

    target: UUID
    by: str

    def mutate(self, aggregate: Any) -> Any:
        return super().mutate(self.begun() if aggregate is None else aggregate)

    def begun(self) -> Any:
        raise NotImplementedError


def may_begin(fact: object) -> bool:
    """Whether an aggregate can begin with this fact."""
    return isinstance(fact, CanInitAggregate | CompanionEvent)
