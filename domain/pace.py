"""The pace of a target: W(t), the share of what is to be reached that is due by then, as steps in time.

Curves are made of instants resolved when the target was defined (its local midnights and its cut-offs), never
of a time zone: later time zone data must not move an old target. All pacings but equal_steps go by the day: what
is due by the end of each local day (`running_of_...`), laid over the instants (`daily`).
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from math import lcm
from operator import itemgetter

from domain.refusal import Refused, pointer
from domain.rrule import WEEKDAYS
from domain.schedule import Schedule

PACINGS = ("equal_steps", "linear", "business_days", "weighted", "last_year", "explicit")
WEIGHT_DIGITS_MAX = 15

_WEIGHT = re.compile(r"[0-9]+([.][0-9]+)?", re.ASCII)
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
        raise Refused("unknown_pacing", f"pacing is one of {', '.join(PACINGS)}, not {name[:40]!r}", "/pacing/kind")
    return name


def linear(midnights: Sequence[datetime], cutoffs: Sequence[datetime]) -> Curve:
    """Calendar days elapsed by all days, laid over the instants as `daily` does."""
    days = len(midnights) - 1
    return daily(midnights, cutoffs, [Fraction(elapsed, days) for elapsed in range(1, days + 1)])


def daily(midnights: Sequence[datetime], cutoffs: Sequence[datetime], running: Sequence[Fraction]) -> Curve:
    """W by the day; in UTC: midnight(start) .. midnight(end + 1), and the cut-offs.

    running: W at the end of each local day; it never falls, and the last is 1. A day counts at its end, or whole
    from the first cut-off inside it on: at a checkpoint its own day counts whole. A day that the zone skipped
    counts at the end of the day before. A day that brings nothing makes no step.
    """
    cutoffs = sorted(cutoffs)
    steps: dict[datetime, Fraction] = {}
    reached = Fraction(0)
    for (begins, ends), due in zip(pairwise(midnights), running, strict=True):
        if due != reached:
            first = bisect_right(cutoffs, begins)
            inside = first < len(cutoffs) and cutoffs[first] < ends
            steps[cutoffs[first] if inside else ends] = due
        reached = due
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


def days_elapsed(midnights: Sequence[datetime], cutoffs: Sequence[datetime], at: datetime) -> int:
    """How many days of the period count at an instant, as `daily` counts them; cut-offs in order."""
    days = len(midnights) - 1
    elapsed = max(0, bisect_right(midnights, at) - 1)
    if elapsed < days:
        first = bisect_right(cutoffs, midnights[elapsed])
        elapsed += first < len(cutoffs) and cutoffs[first] <= at
    return elapsed


def weight_linear(midnights: Sequence[datetime], cutoffs: Sequence[datetime], at: datetime) -> Fraction:
    """What `linear` says of one instant, without the rest of the curve; cut-offs in order."""
    return Fraction(days_elapsed(midnights, cutoffs, at), len(midnights) - 1)


def weight_daily(
    midnights: Sequence[datetime], cutoffs: Sequence[datetime], running: Sequence[Fraction], at: datetime
) -> Fraction:
    """What `daily` says of one instant, without the rest of the curve; cut-offs in order."""
    elapsed = days_elapsed(midnights, cutoffs, at)
    return running[elapsed - 1] if elapsed else Fraction(0)


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


# What is due by the end of each local day. Plans hold what these are made of for ever: none may grow stricter.


@dataclass(frozen=True)
class Weighting:
    """How much the days of a weighted pace bring, as people say it: in decimal text, of any sum above 0.

    by: "weekday", then `weights` are by weekday code (one left out brings nothing); "week" or "month", then they are a
    list: one weight for each week from Monday, or each calendar month, that the period touches, in order. It is
    shared evenly by the days of it that lie in the period.
    """

    by: str
    weights: dict[str, str] | list[str]


@dataclass(frozen=True)
class Point:
    """On an explicit pace: what is to be reached by the end of a local day, in minor units."""

    day: date
    value: int


def running_of_halves(halves: Sequence[int]) -> list[Fraction]:
    """Of business_days: open days elapsed by all open days; halves: 0, 1 or 2 half open days for each local day."""
    if not any(halves):
        raise Refused("no_open_day", "the calendar leaves no open day in the period: open one under days", "/pacing")
    return _running([Fraction(half, 2) for half in halves])


def running_of_weights(weighting: Weighting, start: date, end: date) -> list[Fraction]:
    """Of weighted: what the days up to each bring, by what all bring; Refused: bad_weights, undefined_pace (sum 0)."""
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    match weighting.by, weighting.weights:
        case "weekday", dict() as weights:
            brings = _weekday_weights(weights)
            parts = [brings[day.weekday()] for day in days]
        case "week", list() as weights:
            parts = _shared_evenly(weights, [day - timedelta(days=day.weekday()) for day in days], "weeks from Monday")
        case "month", list() as weights:
            parts = _shared_evenly(weights, [day.replace(day=1) for day in days], "calendar months")
        case "weekday" | "week" | "month", _:
            raise _bad_weights("weights are an object of weekdays by weekday, and else a list")
        case _:
            raise _bad_weights("weights are by weekday, week or month", "by")
    if not any(parts):
        raise Refused("undefined_pace", "no day of the period has a weight above 0", "/pacing/weights")
    return _running(parts)


def _weekday_weights(weights: Mapping[str, str]) -> list[Fraction]:
    for name in weights:
        if name not in WEEKDAYS:
            raise _bad_weights(f"a weekday is one of {', '.join(WEEKDAYS)}, not {name[:40]!r}", "weights", name)
    return [_weight(weights.get(name, "0"), name) for name in WEEKDAYS]


def _shared_evenly(weights: Sequence[str], spans: Sequence[date], called: str) -> list[Fraction]:
    """What each day brings; spans: the first day of its week or month, in order."""
    lengths = Counter(spans)
    if len(weights) != len(lengths):
        raise _bad_weights(f"the period touches {len(lengths)} {called}, and there are {len(weights)} weights")
    brings = {
        span: _weight(text, number) / lengths[span]
        for number, (span, text) in enumerate(zip(lengths, weights, strict=True))
    }
    return [brings[span] for span in spans]


def _weight(text: str, name: str | int) -> Fraction:
    if not _WEIGHT.fullmatch(text):
        raise _bad_weights(f'{text[:40]!r} is no decimal number from 0 up, such as "1.5"', "weights", name)
    if len(text.replace(".", "")) > WEIGHT_DIGITS_MAX:
        raise _bad_weights(f"a weight has up to {WEIGHT_DIGITS_MAX} digits", "weights", name)
    return Fraction(text)


def running_of_profile(running_totals: Sequence[int]) -> list[Fraction]:
    """Of last_year: its aligned running total at the end of each local day, which never falls, by the last of them."""
    if not running_totals[-1]:
        raise Refused("undefined_pace", "last year has no sales to take the pace from", "/pacing")
    return [Fraction(total, running_totals[-1]) for total in running_totals]


def running_of_points(points: Sequence[Point], start: date, end: date, baseline: int, goal: int) -> list[Fraction]:
    """Of explicit: straight from the baseline when `start` begins through the points, in any order, to the goal.

    At the end of `end` it comes to the goal, listed or not. Refused (bad_points): none, one outside the period, two of
    one day, one that falls back or lies beyond the goal.
    """
    running: list[Fraction] = []
    for (before, value), (elapsed, reached) in pairwise(_stops(points, start, end, baseline, goal)):
        a_day = Fraction(reached - value, elapsed - before)
        running += [(value + days * a_day - baseline) / (goal - baseline) for days in range(1, elapsed - before + 1)]
    return running


def _stops(points: Sequence[Point], start: date, end: date, baseline: int, goal: int) -> list[tuple[int, int]]:
    """Days elapsed and what is reached by then, in minor units, from (0, baseline) to (all days, goal)."""
    assert goal != baseline, "a target has something to reach"
    if not points:
        raise _bad_points("an explicit pace has a point or more, such as the value half-way")
    upwards = 1 if goal > baseline else -1
    stops = [(0, baseline)]
    for number, point in sorted(enumerate(points), key=lambda numbered: numbered[1].day):
        before, value = stops[-1]
        elapsed = (point.day - start).days + 1
        if not start <= point.day <= end:
            raise _bad_points(f"{point.day} is outside the period, {start} to {end}", number, "date")
        if elapsed == before:
            raise _bad_points(f"{point.day} has two points", number, "date")
        if upwards * (point.value - value) < 0:
            raise _bad_points(f"the point of {point.day} falls back behind the one before it", number, "value")
        if upwards * (goal - point.value) < 0:
            raise _bad_points(f"the point of {point.day} lies beyond the goal", number, "value")
        if point.day == end and point.value != goal:
            raise _bad_points(f"the period ends on {end}: its point is the goal, or left out", number, "value")
        stops.append((elapsed, point.value))
    days = (end - start).days + 1
    return stops if stops[-1][0] == days else [*stops, (days, goal)]


def _running(parts: Sequence[Fraction]) -> list[Fraction]:
    # In whole numbers: a period may have thousands of days, and a target a hundred revisions.
    scale = lcm(*(part.denominator for part in parts))
    reached = list(accumulate(part.numerator * (scale // part.denominator) for part in parts))
    return [Fraction(one, reached[-1]) for one in reached]


def _bad_weights(detail: str, *steps: str | int) -> Refused:
    return Refused("bad_weights", detail, pointer("pacing", *(steps or ("weights",))))


def _bad_points(detail: str, *steps: str | int) -> Refused:
    return Refused("bad_points", detail, pointer("pacing", "points", *steps))
