"""Forecasts in memory: each is worked out once for as long as it stays the same."""

import asyncio
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import orjson

from api.plans import KEPT_MAX
from domain.figures import SHOWN_PLACES
from domain.forecast import Forecast
from domain.forecasting import forecast_of, since
from domain.money import decimal_shown, shown
from domain.plan import Plan

if TYPE_CHECKING:
    from api.target_reads import Found

Key = tuple[int, int, str, datetime]
"""What a forecast hangs on: the edition of the plans, the position of what was counted, the state, and since when."""


class KnownForecasts:
    """Forecasts by target: the latest of each, made in a thread. Whoever asks meanwhile waits for that one."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._kept: dict[UUID, tuple[Key, asyncio.Future[Forecast]]] = {}
        self._told: dict[UUID, tuple[Found, bytes]] = {}

    async def told(self, found: "Found") -> bytes:
        """The target's JSON with its forecast. All who asked at one time share it."""
        before = self._told.get(found.id)
        if before is not None and before[0] is found:
            return before[1]
        projection = orjson.dumps(projection_shown(await self.of(found), found.known.plan))
        if len(self._told) >= KEPT_MAX:
            self._told.clear()
        told = found.shown_with(projection)
        self._told[found.id] = found, told
        return told

    async def of(self, found: "Found") -> Forecast:
        key = _key(found)
        kept = self._kept.get(found.id)
        if kept is None or kept[0] != key or _failed(kept[1]):
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            make = partial(forecast_of, found.id, found.known.course, found.seen, found.as_of)
            kept = self._kept[found.id] = key, asyncio.get_running_loop().run_in_executor(self._executor, make)
        made = kept[1]
        return made.result() if made.done() else await asyncio.shield(made)


def _key(found: "Found") -> Key:
    course = found.known.course
    return found.known.edition, found.seen.position, found.status.state, since(course, found.as_of)


def _failed(made: asyncio.Future[Forecast]) -> bool:
    return made.done() and (made.cancelled() or made.exception() is not None)


def projection_shown(made: Forecast, plan: Plan) -> dict[str, object]:
    """As a target's answer has it: amounts as decimal text of its unit."""
    amounts = {"value": made.value, "p10": made.p10, "p50": made.p50, "p90": made.p90}
    said: dict[str, object] = {
        name: None if minor is None else shown(minor, plan.exponent) for name, minor in amounts.items()
    }
    probability = None if made.probability is None else decimal_shown(made.probability, SHOWN_PLACES)
    return said | {"probability": probability, "date": made.date, "method": made.method}
