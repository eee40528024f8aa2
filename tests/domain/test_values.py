"""Milestones that hang on a value, on every kind of target: what may be said, who reaches it, in which order."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.application import Milemarker
from domain.definition import Measure, Versus
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.metric import Metric
from domain.milestones.criterion import criterion_of
from domain.milestones.due_rule import DueRule
from domain.milestones.milestone import Milestone, Stage
from domain.milestones.planning import Planner, Wish
from domain.plan import Plan
from domain.refusal import Refused
from domain.revising import Wish as Revision
from domain.revising import revise_target
from domain.target import State, Target
from tests.memory import memory_app
from tests.words import plan, resolving, sale, void

ANA = "ana@example.com"
LEVEL = Metric("churn", "percent", 2)
OCTOBER = date(2026, 10, 1), date(2026, 10, 30)
BEGUN = datetime(2026, 11, 1, 9, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
END = DueRule("end")


def level(baseline: str, goal: str) -> dict[str, Any]:
    return {"kind": "from_to", "metric": LEVEL, "baseline": baseline, "goal": goal}


def uplift(mode: str) -> dict[str, Any]:
    return {"kind": "uplift", "goal": "100.00", "mode": mode, "comparison": Versus(*OCTOBER)}


def ratio() -> Plan:
    part = Measure("revenue", {}, "USD")
    return plan(metric=None, kind="ratio", goal="0.5", numerator=part, denominator=part)


class Shop:
    """One target, its sales and its milestones, on a log in memory."""

    def __init__(self, **said: Any) -> None:
        self.app: Milemarker = memory_app()
        self.intake = Intake(self.app, uuid4)
        self.target_id = uuid4()
        self.said = said
        self.app.define_metric(LEVEL, by=ANA, at=BEGUN)
        self.now = NOON

    def start(self) -> "Shop":
        self.app.define_target(self.target_id, plan(**self.said), activate=True, by=ANA, at=BEGUN)
        self.fill()
        return self

    def fill(self) -> None:
        while Filler(self.app).fill_some(self.now):
            continue

    def record(self, *sales: dict[str, Any]) -> None:
        (outcome,), _ = self.intake.record([Arrival(list(sales))], self.now)
        assert outcome.rejected == []

    def measure(self, id: str, amount: str, day: int = 10) -> None:
        self.record(measured(id, amount, day))

    def plan(self, value: str, rule: DueRule = END, after: tuple[UUID, ...] = ()) -> UUID:
        wish = Wish(f"Reach {value}", rule, "value", value, after=after)
        return Planner(self.app, by=ANA, at=self.now).plan(uuid4(), self.target_id, wish).milestone.id

    def revise(self, **changes: Any) -> None:
        known = resolving(self.said.get("metric", LEVEL))
        revise_target(self.app, self.target_id, Revision(changes, "It is so"), known, by=ANA, at=self.now)
        self.fill()

    def until(self, at: datetime) -> None:
        self.now = at
        while Evaluator(self.app, timedelta(0)).evaluate_some(at, at, complete=True):
            continue

    def milestone(self, one: UUID) -> Milestone:
        with self.app.writing() as log:
            return log.aggregates(Milestone, [one])[one]

    @property
    def target(self) -> Target:
        with self.app.writing() as log:
            return log.targets([self.target_id])[self.target_id]

    def turns(self, one: UUID) -> list[tuple[str, str | None]]:
        """What became of it: each fact's name, and the sale that it names."""
        facts: list[Any] = list(self.app.events.get(one))[1:]
        named = [getattr(one, "lifted_by", None) or getattr(one, "lowered_by", None) for one in facts]
        return [(type(fact).TOPIC.partition(".")[2], sale and sale.id) for fact, sale in zip(facts, named, strict=True)]

    def flagged(self, one: UUID) -> bool:
        (achieved,) = [fact for fact in self.app.events.get(one) if isinstance(fact, Milestone.MilestoneAchieved)]
        return achieved.out_of_order


def measured(id: str, amount: str, day: int = 10) -> dict[str, Any]:
    at = f"2026-11-{day:02}T12:00:00Z"
    return sale(id, amount, kind="measurement", metric=LEVEL.name, unit=LEVEL.unit, occurred_at=at)


# What may be said


@pytest.mark.parametrize(
    ("said", "value", "minor"),
    [
        ({}, "150000.00", 150_000_00),
        (uplift("gain"), "250.00", 250_00),
        (uplift("level"), "50.00", 50_00),
        (level("8.00", "5.00"), "7.99", 7_99),
        (level("8.00", "5.00"), "5.00", 5_00),
        (level("-5.00", "5.00"), "0.00", 0),
        (level("-5.00", "5.00"), "-4.99", -4_99),
        (level("5.00", "-5.00"), "-5.00", -5_00),
    ],
)
def test_a_value_lies_on_the_way_of_its_target(said: dict[str, Any], value: str, minor: int) -> None:
    assert criterion_of("value", value, plan(**said)).value == minor


@pytest.mark.parametrize(
    ("said", "value", "code"),
    [
        ({}, "0.00", "bad_criterion"),
        ({}, "-1.00", "amount_negative"),
        (uplift("gain"), "-1.00", "amount_negative"),
        (uplift("level"), "0.00", "bad_criterion"),
        (level("8.00", "5.00"), "8.00", "bad_criterion"),
        (level("8.00", "5.00"), "8.01", "bad_criterion"),
        (level("8.00", "5.00"), "4.99", "bad_criterion"),
        (level("5.00", "8.00"), "8.01", "bad_criterion"),
        (level("5.00", "8.00"), "5.00", "bad_criterion"),
        (level("5.00", "8.00"), "6.001", "amount_too_precise"),
    ],
)
def test_a_value_beside_the_way_is_refused(said: dict[str, Any], value: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        criterion_of("value", value, plan(**said))

    assert (refused.value.code, refused.value.field) == (code, "/criterion/value")


def test_what_is_to_be_kept_has_no_value_to_be_reached() -> None:
    kept = plan(metric=LEVEL, kind="keep", goal=None, bounds_min="1.00", bounds_max="2.00")

    with pytest.raises(Refused, match="to be kept") as refused:
        criterion_of("value", "1.50", kept)

    assert (refused.value.code, refused.value.field) == ("bad_criterion", "/criterion/kind")
    assert criterion_of("tasks", None, kept).value is None


def test_a_value_of_a_ratio_is_a_fraction_with_six_places() -> None:
    assert criterion_of("value", "0.125", ratio()).value == 125_000
    for value, code in (("0", "bad_criterion"), ("-0.1", "amount_negative"), ("0.1234567", "amount_too_precise")):
        with pytest.raises(Refused) as refused:
            criterion_of("value", value, ratio())
        assert (refused.value.code, refused.value.field) == (code, "/criterion/value")


# Who reaches it


def compared(mode: str, *before: str) -> Shop:
    """With these amounts sold in October."""
    shop = Shop(**uplift(mode))
    at = "2026-10-10T12:00:00Z"
    sold = [sale(f"before {number}", amount, occurred_at=at) for number, amount in enumerate(before)]
    shop.record(*sold, sale("other", "1.00", occurred_at="2026-09-01T00:00:00Z"))
    return shop.start()


def test_a_gain_reaches_a_value_over_the_whole_comparison_whatever_the_day() -> None:
    shop = compared("gain", "300.00", "200.00")
    milestone = shop.plan("50.00")

    shop.record(sale("1", "549.99", occurred_at="2026-11-02T12:00:00Z"))
    assert shop.turns(milestone) == []
    shop.record(sale("2", "0.01"))

    assert shop.turns(milestone) == [("achieved", "2")]


def test_a_level_over_last_year_reaches_a_value_of_its_own_sales() -> None:
    shop = compared("level", "500.00")
    milestone = shop.plan("50.00")

    shop.record(sale("1", "50.00"))

    assert shop.turns(milestone) == [("achieved", "1")]


def test_without_anything_to_compare_with_no_gain_is_reached() -> None:
    shop = compared("gain")
    milestone = shop.plan("50.00")

    shop.record(sale("1", "1000.00"))

    assert shop.turns(milestone) == []
    assert shop.target.plan.incomparable


@pytest.mark.parametrize(("goal", "reached", "back"), [("5.00", "6.50", "6.51"), ("11.00", "9.50", "9.49")])
def test_a_level_reaches_a_value_from_its_baseline_and_loses_it_by_a_later_measurement(
    goal: str, reached: str, back: str
) -> None:
    shop = Shop(**level("8.00", goal)).start()
    milestone = shop.plan(reached)

    shop.measure("1", back, 9)
    shop.measure("2", reached, 10)
    shop.measure("3", back, 11)

    assert shop.turns(milestone) == [("achieved", "2"), ("reopened", "3")]


def test_a_measurement_that_is_taken_back_reopens_and_is_named_by_what_took_it_back() -> None:
    shop = Shop(**level("8.00", "5.00")).start()
    milestone = shop.plan("6.50")
    shop.measure("1", "7.00", 9)
    shop.measure("2", "6.00", 10)

    shop.record(void("undone", "2"))

    assert shop.turns(milestone) == [("achieved", "2"), ("reopened", "undone")]


def test_a_batch_of_measurements_is_judged_on_the_latest_alone() -> None:
    shop = Shop(**level("8.00", "5.00")).start()
    milestone = shop.plan("6.50")

    shop.record(measured("1", "6.00", 9), measured("2", "7.00", 10))
    assert shop.turns(milestone) == []
    shop.record(measured("3", "7.50", 11), measured("4", "6.40", 12))

    assert shop.turns(milestone) == [("achieved", "4")]


@pytest.mark.parametrize(("day", "late"), [(10, False), (13, True)])
def test_a_level_is_on_time_by_what_was_measured_before_the_due_date(day: int, late: bool) -> None:
    shop = Shop(**level("8.00", "5.00")).start()
    milestone = shop.plan("6.50", DueRule("date", day=date(2026, 11, 12)))

    shop.measure("1", "6.00", day)

    (achieved,) = [one for one in shop.app.events.get(milestone) if isinstance(one, Milestone.MilestoneAchieved)]
    assert achieved.late is late


# Order


@pytest.mark.parametrize(
    ("baseline", "goal", "way"),
    [("8.00", "5.00", ("7.00", "6.00", "5.50")), ("5.00", "8.00", ("5.50", "6.00", "7.00"))],
)
def test_one_measurement_achieves_in_the_order_of_the_way_whichever_way_that_goes(
    baseline: str, goal: str, way: tuple[str, str, str]
) -> None:
    shop = Shop(**level(baseline, goal)).start()
    first = shop.plan(way[0])
    second = shop.plan(way[1], after=(first,))
    last = shop.plan(way[2], after=(second,))

    shop.measure("1", goal)

    assert [shop.flagged(one) for one in (first, second, last)] == [False, False, False]


# Moving


def test_one_that_is_reopened_is_due_where_the_target_stands_by_then() -> None:
    shop = Shop(schedule="FREQ=WEEKLY;BYDAY=FR").start()
    milestone = shop.plan("50.00")
    shop.record(sale("1", "60.00"))
    shop.revise(end=date(2026, 12, 10))
    assert shop.milestone(milestone).due_day == date(2026, 11, 30)

    shop.record(void("2", "1"))

    assert shop.turns(milestone) == [("achieved", "1"), ("reopened", "2"), ("rescheduled", None)]
    assert shop.milestone(milestone).due_day == date(2026, 12, 10)


def test_one_that_is_reopened_where_its_rule_says_no_day_any_more_is_due_when_it_was() -> None:
    shop = Shop(schedule="FREQ=WEEKLY;BYDAY=FR").start()
    milestone = shop.plan("50.00", DueRule("date", day=date(2026, 11, 28)))
    shop.record(sale("1", "60.00"))
    shop.revise(end=date(2026, 11, 25))

    shop.record(void("2", "1"))

    assert shop.turns(milestone) == [("achieved", "1"), ("reopened", "2")]
    assert shop.milestone(milestone).due_day == date(2026, 11, 28)


def test_a_share_of_last_years_pace_is_due_by_it_once_that_is_known() -> None:
    shop = Shop(pacing="last_year", comparison=Versus(*OCTOBER))
    shop.record(sale("1", "90.00", occurred_at="2026-10-20T12:00:00Z"), sale("2", "1.00"))
    shop.app.define_target(shop.target_id, plan(**shop.said), activate=False, by=ANA, at=NOON)
    milestone = shop.plan("50000.00", DueRule("fraction", of="0.5"))
    assert shop.milestone(milestone).due_day == date(2026, 11, 15)

    shop.app.activate_target(shop.target_id, by=ANA, at=NOON)
    shop.fill()

    assert shop.milestone(milestone).due_day == date(2026, 11, 20)
    assert shop.turns(milestone) == [("rescheduled", None)]


# The close and the seal


def test_after_the_seal_no_sale_moves_a_milestone() -> None:
    shop = Shop().start()
    missed, reached = shop.plan("90.00"), shop.plan("50.00")
    shop.record(sale("1", "60.00"))
    shop.until(datetime(2026, 12, 1, 1, tzinfo=UTC))
    assert shop.milestone(missed).stage is Stage.MISSED
    shop.until(datetime(2027, 1, 5, tzinfo=UTC))
    assert shop.target.state is State.SEALED

    shop.record(sale("2", "60.00"))
    shop.record(void("3", "1"), void("4", "2"))

    assert shop.turns(missed) == [("missed", None)]
    assert shop.turns(reached) == [("achieved", "1")]
    assert shop.target.actual(shop.target.plan.ends) == Fraction(0)
    with pytest.raises(Refused) as refused:
        Planner(shop.app, by=ANA, at=shop.now).waive(missed, "too late")
    assert refused.value.code == "sealed"


def test_after_the_close_and_until_the_seal_a_late_sale_achieves_late() -> None:
    shop = Shop().start()
    missed = shop.plan("90.00")
    shop.until(datetime(2026, 12, 1, 1, tzinfo=UTC))

    shop.record(sale("late", "90.00"))

    assert shop.turns(missed) == [("missed", None), ("achieved", "late")]
    (achieved,) = [one for one in shop.app.events.get(missed) if isinstance(one, Milestone.MilestoneAchieved)]
    assert achieved.late
