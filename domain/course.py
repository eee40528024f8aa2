"""What a target expects over its whole life: its plans, one revision after another, as one pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property

from domain.plan import Plan

BY_DAYS_ALONE = ("equal_steps", "linear", "business_days", "weighted")
"""Paces that no amount moves."""
MOVED_BY = ("kind", "pacing", "midnights", "checkpoints", "steps", "weighting", "halves")


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
        until: datetime | None = None
        after, moves = self.plan, self.plan.moves
        for plan in reversed(self.plans):
            begins = plan.begins if plan.rebased is None else plan.rebased.at
            if not _moves_alike(plan, after):
                moves = plan.moves
            after = plan
            own = {at for at in moves if at >= begins} | {plan.ends}
            if plan.rebased is not None:
                own.add(begins)
            # Of thousands of steps, with a hundred revisions after them, only those that held are worked out.
            found |= {at: plan.expected(at) for at in own if until is None or at < until}
            until = begins if until is None else min(until, begins)
        return sorted(found.items())

    def reached_at(self, weight: Fraction) -> datetime:
        """The first instant at which W is so much, over 0 and at most 1; the end, where it never is before."""
        plan = self.plan
        if len(self.plans) == 1 or not plan.span:
            return plan.curve().reached_at(weight)
        return next((at for reached, at in self._shares if reached >= weight), plan.ends)

    @cached_property
    def _shares(self) -> list[tuple[Fraction, datetime]]:
        """W at each step, as the plan in force has it: every milestone by a share of the pace looks for its own."""
        plan = self.plan
        return [((value - plan.baseline) / plan.span, at) for at, value in self.steps]


def _moves_alike(one: Plan, other: Plan) -> bool:
    """Whether E moves at the same instants by both: most revisions change how much, not when."""
    if one is other:
        return True
    said = one.sums_up or other.sums_up or one.pacing not in BY_DAYS_ALONE
    return not said and all(getattr(one, name) == getattr(other, name) for name in MOVED_BY)


def course_upto(plans: Sequence[Plan], revision: int) -> Course:
    """What the plans up to this revision expect; of a roll-up always what its members expect by now."""
    return Course(plans if plans[-1].sums_up else plans[:revision])


def rational(value: Fraction) -> str:
    """An exact number as facts keep it: "5" or "150000000/7"."""
    return str(value)
