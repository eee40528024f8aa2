"""Recurring: makes the targets of templates when they fall due, and starts drafts at their start."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from domain.agenda import Errand
from domain.templates.recurring import Recurrer
from workers.chores import DATABASE_AWAY

PUT_OFF = timedelta(minutes=5)
"""So long a template, or a draft, is left alone that fails for no reason of its own."""

log = structlog.get_logger()


class Recurring:
    def __init__(
        self,
        recurrer: Recurrer,
        decide: Callable[[Callable[[], Any]], Awaitable[Any]],
        clock: Callable[[], datetime],
    ) -> None:
        """decide: runs what blocks, beside the loop."""
        self._recurrer = recurrer
        self._decide = decide
        self._clock = clock

    async def make_all(self, due_at: datetime, stop: asyncio.Event) -> None:
        """Every target that is due, template by template, in the order of their periods."""

        async def make(template: UUID) -> None:
            while not stop.is_set() and await self._decide(
                partial(self._recurrer.make, template, due_at, self._clock())
            ):
                continue

        await self._do_all(Errand.RECUR, make, due_at, stop)

    async def start_all(self, due_at: datetime, stop: asyncio.Event) -> None:
        """Every draft whose start has come."""

        async def start(target: UUID) -> None:
            await self._decide(partial(self._recurrer.start, target, due_at, self._clock()))

        await self._do_all(Errand.START, start, due_at, stop)

    async def _do_all(
        self, errand: Errand, do: Callable[[UUID], Awaitable[None]], due_at: datetime, stop: asyncio.Event
    ) -> None:
        seen: set[UUID] = set()
        while not stop.is_set():
            due = [one for one in await self._decide(partial(self._recurrer.due, due_at, errand)) if one not in seen]
            if not due:
                return
            seen.update(due)
            for one in due:
                if stop.is_set():
                    return
                try:
                    await do(one)
                except DATABASE_AWAY:
                    raise
                except Exception:
                    log.exception("what recurs could not be done, it is tried again later", errand=errand, id=str(one))
                    await self._decide(partial(self._recurrer.put_off, one, self._clock() + PUT_OFF))
