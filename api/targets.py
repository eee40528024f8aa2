"""Targets over HTTP: define, start, cancel, and where each stands."""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from fastapi import Request, Response

from api.auth import caller_of
from api.bodies import answer, read_as
from api.database import Database
from api.documentation.definition_examples import DEFINITIONS
from api.documentation.target_examples import CANCELLING, PAGE, TARGET
from api.documenting import (
    CHANGED,
    LIMIT,
    MADE,
    SEEN,
    After,
    Archived,
    IdempotencyKey,
    IfMatch,
    Limit,
    MinPosition,
    TargetId,
    answers,
    takes,
    takes_one_of,
)
from api.known_forecasts import KnownForecasts
from api.look_back import AsOf, KnownAt, LooksBack
from api.paging import page_of
from api.problems import Problem
from api.routes import Routes
from api.target_bodies import Cancelling, TargetBody
from api.target_reads import STATUS_VIEWS, TargetReads
from api.target_writes import TargetWrites, etag_of
from domain.application import Milemarker
from domain.defining import plan_of
from domain.refusal import Refused
from domain.target import State, Target

IDEMPOTENT = UUID("b6f2a9d4-6c7e-5b0e-9a57-0f0a4b1b9c3e")
READERS = ("manager", "auditor", "subscriber", "admin")
WRITERS = ("manager", "admin")
NEVER = -1
"""The plan version of an ETag that no target has."""

_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_ETAG = re.compile(r'"([0-9]{1,18})"')


class Targets:
    def __init__(
        self,
        writes: TargetWrites,
        reads: TargetReads,
        forecasts: KnownForecasts,
        looks_back: LooksBack,
        database: Database,
        clock: Callable[[], datetime],
    ) -> None:
        self._writes = writes
        self._reads = reads
        self._forecasts = forecasts
        self._looks_back = looks_back
        self._database = database
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        shown = answers(TARGET, 404, schema="Target", headers=SEEN)
        add = routes.add
        add("GET /targets/{target_id}", self.show, "Where a target stands", roles=READERS, answers=shown, quick=True)
        add(
            "GET /targets",
            self.show_all,
            "Every target, by id",
            roles=READERS,
            answers=answers(PAGE, schema="TargetPage"),
        )
        add(
            "POST /targets",
            self.define,
            "Define a target, and start it when asked",
            roles=WRITERS,
            answers=answers(TARGET, 409, schema="Target", status=201, headers=MADE),
            status=201,
            body=takes_one_of(TargetBody, DEFINITIONS),
        )
        changed = answers(TARGET, 404, 409, 412, schema="Target", headers=CHANGED)
        add("POST /targets/{target_id}/activate", self.activate, "Start a target", roles=WRITERS, answers=changed)
        add(
            "POST /targets/{target_id}/cancel",
            self.cancel,
            "Cancel a target",
            roles=WRITERS,
            answers=changed,
            body=takes(Cancelling, CANCELLING),
        )

    # Reads

    async def show(
        self,
        request: Request,
        target_id: TargetId,
        as_of: AsOf = None,
        known_at: KnownAt = None,
        min_position: MinPosition = None,
    ) -> Response:
        """`status` is the official one, `live_status` and every figure beside it are for `as_of`. The ETag is the
        plan version: definition and state move it, sales don't. `required_rate` is what each remaining day must bring,
        today included; `none_possible` when none is left. `projection` is where it is heading; wherever else a target
        is answered (in lists, live, after a write), its `value` stands there alone, without a range. With `as_of` or
        `known_at` it is the target as it stood: `as_of`, `known_at` and `position` say when, by what."""
        if min_position is not None:
            await self._database.wait_for(STATUS_VIEWS, min_position)
        if as_of is not None or known_at is not None:
            then, shown = await self._looks_back.target(parsed_id(target_id), as_of, known_at)
            return answer(shown, headers=etag_of(then.found))
        found = await self._reads.one(parsed_id(target_id))
        if found is None:
            raise unknown_target()
        return answer(await self._forecasts.told(found), headers=etag_of(found))

    async def show_all(
        self,
        request: Request,
        limit: Limit = LIMIT,
        after: After = None,
        archived: Archived = False,
        min_position: MinPosition = None,
    ) -> Response:
        """`after` is the `next` of the page before; `next` is null on the last page. Those that are archived are left
        out unless they are asked for."""
        await self._database.wait_for(STATUS_VIEWS, min_position)
        beginning = UUID(int=0) if after is None else parsed_id(after, cursor=True)
        found = await self._reads.page(beginning, limit + 1, archived=archived)
        return answer(page_of([one.shown for one in found[:limit]], found[limit - 1].id if found[limit:] else None))

    # Writes

    async def define(self, request: Request, idempotency_key: IdempotencyKey = None) -> Response:
        """A target whose period has begun, or is over, is welcome. The same Idempotency-Key with the same body is
        answered with the target it made; with another body it is refused (key_reused)."""
        caller = caller_of(request)
        target_id = new_id(caller.id, idempotency_key)
        body = await read_as(TargetBody, request)
        said, known = body.definition(), await self._writes.known(body.metrics)

        def define(app: Milemarker) -> tuple[Target, int]:
            plan = plan_of(said, known)
            return app.define_target(target_id, plan, activate=body.activate, by=caller.name, at=self._clock())

        target, position = await self._writes.do(define)
        if body.activate is True and target.state is State.DRAFT:
            raise Refused("key_reused", "this Idempotency-Key has defined a target that was not to be activated")
        location = {"Location": f"/v1/targets/{target_id}"}
        return await self._writes.written(target, position, status=201, headers=location)

    async def activate(self, request: Request, target_id: TargetId, if_match: IfMatch = None) -> Response:
        """From now on it counts, and what was sold since its start is added: it is `filling` until that is done.
        Starting a target again changes nothing."""
        one, by = parsed_id(target_id), caller_of(request).name
        target, position = await self._writes.do(
            lambda app: app.activate_target(one, by=by, at=self._clock(), expected_version=seen_version(if_match))
        )
        return await self._writes.written(target, position)

    async def cancel(self, request: Request, target_id: TargetId, if_match: IfMatch = None) -> Response:
        """It counts no more; what is known of it stays. Cancelling again changes nothing."""
        one, by = parsed_id(target_id), caller_of(request).name
        reason = (await read_as(Cancelling, request)).reason
        target, position = await self._writes.do(
            lambda app: app.cancel_target(one, reason, by=by, at=self._clock(), expected_version=seen_version(if_match))
        )
        return await self._writes.written(target, position)


def parsed_id(text: str, *, cursor: bool = False) -> UUID:
    """The id of a target; what can't be one is no target's."""
    try:
        return UUID(text)
    except ValueError:
        raise bad_cursor() if cursor else unknown_target() from None


def unknown_target() -> Problem:
    return Problem(404, "unknown_target", "there is no target with this id")


def bad_cursor() -> Problem:
    detail = "after is the next of the page before"
    return Problem(
        422, "bad_parameter", detail, errors=[{"parameter": "after", "code": "bad_parameter", "detail": detail}]
    )


def new_id(key_id: str, idempotency_key: str | None, kind: UUID = IDEMPOTENT) -> UUID:
    """An id for something new: the same again for the same key; `kind`: what is made, so that one key may make each."""
    if idempotency_key is None:
        return uuid4()
    if not _KEY.fullmatch(idempotency_key):
        raise Problem(400, "bad_idempotency_key", "an Idempotency-Key is 1 to 255 printable ASCII characters")
    return uuid5(kind, f"{key_id} {idempotency_key}")


def seen_version(if_match: str | None) -> int | None:
    """The plan version that If-Match asks for; None for any."""
    if if_match is None or if_match.strip() == "*":
        return None
    if "," in if_match:
        raise Problem(400, "bad_if_match", "If-Match names one ETag here")
    parts = _ETAG.fullmatch(if_match.strip())
    if parts is None and if_match.strip().isdigit():
        raise Problem(400, "bad_if_match", f'an ETag stands in quotes: If-Match: "{if_match.strip()}"')
    return int(parts[1]) if parts else NEVER
