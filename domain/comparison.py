"""A Comparison: the earlier dates that an uplift is held against, and that a last_year pace takes its profile from.

Its dates and instants are resolved when the target is defined; what was sold on them is read once, when it is
activated, and frozen: a later refund of last year's does not move this year's goal.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise

from domain.money import half_even
from domain.period import Period
from domain.refusal import Refused
from domain.rrule import every_month

ALIGNMENTS = ("same_date", "same_weekday", "day_index")
PARTIAL_UNDER = Fraction(4, 5)
"""A comparison with sales on a smaller share of its open days than this is partial."""
PERCENT_DIGITS_MAX = 6
PERCENT_PLACES_MAX = 4

_DAY = timedelta(days=1)
_PERCENT = re.compile(r"\+?([0-9]+)(?:\.([0-9]+))?\s*%")


@dataclass(frozen=True)
class Comparison:
    """The local dates `start..end`, both inclusive, that a target is compared with; instants in UTC."""

    start: date
    end: date
    align: str
    midnights: list[datetime]
    """midnight(start) .. midnight(end + 1) in the target's zone: one more than it has days."""
    halves: list[int] | None = None
    """Half open days, 0 to 2, of each of its days where the target has a calendar; None: every day is open."""

    @property
    def begins(self) -> datetime:
        return self.midnights[0]

    @property
    def ends(self) -> datetime:
        """The first instant after it."""
        return self.midnights[-1]

    @property
    def days(self) -> int:
        return len(self.midnights) - 1


@dataclass(frozen=True)
class Frozen:
    """What a comparison had at one position of the log: read when the target is activated, and kept."""

    position: int
    nets: list[int]
    """Net minor units of each of its days, in order."""
    days_with_sales: int
    """Days that any sale fell on, open or closed. A sale and its void net to 0, yet the day's sales were being
    published: it counts as one with sales."""
    halves_with_sales: int | None = None
    """Half open days of these, where the target has a calendar; None: every day is open."""

    @property
    def total(self) -> int:
        return sum(self.nets)


def with_calendar(frozen: Frozen, halves: Sequence[int] | None) -> Frozen:
    """The same, where a revision gave the target another calendar: what was sold stays as it was read, and of the days
    that have sales those are counted that are open now. A day whose sales came to nothing can't be told from one
    without."""
    if halves is None:
        return replace(frozen, halves_with_sales=None)
    sold = sum(half for half, net in zip(halves, frozen.nets, strict=True) if net)
    return replace(frozen, halves_with_sales=sold)


class Compared:
    """Adds up a comparison's days, one posting after another, in any order."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._nets = [0] * comparison.days
        self._sold = [False] * comparison.days

    def add(self, occurred_at: datetime, amount: int) -> None:
        """Counts signed minor units on their local day; what lies outside the comparison counts nothing.

        At exactly midnight it is the new day's. A day that the zone skipped has no length and gets none.
        """
        if self._comparison.begins <= occurred_at < self._comparison.ends:
            day = bisect_right(self._comparison.midnights, occurred_at) - 1
            self._nets[day] += amount
            self._sold[day] = True

    def frozen(self, position: int) -> Frozen:
        """What was added, as read at this position of the log."""
        halves = self._comparison.halves
        return Frozen(
            position,
            list(self._nets),
            days_with_sales=sum(self._sold),
            halves_with_sales=None
            if halves is None
            else sum(half for half, sold in zip(halves, self._sold, strict=True) if sold),
        )


def comparison_of(
    start: date,
    end: date,
    align: str = "same_date",
    *,
    period: Period,
    halves: Sequence[int] | None = None,
    field: str = "/comparison",
) -> Comparison:
    """The comparison of a target over `period`, its instants resolved in the target's zone.

    Refused, at the field or inside it: unknown_alignment (beside it, "/align"), end_before_start,
    period_too_long, date_out_of_range and no_such_day as for a period, comparison_not_before (it must end
    before the period begins), alignment_misses (no day of the period is aligned with one of it).
    """
    if align not in ALIGNMENTS:
        raise Refused(
            "unknown_alignment",
            f"days are compared by {', '.join(ALIGNMENTS[:-1])} or {ALIGNMENTS[-1]}, not {align[:40]!r}",
            _align_beside(field),
        )
    try:
        midnights = list(Period(start, end, period.time_zone).midnights())
    except Refused as refused:
        raise Refused(refused.code, f"of the comparison: {refused.detail}", f"{field}{refused.field}") from None
    if end >= period.start:
        raise Refused(
            "comparison_not_before",
            f"a comparison ends before the target's period begins on {period.start}, this one on {end}",
            f"{field}/end",
        )
    first, last = (aligned(align, period.start, start, day) for day in (period.start, period.end))
    if period.days > 1 and (first > end or last < start):
        raise Refused(
            "alignment_misses",
            f"by {align} the target's days are held against {first} to {last}, which lie outside the comparison, "
            f"{start} to {end}: day_index aligns any two periods",
            _align_beside(field),
        )
    assert halves is None or len(halves) == len(midnights) - 1, "halves are given for each day"
    return Comparison(start, end, align, midnights, None if halves is None else list(halves))


def year_before(start: date, end: date) -> tuple[date, date]:
    """The same dates a year earlier, 28 Feb for 29 Feb: what a last_year pace takes its profile from by default."""
    return _months_before(start, 12), _months_before(end, 12)


def aligned(how: str, start: date, comparison_start: date, day: date) -> date:
    """tau: the date that a local day of the target is held against, whether it is in the comparison or not.

    start: the target's first day. Of a later day it is never earlier.

    - same_date: so many months before as the comparison's first month is before the target's, on the same day of
      the month, or the last one of a shorter month.
    - same_weekday: a whole number of weeks before, the one nearest to `start - comparison_start`. Seven is odd,
      so no two are as near.
    - day_index: as many days after `comparison_start` as the day is after `start`.
    """
    assert how in ALIGNMENTS
    if how == "same_date":
        years, months = start.year - comparison_start.year, start.month - comparison_start.month
        return _months_before(day, 12 * years + months)
    shift = start - comparison_start
    if how == "same_weekday":
        shift = timedelta(weeks=(shift.days + 3) // 7)
    return day - shift


def compared_running(comparison: Comparison, frozen: Frozen, start: date, end: date) -> list[int]:
    """comparison(tau) of each local day of the target's `start..end`: minor units, net, as of the end of the day.

    Whole days of the comparison from its first to tau: none while tau lies before it, all of them from its end
    on, and on the target's last day, wherever tau is, the whole total.
    """
    return _running(comparison, frozen.nets, start, end)


def profile_running(comparison: Comparison, frozen: Frozen, start: date, end: date) -> list[int]:
    """The same with days below 0 counted as 0, so that it never falls: the profile of a last_year pace."""
    return _running(comparison, [max(0, net) for net in frozen.nets], start, end)


def _running(comparison: Comparison, nets: Iterable[int], start: date, end: date) -> list[int]:
    sums = list(accumulate(nets, initial=0))
    assert len(sums) == comparison.days + 1, "frozen for each day of the comparison"
    running: list[int] = []
    for number in range((end - start).days):
        tau = aligned(comparison.align, start, comparison.start, start + number * _DAY)
        passed = (tau - comparison.start).days + 1
        running.append(sums[min(max(passed, 0), comparison.days)])
    return [*running, sums[-1]]


def open_days_of(comparison: Comparison) -> Fraction:
    """How many open days it has, half days as halves; every day where the target has no calendar.

    A day that the zone skipped is none: nothing can be sold on it.
    """
    halves = [2] * comparison.days if comparison.halves is None else comparison.halves
    lasting = (begins < ends for begins, ends in pairwise(comparison.midnights))
    return Fraction(sum(half for half, lasts in zip(halves, lasting, strict=True) if lasts), 2)


def is_partial(comparison: Comparison, frozen: Frozen) -> bool:
    """Whether fewer than 80 % of its open days have sales, half days weighing half.

    Open days alone are counted, on both sides: a shop's sales on closed Sundays neither make up for open days
    without any nor are missed where there are none. Without an open day nothing is missing.
    """
    halves = 2 * frozen.days_with_sales if frozen.halves_with_sales is None else frozen.halves_with_sales
    return Fraction(halves, 2) < PARTIAL_UNDER * open_days_of(comparison)


def has_none(frozen: Frozen) -> bool:
    """Whether no day has sales, not even a closed one: there is no baseline then, which is not a baseline of 0."""
    return frozen.days_with_sales == 0


def uplift_percent(text: str) -> Fraction:
    """The percent that a goal such as "+10 %" or "2.5%" says, exactly: 10, 5/2; else bad_goal.

    More than 0; up to 6 digits before the point and 4 places after it.
    """
    match = _PERCENT.fullmatch(text)
    if match is None:
        raise _bad_goal(f'"{text[:40]}" is no percent such as "+10 %"')
    whole, places = match[1].lstrip("0"), match[2] or ""
    if len(whole) > PERCENT_DIGITS_MAX or len(places) > PERCENT_PLACES_MAX:
        raise _bad_goal(
            f"a percent has up to {PERCENT_DIGITS_MAX} digits before the point and {PERCENT_PLACES_MAX} places after it"
        )
    percent = Fraction(int(whole + places or "0"), 10 ** len(places))
    if percent == 0:
        raise _bad_goal("an uplift is more than 0 %")
    return percent


def goal_of_percent(percent: Fraction, total: int) -> int:
    """Delta: so many percent of a comparison's total, in minor units, half-even.

    0 or less where the total is, and 0 where it is that of a few cents: no goal to reach.
    """
    return half_even(percent * total / 100)


def _months_before(day: date, months: int) -> date:
    """The same day so many months before, or the last one of a shorter month."""
    first, days = every_month(day, -months)
    return first.replace(day=min(day.day, days))


def _align_beside(field: str) -> str:
    """A definition says `align` beside its comparison, not in it."""
    return f"{field.rpartition('/')[0]}/align"


def _bad_goal(detail: str) -> Refused:
    return Refused("bad_goal", detail, "/goal")
