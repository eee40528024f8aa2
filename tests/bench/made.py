"""Sales and targets to measure with: ids unique but for 1 % repeated, each sale counting toward three targets."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from domain.defining import Resolving, plan_of
from domain.definition import Definition
from domain.filling import Filler
from domain.metric import Metric, define_metric
from domain.plan import Plan
from domain.target import Target
from projections.store import Store

BEGINS = datetime(2026, 11, 1, tzinfo=UTC)
MINUTES = 22 * 24 * 60
NOW = datetime(2026, 11, 23, tzinfo=UTC)
REVENUE = Metric("revenue", "USD", 2)
DEFINED_AT_ONCE = 500


def sale(number: int, reps: int) -> dict[str, Any]:
    """One of 22 days of November 2026; every hundredth is one before it again."""
    if number % 100 == 99:
        number -= 50
    rep = number * 7919 % reps
    return {
        "source": "webshop",
        "id": f"ord-{number:09d}",
        "metric": "revenue",
        "amount": f"{number % 9000 + 100}.{number % 100:02d}",
        "unit": "USD",
        "occurred_at": (BEGINS + timedelta(minutes=number * 31 % MINUTES)).isoformat(),
        "dimensions": {"region": f"r{rep % regions_of(reps)}", "rep": f"rep-{rep}"},
    }


def sales(count: int, reps: int, first: int = 0) -> list[dict[str, Any]]:
    """So many sales, from this number on."""
    return [sale(number, reps) for number in range(first, first + count)]


def regions_of(reps: int) -> int:
    return max(1, reps // 10)


def define_targets(store: Store, count: int) -> int:
    """Company, regions and reps, so many in all and every sale toward one of each; how many reps there are."""
    reps = next(reps for reps in range(count, 0, -1) if 1 + regions_of(reps) + reps <= count)
    scopes: list[dict[str, list[str]]] = [{}]
    scopes += [{"region": [f"r{number}"]} for number in range(regions_of(reps))]
    scopes += [{"rep": [f"rep-{number}"]} for number in range(reps)]
    define(store, [_plan(f"Target {number}", scope) for number, scope in enumerate(scopes)], NOW)
    return reps


def define(store: Store, plans: list[Plan], at: datetime) -> None:
    """Active targets by these plans, as `Milemarker.define_target` makes them, many in one commit; filled."""
    for first in range(0, len(plans), DEFINED_AT_ONCE):
        with store.app.writing() as log:
            facts: list[Any] = []
            if REVENUE.name not in log.metrics():
                log.keep_metric(REVENUE)
                facts.append(define_metric(REVENUE, by="bench", at=at))
            for plan in plans[first : first + DEFINED_AT_ONCE]:
                target = Target.define(uuid4(), plan, by="bench", at=at)
                target.activate(log.position, by="bench", at=at)
                log.keep_route(target)
                facts += target.collect_events()
            log.save(facts)
    while Filler(store.app).fill_some(at):
        continue


def plan_now(name: str, scope: dict[str, list[str]], goal: str, now: datetime, schedule: str | list[str]) -> Plan:
    """Of a period that has begun 20 days before now and ends 10 days after."""
    return _resolved(
        name=name,
        goal=goal,
        start=now.date() - timedelta(days=20),
        end=now.date() + timedelta(days=10),
        time_zone="UTC",
        scope=scope,
        checkpoints=schedule,
    )


def _plan(name: str, scope: dict[str, list[str]]) -> Plan:
    return _resolved(
        name=name,
        goal="999999999999.00",
        start=date(2026, 11, 1),
        end=date(2026, 11, 30),
        time_zone="America/New_York",
        scope=scope,
        checkpoints="FREQ=WEEKLY;BYDAY=FR",
    )


def _resolved(**said: Any) -> Plan:
    known = Resolving({REVENUE.name: REVENUE}, lambda zone: "2026a")
    return plan_of(Definition(metric=REVENUE.name, unit=REVENUE.unit, **said), known)
