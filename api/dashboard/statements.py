"""Where a target stands, in a sentence: its official status and why, and what it would be at this moment."""

from collections.abc import Mapping
from fractions import Fraction

from api.dashboard import wording
from api.dashboard.checkpoint_rows import reads
from api.dashboard.comparing import earlier_said
from api.dashboard.glance import Glance, aim_of, said_apart
from domain.actuals import actual_of
from domain.figures import Figures, Standing, Verdict
from domain.money import half_even
from domain.plan import KEEP, RATIO
from domain.standing import CLASSES
from domain.target import State
from projections.checkpoints import Evaluation

MOMENTS = (*CLASSES, "stale")
"""What an evaluation at this moment says that is worth saying beside the badge."""


def badge_of(glance: Glance) -> str:
    """The status that the badge says: the official one, but for targets that don't count yet, or not all."""
    match glance.found.status.state:
        case State.DRAFT:
            return "draft"
        case State.FILLING:
            return "filling"
    return glance.now.status


def now_said(now: Figures, status: str) -> str:
    """ ", now ahead" where an evaluation at this moment would say another class than the badge does; else nothing."""
    differs = now.live_status in MOMENTS and now.live_status != status
    return f", now {wording.STATUSES[now.live_status]}" if differs else ""


def standing_said(glance: Glance, evaluations: Mapping[int, Evaluation]) -> str:
    """Why the badge says what it says. evaluations: by number of the checkpoint; with the last one, if there is one."""
    plan, standing, now = glance.plan, glance.found.status.standing, glance.now
    match standing.state:
        case State.DRAFT:
            return "This is a draft: nothing is counted until somebody starts it."
        case State.CANCELLED:
            return "This target was cancelled: it counts no more, and what is known of it stays."
        case State.FILLING:
            return "It counts the sales of before it was started: the figures still grow, and it is too early to say."
        case State.CLOSED:
            late = "measurements" if plan.measured else "sales"
            return f"{_outcome(glance)} Late {late} still count until it is sealed."
        case State.SEALED:
            return f"{_outcome(glance)} It is sealed: that stays so.{_adjustment(glance, standing)}"
    if standing.attained:
        revised = "A revision moved the goal to where it had been reached" if standing.by_revision else ""
        return f"{revised or 'The goal is reached'}, {_left(glance)}. What is sold until then still counts."
    if standing.lost:
        return "It had reached its goal, and is below it again: sales were refunded or corrected."
    if now.status == "not_started":
        return f"It begins on {wording.day(plan.start, glance.year)}."
    if plan.no_baseline:
        return f"There is nothing of {earlier_said(plan)} to compare it with, so nothing is expected of it."
    if standing.revised is not None:
        return f"Since its last revision it reads {wording.STATUSES[standing.revised]}.{_at_present(glance)}"
    if standing.last is None:
        return f"No checkpoint has been evaluated yet.{_at_present(glance)}"
    return f"{_last_reading(glance, standing.last, evaluations)}{_at_present(glance)}"


def _last_reading(glance: Glance, last: Verdict, evaluations: Mapping[int, Evaluation]) -> str:
    """What the last checkpoint read, such as "Checkpoint 3 (Fri 20 Jan) read at risk: 91 % of the expected pace."."""
    planned = glance.plan.checkpoints[last.number - 1]
    which = f"Checkpoint {last.number} ({wording.cutoff(planned, glance.plan, glance.year)})"
    if last.status == "stale":
        return f"{which.replace('C', 'At c', 1)} there was no fresh data."
    row = evaluations.get(last.number)
    pace = None if row is None else reads(row).pace
    of = "goal" if glance.plan.kind == RATIO else "expected pace"
    share = "" if pace is None else f": {wording.percent(Fraction(pace))} of the {of}"
    return f"{which} read {wording.STATUSES[last.status]}{share}."


def _at_present(glance: Glance) -> str:
    plan, now = glance.plan, glance.now
    if now.live_status == "stale":
        hours = wording.hours_said(plan.expect_data_every or 0)
        return f" No data has come for more than {hours}: the figures may be old."
    if plan.kind == KEEP:
        if glance.actual is None:
            return " Nothing was measured yet."
        where = "inside" if not glance.variance else "outside"
        return f" At this moment it is {where}: it is to stay {aim_of(plan)}."
    if glance.actual is None:
        return " It is too early to say: there is nothing to divide by yet."
    if now.live_status == "too_early":
        return " It is too early to say: hardly anything is expected so far."
    pace = "" if now.pace_index is None else f"it is at {wording.percent(Fraction(now.pace_index))}, and "
    still = "still " if now.live_status == now.status else ""
    return f" At this moment {pace}would {still}read {wording.STATUSES[now.live_status]}."


def over_the_goal(glance: Glance) -> int | None:
    """By how much, in minor units and the target's direction, of one that is over; below zero: short of it. What came
    after the seal is no part of it. None while late sales have come in that the outcome does not know of yet, and
    where it is no amount that decides."""
    plan, standing = glance.plan, glance.found.status.standing
    if plan.kind == KEEP or plan.no_baseline or glance.goal is None:
        return None
    actual = actual_of(plan, standing.total - standing.adjustment, standing.under, plan.ends)
    if actual is None or not glance.measured:
        return None
    over = half_even(plan.sign * (actual - plan.final))
    outcome = "exceeded" if over > 0 else "missed" if over else "met"
    return over if outcome == standing.outcome else None


def _outcome(glance: Glance) -> str:
    plan, standing = glance.plan, glance.found.status.standing
    over, outcome = over_the_goal(glance), standing.outcome or "missed"
    if outcome == "no_baseline":
        return f"The period is over. There was nothing of {earlier_said(plan)} to compare it with."
    if plan.kind == KEEP:
        passed = f"inside at {standing.inside:,} of {wording.counted(standing.evaluated, 'checkpoint')}"
        return f"The period is over, and the goal was {outcome}: it was {passed}."
    if over is None and _is_undecided(glance):
        return f"The period is over, and the goal was {outcome}."
    if over is None:
        return "The period is over. Late sales have come in, and its outcome is being corrected."
    if not over:
        return "The period is over, and the goal was met exactly."
    by = said_apart(plan, abs(over))
    return f"The period is over, and the goal was {'exceeded' if over > 0 else 'missed'} by {by}."


def _is_undecided(glance: Glance) -> bool:
    """Whether it can't be said by how much: nothing was measured, or what came after the seal is no sum."""
    return glance.actual is None or not glance.measured or glance.found.status.state is State.SEALED


def _adjustment(glance: Glance, standing: Standing) -> str:
    if not standing.adjustment or glance.plan.kind == RATIO:
        return ""
    said = wording.signed(standing.adjustment, said_apart(glance.plan, standing.adjustment))
    return f" After the seal {said} came in: that is an adjustment: the figures show it, and the outcome stays."


def _left(glance: Glance) -> str:
    left = sum(glance.found.as_of < midnight for midnight in glance.plan.midnights[1:])
    return "on the last day" if left == 1 else f"with {wording.counted(left, 'day')} left" if left else "at the end"
