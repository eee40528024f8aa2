"""Public holidays as the library knows them: in English whoever asks, and refused where it knows nothing."""

import json
from datetime import date
from pathlib import Path

import pytest

from deploy.holiday_calendars import holidays_in
from domain.calendar import Holidays, calendar_of, open_days
from domain.money import half_even
from domain.pace import running_of_halves
from domain.refusal import Refused

VECTORS = Path(__file__).parents[1] / "domain" / "semantics_vectors.json"


def test_the_holidays_of_a_period_have_english_names() -> None:
    ask: Holidays = holidays_in

    found = ask("US", None, date(2026, 11, 1), date(2026, 11, 30))

    assert found == {date(2026, 11, 11): "Veterans Day", date(2026, 11, 26): "Thanksgiving Day"}


def test_names_are_the_same_whatever_language_the_machine_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de")

    assert holidays_in("DE", None, date(2026, 10, 1), date(2026, 10, 31)) == {date(2026, 10, 3): "German Unity Day"}
    # Known in no other language than its own.
    assert holidays_in("NZ", None, date(2026, 2, 1), date(2026, 2, 28)) == {date(2026, 2, 6): "Waitangi Day"}


def test_a_subdivision_has_holidays_of_its_own() -> None:
    assumption = (date(2026, 8, 15), date(2026, 8, 15))

    assert holidays_in("DE", None, *assumption) == holidays_in("DE", "BE", *assumption) == {}
    assert holidays_in("DE", "SL", *assumption) == {date(2026, 8, 15): "Assumption Day"}


def test_a_holiday_on_a_weekend_is_off_on_the_day_that_is_kept_for_it_also_over_the_end_of_a_year() -> None:
    found = holidays_in("US", None, date(2021, 12, 30), date(2022, 1, 2))

    assert found == {date(2021, 12, 31): "New Year's Day (observed)", date(2022, 1, 1): "New Year's Day"}


def test_a_period_of_several_years_has_the_holidays_of_each_in_order() -> None:
    found = holidays_in("FR", None, date(2025, 7, 14), date(2027, 7, 14))

    assert [day for day, name in found.items() if name == "National Day"] == [
        date(year, 7, 14) for year in (2025, 2026, 2027)
    ]
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("country", "subdivision", "year", "code", "field"),
    [
        ("XX", None, 2026, "unknown_country", "/calendar/country"),
        ("us", None, 2026, "unknown_country", "/calendar/country"),
        ("USA", None, 2026, "unknown_country", "/calendar/country"),
        ("HolidayBase", None, 2026, "unknown_country", "/calendar/country"),
        ("XNYS", None, 2026, "unknown_country", "/calendar/country"),
        ("US", "XX", 2026, "unknown_subdivision", "/calendar/subdivision"),
        ("JP", "13", 2026, "unknown_subdivision", "/calendar/subdivision"),
        ("US", None, 2150, "holidays_unknown", "/calendar/country"),
    ],
)
def test_what_is_not_known_is_refused_by_field(
    country: str, subdivision: str | None, year: int, code: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        holidays_in(country, subdivision, date(year, 1, 1), date(year, 12, 31))

    assert (refused.value.code, refused.value.field) == (code, field)


def test_the_golden_business_days_are_those_of_the_united_states() -> None:
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    [vector] = [one for one in vectors if one.get("pacing") == "business_days"]
    first, last = date.fromisoformat(vector["start"]), date.fromisoformat(vector["end"])

    running = running_of_halves(open_days(calendar_of(country="US"), first, last, holidays_in).halves)

    expected = {day: running[(date.fromisoformat(day) - first).days] for day in vector["expected"]}
    assert {day: half_even(vector["goal_minor"] * one) for day, one in expected.items()} == vector["expected"]
