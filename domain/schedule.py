"""A Schedule: at which cut-offs a target's actual is held against its pace; the closing one comes last.

The rule of `equal_steps` for one checkpoint an interval, as this module reads it. *Interval*: n weeks (a
WEEKLY rule with one weekday) or n months (a MONTHLY rule with one day), n being INTERVAL. *m*: how many such
intervals laid end to end from `start` fit into the period, whole: 7 n local days each, or n calendar months
(from the 31st to the last day of a shorter month). *First interval*: the local days from `start` to the first
checkpoint's day, both inclusive; under 4 days (weeks) or 15 (months), whatever n is, it is a *stub*: its
checkpoint is not scheduled. A period of one Friday so has the closing evaluation alone. Other pacings have no
steps, hence no stubs: a linear target checks every Friday in its period.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from domain.period import Period
from domain.refusal import Refused
from domain.rrule import Rule, every_month, parse_rule

CHECKPOINTS_MAX = 4_000
STUB_DAYS = {"week": 4, "month": 15}
"""A first interval with fewer local days than this takes no step."""

_DAY = timedelta(days=1)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d([.]\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True)
class PlannedCheckpoint:
    """One evaluation: the local day that it closes, and the UTC instant before which sales count in it."""

    number: int
    day: date
    cutoff: datetime
    closing: bool


@dataclass(frozen=True)
class Schedule:
    """What `checkpoints` of a target says, held against its dates; time zones enter in `checkpoints()`.

    days: the local days that a checkpoint closes, in order; at: the local cut-off time on them, None for
    their end; instants: the cut-offs that a list gives as date-times; listed: from a list, so twice the same
    is an error; unit and every: one checkpoint in every so many weeks or months, else "" and 0.
    """

    start: date
    end: date
    days: tuple[date, ...] = ()
    at: time | None = None
    instants: tuple[datetime, ...] = ()
    listed: bool = False
    unit: str = ""
    every: int = 0

    @property
    def whole_intervals(self) -> int:
        """m: how many whole intervals the period has; 0 where it is not one checkpoint an interval."""
        if self.unit == "week":
            return ((self.end - self.start).days + 1) // (7 * self.every)
        if self.unit == "month":
            after = self.end + _DAY
            return next(m for m in count() if _months_later(self.start, (m + 1) * self.every) > after)
        return 0

    @property
    def stub_days(self) -> int:
        """Local days of a first interval too short for a step; 0 when there is none."""
        if not self.unit or not self.days:
            return 0
        length = (self.days[0] - self.start).days + 1
        return length if length < STUB_DAYS[self.unit] else 0

    def ends_with_checkpoint(self, midnights: Sequence[datetime]) -> bool:
        """Whether the closing evaluation is a checkpoint of the schedule's own: one with its cut-off at E."""
        if midnights[-1] in self.instants:
            return True
        if self.at is not None or not self.days:
            return False
        return midnights[(self.days[-1] - self.start).days + 1] == midnights[-1]

    def checkpoints(self, period: Period, pacing: str = "equal_steps") -> tuple[PlannedCheckpoint, ...]:
        """The checkpoints in order of their cut-offs, numbered from 1; the last is the closing one, at E.

        Only under `equal_steps` is a stub left out. A rule's cut-off that falls on another (a skipped day, a
        gap) or on S is left out; in a list it is refused (bad_schedule), as is one outside the period.
        """
        midnights = period.midnights()
        begins, ends = midnights[0], midnights[-1]
        stub = self.stub_days if pacing == "equal_steps" else 0
        days = self.days[1:] if stub else self.days
        cutoffs = [self._cutoff(day, period, midnights) for day in days]
        cutoffs.extend(self.instants)
        if self.listed:
            _check_listed(cutoffs, begins, ends)
        inside = sorted({cutoff for cutoff in cutoffs if begins < cutoff < ends})
        checkpoints = [
            PlannedCheckpoint(number, self.start + (bisect_left(midnights, cutoff) - 1) * _DAY, cutoff, closing=False)
            for number, cutoff in enumerate(inside, 1)
        ]
        return (*checkpoints, PlannedCheckpoint(len(inside) + 1, self.end, ends, closing=True))

    def _cutoff(self, day: date, period: Period, midnights: Sequence[datetime]) -> datetime:
        if self.at is None:
            return midnights[(day - self.start).days + 1]
        return period.resolve(day, self.at)


def parse_schedule(spec: str | list[str] | None, period: Period) -> Schedule:
    """The schedule that a rule, a list of dates or date-times, or nothing says, over the dates of the period.

    A rule is a subset of RRULE (see `domain.rrule`). A date in a list means its end, a date-time with an
    offset itself; the order is free. Refused (bad_schedule, /checkpoints): anything else, a date outside the
    period, the same twice, more than 4,000. Whether a date-time is inside is known with the instants, in
    `checkpoints()`.
    """
    if spec is None:
        return Schedule(period.start, period.end)
    if isinstance(spec, str):
        return _schedule_of(parse_rule(spec, period.start), period)
    if not isinstance(spec, list):
        raise _refused("checkpoints are a rule such as FREQ=WEEKLY;BYDAY=FR, or a list of dates or date-times")
    return _parse_list(spec, period)


def _schedule_of(rule: Rule, period: Period) -> Schedule:
    unit = {"WEEKLY": "week", "MONTHLY": "month"}.get(rule.frequency, "") if rule.once_an_interval else ""
    every = rule.interval if unit else 0
    if rule.at == time():
        # A cut-off at midnight closes the day before: Saturday 00:00 is the end of Friday.
        occurrences = rule.days(period.start, period.end + _DAY)
        days = tuple(day - _DAY for day in occurrences if day > period.start)
        return Schedule(period.start, period.end, days, unit=unit, every=every)
    days = tuple(rule.days(period.start, period.end))
    return Schedule(period.start, period.end, days, rule.at, unit=unit, every=every)


def _parse_list(items: Sequence[object], period: Period) -> Schedule:
    if len(items) > CHECKPOINTS_MAX:
        raise _refused(f"a list has up to {CHECKPOINTS_MAX} checkpoints, this one {len(items)}")
    days: set[date] = set()
    instants: set[datetime] = set()
    for item in items:
        if not isinstance(item, str):
            raise _refused("a list of checkpoints has texts: dates, or date-times with an offset")
        if _DATE.fullmatch(item):
            days.add(_date_of(item, period))
        else:
            instants.add(_instant_of(item))
    if len(days) + len(instants) < len(items):
        raise _refused("a checkpoint is listed twice")
    return Schedule(period.start, period.end, tuple(sorted(days)), None, tuple(sorted(instants)), listed=True)


def _date_of(text: str, period: Period) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _refused(f"there is no {text} in the calendar") from None
    if not period.start <= day <= period.end:
        raise _refused(f"{day} is outside the period, {period.start} to {period.end}")
    return day


def _instant_of(text: str) -> datetime:
    try:
        if _DATE_TIME.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _refused(
        f'"{text[:40]}" is no date such as 2026-11-06, nor a date-time with an offset such as 2026-11-06T17:00:00-05:00'
    )


def _check_listed(cutoffs: Sequence[datetime], begins: datetime, ends: datetime) -> None:
    for cutoff in cutoffs:
        if not begins < cutoff <= ends:
            raise _refused(
                f"a cut-off lies after {begins.isoformat()} and not after {ends.isoformat()}, "
                f"unlike {cutoff.isoformat()}"
            )
    if len(set(cutoffs)) < len(cutoffs):
        raise _refused("two of the listed checkpoints have the same cut-off")


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    first, days = every_month(day, months)
    return first.replace(day=min(day.day, days))


def _refused(detail: str) -> Refused:
    return Refused("bad_schedule", detail, "/checkpoints")
