"""W of each pacing at the end of each day of the period."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate

from tests.plain_figures.comparison import Comparison
from tests.plain_figures.dates import DAY, days_between, weekday

Weights = dict[date, Fraction]


def equal_steps(start: date, end: date, steps: Sequence[date]) -> Weights:
    """One n-th at the end of each step's day, growing evenly day by day toward it."""
    weights = {}
    for day in days_between(start, end):
        done = [step for step in steps if step <= day]
        ahead = [step for step in steps if step > day]
        before = done[-1] if done else start - DAY
        part = Fraction((day - before).days, (ahead[0] - before).days) if ahead else Fraction(0)
        weights[day] = (len(done) + part) / len(steps)
    return weights


def linear(start: date, end: date) -> Weights:
    return shares({day: Fraction(1) for day in days_between(start, end)})


def business_days(start: date, end: date, closed: Collection[str], half: Collection[str] = ()) -> Weights:
    """`closed` and `half` name weekdays (SA) and dates (2026-11-26); what is both is closed."""

    def opened(day: date) -> Fraction:
        names = {weekday(day), day.isoformat()}
        return Fraction(0) if names & set(closed) else Fraction(1, 2) if names & set(half) else Fraction(1)

    return shares({day: opened(day) for day in days_between(start, end)})


def weighted(start: date, end: date, by_weekday: Mapping[str, Fraction]) -> Weights:
    """Each day weighs what its weekday does."""
    return shares({day: Fraction(by_weekday[weekday(day)]) for day in days_between(start, end)})


def shares(sizes: Mapping[date, Fraction]) -> Weights:
    """The part of the whole that has passed by the end of each day."""
    whole = sum(sizes.values())
    return {day: passed / whole for day, passed in zip(sizes, accumulate(sizes.values()), strict=True)}


def last_year(comparison: Comparison) -> Weights:
    """The comparison's daily profile; a day below nothing is nothing."""

    def floored(day: date) -> int:
        return sum(max(0, net) for net in comparison.beside(day))

    whole = floored(comparison.target_end)
    days = days_between(comparison.target_start, comparison.target_end)
    return {day: Fraction(floored(day), whole) for day in days}


def explicit(start: date, end: date, points: Sequence[tuple[date, int]], goal: int) -> Weights:
    """Straight between the values at the ends of the days given, from nothing at the start to the goal at the end."""
    corners = [(start - DAY, 0), *sorted(points), (end, goal)]
    weights = {}
    for day in days_between(start, end):
        before, from_value = [corner for corner in corners if corner[0] < day][-1]
        after, to_value = next(corner for corner in corners if corner[0] >= day)
        gone = Fraction((day - before).days, (after - before).days)
        weights[day] = (from_value + (to_value - from_value) * gone) / goal
    return weights
