"""Checkpoints on a chart: a badge with a sign where there is room, a small shape where they are crowded."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from markupsafe import Markup

from api.dashboard.charts.drawing import Drawing, Mark
from api.dashboard.charts.frame import Frame, Sizes
from api.dashboard.charts.svg import Point, element, number
from api.dashboard.charts.telling import mark_told, verdict

TONES = {
    "ahead": "good",
    "on_track": "good",
    "attained": "good",
    "exceeded": "good",
    "met": "good",
    "at_risk": "warn",
    "attainment_lost": "warn",
    "off_track": "bad",
    "missed": "bad",
}
"""Verdict -> class of its colour; all others are quiet."""

SIGNS = {
    "good": "m-3.8.3 2.7 2.9 5.2-6",
    "warn": "v-4.6m0 4.6m0 3.8v.1",
    "bad": "m-3.1-3.1 6.2 6.2m0-6.2-6.2 6.2",
    "early": "h.1",
}
"""What is drawn inside a badge, from its middle."""

SHAPES = {
    "good": "m-{r} 0a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0-{d} 0",
    "warn": "m0-{r}l{r} {d}h-{d}z",
    "bad": "m-{r}-{r}l{d} {d}m0-{d}l-{d} {d}",
    "early": "m-{r} 0h{d}",
    "coming": "m-{r} 0a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0-{d} 0",
}
"""The small shape of each tone: disc, triangle, cross, dash, ring."""

SPECKS = SHAPES | {"good": "h0", "coming": "h0"}
"""The same where there are hundreds: a round end of a line of no length is a disc."""

COLUMN = 6
"""Pixels in which one checkpoint, the worst, stands for all where there are hundreds."""
WORST_FIRST = ("bad", "warn", "early", "good", "coming")


def tone(status: str | None) -> str:
    """The class of a verdict: good, warn, bad, early, or coming."""
    return "coming" if status is None else TONES.get(status, "early")


def place(frame: Frame, mark: Mark) -> Point:
    """On the actual line where it was read, else on the expected one."""
    return frame.point(mark.cutoff, mark.expected if mark.actual is None else mark.actual)


def is_crowded(drawing: Drawing, frame: Frame, sizes: Sizes) -> bool:
    """Whether checkpoints stand too close for badges."""
    return _gap(drawing, frame) < 2 * sizes.marks + 3


def radius(drawing: Drawing, frame: Frame, sizes: Sizes) -> float:
    """Of what is drawn for a checkpoint."""
    if not is_crowded(drawing, frame, sizes):
        return sizes.marks
    return min(4.5, max(2.5, round(_gap(drawing, frame) * 0.3, 1)))


def drawn(drawing: Drawing, frame: Frame, sizes: Sizes) -> Markup:
    """All checkpoints, those to come under those that were read; very many as one path for each tone."""
    size = radius(drawing, frame, sizes)
    if len(drawing.marks) > sizes.titled_most:
        return _merged(drawing, frame, size)
    ordered = sorted(drawing.marks, key=lambda mark: (mark.status is not None, mark.cutoff, mark.number))
    draw = _small if is_crowded(drawing, frame, sizes) else _badge
    return Markup("").join(draw(drawing, frame, mark, size) for mark in ordered)


def _gap(drawing: Drawing, frame: Frame) -> float:
    """Pixels between neighbours, as most of them are apart: two on one day make no crowd."""
    places = sorted(frame.x(mark.cutoff) for mark in drawing.marks)
    return median([later - earlier for earlier, later in pairwise(places)] or [frame.right - frame.left])


def _badge(drawing: Drawing, frame: Frame, mark: Mark, size: float) -> Markup:
    x, y = place(frame, mark)
    kind = tone(mark.status)
    title = element("title", mark_told(drawing, mark))
    ring = element("circle", cx=x, cy=y, r=size)
    if kind == "coming":
        sign = element("text", str(mark.number), x=x, y=y + 4.3) if mark.number < 100 else Markup("")
    else:
        sign = element("path", d=f"M{number(x)} {number(y)}{SIGNS[kind]}")
    return element("g", title, ring, sign, class_=f"mark {kind}")


def _small(drawing: Drawing, frame: Frame, mark: Mark, size: float) -> Markup:
    kind = tone(mark.status)
    title = element("title", mark_told(drawing, mark))
    return element("path", title, d=_shape(place(frame, mark), SHAPES[kind], size), class_=f"dot {kind}")


def _merged(drawing: Drawing, frame: Frame, size: float) -> Markup:
    columns: dict[int, tuple[int, Mark]] = {}
    for mark in drawing.marks:
        rank = WORST_FIRST.index(tone(mark.status))
        column = int(frame.x(mark.cutoff) / COLUMN)
        columns[column] = min(columns.get(column, (rank, mark)), (rank, mark), key=lambda ranked: ranked[0])
    paths = []
    for kind in reversed(WORST_FIRST):
        shapes = [
            _shape(place(frame, mark), SPECKS[kind], size) for _, mark in columns.values() if tone(mark.status) == kind
        ]
        if shapes:
            title = element("title", _told(drawing.marks, kind))
            paths.append(element("path", title, d="".join(shapes), class_=f"dot speck {kind}"))
    return Markup("").join(paths)


def _told(marks: Sequence[Mark], kind: str) -> str:
    alike = [mark.status for mark in marks if tone(mark.status) == kind]
    words = " or ".join(sorted({verdict(status) for status in alike}))
    return f"{len(alike)} checkpoint{'' if len(alike) == 1 else 's'} {words}"


def _shape(at: Point, shape: str, size: float) -> str:
    r, d = number(size), number(2 * size)
    return f"M{number(at[0])} {number(at[1])}{shape.format(r=r, d=d)}"
