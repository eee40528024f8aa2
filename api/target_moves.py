"""What else people do to targets over HTTP: clone them, hand them over, put them away and get them out again."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import Request, Response

from api.auth import caller_of
from api.bodies import body_of, read_as
from api.documentation.move_examples import ARCHIVING, CLONING, HANDING_OVER
from api.documentation.target_examples import TARGET
from api.documenting import CHANGED, MADE, IdempotencyKey, IfMatch, TargetId, answers, may_take, takes
from api.move_bodies import Archiving, CloneBody, HandingOver
from api.routes import Routes
from api.target_writes import TargetWrites
from api.targets import WRITERS, new_id, parsed_id, seen_version
from domain.archiving import archive_target
from domain.cloning import clone_target

CLONE_KEYS = UUID("0f3a6a5e-8a1d-5c57-9a3e-3b8f6d1c7e42")


class TargetMoves:
    def __init__(self, writes: TargetWrites, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        add, one = routes.add, "/targets/{target_id}"
        made = answers(TARGET, 404, 409, schema="Target", status=201, headers=MADE)
        body = takes(CloneBody, CLONING)
        add(f"POST {one}/clone", self.clone, "Clone a target", roles=WRITERS, answers=made, status=201, body=body)
        changed = answers(TARGET, 404, 409, 412, schema="Target", headers=CHANGED)
        body = takes(HandingOver, HANDING_OVER)
        add(f"POST {one}/hand-over", self.hand_over, "Hand it over", roles=WRITERS, answers=changed, body=body)
        put_away = answers(TARGET, 404, 409, schema="Target", headers=CHANGED)
        body = may_take(Archiving, ARCHIVING)
        add(f"POST {one}/archive", self.archive, "Archive a target", roles=WRITERS, answers=put_away, body=body)
        add(f"POST {one}/unarchive", self.unarchive, "Get it out again", roles=WRITERS, answers=put_away)

    async def clone(self, request: Request, target_id: TargetId, idempotency_key: IdempotencyKey = None) -> Response:
        """Another target like this one, for another period: rules carry over, dates of the old period don't, and are
        refused with what to say in their place. The same Idempotency-Key with the same body makes nothing new."""
        one, caller = parsed_id(target_id), caller_of(request)
        clone = (await read_as(CloneBody, request)).clone()
        new, known = new_id(caller.id, idempotency_key, CLONE_KEYS), await self._writes.known()
        target, position = await self._writes.do(
            lambda app: clone_target(app, new, one, clone, known, by=caller.name, at=self._clock())
        )
        return await self._writes.written(target, position, status=201, headers={"Location": f"/v1/targets/{new}"})

    async def hand_over(self, request: Request, target_id: TargetId, if_match: IfMatch = None) -> Response:
        """Messages name the new owner from now on. Goal and figures stay as they are; the same again changes
        nothing."""
        one, by, seen = parsed_id(target_id), caller_of(request).name, seen_version(if_match)
        said = await read_as(HandingOver, request)
        target, position = await self._writes.do(
            lambda app: app.hand_over_target(
                one, said.owner, said.team, said.reason, by=by, at=self._clock(), expected_version=seen
            )
        )
        return await self._writes.written(target, position)

    async def archive(self, request: Request, target_id: TargetId) -> Response:
        """For what is closed, sealed, cancelled or a draft: lists and the overview leave it out, everything else of it
        stays, and `GET /v1/targets?archived=true` lists it. An archived draft is not started. Archiving again changes
        nothing."""
        reason = (await read_as(Archiving, request)).reason if (await body_of(request)).strip() else None
        return await self._put_away(request, target_id, reason, archived=True)

    async def unarchive(self, request: Request, target_id: TargetId) -> Response:
        """It is among the others again. Of one that is not archived nothing changes."""
        return await self._put_away(request, target_id, None, archived=False)

    async def _put_away(self, request: Request, target_id: str, reason: str | None, *, archived: bool) -> Response:
        one, by = parsed_id(target_id), caller_of(request).name
        target, position = await self._writes.do(
            lambda app: archive_target(app, one, archived, reason, by=by, at=self._clock())
        )
        return await self._writes.written(target, position)
