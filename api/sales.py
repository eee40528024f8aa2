"""Sales over HTTP: in by the thousands, and what became of each."""

from typing import Any

from fastapi import Request, Response

from api.auth import caller_of
from api.bodies import answer, body_of
from api.database import Database
from api.documenting import MinPosition, answers
from api.door import NDJSON, Door, IngestUnavailable
from api.problems import Problem, unavailable
from api.routes import Routes
from api.sale_bodies import Posted, posted
from api.sale_reads import SaleReads

SALE = {
    "source": "webshop",
    "id": "ord-1001",
    "metric": "revenue",
    "amount": "19.99",
    "unit": "USD",
    "occurred_at": "2026-11-06T15:04:05-05:00",
    "dimensions": {"region": "emea", "rep": "ana"},
}
REFUND = SALE | {"id": "ret-7", "kind": "refund", "corrects": "ord-1001"}
VOID = {
    "source": "webshop",
    "id": "void-1",
    "kind": "void",
    "corrects": "ord-1001",
    "occurred_at": "2026-11-07T09:00:00-05:00",
}
CORRECTION = SALE | {"id": "fix-1", "kind": "correction", "corrects": "ord-1001", "amount": "18.50"}
SALE_SCHEMA = {
    "type": "object",
    "required": ["source", "id", "occurred_at"],
    "additionalProperties": False,
    "properties": {
        "source": {"type": "string", "description": "Who publishes it: lower-case letters, digits, - and _, up to 64"},
        "id": {"type": "string", "description": "The source's own id, 1 to 128 characters: it counts once for ever"},
        "kind": {
            "enum": ["sale", "refund", "void", "correction", "measurement"],
            "default": "sale",
            "description": "A refund subtracts. A void takes back the sale that `corrects` names and needs only "
            "source, id, corrects and occurred_at; a correction replaces it and carries all the right values. One that "
            "names a sale not yet seen waits for it. A measurement is a level and adds nothing to a sum",
        },
        "metric": {"type": "string", "description": "What is counted, such as revenue; its first use fixes its unit"},
        "amount": {"type": "string", "description": 'Decimal text such as "19.99", zero or more'},
        "unit": {"type": "string", "description": "An ISO 4217 currency such as USD, or a name such as pieces"},
        "occurred_at": {"type": "string", "format": "date-time", "description": "With an offset; decides the period"},
        "dimensions": {
            "type": "object",
            "maxProperties": 16,
            "additionalProperties": {"type": "string"},
            "description": "What scopes match by, such as region",
        },
        "corrects": {"type": "string", "description": "The id, of the same source, that this one is for"},
        "credit": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["rep", "bps"],
                "properties": {"rep": {"type": "string"}, "bps": {"type": "integer", "minimum": 1, "maximum": 10_000}},
            },
            "description": "How the sale is split, in basis points that add up to at most 10,000",
        },
    },
}
RECORDED = {
    "position": 1234,
    "accepted": 2,
    "duplicates": 1,
    "rejected": [
        {
            "index": 3,
            "source": "webshop",
            "id": "ord-1004",
            "code": "amount_not_text",
            "detail": 'an amount is a decimal string such as "19.99", not a number',
            "field": "/amount",
        }
    ],
}
FOUND = {
    "source": "webshop",
    "id": "ord-1001",
    "position": 1234,
    "recorded_at": "2026-11-06T20:04:06Z",
    "state": "counted",
    "sale": SALE | {"kind": "sale", "occurred_at": "2026-11-06T20:04:05Z"},
    "root": "ord-1001",
    "latest": "ord-1001",
    "counts_toward": [{"target": "8a1c...", "name": "November revenue", "amount": "19.99"}],
}
TAKES = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"anyOf": [SALE_SCHEMA, {"type": "array", "maxItems": 5_000, "items": SALE_SCHEMA}]},
                "examples": {
                    "one": {"value": SALE},
                    "many": {"value": [SALE, SALE | {"id": "ord-1002"}]},
                    "a refund": {"value": REFUND},
                    "a void": {"value": VOID},
                    "a correction": {"value": CORRECTION},
                },
            },
            NDJSON: {"schema": {"type": "string"}},
        },
    }
}


class Sales:
    def __init__(self, door: Door, reads: SaleReads, database: Database) -> None:
        self._door = door
        self._reads = reads
        self._database = database

    def add_to(self, routes: Routes) -> None:
        routes.add(
            "POST /sales",
            self.record,
            "Record one sale, an array, or NDJSON; up to 5,000",
            roles=("publisher", "admin"),
            answers=answers(RECORDED),
            body=TAKES,
        )
        routes.add(
            "GET /sales/{source}/{sale_id:path}",
            self.find,
            "Where and when a sale counted, toward what",
            roles=("publisher", "manager", "auditor", "admin"),
            answers=answers(FOUND, 404),
        )

    async def record(self, request: Request) -> Response:
        """Answers after the last commit. The good ones count even when others are refused. `index` is the place in
        the array, or among the lines that are not blank, from 0. Parts of up to 1,000 sales are committed in turn:
        after a 503 some may be recorded, and sending the same again is safe, for each counts once."""
        ndjson = request.headers.get("content-type", "").partition(";")[0].strip().lower() == NDJSON
        told = await posted(await body_of(request), ndjson=ndjson)
        recorded = await self._record(told, caller_of(request).sources)
        return answer(recorded, recorded["position"])

    async def _record(self, told: Posted, sources: tuple[str, ...] | None) -> dict[str, Any]:
        position, accepted, duplicates, sent = 0, 0, 0, 0
        rejected = list(told.rejected)
        for part in told.parts():
            try:
                reply = await self._door.record([text for _, text in part], sources)
            except IngestUnavailable as error:
                raise _unavailable(str(error), sent, len(told.sales)) from None
            position = max(position, reply["position"])
            accepted += reply["accepted"]
            duplicates += reply["duplicates"]
            rejected += (one | {"index": part[one["index"]][0]} for one in reply["rejected"])
            sent += len(part)
        rejected.sort(key=lambda one: one["index"])
        return {"position": position, "accepted": accepted, "duplicates": duplicates, "rejected": rejected}

    async def find(self, request: Request, source: str, sale_id: str, min_position: MinPosition = None) -> Response:
        """`state`: counted, waiting (what it names has not come yet), lapsed (it no longer applied when that came),
        applied (a void), void or corrected (by `latest`), recorded (a measurement). `counts_toward` is what `latest`
        counts toward now. A waiting one has no `latest`. A publisher
        sees the sources that it may write."""
        caller = caller_of(request)
        if caller.sources is not None and source not in caller.sources:
            raise Problem(403, "source_not_allowed", f"this key is for {', '.join(caller.sources)}")
        await self._database.wait_for(("statuses", "plans"), min_position)
        found = await self._reads.find(source, sale_id)
        if found is None:
            raise Problem(404, "unknown_sale", "no sale of this source and id is recorded")
        return answer(found)


def _unavailable(reason: str, sent: int, sales: int) -> Problem:
    before = f"the first {sent} of {sales} are dealt with; " if sent else ""
    return unavailable(
        "ingest_unavailable", f"{reason}; {before}send the same again: that is safe, each sale counts once"
    )
