"""The checkpoint worker on real NATS and PostgreSQL: timers ring, published sales are waited for, nothing is missed."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import nats
import orjson
import pytest
from nats.aio.client import Client

from deploy.embedded import EmbeddedNats
from domain.filling import Filler
from projections.store import Store, open_store
from projections.timers import Timers
from tests.words import plan, sale
from tests.workers.test_ingest import until
from workers.checkpoints import Timing, run_checkpoints
from workers.ingest import run_ingest
from workers.streams import provision
from workers.subjects import TIMERS_SET, TIMERS_STREAM

SOON = timedelta(seconds=2)
PROMPT = Timing(grace=timedelta(seconds=0.2), backlog_wait=timedelta(seconds=20))


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    return nats_server.url


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


@asynccontextmanager
async def streams(nats_url: str) -> AsyncIterator[Client]:
    """The streams as nobody has used them yet."""
    await provision(nats_url)
    client = await nats.connect(nats_url)
    try:
        for stream in ("SALES", "TIMERS"):
            await client.jetstream().purge_stream(stream)
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def working(nats_url: str, *stores: Store, timing: Timing = PROMPT) -> AsyncIterator[None]:
    """So many checkpoint workers as there are stores."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(run_checkpoints(nats_url, store, stop, timing)) for store in stores]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


def due_in(store: Store, *seconds: float) -> UUID:
    """A target of today whose cut-offs come in so many seconds."""
    now = datetime.now(UTC)
    today, target_id = now.date(), uuid4()
    cutoffs = [(now + timedelta(seconds=one)).isoformat(timespec="microseconds") for one in seconds]
    new = plan(start=today - timedelta(days=1), end=today + timedelta(days=2), schedule=cutoffs)
    store.app.define_target(target_id, new, activate=True, by="ana@example.com", at=now)
    Filler(store.app).fill_some(now)
    return target_id


def evaluations(store: Store) -> list[Any]:
    found = store.app.recorder.select_notifications(1, 1_000, topics=["checkpoint.evaluated"])
    return [store.app.mapper.to_domain_event(one) for one in found]


def actuals(store: Store) -> list[int]:
    return [one.actual for one in evaluations(store)]


async def timers(client: Client) -> int:
    info = await client.jetstream().stream_info(TIMERS_STREAM, subjects_filter=f"{TIMERS_SET}.>")
    return len(info.state.subjects or {})


async def until_timers(client: Client, count: int) -> None:
    async with asyncio.timeout(15):
        while await timers(client) != count:
            await asyncio.sleep(0.02)


def test_a_timer_is_set_for_each_coming_cutoff_and_taken_back_with_the_target(nats_url: str, store: Store) -> None:
    async def story() -> None:
        async with streams(nats_url) as client, working(nats_url, store):
            target = due_in(store, 3_600, 7_200)
            await until_timers(client, 3)
            store.app.cancel_target(target, "changed our minds", by="ana@example.com", at=datetime.now(UTC))
            await until_timers(client, 0)

    run(story())


def test_a_timer_rings_and_the_checkpoint_is_evaluated_at_once_and_once(
    nats_url: str, store: Store, database: str
) -> None:
    async def story() -> None:
        with open_store(database) as other:
            async with streams(nats_url), working(nats_url, store, other):
                due_in(store, 2.5)
                await until(lambda: len(evaluations(store)), 1)
                await asyncio.sleep(0.5)
        (fact,) = evaluations(store)
        late_s = (fact.timestamp - fact.cutoff).total_seconds()
        assert 0.2 <= late_s < 1.5, f"evaluated {late_s} s after the cut-off"

    run(story())


def test_what_fell_due_while_the_worker_was_down_is_evaluated_once_at_its_start(nats_url: str, store: Store) -> None:
    async def story() -> None:
        async with streams(nats_url) as client:
            async with working(nats_url, store):
                due_in(store, 1.5)
                await until_timers(client, 2)
            await asyncio.sleep(2)
            assert evaluations(store) == []
            async with working(nats_url, store):
                await until(lambda: len(evaluations(store)), 1)
                await asyncio.sleep(0.5)
        assert len(evaluations(store)) == 1

    run(story())


def test_a_wiped_stream_of_timers_is_filled_again_and_nothing_is_missed(nats_url: str, store: Store) -> None:
    async def story() -> None:
        async with streams(nats_url) as client:
            async with working(nats_url, store):
                due_in(store, 4, 3_600)
                await until_timers(client, 3)
            await client.jetstream().delete_stream(TIMERS_STREAM)
            await provision(nats_url)
            async with working(nats_url, store):
                await until_timers(client, 3)
                await until(lambda: len(evaluations(store)), 1)

    run(story())


def test_timers_that_the_agenda_does_not_know_are_taken_back(nats_url: str, store: Store) -> None:
    async def story() -> None:
        async with streams(nats_url) as client:
            at = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            headers = {"Nats-Schedule": f"@at {at}", "Nats-Schedule-Target": "timers.rung.a.checkpoint.1"}
            await client.jetstream().publish(f"{TIMERS_SET}.a.checkpoint.1", b"", headers=headers)
            async with working(nats_url, store):
                await until_timers(client, 0)

    run(story())


def test_sales_published_before_the_cutoff_are_in_the_verdict_however_late_ingest_is(
    nats_url: str, store: Store, database: str
) -> None:
    async def story() -> None:
        async with streams(nats_url) as client, working(nats_url, store):
            due_in(store, 1)
            now = datetime.now(UTC)
            for number in range(50):
                one = sale(f"{number}", "1.00", occurred_at=now.isoformat())
                await client.jetstream().publish("sales.webshop", orjson.dumps(one))
            await asyncio.sleep(3)
            assert evaluations(store) == []
            stop = asyncio.Event()
            with open_store(database) as other:
                ingest = asyncio.create_task(run_ingest(nats_url, other, stop))
                await until(lambda: actuals(store), [50_00])
                stop.set()
                await ingest
        assert evaluations(store)[0].complete is True

    run(story())


def test_when_ingest_stays_away_the_verdict_says_that_it_is_not_complete(nats_url: str, store: Store) -> None:
    impatient = Timing(grace=timedelta(0), backlog_wait=SOON)

    async def story() -> None:
        async with streams(nats_url) as client, working(nats_url, store, timing=impatient):
            due_in(store, 0.5)
            await client.jetstream().publish("sales.webshop", orjson.dumps(sale("1")))
            await until(lambda: [one.complete for one in evaluations(store)], [False])
        fact = evaluations(store)[0]
        assert fact.timestamp - fact.cutoff >= SOON

    run(story())


def test_the_agenda_is_kept_also_while_nats_is_away(nats_server: EmbeddedNats, store: Store) -> None:
    impatient = Timing(grace=timedelta(0), backlog_wait=SOON)

    async def story() -> None:
        await provision(nats_server.url)
        async with working(nats_server.url, store, timing=impatient):
            await asyncio.sleep(0.5)
            await asyncio.to_thread(nats_server.stop)
            try:
                due_in(store, 0.5)
                await until(lambda: [one.complete for one in evaluations(store)], [False])
            finally:
                await asyncio.to_thread(nats_server.start)

    run(story())


def test_timers_are_read_page_by_page(store: Store) -> None:
    due_in(store, 3_600, 7_200)
    wanted = Timers(store.views.datastore)

    first = wanted.after(None, 2)
    rest = wanted.after(first[-1], 2)

    assert [one.number for one in (*first, *rest)] == [1, 2, 3]


class Turned:
    """A clock that somebody sets forward."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def said(store: Store, *topics: str) -> list[str]:
    return [one.topic for one in store.app.recorder.select_notifications(1, 1_000, topics=topics)]


def test_as_days_go_by_a_check_in_escalates_what_brings_nothing_stalls_and_data_is_missed(
    nats_url: str, store: Store
) -> None:
    clock = Turned()
    watched = ("target.check_in_requested", "target.check_in_escalated", "target.stalled", "target.data_stale")

    async def story() -> None:
        async with streams(nats_url), working(nats_url, store, timing=Timing(timedelta(0), SOON, clock)):
            now, target = clock(), uuid4()
            cutoffs = [(now + timedelta(seconds=1)).isoformat(timespec="microseconds")]
            today = now.date()
            first, last = today - timedelta(days=1), today + timedelta(days=10)
            new = plan(start=first, end=last, schedule=cutoffs, pacing="linear", expect_data_every=72)
            store.app.define_target(target, new, activate=True, by="ana@example.com", at=now)
            Filler(store.app).fill_some(now)
            await until(lambda: said(store, *watched), ["target.check_in_requested"])
            clock.ahead = timedelta(days=2)
            await until(lambda: "target.stalled" in said(store, *watched), True)
            clock.ahead = timedelta(days=3, hours=1)
            await until(lambda: sorted(said(store, *watched)), sorted(watched))

    run(story())
