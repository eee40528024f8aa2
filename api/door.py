"""The way in for sales: requests to ingest over NATS, each answered after its commit."""

import asyncio
from collections.abc import Sequence
from typing import Any

import nats
import orjson
import structlog
from nats.aio.client import Client
from nats.errors import Error, NoRespondersError

RECORD_SUBJECT = "milemarker.sales.record"
SOURCES_HEADER = "Milemarker-Sources"
"""The sources that the sender may write, separated by commas; without it any."""
NDJSON = "application/x-ndjson"
SALES_MAX = 1_000
BYTES_MAX = 512 * 1024
"""One request carries at most this many sales and bytes: it is one commit."""

ANSWER_WITHIN_S = 20.0
RECONNECT_WAIT_S = 0.2
CONNECT_AGAIN_S = 1.0
CANCEL_AGAIN_S = 0.2

log = structlog.get_logger()


class IngestUnavailable(Exception):
    """Says in a sentence why nothing is known to be recorded."""


class Door:
    """Keeps a connection to NATS, and makes a new one when it is closed for good."""

    def __init__(self, nats_url: str) -> None:
        self._url = nats_url
        self._client: Client | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    async def open(self) -> None:
        """Begin to connect; a NATS that is away is waited for in the background."""
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        # Again and again: a refused connection at the moment of cancelling swallows it (asyncio.wait_for before 3.12).
        while self._keeping is not None and not self._keeping.done():
            self._keeping.cancel()
            await asyncio.wait({self._keeping}, timeout=CANCEL_AGAIN_S)
        if self._client is not None:
            await self._client.close()

    async def _keep(self) -> None:
        while True:
            closed = asyncio.Event()
            try:
                self._client = await self._connect(closed)
                await closed.wait()
                log.warning("the connection to NATS is closed: making another")
            except (Error, OSError, TimeoutError) as error:
                log.warning("no connection to NATS yet", error=str(error)[:200])
            await asyncio.sleep(CONNECT_AGAIN_S)

    async def _connect(self, closed: asyncio.Event) -> Client:
        async def tell() -> None:
            closed.set()

        async def say(error: Exception) -> None:
            log.warning("NATS", error=str(error)[:200])

        return await nats.connect(
            self._url,
            name="milemarker api",
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_WAIT_S,
            closed_cb=tell,
            error_cb=say,
        )

    async def record(self, lines: Sequence[bytes], sources: Sequence[str] | None) -> dict[str, Any]:
        """Ingest's answer to these sales, one JSON text each; IngestUnavailable when there is none."""
        client = self._client
        if client is None or not client.is_connected:
            raise IngestUnavailable("there is no connection to NATS")
        headers = {"Content-Type": NDJSON}
        if sources is not None:
            headers[SOURCES_HEADER] = ",".join(sources)
        try:
            reply = await client.request(RECORD_SUBJECT, b"\n".join(lines), ANSWER_WITHIN_S, headers=headers)
        except asyncio.CancelledError:
            # The server stops and its grace is over: better a clear answer than none.
            raise IngestUnavailable("the server is being stopped") from None
        except NoRespondersError:
            raise IngestUnavailable("no ingest is running") from None
        except TimeoutError:
            raise IngestUnavailable(f"ingest did not answer within {ANSWER_WITHIN_S:g} s") from None
        except (Error, OSError) as error:
            raise IngestUnavailable(f"NATS refused: {str(error)[:200]}") from None
        answer: dict[str, Any] = orjson.loads(reply.data)
        if "error" in answer:
            raise IngestUnavailable(str(answer["error"]["detail"]))
        return answer
