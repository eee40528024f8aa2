"""`python -m tests.bench.midnight [TARGETS]`: so many targets due at one instant, while sales go on coming in.

One JSON line: after how many seconds the median, 99 % and all were evaluated (committed, as another connection sees
it), and the longest that a sale waited for its commit meanwhile, beside the longest before.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import nats
import orjson
from nats.aio.client import Client

from domain.filling import Filler
from domain.metric import Metric
from domain.plan import plan_of
from projections.store import Store, migrate, open_store
from tests.bench.servers import servers
from workers.streams import provision

TARGETS = 10_000
WARM_S = 5.0
GRACE_S = 1.0


def main(arguments: list[str]) -> None:
    targets = int(arguments[0]) if arguments else TARGETS
    with servers() as (postgres, server):
        migrate(postgres.url)
        asyncio.run(provision(server.url))
        with open_store(postgres.url) as store:
            due = _define(store, targets)
            with _running(postgres.url, server.url):
                told = asyncio.run(_measure(store, server.url, due, targets))
    print(orjson.dumps({"measured": "targets due at one instant", "targets": targets} | told).decode())


def _define(store: Store, count: int) -> datetime:
    """So many targets, ten of which count each sale, all due at one instant."""
    now = datetime.now(UTC)
    due = now + timedelta(seconds=20 + count / 60)
    for number in range(count):
        plan = plan_of(
            name=f"Target {number}",
            metric=Metric("revenue", "USD", 2),
            goal="1000.00",
            start=now.date() - timedelta(days=20),
            end=now.date() + timedelta(days=10),
            time_zone="UTC",
            tz_version="2026a",
            scope={"rep": [f"rep-{number // 10}"]},
            schedule=[(due - timedelta(days=14)).isoformat(), (due - timedelta(days=7)).isoformat(), due.isoformat()],
        )
        store.app.define_target(uuid4(), plan, activate=True, by="bench", at=now)
    while Filler(store.app).fill_some(datetime.now(UTC)):
        continue
    return due


@contextmanager
def _running(database: str, nats_url: str) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.bench.process"]
    processes = [subprocess.Popen([*command, part, database, nats_url]) for part in ("ingest", "checkpoints")]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


async def _measure(store: Store, nats_url: str, due: datetime, targets: int) -> dict[str, object]:
    client = await nats.connect(nats_url)
    while await asyncio.to_thread(_evaluated, store) < 2 * targets or datetime.now(UTC) < due - timedelta(
        seconds=WARM_S
    ):
        assert datetime.now(UTC) < due, "the checkpoints of the past took too long: choose fewer targets"
        await asyncio.sleep(0.2)
    over = asyncio.Event()
    selling = asyncio.create_task(_sell(client, over, due))
    reached: list[tuple[float, int]] = []
    while not reached or reached[-1][1] < targets:
        await asyncio.sleep(0.02)
        count = await asyncio.to_thread(_evaluated, store) - 2 * targets
        reached.append(((datetime.now(UTC) - due).total_seconds() - GRACE_S, count))
    over.set()
    before, meanwhile = await selling
    await client.close()

    def after(share: float) -> float:
        return round(next(seconds for seconds, count in reached if count >= share * targets), 2)

    return {
        "grace_s": GRACE_S,
        "median_s": after(0.5),
        "p99_s": after(0.99),
        "all_s": after(1),
        "sales_meanwhile": len(meanwhile),
        "longest_commit_of_a_sale_s": round(max(meanwhile), 3),
        "longest_before_s": round(max(before), 3),
    }


def _evaluated(store: Store) -> int:
    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT count(*) AS there FROM milemarker_events WHERE topic = 'checkpoint.evaluated'")
        row = curs.fetchone()
        return int(row["there"]) if row is not None else 0


async def _sell(client: Client, over: asyncio.Event, due: datetime) -> tuple[list[float], list[float]]:
    """How long each commit of a sale took, before the instant and from it on."""
    before: list[float] = []
    meanwhile: list[float] = []
    number = 0
    while not over.is_set():
        number += 1
        sale = {
            "source": "webshop",
            "id": f"live-{number}",
            "metric": "revenue",
            "amount": "1.00",
            "unit": "USD",
            "occurred_at": datetime.now(UTC).isoformat(),
            "dimensions": {"rep": f"rep-{number % 1000}"},
        }
        began = time.perf_counter()
        await client.request("milemarker.sales.record", orjson.dumps([sale]), timeout=30)
        took = time.perf_counter() - began
        (meanwhile if datetime.now(UTC) >= due else before).append(took)
    return before, meanwhile


if __name__ == "__main__":
    main(sys.argv[1:])
