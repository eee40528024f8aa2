"""Forecasting a target as it stands: by kind, by pace, on the day under way, and why there is none."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from domain import forecast as rules
from domain.comparison import Frozen
from domain.course import Course
from domain.definition import Measure, Pacing, Versus
from domain.figures import Standing, actual_now
from domain.forecast import BOOTSTRAP, NO_RANGE, SHRUNK_PACE, projected
from domain.forecasting import Seen, forecast_of, outlook, projected_at, projection_of, since
from domain.metric import Metric
from domain.money import half_even
from domain.plan import KEEP, Plan, Rebased
from domain.standing import pace_index
from domain.target import State
from tests.words import plan

ID = UUID(int=7)
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
NOVEMBER = plan(schedule=FRIDAYS)
LAST_YEAR = Versus(date(2025, 11, 1), date(2025, 11, 30))
CHURN = Metric("churn", "percent", 2)


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


def sold(*days: int, position: int = 7, state: State = State.ACTIVE, **said: Any) -> Seen:
    """What each day brought, from the first on."""
    return Seen(state, {at(number): net for number, net in enumerate(days, 1)}, position, **said)


def uplift(mode: str, goal: str = "3000.00", a_day: int = 1_000_00) -> Plan:
    """Over a November in which each day brought the same."""
    defined = plan(kind="uplift", goal=goal, comparison=LAST_YEAR, mode=mode, schedule=FRIDAYS)
    return defined.with_comparison(Frozen(1, [a_day] * 30, 30), defined.goal)


def strict(of: Plan, seen: Seen, now: datetime, elapsed: int) -> Fraction:
    """F as semantics.md has it, of the figures at this moment."""
    actual = actual_now(of, Standing(State.ACTIVE, sum(seen.sums.values()), measured=True), now)
    assert actual is not None
    return projected(
        actual,
        pace_index(actual, Course([of]).expected(now), of.baseline, of.sign),
        baseline=of.baseline,
        goal=of.final,
        weight=Fraction(elapsed, 30),
        elapsed_open_days=elapsed,
    )


@pytest.mark.parametrize(
    "of",
    [
        NOVEMBER,
        plan(pacing="linear"),
        plan(pacing=Pacing("explicit", points=[(date(2026, 11, 10), "60000.00"), (date(2026, 11, 30), "100000.00")])),
        plan(schedule=["2026-11-10", "2026-11-20"]),
        uplift("level"),
        uplift("gain"),
        plan(kind="from_to", metric=CHURN, goal="5.00", baseline="8.00", schedule=FRIDAYS),
    ],
    ids=["fridays", "linear", "explicit", "dates", "level", "gain", "falling"],
)
@pytest.mark.parametrize("hour", [0, 17])
def test_while_the_day_has_brought_nothing_the_projection_is_that_of_the_semantics(of: Plan, hour: int) -> None:
    seen = sold(*[900_00, 1_150_00, 0, -20_00, 2_000_00, 1_000_00, 1_234_56, 800_00])

    now = outlook(Course([of]), seen, at(9, hour))

    assert now.projection == strict(of, seen, at(9, hour), 8)
    assert sum((one for _, one in now.run.remaining), Fraction()) == of.span * (1 - now.weight)
    assert projection_of(Course([of]), seen, at(9, hour)).value == half_even(now.projection)


def test_what_the_day_under_way_brings_is_not_counted_beside_its_whole_plan() -> None:
    on_plan = [GOAL_A_DAY] * 9
    course = Course([replace(NOVEMBER, goal=30 * GOAL_A_DAY)])

    half, all_of_it, twice = (
        projection_of(course, sold(*on_plan[:8], today), at(9, 15)).value
        for today in (GOAL_A_DAY // 2, GOAL_A_DAY, 2 * GOAL_A_DAY)
    )

    # On plan to the penny, so long as the day brings no more than its plan; what is more than that is more.
    assert outlook(course, sold(*on_plan), at(10)).projection < 31 * GOAL_A_DAY
    assert half is not None
    assert all_of_it is not None
    assert twice == all_of_it + GOAL_A_DAY
    assert half < all_of_it + GOAL_A_DAY // 2


GOAL_A_DAY = 3_000_00


def test_of_a_gain_a_days_sales_count_once_they_are_more_than_it_is_compared_with() -> None:
    course, before = Course([uplift("gain")]), [1_100_00] * 10

    morning = outlook(course, sold(*before), at(11, 9))
    noon = outlook(course, sold(*before, 900_00), at(11, 12))
    evening = outlook(course, sold(*before, 1_400_00), at(11, 20))
    over = outlook(course, sold(*before, 1_400_00), at(12))

    assert morning.run.actual == noon.run.actual == 10 * 100_00
    assert (evening.run.actual, over.run.actual) == (1_400_00, 1_400_00)
    # Its plan is $100 a day, and all of that has come.
    assert [evening.run.remaining[0][1], noon.run.remaining[0][1]] == [0, 100_00]
    assert [came for _, came in over.run.observed] == [100_00] * 10 + [400_00]


def test_a_refund_on_the_day_under_way_is_taken_as_it_comes() -> None:
    seen = sold(*[3_000_00] * 5, -500_00)

    assert outlook(Course([NOVEMBER]), seen, at(6, 12)).run.actual == 14_500_00


def test_days_weigh_by_the_pace_or_as_open_days_for_steps_and_after_a_revision() -> None:
    business = plan(pacing="business_days")
    revised = replace(business, rebased=Rebased(at(3), "0"))

    by_pace = outlook(Course([business]), sold(*[0] * 6), at(7)).run
    by_days = outlook(Course([business, revised]), sold(*[0] * 6), at(7)).run

    # 1 November 2026 is a Sunday.
    assert [bool(planned) for planned, _ in by_pace.observed] == [False, True, True, True, True, True]
    assert sum(planned for planned, _ in by_days.observed) + sum(one for _, one in by_days.remaining) == business.goal


def test_half_an_open_day_is_half_a_day_of_plan() -> None:
    halves = [2] * 10 + [1] * 20
    of = replace(NOVEMBER, halves=halves)

    now = outlook(Course([of]), sold(*[1_000_00] * 11), at(12))

    assert (now.elapsed, now.open_days) == (Fraction(21, 2), Fraction(20))
    assert now.run.observed[9][0] == 2 * now.run.observed[10][0]


def test_each_kind_has_its_method() -> None:
    ten = sold(*[1_100_00] * 10)

    assert forecast_of(ID, Course([NOVEMBER]), ten, at(11)).method == BOOTSTRAP
    assert forecast_of(ID, Course([NOVEMBER]), sold(*[1_100_00] * 4), at(5)).method == SHRUNK_PACE
    gain, level = (forecast_of(ID, Course([uplift(mode)]), ten, at(11)) for mode in ("gain", "level"))
    assert (gain.method, level.method) == (BOOTSTRAP, BOOTSTRAP)
    # The same days, each as good as the others: +$100 on each, to the goal of +$3,000.
    assert (gain.p50, gain.probability) == (3_000_00, Fraction(1))
    falling = plan(kind="from_to", metric=CHURN, goal="5.00", baseline="8.00", schedule=FRIDAYS)
    said = forecast_of(ID, Course([falling]), sold(0, -50, 0, -50), at(11))
    assert (said.method, said.p50, said.p10, said.probability) == (NO_RANGE, said.value, None, None)
    assert said.value is not None
    assert 5_00 <= said.value < 7_00


@pytest.mark.parametrize(
    ("of", "seen", "now", "why"),
    [
        (NOVEMBER, sold(state=State.DRAFT), at(5), rules.NOT_BEGUN),
        (NOVEMBER, sold(), at(0), rules.NOT_BEGUN),
        (NOVEMBER, sold(1, state=State.FILLING), at(5), rules.FILLING),
        (NOVEMBER, sold(1), at(31), rules.OVER),
        (NOVEMBER, sold(1, state=State.CLOSED), at(5), rules.OVER),
        (NOVEMBER, sold(1, state=State.CANCELLED), at(5), rules.CANCELLED),
        (replace(NOVEMBER, kind=KEEP), sold(1), at(5), rules.NONE_OF_KEPT),
        (
            plan(
                kind="ratio",
                metric=None,
                goal="0.05",
                numerator=Measure("revenue", {}),
                denominator=Measure("revenue", {}),
            ),
            sold(1),
            at(5),
            rules.NONE_OF_RATIO,
        ),
        (plan(kind="uplift", comparison=LAST_YEAR, goal="1.00"), sold(1), at(5), rules.NO_BASELINE),
        (
            plan(kind="from_to", metric=CHURN, goal="5.00", baseline="8.00"),
            sold(measured=False),
            at(5),
            rules.NOT_MEASURED,
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_where_there_is_none_the_method_says_why(of: Plan, seen: Seen, now: datetime, why: str) -> None:
    said = forecast_of(ID, Course([of]), seen, now)

    assert said == projection_of(Course([of]), seen, now)
    assert (said.method, said.value, said.p50, said.date) == (why, None, None, None)


def test_late_sales_count_on_their_day_and_make_another_forecast() -> None:
    course, days = Course([NOVEMBER]), [3_000_00] * 10
    late = [*days[:3], 4_000_00, *days[4:]]

    before, after = (outlook(course, sold(*one), at(11)) for one in (days, late))

    assert [one for one in zip(before.run.observed, after.run.observed, strict=True) if one[0] != one[1]] == [
        (before.run.observed[3], (before.run.observed[3][0], 4_000_00))
    ]
    assert after.projection > before.projection


def test_a_goal_that_is_reached_has_the_day_on_which_it_was() -> None:
    course, days = Course([NOVEMBER]), [25_000_00, 25_000_00, 25_000_00, 25_000_00, 1_00, 1_00]

    assert forecast_of(ID, course, sold(*days), at(7)).date == date(2026, 11, 4)
    assert forecast_of(ID, course, sold(*days[:4]), at(4, 12)).date == date(2026, 11, 4)
    # Of a gain only the whole comparison decides: it is ahead of last year's first days, not of all of November.
    gain = Course([uplift("gain")])
    ahead = sold(*[2_000_00] * 10)
    assert outlook(gain, ahead, at(11)).run.actual > gain.plan.final
    assert outlook(gain, ahead, at(11)).run.reached_on is None
    assert forecast_of(ID, gain, ahead, at(11)).date == date(2026, 11, 17)


def test_only_a_midnight_a_cut_off_or_a_revision_changes_a_forecast_of_the_same_facts() -> None:
    cutoffs = plan(schedule=["2026-11-10T17:00:00+00:00", "2026-11-20"])
    course, seen = Course([cutoffs]), sold(*[3_000_00] * 10)

    assert since(course, at(9, 23)) == at(9)
    assert since(course, at(10, 16)) == at(10)
    assert since(course, at(10, 18)) == at(10, 17)
    assert since(course, at(0)) == at(1)
    revised = Course([cutoffs, replace(cutoffs, rebased=Rebased(at(9, 12), "0"))])
    assert since(revised, at(9, 13)) == at(9, 12)
    assert outlook(course, seen, at(10)) == outlook(course, seen, at(10, 16))
    assert outlook(course, seen, at(10, 16)) != outlook(course, seen, at(10, 17))


def test_at_a_checkpoint_the_projection_is_that_of_its_reading() -> None:
    course, seen = Course([NOVEMBER]), sold(*[3_000_00] * 6)
    cutoff = NOVEMBER.checkpoints[0].cutoff

    assert projected_at(course, Fraction(18_000_00), cutoff) == outlook(course, seen, cutoff).projection
    assert projected_at(course, Fraction(1), NOVEMBER.ends) is None
