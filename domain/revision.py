"""What a revision comes to: what its plan goes on from, and where the target stands under it. Pure rules."""

from dataclasses import replace
from datetime import datetime

from domain.checkpoint import Circumstances, status_of
from domain.course import Course, rational
from domain.figures import stale_from
from domain.plan import KEEP, RATIO, Plan, Rebased
from domain.rebasing import actual_then, expected_then, paced_alike
from domain.target import State, Target

PROSPECTIVE, RETROACTIVE, REPLAN = MODES = ("prospective", "retroactive", "replan")


def going_on_from(target: Target, plan: Plan, mode: str, at: datetime, *, now: datetime) -> Rebased | None:
    """What a target's next plan goes on from at its effective moment; None where it holds from the beginning.

    target: as it is before it.
    """
    old = target.plan
    if mode == RETROACTIVE or target.state is State.DRAFT or at <= plan.begins:
        return None
    if plan.kind in (KEEP, RATIO) or plan.sums_up:
        return None
    if old.awaits_comparison:
        return old.rebased  # what it would go on from was never known: it takes the place of the plan that it changes
    if mode == PROSPECTIVE and paced_alike(plan, old) and at <= now:
        return old.rebased
    return Rebased(at, rational((actual_then if mode == REPLAN else expected_then)(target, plan, at)))


def status_under(target: Target, plan: Plan, last: Circumstances, at: datetime) -> str | None:
    """The official status from now on, under a target's next plan; None while none is due.

    last: the class of its last evaluation, and how many there were.
    """
    if target.state is not State.ACTIVE or not plan.begins <= at < plan.ends:
        return None
    actual = target.actual(at) if plan.kind != KEEP or target.levels else None
    since = stale_from(plan, target.activated_at, target.progressed_at)
    now = replace(last, stale=since is not None and at > since)
    return status_of(Course([*target.plans, plan]), at, actual, now)
