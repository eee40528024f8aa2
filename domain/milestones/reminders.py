"""What the agenda holds about milestones: when each is due soon, and when it is overdue."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from domain.agenda import Appointment, Errand
from domain.milestones.milestone import DUE_SOON_DAYS, Milestone, Stage
from domain.period import Period
from domain.plan import Plan
from domain.target import State, Target

if TYPE_CHECKING:
    from domain.application import Writing

WAITING = (Stage.PLANNED, Stage.DUE_SOON)


def appointments_of(milestone: Milestone, plan: Plan, at: datetime) -> list[Appointment]:
    """What is still ahead of a milestone at this time; one whose due date has passed is overdue at once.

    A reminder comes at the local midnight so many days before the due day; one that was planned later than that, and
    is due soon already, is told of at once. What is due at the target's end is missed then: it is not told to be
    overdue first.
    """
    if milestone.stage not in WAITING:
        return []
    target, subject = milestone.target, milestone.id
    reminders = [
        Appointment(_midnight(plan, milestone, days), target, subject, Errand.DUE_SOON, days) for days in DUE_SOON_DAYS
    ]
    ahead = [one for one in reminders if one.due > at]
    if len(ahead) < len(reminders) and milestone.stage is Stage.PLANNED and at < milestone.due:
        ahead.insert(0, reminders[-len(ahead) - 1])
    overdue = [Appointment(milestone.due, target, subject, Errand.OVERDUE)] if milestone.due < plan.ends else []
    return ahead + overdue


def days_left(milestone: Milestone, plan: Plan, at: datetime) -> int:
    """Local days until the due day: 0 on the day itself."""
    if at >= plan.begins:
        return (milestone.due_day - plan.day_of(at)).days
    return (milestone.due_day - plan.start).days - (at - plan.begins) // timedelta(days=1)


def _midnight(plan: Plan, milestone: Milestone, days: int) -> datetime:
    number = (milestone.due_day - plan.start).days - days
    if 0 <= number <= plan.days:
        return plan.midnights[number]
    # Before the period: people are reminded of what is due at its beginning, too. Beyond it lies what was reopened
    # after the period had become shorter.
    return Period(plan.start, plan.end, plan.time_zone).resolve(milestone.due_day - timedelta(days=days), time())


def keep_agenda(log: "Writing", target: Target, moved: Iterable[Milestone], at: datetime) -> None:
    """Bring the agenda up to what has become of these milestones; a target that is not active has none on it."""
    for milestone in moved:
        log.agenda.drop(subject=milestone.id)
        if target.state is State.ACTIVE:
            log.agenda.plan(appointments_of(milestone, target.plan, at))
