"""Room for labels: what is taken, and which of several places is the freest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import ceil, hypot

from api.dashboard.charts.svg import Point

DISTANCE_COSTS = 1.5
"""Square pixels of overlap that a pixel of distance is worth."""
STRIDE = 6.0
"""Pixels between the points by which a line takes room."""


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """The area that two have in common."""
        # Most have none, and every label asks about every dot of every line.
        if other.left >= self.right or other.right <= self.left or other.top >= self.bottom:
            return 0.0
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0.0

    def moved_into(self, outer: "Box") -> "Box":
        """Pushed inside where it stands out."""
        across = max(outer.left - self.left, 0.0) + min(outer.right - self.right, 0.0)
        down = max(outer.top - self.top, 0.0) + min(outer.bottom - self.bottom, 0.0)
        return Box(self.left + across, self.top + down, self.right + across, self.bottom + down)


@dataclass(frozen=True)
class Place:
    """Where a label could stand; anchor: which end of its text is fixed: start, middle or end; away: pixels."""

    box: Box
    anchor: str
    away: float = 0.0

    @property
    def x(self) -> float:
        middle = (self.box.left + self.box.right) / 2
        return {"start": self.box.left, "middle": middle, "end": self.box.right}[self.anchor]


@dataclass
class Room:
    """A picture and what is taken of it."""

    whole: Box
    taken: list[Box] = field(default_factory=list)

    def take(self, box: Box) -> None:
        self.taken.append(box)

    def take_line(self, points: Sequence[Point], margin: float = 2.0) -> None:
        for (from_x, from_y), (to_x, to_y) in pairwise(points):
            steps = max(1, ceil(hypot(to_x - from_x, to_y - from_y) / STRIDE))
            for step in range(steps + 1):
                x, y = from_x + (to_x - from_x) * step / steps, from_y + (to_y - from_y) * step / steps
                self.take(Box(x - margin, y - margin, x + margin, y + margin))

    def is_free(self, box: Box) -> bool:
        return not any(box.overlap(other) for other in self.taken)

    def freest(self, places: Iterable[Place]) -> Place:
        """The first of the places that overlap least and are nearest, in the picture; it is taken from then on."""
        inside = (replace(place, box=place.box.moved_into(self.whole)) for place in places)
        found = min(inside, key=self._cost)
        self.take(found.box)
        return found

    def _cost(self, place: Place) -> float:
        return sum(place.box.overlap(other) for other in self.taken) + place.away * DISTANCE_COSTS
