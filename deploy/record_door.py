"""Sends parts of sales through the record door, for as long as it takes: nobody there, no answer, no connection."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import nats
import nats.errors
import orjson
from nats.aio.client import Client

from deploy.trouble import Trouble
from workers.subjects import CONTENT_TYPE_HEADER, NDJSON, RECORD_SUBJECT

ANSWER_S = (2.0, 5.0, 10.0, 20.0, 30.0)
"""How long an answer is waited for: an ingest that was killed will never give one, a slow one deserves more time."""
RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0)
CONNECT_S = 3
FAILURES_MAX = 5


@dataclass(frozen=True)
class Reply:
    """rejected: `{"index", "source", "id", "code", "detail", "field"}`, index in the order of the part."""

    accepted: int
    duplicates: int
    rejected: list[dict[str, Any]]


class RecordDoor:
    """where: looks up the URL of NATS, at every connection anew; waits: told what is waited for, or None."""

    def __init__(self, where: Callable[[], str], waits: Callable[[str | None], None]) -> None:
        self._where = where
        self._waits = waits
        self._connecting = asyncio.Lock()
        self._client: Client | None = None
        self._closed = asyncio.Event()

    async def record(self, body: bytes) -> Reply:
        """The reply, which comes after the commit. Raises Trouble when sales are there that can't be committed."""
        attempt = failures = 0
        while True:
            try:
                answer = await self._ask(body, ANSWER_S[min(attempt, len(ANSWER_S) - 1)])
                if "error" not in answer:
                    self._waits(None)
                    return Reply(answer["accepted"], answer["duplicates"], answer["rejected"])
                failures += 1
                why = f"ingest says: {answer['error'].get('detail')}"
                if failures == FAILURES_MAX:
                    raise Trouble(f"{why}. Its log tells more; the same command goes on from here")
            except nats.errors.NoRespondersError:
                why = "nobody takes sales in: waiting for a `milemarker worker ingest`"
            except TimeoutError:
                why = "ingest does not answer: waiting for it, or for its database"
            except (nats.errors.Error, OSError, EOFError) as error:
                if "authorization" in str(error).lower():
                    raise Trouble(f"NATS lets us not in: {error}") from None
                why = f"NATS is away: waiting for it ({error or type(error).__name__})"
            except Trouble as trouble:
                if attempt == failures == 0 and self._client is None:
                    raise
                why = f"waiting: {trouble}"
            self._waits(why)
            await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
            attempt += 1

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _ask(self, body: bytes, within_s: float) -> dict[str, Any]:
        client = await self._connected()
        headers = {CONTENT_TYPE_HEADER: NDJSON}
        asking = asyncio.create_task(client.request(RECORD_SUBJECT, body, timeout=within_s, headers=headers))
        closing = asyncio.create_task(self._closed.wait())
        try:
            await asyncio.wait({asking, closing}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise nats.errors.ConnectionClosedError
            answer: dict[str, Any] = orjson.loads(asking.result().data)
            return answer
        finally:
            asking.cancel()
            closing.cancel()
            await asyncio.gather(asking, closing, return_exceptions=True)

    async def _connected(self) -> Client:
        async with self._connecting:
            if self._client is None or self._client.is_closed:
                self._closed = closed = asyncio.Event()

                async def has_closed() -> None:
                    closed.set()

                # No reconnecting of its own: it would keep to one URL, and let every request wait for its time-out.
                # Nor trying again by itself, which it does for two minutes, every other second: we do, and sooner.
                self._client = await nats.connect(
                    self._where().split(","),
                    name="milemarker load",
                    allow_reconnect=False,
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    connect_timeout=CONNECT_S,
                    closed_cb=has_closed,
                    error_cb=_heard,
                )
            return self._client


async def _heard(_: Exception) -> None:
    """The request that fails says the same."""
