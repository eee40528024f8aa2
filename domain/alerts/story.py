"""What a message is made of: a fact at its position, and what it is about as that stands now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain.alerts.wording import said_amount
from domain.comparison import year_before
from domain.milestones.milestone import Milestone
from domain.money import shown
from domain.plan import GAIN, KEEP, RATIO, UPLIFT, Plan
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

    def money(self, minor: int) -> str:
        plan = self.plan
        if plan.kind != RATIO:
            return said_amount(minor, plan.unit, plan.exponent)
        # Up to a goal of one it is a share.
        share = plan.final <= 10**plan.exponent
        said = shown(minor, plan.exponent - (2 if share else 0)).rstrip("0").rstrip(".")
        return f"{said} percent" if share else said

    def stands(self, minor: int) -> str:
        """As `money`; of a gain with its sign."""
        return f"+{self.money(minor)}" if self.gains and minor > 0 else self.money(minor)

    @property
    def gains(self) -> bool:
        """Whether it is an uplift by gain, which is attained over all of its comparison: its amounts are differences,
        unless there is nothing to compare with."""
        return self.plan.kind == UPLIFT and self.plan.mode == GAIN and not self.plan.incomparable

    @property
    def earlier(self) -> str:
        """What an uplift is compared with: "last year", or its dates where those are others."""
        return "last year" if self._is_last_year else self.plan.compared_with

    @property
    def all_earlier(self) -> str:
        """Not only what is due of it by now."""
        return "last year's whole period" if self._is_last_year else f"all of {self.plan.compared_with}"

    @property
    def _is_last_year(self) -> bool:
        versus = self.plan.comparison
        assert versus is not None
        return (versus.start, versus.end) == year_before(self.plan.start, self.plan.end)

    def of_goal(self, total: int, goal: int) -> str:
        """Such as "$101,000.00 of $100,000.00", for each kind in its own words; goal: as it was then."""
        if self.plan.kind == KEEP:
            return f"{self.money(total)}, to stay {self.kept_in}"
        if self.plan.measured:
            return f"{self.money(total)} on the way to {self.money(goal)}"
        more = f" more than {self.all_earlier}" if self.gains else ""
        return f"{self.stands(total)} of {self.stands(goal)}{more}"

    def of_expected(self, actual: int, expected: int) -> str:
        """Such as "$40,000.00 of $50,000.00 expected", for each kind in its own words."""
        if self.plan.kind == KEEP:
            return f"{self.money(actual)}, to stay {self.kept_in},"
        if self.plan.measured:
            return f"{self.money(actual)} with {self.money(expected)} expected"
        more = f" more than {self.earlier}," if self.gains else ""
        return f"{self.stands(actual)}{more} of {self.stands(expected)} expected"

    @property
    def kept_in(self) -> str:
        """Of a level to be kept, between which bounds."""
        assert self.plan.bounds is not None
        low, high = (None if one is None else self.money(one) for one in (self.plan.bounds.min, self.plan.bounds.max))
        return f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"

    @property
    def aim(self) -> str:
        """What is to be reached, such as "$100,000.00"; of a level to be kept, between which bounds."""
        plan = self.plan
        if plan.bounds is not None:
            return self.kept_in
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
