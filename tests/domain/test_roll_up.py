"""A roll-up has what its members have, to the cent: whoever joins, leaves, is revised or cancelled."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from uuid import uuid4

from domain.definition import Measure
from domain.forecasting import Seen, projection_of
from domain.milestones.due_rule import DueRule
from domain.milestones.milestone import Milestone
from domain.milestones.planning import Planner
from domain.milestones.planning import Wish as MilestoneWish
from domain.plan import Plan
from domain.revising import Wish, revise_target
from domain.rollup.joining import members_of
from domain.rollup.membership import Window
from domain.target import State
from tests.domain.companies import (
    BY,
    CLOSED,
    EMEA,
    US,
    checkpoints,
    company,
    evaluate,
    loaded,
    region,
    sale_in,
    sold,
    started,
)
from tests.memory import memory_app
from tests.words import NOW, plan, resolving, sale


def test_a_roll_up_counts_and_expects_what_its_members_do() -> None:
    app = memory_app()
    parent = started(app, company())
    started(app, region("100.00", EMEA), parent)
    started(app, region("200.00", US), parent)
    sold(app, sale_in("emea", "1", "10.00"), sale_in("us", "2", "20.00"), sale_in("apac", "3", "40.00"))

    target = loaded(app, parent)

    assert (target.state, target.total, target.plan.goal) == (State.ACTIVE, 30_00, 300_00)
    assert target.course.expected(CLOSED) == 150_00
    assert target.course.weight(CLOSED) == Fraction(1, 2)


def test_what_was_sold_before_a_member_joined_is_counted_too() -> None:
    app = memory_app()
    parent = started(app, company())
    member = started(app, region("100.00"))
    sold(app, sale_in("emea", "1", "10.00"))
    loaded(app, parent)

    app.join_target(parent, member, Window(), **BY)

    assert loaded(app, parent).total == 10_00


def test_a_member_counts_and_expects_from_the_day_that_it_joins_to_the_day_that_it_leaves() -> None:
    app = memory_app()
    first, second = started(app, company()), started(app, company())
    member = started(app, region("300.00"))
    app.join_target(first, member, Window(until=date(2026, 11, 10)), **BY)
    app.join_target(second, member, Window(since=date(2026, 11, 11)), **BY)
    sold(app, sale_in("emea", "1", "1.00", 10), sale_in("emea", "2", "2.00", 11))

    assert [(one.total, one.plan.goal) for one in (loaded(app, first), loaded(app, second))] == [
        (1_00, 100_00),
        (2_00, 200_00),
    ]


def test_a_sale_that_two_members_count_counts_twice() -> None:
    app = memory_app()
    parent = started(app, company())
    started(app, region("100.00", EMEA), parent)
    started(app, region("100.00", {"rep": ["ana"]}), parent)
    sold(app, sale("1", "10.00", dimensions={"region": "emea", "rep": "ana"}))

    assert loaded(app, parent).total == 20_00


def test_shares_of_a_sale_count_as_each_member_counts_them() -> None:
    app = memory_app()
    parent = started(app, company())
    started(app, region("100.00", {"rep": ["ana"]}), parent)
    started(app, region("100.00", {"rep": ["jo"]}), parent)
    sold(app, sale("1", "10.00", credit=[{"rep": "ana", "bps": 6000}, {"rep": "jo", "bps": 3000}]))

    assert loaded(app, parent).total == 9_00


def test_sums_go_up_through_every_level() -> None:
    app = memory_app()
    top, middle = started(app, company(name="World")), started(app, company(name="Europe"))
    app.join_target(top, middle, Window(), **BY)
    started(app, region("100.00"), middle)
    sold(app, sale_in("emea", "1", "10.00"))

    world = loaded(app, top)

    assert (world.total, world.plan.goal) == (10_00, 100_00)
    assert world.course.expected(CLOSED) == 50_00


def test_a_member_that_is_revised_revises_what_is_expected_of_the_whole() -> None:
    app = memory_app()
    parent = started(app, company())
    member = started(app, region("100.00"), parent)
    sold(app, sale_in("emea", "1", "110.00"))
    assert loaded(app, parent).attained

    revise_target(app, member, Wish({"goal": "150.00"}, "More"), resolving(), **BY)

    after = loaded(app, parent)
    assert (after.state, after.plan.goal, after.attained) == (State.ACTIVE, 150_00, False)
    assert after.course.expected(NOW) == loaded(app, member).course.expected(NOW)


def test_a_member_of_another_scope_has_the_whole_filled_again() -> None:
    app = memory_app()
    parent = started(app, company())
    member = started(app, region("100.00"), parent)
    sold(app, sale_in("emea", "1", "10.00"), sale_in("us", "2", "20.00"))

    revise_target(app, member, Wish({"scope": US}, "Moved"), resolving(), **BY)

    assert loaded(app, parent).total == 20_00


def test_a_cancelled_member_counts_no_more() -> None:
    app = memory_app()
    parent = started(app, company())
    member = started(app, region("100.00"), parent)
    started(app, region("50.00", US), parent)
    sold(app, sale_in("emea", "1", "10.00"), sale_in("us", "2", "20.00"))

    app.cancel_target(member, "Given up", **BY)

    after = loaded(app, parent)
    assert (after.total, after.plan.goal) == (20_00, 50_00)


def test_a_draft_counts_from_its_activation_on() -> None:
    app = memory_app()
    parent, member = started(app, company()), uuid4()
    app.define_target(member, region("100.00", parent=parent), activate=False, **BY)
    sold(app, sale_in("emea", "1", "10.00"))
    assert loaded(app, parent).plan.goal == 0

    app.activate_target(member, **BY)

    after = loaded(app, parent)
    assert (after.total, after.plan.goal) == (10_00, 100_00)


def test_a_roll_up_without_members_has_nothing_to_reach() -> None:
    app = memory_app()
    parent = started(app, company())
    member = started(app, region("5.00"), parent)
    sold(app, sale_in("emea", "1", "10.00"))
    assert loaded(app, parent).attained

    app.leave_target(parent, member, None, **BY)

    after = loaded(app, parent)
    assert (after.total, after.plan.goal, after.attained) == (0, 0, False)


def test_a_roll_up_of_ratios_adds_numerators_and_denominators() -> None:
    app, orders, visits = memory_app(), ("orders", "pieces"), ("visits", "pieces")
    sold(
        app,
        *(
            one
            for number, (wins, seen) in enumerate([("5", "50"), ("3", "10")])
            for one in ratio_sales(number, wins, seen)
        ),
    )
    parent = started(app, ratio(orders, visits, roll_up=True))
    for number in range(2):
        started(app, ratio(orders, visits, scope={"region": [str(number)]}), parent)

    target = loaded(app, parent)

    assert (target.total, target.total_under) == (8, 60)
    assert target.actual(CLOSED) == Fraction(8, 60) * 10**6
    assert target.course.expected(CLOSED) == 100_000


def ratio(orders: tuple[str, str], visits: tuple[str, str], scope: Any = None, **changes: Any) -> Plan:
    parts = {
        "numerator": Measure(orders[0], scope or {}, orders[1]),
        "denominator": Measure(visits[0], scope or {}, visits[1]),
    }
    return plan(metric=None, kind="ratio", goal="0.1", **parts, **changes)


def ratio_sales(number: int, wins: str, seen: str) -> list[dict[str, Any]]:
    where = {"dimensions": {"region": str(number)}, "unit": "pieces"}
    return [
        sale(f"o{number}", wins, metric="orders", **where),
        sale(f"v{number}", seen, metric="visits", **where),
    ]


# What is evaluated


def test_a_roll_up_is_evaluated_by_what_its_members_expect() -> None:
    app = memory_app()
    parent = started(app, company())
    started(app, region("300.00"), parent)
    sold(app, sale_in("emea", "1", "60.00", 3), sale_in("emea", "2", "40.00", 9))
    loaded(app, parent)

    evaluate(app)

    assert [(one.reading.actual, one.reading.expected) for one in checkpoints(app, parent)[:2]] == [
        (60_00, 60_00),
        (100_00, 130_00),
    ]


def test_after_the_last_step_of_its_members_a_roll_up_is_still_forecast_to_sell() -> None:
    app = memory_app()
    parent = started(app, company())
    started(app, region("300.00", pacing=None, schedule="FREQ=WEEKLY;BYDAY=FR"), parent)
    sold(app, sale_in("emea", "1", "216.00", 3))
    target = loaded(app, parent)

    seen = projection_of(target.course, Seen(State.ACTIVE, target.sums), datetime(2026, 11, 28, tzinfo=UTC))

    # 216 in 27 days; at (27 x 0.72 + 3) / 30 of the plan the three days left bring 22.44 of their 30.
    assert (target.total, seen.value) == (216_00, 238_44)


def test_what_was_evaluated_is_restated_when_a_member_joins() -> None:
    app = memory_app()
    parent = started(app, company())
    member = started(app, region("300.00"))
    sold(app, sale_in("emea", "1", "60.00", 3))
    loaded(app, parent)
    evaluate(app)

    app.join_target(parent, member, Window(), **BY)
    loaded(app, parent)
    evaluate(app)

    first = checkpoints(app, parent)[0]
    assert (first.restated, first.reading.actual, first.reading.expected) == (1, 60_00, 60_00)


def test_a_milestone_by_the_pace_moves_when_the_members_expect_something_else() -> None:
    app = memory_app()
    whole, first, second = started(app, company()), started(app, region("100.00")), uuid4()
    app.join_target(whole, first, Window(), **BY)
    milestone = (
        Planner(app, **BY)
        .plan(uuid4(), whole, MilestoneWish("Half", DueRule("fraction", of="0.5"), "by_hand"))
        .milestone
    )
    assert milestone.due_day == date(2026, 11, 15)

    app.define_target(second, region("300.00", US, start=date(2026, 11, 21)), activate=True, **BY)
    app.join_target(whole, second, Window(), **BY)

    with app.writing() as log:
        moved = log.aggregates(Milestone, [milestone.id])[milestone.id]
    # 24th: 80 of the first, and 4 of 10 days of 300 of the second.
    assert moved.due_day == date(2026, 11, 24)
    assert [type(one).__name__ for one in app.events.get(milestone.id)] == ["MilestonePlanned", "MilestoneRescheduled"]


def test_a_roll_up_without_members_is_missed_in_the_end() -> None:
    app = memory_app()
    parent = started(app, company(end=date(2026, 11, 20)))
    loaded(app, parent)

    evaluate(app)

    assert loaded(app, parent).outcome == "missed"
    assert all(one.status == "too_early" for one in checkpoints(app, parent))


def test_members_that_come_one_by_one_are_those_that_are_counted_together() -> None:
    app = memory_app()
    parent = started(app, company())
    for number, pacing in enumerate(("linear", "equal_steps", "linear"), 1):
        days: dict[str, Any] = {"start": date(2026, 11, number), "end": date(2026, 11, 20 + number)}
        started(app, region("100.00", pacing=pacing, **days), parent)

    with app.writing() as log:
        plan = log.targets([parent])[parent].plan
        assert plan.members == members_of(log, parent, plan)
