"""A Recurrence: the periods of a template, one after another without a gap, counted from its first day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.period import Period
from domain.refusal import Refused
from domain.rrule import every_month

MONTHS = {"month": 1, "quarter": 3, "year": 12}
WEEK = "week"
UNITS = (WEEK, *MONTHS)
INTERVAL_MAX = 60
FROM_MIN, FROM_MAX = 1971, 2199
LAST_YEAR, PERIOD_BEFORE = COMPARED = ("last_year", "period_before")
WEEKS_OF_A_YEAR = 52
DAYS_MAX = 90_000
"""More than there are from 1971 to 2199."""


@dataclass(frozen=True)
class Recurrence:
    """Every so many weeks, months, quarters or years from `start` on; until: no period begins after it.

    Months are counted from `start`, so that none drifts: from 31 January on they begin on 31 January, 28 February,
    31 March. Refused: unknown_recurrence, bad_interval, date_out_of_range, end_before_start.
    """

    every: str
    start: date
    interval: int = 1
    until: date | None = None

    def check(self) -> None:
        if self.every not in UNITS:
            raise Refused("unknown_recurrence", f"it recurs every {', '.join(UNITS)}", "/every")
        if not 1 <= self.interval <= INTERVAL_MAX:
            raise Refused("bad_interval", f"it recurs every 1 to {INTERVAL_MAX} {self.every}s", "/interval")
        if not FROM_MIN <= self.start.year <= FROM_MAX:
            raise Refused("date_out_of_range", f"a template begins in {FROM_MIN} to {FROM_MAX}", "/from")
        if self.until is not None and self.until < self.start:
            raise Refused("end_before_start", f"it ends on {self.until}, before {self.start}", "/until")

    def period(self, number: int) -> tuple[date, date]:
        """First and last day of the period with this number, 0 for the first; -1 is the one before it."""
        return self._begins(number), self._begins(number + 1) - timedelta(days=1)

    def has(self, number: int) -> bool:
        """Whether there is such a period: time ends in 2199, and where `until` says."""
        if number * self._days_about > DAYS_MAX:
            return False
        begins = self._begins(number)
        return begins.year <= FROM_MAX and (self.until is None or begins <= self.until)

    def first_after(self, day: date) -> int:
        """The number of the first period that begins after this day; 0 for a day before all of them."""
        if day < self.start:
            return 0
        number = (day - self.start).days // self._days_about
        while self._begins(number) <= day:
            number += 1
        return number

    def compared(self, number: int, how: str) -> tuple[date, date]:
        """First and last day of what a period is compared with: the one before, or the same one last year.

        Last year's are its own whole months (a leap February has 29 days there); of weeks, those 52 weeks before,
        which begin on the same weekday.
        """
        assert how in COMPARED
        if how == PERIOD_BEFORE:
            return self.period(number - 1)
        if self.every == WEEK:
            begins, ends = self.period(number)
            year = timedelta(weeks=WEEKS_OF_A_YEAR)
            return begins - year, ends - year
        first, after = (months_after(self.start, self._months(one) - 12) for one in (number, number + 1))
        return first, after - timedelta(days=1)

    def _months(self, number: int) -> int:
        return number * self.interval * MONTHS[self.every]

    def _begins(self, number: int) -> date:
        if self.every == WEEK:
            return self.start + timedelta(weeks=number * self.interval)
        return months_after(self.start, self._months(number))

    @property
    def _days_about(self) -> int:
        """As many days as a period has, or a few more."""
        return self.interval * (7 if self.every == WEEK else 31 * MONTHS[self.every])


def midnight(day: date, time_zone: str) -> datetime:
    """The UTC instant at which a local day begins; that of the next one where the zone skipped it."""
    try:
        return Period(day - timedelta(days=1), day, time_zone).midnights()[1]
    except Refused as refused:
        if refused.code != "no_such_day":
            raise
        return Period(day - timedelta(days=2), day, time_zone).midnights()[2]


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month; earlier for months below 0."""
    first, days = every_month(day, months)
    return first.replace(day=min(day.day, days))
