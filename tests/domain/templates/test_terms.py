"""Terms of a template: which periods there are, what their targets are called and compared with, what is refused."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.definition import Versus
from domain.refusal import Refused
from domain.templates.recurrence import Recurrence, midnight
from domain.templates.terms import check_terms, named
from tests.domain.templates.words import DEFINED_AT, resolving, terms


@pytest.mark.parametrize(
    ("every", "interval", "start", "periods"),
    [
        ("month", 1, date(2026, 12, 1), ["2026-12-01..2026-12-31", "2027-01-01..2027-01-31", "2027-02-01..2027-02-28"]),
        ("month", 1, date(2026, 1, 31), ["2026-01-31..2026-02-27", "2026-02-28..2026-03-30", "2026-03-31..2026-04-29"]),
        ("quarter", 1, date(2027, 1, 1), ["2027-01-01..2027-03-31", "2027-04-01..2027-06-30"]),
        ("week", 2, date(2026, 11, 30), ["2026-11-30..2026-12-13", "2026-12-14..2026-12-27"]),
        ("year", 1, date(2028, 2, 29), ["2028-02-29..2029-02-27", "2029-02-28..2030-02-27"]),
    ],
)
def test_periods_follow_one_another_without_a_gap(every: str, interval: int, start: date, periods: list[str]) -> None:
    recurrence = Recurrence(every, start, interval)

    found = [recurrence.period(number) for number in range(len(periods))]

    assert [f"{first}..{last}" for first, last in found] == periods


@pytest.mark.parametrize("every", ["week", "month", "quarter", "year"])
@pytest.mark.parametrize("interval", [1, 5])
def test_the_first_period_after_a_day_is_found_wherever_the_day_lies(every: str, interval: int) -> None:
    recurrence = Recurrence(every, date(2024, 1, 31), interval)

    for number in range(40):
        begins, ends = recurrence.period(number)
        assert recurrence.first_after(ends) == number + 1
        assert recurrence.first_after(begins) == number + 1
        assert recurrence.first_after(date.fromordinal(begins.toordinal() - 1)) == number


def test_no_period_begins_after_the_last_day_and_none_after_2199() -> None:
    until = Recurrence("month", date(2026, 12, 1), until=date(2027, 2, 1))

    assert [until.has(number) for number in (0, 2, 3)] == [True, True, False]
    assert not Recurrence("year", date(2026, 1, 1), 60).has(1_000_000)


@pytest.mark.parametrize(
    ("every", "start", "number", "how", "compared"),
    [
        ("month", date(2026, 12, 1), 0, "last_year", ("2025-12-01", "2025-12-31")),
        ("month", date(2026, 12, 1), 0, "period_before", ("2026-11-01", "2026-11-30")),
        ("month", date(2029, 2, 1), 0, "last_year", ("2028-02-01", "2028-02-29")),
        ("quarter", date(2027, 1, 1), 1, "last_year", ("2026-04-01", "2026-06-30")),
        ("week", date(2026, 11, 30), 0, "last_year", ("2025-12-01", "2025-12-07")),
        ("week", date(2026, 11, 30), 1, "period_before", ("2026-11-30", "2026-12-06")),
        ("year", date(2027, 1, 1), 0, "period_before", ("2026-01-01", "2026-12-31")),
    ],
)
def test_a_period_is_compared_with_its_own_of_last_year_or_with_the_one_before(
    every: str, start: date, number: int, how: str, compared: tuple[str, str]
) -> None:
    found = Recurrence(every, start).compared(number, how)

    assert tuple(map(str, found)) == compared


def test_every_month_last_years_month_and_ten_percent() -> None:
    said = terms({"kind": "uplift", "goal": "+10 %"}, compared_with="last_year")

    january = check_terms(said, resolving(), DEFINED_AT).definition(1)

    assert (january.name, january.goal) == ("January 2027 revenue", "+10 %")
    assert january.comparison == Versus(date(2026, 1, 1), date(2026, 1, 31))


def test_names_say_the_period() -> None:
    pattern = "{number}: {month} {year}, {quarter}, {week}, {start} to {end}"

    assert (
        named(pattern, 2, date(2027, 2, 1), date(2027, 2, 28)) == "3: February 2027, Q1, W05, 2027-02-01 to 2027-02-28"
    )


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("UTC", date(2026, 12, 1), "2026-12-01T00:00"),
        ("America/New_York", date(2026, 11, 1), "2026-11-01T04:00"),
        ("Asia/Kathmandu", date(2026, 12, 1), "2026-11-30T18:15"),
        (
            "Asia/Beirut",
            date(2026, 3, 29),
            "2026-03-28T22:00",
        ),  # midnight does not exist: the clocks go from 0:00 to 1:00
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00"),  # neither does it here
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00"),  # it comes twice: the first
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00"),  # the whole day does not exist
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00"),
    ],
)
def test_a_period_begins_with_its_first_local_instant(zone: str, day: date, begins: str) -> None:
    assert midnight(day, zone) == datetime.fromisoformat(begins).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("target", "changes", "code", "field"),
    [
        ({}, {"name": " "}, "bad_name", "/name"),
        ({}, {"every": "day"}, "unknown_recurrence", "/every"),
        ({}, {"interval": 0}, "bad_interval", "/interval"),
        ({}, {"until": date(2026, 11, 1)}, "end_before_start", "/until"),
        ({}, {"start": date(1000, 1, 1)}, "date_out_of_range", "/from"),
        ({}, {"every": "week", "start": date(2020, 1, 6)}, "too_many_periods", "/from"),
        ({}, {"draft_days": 61}, "bad_draft_days", "/draft_days"),
        ({}, {"compared_with": "my dreams"}, "unknown_comparison", "/compared_with"),
        ({}, {"compared_with": "last_year"}, "not_of_kind", "/compared_with"),
        ({"start": "2026-12-01"}, {}, "of_the_period", "/target/start"),
        ({"comparison": {}}, {}, "of_the_period", "/target/comparison"),
        ({"kind": "uplift", "goal": "+10 %"}, {}, "missing_field", "/compared_with"),
        ({"checkpoints": ["2026-12-04"]}, {}, "fixed_dates", "/target/checkpoints"),
        ({"pacing": {"kind": "explicit", "points": []}}, {}, "fixed_dates", "/target/pacing/points"),
        ({"name": "{mnth}"}, {}, "unknown_placeholder", "/target/name"),
        ({"name": "{month} {"}, {}, "unknown_placeholder", "/target/name"),
        ({"name": None}, {}, "missing_field", "/target/name"),
        ({"time_zone": None}, {}, "missing_field", "/target/time_zone"),
        ({"goal": "-1.00"}, {}, "goal_not_positive", "/target/goal"),
        ({"gaol": "1.00"}, {}, "unknown_field", "/target/gaol"),
        ({"time_zone": "Mars"}, {}, "unknown_time_zone", "/target/time_zone"),
    ],
)
def test_terms_that_can_make_no_target_are_refused_where_they_stand(
    target: dict[str, Any], changes: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        check_terms(terms(target, **changes), resolving(), DEFINED_AT)

    assert (refused.value.code, refused.value.field) == (code, field)
