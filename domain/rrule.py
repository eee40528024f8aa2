"""The subset of RFC 5545's RRULE that says when checkpoints are: parsed, then laid over dates.

FREQ is DAILY, WEEKLY or MONTHLY, with INTERVAL (every so many days, weeks or months, counted from the start's
own; weeks from Monday; quarterly is FREQ=MONTHLY;INTERVAL=3), BYDAY (weekdays without ordinals: of a week, or
as a filter of days; a WEEKLY rule without takes the weekday of the start), BYMONTHDAY (1..28 or, from the
month's end, -1..-28; a MONTHLY rule without takes the day of the start up to the 28th), BYHOUR and BYMINUTE
(one local cut-off time; the end of the day without). A leading "RRULE:" and lower case are read too; every
other part of the RFC is refused.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import count

from domain.refusal import Refused

LENGTH_MAX = 300
INTERVAL_MAX = 3_700
MONTH_DAY_MAX = 28
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_ALLOWED = {
    "DAILY": {"FREQ", "INTERVAL", "BYDAY", "BYHOUR", "BYMINUTE"},
    "WEEKLY": {"FREQ", "INTERVAL", "BYDAY", "BYHOUR", "BYMINUTE"},
    "MONTHLY": {"FREQ", "INTERVAL", "BYMONTHDAY", "BYHOUR", "BYMINUTE"},
}


@dataclass(frozen=True)
class Rule:
    """A rule, its defaults filled in: weekdays 0..6 from Monday, month_days 1..28 and -1..-28."""

    frequency: str
    interval: int
    weekdays: frozenset[int]
    month_days: frozenset[int]
    at: time | None

    @property
    def once_an_interval(self) -> bool:
        """Whether there is one day in every interval of weeks or months."""
        chosen = {"WEEKLY": self.weekdays, "MONTHLY": self.month_days}.get(self.frequency, frozenset())
        return len(chosen) == 1

    def days(self, start: date, last: date) -> list[date]:
        """The days from `start` to `last`, both inclusive, that the rule names, in order, each once."""
        return [day for day in self._days_of_intervals(start, last) if start <= day <= last]

    def _days_of_intervals(self, start: date, last: date) -> Iterator[date]:
        """The rule's days in every interval that reaches into start .. last."""
        if self.frequency == "DAILY":
            for ordinal in range(start.toordinal(), last.toordinal() + 1, self.interval):
                day = date.fromordinal(ordinal)
                if not self.weekdays or day.weekday() in self.weekdays:
                    yield day
        elif self.frequency == "WEEKLY":
            monday = start.toordinal() - start.weekday()
            for ordinal in range(monday, last.toordinal() + 1, 7 * self.interval):
                yield from (date.fromordinal(ordinal + weekday) for weekday in sorted(self.weekdays))
        else:
            for months in count(0, self.interval):
                first, days = every_month(start, months)
                if first > last:
                    return
                yield from (
                    first + timedelta(days=number - 1)
                    for number in sorted({day if day > 0 else days + 1 + day for day in self.month_days})
                )


def every_month(day: date, months: int) -> tuple[date, int]:
    """The first day of the month so many months after the day's own, and how many days that month has."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    return first, monthrange(first.year, first.month)[1]


def parse_rule(text: str, start: date) -> Rule:
    """The rule that this text says, counted from `start`; Refused (bad_schedule) names the part."""
    parts = _parts(text)
    frequency = parts.get("FREQ", "")
    if frequency not in _ALLOWED:
        raise _refused(f"FREQ is DAILY, WEEKLY or MONTHLY, not {frequency or 'left out'}")
    for name in parts:
        if name not in _ALLOWED[frequency]:
            allowed = ", ".join(sorted(_ALLOWED[frequency]))
            raise _refused(f"{name} is no part of a {frequency} rule here; its parts are {allowed}")
    interval = _whole(parts, "INTERVAL", 1, INTERVAL_MAX) or 1
    weekdays = _weekdays(parts["BYDAY"]) if "BYDAY" in parts else frozenset[int]()
    if frequency == "WEEKLY" and not weekdays:
        weekdays = frozenset({start.weekday()})
    month_days = frozenset[int]()
    if frequency == "MONTHLY":
        month_days = _month_days(parts["BYMONTHDAY"]) if "BYMONTHDAY" in parts else _month_day_of(start)
    return Rule(frequency, interval, weekdays, month_days, _cutoff_time(parts))


def _parts(text: str) -> dict[str, str]:
    if len(text) > LENGTH_MAX or not text.isascii():
        raise _refused(f"a rule is ASCII text of up to {LENGTH_MAX} characters, such as FREQ=WEEKLY;BYDAY=FR")
    parts: dict[str, str] = {}
    for part in text.upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if not name or not value:
            raise _refused(f'"{part}" is no part of a rule such as FREQ=WEEKLY;BYDAY=FR')
        if name in parts:
            raise _refused(f"{name} comes twice; a rule has each part once")
        parts[name] = value
    return parts


def _whole(parts: dict[str, str], name: str, low: int, high: int) -> int | None:
    if name not in parts:
        return None
    value = parts[name]
    if not value.isdigit() or len(value) > len(str(high)) or not low <= int(value) <= high:
        raise _refused(f"{name} is one whole number from {low} to {high}, not {value}")
    return int(value)


def _weekdays(value: str) -> frozenset[int]:
    names = value.split(",")
    for name in names:
        if name not in WEEKDAYS:
            raise _refused(f"BYDAY has weekdays {', '.join(WEEKDAYS)} without a number before them, not {name!r}")
    if len(set(names)) < len(names):
        raise _refused("BYDAY names a weekday twice")
    return frozenset(WEEKDAYS.index(name) for name in names)


def _month_days(value: str) -> frozenset[int]:
    numbers: list[int] = []
    for text in value.split(","):
        digits = text.removeprefix("-")
        if not digits.isdigit() or len(digits) > 2 or not 1 <= int(digits) <= MONTH_DAY_MAX:
            raise _refused(f"BYMONTHDAY has days 1 to 28, or -1 to -28 from the month's end, not {text!r}")
        numbers.append(int(text))
    if len(set(numbers)) < len(numbers):
        raise _refused("BYMONTHDAY names a day twice")
    return frozenset(numbers)


def _month_day_of(start: date) -> frozenset[int]:
    if start.day > MONTH_DAY_MAX:
        raise _refused(f"not every month has a day {start.day}: say BYMONTHDAY=-1 for the last day, or one of 1 to 28")
    return frozenset({start.day})


def _cutoff_time(parts: dict[str, str]) -> time | None:
    hour = _whole(parts, "BYHOUR", 0, 23)
    minute = _whole(parts, "BYMINUTE", 0, 59)
    if hour is None:
        if minute is not None:
            raise _refused("BYMINUTE needs BYHOUR: together they are the local cut-off time")
        return None
    return time(hour, minute or 0)


def _refused(detail: str) -> Refused:
    return Refused("bad_schedule", detail, "/checkpoints")
