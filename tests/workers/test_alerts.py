"""The alerts as a worker: they follow the log by themselves, side by side, also when the database cuts connections."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import nats
import pytest
from nats.aio.client import Client

from deploy.embedded import EmbeddedNats
from projections.store import Store, open_store
from tests.hearing import Office
from tests.workers.test_ingest import until
from workers.alerts import run_alerts
from workers.streams import provision
from workers.subjects import NOTIFY_QUEUED, NOTIFY_STREAM

VERDICT, EVALUATED = "alert.verdict", "checkpoint.evaluated"


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    return nats_server.url


@asynccontextmanager
async def deciding(nats_url: str, *stores: Store) -> AsyncIterator[Client]:
    """So many processes as there are stores."""
    await provision(nats_url)
    client = await nats.connect(nats_url)
    await client.jetstream().purge_stream(NOTIFY_STREAM)
    stop = asyncio.Event()
    tasks = [asyncio.create_task(run_alerts(nats_url, store, stop)) for store in stores]
    try:
        yield client
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        await client.close()


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def heard(office: Office) -> list[tuple[str, str]]:
    return office.heard()


def test_what_happens_is_told_and_delivery_is_woken(nats_url: str, store: Store) -> None:
    office = Office(store.app)
    target = office.target()
    office.subscribe(VERDICT)

    async def story() -> None:
        async with deciding(nats_url, store) as client:
            await asyncio.to_thread(office.evaluated, target, 1, "at_risk")
            await until(lambda: heard(office), [(VERDICT, "firing")])
            message = await client.jetstream().get_last_msg(NOTIFY_STREAM, NOTIFY_QUEUED)
            assert message.subject == NOTIFY_QUEUED

    run(story())


def test_any_number_side_by_side_tell_each_fact_once(nats_url: str, store: Store, database: str) -> None:
    office = Office(store.app)
    targets = [office.target() for _ in range(4)]
    office.subscribe(EVALUATED)

    async def story() -> None:
        with open_store(database) as second, open_store(database) as third:
            async with deciding(nats_url, store, second, third):
                for number in (1, 2, 3):
                    for target in targets:
                        await asyncio.to_thread(office.evaluated, target, number, "on_track")
                await until(lambda: len(office.told()), 12)
        assert len({one.id for one in office.told()}) == 12

    run(story())


def test_a_start_goes_on_where_the_last_one_stopped(nats_url: str, store: Store) -> None:
    office = Office(store.app)
    target = office.target()
    office.subscribe(VERDICT)

    async def story() -> None:
        async with deciding(nats_url, store):
            await asyncio.to_thread(office.evaluated, target, 1, "at_risk")
            await until(lambda: heard(office), [(VERDICT, "firing")])
        office.evaluated(target, 2, "off_track")
        async with deciding(nats_url, store):
            await until(lambda: heard(office), [(VERDICT, "firing"), (VERDICT, "worse")])

    run(story())


def test_a_database_that_cuts_its_connections_is_waited_for(nats_url: str, store: Store, database: str) -> None:
    office = Office(store.app)
    target = office.target()
    office.subscribe(VERDICT)
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    async def story() -> None:
        with open_store(database) as second:
            async with deciding(nats_url, second):
                await asyncio.sleep(0.5)
                with store.views.datastore.transaction(commit=True) as curs:
                    curs.execute(cut)
                await asyncio.to_thread(office.evaluated, target, 1, "at_risk")
                await until(lambda: heard(office), [(VERDICT, "firing")])

    run(story())


def test_a_verdict_is_told_within_moments(nats_url: str, store: Store) -> None:
    office = Office(store.app)
    target = office.target()
    office.subscribe(EVALUATED)

    async def story() -> None:
        async with deciding(nats_url, store):
            await asyncio.sleep(0.5)
            before = datetime.now(UTC)
            await asyncio.to_thread(office.evaluated, target, 1, "on_track")
            await until(lambda: len(office.facts("notification.queued")), 1)
            (queued,) = office.facts("notification.queued")
            assert (queued.timestamp - before).total_seconds() < 5

    run(story())
