"""Timers: sets a JetStream schedule for each date on the agenda, moves it with the target, takes it back with it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import orjson
import structlog
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from domain.agenda import GRACED
from projections.timers import Timer, Timers
from workers.chores import DATABASE_AWAY
from workers.connecting import NATS_AWAY, pause
from workers.subjects import TIMERS_RUNG, TIMERS_SET, TIMERS_STREAM

SET_EVERY_S = 1.0
RECONCILE_EVERY_S = 3_600.0
RETRY_S = 2.0
AT_ONCE_MAX = 500
PUBLISH_TIMEOUT_S = 10.0
RUNG_TTL = "24h"
"""A ring that nobody hears for so long is of no use: the agenda was looked at meanwhile."""

Answer = TypeVar("Answer")
log = structlog.get_logger()


class TimerSetter:
    def __init__(self, client: Client, timers: Timers, grace: timedelta, clock: Callable[[], datetime]) -> None:
        """grace: what sales decide rings so long after its instant."""
        self._client = client
        self._timers = timers
        self._grace = grace
        self._clock = clock
        self._database = ThreadPoolExecutor(1, "timers")

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. The schedules are held against the agenda at the beginning and every hour."""
        loop = asyncio.get_running_loop()
        reconciled_at: float | None = None
        try:
            while not stop.is_set():
                try:
                    if reconciled_at is None or loop.time() - reconciled_at > RECONCILE_EVERY_S:
                        await self.reconcile()
                        reconciled_at = loop.time()
                    while not stop.is_set() and await self._set_some():
                        continue
                    await pause(SET_EVERY_S, stop)
                except (*DATABASE_AWAY, *NATS_AWAY, NotFoundError) as error:
                    log.warning("timers can't be set now", error=(str(error).strip() or type(error).__name__)[:200])
                    await pause(RETRY_S, stop)
                except Exception:
                    log.exception("timers could not be set, trying again")
                    await pause(RETRY_S, stop)
        finally:
            self._database.shutdown(wait=False)

    async def _set_some(self) -> bool:
        """Set some timers that are not as the agenda says; whether there were any."""
        timers = await self._run(self._timers.unset, AT_ONCE_MAX)
        if timers:
            await asyncio.gather(*(self._set(timer) for timer in timers))
            await self._run(self._timers.keep_set, timers)
        return bool(timers)

    async def _set(self, timer: Timer) -> None:
        jetstream = self._client.jetstream(timeout=PUBLISH_TIMEOUT_S)
        name = _name(timer)
        if timer.due is None:
            await jetstream.purge_stream(TIMERS_STREAM, subject=f"{TIMERS_SET}.{name}")
            return
        rings = timer.due + (self._grace if timer.errand in GRACED else timedelta())
        if rings <= self._clock():
            return  # it has fallen due: nothing is to ring any more
        at = rings.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        await jetstream.publish(
            f"{TIMERS_SET}.{name}",
            b"",
            headers={
                "Nats-Schedule": f"@at {at}",
                "Nats-Schedule-Target": f"{TIMERS_RUNG}.{name}",
                "Nats-Schedule-TTL": RUNG_TTL,
            },
        )

    async def reconcile(self) -> None:
        """Mend what differs between the schedules in the stream and those that the agenda takes for set."""
        there = await self._subjects()
        missing = 0
        last: Timer | None = None
        now = self._clock()
        while page := await self._run(self._timers.after, last, AT_ONCE_MAX):
            last = page[-1]
            gone = [one for one in page if _name(one) not in there and one.due is not None and one.due > now]
            there.difference_update(_name(one) for one in page)
            if gone:
                await self._run(self._timers.keep_unset, gone)
                missing += len(gone)
        strangers = sorted(there)
        for first in range(0, len(strangers), AT_ONCE_MAX):
            await self._take_back(strangers[first : first + AT_ONCE_MAX])
        if missing or strangers:
            log.info("timers were mended", missing=missing, not_on_the_agenda=len(strangers))

    async def _take_back(self, names: Sequence[str]) -> None:
        jetstream = self._client.jetstream(timeout=PUBLISH_TIMEOUT_S)
        await asyncio.gather(*(jetstream.purge_stream(TIMERS_STREAM, subject=f"{TIMERS_SET}.{name}") for name in names))

    async def _subjects(self) -> set[str]:
        """The names of the schedules that the stream holds."""
        found: set[str] = set()
        while True:
            asked = {"subjects_filter": f"{TIMERS_SET}.>", "offset": len(found)}
            answer = await self._client.request(
                f"$JS.API.STREAM.INFO.{TIMERS_STREAM}", orjson.dumps(asked), timeout=PUBLISH_TIMEOUT_S
            )
            told = orjson.loads(answer.data)
            if "error" in told:
                raise NotFoundError(description=told["error"].get("description"))
            page = told["state"].get("subjects") or {}
            found.update(subject.removeprefix(f"{TIMERS_SET}.") for subject in page)
            if not page or len(found) >= told.get("total", 0):
                return found

    def _run(self, work: Callable[..., Answer], *args: object) -> "asyncio.Future[Answer]":
        return asyncio.get_running_loop().run_in_executor(self._database, work, *args)


def _name(timer: Timer) -> str:
    return f"{timer.subject}.{timer.errand}.{timer.number}"
