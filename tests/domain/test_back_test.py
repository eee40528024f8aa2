"""The back-test: what the outcomes say of the forecasts that were made of them."""

from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.back_test import Bucket, Score, Scored, score
from domain.forecast import BOOTSTRAP, SHRUNK_PACE, Forecast, forecast
from tests.domain.runs import run_after

GOAL = 1_000


def said(p10: int, p50: int, p90: int, probability: Fraction) -> Forecast:
    return Forecast(BOOTSTRAP, p50, p10, p50, p90, probability, None, insufficient=False)


def early(value: int) -> Forecast:
    return Forecast(SHRUNK_PACE, value, None, value, None, None, None, insufficient=True)


def test_without_forecasts_there_is_nothing_to_say() -> None:
    assert score([]) == Score(0, 0, None, None, None, ())


def test_a_score_is_exact() -> None:
    found = score(
        [
            Scored(said(900, 1_000, 1_100, Fraction(1, 2)), 0, GOAL, outcome=1_100),
            Scored(said(700, 800, 950, Fraction(1, 10)), 0, GOAL, outcome=960),
            Scored(said(990, 1_010, 1_030, Fraction(3, 5)), 0, GOAL, outcome=999),
            Scored(early(1_050), 0, GOAL, outcome=1_000),
        ]
    )

    assert (found.forecasts, found.insufficient) == (4, 1)
    assert found.contained == Fraction(2, 3)
    assert found.error == Fraction(100 + 160 + 11 + 50, 4 * GOAL)
    assert found.brier == (Fraction(1, 4) + Fraction(1, 100) + Fraction(9, 25)) / 3


def test_the_range_contains_its_own_ends() -> None:
    forecasts = [Scored(said(900, 950, 1_000, Fraction(0)), 0, GOAL, outcome) for outcome in (899, 900, 1_000, 1_001)]

    assert [one.contained for one in forecasts] == [False, True, True, False]


def test_calibration_puts_forecasts_beside_what_came_of_them() -> None:
    found = score(
        Scored(said(0, 0, 0, probability), 0, GOAL, outcome)
        for probability, outcome in [
            (Fraction(1), 1_000),
            (Fraction(9, 10), 999),
            (Fraction(1, 10), 0),
            (Fraction(3, 20), 2_000),
            (Fraction(199, 2000), 0),
        ]
    )

    assert found.calibration == (
        Bucket(Fraction(0), Fraction(1, 10), 1, said=Fraction(199, 2000), came=Fraction(0)),
        Bucket(Fraction(1, 10), Fraction(1, 5), 2, said=Fraction(1, 8), came=Fraction(1, 2)),
        Bucket(Fraction(9, 10), Fraction(1), 2, said=Fraction(19, 20), came=Fraction(1, 2)),
    )


def test_a_goal_below_its_baseline_is_reached_from_above() -> None:
    outcomes = [Scored(early(500), 800, 500, outcome) for outcome in (499, 500, 501)]

    assert [one.reached for one in outcomes] == [True, True, False]
    assert [one.error for one in outcomes] == [Fraction(1, 300), 0, Fraction(1, 300)]


def test_a_target_that_goes_as_planned_scores_best() -> None:
    first = date(2026, 11, 1)
    days = [(first + timedelta(days=number), Fraction(100), 100) for number in range(30)]
    seen = [run_after(first + timedelta(days=upto), days, baseline=0, goal=3_000) for upto in (5, 12, 19, 26)]

    found = score(
        Scored(forecast(one, Fraction(3_000), target_id=UUID(int=1), revision=1, position=9), 0, 3_000, outcome=3_000)
        for one in seen
    )

    assert (found.forecasts, found.insufficient) == (4, 0)
    assert [found.error, found.contained, found.brier] == [0, 1, 0]
    assert found.calibration == (Bucket(Fraction(9, 10), Fraction(1), 4, said=Fraction(1), came=Fraction(1)),)


@given(st.lists(st.tuples(st.fractions(0, 1, max_denominator=2_000), st.integers(0, 2 * GOAL)), min_size=1))
def test_each_forecast_is_in_one_bucket_of_its_probability(made: list[tuple[Fraction, int]]) -> None:
    found = score(Scored(said(0, 0, 0, probability), 0, GOAL, outcome) for probability, outcome in made)

    assert sum(bucket.forecasts for bucket in found.calibration) == len(made)
    assert all(bucket.low <= bucket.said <= bucket.high for bucket in found.calibration)
    assert found.brier is not None
    assert 0 <= found.brier <= 1
