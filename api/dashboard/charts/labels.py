"""What stands in the plot itself: the goal's name, where the total is, and which day it is."""

from markupsafe import Markup

from api.dashboard.charts.amounts import apart, exact, short
from api.dashboard.charts.drawing import Drawing
from api.dashboard.charts.frame import WIDE, Frame, Sizes
from api.dashboard.charts.room import Box, Place, Room
from api.dashboard.charts.svg import element, number, text_width
from api.dashboard.charts.telling import expected_now, side

GAP = 6.0
"""Pixels between a label and what it names."""
DOT = 5.5
BOLD = 1.08
"""How much wider bold letters are."""
FARTHER = (0.0, 12.0, 24.0, 36.0, 48.0, 72.0)
"""Pixels from the point up or down at which a label is tried."""
WIDEST = 0.6
"""Of the plot, for one amount."""


def goal_labels(drawing: Drawing, frame: Frame, sizes: Sizes, room: Room) -> Markup:
    """Over their lines, at the left where the lines begin far under them, else where there is room."""
    said = [(amount, word, "goal-label") for amount, word in drawing.limits]
    said += [] if drawing.original is None else [(drawing.original, "Original goal", "original-label")]
    return Markup("").join(_limit_label(drawing, one, frame, sizes, room) for one in said)


def _limit_label(drawing: Drawing, limit: tuple[int, str, str], frame: Frame, sizes: Sizes, room: Room) -> Markup:
    amount, word, kind = limit
    text = f"{word} {_fitting(drawing, amount, frame, sizes)}"
    wide, high = text_width(text, sizes.text) * BOLD, sizes.text + 2
    y, middle = frame.y(amount), (frame.left + frame.right) / 2
    lefts = {"start": frame.left + GAP, "end": frame.right - 2 * sizes.marks - wide, "middle": middle - wide / 2}
    places = [
        Place(Box(left, top, left + wide, top + high), anchor)
        for top in (y - GAP - high, y + GAP)
        for anchor, left in lefts.items()
    ]
    return _text(text, room.freest(places), sizes.text, kind)


def now_drawn(drawing: Drawing, frame: Frame, sizes: Sizes, room: Room) -> Markup:
    """The last point as a dot with what it is worth and, wide, how far that is from the pace."""
    x, y = frame.point(*drawing.actual[-1])
    room.take(Box(x - DOT, y - DOT, x + DOT, y + DOT))
    value, apart = _fitting(drawing, drawing.actual[-1][1], frame, sizes), _apart(drawing, frame, sizes)
    wide = max(text_width(value, sizes.text + 2) * BOLD, text_width(apart, sizes.text))
    high = sizes.text + 4.0 + (sizes.text + 4 if apart else 0)
    # Above the pace there is room above the line, below it under the line.
    ahead = drawing.actual[-1][1] >= (expected_now(drawing) or 0)
    found = room.freest(_around(x, y, wide, high, ahead=ahead))
    top = found.box.top + sizes.text
    label = element("text", value, x=found.x, y=top, class_=f"value {found.anchor}")
    if apart:
        label += element("text", apart, x=found.x, y=top + sizes.text + 4, class_=f"apart {found.anchor}")
    closed = any(frame.x(mark.cutoff) == x and mark.actual is not None for mark in drawing.marks)
    return label if closed else element("circle", cx=x, cy=y, r=DOT, class_="now-dot") + label


def _around(x: float, y: float, wide: float, high: float, *, ahead: bool) -> list[Place]:
    """Places about a point, the best first: where the line comes from and goes to is the least room."""
    places = []
    for away in FARTHER:
        above, below = y - DOT - away - high, y + DOT + away
        left, right = x - DOT - GAP - wide, x + DOT + GAP
        over = [(left, above, "end"), (right, above, "start"), (x - wide / 2, above - GAP, "middle")]
        under = [(right, below, "start"), (left, below, "end"), (x - wide / 2, below + GAP, "middle")]
        corners = [over[0], under[0], *over[1:], *under[1:]] if ahead else [*under, *over]
        places += [Place(Box(x1, y1, x1 + wide, y1 + high), anchor, away) for x1, y1, anchor in corners]
    return places


def _apart(drawing: Drawing, frame: Frame, sizes: Sizes) -> str:
    """ "$2,000 above pace", where there is room for it and something was expected."""
    expected = expected_now(drawing)
    if sizes.width < WIDE.width or drawing.now is None or not expected:
        return ""
    off, name = drawing.actual[-1][1] - expected, "goal" if drawing.against == "goal" else "pace"
    if not off:
        return f"on the {name}"
    far = apart(abs(off), drawing.unit, drawing.exponent)
    if text_width(far, sizes.text) >= (frame.right - frame.left) * WIDEST:
        far = short(abs(off), drawing.unit, drawing.exponent)
    return f"{far} {side(drawing, off)} {name}"


def _fitting(drawing: Drawing, amount: int, frame: Frame, sizes: Sizes) -> str:
    """Exact, or short where that would fill the picture."""
    plus = "+" if drawing.signed and amount > 0 else ""
    whole = exact(amount, drawing.unit, drawing.exponent)
    if text_width(whole, sizes.text) < (frame.right - frame.left) * WIDEST:
        return plus + whole
    return plus + short(amount, drawing.unit, drawing.exponent)


def today_drawn(drawing: Drawing, frame: Frame, sizes: Sizes, top: float, room: Room) -> Markup:
    """A thin line from the top of the picture down to the dates."""
    if drawing.now is None:
        return Markup("")
    x = frame.x(drawing.now)
    room.take_line([(x, top), (x, frame.bottom)], margin=0.5)
    text = "Now" if drawing.is_short else "Today"
    half = text_width(text, sizes.text) / 2
    middle = min(max(x, frame.left + half), sizes.width - half - 2)
    line = element("path", class_="today", d=f"M{number(x)} {number(top)}V{number(frame.bottom)}")
    return line + element("text", text, class_="today-label", x=middle, y=top - GAP)


def _text(text: str, place: Place, size: float, kind: str) -> Markup:
    return element("text", text, x=place.x, y=place.box.top + size - 1, class_=f"{kind} {place.anchor}")
