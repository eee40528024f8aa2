"""A target at a glance: its figures as whole minor units, and how its amounts are said, whatever its kind."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from api.dashboard import wording
from api.dashboard.charts.amounts import PERCENT, RATIO_MONEY, RATIO_NUMBER, RATIO_PERCENT, apart, exact, suffix
from api.target_reads import Found
from domain.course import Course
from domain.figures import Figures, Rates, actual_now, figures, progress_of, rates_at
from domain.money import ISO_4217, minor_units
from domain.plan import GAIN, KEEP, RATIO, UPLIFT, Plan
from domain.target import State

OVER = frozenset({State.CLOSED, State.SEALED, State.CANCELLED})


@dataclass(frozen=True)
class Glance:
    """The figures are those of `GET /v1/targets/{id}` at the same moment."""

    found: Found
    now: Figures

    @classmethod
    def of(cls, found: Found) -> "Glance":
        return cls(found, figures(found.known.course, found.status.standing, found.as_of))

    @property
    def plan(self) -> Plan:
        return self.found.known.plan

    @property
    def course(self) -> Course:
        return self.found.known.course

    @property
    def year(self) -> int:
        """The one that need not be said."""
        return self.found.as_of.year

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        return self.found.as_of >= self.plan.ends or self.found.status.state in OVER

    @property
    def actual(self) -> int | None:
        return self.now.actual_minor

    @property
    def expected(self) -> int | None:
        return self._minor(self.now.expected)

    @property
    def variance(self) -> int | None:
        """Above 0: better than expected."""
        return self._minor(self.now.variance)

    @property
    def goal(self) -> int | None:
        return self._minor(self.now.goal)

    @property
    def original_goal(self) -> int | None:
        """Of the first plan, where that is another one than now."""
        goal = self._minor(self.now.original_goal)
        return None if goal == self.goal else goal

    @property
    def missing(self) -> int | None:
        """What is left to the goal, in its direction: 0 or less once it is reached."""
        if self.goal is None or self.actual is None:
            return None
        return self.plan.sign * (self.goal - self.actual)

    @cached_property
    def progress(self) -> Fraction | None:
        actual = actual_now(self.plan, self.found.status.standing, self.found.as_of)
        return progress_of(self.plan, self.found.status.standing, actual)

    @cached_property
    def rates(self) -> Rates:
        actual = actual_now(self.plan, self.found.status.standing, self.found.as_of)
        return rates_at(self.plan, actual, self.found.as_of)

    @property
    def measured(self) -> bool:
        """Whether there is anything to show: of a level, whether one was measured."""
        return not self.plan.measured or self.found.status.standing.measured

    def said(self, minor: int) -> str:
        return said(self.plan, minor)

    def _minor(self, text: str | None) -> int | None:
        return None if text is None else minor_units(text, self.plan.exponent, signed=True)


def unit_of(plan: Plan) -> str:
    """What its amounts are said in: a ratio in percent up to a goal of one, else as a number, or as money a piece."""
    if plan.kind != RATIO:
        return plan.unit
    assert plan.numerator is not None
    assert plan.denominator is not None
    if plan.numerator.unit in ISO_4217 and plan.denominator.unit not in ISO_4217:
        return f"{RATIO_MONEY}{plan.numerator.unit}"
    return RATIO_PERCENT if plan.final <= 10**plan.exponent else RATIO_NUMBER


def said(plan: Plan, minor: int) -> str:
    """ "$52,000": no places where they are all zero."""
    return exact(minor, unit_of(plan), plan.exponent)


def said_in_full(plan: Plan, minor: int) -> str:
    """With all places: "$52,000.00"; of a gain with its sign."""
    full = wording.amount(minor, unit_of(plan), plan.exponent)
    return wording.signed(minor, full) if is_gain(plan) else full


def said_apart_in_full(plan: Plan, minor: int) -> str:
    """As `said_apart`, with all places."""
    full = wording.amount(minor, unit_of(plan), plan.exponent)
    return said_apart(plan, minor) if full.endswith(PERCENT) else full


def said_apart(plan: Plan, minor: int) -> str:
    """How far two of them lie apart."""
    return apart(minor, unit_of(plan), plan.exponent)


def said_shortly(plan: Plan, minor: int, below: int | None = None) -> str:
    """For an overview, as `wording.rounded`; of a gain with its sign."""
    shortly = wording.rounded(minor, unit_of(plan), plan.exponent, below)
    return wording.signed(minor, shortly) if is_gain(plan) else shortly


def aimed(plan: Plan, minor: int) -> str:
    """An amount on the way: of a gain with its sign, "+$25,000"."""
    return wording.signed(minor, said(plan, minor)) if is_gain(plan) else said(plan, minor)


def is_gain(plan: Plan) -> bool:
    """Whether its actual is a difference; with nothing to compare it with, it is what was sold."""
    return plan.kind == UPLIFT and plan.mode == GAIN and not plan.incomparable


def aim_of(plan: Plan) -> str:
    """What is to be reached: "$100,000", "+$100,000", "from 8 % to 5 %", "between 3 and 5", "+10 %"."""
    if plan.kind == KEEP:
        return bounds_said(plan)
    if plan.percent is not None and not plan.goal:
        return plan.percent
    if plan.measured:
        return f"from {_before(plan, plan.baseline)} to {said(plan, plan.final)}"
    return f"+{said(plan, plan.final)}" if plan.kind == UPLIFT and plan.mode == GAIN else said(plan, plan.final)


def bounds_said(plan: Plan) -> str:
    """Where a level is to stay: "between 3 and 5", "at most 5"."""
    assert plan.bounds is not None
    low, high = (None if one is None else said(plan, one) for one in (plan.bounds.min, plan.bounds.max))
    if low is None or high is None:
        return f"at least {low}" if high is None else f"at most {high}"
    assert plan.bounds is not None
    return f"between {_before(plan, plan.bounds.min or 0)} and {high}"


def _before(plan: Plan, minor: int) -> str:
    """The first of two amounts: what is counted is named with the second."""
    named = said(plan, minor)
    after = suffix(plan.unit, one=abs(minor) == 10**plan.exponent)
    return named if after == PERCENT else named.removesuffix(after)


def counts_said(plan: Plan) -> str:
    """What counts: "Revenue of all sales", "Revenue of its members", "All customers", "Orders by visits" and so on."""
    if plan.kind == RATIO:
        assert plan.numerator is not None
        assert plan.denominator is not None
        over, under = (wording.counts_said(one.metric, one.scope) for one in (plan.numerator, plan.denominator))
        return f"{over} by {under[:1].lower()}{under[1:]}"
    counted = wording.counts_said(plan.metric, plan.scope)
    if plan.roll_up:
        return f"{counted} of its members"
    if plan.measured:
        return f"{counted}, as it is measured"
    if plan.scope:
        return counted
    if sells(plan):
        return f"{counted} of all sales"
    return f"All {counted[:1].lower()}{counted[1:]}" if plan.unit == plan.metric else f"{counted}, all that is counted"


def sells(plan: Plan) -> bool:
    """Whether it counts money, so that what comes in are sales."""
    return plan.unit in ISO_4217
