"""Check-ins: who is asked about a bad checkpoint, by when, and to whom it goes when nobody answers."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from domain.agenda import QUIET_SPELL, Appointment, Errand
from domain.checkpoint import Checkpoint
from domain.plan import Plan
from domain.rollup.membership import Membership
from domain.standing import CLASSES
from domain.target import State, Target
from domain.updates.updates import ATTAINED, CANCELLED, CLOSED, RECOVERED, Updates

OPEN_DAYS = 2
"""So many open days people have to answer."""
JUST_BEGUN = timedelta(hours=1)
"""A day that began no longer ago counts whole: a checkpoint at midnight is evaluated a little after it."""
BAD = ("at_risk", "off_track")
GOOD = tuple(one for one in CLASSES if one not in BAD)
OVER = {State.CLOSED: CLOSED, State.SEALED: CLOSED, State.CANCELLED: CANCELLED}


def accountable(plan: Plan) -> list[str]:
    """The owner, then the team; each once."""
    owner = [plan.owner] if plan.owner is not None else []
    return list(dict.fromkeys([*owner, *(plan.team or ())]))


def answer_by(plan: Plan, at: datetime) -> datetime:
    """The end of the second open day from now on, by the target's calendar; at the latest the end of its period."""
    first = bisect_left(plan.midnights, at - JUST_BEGUN)
    for last in range(first + 1, plan.days):
        if plan.open_days(first, last) >= OPEN_DAYS:
            return plan.midnights[last]
    return plan.ends


def check_in(updates: Updates, target: Target, checkpoint: Checkpoint, *, by: str, at: datetime) -> list[Appointment]:
    """What the latest checkpoint means for the people: they are asked when it is bad, and need not answer when it is
    good. When they have to have answered is to be planned.

    Nobody is asked about what nobody was told, nor at the close.
    """
    if checkpoint.status in GOOD:
        updates.end(RECOVERED, by=by, at=at)
    elif checkpoint.status in BAD and checkpoint.told is not None and not checkpoint.closing and not target.attained:
        due, people = answer_by(target.plan, at), accountable(target.plan)
        if updates.ask(checkpoint.number, checkpoint.cutoff, checkpoint.status, people, due, by=by, at=at):
            return [Appointment(due, target.id, target.id, Errand.CHECK_IN)]
    return []


def fall_due(updates: Updates, target: Target, parent: Target | None, *, by: str, at: datetime) -> list[Appointment]:
    """A check-in should have been answered by now: it goes one level up, or is over; what is to be planned."""
    if target.state in OVER:
        updates.end(OVER[target.state], by=by, at=at)
    elif target.attained:
        updates.end(ATTAINED, by=by, at=at)
    elif updates.asked is not None and updates.asked.due > at:
        return [Appointment(updates.asked.due, target.id, target.id, Errand.CHECK_IN)]
    elif target.state is State.FILLING:
        return [Appointment(at + QUIET_SPELL, target.id, target.id, Errand.CHECK_IN)]
    else:
        above = None if parent is None or parent.plan.owner == target.plan.owner else parent.plan.owner
        updates.escalate(above, None if above is None or parent is None else parent.id, by=by, at=at)
    return []


def parent_of(target: Target, memberships: Iterable[Membership], at: datetime) -> UUID | None:
    """The target above, now; memberships: those that the target has, or had, in others."""
    for one in memberships:
        stretch = None if one.ended else one.window.within(target.plan)
        if stretch is not None and stretch[0] <= at < stretch[1]:
            return one.target
    return None
