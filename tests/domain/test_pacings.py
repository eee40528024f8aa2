"""Pacings by the day: business days, weights, last year's profile and listed points, and what is none of them."""

from datetime import date
from fractions import Fraction

import pytest

from domain.calendar import calendar_of, open_days
from domain.pace import (
    Point,
    Weighting,
    running_of_halves,
    running_of_points,
    running_of_profile,
    running_of_weights,
)
from domain.refusal import Refused

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


def shares(text: str) -> list[Fraction]:
    return [Fraction(one) for one in text.split()]


def nov(day: int) -> date:
    return date(2026, 11, day)


# Business days


def test_closed_days_bring_nothing_and_half_days_half() -> None:
    calendar = calendar_of(days={"2026-11-25": "half", "2026-11-26": "closed"})
    week = open_days(calendar, nov(23), nov(29), lambda *_: {})

    assert running_of_halves(week.halves) == shares("2/7 4/7 5/7 5/7 1 1 1")


def test_a_calendar_without_an_open_day_is_no_pace() -> None:
    with pytest.raises(Refused) as refused:
        running_of_halves([0, 0])

    assert (refused.value.code, refused.value.field) == ("no_open_day", "/pacing")


# Weights


def test_every_day_of_a_weekday_weighs_so_much_and_one_left_out_nothing() -> None:
    weighting = Weighting("weekday", {"MO": "1", "SA": "2.5"})

    running = running_of_weights(weighting, nov(1), nov(9))

    assert running == shares("0 2/9 2/9 2/9 2/9 2/9 7/9 7/9 1")


def test_a_week_from_monday_shares_its_weight_evenly_among_its_days_in_the_period() -> None:
    # Saturday and Sunday, a whole week, Monday and Tuesday.
    running = running_of_weights(Weighting("week", ["1", "2", "1"]), date(2026, 10, 31), nov(10))

    assert running[:2] == shares("1/8 1/4")
    assert running[2:9] == [Fraction(1, 4) + Fraction(days, 14) for days in range(1, 8)]
    assert running[9:] == shares("7/8 1")


def test_a_calendar_month_shares_its_weight_evenly_among_its_days_in_the_period() -> None:
    running = running_of_weights(Weighting("month", ["0.50", "0", "1.5"]), date(2028, 1, 30), date(2028, 3, 31))

    assert running[:3] == shares("1/8 1/4 1/4")
    assert running[30] == Fraction(1, 4)
    assert running[31] == Fraction(1, 4) + Fraction(3, 4) / 31
    assert running[-1] == 1


WRONG_WEIGHTS: dict[str, tuple[Weighting, str, str]] = {
    "by something else": (Weighting("hour", ["1"]), "bad_weights", "/pacing/by"),
    "a list by weekday": (Weighting("weekday", ["1"] * 7), "bad_weights", "/pacing/weights"),
    "an object by week": (Weighting("week", {"MO": "1"}), "bad_weights", "/pacing/weights"),
    "a week too few": (Weighting("week", ["1"] * 5), "bad_weights", "/pacing/weights"),
    "a month too many": (Weighting("month", ["1", "1"]), "bad_weights", "/pacing/weights"),
    "an unknown weekday": (Weighting("weekday", {"MO": "1", "a/b": "1"}), "bad_weights", "/pacing/weights/a~1b"),
    "below nothing": (Weighting("weekday", {"MO": "-1"}), "bad_weights", "/pacing/weights/MO"),
    "no number": (Weighting("week", ["1", "1", "1", "1", "1", "x"]), "bad_weights", "/pacing/weights/5"),
    "an exponent": (Weighting("month", ["1e3"]), "bad_weights", "/pacing/weights/0"),
    "no digit before the point": (Weighting("month", [".5"]), "bad_weights", "/pacing/weights/0"),
    "a digit of another script": (Weighting("month", ["٣"]), "bad_weights", "/pacing/weights/0"),
    "too many digits": (Weighting("month", ["1.000000000000000"]), "bad_weights", "/pacing/weights/0"),
    "nothing at all": (Weighting("weekday", {}), "undefined_pace", "/pacing/weights"),
    "all of them 0": (Weighting("week", ["0", "0.0", "0", "0", "0", "0"]), "undefined_pace", "/pacing/weights"),
}


@pytest.mark.parametrize("name", WRONG_WEIGHTS)
def test_weights_that_are_no_pace_are_refused(name: str) -> None:
    weighting, code, field = WRONG_WEIGHTS[name]

    with pytest.raises(Refused) as refused:
        running_of_weights(weighting, *NOVEMBER)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_weekdays_that_the_period_does_not_have_are_no_pace() -> None:
    with pytest.raises(Refused) as refused:
        running_of_weights(Weighting("weekday", {"SU": "1"}), nov(2), nov(6))

    assert (refused.value.code, refused.value.field) == ("undefined_pace", "/pacing/weights")


# Last year


def test_last_year_expects_the_share_that_last_year_had_by_then() -> None:
    assert running_of_profile([0, 30, 30, 120]) == shares("0 1/4 1/4 1")


def test_a_last_year_without_sales_is_no_pace() -> None:
    with pytest.raises(Refused) as refused:
        running_of_profile([0, 0, 0])

    assert (refused.value.code, refused.value.field) == ("undefined_pace", "/pacing")


# Points


def test_an_explicit_pace_goes_straight_from_point_to_point_by_the_end_of_their_days() -> None:
    points = [Point(nov(8), 90), Point(nov(4), 10)]

    running = running_of_points(points, nov(1), nov(10), 0, 100)

    assert [100 * one for one in running] == [*shares("5/2 5 15/2 10 30 50 70 90 95 100")]


def test_an_explicit_pace_may_lead_down_from_a_baseline_and_stand_still() -> None:
    points = [Point(nov(2), 700), Point(nov(3), 700), Point(nov(4), 500)]

    running = running_of_points(points, nov(1), nov(4), 800, 500)

    assert [800 - 300 * one for one in running] == [750, 700, 700, 500]


@pytest.mark.parametrize(
    ("points", "field"),
    [
        ([], "/pacing/points"),
        ([(nov(1), 5), (date(2026, 12, 1), 50)], "/pacing/points/1/date"),
        ([(date(2026, 10, 31), 5)], "/pacing/points/0/date"),
        ([(nov(5), 5), (nov(4), 1), (nov(5), 5)], "/pacing/points/2/date"),
        ([(nov(9), 40), (nov(8), 50)], "/pacing/points/0/value"),
        ([(nov(9), -1)], "/pacing/points/0/value"),
        ([(nov(9), 101)], "/pacing/points/0/value"),
        ([(nov(9), 50), (nov(30), 99)], "/pacing/points/1/value"),
    ],
    ids=["none", "late", "early", "twice", "falling back", "before the baseline", "beyond", "short of the goal"],
)
def test_points_that_are_no_way_to_the_goal_are_refused(points: list[tuple[date, int]], field: str) -> None:
    with pytest.raises(Refused) as refused:
        running_of_points([Point(day, value) for day, value in points], *NOVEMBER, 0, 100)

    assert (refused.value.code, refused.value.field) == ("bad_points", field)


def test_downwards_it_is_rising_that_falls_back() -> None:
    with pytest.raises(Refused) as refused:
        running_of_points([Point(nov(5), 600), Point(nov(6), 650)], *NOVEMBER, 800, 500)

    assert (refused.value.code, refused.value.field) == ("bad_points", "/pacing/points/1/value")
