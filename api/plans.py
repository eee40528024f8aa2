"""Plans in memory: what is the same in every answer about a target is worked out once."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson

from domain.checkpoint import checkpoint_id
from domain.course import Course
from domain.definition import definition_of
from domain.money import half_even, shown
from domain.plan import Plan
from domain.routing import Route, routes_of
from domain.saying import said_of
from projections.plans import Plans

KEPT_MAX = 10_000
ALWAYS: dict[str, Any] = {"checkpoints": None, "owner": None, "team": [], "parent": None, "scope": {}}
"""Members that are there also where nothing is said of them."""


@dataclass(frozen=True)
class KnownPlan:
    """A target's plans and what follows from them alone; edition: it moves with each of their changes."""

    target_id: UUID
    plans: Plans

    @property
    def plan(self) -> Plan:
        """The one in force."""
        return self.plans.plan

    @property
    def course(self) -> Course:
        return self.plans.course

    @property
    def edition(self) -> int:
        return self.plans.edition

    @cached_property
    def routes(self) -> list[Route]:
        return routes_of(self.target_id, self.plan)

    @cached_property
    def definition(self) -> bytes:
        """The JSON members of a target that its definition gave, without the braces."""
        said = ALWAYS | said_of(definition_of(self.plan)) | {"unit": self.plan.unit, "metric": self.plan.metric}
        said.pop("goal", None)  # it stands with the figures, beside the original one
        return orjson.dumps(said)[1:-1]

    @cached_property
    def checkpoint_ids(self) -> list[UUID]:
        """The streams of its checkpoints, evaluated or not, in their order."""
        return [checkpoint_id(self.target_id, one.cutoff) for one in self.plan.checkpoints]

    def expected(self, at: datetime) -> int:
        """E at an instant, in minor units, rounded as it is shown."""
        return half_even(self.course.expected(at))

    def amount(self, minor: int) -> str:
        return shown(minor, self.plan.exponent)


class KnownPlans:
    """Plans by target, as they were read; whoever looks compares the edition with the target's."""

    def __init__(self) -> None:
        self._kept: dict[UUID, KnownPlan] = {}

    def get(self, target_id: UUID) -> KnownPlan | None:
        return self._kept.get(target_id)

    def keep(self, target_id: UUID, plans: Plans) -> KnownPlan:
        known = self._kept.get(target_id)
        if known is not None and known.edition == plans.edition:
            return known
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
        known = self._kept[target_id] = KnownPlan(target_id, plans)
        return known
