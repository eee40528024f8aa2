"""Given facts, when a decision, then facts. No store, no clock, no mock."""

from datetime import datetime
from functools import reduce
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.domain import AggregateCreated, BaseAggregate
from eventsourcing.utils import get_topic

from tests.words import NOW

A = TypeVar("A", bound=BaseAggregate[UUID])
Fact = tuple[type[Any], dict[str, Any]]

ID = UUID(int=1)
ANA = "ana@example.com"
ENVELOPE = {"originator_id", "originator_version", "originator_topic", "timestamp"}


def fact(event_class: type[Any], *, by: str = ANA, **says: Any) -> Fact:
    """What an event says, without its envelope; Ana did it unless it says otherwise."""
    return event_class, {"by": by, **says}


def past(aggregate_class: type[Any], *facts: Fact, at: datetime = NOW) -> list[Any]:
    """The facts in their envelopes, as the store would return them."""
    topic = {"originator_topic": get_topic(aggregate_class)}
    return [
        cls(
            originator_id=ID,
            originator_version=version,
            timestamp=at,
            **(topic if issubclass(cls, AggregateCreated) else {}),
            **says,
        )
        for version, (cls, says) in enumerate(facts, start=1)
    ]


def given(aggregate_class: type[A], *facts: Fact) -> A:
    """The aggregate with this past and nothing pending."""
    rebuilt = reduce(lambda aggregate, event: event.mutate(aggregate), past(aggregate_class, *facts), None)
    assert isinstance(rebuilt, aggregate_class)
    return rebuilt


def recorded(aggregate: BaseAggregate[UUID]) -> list[Fact]:
    """What the decision added."""
    return [
        (type(event), {name: what for name, what in vars(event).items() if name not in ENVELOPE})
        for event in aggregate.collect_events()
    ]
