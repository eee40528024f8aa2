"""What the demo's company does beside selling: other kinds of target, what its people decide, the months to come."""

from datetime import date, timedelta

import pytest

from deploy.demo.company import TEMPLATE, DemoTarget, local, month_of
from deploy.demo.made_figures import figures_of
from deploy.demo.metrics import METRICS
from deploy.demo.other_targets import UPTIME_MIN, signups_target
from deploy.demo.people import plan_months_to_come, post_updates, raise_goal
from deploy.demo.targets import Targets, define_missing
from deploy.holiday_calendars import holidays_in
from deploy.timezones import tz_version
from domain.filling import Filler
from domain.money import minor_units
from domain.plan import KINDS
from domain.templates.recurring import Recurrer
from projections.store import Store
from tests.deploy.test_demo import NOW, ODD_MONTHS, read


@pytest.mark.parametrize("first", ODD_MONTHS, ids=str)
def test_what_is_counted_and_measured_beside_sales_is_good_and_told_once(first: date) -> None:
    told = figures_of(first)
    end = local(month_of(first)[1] + timedelta(days=1), 0)

    figures = [read(one.sale, end) for one in told]

    assert told == figures_of(first)
    assert all(local(first, 0) <= one.occurred_at < end for one in figures)
    assert len({one.key for one in figures}) == len(figures)
    assert {one.metric for one in figures} == {one.name for one in METRICS} - {"revenue"}
    ups = [one.amount for one in figures if one.metric == "uptime"]
    assert len(ups) == month_of(first)[1].day
    assert 1 <= sum(up < minor_units(UPTIME_MIN, 2) for up in ups) <= 2
    churn = [one.amount for one in figures if one.metric == "churn"]
    assert churn[0] == 800
    assert churn == sorted(churn, reverse=True)
    assert 440 < churn[-1] < 560


def test_there_is_a_target_of_every_kind_and_each_member_is_of_the_kind_of_what_it_belongs_to() -> None:
    targets = {str(one.id): one.plan for one in Targets(NOW).all}

    assert {plan.kind for plan in targets.values()} == set(KINDS)
    assert {plan.pacing for plan in targets.values()} >= {"equal_steps", "linear", "business_days"}
    for plan in targets.values():
        if plan.parent is not None:
            assert targets[plan.parent].kind == plan.kind
    (customers,) = [plan for plan in targets.values() if plan.metric == "customers"]
    assert customers.holidays == {date(2026, 11, 11): "Veterans Day", date(2026, 11, 26): "Thanksgiving Day"}


def test_next_month_the_template_goes_on_where_the_demo_began(store: Store) -> None:
    november = Targets(NOW)
    define_missing(store.app, november.all, NOW)
    plan_months_to_come(store.app, november.first, NOW)
    recurrer = Recurrer(store.app, timedelta(0), tz_version, holidays_in)

    assert recurrer.make(TEMPLATE, NOW, NOW)
    assert not recurrer.make(TEMPLATE, NOW, NOW)
    december = Targets(NOW + timedelta(days=10))
    define_missing(store.app, december.all, NOW + timedelta(days=10))

    with store.app.writing() as log:
        company = log.targets([december.company.id])[december.company.id]
        members = [one.member for one in log.memberships([company.id])]
    assert company.plan.name == "Company revenue, December 2026"
    assert (company.plan.percent, company.plan.compared_with) == ("+10 %", "2025-12-01 to 2025-12-31")
    assert members == [one.id for one in december.regions]


def test_a_month_without_a_demo_is_made_up_for_though_its_company_target_is_closed(store: Store) -> None:
    december = Targets(NOW + timedelta(days=10))
    company = december.before[0]
    app = store.app
    app.define_target(company.id, company.plan, activate=True, by="templates", at=NOW)
    app.cancel_target(company.id, "over", by="demo", at=NOW)

    define_missing(app, december.all, NOW + timedelta(days=10))

    with app.writing() as log:
        assert len(log.targets(one.id for one in december.all)) == len(december.all)
        assert log.memberships([company.id]) == []


def test_a_goal_is_raised_once_when_the_month_is_under_way(store: Store) -> None:
    target, day = signups_target(date(2026, 11, 1)), NOW.date()
    store.app.define_target(target.id, target.plan, activate=True, by="demo", at=NOW)
    Filler(store.app).fill_some(NOW)

    raise_goal(store.app, target, date(2026, 11, 2), NOW)
    before = goals(store, target)
    for _ in range(2):
        raise_goal(store.app, target, day, NOW)

    assert (before, goals(store, target)) == ([2_000], [2_000, 2_300])


def test_what_somebody_has_cancelled_is_left_alone(store: Store) -> None:
    november, signups = Targets(NOW), signups_target(date(2026, 11, 1))
    define_missing(store.app, november.all, NOW)
    for one in (*november.regions, signups):
        store.app.cancel_target(one.id, "to see what happens", by="ana@example.com", at=NOW)

    post_updates(store.app, november.regions, NOW)
    raise_goal(store.app, signups, NOW.date(), NOW)
    define_missing(store.app, november.all, NOW)

    assert goals(store, signups) == [2_000]


def goals(store: Store, target: DemoTarget) -> list[int]:
    with store.app.writing() as log:
        return [plan.goal for plan in log.targets([target.id])[target.id].plans]
