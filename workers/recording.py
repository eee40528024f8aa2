"""The record door: a request with sales, answered after their commit."""

from collections.abc import Awaitable
from typing import Protocol

import structlog
from faststream.nats import NatsBroker, NatsMessage

from workers.subjects import CONTENT_TYPE_HEADER, NDJSON, RECORD_QUEUE, RECORD_SUBJECT, SOURCES_HEADER

log = structlog.get_logger()

REQUESTS_MAX = 64
"""Requests under way at once in one process; the rest wait in NATS."""


class Record(Protocol):
    def __call__(self, body: bytes, *, ndjson: bool, sources: frozenset[str] | None) -> Awaitable[bytes]: ...


def recording_door(nats_url: str, record: Record) -> NatsBroker:
    """A broker that answers record requests once it is started."""

    async def failed(error: Exception) -> None:
        log.warning("NATS", error=str(error)[:200])

    broker = NatsBroker(
        nats_url,
        name="milemarker record door",
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        logger=None,
        error_cb=failed,
    )

    async def as_it_is(message: NatsMessage) -> bytes:
        return message.body

    @broker.subscriber(RECORD_SUBJECT, queue=RECORD_QUEUE, max_workers=REQUESTS_MAX, decoder=as_it_is)
    async def answer(message: NatsMessage) -> bytes:
        sources = message.headers.get(SOURCES_HEADER)
        return await record(
            message.body,
            ndjson=message.headers.get(CONTENT_TYPE_HEADER) == NDJSON,
            sources=None if sources is None else frozenset(filter(None, sources.split(","))),
        )

    return broker
