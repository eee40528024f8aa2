"""Aggregates in memory: as all their facts say. Each fact is folded once, and everybody gets a copy of their own."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import is_dataclass
from datetime import date
from typing import Any
from uuid import UUID

from eventsourcing.domain import BaseAggregate, CanMutateAggregate

from domain.application import Fact
from domain.companion import may_begin

Aggregate = BaseAggregate[UUID]
PLAIN = (int, str, bytes, date, UUID, frozenset, type(None))


class Folded:
    """The aggregates of one log."""

    def __init__(self) -> None:
        self._known: dict[UUID, Aggregate] = {}

    def version(self, one: UUID) -> int:
        """Up to which of its facts it is known."""
        known = self._known.get(one)
        return 0 if known is None else known.version

    def bring_up(self, one: UUID, facts: Iterable[Fact]) -> Aggregate | None:
        """A copy of this aggregate with the facts after `version`; None where the id is of no aggregate."""
        aggregate = fold(self._known.get(one), facts)
        if aggregate is None:
            return None
        self._known[one] = aggregate
        return copied(aggregate)

    def forget(self, ids: Iterable[UUID]) -> None:
        for one in ids:
            self._known.pop(one, None)


def fold(aggregate: Aggregate | None, facts: Iterable[Fact]) -> Aggregate | None:
    for fact in facts:
        assert isinstance(fact, CanMutateAggregate)
        if aggregate is None and not may_begin(fact):
            return None
        aggregate = fact.mutate(aggregate)
    return aggregate


def copied(aggregate: Aggregate) -> Aggregate:
    """Another one that shares nothing with it that a decision or a fact could change."""
    other = object.__new__(type(aggregate))
    vars(other).update({name: _copied(value) for name, value in vars(aggregate).items()})
    return other


def _copied(value: Any) -> Any:
    if isinstance(value, PLAIN) or (is_dataclass(value) and _frozen(value)):
        return value
    if type(value) is dict:
        return {key: _copied(one) for key, one in value.items()}
    if type(value) is list:
        return [_copied(one) for one in value]
    if type(value) is set:
        return set(value)
    return deepcopy(value)


def _frozen(value: Any) -> bool:
    frozen: bool = value.__dataclass_params__.frozen
    return frozen
