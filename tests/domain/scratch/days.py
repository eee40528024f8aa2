"""The days of a target, told a second time: its midnights, its checkpoints, and which of them take a step.

A target is what people say of it: the same words that `tests.words.plan` takes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

Words = dict[str, Any]
DAY = timedelta(days=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Days:
    """In UTC. cutoffs: of every evaluation, the closing one last; steps: those that take one under equal_steps."""

    start: date
    midnights: tuple[datetime, ...]
    cutoffs: tuple[datetime, ...]
    steps: tuple[datetime, ...]

    @property
    def begins(self) -> datetime:
        return self.midnights[0]

    @property
    def ends(self) -> datetime:
        return self.midnights[-1]


def days_of(words: Words) -> Days:
    start, end, zone = words["start"], words["end"], words["time_zone"]
    midnights = tuple(instant(day, time(), zone) for day in _days(start, end + DAY))
    begins, ends = midnights[0], midnights[-1]
    own, unit, every = _own(words.get("schedule"), start, end, zone)
    own = sorted({one for one in own if begins < one <= ends})
    stepped = own
    if own and unit:
        first = (own[0] - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
        if (first - start).days + 1 < {"week": 4, "month": 15}[unit]:
            stepped = own[1:]
    whole = _whole_intervals(start, end, unit, every)
    closing_steps = ends not in stepped and (len(stepped) < whole or not stepped)
    equal_steps = words.get("pacing") == "equal_steps" or (not words.get("pacing") and words.get("schedule"))
    cutoffs = sorted({*(stepped if equal_steps else own), ends})
    return Days(start, midnights, tuple(cutoffs), (*stepped, ends) if closing_steps else tuple(stepped))


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


@lru_cache(maxsize=10_000)
def instant(day: date, at: time, zone: str) -> datetime:
    """What a clock on the wall shows first at or after this local time: after a gap where there is no such time."""
    wall = datetime.combine(day, at)
    found = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if _wall(found, zone) == wall:
        return found
    found = wall.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
    while _wall(found, zone) < wall:
        found += timedelta(minutes=1)
    return found


def _wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _own(schedule: Any, start: date, end: date, zone: str) -> tuple[list[datetime], str, int]:
    """The cut-offs that a schedule names, and the unit of one checkpoint an interval, with how many of it."""
    if schedule is None:
        return [], "", 0
    if isinstance(schedule, list):
        return [_listed(one, zone) for one in schedule], "", 0
    parts = dict(part.split("=") for part in schedule.split(";"))
    every = int(parts.get("INTERVAL", "1"))
    days, unit = [], ""
    for day in _days(start, end):
        months = (day.year - start.year) * 12 + day.month - start.month
        match parts["FREQ"]:
            case "DAILY":
                hit = (day - start).days % every == 0
            case "WEEKLY":
                weeks = (day - start + timedelta(days=start.weekday())).days // 7
                hit = weeks % every == 0 and WEEKDAYS[day.weekday()] in parts["BYDAY"].split(",")
                unit = "" if "," in parts["BYDAY"] else "week"
            case _:
                numbers = [int(one) for one in parts["BYMONTHDAY"].split(",")]
                hit = months % every == 0 and (day.day in numbers or day.day - _length(day) - 1 in numbers)
                unit = "" if "," in parts["BYMONTHDAY"] else "month"
        if hit:
            days.append(day)
    if "BYHOUR" in parts:
        at = time(int(parts["BYHOUR"]), int(parts.get("BYMINUTE", "0")))
        return [instant(day, at, zone) for day in days], unit, every
    return [instant(day + DAY, time(), zone) for day in days], unit, every


def _listed(text: str, zone: str) -> datetime:
    if "T" in text:
        return datetime.fromisoformat(text).astimezone(UTC)
    return instant(date.fromisoformat(text) + DAY, time(), zone)


def _length(day: date) -> int:
    """Of its month, in days."""
    return next(number for number in (31, 30, 29, 28) if _is_day(day, number))


def _is_day(day: date, number: int) -> bool:
    return (day.replace(day=1) + timedelta(days=number - 1)).month == day.month


def _whole_intervals(start: date, end: date, unit: str, every: int) -> int:
    """How many fit into the period, laid end to end from its start."""
    if unit == "week":
        return ((end - start).days + 1) // (7 * every)
    if unit == "month":
        return next(number for number in count() if _months_later(start, (number + 1) * every) > end + DAY)
    return 0


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    return first.replace(day=min(day.day, _length(first)))


def instant_of_day(day: date, zone: str) -> datetime:
    """Its midnight."""
    return instant(day, time(), zone)
