"""What people do to targets, wherever they do it: decided, saved, and answered as the read models have it then."""

from collections.abc import Callable, Sequence
from datetime import datetime

from fastapi import Response

from api.bodies import answer
from api.database import Database
from api.target_reads import STATUS_VIEWS, Found, TargetReads
from api.writes import Result, Writes
from domain.application import Milemarker
from domain.calendar import Holidays
from domain.defining import Resolving
from domain.target import Target

SHOWN_WITHIN_S = 2.0
"""A write waits so long for the read models, so that whoever reads next finds what was written."""


class TargetWrites:
    """tz_version: time zone name -> version of its data, as it is kept in the target; holidays: of a country."""

    def __init__(
        self,
        writes: Writes,
        reads: TargetReads,
        database: Database,
        clock: Callable[[], datetime],
        tz_version: Callable[[str], str],
        holidays: Holidays,
    ) -> None:
        self._writes = writes
        self._reads = reads
        self._database = database
        self._clock = clock
        self._tz_version = tz_version
        self._holidays = holidays

    async def do(self, use_case: Callable[[Milemarker], Result]) -> Result:
        return await self._writes.do(use_case)

    async def known(self, metrics: Sequence[str] | None = ()) -> Resolving:
        """What a plan is resolved with: of the metrics, those of these names; None for all."""
        found = await self._database.metrics(metrics) if metrics is None or metrics else {}
        return Resolving(found, self._tz_version, self._holidays)

    async def reached(self, position: int) -> None:
        """Wait until the read models know of a write, but not for ever."""
        await self._database.reached(STATUS_VIEWS, position, SHOWN_WITHIN_S)

    async def written(
        self, target: Target, position: int, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        """The target as the read models have it once they know of the write; after 2 s, as the write left it."""
        found = Found.of(target, position, self._clock())
        if await self._database.reached(STATUS_VIEWS, position, SHOWN_WITHIN_S):
            found = await self._reads.one(target.id) or found
        return answer(found.shown, position, status=status, headers=etag_of(found) | (headers or {}))


def etag_of(found: Found) -> dict[str, str]:
    return {"ETag": f'"{found.status.plan_version}"'}
