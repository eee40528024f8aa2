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
class Turn:
    """A revision of the plan, where it takes effect; told: "Revision 2, 14 Nov: the fair was moved"."""

    at: datetime
    told: str


@dataclass(frozen=True)
class Fan:
    """Where a forecast sees it at an instant: half of its paths over p50, four fifths between p10 and p90."""

    at: datetime
    p10: int
    p50: int
    p90: int


@dataclass(frozen=True)
class Drawing:
    """A target in its period.

    goal: None where it has none, as a level that is to be kept; band: the bounds of that one, None on an open side;
    original: the goal before revisions, where it was another one.
    actual: the total or level from (begins, baseline) on, its last point is now or the end; only the first one while
    the period has not begun; nothing where nothing is known. expected: the steps of the pace from (begins, baseline)
    on: so much from that instant until the next one; for a sparkline its turning points, which are joined straight;
    nothing where nothing is expected. now: None while the period is not under way. expected_now: what the figures say
    is expected now; None takes the last point of `expected` that is past. against: what it is held against.
    cut: begins and ends are those of the part that is drawn, the rest is left out. heading: the figures in words, where
    "$52,000 of $100,000" does not say them. falling: less is better; filled: it grows from nothing, which is in the
    picture; signed: it is a gain, "+$12,400". earlier: what it is compared with, by its name.
    """

    begins: datetime
    ends: datetime
    time_zone: str
    goal: int | None
    actual: Sequence[Point]
    expected: Sequence[Point]
    marks: Sequence[Mark]
    diamonds: Sequence[Diamond]
    now: datetime | None
    unit: str
    exponent: int
    expected_now: int | None = None
    cut: bool = False
    heading: str | None = None
    signed: bool = False
    band: tuple[int | None, int | None] | None = None
    original: int | None = None
    falling: bool = False
    filled: bool = True
    against: str = "expected pace"
    earlier: Sequence[Point] = ()
    earlier_name: str = ""
    turns: Sequence[Turn] = ()
    fan: Sequence[Fan] = ()

    def __post_init__(self) -> None:
        assert self.begins < self.ends

    @property
    def is_short(self) -> bool:
        """Whether it is hours that count in it, not days."""
        return self.ends - self.begins <= SHORT

    @property
    def limits(self) -> Sequence[tuple[int, str]]:
        """The lines that it is held against in the end, and what stands beside them."""
        if self.band is not None:
            low, high = self.band
            return [(one, word) for one, word in ((high, "At most"), (low, "At least")) if one is not None]
        return [] if self.goal is None else [(self.goal, "Goal")]
