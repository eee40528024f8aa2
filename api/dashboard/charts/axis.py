"""Where an axis has its ticks: round amounts, and local dates that people count by."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from babel.dates import format_date

INSTANT = timedelta(microseconds=1)
DAY = "d MMM"
MINUTE_STEPS = (5, 10, 15, 30)
HOURS_WITH_MINUTES = timedelta(hours=9)
HOUR_STEPS = (1, 2, 3, 4, 6, 8, 12)
HOURS_UP_TO_DAYS = 2
DAY_STEPS = (1, 2, 7)
HALF_MONTHS = (1, 15)
MONTH_STEPS = (1, 3, 6, 12, 24, 60)


@dataclass(frozen=True)
class Tick:
    at: datetime
    label: str


def amount_ticks(low: int, high: int, most: int) -> list[int]:
    """Multiples of 1, 2 or 5 times a power of ten from low to high, `most` steps at most.

    In minor units, low < high; the step is whole, so a goal of 1 has the ticks 0 and 1.
    """
    step = amount_step(low, high, most)
    return list(range(-(-low // step) * step, high + 1, step))


def amount_step(low: int, high: int, most: int) -> int:
    """The distance of `amount_ticks`."""
    assert low < high
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if high - low <= step * most:
                return step
        power *= 10


def time_ticks(begins: datetime, ends: datetime, zone: ZoneInfo, most: int) -> list[Tick]:
    """The finest ticks in [begins, ends) that are `most` at most: minutes, hours, days, weeks, half months, months ...

    Weeks are counted from the first day, so that a period's first day has a tick where days have any.
    """
    days = _days(begins, ends, zone)
    finest = _minutes(days) if ends - begins <= HOURS_WITH_MINUTES else ()
    for unit, local in chain(finest, _finest_first(days)):
        # Of a time that the zone skipped and the next there is one.
        found = {one.replace(tzinfo=zone).astimezone(UTC): one for one in reversed(local)}
        inside = sorted(at for at in found if begins <= at < ends)
        if 0 < len(inside) <= most:
            return [Tick(at, _label(found[at], unit, first=at == inside[0])) for at in inside]
    return []


def day_shown(at: datetime, zone: ZoneInfo) -> str:
    """The local day that ends at or goes on at an instant, as "15 Oct": midnight belongs to the day before."""
    return format_date((at - INSTANT).astimezone(zone), DAY, locale="en")


def moment_shown(at: datetime, zone: ZoneInfo, *, exactly: bool) -> str:
    """ "15 Oct", or exactly "15 Oct, 14:30", local."""
    day = format_date(at.astimezone(zone), DAY, locale="en")
    return f"{day}, {clock_shown(at, zone)}" if exactly else day


def clock_shown(at: datetime, zone: ZoneInfo) -> str:
    """ "14:30", local; with its seconds where it has some."""
    local = at.astimezone(zone)
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def _days(begins: datetime, ends: datetime, zone: ZoneInfo) -> list[date]:
    first, last = begins.astimezone(zone).date(), (ends - INSTANT).astimezone(zone).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _minutes(days: Sequence[date]) -> Iterator[tuple[str, list[datetime]]]:
    """As `_finest_first`, of parts of an hour."""
    for step in MINUTE_STEPS:
        hours = [datetime.combine(day, time(hour)) for day in days for hour in range(24)]
        yield "minute", [hour.replace(minute=minute) for hour in hours for minute in range(0, 60, step)]


def _finest_first(days: Sequence[date]) -> Iterator[tuple[str, list[datetime]]]:
    """What ticks count, and their local times."""
    if len(days) <= HOURS_UP_TO_DAYS:
        for hours in HOUR_STEPS:
            yield "hour", [datetime.combine(day, time(hour)) for day in days for hour in range(0, 24, hours)]
    for step in DAY_STEPS:
        yield "day", _midnights(days[::step])
    yield "day", _midnights(day for day in days if day.day in HALF_MONTHS)
    for step in MONTH_STEPS:
        firsts = (day for day in days if day.day == 1 and (day.year * 12 + day.month - 1) % step == 0)
        yield "month" if step < 12 else "year", _midnights(firsts)


def _midnights(days: Iterable[date]) -> list[datetime]:
    return [datetime.combine(day, time()) for day in days]


def _label(local: datetime, unit: str, *, first: bool) -> str:
    """ "14:00", "15 Oct", "Oct", "2026"; a January that is not the first tick says its year."""
    if local.time() != time():
        return f"{local:%H:%M}"
    if unit == "year" or (unit == "month" and local.month == 1 and not first):
        return f"{local.year}"
    return format_date(local, "MMM" if unit == "month" else DAY, locale="en")
