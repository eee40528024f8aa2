"""Lines with fewer points that look the same: straight ones, and stairs."""

from collections.abc import Sequence
from itertools import pairwise

from api.dashboard.charts.svg import Point

INVISIBLE = 0.35
"""Pixels that a line may be off: less than can be seen."""
STEP_LEAST = 1.0
"""Pixels: a step that is lower or narrower is drawn with the one after it."""


def thinned(points: Sequence[Point], off: float = INVISIBLE) -> list[Point]:
    """The points that matter (Ramer, Douglas and Peucker); x ascends. First and last stay.

    Of the points in one column of pixels the last stands for all, so that no line is longer than it is wide.
    """
    columns: dict[int, Point] = {int(x): (x, y) for x, y in points[1:-1]}
    line = [points[0], *columns.values(), *points[1:][-1:]]
    kept = {0, len(line) - 1}
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        farthest, distance = first, off
        for index in range(first + 1, last):
            away = _away(line[index], line[first], line[last])
            if away > distance:
                farthest, distance = index, away
        if farthest != first:
            kept.add(farthest)
            spans += [(first, farthest), (farthest, last)]
    return [line[index] for index in sorted(kept)]


def stairs(points: Sequence[Point]) -> list[Point]:
    """The corners of a line that stays as high as it is until the next point, and changes there at once; x ascends.

    It is less than a pixel off, and has no more corners than it is high and wide. First and last stay.
    """
    kept = [points[0]]
    for x, y in points[1:-1]:
        last_x, last_y = kept[-1]
        if abs(y - last_y) < STEP_LEAST:
            continue
        if x - last_x < STEP_LEAST and len(kept) > 1:
            kept[-1] = (last_x, y)
        else:
            kept.append((x, y))
    kept += points[1:][-1:]
    return [kept[0], *(corner for (_, before), (x, y) in pairwise(kept) for corner in ((x, before), (x, y)))]


def _away(point: Point, start: Point, end: Point) -> float:
    """How far a point is from a segment, straight up or down: these lines go from left to right."""
    if end[0] <= start[0]:
        return max(abs(point[1] - start[1]), abs(point[1] - end[1]))
    share = (point[0] - start[0]) / (end[0] - start[0])
    return abs(point[1] - (start[1] + share * (end[1] - start[1])))
