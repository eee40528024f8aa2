"""Notifications as the alert engine queues them, what became of them, and delivery processes that send them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from domain.delivery.delivering import Delivering
from domain.delivery.endpoint import secret_of
from domain.delivery.notification import Notification, notification_id
from domain.delivery.outbox import Dead, Sought
from domain.delivery.retry import NATS_LADDER, read_ladder
from projections.deliveries import dead_ones
from projections.store import Store
from tests.workers.test_ingest import until
from workers.delivery import Terms, run_delivery

SECRET = secret_of(b"s" * 32)
QUICK = read_ladder("0,0.05,0.05")
TARGET = UUID(int=3)


NOWHERE = "nats://127.0.0.1:1"
"""Nobody listens there: delivery goes on without NATS."""


async def here(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def subscribed(store: Store, url: str) -> UUID:
    """A webhook that leads there."""
    subscription = uuid4()
    with store.app.writing() as log:
        log.endpoints.keep(subscription, url, SECRET)
    return subscription


def queued(store: Store, subscription: UUID, number: int = 1, *, at: datetime | None = None, **says: Any) -> UUID:
    """A notification as the alert engine queues it."""
    at = at or datetime.now(UTC)
    said: dict[str, Any] = {
        "alert": UUID(int=number),
        "episode": 1,
        "transition": "firing",
        "n": 1,
        "kind": "alert.verdict",
        "target": TARGET,
        "recipient": "ana@example.com",
        "channel": "webhook",
        "about": 12,
        "message": {"status": "off_track"},
    } | says
    key = (said["alert"], said["episode"], said["transition"], said["n"], said["recipient"], subscription)
    one = Notification.queue(notification_id(*key), subscription=subscription, **said, by="alerts", at=at)
    with store.app.writing() as log:
        log.deliveries.keep(one)
        log.save(one.collect_events())
    return one.id


def life(store: Store, notification: UUID) -> list[str]:
    """What happened to it, in order: queued, sending, delivered, ..."""
    with store.views.datastore.cursor() as curs:
        curs.execute(
            "SELECT topic FROM milemarker_events WHERE originator_id = %s ORDER BY originator_version", (notification,)
        )
        return [row["topic"].removeprefix("notification.") for row in curs]


def rows(store: Store) -> list[tuple[UUID, str]]:
    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT notification, state FROM deliveries ORDER BY turn")
        return [(row["notification"], row["state"]) for row in curs]


def the_dead(store: Store) -> list[Dead]:
    return dead_ones(store.views.datastore, Sought(), 100)


def leases_run_out(store: Store) -> None:
    """As if half a minute had passed."""
    with store.views.datastore.cursor() as curs:
        curs.execute("UPDATE deliveries SET due = now(), lease_until = now() WHERE state = 'sending'")


def stepping(store: Store, **terms: Any) -> Delivering:
    return Delivering(store.app, {"webhook": QUICK, "nats": NATS_LADDER}, **terms)


@asynccontextmanager
async def delivering(
    nats_url: str, *stores: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC), **terms: Any
) -> AsyncIterator[None]:
    """So many delivery processes as there are stores."""
    said = replace(Terms(QUICK, allow_loopback=True), **terms)
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(run_delivery(nats_url, one, stop, resolve=here, terms=said, clock=clock)) for one in stores
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


def delivers(store: Store, notification: UUID, ends: str, url: str = NOWHERE, **terms: Any) -> None:
    """Deliver until the notification has come to this end."""

    async def story() -> None:
        async with delivering(url, store, **terms):
            await until(lambda: life(store, notification)[-1], ends)

    asyncio.run(story())
