"""Sales over HTTP: in by the thousands, and what became of each."""

from typing import Annotated, Any

from fastapi import Path, Request, Response

from api.auth import caller_of
from api.bodies import answer, body_of
from api.database import Database
from api.documentation.sale_answers import SALES
from api.documentation.sale_examples import CORRECTION, FOUND, RECORDED, REFUND, SALE, VOID
from api.documentation.schemas import named
from api.documenting import WRITTEN, MinPosition, answers
from api.door import NDJSON, Door, IngestUnavailable
from api.problems import Problem, unavailable
from api.routes import Routes
from api.sale_bodies import Posted, posted
from api.sale_reads import SaleReads

SourceName = Annotated[str, Path(description="Who published it", examples=["webshop"])]
SaleId = Annotated[str, Path(description="The source's own id, as it was sent", examples=["ord-1001"])]
TAKES = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": SALES,
                "examples": {
                    "one": {"value": SALE},
                    "many": {"value": [SALE, SALE | {"id": "ord-1002"}]},
                    "a refund": {"value": REFUND},
                    "a void": {"value": VOID},
                    "a correction": {"value": CORRECTION},
                },
            },
            NDJSON: {"schema": named("Sale", "One a line: each line is one of these"), "example": SALE},
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
            answers=answers(RECORDED, schema="Recorded", headers=WRITTEN),
            body=TAKES,
        )
        routes.add(
            "GET /sales/{source}/{sale_id:path}",
            self.find,
            "Where and when a sale counted, toward what",
            roles=("publisher", "manager", "auditor", "admin"),
            answers=answers(FOUND, 404, schema="SaleFound"),
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

    async def find(
        self, request: Request, source: SourceName, sale_id: SaleId, min_position: MinPosition = None
    ) -> Response:
        """`state`: counted, waiting (what it names has not come yet), lapsed (it no longer applied when that came),
        applied (a void), void or corrected (by `latest`), recorded (a measurement). `counts_toward` is what `latest`
        counts toward now: how much of it, and when. A waiting one has no `latest`. A publisher sees the sources that
        it may write."""
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
