"""Checkpoints: evaluates what has fallen due, once the sales that were published before are in the log.

The agenda in the store is what can be relied on: it is looked at when a timer rings, and every few seconds anyway.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from domain.agenda import OF_SALES, UNHURRIED, Errand
from domain.calendar import Holidays
from domain.defining import no_holidays
from domain.evaluating import FIRST, Evaluator
from domain.templates.recurring import Recurrer
from projections.store import Store
from projections.timers import Timers
from workers.chores import DATABASE_AWAY
from workers.connecting import NATS_AWAY, connected, end, pause
from workers.pull import Pull
from workers.recurring import Recurring
from workers.subjects import CHECKPOINTS_CONSUMER, SALES_CONSUMER, SALES_STREAM, TIMERS_STREAM
from workers.timers import TimerSetter

LOOK_EVERY_S = 2.0
BACKLOG_POLL_S = 0.1
BACKLOG_SAY_S = 10.0
RETRY_S = 1.0
PUT_OFF = timedelta(minutes=5)
"""So long a target is left alone that can't be evaluated."""
GRACE = timedelta(seconds=10)
BACKLOG_WAIT = timedelta(minutes=15)

Answer = TypeVar("Answer")
log = structlog.get_logger()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Timing:
    """grace: between a cut-off and its evaluation; backlog_wait: how long published sales are waited for at most."""

    grace: timedelta = GRACE
    backlog_wait: timedelta = BACKLOG_WAIT
    clock: Callable[[], datetime] = _now


class Checkpoints:
    def __init__(self, client: Client, store: Store, timing: Timing, recurrer: Recurrer) -> None:
        self._client = client
        self._timing = timing
        self._recurring = Recurring(recurrer, self._decide, timing.clock)
        self._evaluator = Evaluator(store.app, timing.grace)
        self._timers = Timers(store.views.datastore)
        self._setter = TimerSetter(client, self._timers, timing.grace, timing.clock)
        self._rings = Pull(client, TIMERS_STREAM, CHECKPOINTS_CONSUMER)
        self._rung = asyncio.Event()
        self._deciding = ThreadPoolExecutor(1, "checkpoints")
        self._began = timing.clock()
        self._planned = False
        self._unwatched: UUID | None = FIRST
        """Up to where it was seen that targets are looked after; None: all."""

    async def run(self, stop: asyncio.Event) -> None:
        """Evaluate what falls due until `stop` is set; a commit that is under way then is finished."""
        await self._rings.start()
        self._began = self._timing.clock()
        beside = [asyncio.create_task(work) for work in (self._hear(), self._setter.run(stop))]
        try:
            while not stop.is_set():
                self._rung.clear()
                await self._look(stop)
                await pause(LOOK_EVERY_S, self._rung, stop)
        finally:
            await end(beside)
            self._deciding.shutdown()

    async def reconnected(self) -> None:
        await self._rings.renew()

    async def _hear(self) -> None:
        """A ring is worth nothing but the look that follows it: the agenda knows what is due."""
        while True:
            await self._rings.ready()
            while (message := await self._rings.take()) is not None:
                self._rung.set()
                try:
                    await self._client.publish(message.reply, b"+ACK")
                except NATS_AWAY as error:
                    log.info("a ring was not acknowledged, it comes again", error=str(error)[:200])

    async def _look(self, stop: asyncio.Event) -> None:
        try:
            while not self._planned and not stop.is_set():
                self._planned = not await self._decide(self._evaluator.plan_missing)
            while self._unwatched is not None and not stop.is_set():
                self._unwatched = await self._decide(partial(self._evaluator.watch_missing, self._unwatched))
            await self._evaluate(stop)
        except DATABASE_AWAY as error:
            log.warning("database away, checkpoints wait", error=str(error).strip()[:200])
            await pause(RETRY_S, stop)
        except Exception:
            log.exception("checkpoints could not be evaluated, trying again")
            await pause(RETRY_S, stop)

    async def _evaluate(self, stop: asyncio.Event) -> None:
        """Everything that is due now: first what no sale decides, then the rest, once the sales are in.

        Drafts start last: by then the period before is evaluated.
        """
        due_at = self._timing.clock()
        due = await self._decide(partial(self._timers.fallen_due, due_at, self._timing.grace))
        if due.unhurried:
            await self._evaluate_all(due_at, UNHURRIED, stop, complete=False)
            await self._recurring.make_all(due_at, stop)
        if due.of_sales is not None:
            complete = await self._backlog_is_in(max(due.of_sales, self._began) + self._timing.backlog_wait, stop)
            await self._evaluate_all(due_at, OF_SALES, stop, complete=complete)
            await self._recurring.start_all(due_at, stop)

    async def _evaluate_all(
        self, due_at: datetime, errands: Sequence[Errand], stop: asyncio.Event, *, complete: bool
    ) -> None:
        """As many as fit in a commit, commit after commit."""
        done = 1
        while done and not stop.is_set():
            doing = partial(
                self._evaluator.evaluate_some, due_at, self._timing.clock(), complete=complete, errands=errands
            )
            try:
                done = await self._decide(doing)
            except DATABASE_AWAY:
                raise
            except Exception:
                log.exception("some checkpoints can't be evaluated together: they are evaluated one by one")
                await self._one_by_one(doing, due_at, stop)

    async def _one_by_one(self, doing: Callable[..., int], due_at: datetime, stop: asyncio.Event) -> None:
        """A target that can't be evaluated is put off: the others must not wait for it."""
        for target in await self._decide(partial(self._evaluator.due_targets, due_at)):
            if stop.is_set():
                return
            try:
                await self._decide(partial(doing, target=target))
            except DATABASE_AWAY:
                raise
            except Exception:
                log.exception("a target can't be evaluated, it is tried again later", target=str(target))
                await self._decide(partial(self._evaluator.put_off, target, self._timing.clock() + PUT_OFF))

    async def _backlog_is_in(self, deadline: datetime, stop: asyncio.Event) -> bool:
        """Whether ingest has committed what was published by now; waits for it, but not beyond the deadline.

        A backlog after an outage must not become a false alarm.
        """
        loop = asyncio.get_running_loop()
        said = loop.time()
        noted: int | None = None
        while not stop.is_set():
            try:
                if noted is None:
                    noted = (await self._client.jetstream().stream_info(SALES_STREAM)).state.last_seq
                if await self._ingested(noted):
                    return True
            except (*NATS_AWAY, NotFoundError) as error:
                log.warning("how far ingest is can't be seen", error=str(error)[:200] or type(error).__name__)
                await pause(RETRY_S, stop)
            if self._timing.clock() >= deadline:
                log.warning("evaluating without all sales: ingest did not get through them in time")
                return False
            if loop.time() - said > BACKLOG_SAY_S:
                said = loop.time()
                log.info("checkpoints wait until ingest is through with what was published", upto=noted)
            await pause(BACKLOG_POLL_S, stop)
        return False

    async def _ingested(self, sequence: int) -> bool:
        consumer = await self._client.jetstream().consumer_info(SALES_STREAM, SALES_CONSUMER)
        floor = consumer.ack_floor.stream_seq if consumer.ack_floor is not None else 0
        return floor >= sequence or (consumer.num_pending == 0 and consumer.num_ack_pending == 0)

    def _decide(self, work: Callable[[], Answer]) -> "asyncio.Future[Answer]":
        return asyncio.get_running_loop().run_in_executor(self._deciding, work)


def _unknown(_: str) -> str:
    return "unknown"


async def run_checkpoints(
    nats_url: str,
    store: Store,
    stop: asyncio.Event,
    timing: Timing | None = None,
    *,
    tz_version: Callable[[str], str] = _unknown,
    holidays: Holidays = no_holidays,
) -> None:
    """Evaluate checkpoints, and make the targets of templates, until `stop` is set. Ends with ConnectionError when NATS
    is gone for good.

    tz_version: time zone name -> version of its data; holidays: those of a country, for targets that are made.
    """
    worker: Checkpoints | None = None
    timing = timing or Timing()
    recurrer = Recurrer(store.app, timing.grace, tz_version, holidays)

    async def reconnected() -> None:
        if worker is not None:
            await worker.reconnected()

    async with connected(nats_url, "checkpoints", stop, reconnected) as client:
        worker = Checkpoints(client, store, timing, recurrer)
        await worker.run(stop)
