"""What ingest does beside the commits: filling late targets, snapshots, telling refusals, room in the stream."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg.errors
import structlog
from eventsourcing import persistence
from nats.aio.client import Client

from domain.filling import Filler
from domain.target import Target
from projections.store import Store
from projections.untold import UntoldRefusals
from workers.connecting import NATS_AWAY, pause
from workers.streams import make_room
from workers.telling import tell

DATABASE_AWAY = (
    persistence.OperationalError,
    persistence.InterfaceError,
    persistence.InternalError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
)
"""A connection or transaction that was cut; what the database says about the data itself is no reason to wait."""
FILL_EVERY_S = 0.1
REFUSALS_EVERY_S = 2.0
REFUSALS_AT_ONCE = 500
ROOM_EVERY_S = 30.0
RETRY_S = 2.0

log = structlog.get_logger()


def _not_filled(target: UUID, error: Exception) -> None:
    log.error("a target can't be filled, it is tried again later", target=str(target), exc_info=error)


class Chores:
    def __init__(self, client: Client, store: Store, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._store = store
        self._untold = UntoldRefusals(store.views.datastore)
        self._refused = asyncio.Event()
        self._clock = clock
        self._filler = Filler(store.app, away=DATABASE_AWAY, failed=_not_filled)
        self._stopping = threading.Event()
        self._aside = ThreadPoolExecutor(1, "aside")

    async def run(self) -> None:
        """Until cancelled."""
        chores = (
            (self._fill, FILL_EVERY_S),
            (self._tell_refusals, 0.0),
            (self._make_room, ROOM_EVERY_S),
        )
        tasks = [asyncio.create_task(self._again_and_again(chore, every_s)) for chore, every_s in chores]
        try:
            await asyncio.wait(tasks)
        finally:
            self._stopping.set()
            for task in tasks:
                task.cancel()
            self._aside.shutdown(wait=False, cancel_futures=True)

    async def _again_and_again(self, chore: Callable[[], Any], every_s: float) -> None:
        while not self._stopping.is_set():
            try:
                await chore()
            except (*DATABASE_AWAY, *NATS_AWAY) as error:
                log.warning("a chore waits", chore=chore.__name__, error=str(error).strip()[:200])
                await asyncio.sleep(RETRY_S)
            except Exception:
                log.exception("a chore failed, it is tried again", chore=chore.__name__)
                await asyncio.sleep(RETRY_S)
            await asyncio.sleep(every_s)

    async def _fill(self) -> None:
        while await self._run(self._filler.fill_some, self._clock(), self._stopping.is_set):
            continue

    def refused(self) -> None:
        """There is something to tell."""
        self._refused.set()

    async def _tell_refusals(self) -> None:
        self._refused.clear()
        while untold := await self._run(self._untold.some, REFUSALS_AT_ONCE):
            await self._run(self._untold.told, await tell(self._client, untold))
        await pause(REFUSALS_EVERY_S, self._refused)

    async def _make_room(self) -> None:
        made = await make_room(self._client.jetstream())
        if made:
            log.info("acknowledged sales were taken out of the stream, which was half full", messages=made)

    def keep_snapshots(self, due: list[Target.Snapshot]) -> None:
        """Store these when there is time; a copy that can't be stored now is made again later."""
        if not self._stopping.is_set():
            self._run(self._keep_snapshots, due)

    def _keep_snapshots(self, due: list[Target.Snapshot]) -> None:
        snapshots = self._store.app.snapshots
        assert snapshots is not None
        for snapshot in due:
            try:
                snapshots.put([snapshot])
            except persistence.IntegrityError:
                log.debug("another process has stored this snapshot", target=str(snapshot.originator_id))
            except DATABASE_AWAY as error:
                log.warning("a snapshot was not stored", error=str(error).strip()[:200])

    def _run(self, work: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._aside, work, *args)
