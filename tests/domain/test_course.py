"""The course of a target through its revisions: what it goes on from, and what it holds."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.course import Course, rational
from domain.money import half_even
from domain.plan import Plan, Rebased
from tests.words import plan

VECTORS: list[dict[str, Any]] = [
    one
    for one in json.loads(Path(__file__).with_name("semantics_vectors.json").read_text(encoding="utf-8"))
    if one["kind"] == "revision"
]
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
SECOND = datetime(2026, 11, 14, tzinfo=UTC)
"""The cut-off of the second of four Fridays: half of it is expected."""


def revised(goal: str, at: datetime | None = None, base: Fraction | None = None, **changes: Any) -> Plan:
    """The November of four Fridays with another goal, from E or A at a moment on, or from the beginning."""
    of = plan(goal=goal, schedule=FRIDAYS, **changes)
    if at is None or base is None:
        return of
    return replace(of, rebased=Rebased(at, rational(base)))


def friday(number: int) -> datetime:
    return datetime(2026, 11, 7 * number, tzinfo=UTC)


@pytest.mark.parametrize("vector", VECTORS, ids=[one["name"] for one in VECTORS])
def test_a_revision_expects_what_the_semantics_say(vector: dict[str, Any]) -> None:
    first = plan(schedule=FRIDAYS)
    goal = f"{vector['goal_minor'] // 100}.00"
    bases = {"prospective": "expected_minor", "replan": "actual_minor"}
    base = Fraction(vector[bases[vector["mode"]]]) if vector["mode"] in bases else None
    course = Course([first, revised(goal, None if base is None else SECOND, base)])

    cutoffs = [friday(int(Fraction(weight) * 4)) for weight in vector["weights"]]

    assert [half_even(course.expected(at)) for at in cutoffs] == vector["gives"]


def test_until_it_takes_effect_the_plan_before_holds() -> None:
    first = plan(schedule=FRIDAYS)
    course = Course([first, revised("120000.00", SECOND, first.expected(SECOND))])

    assert course.expected(friday(1)) == 25_000_00
    assert course.expected(SECOND) == 50_000_00
    assert course.expected(friday(4)) == 120_000_00


def test_two_revisions_go_on_one_from_the_other() -> None:
    first = plan(schedule=FRIDAYS)
    second = revised("120000.00", friday(1), first.expected(friday(1)))
    third = revised("60000.00", friday(2), Course([first, second]).expected(friday(2)))

    course = Course([first, second, third])

    # From 25,000 a third of the way to 120,000, then half of what is left down to 60,000.
    assert course.expected(friday(2)) == 25_000_00 + Fraction(95_000_00, 3)
    assert course.expected(friday(3)) == (course.expected(friday(2)) + 60_000_00) / 2
    assert course.expected(friday(4)) == 60_000_00


def test_after_the_last_step_a_new_goal_steps_at_the_end() -> None:
    first = plan(schedule=FRIDAYS)
    after_all = datetime(2026, 11, 29, 12, tzinfo=UTC)
    course = Course([first, revised("120000.00", after_all, first.expected(after_all))])

    assert course.expected(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == 100_000_00
    assert course.expected(datetime(2026, 12, 1, tzinfo=UTC)) == 120_000_00


def test_after_a_revision_the_weight_is_the_expected_share_of_the_new_goal() -> None:
    first = plan(schedule=FRIDAYS)
    course = Course([first, revised("120000.00", SECOND, first.expected(SECOND))])

    assert course.weight(SECOND) == Fraction(50, 120)
    assert course.weight(friday(1)) == Fraction(1, 4)
    assert course.reached_at(Fraction(85, 120)) == friday(3)


DAYS = st.integers(1, 29).map(lambda day: datetime(2026, 11, day, 13, 7, tzinfo=UTC))
GOALS = st.integers(1, 10**9)


@given(st.lists(st.tuples(DAYS, GOALS), min_size=1, max_size=4), st.sampled_from(["equal_steps", "linear"]))
def test_a_course_ends_at_its_last_goal_and_its_steps_say_what_it_expects(
    revisions: list[tuple[datetime, int]], pacing: str
) -> None:
    course = Course([plan(schedule=FRIDAYS, pacing=pacing)])
    for at, goal in sorted(revisions):
        base = course.expected(at)
        course = Course([*course.plans, revised(f"{goal}.00", at, base, pacing=pacing)])

    assert course.expected(course.plan.ends) == course.plan.final
    for at, value in course.steps:
        assert course.expected(at) == value
    for day in range(1, 31):
        noon = datetime(2026, 11, day, 12, tzinfo=UTC)
        before = [value for at, value in course.steps if at <= noon]
        assert course.expected(noon) == (before[-1] if before else 0)


def test_an_exact_base_is_kept_as_a_fraction() -> None:
    base = Fraction(150_000_000, 7)
    again = Fraction(rational(base))

    assert again == base


def test_dates_that_move_lay_the_pace_over_the_new_period() -> None:
    first = plan(pacing="linear")
    at = datetime(2026, 11, 16, tzinfo=UTC)
    longer = plan(pacing="linear", end=date(2026, 12, 15))
    course = Course([first, replace(longer, rebased=Rebased(at, rational(first.expected(at))))])

    # 45 days: 15 are over at the half of the first plan; 30 are left for the other half.
    assert course.expected(at) == 50_000_00
    assert course.expected(datetime(2026, 12, 1, tzinfo=UTC)) == 75_000_00
    assert course.expected(datetime(2026, 12, 16, tzinfo=UTC)) == 100_000_00


@given(
    st.lists(st.tuples(st.sampled_from(["linear", "equal_steps"]), st.integers(0, 30), st.integers(1, 9)), max_size=5)
)
def test_the_steps_of_a_course_are_where_it_moves(revisions: list[tuple[str, int, int]]) -> None:
    plans = [plan(schedule=FRIDAYS)]
    for pacing, day, goal in revisions:
        at = plans[0].midnights[day]
        rebased = Rebased(at, rational(Course(plans).expected(at))) if day else None
        plans.append(replace(plan(schedule=FRIDAYS, pacing=pacing, goal=f"{goal}.00"), rebased=rebased))
    course = Course(plans)

    for at, value in course.steps:
        assert value == course.expected(at)
    moved = [at for at in plans[0].midnights if course.expected(at) != course.expected(at - timedelta(microseconds=1))]
    assert set(moved) <= {at for at, _ in course.steps}
