"""The words of tests about targets that belong to targets: companies and their regions, on a log in memory."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.application import Milemarker
from domain.checkpoint import Checkpoint, checkpoint_id
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.plan import Plan
from domain.refusal import Refused
from domain.rollup.membership import Window
from domain.target import Target
from tests.words import NOW, plan, sale

BY: dict[str, Any] = {"by": "ana@example.com", "at": NOW}
EMEA, US = {"region": ["emea"]}, {"region": ["us"]}
CLOSED = datetime(2026, 11, 16, tzinfo=UTC)
"""In the middle of November."""


def company(**changes: Any) -> Plan:
    return plan(**{"name": "Company", "goal": None, "roll_up": True, "schedule": "FREQ=WEEKLY;BYDAY=FR"} | changes)


def region(goal: str, scope: dict[str, list[str]] | None = None, **changes: Any) -> Plan:
    return plan(**{"name": "Region", "goal": goal, "scope": scope or EMEA, "pacing": "linear"} | changes)


def started(app: Milemarker, one: Plan, parent: UUID | None = None, window: Window | None = None) -> UUID:
    target_id = uuid4()
    app.define_target(target_id, one, activate=True, **BY)
    if parent is not None:
        app.join_target(parent, target_id, window or Window(), **BY)
    return target_id


def sold(app: Milemarker, *sales: dict[str, Any]) -> None:
    (outcome,), _ = Intake(app, uuid4).record([Arrival(list(sales))], NOW)
    assert outcome.accepted == len(sales)


def sale_in(region: str, id: str, amount: str, day: int = 10, **fields: Any) -> dict[str, Any]:
    occurred_at = f"2026-11-{day:02}T12:00:00Z"
    return sale(id, amount, dimensions={"region": region}, occurred_at=occurred_at, **fields)


def loaded(app: Milemarker, target_id: UUID) -> Target:
    Filler(app).fill_some(NOW)
    with app.writing() as log:
        return log.targets([target_id])[target_id]


def refused(act: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as error:
        act()
    return error.value.code, error.value.field


def evaluate(app: Milemarker) -> None:
    while Evaluator(app, timedelta()).evaluate_some(NOW, NOW, complete=True):
        pass


def checkpoints(app: Milemarker, target_id: UUID) -> list[Checkpoint]:
    with app.writing() as log:
        planned = log.targets([target_id])[target_id].plan.checkpoints
        ids = [checkpoint_id(target_id, one.cutoff) for one in planned]
        found = log.aggregates(Checkpoint, ids)
    return [found[one] for one in ids if one in found]
