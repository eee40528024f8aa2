"""The forecast of a target: its projection, and where 2,000 paths of days like those so far would take it.

Whole numbers and fractions only, and draws made from a hash of what is forecast: a replay gives the same bits, on any
machine, in any year. A day's plan is its share of D by the `w` of `projected`: with the baseline the days come to g.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from hashlib import shake_256
from math import lcm
from operator import add
from uuid import UUID

from domain.money import half_even
from domain.trend import by_open_day

PATHS = 2_000
OBSERVED_MIN = 5
"""Open days; under them a forecast is insufficient."""
OBSERVED_MAX = 256
"""Open days, the latest: so a draw among them is one byte."""
DRAWS_MAX = 366
"""Of a path. Where more open days remain, a draw stands for several days in a row."""
PLAN_DAYS = 3
"""The plan weighs in the projection as much as so many observed days do."""

BOOTSTRAP = "daily-ratio bootstrap, 2,000 paths"
SHRUNK_PACE = "pace shrunk to plan"
NO_RANGE = "pace shrunk to plan, no range"
NONE_OF_KEPT = "none: a level to be kept"
NONE_OF_RATIO = "none: a ratio"
NOT_BEGUN = "none: not begun"
FILLING = "none: filling"
NOT_MEASURED = "none: nothing measured yet"
NO_BASELINE = "none: no baseline"
NO_MEMBERS = "none: no members"
OVER = "none: over"
CANCELLED = "none: cancelled"
NONE = (NONE_OF_KEPT, NONE_OF_RATIO, NOT_BEGUN, FILLING, NOT_MEASURED, NO_BASELINE, NO_MEMBERS, OVER, CANCELLED)
"""Why there is no forecast, where there is none."""
MEANING = {
    BOOTSTRAP: (
        "Each of 2,000 paths gives every open day that remains the ratio of actual to plan of an open day so far, "
        "drawn at random. P10, P50 and P90 are what 10, 50 and 90 % of the paths end at or under; the probability is "
        "the share of paths that end at the goal, and the date the first day that ends with half of them there."
    ),
    SHRUNK_PACE: (
        "Under 5 open days are no base for a range: the pace so far, drawn towards the plan as if 3 more days had "
        "gone as planned, is carried on to the end."
    ),
    NO_RANGE: (
        "The pace so far, drawn towards the plan as if 3 more days had gone as planned, is carried on to the end. It "
        "stands alone for a level that is measured, whose days are no draws of one another, and wherever many targets "
        "are listed or told of."
    ),
    NONE_OF_KEPT: "A level that is to be kept is to stay where it is: there is no end that it heads for.",
    NONE_OF_RATIO: "A ratio does not add up day by day: it is expected at its goal all along, and forecast by nothing.",
    NOT_BEGUN: "It is not started, or its first day has not come: the plan is all that there is to go by.",
    FILLING: "What was sold before it was started is still being added to it: ask again when it is active.",
    NOT_MEASURED: "Nothing has been measured in its period yet.",
    NO_BASELINE: "It is compared with a period of which nothing is known, or not yet: there is no plan to forecast by.",
    NO_MEMBERS: "It adds up its members, and none of them expects anything yet.",
    OVER: "Its period is over: what it came to is its outcome.",
    CANCELLED: "It was cancelled, and counts no more.",
}
"""What each method does, for those who read its name. One that gives other figures takes another name."""

_RATIO_UNIT = 2**64
"""Ratios are rounded half-even to 1 / 2**64, the plan's own pace being exact; all that follows is exact."""
_BYTE = 256


@dataclass(frozen=True)
class Run:
    """How a target went so far and what its plan has left: minor units, days in order, closed ones (plan 0) too.

    observed: (plan, actual) of each day that is over; remaining: (date, plan) of the others, of a day under way the
    part of its plan that is still to come. reached_on: the day since which it is at the goal, if it is and that is
    known. held_back: of a gain, what its comparison still takes from it after a remaining day: it is at the goal once
    it is past it by so much.
    """

    baseline: int
    goal: int
    actual: int
    observed: Sequence[tuple[Fraction, int]]
    remaining: Sequence[tuple[date, Fraction]]
    reached_on: date | None = None
    held_back: Mapping[date, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.goal != self.baseline, "a goal differs from its baseline"

    @property
    def span(self) -> int:
        """D = g - b."""
        return self.goal - self.baseline

    @property
    def direction(self) -> int:
        """1 where the goal lies above the baseline, -1 where below."""
        return 1 if self.span > 0 else -1

    @property
    def missing(self) -> int:
        """What is left to the goal, in its direction; 0 or less at the goal."""
        return self.direction * (self.goal - self.actual)


@dataclass(frozen=True)
class Forecast:
    """Where a target is heading; minor units, rounded half-even. method: a name that MEANING explains.

    value: the projection; p50: without a range, that too. p10, p90, probability: None where insufficient. date: the
    local day on which the goal is reached, None where that is not in the period, or insufficient and not reached yet.
    All are None where the method is one of NONE.
    """

    method: str
    value: int | None
    p10: int | None
    p50: int | None
    p90: int | None
    probability: Fraction | None
    date: date | None
    insufficient: bool
    observed: int = 0
    """Open days that its ratios were drawn from."""


def none_because(method: str) -> Forecast:
    """No forecast; method: one of NONE."""
    assert method in NONE, "there is a reason for none"
    return Forecast(method, None, None, None, None, None, None, insufficient=False)


def without_range(projection: Fraction, reached_on: date | None = None) -> Forecast:
    """The projection alone."""
    value = half_even(projection)
    return Forecast(NO_RANGE, value, None, value, None, None, reached_on, insufficient=False)


def projected(
    actual: int | Fraction,
    pace_index: Fraction | None,
    *,
    baseline: int,
    goal: int,
    weight: Fraction,
    elapsed_open_days: int | Fraction,
) -> Fraction:
    """F = A + rho D (1 - w), rho = (n PI + 3) / (n + 3), exact; without a pace (W = 0) rho is 1.

    weight: w, which is elapsed / all open days under equal_steps, explicit and after a revision, else W.
    """
    if pace_index is None:
        shrunk = Fraction(1)
    else:
        shrunk = (elapsed_open_days * pace_index + PLAN_DAYS) / (elapsed_open_days + PLAN_DAYS)
    return actual + shrunk * (goal - baseline) * (1 - weight)


def forecast(run: Run, projection: Fraction, *, target_id: UUID, revision: int, position: int) -> Forecast:
    """The forecast of a target at one position of the log; projection: F, by `projected`."""
    value = half_even(projection)
    reached_on = run.reached_on if run.missing <= 0 else None
    observed = by_open_day(run.observed, run.span)[-OBSERVED_MAX:]
    if len(observed) < OBSERVED_MIN:
        return Forecast(SHRUNK_PACE, value, None, value, None, None, reached_on, True, len(observed))
    paths = _walked(run, observed, _seed(target_id, revision, position))
    return Forecast(
        method=BOOTSTRAP,
        value=value,
        p10=paths.percentile(10),
        p50=paths.percentile(50),
        p90=paths.percentile(90),
        probability=paths.probability,
        date=reached_on or paths.reached_on,
        insufficient=False,
        observed=len(observed),
    )


@dataclass(frozen=True)
class _Paths:
    """Where the paths end: what each gains from now on toward the goal, the least first, in 1 / unit minor units."""

    run: Run
    gains: list[int]
    unit: int
    reached_on: date | None

    def percentile(self, percent: int) -> int:
        """The actual at the end that so many of the paths end at or under, by nearest rank."""
        rank = percent * PATHS // 100
        gain = self.gains[rank - 1 if self.run.direction > 0 else -rank]
        return half_even(self.run.actual + self.run.direction * Fraction(gain, self.unit))

    @property
    def probability(self) -> Fraction:
        return Fraction(_at_goal(self.gains, self.run.missing * self.unit), PATHS)


def _walked(run: Run, observed: Sequence[tuple[Fraction, int]], seed: bytes) -> _Paths:
    """All paths at once, day by day."""
    left = [(day, abs(plan)) for day, plan in run.remaining if plan * run.span > 0]
    days_a_draw = max(1, -(-len(left) // DRAWS_MAX))
    ratios = _ratios(observed, days_a_draw)
    stretches = _stretches(left, days_a_draw)
    plan_unit = lcm(*(plan.denominator for _, plan in stretches))
    unit = plan_unit * _RATIO_UNIT
    draws = _draws(seed, len(ratios), PATHS * len(stretches))
    gains, reached_on = [0] * PATHS, None
    for number, (day, plan) in enumerate(stretches):
        planned = int(plan * plan_unit)
        brings = [planned * ratio for ratio in ratios]
        drawn = draws[number * PATHS : (number + 1) * PATHS]
        gains = list(map(add, gains, map(brings.__getitem__, drawn)))
        missing = (run.missing + run.held_back.get(day, 0)) * unit
        if reached_on is None and 2 * _at_goal(gains, missing) >= PATHS:
            reached_on = day
    return _Paths(run, sorted(gains), unit, reached_on)


def _at_goal(gains: Sequence[int], missing: int) -> int:
    return sum(map(missing.__le__, gains))


def _ratios(observed: Sequence[tuple[Fraction, int]], days_a_draw: int) -> list[int]:
    """Actual / plan of each observed day with those after it that a draw takes along, in 1 / 2**64; after the newest
    comes the oldest, so that each day is in as many of them."""
    ratios: list[int] = []
    for first in range(len(observed)):
        taken = [observed[(first + offset) % len(observed)] for offset in range(days_a_draw)]
        plan, actual = sum((plan for plan, _ in taken), Fraction()), sum(actual for _, actual in taken)
        ratios.append(half_even(actual / plan * _RATIO_UNIT))
    return ratios


def _stretches(left: Sequence[tuple[date, Fraction]], days_a_draw: int) -> list[tuple[date, Fraction]]:
    """The days that remain, by as many as a draw stands for: the last one's date, and their plan."""
    parts = (left[first : first + days_a_draw] for first in range(0, len(left), days_a_draw))
    return [(part[-1][0], sum((plan for _, plan in part), Fraction())) for part in parts]


def _seed(target_id: UUID, revision: int, position: int) -> bytes:
    # With its length before it, no field can be mistaken for two.
    fields = (one.encode() for one in (str(target_id), str(revision), str(position)))
    return b"".join(b"%d:%b" % (len(one), one) for one in fields)


def _draws(seed: bytes, sides: int, count: int) -> bytes:
    """So many throws of a fair die with that many sides, 0 up; the same for the same seed, for ever."""
    assert 0 < sides <= _BYTE, "a throw is one byte"
    fair = _BYTE - _BYTE % sides
    throw, too_high = bytes(byte % sides for byte in range(_BYTE)), bytes(range(fair, _BYTE))
    length = count
    while True:
        # A longer digest begins as the shorter one does.
        draws = shake_256(seed).digest(length).translate(throw, too_high)
        if len(draws) >= count:
            return draws[:count]
        length = length * 5 // 4 + PATHS
