"""The figures of a target in words, for people who don't know what a pace index is."""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from api.dashboard import wording
from api.dashboard.charts.amounts import exact
from api.plans import KnownPlan
from api.target_reads import Found
from domain.figures import Figures
from domain.money import half_even, minor_units
from domain.target import State

WIDTH = 100
"""Of a bar, in its own units."""
NONE = "–"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Card:
    """name: what it is; value: the figure; beside, below: what to hold it against."""

    name: str
    value: str
    beside: str = ""
    below: str = ""
    bar: str | None = None
    tick: str | None = None
    tone: str = ""


def share_of(share: Fraction) -> str:
    """How far a bar reaches, 0 to 100."""
    return f"{float(max(Fraction(0), min(Fraction(1), share)) * WIDTH):.1f}".removesuffix(".0")


def cards_of(found: Found, now: Figures) -> list[Card]:
    """Actual, pace, needed per day, next checkpoint."""
    return [_actual(found), _pace(found, now), _per_day(found, now), _coming(found)]


def _actual(found: Found) -> Card:
    plan, total = found.known.plan, found.status.total
    missing = plan.goal - total
    below = f"{_short(found.known, missing)} to go" if missing > 0 else f"{_short(found.known, -missing)} over the goal"
    return Card(
        "Actual",
        wording.amount(total, plan.unit, plan.exponent),
        f"of {_short(found.known, plan.goal)}",
        f"{wording.percent(Fraction(total, plan.goal))} of the goal, {'just reached' if not missing else below}",
        share_of(Fraction(total, plan.goal)),
        share_of(found.known.curve.weight(found.as_of)) if found.as_of < plan.ends else None,
    )


def _pace(found: Found, now: Figures) -> Card:
    plan, known = found.known.plan, found.known
    if now.pace_index is None:
        return Card("Pace", NONE, below="Nothing is expected yet")
    expected = half_even(plan.goal * known.curve.weight(found.as_of))
    variance = found.status.total - expected
    return Card(
        "Pace",
        wording.percent(Fraction(now.pace_index)),
        "of the expected pace",
        f"{_beside(known, variance)} the expected {_short(known, expected)}",
        tone="good" if variance >= 0 else "bad" if now.live_status == "off_track" else "",
    )


def _beside(known: KnownPlan, variance: int) -> str:
    if not variance:
        return "Just"
    return f"+{_short(known, variance)} ahead of" if variance > 0 else f"{_short(known, -variance)} behind"


def _per_day(found: Found, now: Figures) -> Card:
    plan, known = found.known.plan, found.known
    name = "Needed per day"
    if found.status.state is State.CANCELLED:
        return Card(name, NONE, below="It was cancelled")
    if found.status.total >= plan.goal:
        return Card(name, _short(known, 0), below="The goal is reached")
    amount = now.required_rate["amount"]
    if amount == "none_possible":
        return Card(name, NONE, below="No day is left")
    needed = minor_units(amount, plan.exponent)
    so_far = _so_far(found)
    below = "The first day has not begun" if so_far is None else f"{_short(known, so_far)} a day so far"
    return Card(name, wording.amount(needed, plan.unit, plan.exponent), "on each day left", below)


def _so_far(found: Found) -> int | None:
    """What a day has brought, by the time that has passed; of less than a day, what there is."""
    passed = found.as_of - found.known.plan.begins
    if passed <= timedelta():
        return None
    return half_even(
        found.status.total / max(Fraction(1), Fraction(passed // timedelta(minutes=1), DAY // timedelta(minutes=1)))
    )


def _coming(found: Found) -> Card:
    plan, known, name = found.known.plan, found.known, "Next checkpoint"
    coming = next((one for one in plan.checkpoints if one.cutoff > found.as_of), None)
    if not plan.checkpoints:
        return Card(name, NONE, below="This target has no checkpoints")
    if coming is None or found.status.state is State.CANCELLED:
        return Card(name, NONE, below="There is none left")
    expected = half_even(plan.goal * known.curve.weight(coming.cutoff))
    missing = expected - found.status.total
    below = f"{_short(known, missing)} to go" if missing > 0 else "What it expects is reached already"
    last = ", the closing one" if coming.closing else ""
    day = wording.day(coming.day, found.as_of.year)
    return Card(name, day, f"expects {_short(known, expected)}", f"{below}{last}")


def _short(known: KnownPlan, minor: int) -> str:
    return exact(minor, known.plan.unit, known.plan.exponent)
