"""Many targets at once over HTTP: a table of them, or an array; what is good is made, what is not is said."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Request, Response

from api.auth import caller_of
from api.bodies import answer, body_of, malformed
from api.documentation.import_examples import IMPORTED, ROWS, TABLE
from api.documenting import WRITTEN, IdempotencyKey, answers, takes_rows
from api.problems import Problem
from api.routes import Routes
from api.target_writes import TargetWrites
from api.targets import WRITERS, new_id
from domain.application import Milemarker
from domain.importing import ROWS_MAX, Import, Imported, Row, counts_of
from domain.refusal import Refused
from domain.target_tables import column_of, rows_of

IMPORT_KEYS = UUID("6a7d1f3c-2e4b-5a90-8c1d-7f0e9b3a5d28")
CSV = "text/csv"

DryRun = Annotated[
    bool, Query(description="Whether only to say what would become of each row: nothing is made", examples=[True])
]


class Imports:
    def __init__(self, writes: TargetWrites, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        routes.add(
            "POST /targets/import",
            self.take,
            "Define many targets at once",
            roles=WRITERS,
            answers=answers(IMPORTED, schema="Imported", headers=WRITTEN),
            body=takes_rows("TargetRows", ROWS, TABLE),
        )

    async def take(self, request: Request, dry_run: DryRun = False, idempotency_key: IdempotencyKey = None) -> Response:
        """CSV (`text/csv`, with a header of field names, such as `bounds.min` for a member of one) or a JSON array of
        definitions, up to 1,000. Each good row is made, in a transaction of its own, also when others are refused. A
        row with a `key` of your own makes one target, however often it is imported; without keys, an Idempotency-Key
        sees to it."""
        caller, body = caller_of(request), await body_of(request)
        seed = new_id(caller.id, idempotency_key, IMPORT_KEYS)
        table = request.headers.get("content-type", "").partition(";")[0].strip().lower() == CSV
        rows = _table(body) if table else _array(body)
        known = await self._writes.known(None)

        def take(app: Milemarker) -> tuple[list[Imported], int]:
            taking = Import(app, known, seed=seed, dry_run=dry_run, by=caller.name, at=self._clock())
            return taking.take(rows), app.recorder.max_notification_id() or 0

        imported, position = await self._writes.do(take)
        await self._writes.reached(position)
        told = {"dry_run": dry_run, **counts_of(imported), "items": [told_of(one) for one in imported]}
        return answer(told, position)


def told_of(one: Imported) -> dict[str, Any]:
    """What became of a row, as JSON says it."""
    refused = one.refused
    error = None
    if refused is not None:
        error = {"code": refused.code, "detail": refused.detail, "column": column_of(refused.field) or None}
    return {"line": one.line, "result": one.result, "key": one.key, "name": one.name, "id": one.id, "error": error}


def _table(body: bytes) -> list[Row]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(422, "bad_csv", "the table is no UTF-8: save it as CSV UTF-8") from None
    return _limited(rows_of(text))


def _array(body: bytes) -> list[Row]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise malformed(error) from None
    if not isinstance(said, list):
        raise Problem(422, "not_a_list", "send an array of definitions, or a table as text/csv")
    return _limited(_row(line, one) for line, one in enumerate(said, 1))


def _row(line: int, said: object) -> Row:
    if isinstance(said, dict):
        return Row(line, said)
    return Row(line, {}, Refused("not_an_object", "this must be an object, such as {...}"))


def _limited(rows: Iterator[Row]) -> list[Row]:
    taken = [row for _, row in zip(range(ROWS_MAX + 1), rows, strict=False)]
    if len(taken) > ROWS_MAX:
        raise Problem(422, "too_many_rows", f"up to {ROWS_MAX:,} rows at once: send the rest by itself")
    return taken
