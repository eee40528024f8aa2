"""The parts of a target: its days, and the facts that made it."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

import orjson
from fastapi import Query, Response

from api.bodies import answer
from api.database import Database
from api.documentation.target_examples import DAYS, FACTS
from api.documenting import LIMIT, AfterPosition, Limit, MinPosition, TargetId, answers
from api.paging import page_of
from api.plans import KnownPlan
from api.routes import Routes
from api.target_days import Day, days_of
from api.target_facts import facts_of
from api.target_reads import STATUS_VIEWS, TargetReads
from api.targets import READERS, bad_cursor, parsed_id, unknown_target

SERIES_VIEWS = ("plans", "progress")
AfterDay = Annotated[
    str | None, Query(description="The last day that you have; left out from the first on", examples=["2026-11-06"])
]
Grain = Annotated[Literal["day"], Query(description="How finely: by the day", examples=["day"])]


class TargetParts:
    def __init__(self, reads: TargetReads, database: Database, clock: Callable[[], datetime]) -> None:
        self._reads = reads
        self._database = database
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        routes.add(
            "GET /targets/{target_id}/series",
            self.series,
            "What was sold and what was expected, day by day",
            roles=READERS,
            answers=answers(DAYS, 404, schema="DayPage"),
        )
        routes.add(
            "GET /targets/{target_id}/events",
            self.events,
            "The facts that made a target what it is, in order",
            roles=("manager", "auditor", "admin"),
            answers=answers(FACTS, 404, schema="FactPage"),
        )

    async def series(
        self,
        target_id: TargetId,
        grain: Grain = "day",
        limit: Limit = LIMIT,
        after: AfterDay = None,
        min_position: MinPosition = None,
    ) -> Response:
        """Every day of the period that has begun, in the target's time zone. `net` is the day's own: what was sold, of
        a level by how much it changed, of a ratio that of the day alone. `actual` and `expected` are as the day ended;
        null where there is none."""
        await self._database.wait_for(SERIES_VIEWS, min_position)
        one = parsed_id(target_id)
        found = await self._reads.one(one)
        if found is None:
            raise unknown_target()
        rows = days_of(found.known, await self._reads.progress(one), self._clock())
        first = 0 if after is None else bisect_left(rows, _day(after) + timedelta(days=1), key=lambda row: row.day)
        shown = [_row(found.known, row) for row in rows[first : first + limit]]
        return answer(page_of(shown, rows[first + limit - 1].day if rows[first + limit :] else None))

    async def events(
        self, target_id: TargetId, after: AfterPosition = 0, limit: Limit = LIMIT, min_position: MinPosition = None
    ) -> Response:
        """The target's, its checkpoints' and its milestones', as the log has them: amounts are whole numbers of minor
        units. `after` is a position, such as the `next` of the page before."""
        await self._database.wait_for(STATUS_VIEWS, min_position)
        one = parsed_id(target_id)
        found = await self._reads.one(one)
        checkpoints = found.known.checkpoint_ids if found is not None else ()
        facts = await facts_of(self._database, one, checkpoints, after, limit + 1)
        if not facts and found is None:
            raise unknown_target()
        shown = [fact.body for fact in facts[:limit]]
        return answer(page_of(shown, facts[limit - 1].position if facts[limit:] else None))


def _row(known: KnownPlan, one: Day) -> bytes:
    amounts = {"net": one.net, "actual": one.actual, "expected": one.expected}
    said = {name: None if minor is None else known.amount(minor) for name, minor in amounts.items()}
    return orjson.dumps({"day": one.day} | said)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise bad_cursor() from None
    if day == date.max:
        raise bad_cursor()
    return day
