"""Proposals as they are answered: rows of their read model, with what has become of the target since."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from fastapi import Response

from api.bodies import answer
from api.database import Database, Row
from api.problems import Problem, unavailable
from api.target_writes import SHOWN_WITHIN_S
from domain.proposals.proposal import Stage
from domain.refusal import Refused
from projections.proposals import PROPOSALS, Proposed

VIEWS = ("plans", "proposals")
OUTDATED = "outdated"
OPEN_MAX = 50
"""Proposals of one target that may wait at a time."""
REVISION = "coalesce(json_array_length(t.row->'revisions'), 0) + 1"
SELECT = f"SELECT p.id, p.row::text, {REVISION} FROM proposals AS p JOIN plans AS t ON t.id = (p.row->>'target')::uuid"
ONE = f"{SELECT} WHERE p.id = %b"
OPEN = (
    f"SELECT count(*) FROM ({SELECT} WHERE p.row->>'target' = %b::text AND p.row->>'stage' = 'open'"
    f" AND (p.row->>'revision')::int = {REVISION}) AS open"
)
PAGE = f"{SELECT} WHERE p.row->>'target' = %b::text AND p.id > %b ORDER BY p.id LIMIT %b"


async def proposal_answered(database: Database, proposal_id: UUID, position: int, *, status: int = 200) -> Response:
    """The proposal as the read models have it once they know of what was written."""
    await database.reached(VIEWS, position, SHOWN_WITHIN_S)
    found = await proposal_shown(database, proposal_id)
    if found is None:
        raise unavailable("behind", "what was written is not shown yet: send it again with the same Idempotency-Key")
    headers = {"Location": f"/v1/proposals/{proposal_id}"} if status != 200 else None
    return answer(found, position, status=status, headers=headers)


async def proposal_shown(database: Database, proposal_id: UUID) -> bytes | None:
    rows = await database.rows(ONE, (proposal_id,))
    return _shown(rows[0]) if rows else None


async def check_room(database: Database, proposal_id: UUID, target: UUID) -> None:
    """Refused, too_many_proposals, where so many wait that nobody can look at them all; one that is there has room."""
    rows = await database.rows(OPEN, (str(target),))
    if rows[0][0] >= OPEN_MAX and await proposal_shown(database, proposal_id) is None:
        detail = f"{OPEN_MAX} revisions of the target wait for an approval: have some of them decided first"
        raise Refused("too_many_proposals", detail)


async def proposals_shown(database: Database, target: UUID, after: UUID, limit: int) -> Sequence[tuple[UUID, bytes]]:
    """So many of a target whose ids come after this one, in order of their ids."""
    return [(row[0], _shown(row)) for row in await database.rows(PAGE, (str(target), after, limit))]


def unknown_proposal() -> Problem:
    return Problem(404, "unknown_proposal", "there is no proposal with this id")


def _shown(row: Row) -> bytes:
    proposal_id, text, revision = row
    one = PROPOSALS.decoder.decode(text)
    said = {
        "id": proposal_id,
        "target": one.target,
        "state": OUTDATED if one.stage is Stage.OPEN and revision != one.revision else one.stage,
        "mode": one.asked.mode,
        "reason": one.asked.reason,
        "effective_at": one.asked.effective_at,
        "freeze_anew": one.asked.freeze_anew,
        "changes": one.changes,
        "revision": one.revision,
        "proposed_by": one.by,
        "proposed_at": one.at,
        "decision": _decision(one),
    }
    return orjson.dumps(said, option=orjson.OPT_UTC_Z)


def _decision(one: Proposed) -> dict[str, Any] | None:
    made = one.decision
    if made is None:
        return None
    return {"by": made.by, "at": made.at, "reason": made.reason, "revision": made.revision}
