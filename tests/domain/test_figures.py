"""What people look at: the figures of a target at one moment."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from domain.checkpoint import Circumstances, Reading, read
from domain.comparison import Frozen
from domain.course import Course
from domain.definition import Measure, Versus
from domain.figures import Figures, Standing, Verdict, figures, goal_shown, reading_shown
from domain.plan import Plan
from domain.target import State
from tests.words import plan

GOAL = 100_000_00
ALL_DAYS: dict[str, Any] = {"schedule": "FREQ=WEEKLY;BYDAY=FR"}


def at(day: int, total: int, state: State = State.ACTIVE, **said: Any) -> Figures:
    """The figures of a November of $100,000 with Friday checkpoints, at the first instant of this day."""
    defined = plan(**ALL_DAYS)
    return figures(Course([defined]), Standing(state, total, **said), datetime(2026, 11, day, tzinfo=UTC))


def test_a_quarter_is_expected_after_the_first_friday() -> None:
    shown = at(7, 26_000_00)

    assert (shown.actual, shown.expected, shown.variance) == ("26000.00", "25000.00", "1000.00")
    assert (shown.pace_index, shown.progress) == ("1.0400", "0.2600")
    assert shown.next_checkpoint == {
        "number": 2,
        "cutoff": datetime(2026, 11, 14, tzinfo=UTC),
        "expected": "50000.00",
    }


@pytest.mark.parametrize(
    ("total", "live"),
    [(26_250_00, "ahead"), (24_000_00, "on_track"), (23_000_00, "at_risk"), (19_999_99, "off_track")],
)
def test_the_live_status_is_the_class_of_the_pace(total: int, live: str) -> None:
    assert at(7, total).live_status == live
    assert at(7, total).status == "too_early"


def test_nothing_is_late_while_less_than_a_tenth_is_due() -> None:
    shown = at(1, 0)

    assert (shown.live_status, shown.pace_index) == ("too_early", None)
    assert at(3, 0).live_status == "too_early"
    assert at(4, 0).live_status == "off_track"


def test_a_target_that_is_filling_is_not_judged() -> None:
    assert at(20, 0, State.FILLING).live_status == "too_early"


def test_before_its_period_a_target_has_not_started() -> None:
    defined = plan()

    shown = figures(Course([defined]), Standing(State.ACTIVE, 0), datetime(2026, 10, 31, 23, tzinfo=UTC))

    assert (shown.status, shown.live_status) == ("not_started", "not_started")
    assert at(10, 0, State.DRAFT).status == "not_started"


def test_the_facts_decide_attained_lost_closed_and_cancelled() -> None:
    assert at(20, GOAL, attained=True).status == "attained"
    assert at(20, GOAL - 1, lost=True).status == "attainment_lost"
    assert at(20, GOAL, State.CLOSED, outcome="met").status == "met"
    cancelled = at(20, GOAL, State.CANCELLED, attained=True)
    assert (cancelled.status, cancelled.next_checkpoint) == ("cancelled", None)


def evaluated(number: int, status: str) -> dict[str, Any]:
    """So many Fridays were evaluated, the last of them so."""
    cutoff = datetime(2026, 11, 7 * number, tzinfo=UTC)
    return {"last": Verdict(number, status, cutoff), "evaluated": number}


def test_the_official_status_is_what_the_last_evaluation_said_whatever_came_since() -> None:
    shown = at(8, 50_000_00, **evaluated(1, "at_risk"))

    assert (shown.status, shown.live_status) == ("at_risk", "ahead")
    assert shown.last_evaluation is not None
    assert (shown.last_evaluation["number"], shown.last_evaluation["status"]) == (1, "at_risk")
    assert shown.last_evaluation["cutoff"] == datetime(2026, 11, 7, tzinfo=UTC)
    assert at(8, 0).last_evaluation is None


def test_the_last_evaluation_is_shown_as_it_was_reported_beside_what_late_sales_have_made_of_it() -> None:
    reported = Reading(7_00, 10_00, -3_00, "off_track", True, "0.7000")
    restated = Reading(8_00, 10_00, -2_00, "at_risk", True)
    last = Verdict(1, "at_risk", datetime(2026, 11, 7, tzinfo=UTC), reported, restated)

    shown = at(8, 50_000_00, last=last, evaluated=1).last_evaluation

    assert shown is not None
    assert shown["reported"] == {
        "expected": "10.00",
        "actual": "7.00",
        "variance": "-3.00",
        "pace_index": "0.7000",
        "status": "off_track",
        "complete": True,
    }
    assert shown["restated"] == shown["reported"] | {
        "actual": "8.00",
        "variance": "-2.00",
        "pace_index": None,
        "status": "at_risk",
    }


def test_an_evaluation_that_was_too_early_says_so() -> None:
    assert at(8, 0, **evaluated(1, "too_early")).status == "too_early"


def test_a_live_status_improves_only_well_above_the_line_that_the_last_evaluation_fell_below() -> None:
    held, free = (at(7, 24_000_00, **evaluated(1, status)).live_status for status in ("at_risk", "on_track"))

    assert (held, free) == ("at_risk", "on_track")
    assert at(7, 24_250_00, **evaluated(1, "at_risk")).live_status == "on_track"


@pytest.mark.parametrize(("evaluations", "live"), [(0, "too_early"), (1, "too_early"), (2, "off_track")])
def test_two_evaluations_end_what_is_too_early(evaluations: int, live: str) -> None:
    said = evaluated(evaluations, "too_early") if evaluations else {}

    assert at(3, 0, **said).live_status == live


def test_a_lost_attainment_shows_until_the_next_evaluation() -> None:
    lost = at(8, GOAL - 1, lost=True, **evaluated(1, "ahead"))

    assert (lost.status, lost.live_status) == ("attainment_lost", "ahead")
    assert at(15, GOAL - 1, **evaluated(2, "ahead")).status == "ahead"
    assert at(8, GOAL, attained=True, **evaluated(1, "at_risk")).status == "attained"


def test_what_comes_after_the_seal_is_an_adjustment_beside_the_outcome() -> None:
    sealed = at(30, GOAL - 5_00, State.SEALED, outcome="met", attained=True, adjustment=-5_00)

    assert (sealed.status, sealed.live_status, sealed.adjustment) == ("met", "met", "-5.00")
    assert at(30, GOAL, State.SEALED, outcome="met").adjustment is None


@pytest.mark.parametrize(
    ("day", "total", "rate"), [(21, 50_000_00, "5000.00"), (30, 0, "100000.00"), (21, GOAL + 1, "0.00")]
)
def test_what_each_day_must_bring_until_the_end(day: int, total: int, rate: str) -> None:
    assert at(day, total).required_rate == {"per": "open_day", "amount": rate}


def test_after_the_last_day_nothing_can_be_made_up() -> None:
    defined = plan()

    shown = figures(Course([defined]), Standing(State.ACTIVE, 1), datetime(2026, 12, 1, tzinfo=UTC))

    assert shown.required_rate["amount"] == "none_possible"
    assert (shown.expected, shown.next_checkpoint) == ("100000.00", None)


def test_a_plan_names_the_local_day_of_an_instant() -> None:
    defined = plan(time_zone="America/New_York")

    assert defined.day_of(datetime(2026, 11, 10, 4, 59, tzinfo=UTC)) == date(2026, 11, 9)
    assert defined.day_of(datetime(2026, 11, 10, 5, tzinfo=UTC)) == date(2026, 11, 10)


SIDE = Measure("visits", {}, "pieces")
CONVERSION: dict[str, Any] = {"metric": None, "kind": "ratio", "goal": "0.25", "numerator": SIDE, "denominator": SIDE}
NOTHING_YET = Circumstances(None, 0)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (plan(kind="keep", goal=None, bounds_min="1.00"), None),
        (plan(kind="keep", goal=None, bounds_max="1.00"), None),
        (plan(**CONVERSION), "0.250000"),
    ],
    ids=["at least", "at most", "ratio"],
)
def test_where_nothing_was_measured_or_divided_by_a_reading_has_no_actual(of: Plan, expected: str | None) -> None:
    reading = read(Course([of]), datetime(2026, 11, 14, tzinfo=UTC), None, NOTHING_YET)

    shown = reading_shown(reading, of)

    assert (shown["expected"], shown["actual"], shown["variance"]) == (expected, None, None)


def test_a_level_of_zero_is_a_level() -> None:
    of = plan(kind="keep", goal=None, bounds_max="1.00")
    reading = read(Course([of]), datetime(2026, 11, 14, tzinfo=UTC), Fraction(0), NOTHING_YET)

    shown = reading_shown(reading, of)

    assert (shown["expected"], shown["actual"], shown["variance"]) == ("0.00", "0.00", "0.00")


def test_of_a_percentage_of_nothing_there_is_no_goal_and_nothing_is_expected() -> None:
    last_year = Versus(date(2025, 11, 1), date(2025, 11, 30))
    of = plan(kind="uplift", goal="+10 %", comparison=last_year).with_comparison(Frozen(1, [0] * 30, 0), 0)
    reading = read(Course([of]), datetime(2026, 11, 14, tzinfo=UTC), Fraction(5_00), NOTHING_YET)

    shown = reading_shown(reading, of)

    assert (shown["expected"], shown["actual"], shown["variance"]) == (None, "5.00", None)
    assert goal_shown(of) is None
