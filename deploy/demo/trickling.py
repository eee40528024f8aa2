"""Sends live sales, one after another, for as long as the demo runs."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import nats
import nats.errors
import nats.js.errors
import orjson
from nats.aio.client import Client

from deploy.demo.live_sales import SOURCE, Rung, Till

AWAY = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError)


async def trickle(
    nats_url: str, till: Till, stop: threading.Event, tell: Callable[[Rung, datetime], None], sales_max: int
) -> None:
    """Until `stop` is set, or `sales_max` are sold; 0: no such end. tell: told of each that was sent."""
    client = await nats.connect(nats_url.split(","), name="milemarker demo", max_reconnect_attempts=-1, error_cb=_heard)
    try:
        sold = 0
        while not stop.is_set():
            now = datetime.now(UTC)
            rung = till.ring(now)
            if await _sent(client, rung):
                sold += 1
                tell(rung, now)
                if sold == sales_max:
                    return
            await asyncio.to_thread(stop.wait, till.pause_s(now))
    finally:
        await client.close()


async def _sent(client: Client, rung: Rung) -> bool:
    """False while NATS is being started again: a shop would send this sale once more, the demo makes another."""
    try:
        await client.jetstream().publish(f"sales.{SOURCE}", orjson.dumps(rung.sent))
    except AWAY:
        return False
    return True


async def _heard(_: Exception) -> None:
    """The call that fails says the same."""
