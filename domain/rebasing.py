"""Rebasing: what a revision goes on from at its effective moment, in the terms of the new plan."""

from datetime import datetime
from fractions import Fraction

from domain.actuals import Actuals
from domain.plan import KEEP, LEVEL, RATIO, UPLIFT, Plan
from domain.refusal import Refused
from domain.target import State, Target

PACED_BY = (
    "goal",
    "percent",
    "baseline",
    "midnights",
    "pacing",
    "steps",
    "weighting",
    "points",
    "halves",
    "mode",
    "comparison",
    "frozen",
)
"""Fields of a Plan: where none of them changes, what is expected goes on as it was."""
SUMMED_BY = ("start", "scope", "refunds", "numerator", "denominator")
"""Fields of a Plan: where they change, what the actual comes to is known once the target is filled again."""


def paced_alike(plan: Plan, old: Plan) -> bool:
    """Whether both expect the same."""
    return all(getattr(plan, one) == getattr(old, one) for one in PACED_BY)


def expected_then(target: Target, plan: Plan, at: datetime) -> Fraction:
    """What the plan in force at this moment expects of it, minor units."""
    held, base = target.course.plan_at(at), target.course.expected(at)
    if plan.kind == UPLIFT and plan.mode != held.mode:
        # A level is net; a gain is net less what was sold by then in the comparison.
        compared = (plan if plan.frozen is not None else target.plan).compared(at)
        base += compared if plan.mode == LEVEL else -compared
    return base


def actual_then(target: Target, plan: Plan, at: datetime) -> Fraction:
    """The actual of what had happened by this moment, the day under way whole; minor units, 0 where there is none."""
    return Actuals(target.plan, target.sums, target.under, target.measured_from).before(at, plan) or Fraction(0)


def refuse_unknown_actual(target: Target, plan: Plan, frozen_anew: bool) -> None:
    """To go on from the actual, that has to be known, of what counts from now on; else still_filling, actual_unknown,
    at "/mode"."""
    if target.state is State.DRAFT or plan.kind in (KEEP, RATIO) or plan.sums_up:
        return  # it goes on from nothing
    if target.state is State.FILLING:
        detail = "replan goes on from the actual, and the target still counts what was sold: try again when it has"
        raise Refused("still_filling", detail, "/mode")
    if frozen_anew or any(getattr(plan, one) != getattr(target.plan, one) for one in SUMMED_BY):
        detail = "other sales count from now on, so the actual that replan goes on from is not known yet"
        raise Refused("actual_unknown", f"{detail}: make this revision first, and replan after it", "/mode")
