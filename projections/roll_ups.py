"""Verifies that each roll-up has pinned what its members count and expect, whenever that changed."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from domain.rollup.joining import OVER
from domain.rollup.membership import Membership
from domain.rollup.rolling import rolled_up
from domain.target import Target

Differs = Callable[[str], None]


class RollUps:
    """Told of every membership's fact and every pin in the log's order; tells what differs."""

    def __init__(self, differs: Differs) -> None:
        self._differs = differs
        self._memberships: dict[UUID, Membership] = {}

    def said(self, position: int, topic: str, fact: Any) -> None:
        """A fact of a membership."""
        try:
            membership = fact.mutate(self._memberships.get(fact.originator_id))
        except Exception as error:  # noqa: BLE001 - any failure to replay is a finding
            self._differs(f"position {position}: {topic} does not follow what stands before it: {error!r}")
            return
        self._memberships[membership.id] = membership

    def check(self, where: str, target: Target, targets: Mapping[UUID, Target]) -> None:
        """What a roll-up has pinned, held against its members as they stand."""
        if not target.plan.roll_up or target.state in OVER:
            return
        mine = [one for one in self._memberships.values() if one.target == target.id]
        due, plan = rolled_up(target.plan, mine, targets), target.plan
        if plan.members.members != due.members:
            self._differs(f"{where}: {plan.name} ({target.id}) counts other sales than its members do")
        elif plan.members.steps != due.steps or (plan.sums_up and plan.goal != due.goal):
            self._differs(
                f"{where}: {plan.name} ({target.id}) expects {plan.goal} in the end, and its members {due.goal}"
            )
