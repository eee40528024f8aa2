"""The time axis of a day whose checkpoints all lie within a few hours: those hours alone, so that they stand apart."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from api.dashboard.charts.drawing import Drawing, Point

DAY_LONGEST = timedelta(hours=25)
PART_MOST = 3
"""The hours that are drawn are at most a third of the period: of more of it all is drawn."""
MARGIN = 8
"""Before the first checkpoint and after the last one an eighth of what lies between them is drawn."""
GRAIN = timedelta(minutes=5)
"""The axis begins and ends at multiples of it."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zoomed(drawing: Drawing, as_of: datetime) -> Drawing:
    """The drawing, cut to the hours around its checkpoints and now where nothing is known to have happened outside.

    The line of the total begins at the first checkpoint: how much of what came until then came before those hours is
    not known.
    """
    inside = [mark.cutoff for mark in drawing.marks if mark.inside_a_day]
    if drawing.ends - drawing.begins > DAY_LONGEST or len(inside) < 2 or drawing.diamonds:
        return drawing
    if not drawing.actual or not drawing.expected or drawing.earlier or drawing.fan or not drawing.filled:
        return drawing
    begins, ends = _around(drawing, min(inside), max(inside))
    if (ends - begins) * PART_MOST > drawing.ends - drawing.begins:
        return drawing
    total, now = drawing.actual[-1], None
    if drawing.now is not None:
        # A minute is many pixels here.
        now = as_of.replace(microsecond=0)
        total = (now, total[1])
    elif len(drawing.actual) > 1:
        # What came after those hours would be left out; and of one that was stopped it is not said when.
        if total[0] < drawing.ends or _at(drawing.actual, ends) != total[1]:
            return drawing
        total = (ends, total[1])
    known = [point for point in drawing.actual[:-1] if begins <= point[0] <= total[0]]
    steps = [point for point in drawing.expected if begins < point[0] < ends]
    return replace(
        drawing,
        begins=begins,
        ends=ends,
        actual=[*known, total] if len(drawing.actual) > 1 else [(begins, 0)],
        expected=[(begins, _at(drawing.expected, begins)), *steps, (ends, _at(drawing.expected, ends))],
        turns=[turn for turn in drawing.turns if begins <= turn.at <= ends],
        marks=[mark for mark in drawing.marks if begins <= mark.cutoff <= ends],
        now=now,
        cut=True,
    )


def _around(drawing: Drawing, first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """From when until when: the checkpoints with a margin, and now."""
    margin = max((last - first) / MARGIN, GRAIN)
    now = drawing.now or first
    begins, ends = min(first - margin, now), max(last + margin, now)
    floor, ceiling = (begins - EPOCH) // GRAIN, -((EPOCH - ends) // GRAIN)
    return max(drawing.begins, EPOCH + floor * GRAIN), min(drawing.ends, EPOCH + ceiling * GRAIN)


def _at(points: Sequence[Point], at: datetime) -> int:
    """The last value until then."""
    return next(value for when, value in reversed(points) if when <= at)
