"""Sales through the stream: published first, then timed until they are committed and in every read model."""

import asyncio
import time
from dataclasses import dataclass

import nats
import orjson

from deploy.embedded import EmbeddedNats, EmbeddedPostgres
from projections.store import Store
from tests.bench.cpu import Spent
from tests.bench.made import sale
from tests.bench.parts import parts
from tests.bench.reporting import say

FLUSH_EVERY = 2_000
PENDING_BYTES = 64 * 1024 * 1024
POLL_S = 0.02


@dataclass(frozen=True)
class Taken:
    """So many sales in so many seconds, and the CPU seconds of everybody who took part."""

    sales: int
    took_s: float
    cpu_s: dict[str, float]

    @property
    def rate(self) -> float:
        return self.sales / self.took_s

    @property
    def cpu_per_100k(self) -> dict[str, float]:
        return {name: round(spent * 100_000 / self.sales, 2) for name, spent in self.cpu_s.items()}

    @property
    def cpu_us_a_sale(self) -> float:
        return sum(self.cpu_s.values()) * 1e6 / self.sales


@dataclass(frozen=True)
class Shop:
    """Where sales are sold: a database with its targets, its stream, and the servers of both."""

    store: Store
    database: str
    postgres: EmbeddedPostgres
    nats: EmbeddedNats
    reps: int

    def take_in(self, count: int, *, first: int = 0, batch: int) -> Taken:
        """Publish so many from this number on, then time ingest and the projections, both processes new and ready."""
        say(f"publishing {count:,} sales, {batch} a message")
        asyncio.run(_publish(self.nats.url, first, count, batch, self.reps))
        with parts(["ingest", "project"], self.database, self.nats.url) as started:
            pids = {name: process.pid for name, process in started.items()}
            spent = Spent(pids | {"postgres": self.postgres.pid, "nats": self.nats.pid})
            say("taking them in")
            began = time.perf_counter()
            for process in started.values():
                process.begin()
            self._wait()
            took_s = time.perf_counter() - began
            cpu_s = spent.so_far()
        self._assert_all_known(first + count)
        say(f"{count / took_s:,.0f} sales a second")
        return Taken(count, took_s, cpu_s)

    def _wait(self) -> None:
        """Until the stream is acknowledged and every view has followed to the end."""
        asyncio.run(_until_acknowledged(self.nats.url))
        top = self.store.app.recorder.max_notification_id() or 0
        while min(self.store.views.position(name) for name in self.store.views.views) < top:
            time.sleep(POLL_S)

    def _assert_all_known(self, upto: int) -> None:
        published = upto - upto // 100
        with self.store.views.datastore.cursor() as curs:
            curs.execute("SELECT count(*) AS known FROM sale_identities")
            row = curs.fetchone()
            assert row is not None
            assert row["known"] == published, f"{row['known']} sales are known, {published} were published"


async def _publish(url: str, first: int, count: int, batch: int, reps: int) -> None:
    client = await nats.connect(url, pending_size=PENDING_BYTES)
    before = (await client.jetstream().stream_info("SALES")).state.last_seq
    messages = 0
    for begin in range(first, first + count, batch):
        made = [sale(number, reps) for number in range(begin, min(begin + batch, first + count))]
        await client.publish("sales.webshop", orjson.dumps(made if batch > 1 else made[0]))
        messages += 1
        if messages % FLUSH_EVERY == 0:
            await client.flush(60)
    await client.flush(60)
    while (await client.jetstream().stream_info("SALES")).state.last_seq < before + messages:
        await asyncio.sleep(0.1)
    await client.close()


async def _until_acknowledged(nats_url: str) -> None:
    client = await nats.connect(nats_url)
    while True:
        consumer = await client.jetstream().consumer_info("SALES", "ingest")
        if not consumer.num_pending and not consumer.num_ack_pending:
            break
        await asyncio.sleep(POLL_S)
    await client.close()
