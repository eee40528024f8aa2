"""A small company's month so far, made with a seed relative to today, and sales that go on trickling in.

The same month makes the same sales, so a second demo on the same data carries on, and nothing counts twice.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import nats
import orjson
from nats.aio.client import Client

from deploy.record_door import RecordDoor
from deploy.timezones import tz_version
from domain.metric import Metric
from domain.money import shown
from domain.plan import plan_of
from projections.store import Store

DEMO = UUID("0d6c7f3e-4f0b-5b0e-8a57-5c6f2c0f3a10")
TIME_ZONE = "America/New_York"
REVENUE = Metric("revenue", "USD", 2)
REGIONS = {"emea": ("ana", "jo", "lena"), "us": ("max", "rosa", "sam"), "apac": ("kenji", "mei", "priya")}
FORM = {"ana": 1.15, "jo": 0.94, "max": 1.06, "rosa": 0.88, "kenji": 0.78, "mei": 1.18, "priya": 0.96}
"""How well a rep sells this month, beside the others."""
GOAL = 100_000
SALES_A_DAY = 60
AVERAGE_CENTS = 7_900
EVERY_S = 1.0
"""Between two sales that trickle in."""
PART = 500


@dataclass(frozen=True)
class DemoTarget:
    """One of the company's targets, for telling how it stands."""

    id: UUID
    name: str
    goal: int


def month_of(today: date) -> tuple[date, date]:
    first = today.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def define_targets(store: Store, now: datetime) -> list[DemoTarget]:
    """The company, its regions and its reps, each with Friday checkpoints; defined already, they stay as they are."""
    start, end = month_of(now.astimezone(ZoneInfo(TIME_ZONE)).date())
    scopes: list[tuple[str, dict[str, list[str]], int]] = [("The company", {}, GOAL)]
    scopes += [(f"Region {region.upper()}", {"region": [region]}, GOAL // 3) for region in REGIONS]
    reps = [rep for region in REGIONS.values() for rep in region]
    scopes += [(f"{rep.capitalize()}'s sales", {"rep": [rep]}, GOAL // 9) for rep in reps]
    targets = []
    for name, scope, goal in scopes:
        plan = plan_of(
            name=f"{name}, {start:%B %Y}",
            metric=REVENUE,
            goal=f"{goal}.00",
            start=start,
            end=end,
            time_zone=TIME_ZONE,
            tz_version=tz_version(TIME_ZONE),
            scope=scope,
            schedule="FREQ=WEEKLY;BYDAY=FR",
        )
        target_id = uuid5(DEMO, f"{start} {name}")
        store.app.define_target(target_id, plan, activate=True, by="demo", at=now)
        targets.append(DemoTarget(target_id, plan.name, plan.goal))
    return targets


def sales_so_far(now: datetime) -> Iterator[dict[str, Any]]:
    """The month's sales until now, with a refund in a hundred; the same for every demo in this month."""
    zone = ZoneInfo(TIME_ZONE)
    today = now.astimezone(zone).date()
    for day in range(1, today.day + 1):
        chance = random.Random(f"{today:%Y-%m}-{day}")
        morning = datetime(today.year, today.month, day, 9, tzinfo=zone)
        busy = SALES_A_DAY if morning.weekday() < 5 else SALES_A_DAY // 4
        for number in range(busy):
            at = morning + timedelta(minutes=number * 540 // busy, seconds=chance.randrange(60))
            sale = _sale(chance, f"{at:%Y%m%d}-{number:03d}", at)
            if at < now:
                yield sale


def _sale(chance: random.Random, number: str, at: datetime) -> dict[str, Any]:
    region = chance.choice(list(REGIONS))
    rep = chance.choice(REGIONS[region])
    cents = max(499, round(chance.lognormvariate(0, 0.8) * 0.73 * AVERAGE_CENTS * FORM.get(rep, 1.0)))
    return {
        "source": "webshop",
        "id": f"ord-{number}",
        "kind": "refund" if chance.random() < 0.01 else "sale",
        "metric": REVENUE.name,
        "amount": shown(cents, REVENUE.exponent),
        "unit": REVENUE.unit,
        "occurred_at": at.isoformat(timespec="seconds"),
        "dimensions": {"region": region, "rep": rep},
    }


async def record_so_far(nats_url: str, now: datetime, tell: Callable[[str | None], None]) -> int:
    """Record the month so far; how many of its sales were new."""
    door = RecordDoor(lambda: nats_url, tell)
    sales = [orjson.dumps(sale) for sale in sales_so_far(now)]
    try:
        replies = [await door.record(b"\n".join(sales[at : at + PART])) for at in range(0, len(sales), PART)]
    finally:
        await door.close()
    return sum(reply.accepted for reply in replies)


async def trickle(nats_url: str, stop: asyncio.Event, tell: Callable[[dict[str, Any]], None]) -> None:
    """A sale a second until `stop` is set; now and then a refund, and now and then the same sale twice."""
    client = await nats.connect(nats_url, name="milemarker demo", max_reconnect_attempts=-1)
    try:
        chance = random.Random()
        while not stop.is_set():
            now = datetime.now(UTC)
            sale = _sale(chance, f"live-{now:%Y%m%d%H%M%S%f}", now)
            await _publish(client, sale)
            if chance.random() < 0.05:
                await _publish(client, sale)
            tell(sale)
            try:
                await asyncio.wait_for(stop.wait(), EVERY_S * chance.uniform(0.5, 1.5))
            except TimeoutError:
                continue
    finally:
        await client.close()


async def _publish(client: Client, sale: dict[str, Any]) -> None:
    try:
        await client.jetstream().publish(f"sales.{sale['source']}", orjson.dumps(sale))
    except (nats.errors.Error, nats.js.errors.Error):
        # NATS is being started again: a shop would send this sale once more, the demo makes another.
        await asyncio.sleep(EVERY_S)
