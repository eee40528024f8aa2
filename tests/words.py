"""The words that tests on every level share: sales and targets as people say them."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from deploy.holiday_calendars import holidays_in
from domain.application import Milemarker
from domain.defining import Resolving, plan_of
from domain.definition import Definition, Pacing
from domain.filling import Filler
from domain.metric import Metric
from domain.plan import Plan

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REVENUE = Metric("revenue", "USD", 2)


def sale(id: str, amount: str = "10.00", **fields: Any) -> dict[str, Any]:
    """A sale as its service would publish it, on 10 November 2026 unless it says otherwise."""
    return {
        "source": "webshop",
        "id": id,
        "metric": "revenue",
        "amount": amount,
        "unit": "USD",
        "occurred_at": "2026-11-10T12:00:00Z",
    } | fields


def void(id: str, corrects: str, **fields: Any) -> dict[str, Any]:
    return {
        "source": "webshop",
        "id": id,
        "kind": "void",
        "corrects": corrects,
        "occurred_at": "2026-11-11T12:00:00Z",
    } | fields


def definition(
    *, metric: Metric | None = REVENUE, schedule: str | list[str] | None = None, **changes: Any
) -> Definition:
    """A November with a goal of $100,000, in UTC; pacing: its kind alone, or a Pacing."""
    said: dict[str, Any] = {
        "name": "November revenue",
        "goal": "100000.00",
        "start": date(2026, 11, 1),
        "end": date(2026, 11, 30),
        "time_zone": "UTC",
        "checkpoints": schedule,
    } | changes
    if isinstance(said.get("pacing"), str):
        said["pacing"] = Pacing(said["pacing"])
    if metric is not None:
        said |= {"metric": metric.name, "unit": metric.unit}
    return Definition(**said)


def resolving(*metrics: Metric) -> Resolving:
    """What plans are resolved with, in tests."""
    return Resolving({one.name: one for one in (REVENUE, *metrics)}, lambda zone: "2026a", holidays_in)


def plan(*, metric: Metric | None = REVENUE, **changes: Any) -> Plan:
    """The plan of that definition."""
    known = resolving() if metric is None else resolving(metric)
    return plan_of(definition(metric=metric, **changes), known)


def active_target(app: Milemarker, **changes: Any) -> UUID:
    """Defines and activates a target, and fills it."""
    target_id = uuid4()
    app.define_target(target_id, plan(**changes), activate=True, by="ana@example.com", at=NOW)
    Filler(app).fill_some(NOW)
    return target_id


def total(app: Milemarker, target_id: UUID) -> int:
    """What the target's own facts say it has, in minor units."""
    with app.writing() as log:
        return log.targets([target_id])[target_id].total
