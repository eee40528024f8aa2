"""Reads of targets: the rows of the read models, and the figures that they come to at the time of asking."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from uuid import UUID

import orjson

from api.database import Database, Row
from api.known_forecasts import projection_shown
from api.plans import KEPT_MAX, KnownPlan, KnownPlans
from domain.figures import figures
from domain.forecasting import Seen, projection_of
from domain.routing import COUNTING
from domain.target import Target
from projections.plans import PLANS, Plans
from projections.progress import PROGRESS, Progress
from projections.status import STATUSES, Status

STATUS_VIEWS = ("plans", "statuses", "progress")
AT_ONCE_MAX = 200
NOTHING = Progress({})
"""Of a target of which nothing was counted yet."""
POSITION = "(SELECT notification_id FROM view_positions WHERE application_name = 'statuses')"
SELECT = (
    f"SELECT s.id, s.row::text, p.row::text, {POSITION}, g.position, g.row::text FROM statuses AS s"
    " JOIN plans AS p USING (id) LEFT JOIN progress AS g USING (id)"
)
ONES = f"{SELECT} WHERE s.id = ANY(%s::uuid[])"
PAGE = f"{SELECT} WHERE s.id > %b AND (%b OR (s.row->>'archived') IS DISTINCT FROM 'true') ORDER BY s.id LIMIT %b"
KNOWN = (
    f"SELECT s.id, s.row::text, NULL, {POSITION}, g.position,"
    " CASE WHEN g.position IS DISTINCT FROM k.seen THEN g.row::text END"
    " FROM unnest(%s::uuid[], %s::bigint[]) AS k (id, seen) JOIN statuses AS s USING (id)"
    " LEFT JOIN progress AS g USING (id)"
)
"""Targets whose plans are in memory: plans are large, and seldom change. Nor is what was counted by slot read again
while it is what was seen."""


@dataclass(frozen=True)
class Counted:
    """What a target has counted, by slot, in minor units; position: of the last fact that made it so, 0 for none."""

    position: int = 0
    sums: Mapping[datetime, int] = field(default_factory=dict)


UNCOUNTED = Counted()


@dataclass(frozen=True)
class Found:
    """A target as the read models have it at a position."""

    known: KnownPlan
    status: Status
    position: int
    as_of: datetime
    counted: Counted = UNCOUNTED

    @property
    def id(self) -> UUID:
        return self.known.target_id

    @cached_property
    def seen(self) -> Seen:
        """What its forecast is made of."""
        row, counted = self.status, self.counted
        return Seen(row.state, counted.sums, counted.position, bool(row.levels))

    @cached_property
    def shown(self) -> bytes:
        """The target's JSON, with the projection alone of its forecast."""
        return self.shown_with(self.projection)

    @cached_property
    def projection(self) -> bytes:
        made = projection_of(self.known.course, self.seen, self.as_of)
        return orjson.dumps(projection_shown(made, self.known.plan))

    def shown_with(self, projection: bytes) -> bytes:
        """The target's JSON: its status, this projection, then its definition."""
        return b'%b,"projection":%b,%b}' % (self._standing, projection, self.known.definition)

    @cached_property
    def _standing(self) -> bytes:
        """Without the last brace. All who asked at one time share it."""
        known, row = self.known, self.status
        now = figures(known.course, row.standing, self.as_of)
        said = {
            "id": self.id,
            "plan_version": row.plan_version,
            "revision": len(known.plans.plans),
            "state": row.state,
            "status": now.status,
            "live_status": now.live_status,
            "actual": now.actual,
            "expected": now.expected,
            "variance": now.variance,
            "pace_index": now.pace_index,
            "progress": now.progress,
            "goal": now.goal,
            "original_goal": now.original_goal,
            "original_progress": now.original_progress,
            "required_rate": now.required_rate,
            "current_rate": now.current_rate,
            "catch_up_factor": now.catch_up_factor,
            "next_checkpoint": now.next_checkpoint,
            "last_evaluation": now.last_evaluation,
            "team_update": row.said,
            "as_of": self.as_of,
            "position": self.position,
        }
        if now.adjustment is not None:
            said["adjustment"] = now.adjustment
        if now.partial:
            said["partial"] = True
        if row.archived:
            said["archived"] = True
        return orjson.dumps(said, option=orjson.OPT_UTC_Z)[:-1]

    @classmethod
    def of(cls, target: Target, position: int, as_of: datetime) -> "Found":
        """As the target itself says, where the read models are behind."""
        plan = target.plan
        status = Status(
            plan.name,
            plan.metric,
            plan.final,
            target.state,
            target.plan_version,
            target.total,
            target.attained,
            outcome=target.outcome,
            edition=target.edition,
            under=target.total_under,
            levels=len(target.levels),
            by_revision=target.by_revision,
            activated_at=target.activated_at,
            progressed_at=target.progressed_at,
        )
        known = KnownPlan(target.id, Plans(target.plans, target.edition))
        return cls(known, status, position, as_of, Counted(position, target.sums))


class TargetReads:
    """Whoever asks for a target while another statement is under way is answered by the next, all at once."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._plans = KnownPlans()
        self._counted: dict[UUID, Counted] = {}
        self._asked: dict[UUID, asyncio.Future[Found | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def one(self, target_id: UUID) -> Found | None:
        answer = self._asked.get(target_id)
        if answer is None:
            answer = self._asked[target_id] = asyncio.get_running_loop().create_future()
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        return await asyncio.shield(answer)

    async def _read(self) -> None:
        try:
            while self._asked:
                ids = list(self._asked)[:AT_ONCE_MAX]
                asked = {one: self._asked.pop(one) for one in ids}
                try:
                    found = await self._select(ids)
                except Exception as error:  # noqa: BLE001 - whoever waits for the answer gets the error
                    for answer in asked.values():
                        answer.set_exception(error)
                        answer.exception()  # seen, also when nobody waits any more
                    continue
                for target_id, answer in asked.items():
                    answer.set_result(found.get(target_id))
        finally:
            self._reading = None

    async def _select(self, ids: list[UUID]) -> dict[UUID, Found]:
        # As text: PostgreSQL reads an array faster than psycopg writes one.
        wanted = f"{{{','.join(map(str, ids))}}}"
        if all(self._plans.get(one) for one in ids):
            before = {one: counted for one in ids if (counted := self._counted.get(one)) is not None}
            seen = (str(before[one].position) if one in before else "NULL" for one in ids)
            found = self._found(await self._database.rows(KNOWN, (wanted, f"{{{','.join(seen)}}}")), before)
            if all(one.known.edition >= one.status.edition for one in found):
                return {one.id: one for one in found}
        return {one.id: one for one in self._found(await self._database.rows(ONES, (wanted,)))}

    async def some(self, ids: Sequence[UUID]) -> dict[UUID, Found]:
        """Those of these targets that there are, at most AT_ONCE_MAX."""
        assert len(ids) <= AT_ONCE_MAX
        return await self._select(list(ids)) if ids else {}

    async def page(self, after: UUID, limit: int, *, archived: bool = False) -> list[Found]:
        """So many targets whose ids come after this one, in order of their ids; archived: those too that are."""
        return self._found(await self._database.rows(PAGE, (after, archived, limit)))

    async def counting(self, metric: str) -> list[Found]:
        """The targets that count what is sold or measured of a metric; with them those that have members: a roll-up may
        count what its members have of other metrics."""
        rows = await self._database.rows(
            "SELECT id FROM statuses AS s WHERE row->>'state' = ANY(%b::text[])"
            " AND (%b IN (row->>'metric', row->>'under_metric')"
            " OR EXISTS (SELECT FROM belongings AS b WHERE b.row->>'target' = s.id::text))",
            (sorted(COUNTING), metric),
        )
        found: list[Found] = []
        for first in range(0, len(rows), AT_ONCE_MAX):
            found += (await self._select([row[0] for row in rows[first : first + AT_ONCE_MAX]])).values()
        return found

    def _found(self, rows: Sequence[Row], before: Mapping[UUID, Counted] = MappingProxyType({})) -> list[Found]:
        """before: what had been counted when it was asked, for rows that say no more of it than that it is so still."""
        found: list[Found] = []
        as_of = self._clock()
        for target_id, status, plan, position, counted_at, sums in rows:
            known = self._plans.get(target_id)
            if plan is not None:
                known = self._plans.keep(target_id, PLANS.decoder.decode(plan))
            counted = UNCOUNTED if counted_at is None else before.get(target_id)
            if sums is not None:
                counted = self._keep_counted(target_id, Counted(counted_at, PROGRESS.decoder.decode(sums).sums))
            if known is not None and counted is not None:
                found.append(Found(known, STATUSES.decoder.decode(status), position, as_of, counted))
        return found

    def _keep_counted(self, target_id: UUID, counted: Counted) -> Counted:
        if len(self._counted) >= KEPT_MAX:
            self._counted.clear()
        self._counted[target_id] = counted
        return counted

    async def progress(self, target_id: UUID) -> Progress:
        """What it has counted, by slot."""
        return (await self.progress_of([target_id])).get(target_id, NOTHING)

    async def progress_of(self, ids: Sequence[UUID]) -> dict[UUID, Progress]:
        """What these targets have counted; one of which nothing was counted yet may be missing."""
        rows = await self._database.rows("SELECT id, row::text FROM progress WHERE id = ANY(%b)", (list(ids),))
        return {row[0]: PROGRESS.decoder.decode(row[1]) for row in rows}
