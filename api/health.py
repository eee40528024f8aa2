"""Whether this process lives, and whether it can do its work: for machines, without a key."""

import psycopg
from fastapi import APIRouter, Response

from api.bodies import answer
from api.database import Database
from api.door import Door
from api.problems import Problem
from projections.views import VIEWS

TABLES = (
    "milemarker_events",
    "sale_identities",
    "api_keys",
    "browser_sessions",
    "view_positions",
    *(view.name for view in VIEWS),
)


class Health:
    def __init__(self, database: Database, door: Door) -> None:
        self._database = database
        self._door = door

    def add_to(self, router: APIRouter) -> None:
        add, tags = router.add_api_route, ["health"]
        add("/healthz", self.alive, methods=["GET"], summary="The process is alive", tags=tags)  # type: ignore[arg-type]
        add("/readyz", self.ready, methods=["GET"], summary="It can do its work; 503 says what is missing", tags=tags)  # type: ignore[arg-type]

    async def alive(self) -> Response:
        return answer({"status": "alive"})

    async def ready(self) -> Response:
        missing = [one for one in (await self._database_missing(), self._nats_missing()) if one]
        if missing:
            raise Problem(503, "not_ready", "; ".join(missing), headers={"Retry-After": "1"})
        return answer({"status": "ready"})

    async def _database_missing(self) -> str | None:
        try:
            rows = await self._database.rows(
                "SELECT t FROM unnest(%s::text[]) AS t WHERE to_regclass(t) IS NULL", (list(TABLES),)
            )
        except (psycopg.Error, TimeoutError):
            return "the database does not answer"
        return f"the database lacks {', '.join(row[0] for row in rows)}: run milemarker migrate" if rows else None

    def _nats_missing(self) -> str | None:
        return None if self._door.connected else "there is no connection to NATS"
