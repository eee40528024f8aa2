"""The forecast: the projection against its golden vectors, and what the paths of days like those so far come to."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from hashlib import shake_256
from itertools import product
from math import comb
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.forecast import (
    BOOTSTRAP,
    DRAWS_MAX,
    MEANING,
    NO_RANGE,
    NONE,
    OBSERVED_MAX,
    PATHS,
    SHRUNK_PACE,
    Forecast,
    Run,
    forecast,
    projected,
)
from domain.money import half_even
from domain.standing import pace_index
from tests.domain.runs import run_after

VECTORS: list[dict[str, Any]] = [
    vector
    for vector in json.loads(Path(__file__).with_name("semantics_vectors.json").read_text(encoding="utf-8"))
    if vector["kind"] == "projection"
]
TARGET = UUID("5a1e5000-0000-4000-8000-000000000001")
FIRST = date(2026, 11, 1)
GOAL = 30_000_00
UNEVEN = [931_17, 1_204_50, 0, 1_118_03, 640_99, 2_310_00, -75_25, 1_002_46]


def day(number: int) -> date:
    """The day of that number, from 1."""
    return FIRST + timedelta(days=number - 1)


def course(sold: Sequence[int], *, days: int = 30, goal: int = GOAL, baseline: int = 0) -> Run:
    """After so many days of a plan that is the same each day."""
    came = [*sold, *[0] * (days - len(sold))]
    plan = Fraction(goal - baseline, days)
    return run_after(
        day(len(sold)), [(day(number), plan, one) for number, one in enumerate(came, 1)], baseline=baseline, goal=goal
    )


def known(minor: int | None) -> int:
    assert minor is not None
    return minor


def ahead_of(seen: Run, *, position: int = 7) -> Forecast:
    return forecast(seen, Fraction(seen.actual), target_id=TARGET, revision=1, position=position)


@st.composite
def courses(draw: st.DrawFn) -> Run:
    """Of either direction, with closed days, refunds, and plans that differ from day to day."""
    days = draw(st.integers(6, 40))
    shares = draw(st.lists(st.integers(0, 5), min_size=days, max_size=days).filter(any))
    span = draw(st.integers(1, 10**7)) * draw(st.sampled_from([1, -1]))
    came = draw(st.lists(st.integers(-(10**5), 10**6), min_size=days, max_size=days))
    direction = 1 if span > 0 else -1
    plans = [Fraction(span * share, sum(shares)) for share in shares]
    planned = [(day(number), plan, direction * one) for number, (plan, one) in enumerate(zip(plans, came, strict=True))]
    return run_after(day(draw(st.integers(0, days))), planned, baseline=50, goal=50 + span)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_a_projection_is_as_the_semantics_say(vector: dict[str, Any]) -> None:
    actual, span, weight = vector["actual_minor"], vector["span_minor"], Fraction(vector["weight"])
    assert weight == Fraction(vector["elapsed_open_days"], vector["open_days_total"])

    value = projected(
        actual,
        pace_index(actual, span * weight),
        baseline=0,
        goal=span,
        weight=weight,
        elapsed_open_days=vector["elapsed_open_days"],
    )

    assert half_even(value) == vector["gives"]


def test_without_a_pace_the_projection_is_the_plan() -> None:
    assert projected(0, None, baseline=0, goal=GOAL, weight=Fraction(0), elapsed_open_days=0) == GOAL
    assert projected(800, None, baseline=800, goal=500, weight=Fraction(0), elapsed_open_days=4) == 500


def test_a_projection_runs_toward_a_goal_below_its_baseline() -> None:
    # Half of the time, a third of the way: rho = (6 * 2/3 + 3) / 9.
    value = projected(700, Fraction(2, 3), baseline=800, goal=500, weight=Fraction(1, 2), elapsed_open_days=6)

    assert value == 700 - Fraction(7, 9) * 150


def test_half_an_open_day_weighs_half() -> None:
    value = projected(0, Fraction(0), baseline=0, goal=700, weight=Fraction(1, 4), elapsed_open_days=Fraction(1, 2))

    assert value == Fraction(3) / Fraction(7, 2) * 700 * Fraction(3, 4)


def test_a_past_exactly_on_plan_makes_the_goal_certain() -> None:
    # A third of a unit a day: nothing is lost to rounding.
    seen = run_after(
        day(6), [(day(number), Fraction(100, 3), 100 if number % 3 == 0 else 0) for number in range(1, 31)],
        baseline=0, goal=1_000,
    )  # fmt: skip
    on_plan = replace(seen, observed=[(Fraction(100), 100)] * 5)

    said = ahead_of(on_plan)

    assert (said.p10, said.p50, said.p90, said.probability) == (1_000, 1_000, 1_000, Fraction(1))
    assert said.date == day(30)
    assert (said.method, said.insufficient) == (BOOTSTRAP, False)


@pytest.mark.parametrize("falling", [False, True])
def test_days_like_those_so_far_reach_the_goal_when_half_of_the_paths_have(falling: bool) -> None:
    sign = -1 if falling else 1

    said = ahead_of(course([sign * 1_500_00] * 10, goal=sign * GOAL))

    assert said.p10 == said.p50 == said.p90 == sign * 45_000_00
    assert said.probability == 1
    assert said.date == day(20)


def test_a_goal_out_of_reach_has_no_date() -> None:
    said = ahead_of(course([900_00] * 10))

    assert (said.p90, said.probability, said.date) == (27_000_00, Fraction(0), None)


def test_the_probability_is_what_the_draws_come_to() -> None:
    # One day in five sells five days' plan, four sell nothing: 4 draws, and one at least is to hit.
    seen = course([0, 0, 500, 0, 0], days=9, goal=900)

    said = ahead_of(seen)

    # Within four standard deviations of 1 - 0.8 ** 4, over 2,000 paths.
    assert said.probability is not None
    assert abs(said.probability - (1 - Fraction(4, 5) ** 4)) < Fraction(1, 20)
    assert (said.p10, said.p90) == (500, 1_500)


def test_paths_spread_as_independent_draws_do() -> None:
    """Against the exact distribution: half of the days bring 200, half nothing, 20 days remain."""
    seen = course([0, 200] * 5, days=30, goal=3_000)

    shares = [
        replace(seen, goal=goal, observed=[(Fraction(100), one) for _, one in seen.observed])
        for goal in range(2_000, 4_001, 400)
    ]

    for one in shares:
        needed = (one.goal - one.actual) // 200
        exact = Fraction(sum(comb(20, hits) for hits in range(needed, 21)), 2**20)
        said = ahead_of(one)
        assert said.probability is not None
        assert abs(said.probability - exact) < Fraction(1, 20), one.goal


def test_a_replay_gives_the_same_bits() -> None:
    # Figures that were published once: another machine or version of Python must not change one of them.
    said = ahead_of(course(UNEVEN), position=1234)

    assert said == Forecast(
        method="daily-ratio bootstrap, 2,000 paths",
        value=7_131_90,
        p10=22_334_13,
        p50=26_694_13,
        p90=31_002_30,
        probability=Fraction(317, 2_000),
        date=None,
        insufficient=False,
        observed=8,
    )
    assert ahead_of(course(UNEVEN), position=1234) == said


def test_the_paths_are_those_of_a_plain_reading() -> None:
    """Path by path, in fractions, from the bytes of the hash: the seed's fields each with its length before it."""
    seen = course(UNEVEN)
    digest = shake_256(b"36:5a1e5000-0000-4000-8000-0000000000011:14:1234").digest(100_000)
    draws = [byte % 8 for byte in digest[: PATHS * 22]]  # 256 is a multiple of 8: no byte is thrown away
    ratios = [came / plan for plan, came in seen.observed]
    plans = [plan for _, plan in seen.remaining]
    paths = sorted(
        sum((plan * ratios[draws[number * PATHS + path]] for number, plan in enumerate(plans)), Fraction(seen.actual))
        for path in range(PATHS)
    )

    said = ahead_of(seen, position=1234)

    assert (said.p10, said.p50, said.p90) == tuple(half_even(paths[rank - 1]) for rank in (200, 1_000, 1_800))
    assert said.probability == Fraction(sum(path >= GOAL for path in paths), PATHS)


def test_a_die_is_fair_whatever_its_sides() -> None:
    # Six sides: a byte over 251 is thrown away, or the low sides would come more often.
    digest = shake_256(b"36:5a1e5000-0000-4000-8000-0000000000011:11:7").digest(3_000)
    draws = [byte % 6 for byte in digest if byte < 252][:PATHS]
    seen = course([0, 0, 0, 0, 0, 700], days=7, goal=700)

    said = ahead_of(seen)

    assert said.probability == 1
    one_day = ahead_of(replace(seen, actual=0))
    assert one_day.probability == Fraction(draws.count(5), PATHS)


def test_each_position_revision_and_target_draws_its_own_paths() -> None:
    seen = course([931_17, 1_204_50, 0, 1_118_03, 640_99, 2_310_00])
    keys = product([TARGET, UUID(int=1)], [1, 2, 11], [1, 2, 11, 111])

    said = {
        forecast(seen, Fraction(0), target_id=target, revision=revision, position=position).p10
        for target, revision, position in keys
    }

    assert len(said) > 20


def test_under_five_observed_open_days_there_is_the_projection_alone() -> None:
    four_open_of_six = replace(
        course([1_000_00] * 6), observed=[(Fraction(100_000), 100_000)] * 4 + [(Fraction(0), 5)] * 2
    )

    said = forecast(four_open_of_six, Fraction(61, 2), target_id=TARGET, revision=1, position=7)

    assert said == Forecast(SHRUNK_PACE, 30, None, 30, None, None, None, insufficient=True, observed=4)
    assert ahead_of(course([1_000_00] * 5)).insufficient is False


def test_every_method_says_what_it_does() -> None:
    assert set(MEANING) == {BOOTSTRAP, SHRUNK_PACE, NO_RANGE, *NONE}
    assert f"{PATHS:,} paths" in BOOTSTRAP


def test_what_closed_days_bring_counts_and_is_the_next_open_days_ratio() -> None:
    plan = [Fraction(0), Fraction(0), *[Fraction(100)] * 10]
    came = [60, 40, 0, 100, 100, 100, 100, *[0] * 5]
    days = [(day(number), one, brought) for number, (one, brought) in enumerate(zip(plan, came, strict=True), 1)]

    said = ahead_of(run_after(day(7), days, baseline=0, goal=1_000))

    assert (said.p10, said.p90, said.probability) == (1_000, 1_000, Fraction(1))


def test_a_plan_that_goes_away_from_the_goal_is_a_closed_day() -> None:
    # A goal lowered under what was expected: the plan falls, the days that remain bring nothing.
    seen = course([1_000_00] * 10)

    said = ahead_of(replace(seen, remaining=[(one, -plan) for one, plan in seen.remaining]))

    assert (said.p10, said.p90, said.probability) == (10_000_00, 10_000_00, Fraction(0))


def test_a_goal_reached_keeps_its_day_and_may_still_be_lost() -> None:
    # 4 of 5 days bring ten days' plan, the fifth takes most of it back.
    sold = [10_000_00, 10_000_00, 10_000_00, 10_000_00, -39_000_00, 30_000_00]

    said = ahead_of(course(sold))

    assert said.date == day(6)
    assert said.probability is not None
    assert 0 < said.probability < 1


def test_the_day_of_a_goal_reached_and_lost_is_forgotten() -> None:
    lost = course([29_000_00, 2_000_00, -2_000_00, 100_00, 100_00])
    back = course([29_000_00, 2_000_00, -2_000_00, 100_00, 1_000_00])

    assert (lost.reached_on, back.reached_on) == (None, day(5))
    assert ahead_of(replace(lost, reached_on=day(2))).date != day(2)


def test_a_goal_reached_early_has_its_day_even_where_the_rest_is_insufficient() -> None:
    said = ahead_of(course([31_000_00, 0]))

    assert (said.date, said.probability, said.insufficient) == (day(1), None, True)


def test_with_no_day_left_the_actual_is_the_end_of_every_path() -> None:
    met, missed = ahead_of(course([GOAL // 30] * 30)), ahead_of(course([GOAL // 31] * 30))

    assert (met.p10, met.p50, met.p90, met.probability, met.date) == (GOAL, GOAL, GOAL, Fraction(1), day(30))
    assert (missed.p10, missed.probability, missed.date) == (GOAL // 31 * 30, Fraction(0), None)


def test_a_course_knows_nothing_of_later_days() -> None:
    days = [(day(number), Fraction(100), 90 + number) for number in range(1, 31)]
    otherwise = [(one, plan, came if one <= day(9) else 10**9) for one, plan, came in days]

    seen = run_after(day(9), days, baseline=20, goal=3_020)

    assert seen == run_after(day(9), otherwise, baseline=20, goal=3_020)
    assert seen.actual == 20 + sum(range(91, 100))
    assert (len(seen.observed), seen.remaining[0][0], len(seen.remaining)) == (9, day(10), 21)


def test_of_many_observed_days_the_latest_count() -> None:
    long_ago, lately = [0] * 44, [200] * OBSERVED_MAX

    said = ahead_of(course([*long_ago, *lately], days=365, goal=36_500))

    assert said.p10 == said.p90 == 200 * OBSERVED_MAX + 65 * 200


def test_over_more_than_a_year_a_draw_stands_for_days_in_a_row() -> None:
    days = 10 * DRAWS_MAX
    evenly, unevenly = course([100] * 30, days=days, goal=100 * days), course([0, 200] * 15, days=days, goal=100 * days)

    certain, spread = ahead_of(evenly), ahead_of(unevenly)

    assert (certain.p10, certain.p90, certain.probability, certain.date) == (
        100 * days,
        100 * days,
        Fraction(1),
        day(days),
    )
    # A zero and a two hundred by turns: ten days in a row are worth ten days.
    assert (spread.p10, spread.p90) == (100 * days, 100 * days)


def test_a_gain_is_at_its_goal_once_it_is_past_what_its_comparison_still_takes() -> None:
    seen = course([1_500_00] * 10)
    held_back = {day(number): 20_000_00 if number < 25 else 0 for number in range(11, 31)}

    assert (ahead_of(seen).date, ahead_of(replace(seen, held_back=held_back)).date) == (day(20), day(25))


@settings(max_examples=40, deadline=None)
@given(courses())
def test_a_range_is_in_order_and_a_probability_is_a_share_of_the_paths(seen: Run) -> None:
    said = ahead_of(seen)

    if said.insufficient:
        assert (said.p10, said.p90, said.probability) == (None, None, None)
        return
    assert said.p10 is not None
    assert said.p90 is not None
    assert said.probability is not None
    assert said.p10 <= known(said.p50) <= said.p90
    assert 0 <= said.probability <= 1
    assert PATHS % said.probability.denominator == 0
    # A date is there where half of the paths end at the goal.
    assert said.date is not None or said.probability < Fraction(1, 2)


@settings(max_examples=40, deadline=None)
@given(courses(), st.data())
def test_selling_more_never_lowers_the_forecast(seen: Run, data: st.DataObject) -> None:
    more = data.draw(st.lists(st.integers(0, 10**5), min_size=len(seen.observed), max_size=len(seen.observed)))
    better = replace(
        seen,
        actual=seen.actual + seen.direction * sum(more),
        observed=[
            (plan, came + seen.direction * extra) for (plan, came), extra in zip(seen.observed, more, strict=True)
        ],
    )

    before, after = ahead_of(seen), ahead_of(better)

    assert seen.direction * known(after.p50) >= seen.direction * known(before.p50)
    if before.probability is not None and after.probability is not None:
        assert after.probability >= before.probability


@settings(max_examples=20, deadline=None)
@given(courses())
def test_a_level_that_should_fall_is_forecast_as_one_that_should_rise(seen: Run) -> None:
    mirrored = Run(
        -seen.baseline,
        -seen.goal,
        -seen.actual,
        [(-plan, -came) for plan, came in seen.observed],
        [(one, -plan) for one, plan in seen.remaining],
        seen.reached_on,
    )

    said, mirror = ahead_of(seen), ahead_of(mirrored)

    assert (said.probability, said.date) == (mirror.probability, mirror.date)
    assert known(said.value) == -known(mirror.value)
