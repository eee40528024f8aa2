"""The whole log: every fact in its order, one a line, for auditors and other systems."""

from collections.abc import AsyncIterator, Sequence

from fastapi import Response
from fastapi.responses import StreamingResponse

from api.database import Database
from api.documentation.schemas import named
from api.documentation.target_examples import FACT
from api.documenting import LIMIT_MAX, AfterPosition, Limit, answers_with
from api.routes import Routes
from projections.facts import FACTS_AFTER, StoredFact, ToldFact, tell

NDJSON = "application/x-ndjson"
PAGE = 100


class Events:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add_to(self, routes: Routes) -> None:
        line = named("Fact", "One a line: each line is one of these")
        routes.add(
            "GET /events",
            self.events,
            "Every fact in order, one a line (NDJSON)",
            roles=("auditor", "admin"),
            answers=answers_with(NDJSON, FACT, line),
        )

    async def events(self, after: AfterPosition = 0, limit: Limit = LIMIT_MAX) -> Response:
        """As the log has them: amounts are whole numbers of minor units. Ask again `after` the position of the last
        line, until there is none."""
        # The first are read before anything is answered: a database that is away is still a problem then.
        first = await self._page(after, limit)
        return StreamingResponse(self._lines(first, limit), media_type=NDJSON)

    async def _lines(self, page: Sequence[ToldFact], limit: int) -> AsyncIterator[bytes]:
        while page:
            yield b"".join(fact.body + b"\n" for fact in page)
            limit -= len(page)
            page = await self._page(page[-1].position, limit) if limit else []

    async def _page(self, after: int, limit: int) -> list[ToldFact]:
        rows = await self._database.rows(FACTS_AFTER, (after, min(limit, PAGE)))
        return [tell(StoredFact(*row)) for row in rows]
