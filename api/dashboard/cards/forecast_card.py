"""Where a target is heading: the middle of its forecast, how likely it is to come to the goal, and within what."""

from api.dashboard import wording
from api.dashboard.cards.card import NONE, Card
from api.dashboard.glance import Glance, aimed, said_shortly
from domain.forecast import MEANING, NONE_OF_KEPT, NONE_OF_RATIO, NOT_BEGUN, OVER, SHRUNK_PACE, Forecast

NAME = "Forecast"
LIKELY, UNLIKELY = 80, 20
"""Percent: from the one on a forecast is good, below the other bad."""
SHORTLY = {
    NOT_BEGUN: "It has not begun: the plan is all there is",
    OVER: "Its period is over",
}


def forecast_card(glance: Glance, made: Forecast) -> Card | None:
    """None of what is forecast by nothing, whatever happens."""
    if made.method in (NONE_OF_KEPT, NONE_OF_RATIO):
        return None
    if made.p50 is None:
        return Card(NAME, NONE, below=SHORTLY.get(made.method, MEANING[made.method].partition(":")[0].rstrip(".")))
    plan = glance.plan
    value = said_shortly(plan, made.p50)
    if made.probability is None or made.p10 is None or made.p90 is None:
        why = "under 5 days are no base for a range" if made.method == SHRUNK_PACE else "by the pace so far"
        return Card(NAME, value, "by the end", wording.capitalized(why), notes=_date(glance, made))
    low, high = (said_shortly(plan, one) for one in (made.p10, made.p90))
    percent = round(made.probability * 100)
    return Card(
        NAME,
        value,
        f"{_chance(percent)} to reach {aimed(plan, plan.final)}",
        f"{low} to {high} with a chance of four in five",
        tone="good" if percent >= LIKELY else "bad" if percent < UNLIKELY else "",
        notes=_date(glance, made),
    )


def _chance(percent: int) -> str:
    """Never sure: "over 99 %" at most."""
    if percent >= 100:
        return f"over 99{wording.SPACE}% likely"
    return f"under 1{wording.SPACE}% likely" if percent <= 0 else f"{percent}{wording.SPACE}% likely"


def _date(glance: Glance, made: Forecast) -> tuple[str, ...]:
    """When it is at the goal, where half of the paths are within the period."""
    if made.date is None:
        return ()
    # A gain may be over its goal today, and is there only once all of last year's period counts.
    reached = made.date <= glance.plan.day_of(min(glance.found.as_of, glance.plan.ends))
    return (f"{'There since' if reached else 'There on'} {wording.day(made.date, glance.year)}",)
