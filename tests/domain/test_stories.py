"""Stories that chance came upon: each of them was told wrongly once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.checkpoint import Checkpoint
from domain.definition import Measure, Versus
from domain.metric import MetricDefined
from domain.milestones.due_rule import DueRule
from domain.milestones.milestone import Milestone
from domain.milestones.planning import Planner
from domain.milestones.planning import Wish as MilestoneWish
from domain.revising import Wish, revise_target
from domain.target import Target
from tests.domain.scenarios.company import Company
from tests.memory import memory_app
from tests.words import plan, resolving, sale

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
OCTOBER = Versus(date(2026, 10, 1), date(2026, 10, 31))
ANA = "ana@example.com"


@pytest.fixture
def company() -> Company:
    return Company(memory_app(), FIRST)


def active(company: Company, **changes: Any) -> UUID:
    company.targets.append(company.new_id())
    company.app.define_target(company.targets[-1], plan(**changes), activate=True, by=ANA, at=company.now)
    company.fill()
    return company.targets[-1]


def facts(company: Company, kind: type[Any]) -> list[Any]:
    rows = company.app.recorder.select_notifications(1, 1_000, topics=[kind.TOPIC])
    return [company.app.mapper.to_domain_event(one) for one in rows]


def revise(company: Company, **changes: Any) -> None:
    wish = Wish(changes, "the shop in Oslo opened", "retroactive")
    revise_target(company.app, company.targets[-1], wish, resolving(), by=ANA, at=company.now)


def level(id: str, amount: str) -> dict[str, Any]:
    return sale(id, amount, kind="measurement", occurred_at=FIRST.isoformat())


def returned(amount: str) -> dict[str, Any]:
    return sale("returned", amount, kind="refund", occurred_at="2026-10-10T12:00:00Z")


def test_a_ratio_fixes_the_units_of_what_it_divides_and_none_of_its_own(company: Company) -> None:
    parts = {"numerator": Measure("revenue", {}, "USD"), "denominator": Measure("visits", {}, "pieces")}

    active(company, kind="ratio", metric=None, goal="2.5", **parts)

    assert [(one.name, one.unit) for one in facts(company, MetricDefined)] == [("revenue", "USD"), ("visits", "pieces")]
    assert company.publish(0, [sale("1", "5.00", occurred_at=FIRST.isoformat())]) == (1, 0, [])


def test_an_uplift_over_a_month_that_gave_back_more_than_it_is_to_grow_by_has_no_baseline(company: Company) -> None:
    company.publish(0, [returned("30.00")])

    active(company, kind="uplift", goal="20.00", comparison=OCTOBER)
    company.publish(0, [sale("1", "5.00", occurred_at=FIRST.isoformat())])
    company.now = FIRST + timedelta(days=31)
    company.look(complete=True)

    assert facts(company, Target.TargetAttained) == []
    assert [one.outcome for one in facts(company, Target.TargetClosed)] == ["no_baseline"]


def test_a_value_that_was_reached_before_anything_was_sold_names_no_sale(company: Company) -> None:
    company.publish(0, [returned("30.00")])
    company.targets.append(company.new_id())
    uplift = plan(kind="uplift", goal="50.00", comparison=OCTOBER)
    company.app.define_target(company.targets[-1], uplift, activate=False, by=ANA, at=FIRST)
    wish = MilestoneWish("Ten more", DueRule("end"), "value", "10.00")
    Planner(company.app, by=ANA, at=FIRST).plan(company.new_id(), company.targets[-1], wish)
    company.publish(0, [sale("1", "25.00", occurred_at=FIRST.isoformat())])

    company.app.activate_target(company.targets[-1], by=ANA, at=FIRST)
    company.fill()

    assert [one.lifted_by for one in facts(company, Milestone.MilestoneAchieved)] == [None]
    assert [one.lifted_by.id for one in facts(company, Target.TargetAttained)] == ["1"]


def test_a_level_that_is_to_go_the_other_way_has_reached_other_values(company: Company) -> None:
    target_id = active(company, kind="from_to", baseline="20.00", goal="5.00")
    wish = MilestoneWish("Twelve", DueRule("end"), "value", "12.00")
    milestone, _, _ = Planner(company.app, by=ANA, at=FIRST).plan(company.new_id(), target_id, wish)
    company.publish(0, [level("1", "11.00")])

    revise(company, goal="30.00")

    assert [one.originator_id for one in facts(company, Milestone.MilestoneAchieved)] == [milestone.id]
    assert [one.lowered_by for one in facts(company, Milestone.MilestoneReopened)] == [None]


def test_a_level_reads_what_was_measured_also_when_it_comes_from_elsewhere(company: Company) -> None:
    active(company, kind="from_to", baseline="20.00", goal="5.00")
    company.publish(0, [level("1", "11.00")])

    revise(company, baseline="25.00")
    company.fill()
    company.now = FIRST + timedelta(days=31)
    company.look(complete=True)

    (evaluated,) = facts(company, Checkpoint.CheckpointEvaluated)
    assert evaluated.actual == 11_00


def test_what_has_nothing_left_to_be_compared_with_is_not_attained(company: Company) -> None:
    company.publish(0, [returned("30.00")])
    active(company, kind="uplift", goal="50.00", comparison=OCTOBER)
    company.publish(0, [sale("1", "25.00", occurred_at=FIRST.isoformat())])
    assert len(facts(company, Target.TargetAttained)) == 1

    revise(company, goal="+10 %")

    assert [one.attained for one in facts(company, Target.TargetRevised)] == ["not_attained"]


def test_a_value_on_a_ratio_is_one_of_the_ratio_and_not_of_what_it_divides(company: Company) -> None:
    parts = {"numerator": Measure("revenue", {}, "USD"), "denominator": Measure("visits", {}, "pieces")}
    target_id = active(company, kind="ratio", metric=None, goal="5", **parts)
    wish = MilestoneWish("Three a visit", DueRule("end"), "value", "3.00")
    Planner(company.app, by=ANA, at=FIRST).plan(company.new_id(), target_id, wish)
    visits = {"metric": "visits", "unit": "pieces", "occurred_at": FIRST.isoformat()}

    company.publish(0, [sale("1", "299.99", occurred_at=FIRST.isoformat()), sale("2", "100", **visits)])
    assert facts(company, Milestone.MilestoneAchieved) == []
    company.publish(0, [sale("3", "0.01", occurred_at=FIRST.isoformat())])
    company.publish(0, [sale("4", "1", **visits)])

    assert [one.total for one in facts(company, Milestone.MilestoneAchieved)] == [3_000_000]
    assert len(facts(company, Milestone.MilestoneReopened)) == 1
