"""Sales and targets to measure with: ids unique but for 1 % repeated, each sale counting toward three targets."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from domain.metric import Metric
from domain.plan import Plan, plan_of
from projections.store import Store

BEGINS = datetime(2026, 11, 1, tzinfo=UTC)
MINUTES = 22 * 24 * 60
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def sales(count: int, reps: int) -> list[dict[str, Any]]:
    """So many sales of 22 days of November 2026; every hundredth is one before it again."""
    made: list[dict[str, Any]] = []
    for number in range(count):
        if number % 100 == 99:
            made.append(made[-50])
            continue
        rep = number * 7919 % reps
        made.append(
            {
                "source": "webshop",
                "id": f"ord-{number:09d}",
                "metric": "revenue",
                "amount": f"{number % 9000 + 100}.{number % 100:02d}",
                "unit": "USD",
                "occurred_at": (BEGINS + timedelta(minutes=number * 31 % MINUTES)).isoformat(),
                "dimensions": {"region": f"r{rep % regions_of(reps)}", "rep": f"rep-{rep}"},
            }
        )
    return made


def regions_of(reps: int) -> int:
    return max(1, reps // 10)


def define_targets(store: Store, count: int) -> int:
    """Company, regions and reps, so many in all and every sale toward one of each; how many reps there are."""
    reps = next(reps for reps in range(count, 0, -1) if 1 + regions_of(reps) + reps <= count)
    scopes: list[dict[str, list[str]]] = [{}]
    scopes += [{"region": [f"r{number}"]} for number in range(regions_of(reps))]
    scopes += [{"rep": [f"rep-{number}"]} for number in range(reps)]
    for number, scope in enumerate(scopes):
        store.app.define_target(uuid4(), _plan(f"Target {number}", scope), activate=True, by="bench", at=NOW)
    return reps


def _plan(name: str, scope: dict[str, list[str]]) -> Plan:
    return plan_of(
        name=name,
        metric=Metric("revenue", "USD", 2),
        goal="999999999999.00",
        start=date(2026, 11, 1),
        end=date(2026, 11, 30),
        time_zone="America/New_York",
        tz_version="2026a",
        scope=scope,
        schedule="FREQ=WEEKLY;BYDAY=FR",
    )
