"""A worker's connection to NATS: it comes back by itself, and when it can't any more the worker ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

import nats
import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client

RECONNECT_WAIT_S = 0.2
CLOSE_WITHIN_S = 3.0
"""With NATS away, nothing that is still to be said gets there."""
END_AGAIN_S = 0.2
PENDING_BYTES = 16 * 1024 * 1024
NATS_AWAY = (nats.errors.Error, nats.js.errors.Error, TimeoutError, OSError)

log = structlog.get_logger()


@asynccontextmanager
async def connected(
    nats_url: str, worker: str, stop: asyncio.Event, reconnected: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[Client]:
    """A client for as long as the worker runs; sets `stop` when it ends.

    reconnected: called when the connection was lost and is back. Raises ConnectionError at the end when the
    connection was closed for good.
    """
    gone = asyncio.Event()

    async def closed() -> None:
        if not stop.is_set():
            gone.set()
            stop.set()

    async def back() -> None:
        log.info("NATS is back")
        if reconnected is not None:
            await reconnected()

    async def failed(error: Exception) -> None:
        log.warning("NATS", error=str(error)[:200])

    client = await nats.connect(
        nats_url,
        name=f"milemarker {worker}",
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_WAIT_S,
        pending_size=PENDING_BYTES,
        closed_cb=closed,
        reconnected_cb=back,
        error_cb=failed,
    )
    async with AsyncExitStack() as closing:
        closing.push_async_callback(close, client)
        closing.callback(stop.set)
        yield client
    if gone.is_set():
        raise ConnectionError("the connection to NATS is closed and can't be mended")


async def close(client: Client) -> None:
    try:
        await asyncio.wait_for(client.close(), CLOSE_WITHIN_S)
    except NATS_AWAY as error:
        log.warning("the connection to NATS did not close by itself", error=str(error)[:200])


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks for certain: before Python 3.12 a wait_for may swallow a cancellation."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=END_AGAIN_S)


async def pause(seconds: float, *until: asyncio.Event) -> None:
    """So long, or until one of these is set."""
    waiting = [asyncio.create_task(event.wait()) for event in until]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
