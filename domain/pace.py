"""The pace of a target: W(t), the share of what is to be reached that is due by then, as steps in time.

Curves are made of instants resolved when the target was defined (its local midnights and its cut-offs), never
of a time zone: later time zone data must not move an old target.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from operator import itemgetter

from domain.refusal import Refused
from domain.schedule import Schedule

PACINGS = ("equal_steps", "linear")

_instant = itemgetter(0)
_value = itemgetter(1)


@dataclass(frozen=True)
class Curve:
    """W: the UTC instants at which it jumps, strictly increasing, and its values from there on, up to 1."""

    steps: tuple[tuple[datetime, Fraction], ...]

    def __post_init__(self) -> None:
        assert self.steps, "a curve ends at 1, so it has a step"
        assert self.steps[-1][1] == 1
        assert self.steps[0][1] >= 0
        for (earlier, less), (later, more) in pairwise(self.steps):
            assert earlier < later
            assert less <= more

    def weight(self, at: datetime) -> Fraction:
        """W at an instant: 0 before the first step, and at the instant of a step its new value."""
        passed = bisect_right(self.steps, at, key=_instant)
        return self.steps[passed - 1][1] if passed else Fraction(0)

    def reached_at(self, weight: Fraction) -> datetime:
        """The first instant at which W is so much; over 0, at most 1."""
        assert 0 < weight <= 1
        return self.steps[bisect_left(self.steps, weight, key=_value)][0]


def pacing_of(name: str | None, *, scheduled: bool) -> str:
    """The pacing of that name; by default equal_steps with checkpoints, else linear; or unknown_pacing."""
    if name is None:
        return "equal_steps" if scheduled else "linear"
    if name not in PACINGS:
        raise Refused("unknown_pacing", f"pacing is {' or '.join(PACINGS)}, not {name[:40]!r}", "/pacing/kind")
    return name


def linear(midnights: Sequence[datetime], cutoffs: Sequence[datetime]) -> Curve:
    """Calendar days elapsed by all days; in UTC: midnight(start) .. midnight(end + 1), and the cut-offs.

    A day counts at its end, or whole from the first cut-off inside it on: at a checkpoint its own day counts
    whole. A day that the zone skipped counts at the end of the day before.
    """
    days = len(midnights) - 1
    cutoffs = sorted(cutoffs)
    steps: dict[datetime, Fraction] = {}
    for elapsed in range(1, days + 1):
        begins, ends = midnights[elapsed - 1], midnights[elapsed]
        first = bisect_right(cutoffs, begins)
        inside = first < len(cutoffs) and cutoffs[first] < ends
        steps[cutoffs[first] if inside else ends] = Fraction(elapsed, days)
    return Curve(tuple(steps.items()))


def equal_steps(midnights: Sequence[datetime], steps: Sequence[datetime]) -> Curve:
    """The k-th of n steps is k/n; in UTC: midnight(start) .. midnight(end + 1), and the steps by `steps_of`.

    W grows by equal parts at each local midnight after one step's cut-off (before the first: after S) and not
    after the next one's. With no midnight between them, it steps at the cut-off. After the last step it
    stays. A skipped local day is a part like any other, taken at the instant where it would have been.
    """
    values: dict[datetime, Fraction] = {}
    passed = 1
    for number, cutoff in enumerate(steps):
        reached = bisect_right(midnights, cutoff)
        parts = reached - passed
        for part, midnight in enumerate(midnights[passed:reached], 1):
            values[midnight] = Fraction(number * parts + part, len(steps) * parts)
        if not parts:
            values[cutoff] = Fraction(number + 1, len(steps))
        passed = reached
    return Curve(tuple(values.items()))


def weight_linear(midnights: Sequence[datetime], cutoffs: Sequence[datetime], at: datetime) -> Fraction:
    """What `linear` says of one instant, without the rest of the curve; cut-offs in order."""
    days = len(midnights) - 1
    elapsed = bisect_right(midnights, at) - 1
    if elapsed < 0:
        return Fraction(0)
    if elapsed < days:
        first = bisect_right(cutoffs, midnights[elapsed])
        elapsed += first < len(cutoffs) and cutoffs[first] <= at
    return Fraction(min(elapsed, days), days)


def weight_equal_steps(midnights: Sequence[datetime], steps: Sequence[datetime], at: datetime) -> Fraction:
    """What `equal_steps` says of one instant, without the rest of the curve."""
    number = bisect_right(steps, at)
    if number == len(steps):
        return Fraction(1)
    passed = bisect_right(midnights, steps[number - 1]) if number else 1
    parts = bisect_right(midnights, steps[number]) - passed
    if not parts:
        return Fraction(number, len(steps))
    part = max(0, bisect_right(midnights, at) - passed)
    return Fraction(number * parts + part, len(steps) * parts)


def steps_of(midnights: Sequence[datetime], cutoffs: Sequence[datetime], schedule: Schedule) -> list[datetime]:
    """The cut-offs that take a step under equal_steps, in order; at least one.

    All but a stub's and the closing one. The closing one takes a step when it is a checkpoint of the
    schedule's own, when fewer checkpoints than whole intervals remain without it, and when it is alone.
    """
    after_stub, ends = midnights[schedule.stub_days], midnights[-1]
    ordered = sorted(set(cutoffs))
    stepping = ordered[bisect_right(ordered, after_stub) : bisect_left(ordered, ends)]
    closing_steps = schedule.ends_with_checkpoint(midnights) or len(stepping) < schedule.whole_intervals or not stepping
    return [*stepping, ends] if closing_steps else stepping


def expected(curve: Curve, goal: int, at: datetime, baseline: int = 0) -> Fraction:
    """E(t) = b + (g - b) W(t), in minor units, exact: it is rounded where it is shown."""
    return baseline + (goal - baseline) * curve.weight(at)
