"""Where a target stands, in a sentence: its official status and why, and what it would be at this moment."""

from collections.abc import Mapping
from fractions import Fraction

from api.dashboard import wording
from api.dashboard.charts.amounts import exact
from api.dashboard.checkpoint_rows import reads
from api.target_reads import Found
from domain.figures import Figures, Standing, Verdict
from domain.standing import CLASSES
from domain.target import State
from projections.checkpoints import Evaluation


def badge_of(found: Found, now: Figures) -> str:
    """The status that the badge says: the official one, but for targets that don't count yet, or not all."""
    match found.status.state:
        case State.DRAFT:
            return "draft"
        case State.FILLING:
            return "filling"
    return now.status


def now_said(now: Figures, status: str) -> str:
    """ ", now ahead" where an evaluation at this moment would say another class than the badge does; else nothing."""
    return (
        f", now {wording.STATUSES[now.live_status]}" if now.live_status in CLASSES and now.live_status != status else ""
    )


def standing_said(found: Found, now: Figures, evaluations: Mapping[int, Evaluation]) -> str:
    """Why the badge says what it says. evaluations: by number of the checkpoint; with the last one, if there is one."""
    plan, standing, as_of = found.known.plan, found.status.standing, found.as_of
    year = as_of.year
    match standing.state:
        case State.DRAFT:
            return "This is a draft: nothing is counted until somebody starts it."
        case State.CANCELLED:
            return "This target was cancelled: it counts no more, and what is known of it stays."
        case State.FILLING:
            return "It counts the sales of before it was started: the figures still grow, and it is too early to say."
        case State.CLOSED:
            return f"{_outcome(found)} Late sales still count until it is sealed."
        case State.SEALED:
            return f"{_outcome(found)} It is sealed: that stays so.{_adjustment(found, standing)}"
    if standing.attained:
        return f"The goal is reached, {_left(found)}. What is sold until then still counts."
    if standing.lost:
        return "It had reached its goal, and is below it again: sales were refunded or corrected."
    if now.status == "not_started":
        return f"It begins on {wording.day(plan.start, year)}."
    if standing.last is None:
        return f"No checkpoint has been evaluated yet.{_at_present(now)}"
    return f"{_last_reading(found, standing.last, evaluations)}{_at_present(now)}"


def _last_reading(found: Found, last: Verdict, evaluations: Mapping[int, Evaluation]) -> str:
    """What the last checkpoint read, such as "Checkpoint 3 (Fri 20 Jan) read at risk: 91 % of the expected pace."."""
    planned = found.known.plan.checkpoints[last.number - 1]
    which = f"Checkpoint {last.number} ({wording.cutoff(planned, found.known.plan, found.as_of.year)})"
    row = evaluations.get(last.number)
    pace = None if row is None else reads(row).pace
    share = "" if pace is None else f": {wording.percent(Fraction(pace))} of the expected pace"
    return f"{which} read {wording.STATUSES[last.status]}{share}."


def _at_present(now: Figures) -> str:
    if now.live_status == "too_early":
        return " It is too early to say: hardly anything is expected so far."
    pace = "" if now.pace_index is None else f"it is at {wording.percent(Fraction(now.pace_index))}, and "
    still = "still " if now.live_status == now.status else ""
    return f" At this moment {pace}would {still}read {wording.STATUSES[now.live_status]}."


def over_the_goal(found: Found) -> int | None:
    """By how much, of a target that is over; below zero: short of it. What came after the seal is no part of it. None
    while late sales have come in that the outcome does not know of yet."""
    over = found.status.standing.total - found.status.standing.adjustment - found.known.plan.goal
    outcome = "exceeded" if over > 0 else "missed" if over else "met"
    return over if outcome == found.status.outcome else None


def _outcome(found: Found) -> str:
    plan, over = found.known.plan, over_the_goal(found)
    if over is None:
        return "The period is over. Late sales have come in, and its outcome is being corrected."
    beside = exact(abs(over), plan.unit, plan.exponent)
    if not over:
        return "The period is over, and the goal was met exactly."
    return f"The period is over, and the goal was {'exceeded' if over > 0 else 'missed'} by {beside}."


def _adjustment(found: Found, standing: Standing) -> str:
    if not standing.adjustment:
        return ""
    plan = found.known.plan
    said = wording.signed(standing.adjustment, exact(standing.adjustment, plan.unit, plan.exponent))
    return f" After the seal {said} came in: that is an adjustment: the figures show it, and the outcome stays."


def _left(found: Found) -> str:
    left = sum(found.as_of < midnight for midnight in found.known.plan.midnights[1:])
    return "on the last day" if left == 1 else f"with {wording.counted(left, 'day')} left" if left else "at the end"
