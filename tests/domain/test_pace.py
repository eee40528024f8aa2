"""Pace: what a target expects by when, against the golden vectors and in general."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import calendar_of, open_days
from domain.money import half_even
from domain.pace import (
    PACINGS,
    Curve,
    daily,
    equal_steps,
    expected,
    linear,
    pacing_of,
    running_of_halves,
    running_of_profile,
    steps_of,
    weight_equal_steps,
    weight_linear,
)
from domain.period import Period
from domain.refusal import Refused
from domain.rrule import WEEKDAYS
from domain.schedule import PlannedCheckpoint, parse_schedule
from tests.domain.periods import end_of, period, periods, rules

EVERY_VECTOR: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("semantics_vectors.json").read_text(encoding="utf-8")
)
KINDS = {"expected", "expected_profile", "allocate", "status", "align", "projection", "revision"}
VECTORS = [vector for vector in EVERY_VECTOR if vector["kind"] == "expected"]
PROFILES = [vector for vector in EVERY_VECTOR if vector["kind"] == "expected_profile"]


def halves_of(over: Period, closed: Sequence[str]) -> list[int]:
    """Of the days that are open but for some weekdays and dates."""
    weekdays = [name for name in closed if name in WEEKDAYS]
    calendar = calendar_of(closed=weekdays, days={day: "closed" for day in closed if day not in weekdays})
    return open_days(calendar, over.start, over.end, lambda *_: {}).halves


def curve_of(
    over: Period, spec: str | list[str] | None, pacing: str = "equal_steps", closed: Sequence[str] = ()
) -> tuple[Curve, tuple[PlannedCheckpoint, ...]]:
    schedule = parse_schedule(spec, over)
    midnights, checkpoints = over.midnights(), schedule.checkpoints(over, pacing)
    cutoffs = [checkpoint.cutoff for checkpoint in checkpoints]
    if pacing == "linear":
        return linear(midnights, cutoffs), checkpoints
    if pacing == "business_days":
        return daily(midnights, cutoffs, running_of_halves(halves_of(over, closed))), checkpoints
    return equal_steps(midnights, steps_of(midnights, cutoffs, schedule)), checkpoints


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_expected_values_and_evaluations_are_as_the_semantics_say(vector: dict[str, Any]) -> None:
    over = period(vector["start"], vector["end"])

    curve, checkpoints = curve_of(over, vector["checkpoints"], vector["pacing"], vector.get("closed", ()))

    assert {
        day: half_even(expected(curve, vector["goal_minor"], end_of(over, date.fromisoformat(day))))
        for day in vector["expected"]
    } == vector["expected"]
    if "evaluations" in vector:
        assert [checkpoint.day.isoformat() for checkpoint in checkpoints] == vector["evaluations"]
        assert [one.day.isoformat() for one in checkpoints if one.closing] == [vector["closing"]]
        assert checkpoints[-1].cutoff == over.midnights()[-1]


@pytest.mark.parametrize("vector", PROFILES, ids=[vector["name"] for vector in PROFILES])
def test_a_profile_expects_the_share_that_it_had_by_then(vector: dict[str, Any]) -> None:
    weights = running_of_profile(vector["profile_minor"])

    assert [half_even(vector["goal_minor"] * weight) for weight in weights] == vector["expected_list"]


def test_every_golden_vector_is_tested() -> None:
    assert {vector["kind"] for vector in EVERY_VECTOR} == KINDS


@settings(deadline=None)
@given(periods(), rules(), st.sampled_from(["equal_steps", "linear"]))
def test_a_pace_never_falls_begins_at_nothing_and_ends_at_the_whole(
    over: Period, rule: str | None, pacing: str
) -> None:
    midnights = over.midnights()

    curve, checkpoints = curve_of(over, rule, pacing)

    assert curve.weight(midnights[0]) == 0
    assert curve.weight(midnights[-1]) == 1
    assert all(earlier[0] < later[0] and earlier[1] <= later[1] for earlier, later in pairwise(curve.steps))
    assert midnights[0] < curve.steps[0][0]
    assert curve.steps[-1][0] <= midnights[-1]
    cutoffs = [checkpoint.cutoff for checkpoint in checkpoints]
    assert cutoffs == sorted(set(cutoffs))
    assert [one.number for one in checkpoints] == list(range(1, len(checkpoints) + 1))
    assert [one.closing for one in checkpoints] == [False] * (len(checkpoints) - 1) + [True]
    assert midnights[0] < cutoffs[0]
    assert cutoffs[-1] == midnights[-1]


@settings(deadline=None)
@given(periods(), rules(), st.sampled_from(["equal_steps", "linear"]), st.integers(-200, 5_000), st.integers(0, 5))
def test_the_weight_of_one_instant_is_what_the_whole_curve_says(
    over: Period, rule: str | None, pacing: str, hours: int, jitter: int
) -> None:
    schedule, midnights = parse_schedule(rule, over), over.midnights()
    curve, checkpoints = curve_of(over, rule, pacing)
    cutoffs = [checkpoint.cutoff for checkpoint in checkpoints]
    at = midnights[0] + timedelta(hours=hours, microseconds=jitter - 2)
    steps = steps_of(midnights, cutoffs, schedule)

    for instant in (at, *cutoffs, *midnights, curve.steps[len(curve.steps) // 2][0]):
        if pacing == "linear":
            assert weight_linear(midnights, cutoffs, instant) == curve.weight(instant)
        else:
            assert weight_equal_steps(midnights, steps, instant) == curve.weight(instant)


@settings(deadline=None)
@given(periods(), rules())
def test_equal_steps_are_equal(over: Period, rule: str | None) -> None:
    schedule, midnights = parse_schedule(rule, over), over.midnights()
    cutoffs = [checkpoint.cutoff for checkpoint in schedule.checkpoints(over)]
    steps = steps_of(midnights, cutoffs, schedule)

    curve = equal_steps(midnights, steps)

    assert [curve.weight(step) for step in steps] == [Fraction(k, len(steps)) for k in range(1, len(steps) + 1)]


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]))
def test_every_month_is_four_weekly_steps_whatever_its_weekday(day: date, weekday: str) -> None:
    start = day.replace(day=1)
    end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    over = Period(start, end, "UTC")
    schedule, midnights = parse_schedule(f"FREQ=WEEKLY;BYDAY={weekday}", over), over.midnights()

    steps = steps_of(midnights, [one.cutoff for one in schedule.checkpoints(over)], schedule)

    assert len(steps) == 4


@pytest.mark.parametrize(
    ("start", "end", "rule", "weights"),
    [
        # A week of 6 days and 4 weeks: five checkpoints are more than the four whole weeks, and all take a step.
        ("2026-11-01", "2026-12-04", "FREQ=WEEKLY;BYDAY=FR", "1/5 2/5 3/5 4/5 1"),
        ("2026-11-01", "2026-11-30", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "1/2 1 1"),
        ("2026-01-01", "2026-12-31", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "1/4 1/2 3/4 1"),
        ("2026-01-15", "2026-04-14", "FREQ=MONTHLY", "1/3 2/3 1"),
        ("2026-11-02", "2026-11-05", "FREQ=WEEKLY;BYDAY=FR", "1"),
        # Several days an interval: the closing one takes none.
        ("2026-04-01", "2026-04-30", "FREQ=MONTHLY;BYMONTHDAY=1,15", "1/2 1 1"),
        ("2026-11-23", "2026-11-27", "FREQ=DAILY;BYHOUR=12", "1/5 2/5 3/5 4/5 1 1"),
    ],
)
def test_a_checkpoint_expects_its_share_of_the_steps(start: str, end: str, rule: str, weights: str) -> None:
    curve, checkpoints = curve_of(period(start, end), rule)

    assert " ".join(str(curve.weight(one.cutoff)) for one in checkpoints) == weights


def test_equal_steps_grow_at_local_midnights_between_cutoffs_inside_the_day() -> None:
    over = period("2026-11-01", "2026-11-15")

    curve, _ = curve_of(over, "FREQ=WEEKLY;BYDAY=FR;BYHOUR=17")

    # From Friday 17:00 to Friday 17:00 there are seven midnights, the last one on Friday morning.
    weights = [curve.weight(end_of(over, date(2026, 11, day))) for day in range(6, 14)]
    assert weights == [Fraction(7 + min(days, 7), 14) for days in range(1, 9)]
    assert curve.weight(datetime(2026, 11, 6, 22, tzinfo=UTC)) == Fraction(1, 2)


def test_cutoffs_on_one_day_step_at_their_instants() -> None:
    over = period("2026-11-01", "2026-11-30")

    curve, _ = curve_of(over, ["2026-11-06T12:00Z", "2026-11-06T18:00Z"])

    instants = ["2026-11-06T12:00+00:00", "2026-11-06T17:59+00:00", "2026-11-06T18:00+00:00"]
    assert [curve.weight(datetime.fromisoformat(text)) for text in instants] == [Fraction(1, 2), Fraction(1, 2), 1]


def test_a_list_takes_its_own_steps_and_the_closing_one_only_when_listed() -> None:
    over = period("2026-11-01", "2026-11-30")

    for spec, weights in (
        (["2026-11-10", "2026-11-20"], [Fraction(1, 2), 1, 1]),
        (["2026-11-10", "2026-11-30"], [Fraction(1, 2), 1]),
        (["2026-11-30"], [1]),
        ([], [1]),
    ):
        curve, checkpoints = curve_of(over, spec)
        assert [curve.weight(one.cutoff) for one in checkpoints] == weights


def test_under_a_linear_pace_a_checkpoint_counts_its_own_day_whole() -> None:
    over = period("2026-11-01", "2026-11-30")

    curve, checkpoints = curve_of(over, "FREQ=WEEKLY;BYDAY=FR;BYHOUR=17", "linear")

    friday = checkpoints[0].cutoff
    assert curve.weight(friday - timedelta(seconds=1)) == Fraction(5, 30)
    assert curve.weight(friday) == curve.weight(end_of(over, date(2026, 11, 6))) == Fraction(6, 30)


def test_a_day_that_the_zone_skipped_still_counts_in_its_week() -> None:
    over = period("2011-12-24", "2012-01-02", "Pacific/Apia")

    curve, _ = curve_of(over, None, "linear")

    assert curve.weight(end_of(over, date(2011, 12, 28))) == Fraction(5, 10)
    assert curve.weight(end_of(over, date(2011, 12, 29))) == Fraction(7, 10)


def test_expected_runs_from_the_baseline_to_the_goal_and_keeps_fractions() -> None:
    over = period("2026-11-01", "2026-11-03")
    curve, _ = curve_of(over, None, "linear")

    first_day = end_of(over, date(2026, 11, 1))

    assert expected(curve, 100, first_day) == Fraction(100, 3)
    assert expected(curve, 500, first_day, baseline=800) == 700


def test_the_pacing_is_equal_steps_with_checkpoints_and_linear_without() -> None:
    assert pacing_of(None, scheduled=True) == "equal_steps"
    assert pacing_of(None, scheduled=False) == "linear"
    assert [pacing_of(name, scheduled=True) for name in PACINGS] == list(PACINGS)
    with pytest.raises(Refused) as refused:
        pacing_of("as_you_like", scheduled=True)
    assert (refused.value.code, refused.value.field) == ("unknown_pacing", "/pacing/kind")
