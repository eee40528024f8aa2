"""Where a target stands, as it changes: GET /v1/live."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Request, Response
from fastapi.sse import format_sse_event

from api.auth import pass_of
from api.documentation.schemas import text
from api.documentation.target_examples import TARGET
from api.documenting import TARGET_ID, answers_with
from api.live import Live, seen_by
from api.routes import Routes
from api.target_reads import Found, TargetReads
from api.targets import READERS, parsed_id, unknown_target

MOMENT = ("as_of", "position")
"""What is different in every answer, also when nothing has changed."""
Watched = Annotated[str, Query(description="The id of the target to watch", examples=[TARGET_ID])]
EXAMPLE = format_sse_event(event="status", id="1024", data_str=orjson.dumps(TARGET).decode()).decode()


@dataclass(frozen=True)
class _Standing:
    found: Found

    @property
    def id(self) -> str:
        return str(self.found.position)

    @cached_property
    def lasting(self) -> dict[str, Any]:
        said: dict[str, Any] = orjson.loads(self.found.shown)
        return {name: value for name, value in said.items() if name not in MOMENT}

    def frame(self, before: "_Standing | None") -> bytes:
        if before is not None and before.lasting == self.lasting:
            return b""
        return format_sse_event(event="status", id=self.id, data_str=self.found.shown.decode())


class LiveStatuses:
    def __init__(self, live: Live, reads: TargetReads) -> None:
        self._live = live
        self._reads = reads

    def add_to(self, routes: Routes) -> None:
        stream = text("Events as server-sent events have them; their data is a Target in JSON")
        told = answers_with("text/event-stream", EXAMPLE, stream, 404)
        routes.add("GET /live", self.live, "Where a target stands, as it changes", roles=READERS, answers=told)

    async def live(self, request: Request, target: Watched) -> Response:
        """Server-sent events: `event: status` with what GET /v1/targets says of it, `id:` its position in the log. One
        at first, then one when something has changed, at most once a second. With Last-Event-ID there is none at
        first when nothing has happened since. `event: stale` when news has waited 5 seconds to be read, so that what
        you have may be old, and `event: fresh` when it is not any more. A stream ends after some minutes, or when its
        key is revoked: come back."""
        one = parsed_id(target)
        await self._standing(one)
        return self._live.watch(("status", one), lambda: self._standing(one), seen_by(request), pass_of(request))

    async def _standing(self, target_id: UUID) -> _Standing:
        found = await self._reads.one(target_id)
        if found is None:
            raise unknown_target()
        return _Standing(found)
