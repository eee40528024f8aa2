"""Paces by the day: how what is due by the end of each local day lies over the instants, whatever clocks do."""

from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import accumulate, cycle, islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.pace import (
    Curve,
    Point,
    Weighting,
    daily,
    days_elapsed,
    linear,
    running_of_halves,
    running_of_points,
    running_of_profile,
    running_of_weights,
    weight_daily,
)
from domain.period import Period
from domain.rrule import WEEKDAYS
from domain.schedule import parse_schedule
from tests.domain.periods import ZONES, period, periods, rules

MOMENT = timedelta(microseconds=1)

Running = list[Fraction]


def shares(text: str) -> Running:
    return [Fraction(one) for one in text.split()]


def cutoffs_of(over: Period, rule: str | list[str] | None, pacing: str = "weighted") -> list[datetime]:
    return [one.cutoff for one in parse_schedule(rule, over).checkpoints(over, pacing)]


def nov(day: int) -> date:
    return date(2026, 11, day)


# Whatever the days bring, in any zone


@st.composite
def day_paces(draw: st.DrawFn) -> tuple[Period, Running]:
    """A period, and what is due by the end of each of its days by one of the pacings."""
    over = draw(periods())
    first, last, days = over.start, over.end, over.days
    amounts = list(islice(cycle(draw(st.lists(st.integers(0, 3), min_size=1, max_size=9))), days))
    amounts[draw(st.integers(0, days - 1))] += 1
    match draw(st.sampled_from(["business_days", "weighted", "last_year", "explicit"])):
        case "business_days":
            return over, running_of_halves([min(2, amount) for amount in amounts])
        case "weighted":
            weights = {name: str(draw(st.integers(1, 9))) for name in WEEKDAYS}
            return over, running_of_weights(Weighting("weekday", weights), first, last)
        case "last_year":
            return over, running_of_profile(list(accumulate(amounts)))
    baseline, goal = draw(st.sampled_from([(0, 100_00), (8_00, 5_00), (-7, 11)]))
    way = sorted(draw(st.lists(st.integers(min(baseline, goal), max(baseline, goal)), max_size=5)))
    chosen = sorted(draw(st.sets(st.integers(0, days - 1), min_size=1, max_size=1 + len(way))))
    values = (way if goal > baseline else way[::-1])[: len(chosen) - 1]
    points = [Point(first + timedelta(days=day), value) for day, value in zip(chosen, [*values, goal], strict=False)]
    return over, running_of_points(points, first, last, baseline, goal)


@settings(deadline=None, max_examples=60)
@given(day_paces(), rules(), st.integers(-50, 5_000), st.integers(0, 59))
def test_the_weight_of_one_instant_is_what_the_whole_daily_curve_says(
    paced: tuple[Period, Running], rule: str | None, hours: int, minutes: int
) -> None:
    over, running = paced
    midnights, cutoffs = over.midnights(), cutoffs_of(over, rule)
    curve = daily(midnights, cutoffs, running)
    at = midnights[0] + timedelta(hours=hours, minutes=minutes)

    instants = [near for one in (*midnights, *cutoffs, at) for near in (one - MOMENT, one, one + MOMENT)]

    assert [weight_daily(midnights, cutoffs, running, one) for one in instants] == list(map(curve.weight, instants))


@settings(deadline=None, max_examples=60)
@given(day_paces(), rules())
def test_a_daily_pace_never_falls_begins_at_nothing_and_ends_at_the_whole(
    paced: tuple[Period, Running], rule: str | None
) -> None:
    over, running = paced
    midnights, cutoffs = over.midnights(), cutoffs_of(over, rule)

    curve = daily(midnights, cutoffs, running)

    assert len(running) == over.days
    assert curve.weight(midnights[0] - MOMENT) == curve.weight(midnights[0]) == 0
    assert curve.weight(midnights[-1]) == running[-1] == 1
    assert midnights[0] < curve.steps[0][0]
    assert curve.steps[-1][0] <= midnights[-1]
    assert curve.steps[0][1] > 0
    assert all(earlier[0] < later[0] and earlier[1] < later[1] for earlier, later in pairwise(curve.steps))


@settings(deadline=None, max_examples=60)
@given(day_paces(), rules())
def test_a_day_is_one_day_however_long_it_is_and_counts_whole_from_its_first_cutoff_on(
    paced: tuple[Period, Running], rule: str | None
) -> None:
    over, running = paced
    midnights, cutoffs = over.midnights(), cutoffs_of(over, rule)

    curve = daily(midnights, cutoffs, running)

    for number, (begins, ends) in enumerate(pairwise(midnights)):
        if begins == ends:
            continue
        before = running[number - 1] if number else Fraction(0)
        first = min((cutoff for cutoff in cutoffs if begins < cutoff < ends), default=ends)
        assert curve.weight(begins) == curve.weight(first - MOMENT) == before
        skipped = sum(midnight == ends for midnight in midnights) - 1
        assert curve.weight(first) == running[number if first < ends else number + skipped]
        assert curve.weight(ends) == running[number + skipped]


@settings(deadline=None, max_examples=40)
@given(periods(), rules())
def test_equal_days_are_a_linear_pace(over: Period, rule: str | None) -> None:
    midnights, cutoffs = over.midnights(), cutoffs_of(over, rule, "linear")
    alike = running_of_weights(Weighting("weekday", dict.fromkeys(WEEKDAYS, "0.5")), over.start, over.end)

    assert daily(midnights, cutoffs, alike) == linear(midnights, cutoffs)
    assert running_of_halves([2] * over.days) == alike


# What clocks do

GAPS = [
    ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00Z"),
    ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00Z"),
    ("America/St_Johns", "2026-03-08", "02:30", "2026-03-08T05:30Z"),
    ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30Z"),
    ("Pacific/Auckland", "2026-09-27", "02:30", "2026-09-26T14:00Z"),
]
GAPS_AT_MIDNIGHT = [
    ("America/Havana", "2026-03-08", "00:30", "2026-03-08T05:00Z"),
    ("America/Sao_Paulo", "2018-11-04", "00:30", "2018-11-04T03:00Z"),
    ("Asia/Beirut", "2025-03-30", "00:30", "2025-03-29T22:00Z"),
    ("Africa/Cairo", "2025-04-25", "00:30", "2025-04-24T22:00Z"),
]
STEADY = {"UTC", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia"}
"""Zones of these tests whose clocks don't change any more."""


def around(day: str, zone: str) -> Period:
    return Period(date.fromisoformat(day) - timedelta(days=2), date.fromisoformat(day) + timedelta(days=2), zone)


def rule_at(clock: str, over: Period) -> str:
    hour, minute = clock.split(":")
    return f"FREQ=WEEKLY;BYDAY={WEEKDAYS[(over.start.weekday() + 2) % 7]};BYHOUR={hour};BYMINUTE={minute}"


@pytest.mark.parametrize(("zone", "day", "clock", "instant"), GAPS, ids=[zone for zone, *_ in GAPS])
def test_a_checkpoint_at_a_time_that_does_not_exist_moves_after_the_gap_and_its_day_counts_whole(
    zone: str, day: str, clock: str, instant: str
) -> None:
    over, moved, running = around(day, zone), datetime.fromisoformat(instant), running_of_profile([1, 3, 6, 10, 15])
    checkpoint = parse_schedule(rule_at(clock, over), over).checkpoints(over, "weighted")[0]

    curve = daily(over.midnights(), [checkpoint.cutoff], running)

    assert (checkpoint.cutoff, checkpoint.day.isoformat()) == (moved, day)
    assert (curve.weight(moved - MOMENT), curve.weight(moved)) == (running[1], running[2])


@pytest.mark.parametrize(
    ("zone", "day", "clock", "instant"), GAPS_AT_MIDNIGHT, ids=[zone for zone, *_ in GAPS_AT_MIDNIGHT]
)
def test_where_midnight_is_in_the_gap_the_first_instant_after_it_is_the_day_s_first_and_closes_the_day_before(
    zone: str, day: str, clock: str, instant: str
) -> None:
    over, moved, running = around(day, zone), datetime.fromisoformat(instant), running_of_profile([1, 3, 6, 10, 15])
    checkpoint = parse_schedule(rule_at(clock, over), over).checkpoints(over, "weighted")[0]

    curve = daily(over.midnights(), [checkpoint.cutoff], running)

    assert (checkpoint.cutoff, checkpoint.day) == (moved, date.fromisoformat(day) - timedelta(days=1))
    assert (curve.weight(moved - MOMENT), curve.weight(moved)) == (running[0], running[1])


@pytest.mark.parametrize("zone", ZONES)
def test_leap_days_month_ends_and_both_changes_of_the_clock_are_days_like_any_other(zone: str) -> None:
    over = Period(date(2027, 9, 1), date(2028, 5, 31), zone)
    midnights = over.midnights()
    months = running_of_weights(Weighting("month", ["1"] * 9), over.start, over.end)

    weights = [weight_daily(midnights, midnights[-1:], months, midnight) for midnight in midnights]

    lengths = {ends - begins for begins, ends in pairwise(midnights)}
    assert len(lengths) == (1 if zone in STEADY else 3)
    firsts = [date(2027 + month // 12, month % 12 + 1, 1) for month in range(9, 17)]
    assert [weights[(first - over.start).days] for first in firsts] == [Fraction(month, 9) for month in range(1, 9)]
    leap_day = (date(2028, 2, 29) - over.start).days
    assert weights[leap_day + 1] - weights[leap_day] == Fraction(1, 9 * 29)


def test_a_day_that_the_zone_skipped_brings_its_part_at_the_end_of_the_day_before() -> None:
    over = period("2011-12-28", "2011-12-31", "Pacific/Apia")
    midnights = over.midnights()

    curve = daily(midnights, [], running_of_profile([1, 3, 6, 10]))

    assert curve == Curve(tuple(zip(midnights[1:2] + midnights[3:], shares("1/10 6/10 1"), strict=True)))


def test_days_elapsed_count_a_day_from_its_first_cutoff_on() -> None:
    over = period("2026-11-01", "2026-11-03")
    midnights, noon = over.midnights(), over.resolve(nov(2), time(12))

    instants = [midnights[0] - MOMENT, midnights[1] - MOMENT, midnights[1], noon - MOMENT, noon, midnights[3], noon]

    assert [days_elapsed(midnights, [noon], at) for at in instants] == [0, 0, 1, 1, 2, 3, 2]


def test_days_that_bring_nothing_make_no_step() -> None:
    over = period("2026-11-20", "2026-11-23")
    midnights = over.midnights()

    curve = daily(midnights, cutoffs_of(over, "FREQ=DAILY;BYHOUR=12"), running_of_halves([2, 0, 0, 2]))

    assert curve.steps == (
        (over.resolve(nov(20), time(12)), Fraction(1, 2)),
        (over.resolve(nov(23), time(12)), Fraction(1)),
    )
