"""`make bench`: sales from JetStream to committed and in the read model, beside its yardsticks, in one run."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nats
import orjson

from projections.store import Store, migrate, open_store
from tests.bench.made import define_targets, sales
from tests.bench.servers import servers
from tests.bench.yardsticks import copy_of_sales, plain_eventsourcing
from workers.streams import provision

PLAIN_SALES = 400
RUNS = (("one sale a message", 1, 56, 100_000), ("500 sales a message", 500, 56, 100_000))
GROWTH = (("growth in sales", 500, 56, 1_000_000), ("growth in targets", 500, 10_000, 100_000))


def main(arguments: list[str]) -> None:
    runs = RUNS if "--quick" in arguments else RUNS + GROWTH
    with servers() as (postgres, _):
        plain = plain_eventsourcing(postgres.url, sales(PLAIN_SALES, 45))
        _tell("plain eventsourcing, one save a sale", {"sales_per_s": round(plain)})
        copied = max(copy_of_sales(postgres.url, sales(100_000, 45)) for _ in range(2))
        _tell("COPY into a table keyed by id", {"sales_per_s": round(copied)})
    for name, batch, targets, count in runs:
        reached = _measure(batch, targets, count)
        _tell(
            name,
            {
                "sales": count,
                "targets": targets,
                "sales_per_s": round(reached),
                "times_plain": round(reached / plain, 1),
                "of_copy": round(reached / copied, 3),
            },
        )


def _tell(what: str, figures: dict[str, Any]) -> None:
    print(orjson.dumps({"measured": what} | figures).decode(), flush=True)


def _measure(batch: int, targets: int, count: int) -> float:
    """Sales a second from when ingest and the projections start on a full stream until every view has all."""
    with servers() as (postgres, server):
        migrate(postgres.url)
        asyncio.run(provision(server.url))
        with open_store(postgres.url) as store:
            made = sales(count, define_targets(store, targets))
            asyncio.run(_publish(server.url, made, batch))
            with _running(postgres.url, server.url):
                began = time.perf_counter()
                _wait_for_all(store, len({sale["id"] for sale in made}), server.url)
                return count / (time.perf_counter() - began)


async def _publish(url: str, made: list[dict[str, Any]], batch: int) -> None:
    client = await nats.connect(url, pending_size=64 * 1024 * 1024)
    messages = 0
    for first in range(0, len(made), batch):
        part = made[first : first + batch]
        await client.publish("sales.webshop", orjson.dumps(part if batch > 1 else part[0]))
        messages += 1
        if messages % 2_000 == 0:
            await client.flush(30)
    await client.flush(30)
    while (await client.jetstream().stream_info("SALES")).state.messages < messages:
        await asyncio.sleep(0.1)
    await client.close()


@contextmanager
def _running(database: str, nats_url: str) -> Iterator[None]:
    """Ingest and the projections, each a process of its own, as in production."""
    command = [sys.executable, "-m", "tests.bench.process"]
    processes = [subprocess.Popen([*command, part, database, nats_url]) for part in ("ingest", "project")]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def _wait_for_all(store: Store, sales_known: int, nats_url: str) -> None:
    """Until the stream is acknowledged, the targets are filled and the views have followed to the end."""
    asyncio.run(_until_acknowledged(nats_url))
    while store.app.store.filling():
        time.sleep(0.05)
    top = store.app.recorder.max_notification_id() or 0
    while min(store.views.position(name) for name in store.views.views) < top:
        time.sleep(0.01)
    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT count(*) AS known FROM sale_identities")
        row = curs.fetchone()
        assert row is not None
        assert row["known"] == sales_known, f"{row['known']} sales are known, {sales_known} were published"


async def _until_acknowledged(nats_url: str) -> None:
    client = await nats.connect(nats_url)
    while True:
        consumer = await client.jetstream().consumer_info("SALES", "ingest")
        if not consumer.num_pending and not consumer.num_ack_pending and consumer.ack_floor:
            break
        await asyncio.sleep(0.02)
    await client.close()


if __name__ == "__main__":
    main(sys.argv[1:])
