"""The words of the relay's tests: relays that run, what the log holds, what the stream holds."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import nats
import orjson
from eventsourcing.persistence import StoredEvent
from nats.aio.client import Client
from nats.aio.msg import Msg

from domain.intake import Arrival, Intake
from projections.store import Store
from tests.words import NOW
from workers.event_stream import EventStream
from workers.relay import run_relay
from workers.streams import provision

WITHIN_S = 20.0
CHECKPOINT = UUID(int=7)


async def made_anew(nats_url: str) -> None:
    """The stream of facts, without any."""
    await provision(nats_url)
    client = await nats.connect(nats_url)
    await client.jetstream().delete_stream("EVENTS")
    await client.close()
    await provision(nats_url)


@asynccontextmanager
async def relaying(nats_url: str, *stores: Store) -> AsyncIterator[Client]:
    """So many relays as there are stores."""
    client = await nats.connect(nats_url)
    stop = asyncio.Event()
    tasks = [asyncio.create_task(run_relay(nats_url, store, stop)) for store in stores]
    try:
        yield client
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        await client.close()


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def record(store: Store, *sales: dict[str, Any]) -> None:
    Intake(store.app, uuid4).record([Arrival(list(sales))], NOW)


def store_fact(store: Store, topic: str, data: dict[str, Any], id: UUID = CHECKPOINT) -> None:
    """A fact as another version of the program may have stored it."""
    state = orjson.dumps({"timestamp": datetime(2026, 11, 23, 12, tzinfo=UTC), "by": "ingest"} | data)
    store.app.recorder.insert_events([StoredEvent(id, 1, topic, state)])


def store_many(store: Store, count: int) -> None:
    state = b'{"timestamp":"2026-11-23T12:00:00+00:00","by":"ingest","entries":[]}'
    store.app.recorder.insert_events([StoredEvent(uuid4(), 1, "ledger.sales_recorded", state) for _ in range(count)])


def log_of(store: Store) -> list[int]:
    """Every position of the log, as it says itself."""
    return [one.id for one in store.app.recorder.select_notifications(1, 1_000_000)]


def ids(messages: list[Msg]) -> list[int]:
    return [int((message.headers or {})["ce-id"]) for message in messages]


async def read(client: Client) -> list[Msg]:
    """All that the stream holds, as any reader gets it."""
    count = (await client.jetstream().stream_info("EVENTS")).state.messages
    subscription = await client.jetstream().subscribe("facts.>", stream="EVENTS", ordered_consumer=True)
    found = [await subscription.next_msg(timeout=WITHIN_S) for _ in range(count)]
    await subscription.unsubscribe()
    return found


async def until_published(client: Client, store: Store) -> list[Msg]:
    """What the stream holds once the last fact of the log is there."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            last = (await EventStream(client, str).look()).position
            if last == await asyncio.to_thread(store.app.recorder.max_notification_id):
                return await read(client)
            await asyncio.sleep(0.02)
