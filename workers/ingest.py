"""Sales in: gathers what has arrived, commits it in one transaction, then acknowledges or answers.

Messages come from the stream (pulled by the protocol itself, see `pull.py`) and by request and reply (FastStream).
The database work runs in one thread of its own, so the event loop goes on receiving meanwhile.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from nats.aio.client import Client

from domain.intake import Arrival, Intake, Outcome
from domain.target import Target
from projections.store import Store
from workers.chores import DATABASE_AWAY, Chores
from workers.connecting import NATS_AWAY, connected, end
from workers.deliveries import Delivery, RequestDelivery, StreamDelivery
from workers.pull import Pull
from workers.reading import read_sales
from workers.recording import RecordDoor
from workers.subjects import SALES_CONSUMER, SALES_STREAM

COMMIT_SALES_MAX = 5_000
GATHER_SALES = 1_000
GATHER_S = 0.01
"""A commit waits this long for more sales, unless so many are there."""
RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
STOP_WITHIN_S = 3.0
"""With NATS away, nothing that is still to be said gets there."""

log = structlog.get_logger()


class Ingest:
    def __init__(self, client: Client, store: Store, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._intake = Intake(store.app, uuid4)
        self._chores = Chores(client, store, clock)
        self._pull = Pull(client, SALES_STREAM, SALES_CONSUMER)
        self._requests: deque[Delivery] = deque()
        self._put_back: Delivery | None = None
        self._news = asyncio.Event()
        self._committing = ThreadPoolExecutor(1, "commit")

    async def run(self, stop: asyncio.Event) -> None:
        """Commit sales until `stop` is set; what is being committed then is finished and answered."""
        await self._pull.start()
        beside = [asyncio.create_task(work) for work in (self._watch_stream(), self._ring_at(stop), self._chores.run())]
        try:
            await self._take_in(stop)
        finally:
            await end(beside)
            for request in self._requests:
                await request.give_back()
            self._committing.shutdown()
        for task in beside:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _take_in(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._news.wait()
            if not stop.is_set() and (deliveries := await self._gather()):
                await self._commit(deliveries, stop)

    async def _ring_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._news.set()

    async def reconnected(self) -> None:
        await self._pull.renew()

    async def record(self, body: bytes, *, ndjson: bool, sources: frozenset[str] | None) -> bytes:
        """The reply to a record request, once its sales are committed."""
        request = RequestDelivery(Arrival(read_sales(body, ndjson=ndjson), sources))
        self._requests.append(request)
        self._news.set()
        return await request.answer

    # Gathering

    async def _watch_stream(self) -> None:
        while True:
            await self._pull.ready()
            if len(self._pull):
                self._news.set()
                await asyncio.sleep(GATHER_S / 2)

    async def _gather(self) -> list[Delivery]:
        """What has arrived, up to 5,000 sales; waits a moment for company when there are few."""
        self._news.clear()
        if len(self._pull) + len(self._requests) < GATHER_SALES:
            await asyncio.sleep(GATHER_S)
        deliveries: list[Delivery] = []
        sales = 0
        while sales < COMMIT_SALES_MAX and (delivery := await self._next()) is not None:
            sales += len(delivery.arrival.items)
            if deliveries and sales > COMMIT_SALES_MAX:
                self._put_back = delivery
                break
            deliveries.append(delivery)
        if len(self._pull) or self._requests or self._put_back:
            self._news.set()
        return deliveries

    async def _next(self) -> Delivery | None:
        delivery, self._put_back = self._put_back, None
        if delivery is not None:
            return delivery
        if self._requests:
            return self._requests.popleft()
        message = await self._pull.take()
        return None if message is None else StreamDelivery(self._client, message)

    # Committing

    async def _commit(self, deliveries: Sequence[Delivery], stop: asyncio.Event) -> None:
        """Commit, then acknowledge or answer; a database that is away is waited for."""
        attempt = 0
        while True:
            try:
                recording = asyncio.get_running_loop().run_in_executor(self._committing, self._record, deliveries)
                outcomes, position, due = await recording
                break
            except DATABASE_AWAY as error:
                log.warning("database away, sales wait", messages=len(deliveries), error=str(error).strip()[:200])
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RETRY_S[min(attempt, len(RETRY_S) - 1)])
                if stop.is_set():
                    for delivery in deliveries:
                        if isinstance(delivery, RequestDelivery):
                            await delivery.give_back()
                    return
                attempt += 1
            except Exception:  # noqa: BLE001 - one bad message must not stop the others
                await self._commit_alone(deliveries, stop)
                return
        for delivery, outcome in zip(deliveries, outcomes, strict=True):
            await self._accept(delivery, outcome, position)
        if any(outcome.rejected for outcome in outcomes):
            self._chores.refused()
        if due:
            self._chores.keep_snapshots(due)

    async def _accept(self, delivery: Delivery, outcome: Outcome, position: int) -> None:
        try:
            await delivery.accept(outcome, position)
        except NATS_AWAY as error:
            # Committed, and not acknowledged: it comes again, and is known then.
            log.warning("NATS away, a message stays unacknowledged", error=str(error)[:200])

    async def _commit_alone(self, deliveries: Sequence[Delivery], stop: asyncio.Event) -> None:
        """Something in these can't be committed: commit one by one, and give back the one that fails."""
        if len(deliveries) > 1:
            for delivery in deliveries:
                await self._commit([delivery], stop)
            return
        log.exception("a message can't be committed; it is given back", message=deliveries[0].arrival.name)
        try:
            await deliveries[0].give_back()
        except NATS_AWAY as error:
            log.warning("NATS away, the message comes again", error=str(error)[:200])

    def _record(self, deliveries: Sequence[Delivery]) -> tuple[list[Outcome], int, list[Target.Snapshot]]:
        outcomes, position = self._intake.record([one.arrival for one in deliveries], self._clock())
        return outcomes, position, self._intake.snapshots_due()


async def run_ingest(nats_url: str, store: Store, stop: asyncio.Event) -> None:
    """Take sales in until `stop` is set. Ends with ConnectionError when NATS is gone for good."""
    ingest: Ingest | None = None

    async def reconnected() -> None:
        if ingest is not None:
            await ingest.reconnected()

    async with connected(nats_url, "ingest", stop, reconnected) as client:
        ingest = Ingest(client, store, lambda: datetime.now(UTC))
        door = RecordDoor(client, ingest.record)
        ending = asyncio.Event()
        closing = asyncio.create_task(_close_at(stop, door, ending))
        try:
            await door.open()
            await ingest.run(ending)
        finally:
            stop.set()
            await closing


async def _close_at(stop: asyncio.Event, door: RecordDoor, ending: asyncio.Event) -> None:
    """First nothing more is taken, and what was taken is committed and answered; only then is it over."""
    await stop.wait()
    try:
        await asyncio.wait_for(door.close(), STOP_WITHIN_S)
    except NATS_AWAY as error:
        log.warning("the record door did not close by itself", error=str(error)[:200] or type(error).__name__)
    finally:
        ending.set()
