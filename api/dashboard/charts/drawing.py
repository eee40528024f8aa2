"""What a chart is drawn from: amounts in minor units, instants in UTC; no way to read or to show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORT = timedelta(days=2)
Point = tuple[datetime, int]


@dataclass(frozen=True)
class Mark:
    """A checkpoint. status: its verdict, of the closing one the outcome once it is known, None while it is not
    evaluated; actual: what it read, None likewise; inside_a_day: its cut-off is at no local midnight.
    """

    number: int
    cutoff: datetime
    expected: int
    actual: int | None
    status: str | None
    closing: bool
    inside_a_day: bool = False


@dataclass(frozen=True)
class Diamond:
    """A milestone. stage: planned, due_soon, overdue, achieved, missed or waived."""

    name: str
    due: datetime
    stage: str


@dataclass(frozen=True)
class Drawing:
    """A target in its period.

    actual: the cumulative total from (begins, 0) on, its last point is now or the end; only the first one while
    the period has not begun. expected: the steps of the pace from (begins, 0) to (ends, goal): so much from that
    instant until the next one; for a sparkline its turning points, which are joined straight. now: None while the
    period is not under way. expected_now: what the figures say is expected now; None takes the last point of
    `expected` that is past. cut: begins and ends are those of the part that is drawn, the rest is left out.
    """

    begins: datetime
    ends: datetime
    time_zone: str
    goal: int
    actual: Sequence[Point]
    expected: Sequence[Point]
    marks: Sequence[Mark]
    diamonds: Sequence[Diamond]
    now: datetime | None
    unit: str
    exponent: int
    expected_now: int | None = None
    cut: bool = False

    def __post_init__(self) -> None:
        assert self.begins < self.ends
        assert self.actual
        assert self.expected
        assert self.goal > 0

    @property
    def is_short(self) -> bool:
        """Whether it is hours that count in it, not days."""
        return self.ends - self.begins <= SHORT
