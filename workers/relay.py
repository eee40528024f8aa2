"""Facts out: publishes every fact of the log, in its order and once, to the stream EVENTS.

One relay at a time has the turn; others wait for it. Where to go on is what the stream itself says, because only it
knows what has arrived. Whenever anything is in doubt, the turn is given back, and whoever takes it looks again.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar, TypeVarTuple, Unpack
from uuid import uuid4

import structlog

from projections.facts import tell
from projections.relayed import Mark, Turn, taking_turn
from projections.store import Store
from workers.chores import DATABASE_AWAY
from workers.cloud_events import CloudEvent, cloud_event
from workers.connecting import NATS_AWAY, connected, pause
from workers.event_stream import EventStream, Seen

BATCH_MAX = 500
"""Facts in one batch; the server takes up to 1,000."""
POLL_S = 0.25
LOOK_EVERY_S = 5.0
"""A stream that was made anew is noticed when the next fact comes, at the latest after this."""
TURN_EVERY_S = 1.0
"""Who waits for the turn asks for it this often."""
RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0)
ANOTHER_LOG_S = 10.0

Arguments = TypeVarTuple("Arguments")
Answer = TypeVar("Answer")
log = structlog.get_logger()


class AnotherLog(Exception):
    """The stream holds facts that this log does not have: it was made from another one, or this one was restored."""


class Relay:
    def __init__(self, stream: EventStream, store: Store) -> None:
        self._stream = stream
        self._store = store
        self._database = ThreadPoolExecutor(1, "relay")
        self._failures = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set; the batch that is under way then is finished."""
        try:
            while not stop.is_set():
                await pause(await self._take_turn_safely(stop), stop)
        finally:
            self._database.shutdown(wait=False)

    async def _take_turn_safely(self, stop: asyncio.Event) -> float:
        """How long to wait before the next try."""
        try:
            await self._take_turn(stop)
        except AnotherLog as another:
            log.error(str(another))
            return ANOTHER_LOG_S
        except (*DATABASE_AWAY, *NATS_AWAY) as error:
            log.warning("the relay waits", error=(str(error).strip() or type(error).__name__)[:200])
        except Exception:
            log.exception("the relay failed, it tries again")
        else:
            return TURN_EVERY_S
        self._failures += 1
        return RETRY_S[min(self._failures, len(RETRY_S)) - 1]

    async def _take_turn(self, stop: asyncio.Event) -> None:
        """Returns at once when another has it."""
        holding = ExitStack()
        try:
            turn = await self._run(holding.enter_context, taking_turn(self._store))
            if turn is not None:
                await self._relay(turn, await self._beginning(turn), stop)
        finally:
            await self._run(holding.close)

    async def _beginning(self, turn: Turn) -> Mark:
        seen = await self._stream.look()
        if seen.position is not None:
            await self._run(_check, turn, seen)
        mark = begin_after(await self._run(turn.mark), seen)
        log.info("relaying", after=mark.position)
        return mark

    async def _relay(self, turn: Turn, mark: Mark, stop: asyncio.Event) -> None:
        """Until `stop` is set, or the stream is found to be another than it was left."""
        loop = asyncio.get_running_loop()
        coming, looked_at = self._run(_next, turn, mark, mark.position), loop.time()
        try:
            while not stop.is_set():
                if not (events := await coming):
                    coming = self._run(_next, turn, mark, mark.position)
                    if loop.time() - looked_at > LOOK_EVERY_S:
                        if not await self._stream.is_at(mark.stream, mark.sequence):
                            log.warning("the stream of facts is another than it was left, the relay looks again")
                            return
                        looked_at = loop.time()
                    continue
                # The next are read while these are published.
                coming = self._run(_next, turn, mark, events[-1].position)
                sequence = await self._stream.publish(events, mark.sequence)
                mark = Mark(mark.stream, events[-1].position, sequence)
                self._failures, looked_at = 0, loop.time()
        finally:
            coming.cancel()

    def _run(self, work: Callable[[Unpack[Arguments]], Answer], *args: *Arguments) -> asyncio.Future[Answer]:
        return asyncio.get_running_loop().run_in_executor(self._database, work, *args)


def begin_after(noted: Mark | None, seen: Seen) -> Mark:
    """Where to go on: after what the stream holds, or held once.

    A stream that was emptied has less than was noted, and no fact goes there twice. One whose last sequence is below
    the one noted has lost its end, as after a power cut of a server that does not write at once: what it lost is
    published again.
    """
    known = 0
    if noted is not None and noted.stream == seen.stream and noted.sequence <= seen.sequence:
        known = noted.position
    return Mark(seen.stream, max(known, seen.position or 0), seen.sequence)


def _check(turn: Turn, seen: Seen) -> None:
    assert seen.position is not None
    found = turn.facts_after(seen.position - 1, 1)
    if not found or found[0].position != seen.position or tell(found[0]).recorded_at != seen.recorded_at:
        raise AnotherLog(
            f"the stream EVENTS ends with a fact at position {seen.position} that this log does not have: it belongs"
            " to another log. Nothing is published. Delete the stream, then run `milemarker migrate`"
        )


def _next(turn: Turn, mark: Mark, after: int) -> Sequence[CloudEvent]:
    """Note how far it got, then read on; waits a moment for facts when there are none."""
    turn.note(mark)
    facts = turn.facts_after(after, BATCH_MAX)
    if not facts:
        turn.wait_for_more(POLL_S)
        facts = turn.facts_after(after, BATCH_MAX)
    return [cloud_event(tell(fact)) for fact in facts]


async def run_relay(nats_url: str, store: Store, stop: asyncio.Event) -> None:
    """Publish facts until `stop` is set. Ends with ConnectionError when NATS is gone for good."""
    async with connected(nats_url, "relay", stop) as client:
        await Relay(EventStream(client, lambda: uuid4().hex), store).run(stop)
