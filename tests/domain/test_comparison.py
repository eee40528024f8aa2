"""Comparisons: which earlier day a day is held against, what is frozen of them, and what they are by when."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from domain.comparison import (
    ALIGNMENTS,
    Compared,
    Comparison,
    Frozen,
    aligned,
    compared_running,
    comparison_of,
    goal_of_percent,
    has_none,
    is_partial,
    open_days_of,
    profile_running,
    uplift_percent,
    year_before,
)
from domain.money import half_even
from domain.period import Period
from domain.refusal import Refused

VECTORS: list[dict[str, Any]] = [
    vector
    for vector in json.loads(Path(__file__).with_name("semantics_vectors.json").read_text(encoding="utf-8"))
    if vector["kind"] == "align"
]
CHANGING_ZONES = (
    "America/New_York", "America/Los_Angeles", "America/Havana", "America/Santiago", "America/St_Johns",
    "Atlantic/Azores", "Europe/London", "Europe/Berlin", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut",
    "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham",
)  # fmt: skip
FEBRUARY_2017 = Period(date(2017, 2, 1), date(2017, 2, 28), "America/New_York")
YEAR_2025 = (date(2025, 1, 1), date(2025, 12, 31))
JANUARY_2017 = (date(2017, 1, 1), date(2017, 1, 31))
DAY = timedelta(days=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def every_day(start: date, end: date) -> list[date]:
    return [start + number * DAY for number in range((end - start).days + 1)]


def frozen_of(comparison: Comparison, *postings: tuple[datetime, int], position: int = 7) -> Frozen:
    compared = Compared(comparison)
    for occurred_at, amount in postings:
        compared.add(occurred_at, amount)
    return compared.frozen(position)


def sold_on(comparison: Comparison, days: Iterable[int]) -> Frozen:
    """Frozen with one sale on each of these days, numbered from 0."""
    return frozen_of(comparison, *((comparison.midnights[number], 1_00) for number in days))


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_a_day_is_held_against_the_one_that_the_semantics_say(vector: dict[str, Any]) -> None:
    tau = aligned(vector["how"], day(vector["start"]), day(vector["comparison_start"]), day(vector["day"]))

    assert tau == day(vector["gives"])


@pytest.mark.parametrize(
    ("how", "start", "comparison_start", "of", "tau"),
    [
        # The last day of a shorter month stands for those that it lacks.
        ("same_date", "2024-02-01", "2023-02-01", "2024-02-29", "2023-02-28"),
        ("same_date", "2024-02-29", "2023-02-28", "2024-03-01", "2023-03-01"),
        ("same_date", "2017-03-01", "2017-02-01", "2017-03-28", "2017-02-28"),
        ("same_date", "2017-03-01", "2017-02-01", "2017-03-31", "2017-02-28"),
        ("same_date", "2024-03-01", "2024-02-01", "2024-03-30", "2024-02-29"),
        # A longer one is held against as far as its dates go, until the last day.
        ("same_date", "2017-02-01", "2017-01-01", "2017-02-28", "2017-01-28"),
        # Quarters, years, and periods that begin inside a month.
        ("same_date", "2026-10-01", "2026-07-01", "2026-12-31", "2026-09-30"),
        ("same_date", "2026-01-01", "2025-10-01", "2026-02-28", "2025-11-28"),
        ("same_date", "2024-01-01", "2020-01-01", "2024-02-29", "2020-02-29"),
        ("same_date", "2026-11-15", "2026-10-15", "2026-12-01", "2026-11-01"),
        ("same_date", "2026-11-09", "2025-11-10", "2026-11-09", "2025-11-09"),
        ("same_weekday", "2024-03-01", "2023-03-01", "2024-03-01", "2023-03-03"),
        ("same_weekday", "2026-11-09", "2026-11-02", "2026-11-15", "2026-11-08"),
        ("same_weekday", "2026-11-09", "2026-11-05", "2026-11-09", "2026-11-02"),
        ("day_index", "2024-02-01", "2023-02-01", "2024-03-01", "2023-03-02"),
        ("day_index", "2026-11-01", "2025-12-25", "2026-11-03", "2025-12-27"),
    ],
)
def test_a_day_is_held_against_one_day(how: str, start: str, comparison_start: str, of: str, tau: str) -> None:
    assert aligned(how, day(start), day(comparison_start), day(of)) == day(tau)


@settings(max_examples=200)
@given(
    st.sampled_from(ALIGNMENTS),
    st.dates(date(1999, 1, 1), date(2033, 1, 1)),
    st.integers(0, 800),
    st.integers(0, 800),
)
def test_a_later_day_is_never_held_against_an_earlier_one(how: str, start: date, before: int, later: int) -> None:
    comparison_start = start - before * DAY

    first, one, next_one = (aligned(how, start, comparison_start, start + n * DAY) for n in (0, later, later + 1))

    assert first <= one <= next_one
    assert one <= start + later * DAY


@settings(max_examples=200)
@given(st.dates(date(1999, 1, 1), date(2033, 1, 1)), st.integers(1, 800), st.integers(0, 800))
def test_each_alignment_keeps_what_its_name_says(start: date, before: int, later: int) -> None:
    comparison_start, of = start - before * DAY, start + later * DAY

    same_date = aligned("same_date", start, comparison_start, of)
    same_weekday = aligned("same_weekday", start, comparison_start, of)
    day_index = aligned("day_index", start, comparison_start, of)

    assert same_date.day == of.day or (same_date.day < of.day and (same_date + DAY).day == 1)
    assert same_weekday.weekday() == of.weekday()
    assert abs((same_weekday - day_index).days) <= 3
    assert day_index - comparison_start == of - start


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        ("2026-11-01", "2026-11-30", ("2025-11-01", "2025-11-30")),
        ("2024-02-01", "2024-02-29", ("2023-02-01", "2023-02-28")),
        ("2025-02-01", "2025-02-28", ("2024-02-01", "2024-02-28")),
        ("2024-02-29", "2024-02-29", ("2023-02-28", "2023-02-28")),
        ("2024-01-01", "2024-12-31", ("2023-01-01", "2023-12-31")),
    ],
)
def test_the_year_before_has_the_same_dates(start: str, end: str, before: tuple[str, str]) -> None:
    assert year_before(day(start), day(end)) == tuple(day(text) for text in before)


def test_a_comparison_begins_and_ends_at_midnights_of_the_target_s_zone() -> None:
    period = Period(date(2026, 11, 1), date(2026, 11, 30), "America/New_York")

    comparison = comparison_of(date(2025, 11, 1), date(2025, 11, 30), period=period)

    assert (comparison.align, comparison.days, comparison.halves) == ("same_date", 30, None)
    assert (comparison.begins, comparison.ends) == (at("2025-11-01T00:00-04:00"), at("2025-12-01T00:00-05:00"))


@pytest.mark.parametrize(
    ("start", "end", "align", "code", "field"),
    [
        ("2017-01-01", "2017-01-31", "same_moon", "unknown_alignment", "/align"),
        ("2017-01-31", "2017-01-01", "same_date", "end_before_start", "/comparison/end"),
        ("1969-01-01", "1970-01-31", "same_date", "date_out_of_range", "/comparison/start"),
        ("2006-01-01", "2017-01-31", "same_date", "period_too_long", "/comparison/end"),
        # It touches the target's first day, lies inside the period, is the period, lies after it.
        ("2017-01-01", "2017-02-01", "same_date", "comparison_not_before", "/comparison/end"),
        ("2017-02-05", "2017-02-10", "day_index", "comparison_not_before", "/comparison/end"),
        ("2017-02-01", "2017-02-28", "same_weekday", "comparison_not_before", "/comparison/end"),
        ("2018-02-01", "2018-02-28", "same_date", "comparison_not_before", "/comparison/end"),
        # 1 to 28 January, and no day of it in the comparison.
        ("2017-01-29", "2017-01-31", "same_date", "alignment_misses", "/align"),
    ],
)
def test_a_comparison_that_is_none_is_refused(start: str, end: str, align: str, code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        comparison_of(day(start), day(end), align, period=FEBRUARY_2017)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_week_over_the_week_before_has_no_same_dates_but_other_alignments() -> None:
    week = Period(date(2026, 11, 9), date(2026, 11, 15), "Europe/Berlin")
    before = (date(2026, 11, 2), date(2026, 11, 8))

    with pytest.raises(Refused) as refused:
        comparison_of(*before, period=week)
    assert (refused.value.code, refused.value.field) == ("alignment_misses", "/align")

    for align in ("same_weekday", "day_index"):
        comparison = comparison_of(*before, align, period=week)
        frozen = sold_on(comparison, range(7))
        assert compared_running(comparison, frozen, week.start, week.end) == [n * 1_00 for n in range(1, 8)]


def test_one_day_is_compared_with_any_other_by_any_alignment() -> None:
    friday = Period(date(2026, 11, 27), date(2026, 11, 27), "America/New_York")

    for align in ALIGNMENTS:
        comparison = comparison_of(date(2025, 11, 28), date(2025, 11, 28), align, period=friday)
        assert compared_running(comparison, sold_on(comparison, [0]), friday.start, friday.end) == [1_00]


def test_a_refusal_points_to_where_the_comparison_stands() -> None:
    first, last = JANUARY_2017

    def refused_at(align: str) -> str:
        with pytest.raises(Refused) as refused:
            comparison_of(last, first, align, period=FEBRUARY_2017, field="/pacing/comparison")
        return refused.value.field

    assert refused_at("same_date") == "/pacing/comparison/end"
    assert refused_at("same_moon") == "/pacing/align"


def test_a_comparison_may_end_on_the_day_before_the_period() -> None:
    assert comparison_of(*JANUARY_2017, period=FEBRUARY_2017).end == FEBRUARY_2017.start - DAY


def test_a_comparison_can_t_start_on_a_day_that_the_zone_skipped() -> None:
    period = Period(date(2012, 1, 30), date(2012, 2, 28), "Pacific/Apia")

    with pytest.raises(Refused) as refused:
        comparison_of(date(2011, 12, 30), date(2012, 1, 28), period=period)
    assert (refused.value.code, refused.value.field) == ("no_such_day", "/comparison/start")


def test_a_sale_counts_on_its_local_day_from_midnight_to_before_the_next() -> None:
    comparison = comparison_of(*JANUARY_2017, period=FEBRUARY_2017)

    frozen = frozen_of(
        comparison,
        (at("2016-12-31T23:59:59.999999-05:00"), 1),
        (at("2017-01-01T00:00-05:00"), 10),
        (at("2017-01-01T23:59:59.999999-05:00"), 100),
        (at("2017-01-02T00:00-05:00"), 1_000),
        (at("2017-01-31T23:59:59.999999-05:00"), 10_000),
        (at("2017-02-01T00:00-05:00"), 100_000),
        position=42,
    )

    assert frozen.nets == [110, 1_000, *[0] * 28, 10_000]
    assert (frozen.position, frozen.total, frozen.days_with_sales) == (42, 11_110, 3)


@pytest.mark.parametrize("zone", CHANGING_ZONES)
def test_a_day_is_as_long_as_the_zone_makes_it(zone: str) -> None:
    period = Period(date(2026, 1, 1), date(2026, 12, 31), zone)
    comparison = comparison_of(*YEAR_2025, period=period)
    compared = Compared(comparison)
    half_hour, local, counted = comparison.begins, ZoneInfo(zone), dict.fromkeys(every_day(*YEAR_2025), 0)

    while half_hour < comparison.ends:
        for instant in (half_hour, half_hour + timedelta(minutes=30, microseconds=-1)):
            compared.add(instant, 1)
            counted[instant.astimezone(local).date()] += 1
        half_hour += timedelta(minutes=30)

    frozen = compared.frozen(1)
    assert frozen.nets == list(counted.values())
    assert frozen.total == 365 * 24 * 2 * 2
    assert {ends - begins for begins, ends in pairwise(comparison.midnights)} > {timedelta(hours=24)}


def test_a_day_that_the_zone_skipped_gets_no_sale_and_is_no_open_day() -> None:
    period = Period(date(2012, 12, 29), date(2012, 12, 31), "Pacific/Apia")
    comparison = comparison_of(date(2011, 12, 29), date(2011, 12, 31), period=period)

    frozen = frozen_of(comparison, (at("2011-12-30T09:59Z"), 1), (at("2011-12-30T10:00Z"), 10))

    assert frozen.nets == [1, 0, 10]
    assert open_days_of(comparison) == 2
    assert not is_partial(comparison, frozen)
    assert compared_running(comparison, frozen, period.start, period.end) == [1, 1, 11]


def test_the_comparison_of_a_day_sums_whole_days_to_the_one_it_is_held_against() -> None:
    comparison = comparison_of(*JANUARY_2017, period=FEBRUARY_2017)
    frozen = sold_on(comparison, range(31))

    running = compared_running(comparison, frozen, FEBRUARY_2017.start, FEBRUARY_2017.end)

    # The 28th of February is the last day: it is held against the whole of January.
    assert running == [*(n * 1_00 for n in range(1, 28)), 31_00]


def test_by_weekday_february_s_fridays_are_held_against_january_s() -> None:
    comparison = comparison_of(*JANUARY_2017, "same_weekday", period=FEBRUARY_2017)
    frozen = sold_on(comparison, range(31))

    running = compared_running(comparison, frozen, FEBRUARY_2017.start, FEBRUARY_2017.end)

    assert [running[friday - 1] for friday in (3, 10, 17, 24, 28)] == [6_00, 13_00, 20_00, 27_00, 31_00]


def test_days_before_the_comparison_are_held_against_nothing_and_days_after_it_against_all() -> None:
    week = Period(date(2026, 3, 9), date(2026, 3, 22), "Europe/Berlin")
    comparison = comparison_of(date(2026, 2, 12), date(2026, 2, 14), period=week)
    frozen = frozen_of(comparison, *zip(comparison.midnights, (5, -7, 11), strict=False))

    running = compared_running(comparison, frozen, week.start, week.end)

    assert running == [0, 0, 0, 5, -2, *[9] * 9]


def test_the_day_that_a_shorter_month_lacks_is_held_against_its_last() -> None:
    march = Period(date(2017, 3, 1), date(2017, 3, 31), "Europe/Berlin")
    comparison = comparison_of(date(2017, 2, 1), date(2017, 2, 28), period=march)
    frozen = sold_on(comparison, range(28))

    assert compared_running(comparison, frozen, march.start, march.end)[26:] == [27_00, *[28_00] * 4]


def test_a_profile_counts_days_below_nothing_as_nothing() -> None:
    week = Period(date(2026, 3, 9), date(2026, 3, 13), "Europe/Berlin")
    comparison = comparison_of(date(2025, 3, 9), date(2025, 3, 13), period=week)
    frozen = frozen_of(comparison, *zip(comparison.midnights, (10, -4, 0, 5, -20), strict=False))

    assert profile_running(comparison, frozen, week.start, week.end) == [10, 10, 10, 15, 15]
    assert compared_running(comparison, frozen, week.start, week.end) == [10, 6, 6, 11, -9]


@st.composite
def compared_periods(draw: st.DrawFn) -> tuple[Period, Comparison]:
    zone = draw(st.sampled_from([*CHANGING_ZONES, "UTC", "Asia/Kolkata", "Pacific/Apia"]))
    # Both ends of the years take in a leap day, and the day that Apia skipped.
    start = draw(st.dates(date(2011, 10, 1), date(2012, 6, 1)) | st.dates(date(2023, 10, 1), date(2025, 6, 1)))
    if start == date(2011, 12, 30):
        start += DAY
    end = start + draw(st.integers(0, 100)) * DAY
    period_start = draw(st.just(end + DAY) | st.dates(end + DAY, end + 400 * DAY))
    if period_start == date(2011, 12, 30):
        period_start += DAY
    period = Period(period_start, period_start + draw(st.integers(0, 100)) * DAY, zone)
    days = (end - start).days + 1
    halves = draw(st.none() | st.lists(st.integers(0, 2), min_size=days, max_size=days))
    try:
        return period, comparison_of(start, end, draw(st.sampled_from(ALIGNMENTS)), period=period, halves=halves)
    except Refused as refused:
        if refused.code != "alignment_misses":
            raise
        reject()


@st.composite
def compared_sales(draw: st.DrawFn) -> tuple[Period, Comparison, list[tuple[datetime, int]]]:
    period, comparison = draw(compared_periods())
    minutes = int((comparison.ends - comparison.begins).total_seconds()) // 60
    sales = draw(st.lists(st.tuples(st.integers(-3_000, minutes + 3_000), st.integers(-1_000, 1_000)), max_size=40))
    return period, comparison, [(comparison.begins + timedelta(minutes=at), amount) for at, amount in sales]


@settings(max_examples=150, deadline=None)
@given(compared_sales())
def test_the_comparison_of_each_day_is_what_was_sold_until_the_end_of_its_day(
    sold: tuple[Period, Comparison, list[tuple[datetime, int]]],
) -> None:
    period, comparison, sales = sold

    frozen = frozen_of(comparison, *sales)

    inside = [(when, amount) for when, amount in sales if comparison.begins <= when < comparison.ends]
    ends_of = dict(zip(every_day(comparison.start, comparison.end), comparison.midnights[1:], strict=True))
    running = compared_running(comparison, frozen, period.start, period.end)
    for one, compared in zip(every_day(period.start, period.end)[:-1], running, strict=False):
        tau = aligned(comparison.align, period.start, comparison.start, one)
        until = comparison.begins if tau < comparison.start else ends_of[min(tau, comparison.end)]
        assert compared == sum(amount for when, amount in inside if when < until)
    assert len(running) == period.days
    assert running[-1] == frozen.total == sum(amount for _, amount in inside)


@settings(max_examples=100, deadline=None)
@given(compared_sales(), st.randoms(use_true_random=False))
def test_the_order_of_the_sales_makes_no_difference(
    sold: tuple[Period, Comparison, list[tuple[datetime, int]]], random: Any
) -> None:
    _, comparison, sales = sold
    shuffled = random.sample(sales, len(sales))

    assert frozen_of(comparison, *shuffled) == frozen_of(comparison, *sales)


@settings(max_examples=100, deadline=None)
@given(compared_sales())
def test_a_profile_never_falls_and_ends_at_its_whole(
    sold: tuple[Period, Comparison, list[tuple[datetime, int]]],
) -> None:
    period, comparison, sales = sold
    frozen = frozen_of(comparison, *sales)

    profile = profile_running(comparison, frozen, period.start, period.end)

    assert len(profile) == period.days
    assert profile == sorted(profile)
    assert profile[0] >= 0
    assert profile[-1] == sum(net for net in frozen.nets if net > 0)


@settings(max_examples=100, deadline=None)
@given(compared_sales())
def test_no_more_days_have_sales_than_there_are(sold: tuple[Period, Comparison, list[tuple[datetime, int]]]) -> None:
    _, comparison, sales = sold

    frozen = frozen_of(comparison, *sales)

    assert frozen.days_with_sales <= min(comparison.days, len(sales))
    assert has_none(frozen) == (frozen.days_with_sales == 0)
    if comparison.halves is None:
        assert frozen.halves_with_sales is None
    else:
        assert frozen.halves_with_sales is not None
        assert Fraction(frozen.halves_with_sales, 2) <= open_days_of(comparison)


def test_under_80_percent_of_the_days_with_sales_a_comparison_is_partial() -> None:
    period = Period(date(2026, 11, 1), date(2026, 11, 30), "America/New_York")
    comparison = comparison_of(date(2025, 11, 1), date(2025, 11, 30), period=period)

    assert is_partial(comparison, sold_on(comparison, range(23)))
    assert not is_partial(comparison, sold_on(comparison, range(24)))


def test_sales_on_closed_days_neither_make_up_for_open_days_nor_are_missed() -> None:
    # 2 to 15 November 2025 from Sunday: closed on Sundays, half a day on Saturdays.
    period = Period(date(2026, 11, 1), date(2026, 11, 14), "America/New_York")
    comparison = comparison_of(
        date(2025, 11, 2), date(2025, 11, 15), "same_weekday", period=period, halves=[0, 2, 2, 2, 2, 2, 1] * 2
    )

    assert open_days_of(comparison) == 11
    assert not is_partial(comparison, sold_on(comparison, [1, 2, 3, 4, 5, 8, 9, 10, 11]))  # 9 of 11
    assert is_partial(comparison, sold_on(comparison, [1, 2, 3, 4, 5, 6, 8, 9, 10]))  # 8 and a half of 11
    assert is_partial(comparison, sold_on(comparison, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))  # and both Sundays
    assert sold_on(comparison, [0, 1, 6, 7]).days_with_sales == 4
    assert sold_on(comparison, [0, 1, 6, 7]).halves_with_sales == 3


def test_where_no_day_is_open_none_is_missing() -> None:
    comparison = comparison_of(*JANUARY_2017, period=FEBRUARY_2017, halves=[0] * 31)

    assert open_days_of(comparison) == 0
    assert not is_partial(comparison, sold_on(comparison, []))


def test_without_any_sale_there_is_no_baseline() -> None:
    comparison = comparison_of(*JANUARY_2017, period=FEBRUARY_2017, halves=[0, *[2] * 30])

    assert has_none(frozen_of(comparison, (at("2017-02-01T00:00-05:00"), 1)))
    # A sale on a closed day is one, and a day whose sale was voided had its sales published.
    assert not has_none(sold_on(comparison, [0]))
    assert not has_none(frozen_of(comparison, (comparison.begins, 5_00), (comparison.begins, -5_00)))


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("+10 %", Fraction(10)),
        ("+2%", Fraction(2)),
        ("10 %", Fraction(10)),
        ("+2.5 %", Fraction(5, 2)),
        ("+2.50\N{NARROW NO-BREAK SPACE}%", Fraction(5, 2)),
        ("0.0001%", Fraction(1, 10_000)),
        ("33.3333 %", Fraction(333_333, 10_000)),
        ("+999999.9999 %", Fraction(9_999_999_999, 10_000)),
        ("000000010 %", Fraction(10)),
    ],
)
def test_a_percent_is_read_exactly(text: str, percent: Fraction) -> None:
    assert uplift_percent(text) == percent


@pytest.mark.parametrize(
    "text",
    ["", "%", "10", "+10", "-10 %", "0 %", "+0.0000 %", "1000000 %", "9" * 5_000 + "%", "2.00001 %", "2,5 %", ".5 %",
     "5. %", "1e3 %", "10 %%", " 10 %", "10 % ", "10 %\n", "++10 %", "+ 10 %", "NaN %", "١٠ %", "ten %", "10 percent"],
)  # fmt: skip
def test_what_is_no_percent_above_nothing_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        uplift_percent(text)
    assert (refused.value.code, refused.value.field) == ("bad_goal", "/goal")


@pytest.mark.parametrize(
    ("text", "total", "delta"),
    [
        ("+10 %", 1_000_000_00, 100_000_00),
        ("+2 %", 12_345_67, 246_91),
        ("+2.5 %", 1_00, 2),  # 2.5 cents, a half to the even one
        ("+2.5 %", 3_00, 8),  # 7.5
        ("+50 %", 1, 0),
        ("+10 %", 0, 0),
        ("+10 %", -1_000_00, -100_00),
    ],
)
def test_percents_become_minor_units_half_even(text: str, total: int, delta: int) -> None:
    assert goal_of_percent(uplift_percent(text), total) == delta


@settings(max_examples=200)
@given(st.integers(1, 9_999_999_999), st.integers(-(10**15), 10**15))
def test_a_delta_is_the_nearest_minor_unit(ten_thousandths: int, total: int) -> None:
    percent = uplift_percent(f"+{ten_thousandths // 10_000}.{ten_thousandths % 10_000:04} %")

    exact = Fraction(ten_thousandths * total, 1_000_000)
    assert goal_of_percent(percent, total) == half_even(exact)
    assert abs(goal_of_percent(percent, total) - exact) <= Fraction(1, 2)
