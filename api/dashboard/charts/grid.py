"""The paper that a chart is drawn on: lines at round amounts, dates under them."""

from zoneinfo import ZoneInfo

from markupsafe import Markup

from api.dashboard.charts.amounts import RATIO_PERCENT, short
from api.dashboard.charts.axis import amount_step, amount_ticks, clock_shown, day_shown, time_ticks
from api.dashboard.charts.drawing import Drawing
from api.dashboard.charts.frame import Frame, Sizes
from api.dashboard.charts.svg import element, number, text_width

TICK = 5
"""Pixels that a tick of the time axis is long."""
BESIDE = 10
"""Pixels between an amount and the plot."""
AROUND = 6
"""A level has a sixth of its range over it and under it."""
LEADING = 5
"""Pixels between the dates and what is said under them."""


def range_of(drawing: Drawing) -> tuple[int, int]:
    """The least and the most that a chart has to show: nothing and the goal at least; of a level only where it is."""
    amounts = [amount for _, amount in (*drawing.actual, *drawing.expected, *drawing.earlier)]
    amounts += [mark.expected if mark.actual is None else mark.actual for mark in drawing.marks]
    amounts += [limit for limit, _ in drawing.limits]
    amounts += [one for point in drawing.fan for one in (point.p10, point.p90)]
    amounts += [] if drawing.original is None else [drawing.original]
    low, high = min(amounts, default=0), max(amounts, default=0)
    if drawing.filled or 0 <= low <= high - low:
        return min(0, low), max(high, low + 1, 1)
    margin = max(1, (high - low or abs(low)) // AROUND)
    whole = _whole_of(drawing)
    return low - margin, high + margin if whole is None or high > whole else min(high + margin, whole)


def _whole_of(drawing: Drawing) -> int | None:
    """What 100 % is: no axis goes on over it, unless what it shows does. None for what is no share."""
    share_of = {RATIO_PERCENT: 1, "percent": 100}
    return share_of[drawing.unit] * 10**drawing.exponent if drawing.unit in share_of else None


def amount_labels(drawing: Drawing, low: int, high: int, most: int) -> dict[int, str]:
    """Tick -> its label; parts of a dollar show their cents."""
    parts = amount_step(low, high, most) % 10**drawing.exponent != 0
    ticks = amount_ticks(low, high, most)
    return {tick: short(tick, drawing.unit, drawing.exponent, to_places=parts) for tick in ticks}


def amounts_drawn(labels: dict[int, str], frame: Frame, sizes: Sizes) -> Markup:
    """A line at each tick, the one at nothing (else the lowest) stronger, and what it is worth to the left of it."""
    across = f"H{number(frame.right)}"
    lines = "".join(f"M{number(frame.left)} {number(frame.y(tick))}{across}" for tick in labels if tick)
    ground = f"M{number(frame.left)} {number(frame.ground)}{across}"
    middle = sizes.text * 0.35
    texts = (element("text", label, x=frame.left - BESIDE, y=frame.y(tick) + middle) for tick, label in labels.items())
    return (
        (element("path", class_="grid", d=lines) if lines else Markup(""))
        + element("path", class_="ground", d=ground)
        + element("g", *texts, class_="amounts")
    )


def times_drawn(drawing: Drawing, frame: Frame, sizes: Sizes) -> Markup:
    """A tick and a local date, or an hour, under the plot."""
    most = int((frame.right - frame.left) / sizes.spacing)
    ticks = time_ticks(drawing.begins, drawing.ends, ZoneInfo(drawing.time_zone), most)
    marks = "".join(f"M{number(frame.x(tick.at))} {number(frame.bottom)}v{TICK}" for tick in ticks)
    texts = []
    for tick in ticks:
        half = text_width(tick.label, sizes.text) / 2
        x = min(max(frame.x(tick.at), half), sizes.width - half)
        texts.append(element("text", tick.label, x=x, y=frame.bottom + TICK + sizes.text + 2))
    return (element("path", class_="tick", d=marks) if ticks else Markup("")) + element("g", *texts, class_="times")


def cut_band(sizes: Sizes) -> float:
    """The height of what a cut time axis says of itself."""
    return sizes.text + LEADING


def cut_drawn(drawing: Drawing, frame: Frame, sizes: Sizes, top: float) -> Markup:
    """That the time axis is not the whole period, under its dates."""
    if not drawing.cut:
        return Markup("")
    text, middle = cut_told(drawing), (frame.left + frame.right) / 2
    return element("text", text, x=middle, y=top + sizes.text, class_="cut")


def cut_told(drawing: Drawing) -> str:
    """ "Only 14:00 to 15:30 of 23 Nov is drawn"."""
    zone = ZoneInfo(drawing.time_zone)
    begins, ends = clock_shown(drawing.begins, zone), clock_shown(drawing.ends, zone)
    return f"Only {begins} to {ends} of {day_shown(drawing.ends, zone)} is drawn"
