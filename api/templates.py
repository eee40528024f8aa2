"""Templates over HTTP: targets that recur, what they look like, and which come next."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import reduce
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Path, Query, Request, Response

from api.auth import caller_of
from api.bodies import answer, read_as
from api.database import Database
from api.documentation import template_examples as examples
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
    answers,
    takes,
)
from api.paging import page_of
from api.problems import Problem
from api.routes import Routes
from api.target_writes import SHOWN_WITHIN_S, TargetWrites
from api.targets import READERS, WRITERS, bad_cursor, new_id, seen_version
from api.template_bodies import TemplateArchiving, TemplateBody, TemplateChange
from domain.application import Milemarker
from domain.defining import Resolving
from domain.refusal import Refused
from domain.saying import said_of
from domain.templates.recurring import Templates as Deciding
from domain.templates.template import Template, next_number_of, terms_said
from domain.templates.terms import Terms, plan_for
from projections.templates import TEMPLATES, Templated, evolve

TEMPLATE_KEYS = UUID("8c1f0b0e-5a0c-5f6d-93b1-0c7d8a4e2f19")
VIEWS = ("templates",)
COUNT_MAX = 100
ROWS = "SELECT id, row::text FROM templates WHERE "
ONE = f"{ROWS} id = %b"
PAGE = f"{ROWS} id > %b AND (%b OR (row->>'archived') IS DISTINCT FROM 'true') ORDER BY id LIMIT %b"

TemplateId = Annotated[str, Path(description="The template's id", examples=[examples.TEMPLATE["id"]])]
Count = Annotated[int, Query(ge=1, le=COUNT_MAX, description=f"How many, 1 to {COUNT_MAX}", examples=[12])]


class Templates:
    def __init__(self, writes: TargetWrites, database: Database, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._database = database
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        add, one = routes.add, "/templates/{template_id}"
        made = answers(examples.TEMPLATE, schema="Template", status=201, headers=MADE)
        body = takes(TemplateBody, examples.BODY)
        add("POST /templates", self.define, "Let targets recur", roles=WRITERS, answers=made, status=201, body=body)
        page = answers(examples.PAGE, schema="TemplatePage")
        add("GET /templates", self.show_all, "Every template, by id", roles=READERS, answers=page)
        shown = answers(examples.TEMPLATE, 404, schema="Template", headers=SEEN)
        add(f"GET {one}", self.show, "One template", roles=READERS, answers=shown)
        changed = answers(examples.TEMPLATE, 404, 409, 412, schema="Template", headers=CHANGED)
        body = takes(TemplateChange, examples.CHANGE)
        add(f"PATCH {one}", self.change, "Change what comes", roles=WRITERS, answers=changed, body=body)
        body = takes(TemplateArchiving, examples.REASON)
        add(f"POST {one}/archive", self.archive, "Make no more targets", roles=WRITERS, answers=changed, body=body)
        coming = answers(examples.NEXT, 404, schema="ComingTargets")
        add(f"GET {one}/next", self.preview, "The targets that come next", roles=READERS, answers=coming)

    # Reads

    async def show(self, template_id: TemplateId, min_position: MinPosition = None) -> Response:
        """`version` moves with each change of its terms, and is the ETag. `failure`: why the next target can't be made;
        it is tried again every hour."""
        await self._database.wait_for(VIEWS, min_position)
        one = _parsed(template_id)
        row = await self._row(one)
        return answer(_shown(one, row), headers=_etag(row))

    async def show_all(
        self,
        archived: Archived = False,
        limit: Limit = LIMIT,
        after: After = None,
        min_position: MinPosition = None,
    ) -> Response:
        """Without those that are archived, unless they are asked for."""
        await self._database.wait_for(VIEWS, min_position)
        rows = await self._database.rows(PAGE, (_cursor(after), archived, limit + 1))
        shown = [orjson.dumps(_shown(one, TEMPLATES.decoder.decode(row)), option=orjson.OPT_UTC_Z) for one, row in rows]
        return answer(page_of(shown[:limit], rows[limit - 1][0] if rows[limit:] else None))

    async def preview(self, template_id: TemplateId, count: Count = 12, min_position: MinPosition = None) -> Response:
        """As its terms are now. `problem`: why the target of that period could not be made, as far as is known today:
        a country's holidays, for example, are known some years ahead."""
        await self._database.wait_for(VIEWS, min_position)
        row = await self._row(_parsed(template_id))
        known = await self._writes.known(_metrics(row.terms))
        first = next_number_of(row.terms, None if row.last is None else row.last.end)
        numbers = [] if row.archived else [one for one in range(first, first + count) if row.terms.recurrence.has(one)]
        coming = await asyncio.to_thread(lambda: [_coming(row.terms, number, known) for number in numbers])
        return answer({"items": coming})

    async def _row(self, template_id: UUID) -> Templated:
        rows = await self._database.rows(ONE, (template_id,))
        if not rows:
            raise _unknown()
        return TEMPLATES.decoder.decode(rows[0][1])

    # Writes

    async def define(self, request: Request, idempotency_key: IdempotencyKey = None) -> Response:
        """Each period's target is made some days ahead as a draft, and started at its first instant, when what it is
        compared with is read. What falls due while nothing runs is made afterwards, in order, each once."""
        caller = caller_of(request)
        body = await read_as(TemplateBody, request)
        new, terms = new_id(caller.id, idempotency_key, TEMPLATE_KEYS), body.terms()
        known = await self._writes.known(_metrics(terms))
        return await self._written(
            lambda app: Deciding(app, known, by=caller.name, at=self._clock()).define(new, terms), status=201
        )

    async def change(self, request: Request, template_id: TemplateId, if_match: IfMatch = None) -> Response:
        """What is made from now on. Targets that were made stay as they are, the draft of the next period too: revise
        or cancel it."""
        one, by, seen = _parsed(template_id), caller_of(request).name, seen_version(if_match)
        body = await read_as(TemplateChange, request)
        known = await self._writes.known()
        return await self._written(
            lambda app: Deciding(app, known, by=by, at=self._clock()).change(one, body.changed, body.reason, seen)
        )

    async def archive(self, request: Request, template_id: TemplateId) -> Response:
        """No more targets are made; those that were, a draft too, go on. Archiving again changes nothing."""
        one, by = _parsed(template_id), caller_of(request).name
        reason, known = (await read_as(TemplateArchiving, request)).reason, await self._writes.known()
        return await self._written(lambda app: Deciding(app, known, by=by, at=self._clock()).archive(one, reason))

    async def _written(self, decide: Callable[[Milemarker], tuple[Template, int]], *, status: int = 200) -> Response:
        def decided(app: Milemarker) -> tuple[UUID, Templated, int]:
            template, position = decide(app)
            row: Templated | None = reduce(evolve, app.events.get(template.id), None)
            assert row is not None, "it was defined"
            return template.id, row, position

        one, row, position = await self._writes.do(decided)
        await self._database.reached(VIEWS, position, SHOWN_WITHIN_S)
        headers = _etag(row) | ({"Location": f"/v1/templates/{one}"} if status == 201 else {})
        return answer(_shown(one, row), position, status=status, headers=headers)


def _shown(template_id: UUID, row: Templated) -> dict[str, Any]:
    terms = row.terms
    number = next_number_of(terms, None if row.last is None else row.last.end)
    comes = not row.archived and terms.recurrence.has(number)
    failure = None if row.failure is None else vars(row.failure) | {"since": row.failed_since}
    return {
        "id": template_id,
        "version": row.version,
        **terms_said(terms),
        "state": "archived" if row.archived else "active" if comes else "ended",
        "made": row.made,
        "last": None if row.last is None else vars(row.last),
        "next": _dated(terms, number) if comes else None,
        "failure": failure,
        "created_at": row.created_at,
        "created_by": row.created_by,
    }


def _dated(terms: Terms, number: int) -> dict[str, Any]:
    start, end = terms.recurrence.period(number)
    return {
        "start": start,
        "end": end,
        "drafted_at": terms.drafted(number),
        "starts_at": terms.begins(number),
    }


def _coming(terms: Terms, number: int, known: Resolving) -> dict[str, Any]:
    """The target of a period to come, as far as it is known."""
    problem = None
    said: dict[str, Any] = {}
    try:
        said = said_of(terms.definition(number))
        plan_for(terms, number, known)
    except Refused as refused:
        problem = {"code": refused.code, "detail": refused.detail, "field": refused.field}
    about = {name: said.get(name) for name in ("name", "goal", "comparison")}
    return {"number": number + 1, **_dated(terms, number), **about, "problem": problem}


def _metrics(said: Terms) -> list[str]:
    """Those that a template's target names, as far as it does so in text."""
    target = said.target
    parts = [target.get(part) for part in ("numerator", "denominator")]
    named = [target.get("metric"), *(part.get("metric") for part in parts if isinstance(part, dict))]
    return [one for one in named if isinstance(one, str)]


def _etag(row: Templated) -> dict[str, str]:
    return {"ETag": f'"{row.version}"'}


def _parsed(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _unknown() from None


def _cursor(after: str | None) -> UUID:
    try:
        return UUID(int=0) if after is None else UUID(after)
    except ValueError:
        raise bad_cursor() from None


def _unknown() -> Problem:
    return Problem(404, "unknown_template", "there is no template with this id")
