"""The frame of a chart: where on it a time and an amount stand, in pixels."""

from dataclasses import dataclass
from datetime import datetime

from api.dashboard.charts.svg import Point


@dataclass(frozen=True)
class Sizes:
    """Of a chart for one kind of screen, in pixels.

    marks: radius of a checkpoint; spacing: of labels on x; amounts_most: steps on y; label_letters: of a name where
    there is little room; titled_most: checkpoints that are drawn one by one.
    """

    width: int
    height: int
    text: int
    marks: float
    spacing: int
    amounts_most: int
    label_letters: int
    titled_most: int


WIDE = Sizes(width=1000, height=420, text=14, marks=9, spacing=76, amounts_most=7, label_letters=32, titled_most=60)
NARROW = Sizes(width=360, height=340, text=13, marks=8, spacing=58, amounts_most=6, label_letters=22, titled_most=24)


@dataclass(frozen=True)
class Frame:
    """The plot inside its margins: time from left to right, amounts from bottom (low) up to top (high)."""

    begins: datetime
    ends: datetime
    low: int
    high: int
    left: float
    right: float
    top: float
    bottom: float

    def x(self, at: datetime) -> float:
        """What lies outside the period stands at its edge."""
        share = (at - self.begins) / (self.ends - self.begins)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def y(self, amount: int) -> float:
        # Whole numbers are divided rightly however long they are.
        return self.bottom - (amount - self.low) / (self.high - self.low) * (self.bottom - self.top)

    @property
    def ground(self) -> float:
        """Where nothing is, else the bottom."""
        return self.y(0) if self.low <= 0 <= self.high else self.bottom

    def point(self, at: datetime, amount: int) -> Point:
        return self.x(at), self.y(amount)
