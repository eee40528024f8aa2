"""A Calendar: which days are open, as people say it; and the open days that it comes to in one period.

Which holidays a country has is asked of a function from outside, once, when a plan is made. The plan keeps the answer:
to replay it must not depend on a library's release.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.refusal import Refused, pointer
from domain.rrule import WEEKDAYS

WEEKEND = ("SA", "SU")
HALVES = {"closed": 0, "half": 1, "open": 2}
"""Half open days that a day has, by what people call it."""
OWN_DAYS_MAX = 1_000

Holidays = Callable[[str, str | None, date, date], Mapping[date, str]]
"""Country, subdivision, first and last day -> the public holidays among them, by name.

Refused: unknown_country and holidays_unknown (none known for those years), /calendar/country; unknown_subdivision,
/calendar/subdivision.
"""

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Calendar:
    """What people say of their days, stored with the plan. An own day wins over a holiday, a holiday over the weekday.

    closed: weekdays closed every week; country: ISO 3166-1 (US), whose public holidays are closed, and its
    subdivision's (NY); days: own days, each "open", "half" or "closed".
    """

    closed: list[str] = field(default_factory=lambda: list(WEEKEND))
    country: str | None = None
    subdivision: str | None = None
    days: dict[date, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenDays:
    """What a calendar came to when the plan was made.

    halves: half open days, 0 to 2, of each local day from `start` to `end`; names: the holidays among them, those that
    fall on a closed weekday or are an own day too.
    """

    halves: list[int]
    names: dict[date, str]


def calendar_of(
    *,
    closed: Sequence[str] = WEEKEND,
    country: str | None = None,
    subdivision: str | None = None,
    days: Mapping[str, str] | None = None,
) -> Calendar:
    """The calendar that these fields say, or Refused: bad_calendar, bad_date.

    days: by date, such as {"2026-12-24": "half"}. Whether there is such a country is known when its holidays are.
    """
    for number, name in enumerate(closed):
        if name not in WEEKDAYS:
            raise _refused(f"a weekday is one of {', '.join(WEEKDAYS)}, not {name[:40]!r}", "closed", number)
    if subdivision is not None and country is None:
        raise _refused("a subdivision is one of a country: name the country too", "subdivision")
    own = days or {}
    if len(own) > OWN_DAYS_MAX:
        raise _refused(f"a calendar has up to {OWN_DAYS_MAX:,} days of its own, this one {len(own):,}", "days")
    kept = {_day_of(text): _word_of(word, text) for text, word in own.items()}
    return Calendar(
        [name for name in WEEKDAYS if name in closed], country, subdivision, {day: kept[day] for day in sorted(kept)}
    )


def open_days(calendar: Calendar, start: date, end: date, holidays: Holidays) -> OpenDays:
    """What the calendar comes to from `start` to `end`, both inclusive; Refused as the holidays are."""
    names: Mapping[date, str] = {}
    if calendar.country is not None:
        names = holidays(calendar.country, calendar.subdivision, start, end)
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    return OpenDays(
        [HALVES[_kind_of(day, calendar, names)] for day in days], {day: names[day] for day in days if day in names}
    )


def _kind_of(day: date, calendar: Calendar, holidays: Mapping[date, str]) -> str:
    if day in calendar.days:
        return calendar.days[day]
    return "closed" if day in holidays or WEEKDAYS[day.weekday()] in calendar.closed else "open"


def _day_of(text: str) -> date:
    no_day = Refused("bad_date", f"{text[:40]!r} is no date such as 2026-12-24", pointer("calendar", "days", text))
    if not _DATE.fullmatch(text):
        raise no_day
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise no_day from None


def _word_of(word: str, day: str) -> str:
    if word not in HALVES:
        raise _refused(f"a day is one of {', '.join(HALVES)}, not {word[:40]!r}", "days", day)
    return word


def _refused(detail: str, *steps: str | int) -> Refused:
    return Refused("bad_calendar", detail, pointer("calendar", *steps))
