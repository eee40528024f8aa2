"""Plans in memory: what is the same in every answer about a target is worked out once."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson

from domain.checkpoint import checkpoint_id
from domain.money import half_even, shown
from domain.pace import Curve
from domain.plan import Plan
from domain.routing import Route, routes_of

KEPT_MAX = 10_000


@dataclass(frozen=True)
class KnownPlan:
    """A plan and what follows from it alone."""

    target_id: UUID
    plan: Plan

    @cached_property
    def curve(self) -> Curve:
        return self.plan.curve()

    @cached_property
    def routes(self) -> list[Route]:
        return routes_of(self.target_id, self.plan)

    @cached_property
    def definition(self) -> bytes:
        """The JSON members of a target that its definition gave, without the braces."""
        plan = self.plan
        said: dict[str, Any] = {
            "name": plan.name,
            "metric": plan.metric,
            "unit": plan.unit,
            "kind": plan.kind,
            "start": plan.start,
            "end": plan.end,
            "time_zone": plan.time_zone,
            "scope": plan.scope,
            "pacing": {"kind": plan.pacing},
            "checkpoints": plan.schedule,
            "owner": plan.owner,
            "team": plan.team or [],
            "parent": plan.parent,
        }
        return orjson.dumps(said)[1:-1]

    @cached_property
    def checkpoint_ids(self) -> list[UUID]:
        """The streams of its checkpoints, evaluated or not, in their order."""
        return [checkpoint_id(self.target_id, one.cutoff) for one in self.plan.checkpoints]

    def expected(self, at: datetime) -> int:
        """E at an instant, in minor units, rounded as it is shown."""
        return half_even(self.plan.goal * self.curve.weight(at))

    def amount(self, minor: int) -> str:
        return shown(minor, self.plan.exponent)


class Plans:
    """Plans by target. A plan never changes for its revision, so what is kept is never stale."""

    def __init__(self) -> None:
        self._kept: dict[UUID, KnownPlan] = {}

    def get(self, target_id: UUID) -> KnownPlan | None:
        return self._kept.get(target_id)

    def keep(self, target_id: UUID, plan: Plan) -> KnownPlan:
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
        known = self._kept[target_id] = KnownPlan(target_id, plan)
        return known
