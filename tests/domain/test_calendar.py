"""Calendars: own days win over holidays, holidays over weekdays; what is none is refused by field."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import HALVES, OWN_DAYS_MAX, Calendar, OpenDays, calendar_of, open_days
from domain.refusal import Refused
from domain.rrule import WEEKDAYS

VETERANS, THANKSGIVING, CHRISTMAS = date(2026, 11, 11), date(2026, 11, 26), date(2026, 12, 25)
AMERICAN = {VETERANS: "Veterans Day", THANKSGIVING: "Thanksgiving Day", CHRISTMAS: "Christmas Day"}


def american(country: str, subdivision: str | None, first: date, last: date) -> Mapping[date, str]:
    assert (country, subdivision) == ("US", "NY")
    return {day: name for day, name in AMERICAN.items() if first <= day <= last}


def nobody(*_: object) -> Mapping[date, str]:
    raise AssertionError("without a country there is nobody to ask")


def test_without_a_word_saturdays_and_sundays_are_closed() -> None:
    assert calendar_of() == Calendar() == Calendar(["SA", "SU"], None, None, {})

    week = open_days(Calendar(), date(2026, 11, 2), date(2026, 11, 8), nobody)

    assert week == OpenDays([2, 2, 2, 2, 2, 0, 0], {})


def test_a_calendar_is_kept_in_the_order_of_its_days() -> None:
    calendar = calendar_of(
        closed=["SU", "FR", "SU"],
        country="US",
        subdivision="NY",
        days={"2026-12-24": "half", "2026-11-27": "closed"},
    )

    assert calendar == Calendar(["FR", "SU"], "US", "NY", {date(2026, 11, 27): "closed", date(2026, 12, 24): "half"})
    assert list(calendar.days) == [date(2026, 11, 27), date(2026, 12, 24)]


def test_holidays_are_closed_and_are_remembered_by_name() -> None:
    found = open_days(calendar_of(country="US", subdivision="NY"), date(2026, 11, 23), date(2026, 11, 27), american)

    assert found == OpenDays([2, 2, 2, 0, 2], {THANKSGIVING: "Thanksgiving Day"})


def test_an_own_day_wins_over_a_holiday_and_a_holiday_over_its_weekday() -> None:
    calendar = calendar_of(
        closed=["SA", "SU"],
        country="US",
        subdivision="NY",
        days={"2026-11-11": "open", "2026-11-14": "half", "2026-11-13": "closed"},
    )

    found = open_days(calendar, date(2026, 11, 9), date(2026, 11, 15), american)

    assert found == OpenDays([2, 2, 2, 2, 0, 1, 0], {VETERANS: "Veterans Day"})


def test_an_own_day_outside_the_period_is_welcome() -> None:
    calendar = calendar_of(days={"2025-12-24": "half", "2027-12-24": "half"})

    assert open_days(calendar, date(2026, 11, 2), date(2026, 11, 3), nobody) == OpenDays([2, 2], {})


def test_a_business_may_be_closed_all_week_but_for_some_days() -> None:
    calendar = calendar_of(closed=WEEKDAYS, days={"2026-11-03": "open"})

    assert open_days(calendar, date(2026, 11, 2), date(2026, 11, 4), nobody).halves == [0, 2, 0]


@settings(deadline=None, max_examples=50)
@given(
    st.sets(st.sampled_from(WEEKDAYS)),
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.dictionaries(st.integers(-9, 99), st.sampled_from(sorted(HALVES)), max_size=9),
    st.sets(st.integers(0, 60), max_size=9),
)
def test_every_day_is_what_the_strongest_word_about_it_says(
    closed: set[str], start: date, own: dict[int, str], off: set[int]
) -> None:
    days = [start + timedelta(days=number) for number in range(61)]
    calendar = calendar_of(
        closed=sorted(closed),
        country="US",
        days={(start + timedelta(days=number)).isoformat(): word for number, word in own.items()},
    )

    found = open_days(calendar, days[0], days[-1], lambda *_: {days[number]: "A day off" for number in off})

    for number, (day, halves) in enumerate(zip(days, found.halves, strict=True)):
        if number in own:
            assert halves == HALVES[own[number]]
        else:
            assert halves == (0 if number in off or WEEKDAYS[day.weekday()] in closed else 2)
    assert list(found.names) == [days[number] for number in sorted(off)]


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"closed": ["SA", "Sunday"]}, "bad_calendar", "/calendar/closed/1"),
        ({"closed": ["sa"]}, "bad_calendar", "/calendar/closed/0"),
        ({"subdivision": "NY"}, "bad_calendar", "/calendar/subdivision"),
        ({"days": {"2026-02-29": "half"}}, "bad_date", "/calendar/days/2026-02-29"),
        ({"days": {"12/24/2026": "half"}}, "bad_date", "/calendar/days/12~124~12026"),
        ({"days": {"20261224": "half"}}, "bad_date", "/calendar/days/20261224"),
        ({"days": {"2026-12-24": "shut"}}, "bad_calendar", "/calendar/days/2026-12-24"),
    ],
)
def test_what_is_no_calendar_is_refused_by_field(said: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        calendar_of(**said)  # type: ignore[arg-type] # one wrong field at a time

    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_calendar_has_up_to_a_thousand_days_of_its_own() -> None:
    days = {(date(2026, 1, 1) + timedelta(days=number)).isoformat(): "half" for number in range(OWN_DAYS_MAX + 1)}

    with pytest.raises(Refused) as refused:
        calendar_of(days=days)
    days.popitem()

    assert (refused.value.code, refused.value.field) == ("bad_calendar", "/calendar/days")
    assert len(calendar_of(days=days).days) == OWN_DAYS_MAX
