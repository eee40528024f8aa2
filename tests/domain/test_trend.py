"""The trend: slipping and stalled, judged on the last open days."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.trend import Trend, burn, by_open_day, slipping_holds, trend_of

GOAL = 10_000

OPEN_DAYS = st.lists(
    st.tuples(st.fractions(Fraction(1, 7), 1_000, max_denominator=700), st.integers(-1_000, 2_000)), max_size=8
)


def trend(of: list[tuple[Fraction, int]], span: int) -> Trend:
    """The trend after these days, closed ones among them."""
    return trend_of(by_open_day(of, span), span)


def days(*percent: int) -> list[tuple[Fraction, int]]:
    """Days of a plan of 100 each, of which so many per cent came."""
    return [(Fraction(100), one) for one in percent]


def test_a_burn_is_the_shortfall_over_a_fifth_of_the_plan() -> None:
    assert [burn(Fraction(100), actual, GOAL) for actual in (120, 100, 80, 40, 0)] == [-1, 0, 1, 3, 5]
    assert burn(Fraction(100, 3), 10, GOAL) == Fraction(7, 2)


def test_where_the_plan_adds_nothing_no_burn_is_defined() -> None:
    assert burn(Fraction(0), -50, GOAL) is None
    # The goal was lowered under what was expected: the plan falls.
    assert burn(Fraction(-100), 10, GOAL) is None


@pytest.mark.parametrize(
    ("percent", "slipping", "stalled"),
    [
        ((100, 100, 100, 100, 100), False, False),
        ((80, 80, 80, 80, 80), True, False),
        ((81, 80, 80, 80, 80), False, False),
        ((50, 50, 50, 50, 81), False, False),
        ((100, 100, 100, 100, 0), True, False),
        ((100, 100, 100, 40, 40), True, True),
        ((100, 100, 100, 41, 40), True, False),
        ((100, 100, 100, 0, 41), True, False),
        ((200, 200, 200, 40, 40), False, True),
        ((0, 0, 0, 0), False, True),
        ((0, 0), False, True),
        ((0,), False, False),
        ((), False, False),
    ],
)
def test_a_target_slips_over_five_open_days_and_stalls_over_two(
    percent: Sequence[int], slipping: bool, stalled: bool
) -> None:
    found = trend(days(*percent), GOAL)

    assert (found.slipping, found.stalled) == (slipping, stalled)


def test_fewer_open_days_than_a_window_have_no_burn_over_it() -> None:
    assert trend(days(0, 0, 0, 0), GOAL) == Trend(burn_5=None, burn_2=Fraction(5), burn_1=Fraction(5))
    assert trend([], GOAL) == Trend(None, None, None)


def test_days_before_the_last_five_open_ones_change_nothing() -> None:
    assert trend(days(900, 70, 80, 90, 100, 60), GOAL) == trend(days(70, 80, 90, 100, 60), GOAL)


def test_a_closed_day_counts_on_the_next_open_one() -> None:
    weekend = [(Fraction(0), 30), (Fraction(0), 20)]

    assert by_open_day([*weekend, *days(50), *weekend, *days(10, 20)], GOAL) == days(100, 60, 20)


def test_a_closed_day_neither_ends_a_trend_nor_begins_one() -> None:
    week, weekend = days(80, 80, 80, 80, 80), [(Fraction(0), 0), (Fraction(0), 500)]

    assert trend([*week, *weekend], GOAL) == trend(week, GOAL)


def test_slipping_alerts_when_it_holds_for_two_evaluations() -> None:
    slips, holds = trend(days(80, 80, 80, 80, 80), GOAL), trend(days(80, 80, 80, 80, 100), GOAL)

    assert slipping_holds(slips, slips)
    assert not slipping_holds(None, slips)
    assert not slipping_holds(holds, slips)
    assert not slipping_holds(slips, holds)


@given(OPEN_DAYS)
def test_a_level_that_should_fall_trends_as_one_that_should_rise(rising: list[tuple[Fraction, int]]) -> None:
    falling = [(-plan, -actual) for plan, actual in rising]

    assert trend(falling, -GOAL) == trend(rising, GOAL)


@given(OPEN_DAYS, st.integers(0, 7), st.integers(0, 500))
def test_selling_more_never_begins_a_slip(sold: list[tuple[Fraction, int]], index: int, more: int) -> None:
    better = [(plan, actual + more * (number == index)) for number, (plan, actual) in enumerate(sold)]

    before, after = trend(sold, GOAL), trend(better, GOAL)

    assert before.slipping or not after.slipping
    assert before.stalled or not after.stalled
