"""The burn-up of a target: what came in, against the goal and the pace that leads to it."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from api.dashboard.charts import backdrop, diamonds, grid, labels, marks, telling
from api.dashboard.charts.drawing import Drawing
from api.dashboard.charts.frame import NARROW, WIDE, Frame, Sizes
from api.dashboard.charts.room import Box, Room
from api.dashboard.charts.svg import Point, element, number, path, text_width
from api.dashboard.charts.thinning import stairs, thinned

MARGIN_RIGHT = 16
UNDER_THE_LINE = 1.2
"""Pixels that the edge of the area may be off: the line over it is three wide."""
TODAY_BAND = 22
"""Pixels at the top for the word over the line of today."""
GOAL_BAND = 26
"""Pixels between that and the highest amount, for the goal's name."""
DATES_BAND = 28


def burn_up(drawing: Drawing, *, wide: bool) -> Markup:
    """A whole <svg>: 1000 x 420 when wide, else 360 x 340, so that text stays readable on a phone."""
    sizes = WIDE if wide else NARROW
    low, high = grid.range_of(drawing)
    amounts = grid.amount_labels(drawing, low, high, sizes.amounts_most)
    frame = _frame(drawing, sizes, low, high, list(amounts.values()))
    row = diamonds.row_of(drawing, frame, sizes)
    frame = replace(frame, bottom=frame.bottom - row.height(sizes))
    layers = [
        element("title", f"Burn-up: {telling.heading(drawing)}"),
        element("desc", telling.sentence(drawing)),
        grid.amounts_drawn(amounts, frame, sizes),
        grid.times_drawn(drawing, frame, sizes),
        grid.cut_drawn(drawing, frame, sizes, frame.bottom + DATES_BAND),
        _plot(drawing, frame, sizes),
    ]
    if drawing.diamonds:
        layers.append(diamonds.drawn(drawing, row, frame, sizes, frame.bottom + DATES_BAND + diamonds.SIZE))
    kind = "wide" if wide else "narrow"
    box = f"0 0 {sizes.width} {sizes.height}"
    return element("svg", *layers, class_=f"chart burn-up {kind}", viewBox=box, role="img")


def _frame(drawing: Drawing, sizes: Sizes, low: int, high: int, amounts: Sequence[str]) -> Frame:
    """The plot, as high as it is without milestones."""
    return Frame(
        begins=drawing.begins,
        ends=drawing.ends,
        low=low,
        high=high,
        left=max(text_width(label, sizes.text) for label in amounts) + grid.BESIDE,
        right=sizes.width - MARGIN_RIGHT,
        top=_today_band(drawing) + GOAL_BAND,
        bottom=sizes.height - DATES_BAND - (grid.cut_band(sizes) if drawing.cut else 0),
    )


def _plot(drawing: Drawing, frame: Frame, sizes: Sizes) -> Markup:
    """Lines, checkpoints and labels; labels go where the lines leave room."""
    band = _today_band(drawing)
    room = Room(Box(frame.left, band, frame.right, frame.bottom))
    actual = thinned([frame.point(at, amount) for at, amount in drawing.actual]) if drawing.actual else []
    expected = stairs([frame.point(at, amount) for at, amount in drawing.expected]) if drawing.expected else []
    _take(room, drawing, frame, sizes, actual, expected)
    layers = [
        labels.today_drawn(drawing, frame, sizes, band, room),
        backdrop.drawn(drawing, frame),
        _area(drawing, frame),
        element("path", class_="expected", d=path(expected)) if expected else Markup(""),
        element("path", class_="actual", d=path(actual)) if actual else Markup(""),
        labels.goal_labels(drawing, frame, sizes, room),
        marks.drawn(drawing, frame, sizes),
    ]
    if len(drawing.actual) > 1 or (drawing.actual and drawing.now is not None):
        layers.append(labels.now_drawn(drawing, frame, sizes, room))
    return Markup("").join(layers)


def _today_band(drawing: Drawing) -> float:
    return TODAY_BAND if drawing.now is not None else 0


def _take(
    room: Room, drawing: Drawing, frame: Frame, sizes: Sizes, actual: Sequence[Point], expected: Sequence[Point]
) -> None:
    """No label is to lie on the lines or on a checkpoint."""
    for line in (actual, expected, backdrop.middle_of(drawing, frame)):
        room.take_line(line)
    for amount, _ in drawing.limits:
        room.take_line([(frame.left, frame.y(amount)), (frame.right, frame.y(amount))], margin=0.5)
    size = marks.radius(drawing, frame, sizes) + 2
    # Crowded, they lie along the lines, which are taken.
    for mark in [] if marks.is_crowded(drawing, frame, sizes) else drawing.marks:
        x, y = marks.place(frame, mark)
        room.take(Box(x - size, y - size, x + size, y + size))


def _area(drawing: Drawing, frame: Frame) -> Markup:
    """Its edge is under the line, so it takes fewer points."""
    if not drawing.filled or not drawing.actual:
        return Markup("")
    edge = thinned([frame.point(at, amount) for at, amount in drawing.actual], UNDER_THE_LINE)
    return element("path", class_="area", d=f"{path(edge)}V{number(frame.y(0))}H{number(edge[0][0])}z")
