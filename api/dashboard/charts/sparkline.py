"""A target in one line of a table: actual beside expected, under the goal."""

from markupsafe import Markup

from api.dashboard.charts.drawing import Drawing
from api.dashboard.charts.frame import Frame
from api.dashboard.charts.grid import range_of
from api.dashboard.charts.svg import element, number, path
from api.dashboard.charts.telling import heading
from api.dashboard.charts.thinning import thinned

WIDTH, HEIGHT = 160, 40
MARGIN = 4.0
"""Pixels around, so that the dot and the lines are whole."""
DOT = 3.0
VISIBLE = 0.5
"""Pixels that a line this small may be off."""


def sparkline(drawing: Drawing) -> Markup:
    """A whole <svg> of 160 x 40 without text; its <title> says how the target stands.

    A page has dozens of them, so it says nothing twice: the style sheet has its size, and nothing is filled.
    """
    low, high = range_of(drawing)
    frame = Frame(
        begins=drawing.begins,
        ends=drawing.ends,
        low=low,
        high=high,
        left=MARGIN,
        right=WIDTH - MARGIN,
        top=MARGIN,
        bottom=HEIGHT - MARGIN,
    )
    actual = thinned([frame.point(at, amount) for at, amount in drawing.actual], VISIBLE) if drawing.actual else []
    expected = (
        thinned([frame.point(at, amount) for at, amount in drawing.expected], VISIBLE) if drawing.expected else []
    )
    ground, left, right = number(frame.ground), number(frame.left), number(frame.right)
    limits = "".join(f"M{left} {number(frame.y(limit))}H{right}" for limit, _ in drawing.limits)
    layers = [
        element("title", heading(drawing)),
        element("path", class_="ground", d=f"M{left} {ground}H{right}"),
        element("path", class_="goal", d=limits) if limits else Markup(""),
        element("path", class_="expected", d=path(expected)) if expected else Markup(""),
    ]
    if actual:
        x, y = actual[-1]
        layers += [
            element("path", class_="actual", d=path(actual)),
            element("circle", class_="now-dot", cx=x, cy=y, r=DOT),
        ]
    return element("svg", *layers, class_="chart sparkline", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img")
