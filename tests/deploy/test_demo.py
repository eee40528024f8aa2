"""The demo: a small company's month on a machine of its own, twice; and what is made for it, in any month."""

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.company import (
    GOAL,
    REGIONS,
    REPS,
    DemoTarget,
    company_target,
    last_month,
    local,
    month_of,
    region_targets,
    rep_targets,
)
from deploy.demo.feed import months_to_tell, sales_until
from deploy.demo.made_sales import sales_of, sales_of_last_year
from deploy.demo.metrics import METRICS
from deploy.demo.milestones import plan_of_company, plan_of_regions, plan_what_comes_next
from deploy.demo.people import plan_months_to_come, post_updates
from deploy.demo.targets import Targets, activate_drafts, define_missing
from domain.comparison import Compared
from domain.delivery.endpoint import secret_of
from domain.milestones.milestone import Milestone, Stage
from domain.plan import Plan
from domain.sale import Sale, sale_of
from domain.settlement import Book, naming, settle
from domain.standing import classify
from domain.target import State
from projections.store import Store
from tests.deploy.conftest import processes_of
from tests.system.product import Product

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
ODD_MONTHS = (date(2026, 3, 1), date(2026, 5, 1), date(2026, 11, 1), date(2027, 2, 1), date(2028, 2, 1))
"""Clocks that go forward and back, a Friday the first, exactly four weeks, and a 29 February."""
ODD_DAYS = (
    date(2026, 1, 1),
    date(2026, 3, 8),
    date(2026, 5, 2),
    date(2026, 7, 5),
    date(2028, 2, 29),
    date(2026, 12, 31),
)
SECRET = secret_of(bytes(range(32)))


@pytest.fixture
def directory() -> Iterator[Path]:
    parent = Path(tempfile.mkdtemp(prefix="mm-demo-"))
    yield parent / "data"
    shutil.rmtree(parent)


def test_a_second_demo_carries_on_and_counts_nothing_twice(directory: Path) -> None:
    product = Product(directory)

    first = product.command("demo", "--data", str(directory), "--port", "0", "--sales", "1").stdout
    second = product.command("demo", "--data", str(directory), "--port", "0", "--sales", "1").stdout

    for said in (first, second):
        assert "Milemarker is up" in said
        assert re.search(r"^  http://127\.0\.0\.1:\d+/login/[\w-]{40,}$", said, re.MULTILINE)
        assert len(re.findall(r"^ +\d\d:\d\d:\d\d  (?:sale|refund|correction) ", said, re.MULTILINE)) == 1
        # Told by a webhook, signed with the secret that the first start made.
        assert re.search(r"▌ .* ▶ \w+ \w+ push, \d\d:\d\d has started: \$3,000.00", said)
        assert re.search(r"For ana@example\.com: http://127\.0\.0\.1:\d+/targets/[0-9a-f-]{36}$", said, re.MULTILINE)
        assert not re.search(r"off track.*checkpoint [2-7]|See on its page|POST /v1", said)
    recorded = [int(re.findall(r"\(([\d,]+) sales recorded\)", said)[0].replace(",", "")) for said in (first, second)]
    assert recorded[1] > recorded[0] > 2_000, "the live one of the first start, and what the feed told since"
    closed = [
        re.findall(r"^\w+ revenue .*(?:goal exceeded|missed) *$", said, re.MULTILINE)[-4:] for said in (first, second)
    ]
    assert len(closed[0]) == 4
    assert closed[0] == closed[1]
    assert processes_of(directory) == []


@pytest.mark.parametrize("first", ODD_MONTHS, ids=str)
def test_the_same_month_makes_the_same_sales_all_of_them_good(first: date) -> None:
    told = sales_of(first)
    end = local(month_of(first)[1] + timedelta(days=1), 0)

    sales = [read(one.sale, end) for one in told]

    assert told == sales_of(first)
    assert all(local(first, 0) <= sale.occurred_at < end for sale in sales)
    assert {one.sale["kind"] for one in told} == {"sale", "refund", "correction", "void"}
    again = Counter(sale.key for sale in sales)
    assert 5 < sum(count == 2 for count in again.values()) < 60
    assert max(again.values()) == 2


@pytest.mark.parametrize("first", ODD_MONTHS, ids=str)
def test_in_every_month_some_are_ahead_most_on_track_and_some_are_not(first: date) -> None:
    targets = [company_target(first), *region_targets(first), *rep_targets(first)]
    end = local(month_of(first)[1] + timedelta(days=1), 0)
    posted = postings([read(sale, end) for sale in (*sales_of_last_year(first), *told_sales(first))])
    plans = [compared(one, posted) for one in targets]

    for number in range(len(plans[0].steps)):
        verdicts = [verdict(one, posted, number) for one in plans]

        assert verdicts[0] == "on_track" or (number == 0 and verdicts[0] == "ahead")
        found = Counter(verdicts)
        assert found["ahead"] in (4, 5)
        assert found["on_track"] in (5, 6)
        assert (found["at_risk"], found["off_track"]) == (2, 1)


def test_who_attains_their_goal_does_so_in_the_first_week() -> None:
    for first in ODD_MONTHS:
        (sam,) = [one for one in rep_targets(first) if one.plan.name.startswith("Sam")]

        told = [one.sale for one in sales_of(first) if one.at < sam.plan.checkpoints[0].cutoff]

        # All that was sold last year, and the goal on top: no day's comparison can take it back.
        assert sum(float(one["amount"]) for one in told if one.get("dimensions", {}).get("rep") == "sam") > 2_500


def test_goals_of_regions_and_reps_add_up_to_the_companys() -> None:
    for region in REGIONS:
        assert sum(rep.goal for rep in REPS if rep.region == region.name) == region.goal
    assert sum(region.goal for region in REGIONS) == GOAL
    assert sum(rep.before for rep in REPS) == 9 * GOAL


def test_sales_are_told_when_they_come_and_what_was_told_stays() -> None:
    month = [date(2026, 11, 1)]

    before, after = list(sales_until(month, NOW)), list(sales_until(month, NOW + timedelta(hours=3)))

    assert after[: len(before)] == before
    assert len(after) > len(before) > 2_000
    begun = list(sales_until(month, datetime(2026, 11, 1, 5, tzinfo=UTC)))
    assert begun == [*sales_of_last_year(month[0]), *sales_of_last_year(date(2026, 12, 1))]
    assert len(begun) == (30 + 31) * len(REPS)
    assert {one["occurred_at"][:7] for one in begun} == {"2025-11", "2025-12"}


def test_the_months_without_a_demo_are_told_too_but_not_for_ever() -> None:
    november = date(2026, 11, 1)

    assert months_to_tell(november, None) == [date(2026, 10, 1), november]
    assert months_to_tell(november, date(2026, 8, 1)) == [date(2026, month, 1) for month in (8, 9, 10, 11)]
    assert len(months_to_tell(november, date(2020, 1, 1))) == 6
    assert last_month(date(2027, 1, 1)) == date(2026, 12, 1)


@pytest.mark.parametrize("day", ODD_DAYS, ids=str)
def test_on_any_day_of_a_month_something_is_done_and_something_is_to_be_done(store: Store, day: date) -> None:
    now = local(day, 12)
    targets = Targets(now)

    for _ in range(2):  # a second start changes nothing
        define_missing(store.app, targets.all, now)
        plan_of_company(store.app, targets.company, now)
        plan_of_regions(store.app, targets.regions, now)
        activate_drafts(store.app, targets.all, now)
        plan_what_comes_next(store.app, targets.company, now)
        plan_months_to_come(store.app, targets.first, now)
        post_updates(store.app, targets.regions, now)

    with store.app.writing() as log:
        found = log.milestones(one.id for one in targets.all)
        states = {one.state for one in log.targets(one.id for one in targets.all).values()}
    assert states == {State.FILLING}
    of_company = {one.name: one for one in found[targets.company.id]}
    assert sum(len(those) for those in found.values()) == 9
    assert of_company["Buy the CRM"].stage is Stage.ACHIEVED
    assert of_company["Launch the campaign"].after == [of_company["Buy the CRM"].id]
    assert [late(one, now) for one in of_company.values()].count(True) == (day.day >= 5)


def read(sale: dict[str, Any], now: datetime) -> Sale:
    places = {one.name: one.exponent for one in METRICS}
    return sale_of(sale, now, lambda metric, unit: places[metric])


def told_sales(first: date) -> list[dict[str, Any]]:
    return [one.sale for one in sales_of(first)]


Posted = tuple[datetime, int, dict[str, str]]


def postings(sales: list[Sale]) -> list[Posted]:
    """What these come to, by the rules of the ledger."""
    book, found = Book(), []
    assert naming(sales)
    for sale in sales:
        for entry in settle(sale, book).entries:
            found += [(one.occurred_at, one.amount, one.dimensions) for one in entry.postings()]
    return found


def verdict(plan: Plan, posted: list[Posted], number: int) -> str:
    """At the step of this number, with what was before it."""
    before = None
    for cutoff in plan.steps[: number + 1]:
        net = sum(one for at, one, given in posted if plan.begins <= at < cutoff and matches(plan, given))
        before = classify(before, net - plan.compared(cutoff), plan.goal * plan.weight(cutoff), plan.goal)
    assert before is not None
    return before


def compared(target: DemoTarget, posted: list[Posted]) -> Plan:
    """As its activation freezes it."""
    plan = target.plan
    assert plan.comparison is not None
    found = Compared(plan.comparison)
    for at, one, given in posted:
        if matches(plan, given):
            found.add(at, one)
    return plan.with_comparison(found.frozen(1), plan.goal)


def matches(plan: Plan, given: dict[str, str]) -> bool:
    return all(given.get(name) in values for name, values in plan.scope.items())


def late(milestone: Milestone, now: datetime) -> bool:
    return milestone.criterion.value is None and milestone.stage is Stage.PLANNED and milestone.due < now
