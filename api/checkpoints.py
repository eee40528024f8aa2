"""The checkpoints of a target over HTTP: planned, reported, restated."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Response

from api.bodies import answer
from api.database import Database
from api.documentation.target_examples import CHECKPOINTS as EXAMPLE
from api.documenting import BIGINT_MAX, LIMIT, Limit, MinPosition, TargetId, answers
from api.look_back import AsOf, KnownAt, LooksBack
from api.paging import page_of
from api.plans import KnownPlan
from api.routes import Routes
from api.target_reads import TargetReads
from api.targets import READERS, parsed_id, unknown_target
from domain.figures import is_paced, reading_shown
from domain.plan import KEEP, RATIO
from domain.schedule import PlannedCheckpoint
from projections.checkpoints import CHECKPOINTS, Evaluation

VIEWS = ("plans", "statuses", "checkpoints")
AfterNumber = Annotated[
    int,
    Query(
        ge=0,
        le=BIGINT_MAX,
        description="The number of the last checkpoint that you have; 0 from the first on",
        examples=[2],
    ),
]

_number = attrgetter("number")


class Checkpoints:
    def __init__(self, reads: TargetReads, looks_back: LooksBack, database: Database) -> None:
        self._reads = reads
        self._looks_back = looks_back
        self._database = database

    def add_to(self, routes: Routes) -> None:
        routes.add(
            "GET /targets/{target_id}/checkpoints",
            self.show,
            "Its checkpoints: what is expected at each, and what each read",
            roles=READERS,
            answers=answers(EXAMPLE, 404, schema="CheckpointPage"),
        )

    async def show(
        self,
        target_id: TargetId,
        limit: Limit = LIMIT,
        after: AfterNumber = 0,
        as_of: AsOf = None,
        known_at: KnownAt = None,
        min_position: MinPosition = None,
    ) -> Response:
        """Every planned one in order, evaluated or not. An evaluated one shows what was reported then; `restated` is
        what late sales have made of it since. `position`: everything in the log up to there is in it. With `as_of` or
        `known_at` they are as they were then."""
        await self._database.wait_for(VIEWS, min_position)
        one = parsed_id(target_id)
        evaluated: Mapping[int, Evaluation] | None = None
        if as_of is not None or known_at is not None:
            then = await self._looks_back.checkpoints(one, as_of, known_at)
            known, evaluated = then.found.known, then.evaluations
        else:
            found = await self._reads.one(one)
            if found is None:
                raise unknown_target()
            known = found.known
        planned = known.plan.checkpoints
        first = bisect_right(planned, after, key=_number)
        page = planned[first : first + limit]
        if evaluated is None:
            evaluated = await self._evaluated(known.checkpoint_ids[first : first + limit])
        shown = [_shown(known, one, evaluated) for one in page]
        return answer(page_of(shown, page[-1].number if planned[first + limit :] else None))

    async def _evaluated(self, ids: Sequence[UUID]) -> dict[int, Evaluation]:
        rows = await self._database.rows("SELECT row::text FROM checkpoints WHERE id = ANY(%b)", (list(ids),))
        return {one.number: one for one in (CHECKPOINTS.decoder.decode(row[0]) for row in rows)}


def _shown(known: KnownPlan, planned: PlannedCheckpoint, evaluated: Mapping[int, Evaluation]) -> bytes:
    said: dict[str, Any] = {"number": planned.number, "cutoff": planned.cutoff, "closing": planned.closing}
    row = evaluated.get(planned.number)
    return orjson.dumps(said | (_coming(known, planned) if row is None else _told(known, row)), option=orjson.OPT_UTC_Z)


def _coming(known: KnownPlan, planned: PlannedCheckpoint) -> dict[str, Any]:
    before = known.plan.checkpoints[planned.number - 2] if planned.number > 1 else None
    expected = _expected(known, planned)
    earlier = known.plan.baseline if before is None else _expected(known, before)
    nothing_yet = dict.fromkeys(("actual", "variance", "pace_index", "status"))
    return {
        "state": "pending",
        "expected": known.amount(expected) if is_paced(known.plan) else None,
        **nothing_yet,
        "step": _step(known, expected - earlier, None),
        "complete": None,
        "evaluated_at": None,
        "position": None,
        "restated": None,
    }


def _step(known: KnownPlan, expected: int, actual: int | None) -> dict[str, str | None]:
    """The part since the checkpoint before; a level to be kept and a ratio go no way that could be cut into steps."""
    steps = known.plan.kind not in (KEEP, RATIO)
    return {
        "expected": known.amount(expected) if steps and is_paced(known.plan) else None,
        "actual": known.amount(actual) if steps and actual is not None else None,
    }


def _expected(known: KnownPlan, planned: PlannedCheckpoint) -> int:
    return known.expected(planned.cutoff)


def _told(known: KnownPlan, row: Evaluation) -> dict[str, Any]:
    restated, plan = row.restated, known.plan
    return {
        "state": "settled" if row.settled else "provisional",
        **reading_shown(row.reported, plan),
        "step": _step(known, row.step_expected, row.step_actual),
        "evaluated_at": row.evaluated_at,
        "position": row.position,
        "restated": None
        if restated is None
        else {
            "old": reading_shown(restated.old, plan),
            "new": reading_shown(restated.new, plan),
            "at": restated.at,
            "times": restated.times,
            "position": restated.position,
        },
    }
