"""What a target came to when its period is over: its goal exceeded, met or missed."""

from fractions import Fraction
from typing import NamedTuple

from domain.plan import KEEP, Plan

ATTAINED_BY_REVISION, NOT_ATTAINED = "attained_by_revision", "not_attained"
EXCEEDED, MET, MISSED, NO_BASELINE = OUTCOMES = ("exceeded", "met", "missed", "no_baseline")


class Passed(NamedTuple):
    """Of a `keep` target: the checkpoints at which its level was inside, of those that were evaluated."""

    inside: int
    evaluated: int


def outcome_of(plan: Plan, actual: Fraction | None, measured: bool, passed: Passed | None) -> str:
    """actual: A at the end; measured: whether any level was, of a measured target."""
    if plan.kind == KEEP:
        assert plan.bounds is not None
        assert passed is not None
        inside = measured and actual is not None and plan.bounds.nearest(actual) == actual
        return MET if inside and enough(plan, passed) else MISSED
    if plan.incomparable:
        return NO_BASELINE
    if actual is None or (plan.measured and not measured):
        return MISSED  # a goal that nothing was ever measured for is not reached
    if plan.nothing_to_reach:
        return MISSED  # nor is one that there is not
    over = plan.sign * (actual - plan.final)
    return EXCEEDED if over > 0 else MET if over == 0 else MISSED


def enough(plan: Plan, passed: Passed) -> bool:
    """Whether so many checkpoints were inside as the target says."""
    share = Fraction(1) if plan.pass_share is None else Fraction(plan.pass_share)
    return passed.evaluated > 0 and Fraction(passed.inside, passed.evaluated) >= share
