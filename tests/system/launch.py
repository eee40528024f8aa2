"""A business three weeks into the five of a launch: what it wants, what it sold, who has to do what by when."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.system.product import Product

METRIC = "turnover"
COLLECTION = {"collection": "winter"}
NAME = "Winter collection, the first five weeks"
GOAL = "120000.00"
SALES_A_DAY = 24
AVERAGE_CENTS = 17_500
WEEKS = (1.03, 1.16, 1.2, 1.1, 1.1)
"""What each week brings beside the average: it begins slowly, then the fair comes."""


@dataclass(frozen=True)
class Launch:
    """target, tasks: the ids of the target and of the milestone that has tasks; to_do: two that are open."""

    target: str
    tasks: str
    to_do: tuple[str, str]


def launched(product: Product, now: datetime) -> Launch:
    """Its sales so far are there before it begins to count, so that every verdict is the first."""
    begins = (now - timedelta(days=21 + now.weekday())).date()
    said = product.api.put(f"/v1/metrics/{METRIC}", json={"unit": "USD"})
    assert said.is_success, said.text
    answer = product.api.post("/v1/sales", json=list(_sales(begins, now)))
    assert answer.is_success, answer.text
    target = product.define(
        {
            "name": NAME,
            "metric": METRIC,
            "unit": "USD",
            "scope": {name: [value] for name, value in COLLECTION.items()},
            "owner": "ana@example.com",
            "goal": GOAL,
            "start": str(begins),
            "end": str(begins + timedelta(days=34)),
            "time_zone": "UTC",
            "checkpoints": "FREQ=WEEKLY;BYDAY=FR",
            "activate": True,
        }
    )
    planned = [_planned(product, target, milestone) for milestone in _milestones(begins)]
    with_tasks = next(one for one in planned if one["tasks"])
    done, *to_do = with_tasks["tasks"]
    answer = product.api.put(f"/v1/milestones/{with_tasks['id']}/tasks/{done['id']}", json={"done": True})
    assert answer.is_success, answer.text
    return Launch(target, with_tasks["id"], (to_do[0]["name"], to_do[1]["name"]))


def _planned(product: Product, target: str, milestone: dict[str, Any]) -> dict[str, Any]:
    answer = product.api.post(f"/v1/targets/{target}/milestones", json=milestone)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _sales(begins: date, now: datetime) -> list[dict[str, Any]]:
    chance = random.Random(7)
    sales = []
    for day in range(35):
        morning = datetime(begins.year, begins.month, begins.day, 8, tzinfo=UTC) + timedelta(days=day)
        busy = SALES_A_DAY if morning.weekday() < 5 else SALES_A_DAY // 3
        for number in range(busy):
            at = morning + timedelta(minutes=number * 600 // busy)
            cents = max(1_900, round(chance.lognormvariate(-0.18, 0.6) * AVERAGE_CENTS * WEEKS[day // 7]))
            if at < now - timedelta(minutes=5):
                sales.append(sale(f"{day}-{number}", f"{cents // 100}.{cents % 100:02d}", at))
    return sales


def sale(id: str, amount: str, at: datetime) -> dict[str, Any]:
    return {
        "source": "webshop",
        "id": f"launch-{id}",
        "metric": METRIC,
        "amount": amount,
        "unit": "USD",
        "occurred_at": at.isoformat(),
        "dimensions": COLLECTION,
    }


def _milestones(begins: date) -> list[dict[str, Any]]:
    def on(day: int) -> dict[str, str]:
        return {"rule": "date", "date": str(begins + timedelta(days=day))}

    return [
        {"name": "First $30,000", "due": on(11), "criterion": {"kind": "value", "value": "30000.00"}},
        {
            "name": "In twenty shops",
            "due": on(24),
            "tasks": [
                {"name": "Send samples to every shop"},
                {"name": "Call the ten largest shops", "assignee": "jo@example.com"},
                {"name": "Agree on window displays", "assignee": "ana@example.com"},
                {"name": "Print the winter catalogue", "required": False},
            ],
        },
        {"name": "Three quarters sold", "due": on(27), "criterion": {"kind": "value", "value": "90000.00"}},
        {"name": "Reorder decided", "due": on(31), "criterion": {"kind": "by_hand"}},
    ]
