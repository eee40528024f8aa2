"""What lies behind the lines of a burn-up: the goal, the bounds of a level, last year, a forecast, revisions."""

from collections.abc import Sequence

from markupsafe import Markup

from api.dashboard.charts.drawing import Drawing
from api.dashboard.charts.drawing import Point as Instant
from api.dashboard.charts.frame import Frame
from api.dashboard.charts.svg import Point, element, number, path
from api.dashboard.charts.thinning import thinned

TURN = 6
"""Pixels that the sign of a revision is wide to each side, and high."""


def drawn(drawing: Drawing, frame: Frame) -> Markup:
    return Markup("").join(
        [
            _band(drawing, frame),
            _fan(drawing, frame),
            _across(frame, drawing.original, "original"),
            *(_across(frame, amount, "goal") for amount, _ in drawing.limits),
            _line(frame, drawing.earlier, "earlier"),
            _turns(drawing, frame),
        ]
    )


def middle_of(drawing: Drawing, frame: Frame) -> list[Point]:
    """The line of a forecast."""
    return [frame.point(one.at, one.p50) for one in drawing.fan]


def _band(drawing: Drawing, frame: Frame) -> Markup:
    """Where a level is to stay, up to the edge on an open side."""
    if drawing.band is None:
        return Markup("")
    low, high = drawing.band
    top = frame.top if high is None else frame.y(high)
    bottom = frame.bottom if low is None else frame.y(low)
    across = f"M{number(frame.left)} {number(top)}H{number(frame.right)}V{number(bottom)}H{number(frame.left)}z"
    return element("path", class_="band", d=across)


def _fan(drawing: Drawing, frame: Frame) -> Markup:
    if not drawing.fan:
        return Markup("")
    over = [frame.point(one.at, one.p90) for one in drawing.fan]
    under = [frame.point(one.at, one.p10) for one in reversed(drawing.fan)]
    area = element("path", class_="fan", d=f"{path([*over, *under])}z") if over[-1] != under[0] else Markup("")
    return area + element("path", class_="forecast", d=path(middle_of(drawing, frame)))


def _across(frame: Frame, amount: int | None, kind: str) -> Markup:
    if amount is None:
        return Markup("")
    return element("path", class_=kind, d=f"M{number(frame.left)} {number(frame.y(amount))}H{number(frame.right)}")


def _line(frame: Frame, points: Sequence[Instant], kind: str) -> Markup:
    if not points:
        return Markup("")
    return element("path", class_=kind, d=path(thinned([frame.point(at, amount) for at, amount in points])))


def _turns(drawing: Drawing, frame: Frame) -> Markup:
    """A line where a revision took effect, and a sign on the time axis that tells of it."""
    signs = []
    for turn in drawing.turns:
        x, foot = number(frame.x(turn.at)), number(frame.bottom)
        line = element("path", d=f"M{x} {number(frame.top)}V{foot}")
        sign = element("path", class_="foot", d=f"M{x} {foot}l-{TURN}-{TURN * 1.5:g}h{2 * TURN}z")
        signs.append(element("g", element("title", turn.told), line, sign, class_="turn"))
    return Markup("").join(signs)
