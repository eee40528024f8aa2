"""Updates over HTTP: what people say of a target, beside its figures, and the check-ins that they are asked for."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Request, Response

from api.auth import caller_of
from api.bodies import answer, read_as
from api.database import Database
from api.documentation.update_examples import CHECK_INS as CHECK_INS_EXAMPLE
from api.documentation.update_examples import POSTING, UPDATE
from api.documentation.update_examples import UPDATES as UPDATES_EXAMPLE
from api.documenting import (
    BIGINT_MAX,
    LIMIT,
    WRITTEN,
    IdempotencyKey,
    Limit,
    MinPosition,
    TargetId,
    answers,
    takes,
)
from api.paging import page_of
from api.problems import Problem
from api.routes import Routes
from api.target_reads import STATUS_VIEWS, Found, TargetReads
from api.target_writes import SHOWN_WITHIN_S
from api.targets import READERS, WRITERS, bad_cursor, new_id, parsed_id, unknown_target
from api.update_bodies import UpdateBody
from api.writes import Writes
from domain.plan import Plan
from domain.updates.check_ins import accountable
from domain.updates.posting import post_update
from domain.updates.updates import Posted
from projections.keys import ApiKey
from projections.updates import CHECK_INS, CUTOFF, UPDATES, CheckIn, Update

UPDATE_KEYS = UUID("5d0f9c1e-9b0a-5c66-8f5d-7a2f4f0e1b33")
"""Idempotency-Keys make ids in a space of their own for each kind of thing."""
VIEWS = (*STATUS_VIEWS, "updates", "check_ins")
POSTERS = (*WRITERS, "subscriber")
LISTED = (
    "SELECT id, position, row::text FROM updates WHERE row->>'target' = %b::text AND position < %b"
    " ORDER BY position DESC LIMIT %b"
)
ASKED = (
    f"SELECT row::text FROM check_ins WHERE row->>'target' = %b::text AND (%b::text IS NULL OR {CUTOFF} < %b)"
    f" ORDER BY {CUTOFF} DESC LIMIT %b"
)
BeforePosition = Annotated[
    int,
    Query(
        ge=0,
        le=BIGINT_MAX,
        description="The `next` of the page before: updates older than this position; left out for the newest",
        examples=[1240],
    ),
]
BeforeCutoff = Annotated[
    str | None,
    Query(
        description="The `next` of the page before: those of checkpoints before this cut-off; left out for the newest",
        examples=["2026-11-14T05:00:00Z"],
    ),
]


class Updates:
    def __init__(self, writes: Writes, reads: TargetReads, database: Database, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._reads = reads
        self._database = database
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        updates = "/targets/{target_id}/updates"
        routes.add(
            f"GET {updates}",
            self.show_all,
            "What people have said of it, newest first",
            roles=READERS,
            answers=answers(UPDATES_EXAMPLE, 404, schema="UpdatePage"),
        )
        routes.add(
            f"POST {updates}",
            self.post,
            "Say how it stands",
            roles=POSTERS,
            answers=answers(UPDATE, 404, 409, schema="Update", status=201, headers=WRITTEN),
            status=201,
            body=takes(UpdateBody, POSTING),
        )
        routes.add(
            "GET /targets/{target_id}/check-ins",
            self.show_check_ins,
            "What people were asked of it, newest first",
            roles=READERS,
            answers=answers(CHECK_INS_EXAMPLE, 404, schema="CheckInPage"),
        )

    async def show_all(
        self,
        target_id: TargetId,
        limit: Limit = LIMIT,
        after: BeforePosition = BIGINT_MAX,
        min_position: MinPosition = None,
    ) -> Response:
        """They stand beside the figures: nothing that is computed is changed by them."""
        target = await self._found(target_id, min_position)
        rows = await self._database.rows(LISTED, (str(target.id), after, limit + 1))
        shown = [_dumped(_shown(row[0], UPDATES.decoder.decode(row[2]))) for row in rows[:limit]]
        return answer(page_of(shown, rows[limit - 1][1] if rows[limit:] else None))

    async def show_check_ins(
        self, target_id: TargetId, limit: Limit = LIMIT, after: BeforeCutoff = None, min_position: MinPosition = None
    ) -> Response:
        """A checkpoint at risk or off track asks the owner and the team to say why, within two open days. Any update
        answers it; unanswered, it goes one level up, once."""
        target = await self._found(target_id, min_position)
        before = None if after is None else _instant(after)
        rows = await self._database.rows(ASKED, (str(target.id), before, before, limit + 1))
        found = [CHECK_INS.decoder.decode(row[0]) for row in rows]
        shown = [_dumped(_asked(one)) for one in found[:limit]]
        return answer(page_of(shown, found[limit - 1].cutoff.isoformat() if found[limit:] else None))

    async def post(self, request: Request, target_id: TargetId, idempotency_key: IdempotencyKey = None) -> Response:
        """Whoever is accountable may: the owner and the team, managers and administrators. It stands beside the
        figures, changes none of them, and answers the check-in that is open, if one is."""
        one, caller = parsed_id(target_id), caller_of(request)
        found = await self._reads.one(one)
        if found is not None:
            refuse_unaccountable(caller, found.known.plan)
        update, said = new_id(caller.id, idempotency_key, UPDATE_KEYS), (await read_as(UpdateBody, request)).said
        posted, position = await self._writes.do(
            lambda app: post_update(app, one, update, said, by=caller.name, at=self._clock())
        )
        await self._database.reached(VIEWS, position, SHOWN_WITHIN_S)
        shown = _dumped(_shown(update, _row(one, posted)))
        return answer(shown, position, status=201)

    async def _found(self, target_id: str, min_position: int | None) -> Found:
        await self._database.wait_for(VIEWS, min_position)
        found = await self._reads.one(parsed_id(target_id))
        if found is None:
            raise unknown_target()
        return found


def refuse_unaccountable(caller: ApiKey, plan: Plan) -> None:
    if caller.role not in WRITERS and caller.name not in accountable(plan):
        detail = "an update is for the target's owner and team, managers and administrators"
        raise Problem(403, "not_accountable", detail)


def _row(target: UUID, posted: Posted) -> Update:
    said = posted.said
    about = posted.by, posted.at, said.improve, posted.number, posted.cutoff
    return Update(target, said.on_track, said.why, said.confidence, *about)


def _shown(update: UUID, row: Update) -> dict[str, Any]:
    answered = None if row.cutoff is None else {"number": row.number, "cutoff": row.cutoff}
    said = {"on_track": row.on_track, "why": row.why, "improve": row.improve, "confidence": row.confidence}
    return {"id": update, "target": row.target} | said | {"by": row.by, "at": row.at, "checkpoint": answered}


def _asked(row: CheckIn) -> dict[str, Any]:
    return {
        "checkpoint": {"number": row.number, "cutoff": row.cutoff},
        "status": row.status,
        "of": row.of,
        "asked_at": row.asked_at,
        "due": row.due,
        "state": row.state,
        "since": row.since,
        "escalated": None if row.escalated_at is None else {"at": row.escalated_at, "to": row.escalated_to},
        "update": row.update,
        "reason": row.reason,
    }


def _dumped(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_UTC_Z)


def _instant(text: str) -> str:
    """A cut-off as rows have it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad_cursor() from None
    if at.tzinfo is None:
        raise bad_cursor()
    return at.astimezone(UTC).isoformat()
