"""Sales in: gathers what has arrived, commits it in one transaction, then acknowledges or answers.

Messages come from the stream (pulled by the protocol itself, see `pull.py`) and by request and reply (FastStream).
The database work runs in one thread of its own, so the event loop goes on receiving meanwhile.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import nats
import nats.errors
import nats.js.errors
import orjson
import structlog
from eventsourcing.persistence import IntegrityError, PersistenceError
from nats.aio.client import Client
from nats.aio.msg import Msg
from psycopg import Error

from domain.filling import Filler
from domain.intake import Arrival, Intake, Outcome
from domain.target import Target
from projections.store import Store
from workers.pull import Pull
from workers.reading import read_sales
from workers.recording import recording_door
from workers.refusals import publish_refused
from workers.subjects import SALES_CONSUMER, SALES_STREAM, source_of

COMMIT_SALES_MAX = 5_000
GATHER_SALES = 1_000
GATHER_S = 0.01
"""A commit waits this long for more sales, unless so many are there."""
FILL_EVERY_S = 0.1
RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
NAK_DELAY_S = 30.0
RECONNECT_WAIT_S = 0.2

log = structlog.get_logger()
DATABASE_AWAY = (PersistenceError, Error)
NATS_AWAY = (nats.errors.Error, nats.js.errors.Error, TimeoutError, OSError)
STOP_WITHIN_S = 3.0
"""With NATS away, nothing that is still to be said gets there."""


@dataclass(slots=True)
class Delivery:
    """A message on its way into the ledger, and how its sender learns what became of it."""

    arrival: Arrival
    subject: str
    name: str | None
    """What names the message for ever, such as its place in the stream; None for a request."""
    done: Callable[[Outcome, int], Awaitable[None]]
    failed: Callable[[], Awaitable[None]]


class Ingest:
    def __init__(self, client: Client, store: Store, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._intake = Intake(store.app, uuid4)
        self._filler = Filler(store.app)
        self._pull = Pull(client, SALES_STREAM, SALES_CONSUMER)
        self._requests: deque[Delivery] = deque()
        self._news = asyncio.Event()
        self._committing = ThreadPoolExecutor(1, "commit")
        self._aside = ThreadPoolExecutor(1, "aside")

    async def run(self, stop: asyncio.Event) -> None:
        """Commit sales until `stop` is set; what is being committed then is finished and answered."""
        await self._pull.start()
        try:
            async with asyncio.TaskGroup() as group:
                beside = [group.create_task(work) for work in (self._watch_stream(), self._fill(), self._ring_at(stop))]
                await self._take_in(stop)
                for task in beside:
                    task.cancel()
        finally:
            self._committing.shutdown()
            self._aside.shutdown()

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
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def done(outcome: Outcome, position: int) -> None:
            if not answer.done():
                answer.set_result(answer_of(outcome, position))

        async def failed() -> None:
            if not answer.done():
                detail = "something went wrong here; nothing of this request was recorded"
                answer.set_result(orjson.dumps({"error": {"code": "internal", "detail": detail}}))

        arrival = Arrival(read_sales(body, ndjson=ndjson), sources)
        self._requests.append(Delivery(arrival, "", None, done, failed))
        self._news.set()
        return await answer

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
        while self._requests and sales < COMMIT_SALES_MAX:
            deliveries.append(self._requests.popleft())
            sales += len(deliveries[-1].arrival.items)
        while sales < COMMIT_SALES_MAX:
            messages = await self._pull.take(min(COMMIT_SALES_MAX - sales, 50 if sales == 0 else GATHER_SALES))
            if not messages:
                break
            for message in messages:
                deliveries.append(self._delivery_of(message))
                sales += len(deliveries[-1].arrival.items)
        if len(self._pull) or self._requests:
            self._news.set()
        return deliveries

    def _delivery_of(self, message: Msg) -> Delivery:
        async def done(_: Outcome, __: int) -> None:
            await self._client.publish(message.reply, b"+ACK")

        async def failed() -> None:
            await message.nak(delay=NAK_DELAY_S)

        source = source_of(message.subject)
        name = f"{SALES_STREAM}.{message.metadata.sequence.stream}"
        return Delivery(Arrival(read_sales(message.data), frozenset({source})), message.subject, name, done, failed)

    # Committing

    async def _commit(self, deliveries: Sequence[Delivery], stop: asyncio.Event) -> None:
        """Commit, tell what was refused, then acknowledge or answer; a database that is away is waited for."""
        attempt = 0
        while True:
            try:
                outcomes, position, due = await self._in(self._committing, self._record, deliveries)
                break
            except DATABASE_AWAY as error:
                log.warning("database away, sales wait", sales=len(deliveries), error=str(error).strip()[:200])
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RETRY_S[min(attempt, len(RETRY_S) - 1)])
                if stop.is_set():
                    return
                attempt += 1
            except Exception:  # noqa: BLE001 - one bad message must not stop the others
                await self._commit_alone(deliveries, stop)
                return
        for delivery, outcome in zip(deliveries, outcomes, strict=True):
            try:
                if outcome.rejected or outcome.lapsed:
                    await publish_refused(self._client, outcome, delivery.subject, delivery.name, self._clock())
                await delivery.done(outcome, position)
            except NATS_AWAY as error:
                # Committed, and not acknowledged: it comes again, is known then, and is told again.
                log.warning("NATS away, a message stays unacknowledged", error=str(error)[:200])
        if due:
            self._in(self._aside, self._keep_snapshots, due)

    async def _commit_alone(self, deliveries: Sequence[Delivery], stop: asyncio.Event) -> None:
        """Something in these can't be committed: commit one by one, and give back the one that fails."""
        if len(deliveries) > 1:
            for delivery in deliveries:
                await self._commit([delivery], stop)
            return
        log.exception("a message can't be committed; it is given back", message=deliveries[0].name)
        await deliveries[0].failed()

    def _record(self, deliveries: Sequence[Delivery]) -> tuple[list[Outcome], int, list[Target.Snapshot]]:
        outcomes, position = self._intake.record([one.arrival for one in deliveries], self._clock())
        return outcomes, position, self._intake.snapshots_due()

    def _keep_snapshots(self, due: list[Target.Snapshot]) -> None:
        snapshots = self._store.app.snapshots
        assert snapshots is not None
        for snapshot in due:
            try:
                snapshots.put([snapshot])
            except IntegrityError:
                log.debug("another process has stored this snapshot", target=str(snapshot.originator_id))
            except DATABASE_AWAY as error:
                log.warning("a snapshot was not stored", error=str(error).strip()[:200])

    async def _fill(self) -> None:
        """Fill targets that were activated late, beside the commits."""
        while True:
            try:
                if await self._in(self._aside, self._filler.fill_some, self._clock()):
                    continue
            except DATABASE_AWAY as error:
                log.warning("database away, targets wait to be filled", error=str(error).strip()[:200])
                await asyncio.sleep(RETRY_S[-2])
            await asyncio.sleep(FILL_EVERY_S)

    def _in(self, executor: ThreadPoolExecutor, work: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(executor, work, *args)


def answer_of(outcome: Outcome, position: int) -> bytes:
    """The body of the reply: what `POST /v1/sales` answers."""
    rejected = [
        {
            "index": one.index,
            "source": one.source,
            "id": one.id,
            "code": one.refused.code,
            "detail": one.refused.detail,
            "field": one.refused.field,
        }
        for one in outcome.rejected
    ]
    return orjson.dumps(
        {
            "position": position,
            "accepted": outcome.accepted,
            "duplicates": outcome.duplicates,
            "rejected": rejected,
        }
    )


async def run_ingest(nats_url: str, store: Store, stop: asyncio.Event) -> None:
    """Take sales in until `stop` is set. Ends with ConnectionError when NATS is gone for good."""
    gone = asyncio.Event()

    async def closed() -> None:
        gone.set()
        stop.set()

    async def reconnected() -> None:
        log.info("NATS is back")
        await ingest.reconnected()

    async def failed(error: Exception) -> None:
        log.warning("NATS", error=str(error)[:200])

    client = await nats.connect(
        nats_url,
        name="milemarker ingest",
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_WAIT_S,
        pending_size=16 * 1024 * 1024,
        closed_cb=closed,
        reconnected_cb=reconnected,
        error_cb=failed,
    )
    ingest = Ingest(client, store, lambda: datetime.now(UTC))
    door = recording_door(nats_url, ingest.record)
    stopping = False
    try:
        await door.start()
        await ingest.run(stop)
        stopping = not gone.is_set()
    finally:
        for closing in (door.stop(), client.close()):
            try:
                await asyncio.wait_for(closing, STOP_WITHIN_S)
            except NATS_AWAY as error:
                log.warning("a connection to NATS did not close by itself", error=str(error)[:200])
    if not stopping:
        raise ConnectionError("the connection to NATS is closed and can't be mended")
