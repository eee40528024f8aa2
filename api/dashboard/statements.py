"""Where a target stands, in a sentence: its official status and why, and what it would be at this moment."""

from datetime import date

from api.dashboard import wording
from api.dashboard.amounts import exact
from api.target_reads import Found
from domain.figures import Figures, Standing
from domain.target import State

READS = {
    "ahead": "105 % of the expected pace or more",
    "on_track": "95 % of the expected pace or more",
    "at_risk": "at least 80 %, and less than 95 %, of the expected pace",
    "off_track": "less than 80 % of the expected pace",
}
"""What each class means, for whoever wants to know; near the lines a class stays as it was."""


def badge_of(found: Found, now: Figures) -> str:
    """The status that the badge says: the official one, but for targets that don't count yet, or not all."""
    match found.status.state:
        case State.DRAFT:
            return "draft"
        case State.FILLING:
            return "filling"
    return now.status


def standing_said(found: Found, now: Figures) -> str:
    """Why the badge says what it says."""
    plan, standing, as_of = found.known.plan, found.status.standing, found.as_of
    year = as_of.year
    match standing.state:
        case State.DRAFT:
            return "This is a draft: nothing is counted until somebody starts it."
        case State.CANCELLED:
            return "This target was cancelled: it counts no more, and what is known of it stays."
        case State.FILLING:
            return "It counts the sales of before it was started: the figures still grow, and it is too early to judge."
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
        coming = now.next_checkpoint
        return (
            "No checkpoint has been evaluated yet" + (", the first comes soon." if coming else ".") + _at_present(now)
        )
    day = day_of_checkpoint(found, standing.last.number, year)
    verdict = wording.STATUSES[standing.last.status][1]
    return f"Checkpoint {standing.last.number} ({day}) read {verdict}.{_at_present(now)}"


def day_of_checkpoint(found: Found, number: int, year: int) -> str:
    planned: date = found.known.plan.checkpoints[number - 1].day
    return wording.day(planned, year)


def _at_present(now: Figures) -> str:
    if now.live_status == now.status:
        return " That is still so at this moment." if now.last_evaluation else ""
    return f" At this moment it would be {wording.STATUSES[now.live_status][1]}."


def _outcome(found: Found) -> str:
    plan, total = found.known.plan, found.status.standing.total - found.status.standing.adjustment
    beside = exact(abs(total - plan.goal), plan.unit, plan.exponent)
    match found.status.outcome:
        case "exceeded":
            return f"The period is over, and the goal was exceeded by {beside}."
        case "met":
            return "The period is over, and the goal was met exactly."
    return f"The period is over, and the goal was missed by {beside}."


def _adjustment(found: Found, standing: Standing) -> str:
    if not standing.adjustment:
        return ""
    plan = found.known.plan
    said = wording.signed(standing.adjustment, exact(standing.adjustment, plan.unit, plan.exponent))
    return f" After the seal {said} came in: that is an adjustment, and stands in the actual alone."


def _left(found: Found) -> str:
    left = sum(found.as_of < midnight for midnight in found.known.plan.midnights[1:])
    return "on the last day" if left == 1 else f"with {wording.counted(left, 'day')} left" if left else "at the end"
