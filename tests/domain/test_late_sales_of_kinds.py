"""What late sales do to targets of every kind, before and after the seal, and what each open day has to bring."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from domain.calendar import Calendar
from domain.checkpoint import Checkpoint
from domain.definition import Measure
from domain.figures import rates_at
from domain.target import State, Target
from tests.domain.test_going_on import Year, gained
from tests.domain.test_revising import Month, november
from tests.words import plan

CLOSED = november(30) + timedelta(days=1, hours=1)
LATER, SEALED = CLOSED + timedelta(minutes=10), CLOSED + timedelta(days=40)
EMEA = {"dimensions": {"region": "emea"}}
MEASURED = {"kind": "measurement"}


def filled(**said: Any) -> Year:
    year = Year(**said)
    year.fill()
    return year


def share() -> Year:
    of = Measure("revenue", {"region": ["emea"]}, "USD")
    return filled(metric=None, kind="ratio", goal="0.5", numerator=of, denominator=Measure("revenue", {}, "USD"))


KINDS: dict[str, tuple[Any, list[Any], Any, Any, tuple[str, str], tuple[str, str]]] = {
    "a sum": (
        lambda: filled(goal="100.00"),
        [("100.00", 3, {})],
        ("1.00", 4, {"kind": "refund"}),
        ("5.00", 4, {}),
        ("met", "missed"),
        ("104.00", "5.00"),
    ),
    "a gain": (
        gained,
        [("110000.00", 3, {})],
        ("1.00", 4, {}),
        ("500.00", 4, {"kind": "refund"}),
        ("met", "exceeded"),
        ("49501.00", "-500.00"),
    ),
    "a level that falls": (
        lambda: filled(kind="from_to", baseline="8.00", goal="5.00"),
        [("6.00", 3, MEASURED)],
        ("4.00", 20, MEASURED),
        ("9.00", 28, MEASURED),
        ("missed", "exceeded"),
        ("9.00", "5.00"),
    ),
    "a level that is kept": (
        lambda: filled(kind="keep", goal=None, bounds_min="5.00", bounds_max="8.00", pass_share="0.6"),
        [("6.00", 3, MEASURED), ("9.00", 18, MEASURED)],
        ("7.00", 19, MEASURED),
        ("9.00", 28, MEASURED),
        ("missed", "met"),
        ("9.00", "2.00"),
    ),
    "a ratio": (
        share,
        [("50.00", 3, EMEA), ("50.00", 3, {})],
        ("25.00", 5, {}),
        ("75.00", 6, EMEA),
        ("met", "missed"),
        ("0.625000", "0.225000"),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_until_the_seal_a_late_fact_restates_the_outcome_and_after_it_is_an_adjustment(name: str) -> None:
    begun, sold, late, after_the_seal, (old, new), figures = KINDS[name]
    year = begun()
    for amount, day, says in sold:
        year.sell(amount, november(day), **says)
    year.until(CLOSED)
    assert year.target.outcome == old

    year.sell(late[0], november(late[1]), **late[2])
    year.until(LATER)
    (restated,) = year.facts(Target.OutcomeRestated)
    assert (restated.old, restated.new, year.target.outcome) == (old, new, new)

    year.until(SEALED)
    assert (year.target.state, year.figures().adjustment) == (State.SEALED, None)
    year.sell(after_the_seal[0], november(after_the_seal[1]), **after_the_seal[2])

    assert (year.figures().actual, year.figures().adjustment) == figures
    assert (year.figures().status, len(year.facts(Target.OutcomeRestated))) == (new, 1)


def test_a_refund_after_the_close_counts_in_the_period_of_its_sale_where_it_is_clawed_back() -> None:
    month = Month(refunds="clawback", goal="50.00")
    month.sell("50.00", november(29))
    month.until(CLOSED)

    month.now = CLOSED + timedelta(days=5)
    month.sell("10.00", month.now, kind="refund", corrects="s1")
    month.until(month.now + timedelta(minutes=10))

    assert (month.target.total, month.target.outcome) == (40_00, "missed")
    (lost,) = month.facts(Target.AttainmentLost)
    assert lost.lowered_by.id == "s2"


def test_a_checkpoint_without_fresh_data_is_stale_until_its_late_data_comes() -> None:
    month = Month(expect_data_every=48)
    month.sell("40000.00", november(3))
    month.until(november(7, 1))
    (evaluated,) = month.facts(Checkpoint.CheckpointEvaluated)
    assert (evaluated.status, evaluated.actual) == ("stale", 40_000_00)

    month.now = november(8)
    month.sell("1.00", november(5))
    month.until(november(8, 1))

    (restated,) = month.facts(Checkpoint.CheckpointRestated)
    assert (restated.old.status, restated.new.status) == ("stale", "ahead")


# What each open day has to bring


@pytest.mark.parametrize(
    ("day", "actual", "required", "current", "catch_up"),
    [
        (1, 0, Fraction(100_00, 10) * Fraction(20, 21), None, None),  # no day is over, 10.5 are to come
        (3, 10_00, Fraction(90_00) / Fraction(19, 2), Fraction(10_00), Fraction(18, 19)),
        (7, 40_00, Fraction(10_00), Fraction(40_00) / Fraction(9, 2), Fraction(9, 8)),
        (14, 100_00, Fraction(0), Fraction(10_00), Fraction(0)),
        (15, 63_00, None, Fraction(6_00), None),  # no day is left
    ],
)
def test_a_rate_is_of_open_days_and_half_a_day_is_half(
    day: int, actual: int, required: Fraction | None, current: Fraction | None, catch_up: Fraction | None
) -> None:
    """Two weeks from a Sunday, closed at the ends of weeks but for half of two Saturdays, and half of one Friday."""
    halves = {date(2026, 11, one): "half" for one in (6, 7, 14)}
    of = plan(goal="100.00", end=date(2026, 11, 14), calendar=Calendar(days=halves))

    rates = rates_at(of, Fraction(actual), november(day))

    assert (rates.required, rates.current, rates.catch_up) == (required, current, catch_up)
    assert (rates.none_possible, rates.open_left + rates.open_over) == (required is None, Fraction(21, 2))


def test_before_the_start_all_open_days_are_left_and_none_is_over() -> None:
    rates = rates_at(plan(goal="60.00"), Fraction(0), november(1) - timedelta(days=9))

    assert (rates.required, rates.open_left, rates.open_over) == (Fraction(2_00), Fraction(30), Fraction(0))
    assert rates.current is None
    assert rates.catch_up is None


def test_a_level_that_is_to_fall_has_so_much_to_fall_a_day() -> None:
    rates = rates_at(plan(kind="from_to", baseline="8.00", goal="5.00"), Fraction(7_40), november(16))

    assert (rates.required, rates.current, rates.catch_up) == (Fraction(-16), Fraction(-4), Fraction(4))
