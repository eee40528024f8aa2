"""What people look at: the figures of a target at one moment."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.figures import Figures, Standing, figures
from domain.target import State
from tests.words import plan

GOAL = 100_000_00
ALL_DAYS: dict[str, Any] = {"schedule": "FREQ=WEEKLY;BYDAY=FR"}


def at(day: int, total: int, state: State = State.ACTIVE, **said: Any) -> Figures:
    """The figures of a November of $100,000 with Friday checkpoints, at the first instant of this day."""
    defined = plan(**ALL_DAYS)
    return figures(defined, defined.curve(), Standing(state, total, **said), datetime(2026, 11, day, tzinfo=UTC))


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

    shown = figures(defined, defined.curve(), Standing(State.ACTIVE, 0), datetime(2026, 10, 31, 23, tzinfo=UTC))

    assert (shown.status, shown.live_status) == ("not_started", "not_started")
    assert at(10, 0, State.DRAFT).status == "not_started"


def test_the_facts_decide_attained_lost_closed_and_cancelled() -> None:
    assert at(20, GOAL, attained=True).status == "attained"
    assert at(20, GOAL - 1, lost=True).status == "attainment_lost"
    assert at(20, GOAL, State.CLOSED, outcome="met").status == "met"
    cancelled = at(20, GOAL, State.CANCELLED, attained=True)
    assert (cancelled.status, cancelled.next_checkpoint) == ("cancelled", None)


@pytest.mark.parametrize(
    ("day", "total", "rate"), [(21, 50_000_00, "5000.00"), (30, 0, "100000.00"), (21, GOAL + 1, "0.00")]
)
def test_what_each_day_must_bring_until_the_end(day: int, total: int, rate: str) -> None:
    assert at(day, total).required_rate == {"per": "open_day", "amount": rate}


def test_after_the_last_day_nothing_can_be_made_up() -> None:
    defined = plan()

    shown = figures(defined, defined.curve(), Standing(State.ACTIVE, 1), datetime(2026, 12, 1, tzinfo=UTC))

    assert shown.required_rate["amount"] == "none_possible"
    assert (shown.expected, shown.next_checkpoint) == ("100000.00", None)


def test_a_plan_names_the_local_day_of_an_instant() -> None:
    defined = plan(time_zone="America/New_York")

    assert defined.day_of(datetime(2026, 11, 10, 4, 59, tzinfo=UTC)) == date(2026, 11, 9)
    assert defined.day_of(datetime(2026, 11, 10, 5, tzinfo=UTC)) == date(2026, 11, 10)
