"""What a message is made of: a fact at its position, and what it is about as that stands now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain.alerts.wording import said_amount
from domain.milestones.milestone import Milestone
from domain.money import shown
from domain.plan import GAIN, UPLIFT, Plan
from domain.target import Target


@dataclass(frozen=True)
class Story:
    """What a message is made of: a fact at its position, and what it is about as that stands now."""

    position: int
    type: str
    fact: Any
    target: Target
    milestone: Milestone | None = None
    previous: str | None = None
    """The status at the checkpoint before."""

    @property
    def plan(self) -> Plan:
        return self.target.plan

    @property
    def gains(self) -> bool:
        """Whether it is an uplift by gain, which is attained over all of its comparison."""
        return self.plan.kind == UPLIFT and self.plan.mode == GAIN

    def money(self, minor: int) -> str:
        return said_amount(minor, self.plan.unit, self.plan.exponent)

    @property
    def aim(self) -> str:
        """What is to be reached, such as "$100,000.00"; of a level to be kept, between which bounds."""
        plan = self.plan
        if plan.bounds is not None:
            low, high = (None if one is None else self.money(one) for one in (plan.bounds.min, plan.bounds.max))
            return f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
        if plan.kind == UPLIFT:
            return f"{plan.percent or f'+{self.money(plan.goal)}'} over {plan.compared_with}"
        return self.money(plan.final)

    def amount(self, minor: int) -> str:
        return shown(minor, self.plan.exponent)

    # Of a fact about a checkpoint. A plan may have changed since, so its cut-off finds it, not its number.

    @property
    def closing(self) -> bool:
        cutoff: datetime = self.fact.cutoff
        return cutoff >= self.plan.ends

    @property
    def day(self) -> date:
        """The local day that it closes."""
        cutoff: datetime = self.fact.cutoff
        planned = next((one.day for one in self.plan.checkpoints if one.cutoff == cutoff), None)
        return planned or self.plan.day_of(cutoff - timedelta(microseconds=1))
