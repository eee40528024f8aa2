"""Alerts: follows the log, decides who hears what, and wakes delivery. Any number of processes may run side by side.

All the database's work is done in one thread, which hears from the log that it has grown (LISTEN), and looks anyway.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import structlog
from nats.aio.client import Client
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier

from domain.alerts.alerting import Alerts, Decided
from projections.store import Store
from workers.chores import DATABASE_AWAY
from workers.connecting import NATS_AWAY, connected
from workers.subjects import NOTIFY_QUEUED

POLL_S = 0.2
GATHER_S = 0.005
"""While sales come in, the log grows many times a second: it is looked at no more often than this."""
RETRY_S = 1.0

log = structlog.get_logger()


class Follower:
    """The thread's work: decides on whatever the log has, until it is stopped."""

    def __init__(self, store: Store, clock: Callable[[], datetime], queued: Callable[[], None]) -> None:
        """queued: called, in the thread, when notifications were committed."""
        self._store = store
        self._alerts = Alerts(store.app)
        self._clock = clock
        self._queued = queued
        self._stopping = threading.Event()

    def stop(self) -> None:
        """What is being decided is committed first."""
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except DATABASE_AWAY as error:
                log.warning("database away, alerts wait", error=str(error).strip()[:200])
                self._stopping.wait(RETRY_S)
            except Exception:
                # It stays at this position: to pass a fact over would be to keep it from people in silence.
                log.exception("alerts can't be decided, it is tried again")
                self._stopping.wait(RETRY_S)

    def _follow(self) -> None:
        channel = Identifier(self._store.app.recorder.channel_name)  # type: ignore[attr-defined]
        with self._store.views.datastore.get_connection() as connection:
            connection.execute(SQL("LISTEN {}").format(channel))
            try:
                while not self._stopping.is_set():
                    if not self._decide().more:
                        self._wait(connection)
            finally:
                # The connection goes back to the pool as it came from it.
                if not connection.broken:
                    connection.execute(SQL("UNLISTEN {}").format(channel))

    def _decide(self) -> Decided:
        decided = self._alerts.decide_some(self._clock())
        if decided.queued:
            self._queued()
        return decided

    def _wait(self, connection: Connection[DictRow]) -> None:
        self._stopping.wait(GATHER_S)
        for _ in connection.notifies(timeout=POLL_S, stop_after=1):
            pass


async def run_alerts(
    nats_url: str, store: Store, stop: asyncio.Event, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> None:
    """Decide until `stop` is set. Ends with ConnectionError when NATS is gone for good."""
    loop, queued = asyncio.get_running_loop(), asyncio.Event()
    follower = Follower(store, clock, lambda: _ring(loop, queued))
    with ThreadPoolExecutor(1, "alerts") as thread:
        async with connected(nats_url, "alerts", stop) as client:
            hinting = asyncio.create_task(_hint(client, queued))
            following = loop.run_in_executor(thread, follower.run)
            try:
                await stop.wait()
            finally:
                follower.stop()
                await following
                hinting.cancel()


def _ring(loop: asyncio.AbstractEventLoop, queued: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(queued.set)


async def _hint(client: Client, queued: asyncio.Event) -> None:
    """One message for whatever was queued meanwhile. Delivery looks by itself too: a lost one costs a second."""
    while True:
        await queued.wait()
        queued.clear()
        try:
            await client.publish(NOTIFY_QUEUED, b"")
        except NATS_AWAY as error:
            log.info("delivery was not woken", error=str(error)[:200])
