"""The sums that a target is made of: running nets, and the comparison's beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate

from tests.plain_figures.dates import aligned, days_between


@dataclass(frozen=True)
class Comparison:
    """An earlier period, frozen: its net of each day in minor units, and the target's period that it stands beside."""

    start: date
    end: date
    net: Mapping[date, int]
    align: str
    target_start: date
    target_end: date

    @property
    def total(self) -> int:
        return sum(self.net.get(day, 0) for day in days_between(self.start, self.end))

    def beside(self, day: date) -> list[int]:
        """The nets of the comparison's days that have passed by the end of a day of the target: all on its last day."""
        tau = aligned(day, self.align, self.target_start, self.start)
        last = self.end if day == self.target_end else min(tau, self.end)
        return [self.net.get(passed, 0) for passed in days_between(self.start, last)]


def uplift(total: int, goal: str) -> int:
    """Delta in minor units: "+2 %" of the comparison's total, half-even, or whole minor units as they are."""
    if goal.startswith("+") and goal.endswith("%"):
        return round(total * Fraction(goal[1:-1].strip()) / 100)
    return int(goal)


def levels(net: Mapping[date, int], start: date, end: date) -> dict[date, int]:
    """A of a cumulative target, and of an uplift in mode level: the net since the start."""
    days = days_between(start, end)
    return dict(zip(days, accumulate(net.get(day, 0) for day in days), strict=True))


def gains(net: Mapping[date, int], comparison: Comparison) -> dict[date, int]:
    """A of an uplift in mode gain: the net since the start, less the comparison's by then."""
    reached = levels(net, comparison.target_start, comparison.target_end)
    return {day: level - sum(comparison.beside(day)) for day, level in reached.items()}
