"""The figures of a target in words, for people who don't know what a pace index is."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from api.dashboard import wording
from api.dashboard.charting import ENDED
from api.dashboard.charts.amounts import exact
from api.dashboard.statements import badge_of, now_said
from api.plans import KnownPlan
from api.target_reads import Found
from domain.figures import Figures
from domain.money import half_even, minor_units
from domain.target import State

WIDTH = 100
"""Of a bar, in its own units."""
NEARLY, NEARLY_SHOWN = Fraction(95, 100), Fraction(97, 100)
"""The last twentieth of a bar is drawn shorter until it is whole: so what is left can be seen."""
NONE = "–"


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
    if NEARLY < share < 1:
        share = NEARLY + (share - NEARLY) / (1 - NEARLY) * (NEARLY_SHOWN - NEARLY)
    return f"{float(max(Fraction(0), min(Fraction(1), share)) * WIDTH):.1f}".removesuffix(".0")


def cards_of(found: Found, now: Figures, sums: Mapping[datetime, int]) -> list[Card]:
    """Actual, pace, needed per day, next checkpoint. sums: net by slot."""
    return [_actual(found), _pace(found, now), _per_day(found, now, sums), _coming(found)]


def _actual(found: Found) -> Card:
    plan, total = found.known.plan, found.status.total
    missing, share = plan.goal - total, wording.percent(Fraction(total, plan.goal))
    over = found.as_of >= plan.ends or found.status.state in ENDED
    if missing > 0:
        short = f"{_short(found.known, missing)} {'short of the goal' if over else 'to go'}"
        below = f"{share}, {short}" if over else f"{share} of the goal, {short}"
    else:
        below = f"{share} of the goal, {f'{_short(found.known, -missing)} over it' if missing else 'just reached'}"
    return Card(
        "Actual",
        wording.amount(total, plan.unit, plan.exponent),
        f"of {_short(found.known, plan.goal)}",
        below,
        share_of(Fraction(total, plan.goal)),
        share_of(found.known.course.weight(found.as_of)) if found.as_of < plan.ends else None,
    )


def _pace(found: Found, now: Figures) -> Card:
    known = found.known
    if found.status.state is State.CANCELLED:
        return Card("Pace", NONE, below="It was cancelled")
    if found.status.state is State.DRAFT:
        return Card("Pace", NONE, below="Nothing is counted until somebody starts it")
    if now.pace_index is None:
        return Card("Pace", NONE, below="Nothing is expected yet")
    expected = known.expected(found.as_of)
    variance = found.status.total - expected
    return Card(
        "Pace",
        wording.percent(Fraction(now.pace_index)),
        f"of the expected pace{now_said(now, badge_of(found, now))}",
        f"{_beside(known, variance)} the expected {_short(known, expected)}",
        tone="good" if variance >= 0 else "bad" if now.live_status == "off_track" else "",
    )


def _beside(known: KnownPlan, variance: int) -> str:
    if not variance:
        return "Just"
    return f"+{_short(known, variance)} ahead of" if variance > 0 else f"{_short(known, -variance)} behind"


def _per_day(found: Found, now: Figures, sums: Mapping[datetime, int]) -> Card:
    plan, known = found.known.plan, found.known
    name = "Needed per day"
    if found.status.state is State.CANCELLED:
        return Card(name, NONE, below="It was cancelled")
    if found.status.total >= plan.goal:
        return Card(name, _short(known, 0), below="The goal is reached")
    amount = now.required_rate["amount"]
    if amount == "none_possible":
        return Card(name, NONE, below="No day is left")
    needed = minor_units(amount or "0", plan.exponent)
    return Card(name, wording.amount(needed, plan.unit, plan.exponent), _days_left(found), _so_far(found, sums))


def _days_left(found: Found) -> str:
    """Which days `domain.figures.required_rate` divides by: whole ones, with today."""
    midnights = found.known.plan.midnights
    left = sum(found.as_of < midnight for midnight in midnights[1:])
    if found.as_of < midnights[0]:
        return f"on each of {wording.counted(left, 'day')}" if left > 1 else "on its one day"
    return f"on each of the {left:,} days left, with today" if left > 1 else "today, on the last day"


def _so_far(found: Found, sums: Mapping[datetime, int]) -> str:
    """What the whole days that are over have brought, each on average."""
    known, midnights = found.known, found.known.plan.midnights
    passed = bisect_right(midnights, found.as_of) - 1
    if passed < 0:
        return "The first day has not begun"
    if passed == 0:
        return "No whole day is over yet"
    came = sum(net for start, net in sums.items() if start < midnights[passed])
    if passed == 1:
        return f"{_short(known, came)} on the first day"
    return f"{_short(known, half_even(Fraction(came, passed)))} a day on the {passed:,} days until last midnight"


def _coming(found: Found) -> Card:
    plan, known, name = found.known.plan, found.known, "Next checkpoint"
    coming = next((one for one in plan.checkpoints if one.cutoff > found.as_of), None)
    if not plan.checkpoints:
        return Card(name, NONE, below="This target has no checkpoints")
    if coming is None or found.status.state is State.CANCELLED:
        return Card(name, NONE, below="There is none left")
    expected = known.expected(coming.cutoff)
    missing = expected - found.status.total
    below = f"{_short(known, missing)} to go" if missing > 0 else "What it expects is reached already"
    last = ", the closing one" if coming.closing else ""
    day, clock = wording.day(coming.day, found.as_of.year), wording.clock(coming, plan)
    return Card(name, day, f"{f'at {clock}, ' if clock else ''}expects {_short(known, expected)}", f"{below}{last}")


def _short(known: KnownPlan, minor: int) -> str:
    return exact(minor, known.plan.unit, known.plan.exponent)
