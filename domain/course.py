"""What a target expects over its whole life: its plans, one revision after another, as one pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property

from domain.plan import Plan


@dataclass(frozen=True)
class Course:
    """plans: by revision, the first one first; the last is in force. What a revision goes on from holds until then."""

    plans: Sequence[Plan]

    @property
    def plan(self) -> Plan:
        """The one in force."""
        return self.plans[-1]

    def plan_at(self, at: datetime) -> Plan:
        """The one that says what is expected at this instant: the last that had taken effect by then."""
        for plan in reversed(self.plans):
            if plan.rebased is None or at >= plan.rebased.at:
                return plan
        raise AssertionError("a first plan goes on from nothing")

    def expected(self, at: datetime) -> Fraction:
        """E(t), exact, in minor units."""
        return self.plan_at(at).expected(at)

    def weight(self, at: datetime) -> Fraction:
        """W(t): before any revision that of the pacing, after it (E - b) / D of the plan in force."""
        plan = self.plan_at(at)
        if plan.rebased is None or not plan.span:
            return plan.weight(at)
        return (plan.expected(at) - plan.baseline) / plan.span

    @cached_property
    def steps(self) -> list[tuple[datetime, Fraction]]:
        """The instants at which E moves, in order, and what it is from there on; before the first it is b."""
        found: dict[datetime, Fraction] = {}
        for plan in self.plans:
            begins = plan.begins if plan.rebased is None else plan.rebased.at
            found = {at: value for at, value in found.items() if at < begins}
            if plan.rebased is not None:
                found[begins] = plan.expected(begins)
            found |= {at: plan.expected(at) for at in plan.moves if at >= begins}
            if plan.ends not in found:
                found[plan.ends] = plan.expected(plan.ends)
        return sorted(found.items())

    def reached_at(self, weight: Fraction) -> datetime:
        """The first instant at which W is so much, over 0 and at most 1; the end, where it never is before."""
        plan = self.plan
        if len(self.plans) == 1 or not plan.span:
            return plan.curve().reached_at(weight)
        share = (((value - plan.baseline) / plan.span, at) for at, value in self.steps)
        return next((at for reached, at in share if reached >= weight), plan.ends)


def course_upto(plans: Sequence[Plan], revision: int) -> Course:
    """What the plans up to this revision expect; of a roll-up always what its members expect by now."""
    return Course(plans if plans[-1].sums_up else plans[:revision])


def rational(value: Fraction) -> str:
    """An exact number as facts keep it: "5" or "150000000/7"."""
    return str(value)
