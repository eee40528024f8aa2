"""The record door: requests with sales, each answered after their commit, also while the door is being closed."""

import asyncio
from collections.abc import Awaitable
from typing import Protocol

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from workers.connecting import NATS_AWAY
from workers.subjects import CONTENT_TYPE_HEADER, NDJSON, RECORD_QUEUE, RECORD_SUBJECT, SOURCES_HEADER

log = structlog.get_logger()

REQUESTS_MAX = 64
"""Requests under way at once in one process; the rest wait in its client, and beyond that in NATS."""


class Record(Protocol):
    def __call__(self, body: bytes, *, ndjson: bool, sources: frozenset[str] | None) -> Awaitable[bytes]: ...


class RecordDoor:
    def __init__(self, client: Client, record: Record) -> None:
        self._client = client
        self._record = record
        self._subscription: Subscription | None = None
        self._room = asyncio.Semaphore(REQUESTS_MAX)
        self._under_way: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._subscription = await self._client.subscribe(RECORD_SUBJECT, queue=RECORD_QUEUE, cb=self._receive)

    async def close(self) -> None:
        """Take no further request, and answer those that have come: their senders wait."""
        if self._subscription is not None:
            await self._subscription.drain()  # type: ignore[no-untyped-call] # its library's
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _receive(self, request: Msg) -> None:
        await self._room.acquire()
        task = asyncio.create_task(self._answer(request))
        self._under_way.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._room.release()
        self._under_way.discard(task)

    async def _answer(self, request: Msg) -> None:
        headers = request.headers or {}
        sources = headers.get(SOURCES_HEADER)
        answer = await self._record(
            request.data,
            ndjson=headers.get(CONTENT_TYPE_HEADER) == NDJSON,
            sources=None if sources is None else frozenset(filter(None, sources.split(","))),
        )
        try:
            await self._client.publish(request.reply, answer)
        except NATS_AWAY as error:
            log.warning("an answer can't be given: its sender may ask again", error=str(error)[:200])
