"""`python -m tests.bench.midnight [TARGETS]`: so many targets due at one instant, while sales go on coming in.

After how many seconds the median, 99 % and all were evaluated (committed, as another connection sees it), and the
longest that a sale waited for its commit meanwhile, beside the longest before.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import nats
import orjson
from nats.aio.client import Client

from projections.store import Store, migrate, open_store
from tests.bench.made import define, plan_now
from tests.bench.parts import parts
from tests.bench.reporting import Line, rounded, say
from tests.bench.servers import servers
from tests.bench.sizes import FULL, Sizes
from workers.streams import provision
from workers.subjects import RECORD_SUBJECT

WARM_S = 10.0
"""Sales before the instant, to compare with."""
GRACE_S = 1.0
SOON_S = 15.0
TARGETS_A_S = 150
"""So many are defined, and their checkpoints of the past evaluated, in a second, at least."""


def measure(sizes: Sizes) -> Iterator[Line]:
    targets = sizes.targets_at_midnight
    with servers() as (postgres, server):
        migrate(postgres.url)
        asyncio.run(provision(server.url))
        with open_store(postgres.url) as store:
            say(f"defining {targets:,} targets")
            due = _define(store, targets)
            with parts(["ingest", "checkpoints"], postgres.url, server.url) as started:
                for part in started.values():
                    part.begin()
                told = asyncio.run(_measure(store, server.url, due, targets))
    yield Line(
        row="midnight",
        what=f"{targets:,} targets due at one instant, sales coming in",
        aim="",
        reached=f"all in {rounded(told['all_s'])} s",
        shown=f"half in {rounded(told['median_s'])} s; a sale waited {rounded(told['longest_commit_of_a_sale_s'])} s"
        f" at most, {rounded(told['longest_before_s'])} s before",
        met=None,
        figures=told,
    )


def _define(store: Store, count: int) -> datetime:
    """So many targets, ten of which count each sale, all due at one instant."""
    now = datetime.now(UTC)
    due = now + timedelta(seconds=SOON_S + count / TARGETS_A_S)
    schedule = [(due - timedelta(days=days)).isoformat() for days in (14, 7, 0)]
    scopes = ({"rep": [f"rep-{number // 10}"]} for number in range(count))
    define(store, [plan_now(f"Target {n}", scope, "1000.00", now, schedule) for n, scope in enumerate(scopes)], now)
    return due


async def _measure(store: Store, nats_url: str, due: datetime, targets: int) -> dict[str, float]:
    client = await nats.connect(nats_url)
    say("evaluating the checkpoints of the past")
    while await asyncio.to_thread(_evaluated, store) < 2 * targets:
        assert datetime.now(UTC) < due, "the checkpoints of the past took too long: choose fewer targets"
        await asyncio.sleep(0.2)
    left = (due - datetime.now(UTC)).total_seconds()
    say(f"due in {left:.0f} s")
    # The first sale waits until ingest has learned of all targets: that is another measurement.
    await client.request(RECORD_SUBJECT, orjson.dumps([_sale(0)]), timeout=60)
    await asyncio.sleep((due - datetime.now(UTC)).total_seconds() - WARM_S)
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
    assert before, "no sale was committed in the time before the instant: the machine has too much else to do"

    def after(share: float) -> float:
        return round(next(seconds for seconds, count in reached if count >= share * targets), 2)

    return {
        "targets": targets,
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
        began = time.perf_counter()
        await client.request(RECORD_SUBJECT, orjson.dumps([_sale(number)]), timeout=30)
        took = time.perf_counter() - began
        (meanwhile if datetime.now(UTC) >= due else before).append(took)
    return before, meanwhile


def _sale(number: int) -> dict[str, object]:
    return {
        "source": "webshop",
        "id": f"live-{number}",
        "metric": "revenue",
        "amount": "1.00",
        "unit": "USD",
        "occurred_at": datetime.now(UTC).isoformat(),
        "dimensions": {"rep": f"rep-{number % 1000}"},
    }


if __name__ == "__main__":
    given = replace(FULL, targets_at_midnight=int(sys.argv[1])) if sys.argv[1:] else FULL
    for line in measure(given):
        print(line.as_json().decode())
