"""What the lines and signs of a burn-up mean: only those that are in it."""

from collections.abc import Iterator

from markupsafe import Markup

from api.dashboard.charts.drawing import Drawing
from api.dashboard.charts.marks import SIGNS, tone
from api.dashboard.charts.svg import element

WIDTH, HEIGHT = 24, 20
VERDICTS = {
    "good": "Checkpoint on track",
    "warn": "Checkpoint at risk",
    "bad": "Checkpoint off track",
    "early": "Checkpoint too early to say",
    "coming": "Checkpoint to come",
}
OUTCOMES = {"exceeded": "Goal exceeded", "met": "Goal met", "missed": "Goal missed"}


def legend(drawing: Drawing) -> Markup:
    """A list for under the picture; its swatches are hidden from screen readers, for which the picture has words."""
    return element(
        "ul", *(element("li", _swatch(shape), word) for shape, word in _entries(drawing)), class_="chart-legend"
    )


def _entries(drawing: Drawing) -> Iterator[tuple[Markup, str]]:
    yield element("path", class_="actual", d="M2 10h20"), "Actual"
    if drawing.expected:
        yield element("path", class_="expected", d="M2 10h20"), "Expected pace"
    if drawing.earlier:
        yield element("path", class_="earlier", d="M2 10h20"), drawing.earlier_name
    if drawing.fan:
        cone = element("path", class_="fan", d="M2 10L22 3v14z")
        ranged = drawing.fan[-1].p10 != drawing.fan[-1].p90
        yield (
            element("g", *([cone] if ranged else []), element("path", class_="forecast", d="M2 10h20")),
            "Forecast, four in five" if ranged else "Forecast",
        )
    if drawing.turns:
        yield element("g", element("path", class_="foot", d="M12 15l-6-9h12z"), class_="turn"), "Revision"
    present = {mark.status for mark in drawing.marks}
    silent = {"early": "Checkpoint without a verdict"} if present & {"stale", "no_baseline"} else {}
    words = VERDICTS | silent
    tones = {tone(status) for status in present if status not in OUTCOMES}
    said = [(kind, word) for kind, word in words.items() if kind in tones]
    for kind, word in [*said, *((tone(status), word) for status, word in OUTCOMES.items() if status in present)]:
        ring = element("circle", cx=12, cy=10, r=8)
        sign = element("path", d=f"M12 10{SIGNS[kind]}") if kind in SIGNS else Markup("")
        yield element("g", ring, sign, class_=f"mark {kind}"), word
    if drawing.diamonds:
        yield element("g", element("path", d="M12 3l7 7-7 7-7-7z"), class_="milestone plum"), "Milestone"


def _swatch(shape: Markup) -> Markup:
    return element("svg", shape, class_="chart", viewBox=f"0 0 {WIDTH} {HEIGHT}", aria_hidden="true")
