"""What a revision comes to: what its plan goes on from, and where the target stands under it. Pure rules."""

from datetime import datetime
from fractions import Fraction

from domain.checkpoint import Circumstances, status_of
from domain.course import Course, rational
from domain.plan import KEEP, RATIO, Plan, Rebased
from domain.target import State, Target

PROSPECTIVE, RETROACTIVE, REPLAN = MODES = ("prospective", "retroactive", "replan")
PACED_BY = ("goal", "percent", "baseline", "midnights", "pacing", "steps", "weighting", "points", "halves", "mode")
"""Fields of a Plan: where none of them changes, what is expected goes on as before."""


def going_on_from(target: Target, plan: Plan, mode: str, at: datetime) -> Rebased | None:
    """What a target's next plan goes on from at its effective moment; None where it holds from the beginning.

    target: as it is before it.
    """
    old = target.plan
    if mode == RETROACTIVE or target.state is State.DRAFT or at <= plan.begins:
        return None
    if plan.kind in (KEEP, RATIO) or plan.sums_up:
        return None
    if mode == PROSPECTIVE and all(getattr(plan, one) == getattr(old, one) for one in PACED_BY):
        return old.rebased
    base = target.course.expected(at)
    if mode == REPLAN:
        base = target.actual(at) or Fraction(0)
    return Rebased(at, rational(base))


def status_under(target: Target, plan: Plan, last: Circumstances, at: datetime) -> str | None:
    """The official status from now on, under a target's next plan; None while none is due.

    last: the class of its last evaluation, and how many there were.
    """
    if target.state is not State.ACTIVE or not plan.begins <= at < plan.ends:
        return None
    actual = target.actual(at) if plan.kind != KEEP or target.levels else None
    return status_of(Course([*target.plans, plan]), at, actual, last)
