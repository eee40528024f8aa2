"""Sends what is queued: claims it, tries it, records what came of it. Any number of processes may run side by side.

Woken by NATS, by its own sends that end, by what falls due, and once a second. One thread does the database's work;
the sends run beside each other in the event loop, at most four to one endpoint.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

import structlog
from faststream.nats import NatsBroker
from nats.aio.client import Client

from domain.delivery.delivering import (
    BATCH_MAX,
    LEASE,
    NATS,
    PER_ENDPOINT_MAX,
    WEBHOOK,
    Attempt,
    CantBegin,
    Delivering,
    Ended,
    LookAgain,
    as_queued,
)
from domain.delivery.retry import NATS_LADDER, WEBHOOK_LADDER, Failure, Ladder, Outcome
from projections.deliveries import look_ahead
from projections.store import Store
from workers.channels.nats import NatsChannel
from workers.channels.webhook import SEND_S, Resolve, Webhook
from workers.chores import DATABASE_AWAY
from workers.connecting import NATS_AWAY
from workers.waking import alarm_clock

POLL_S = 1.0
GATHER_S = 0.01
"""Between two turns at least: what ends within this time is recorded in one transaction."""
UNDER_WAY_MAX = 500
CROWDED = UNDER_WAY_MAX // 2
"""With so many under way each endpoint has one at a time: those that hang leave room for the others."""
RETRY_S = 2.0
STOP_WITHIN_S = 5.0
LEASE_MARGIN = timedelta(seconds=SEND_S + 5)
"""A send that could end after its lease is not begun: another process would have begun the next by then."""
LEASE_NEARLY_OVER = timedelta(seconds=5)
"""What this process is sending under such a lease it does not claim again, however long it waits for the log's lock."""

log = structlog.get_logger()


class Channel(Protocol):
    async def send(self, attempt: Attempt) -> Outcome: ...


@dataclass(frozen=True)
class Terms:
    """How delivery goes about it."""

    webhook_ladder: Ladder = WEBHOOK_LADDER
    allow_loopback: bool = False
    lease: timedelta = LEASE
    look_again: LookAgain = as_queued

    def __post_init__(self) -> None:
        assert self.lease > LEASE_MARGIN, "a lease is longer than a send"


class Delivery:
    def __init__(
        self, store: Store, channels: Mapping[str, Channel], terms: Terms, clock: Callable[[], datetime]
    ) -> None:
        self._datastore = store.views.datastore
        ladders = {WEBHOOK: terms.webhook_ladder, NATS: NATS_LADDER}
        self._delivering = Delivering(store.app, ladders, lease=terms.lease, look_again=terms.look_again)
        self._channels = channels
        self._clock = clock
        self._news = asyncio.Event()
        self._hinted = False
        self._sending: dict[asyncio.Task[None], Attempt] = {}
        self._singly = 0
        """So many steps begin one notification each, to find the one that can't be."""
        self._ended: list[Ended] = []
        self._deciding = ThreadPoolExecutor(1, "deliver")

    def wake(self) -> None:
        """Something was queued just now."""
        self._hinted = True
        self._news.set()

    def look(self) -> None:
        """Something was queued lately, and may be on its way already."""
        self._news.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; what is being sent then has five seconds, and its outcome is recorded."""
        loop, ringing = asyncio.get_running_loop(), asyncio.create_task(self._ring_at(stop))
        try:
            while not stop.is_set():
                self._news.clear()
                wait_s, turned = await self._turn(), loop.time()
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._news.wait()
                        # The first news after a while is acted on at once; what follows closely is gathered.
                        await asyncio.sleep(turned + GATHER_S - loop.time())
        finally:
            ringing.cancel()
            await self._finish()

    async def _ring_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._news.set()

    async def _turn(self) -> float:
        """Record what has ended and send what is due; for how long there is nothing more to do, in seconds."""
        ended, self._ended = self._ended, []
        try:
            attempts, wait_s = await self._decide(ended, UNDER_WAY_MAX - len(self._sending))
        except DATABASE_AWAY as error:
            return await self._wait_for_database(ended, error)
        except CantBegin as error:
            if isinstance(error.__cause__, DATABASE_AWAY):
                return await self._wait_for_database(ended, error.__cause__)
            await self._set_apart(error)
            await self._record_one_by_one(ended)
            return 0.0
        except Exception:
            log.exception("a step of delivery failed")
            await self._record_one_by_one(ended)
            await asyncio.sleep(RETRY_S)
            return POLL_S
        for attempt in attempts:
            task = asyncio.create_task(self._send(attempt))
            self._sending[task] = attempt
            task.add_done_callback(self._sending.pop)
        return wait_s

    async def _wait_for_database(self, ended: list[Ended], error: Exception) -> float:
        log.warning("database away, notifications wait", error=str(error).strip()[:200])
        self._ended = ended + self._ended
        await asyncio.sleep(RETRY_S)
        return 0.0

    async def _set_apart(self, error: CantBegin) -> None:
        """One that can't be begun must not stop the others: it is looked for one by one, and put off."""
        if len(error.claimed) > 1:
            self._singly = BATCH_MAX
            return
        (one,) = error.claimed
        log.error("a notification can't be begun, it is put off", notification=str(one), exc_info=error.__cause__)
        try:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._deciding, self._delivering.put_off, one, self._clock())
        except DATABASE_AWAY as away:
            log.warning("database away, notifications wait", error=str(away).strip()[:200])
            await asyncio.sleep(RETRY_S)

    def _decide(self, ended: Sequence[Ended], room: int) -> asyncio.Future[tuple[list[Attempt], float]]:
        # After a jump of the clock the leases of what is being sent here have run out, and the sends have not.
        soon = self._clock() + LEASE_NEARLY_OVER
        under_way = {one.notification for one in self._sending.values() if one.lease_until <= soon}
        per_endpoint_max = 1 if len(self._sending) >= CROWDED else PER_ENDPOINT_MAX
        if self._singly and room > 0:
            self._singly -= 1
            room = 1
        hinted, self._hinted = self._hinted, False
        step = partial(self._step, ended, room, per_endpoint_max, under_way, hinted=hinted)
        return asyncio.get_running_loop().run_in_executor(self._deciding, step)

    def _step(
        self, ended: Sequence[Ended], room: int, per_endpoint_max: int, under_way: Collection[UUID], *, hinted: bool
    ) -> tuple[list[Attempt], float]:
        now = self._clock()
        due: bool = True
        until_next: timedelta | None = timedelta(0)
        if not hinted:
            # Looked at without the log's lock first: while nothing is due, nobody waits for us.
            due, until_next = look_ahead(self._datastore, now, per_endpoint_max, under_way)
        if not ended and not (due and room > 0):
            return [], _at_most(POLL_S, until_next)
        attempts, claimed = self._delivering.step(
            ended, now, room, per_endpoint_max=per_endpoint_max, leave=under_way, clock=self._clock
        )
        # What has ended may let others go: there may be more than was seen before.
        return attempts, 0.0 if claimed or ended else _at_most(POLL_S, until_next)

    async def _record_one_by_one(self, ended: Sequence[Ended]) -> None:
        """One that can't be recorded must not stop the others; it is tried again when its lease has run out."""
        for one in ended:
            try:
                await self._decide([one], 0)
            except DATABASE_AWAY:
                self._ended.append(one)
            except Exception:
                log.exception("an outcome can't be recorded", notification=str(one.attempt.notification))

    async def _send(self, attempt: Attempt) -> None:
        """One try. What it comes to waits for the next turn."""
        if attempt.lease_until - self._clock() < LEASE_MARGIN:
            log.warning("an attempt was not begun: its lease is too short", notification=str(attempt.notification))
            return
        try:
            outcome = await self._channels[attempt.channel].send(attempt)
        except Exception as error:
            log.exception("a send failed in an unexpected way", notification=str(attempt.notification))
            outcome = Failure(f"unexpected: {type(error).__name__}")
        if isinstance(outcome, Failure):
            log.info("not delivered", notification=str(attempt.notification), reason=outcome.reason)
        self._ended.append(Ended(attempt, outcome))
        self._news.set()

    async def _finish(self) -> None:
        if self._sending:
            await asyncio.wait(list(self._sending), timeout=STOP_WITHIN_S)
        cut_off = list(self._sending)
        for task in cut_off:
            task.cancel()
        await asyncio.gather(*cut_off, return_exceptions=True)
        ended, self._ended = self._ended, []
        if ended:
            try:
                await self._decide(ended, 0)
            except DATABASE_AWAY as error:
                log.warning(
                    "outcomes were not recorded: these are tried again", many=len(ended), error=str(error)[:200]
                )
        self._deciding.shutdown()


def _at_most(seconds: float, wait: timedelta | None) -> float:
    return seconds if wait is None else min(seconds, wait.total_seconds())


async def run_delivery(
    nats_url: str,
    store: Store,
    stop: asyncio.Event,
    *,
    resolve: Resolve,
    terms: Terms | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Deliver until `stop` is set. Ends with ConnectionError when NATS is gone for good."""
    gone = asyncio.Event()
    client: Client | None = None

    async def closed() -> None:
        if not stop.is_set():
            gone.set()
            stop.set()

    async def listen() -> None:
        nonlocal client
        while True:
            try:
                client = await broker.connect()
                await broker.start()
            except NATS_AWAY as error:
                log.warning("delivery is not woken yet, it looks every second", error=str(error)[:200])
                await asyncio.sleep(RETRY_S)
            else:
                return

    terms = terms or Terms()
    async with Webhook(resolve, clock, allow_loopback=terms.allow_loopback) as webhook:
        channels: Mapping[str, Channel] = {WEBHOOK: webhook, NATS: NatsChannel(lambda: client)}
        delivery = Delivery(store, channels, terms, clock)
        broker = alarm_clock(nats_url, delivery.wake, delivery.look, closed)
        listening = asyncio.create_task(listen())
        try:
            await delivery.run(stop)
        finally:
            stop.set()
            await _stop(listening, broker)
    if gone.is_set():
        raise ConnectionError("the connection to NATS is closed and can't be mended")


async def _stop(listening: asyncio.Task[None], broker: NatsBroker) -> None:
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    try:
        await asyncio.wait_for(broker.stop(), STOP_WITHIN_S)
    except NATS_AWAY as error:
        log.warning("a connection to NATS did not close by itself", error=str(error)[:200])
