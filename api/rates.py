"""Rate tables over HTTP: uploaded once, as JSON or CSV, and kept for ever."""

import csv
from collections.abc import Callable
from datetime import datetime
from io import StringIO

import orjson
from fastapi import Request, Response

from api.auth import caller_of
from api.bodies import answer, body_of, read_as
from api.database import Database
from api.documentation.rate_answers import LISTED, TABLE
from api.documenting import LIMIT, WRITTEN, AfterName, Limit, MinPosition, answers, takes
from api.paging import page_of
from api.rate_bodies import RatesBody
from api.routes import Routes
from api.target_writes import SHOWN_WITHIN_S
from api.targets import READERS, WRITERS
from api.writes import Writes
from domain.hearing import day
from domain.refusal import Refused
from domain.rollup.rates import RateTable, rate_table_of
from projections.rate_tables import RATE_TABLES

VIEWS = ("rate_tables",)
PAGE = "SELECT row::text FROM rate_tables WHERE row->>'name' > %b ORDER BY row->>'name' COLLATE \"C\" LIMIT %b"
COLUMNS = ["name", "as_of", "base", "unit", "rate"]


class RateTables:
    def __init__(self, writes: Writes, database: Database, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._database = database
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        uploaded = answers(TABLE, 409, schema="RateTable", status=201, headers=WRITTEN)
        taken = takes(RatesBody, TABLE)
        taken["requestBody"]["content"]["text/csv"] = {
            "schema": {"type": "string"},
            "example": f"{','.join(COLUMNS)}\nmonth-end,2026-10-31,USD,EUR,1.0842\n",
        }
        routes.add(
            "POST /rates", self.upload, "Upload a rate table", roles=WRITERS, answers=uploaded, status=201, body=taken
        )
        listed = answers(LISTED, schema="RateTablePage")
        routes.add("GET /rates", self.show_all, "Every rate table, by name", roles=READERS, answers=listed)

    async def upload(self, request: Request) -> Response:
        """A table is as it is for ever: the same again changes nothing, other rates need another name (rates_fixed).
        As CSV it has the columns name, as_of, base, unit and rate, one line a currency."""
        by = caller_of(request).name
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/csv":
            table = _table_of_csv(await body_of(request))
        else:
            body = await read_as(RatesBody, request)
            table = rate_table_of(body.name, day(body.as_of, "/as_of"), body.base, body.rates)
        position = await self._writes.do(lambda app: app.upload_rates(table, by=by, at=self._clock()))
        await self._database.reached(VIEWS, position, SHOWN_WITHIN_S)
        return answer(_shown(table), position, status=201)

    async def show_all(self, limit: Limit = LIMIT, after: AfterName = "", min_position: MinPosition = None) -> Response:
        """`after` is the name of the last table that you have."""
        await self._database.wait_for(VIEWS, min_position)
        rows = await self._database.rows(PAGE, (after, limit + 1))
        found: list[RateTable] = [RATE_TABLES.decoder.decode(row[0]) for row in rows]
        return answer(page_of([_shown(one) for one in found[:limit]], found[limit - 1].name if found[limit:] else None))


def _shown(table: RateTable) -> bytes:
    return orjson.dumps(vars(table))


def _table_of_csv(body: bytes) -> RateTable:
    try:
        lines = list(csv.reader(StringIO(body.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused("bad_rates_csv", f"this is no CSV in UTF-8: {error}"[:200]) from None
    head, *rest = [line for line in lines if line] or [[]]
    if head != COLUMNS:
        raise Refused("bad_rates_csv", f"the first line names the columns: {','.join(COLUMNS)}")
    if not rest or any(len(line) != len(COLUMNS) or line[:3] != rest[0][:3] for line in rest):
        raise Refused("bad_rates_csv", "every line has five cells, and the same name, as_of and base as the first")
    name, as_of, base = rest[0][:3]
    rates = {unit: rate for *_, unit, rate in rest}
    if len(rates) != len(rest):
        raise Refused("bad_rates_csv", "each currency stands on one line", "/rates")
    return rate_table_of(name, day(as_of, "/as_of"), base, rates)
