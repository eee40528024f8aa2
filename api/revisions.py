"""Revisions over HTTP: what a target is to be from now on, at once or once somebody else has approved it."""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID, uuid5

import orjson
from fastapi import Query, Request, Response

from api.auth import caller_of
from api.bodies import answer, read_as
from api.database import Database
from api.documentation.revision_examples import PROPOSAL, REVISING, REVISIONS
from api.documentation.target_examples import TARGET
from api.documenting import (
    BIGINT_MAX,
    CHANGED,
    LIMIT,
    PROPOSED,
    IdempotencyKey,
    IfMatch,
    Limit,
    MinPosition,
    TargetId,
    answers,
    or_answers,
    takes,
)
from api.paging import page_of
from api.plans import KnownPlan
from api.proposal_answers import check_room, proposal_answered
from api.revision_bodies import Revising
from api.routes import Routes
from api.target_reads import STATUS_VIEWS, TargetReads
from api.target_writes import TargetWrites
from api.targets import READERS, WRITERS, new_id, parsed_id, seen_version, unknown_target
from domain.figures import goal_shown
from domain.proposals.proposing import propose_revision, wish_of
from domain.revised import Request as Repeatable
from domain.revising import revise_target
from projections.plans import Revision

REVISION_KEYS = UUID("f2b1f6f0-0d6c-5c1e-8d0b-6a4c0e8b3d55")
PROPOSAL_KEYS = UUID("3e0b6c52-94d1-5f0d-b7d7-0f5d2b9a1c74")
"""Idempotency-Keys make ids in a space of their own for each kind of thing."""

AfterNumber = Annotated[
    int,
    Query(
        ge=0,
        le=BIGINT_MAX,
        description="The number of the last revision that you have; 0 from the first on",
        examples=[2],
    ),
]


class Revisions:
    """need_approval: whether what one person asks for waits until another one has approved it."""

    def __init__(
        self,
        writes: TargetWrites,
        reads: TargetReads,
        database: Database,
        clock: Callable[[], datetime],
        *,
        need_approval: bool,
    ) -> None:
        self._writes = writes
        self._reads = reads
        self._database = database
        self._clock = clock
        self._need_approval = need_approval

    def add_to(self, routes: Routes) -> None:
        of_target = "/targets/{target_id}/revisions"
        revised = answers(TARGET, 404, 409, 412, schema="Target", headers=CHANGED)
        routes.add(
            f"POST {of_target}",
            self.revise,
            "Revise a target",
            roles=WRITERS,
            answers=or_answers(revised, 202, PROPOSAL, schema="Proposal", headers=PROPOSED),
            body=takes(Revising, REVISING),
        )
        routes.add(
            f"GET {of_target}",
            self.show,
            "Its revisions, in order",
            roles=READERS,
            answers=answers(REVISIONS, 404, schema="RevisionPage"),
        )

    async def revise(
        self,
        request: Request,
        target_id: TargetId,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        """Name, goal, dates, scope, comparison, pacing, checkpoints, calendar, thresholds and refunds can be revised;
        kind, metric, unit and time zone are what a target is. Evaluated checkpoints stay as they were said; milestones
        move with the target. Where other sales count than before, it is `filling` until they are counted. Where
        revisions need approval, the answer is 202 and a proposal, which changes nothing until somebody else has
        approved it."""
        one, caller = parsed_id(target_id), caller_of(request)
        body = await read_as(Revising, request)
        asked, seen, known = body.asked, seen_version(if_match), await self._writes.known()
        if self._need_approval:
            named = new_id(caller.id, idempotency_key, PROPOSAL_KEYS)
            await check_room(self._database, named, one)
            proposal, position = await self._writes.do(
                lambda app: propose_revision(
                    app, named, one, asked, known, by=caller.name, at=self._clock(), expected_version=seen
                )
            )
            return await proposal_answered(self._database, proposal.id, position, status=202)
        wish, again = wish_of(asked), None
        if idempotency_key is not None:
            key = new_id(caller.id, idempotency_key, REVISION_KEYS)
            again = Repeatable(key, uuid5(key, orjson.dumps(asked, option=orjson.OPT_SORT_KEYS).decode()))
        target, position = await self._writes.do(
            lambda app: revise_target(
                app, one, wish, known, by=caller.name, at=self._clock(), expected_version=seen, request=again
            )
        )
        return await self._writes.written(target, position)

    async def show(
        self, target_id: TargetId, limit: Limit = LIMIT, after: AfterNumber = 0, min_position: MinPosition = None
    ) -> Response:
        """What it was defined with is revision 1, so the first of these is number 2. `goal` is what it had become;
        `attained`: what the revision made of the attainment, null for nothing."""
        await self._database.wait_for(STATUS_VIEWS, min_position)
        found = await self._reads.one(parsed_id(target_id))
        if found is None:
            raise unknown_target()
        listed = [one for one in found.known.plans.revisions or () if one.number > after]
        page = sorted(listed, key=attrgetter("number"))[:limit]
        shown = [orjson.dumps(_shown(found.known, one), option=orjson.OPT_UTC_Z) for one in page]
        return answer(page_of(shown, page[-1].number if listed[limit:] else None))


def _shown(known: KnownPlan, one: Revision) -> dict[str, Any]:
    return {
        "number": one.number,
        "effective_at": one.effective_at,
        "mode": one.mode,
        "reason": one.reason,
        "by": one.by,
        "at": one.at,
        "changes": one.changes,
        "goal": goal_shown(known.plans.plans[one.number - 1]),
        "attained": one.attained,
        "proposed_by": one.proposed_by,
    }
