"""Targets but for what they have counted: their plans and states, folded from the few facts that say so."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from domain.target import Target


def outlined(facts: Iterable[Any]) -> dict[UUID, Target]:
    """facts: of targets, in the order of each, without those of progress; whose definition is not there is none."""
    found: dict[UUID, Target] = {}
    for fact in facts:
        target = found.get(fact.originator_id)
        if target is not None:
            # Not by `mutate`: the versions between are those of progress.
            fact.apply(target)
        elif isinstance(fact, Target.TargetDefined):
            made = fact.mutate(None)
            assert isinstance(made, Target)
            found[made.id] = made
    return found
