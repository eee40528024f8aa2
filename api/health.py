"""Whether this process lives, and whether it can do its work: for machines, without a key."""

from enum import Enum
from typing import Any

import psycopg
from fastapi import APIRouter, Response

from api.bodies import answer
from api.database import Database
from api.documentation.schemas import named
from api.door import Door
from api.problems import Problem
from projections.views import VIEWS

TAGS: list[str | Enum] = ["health"]
TABLES = (
    "milemarker_events",
    "sale_identities",
    "api_keys",
    "browser_sessions",
    "view_positions",
    "view_versions",
    *(view.name for view in VIEWS),
)


class Health:
    def __init__(self, database: Database, door: Door) -> None:
        self._database = database
        self._door = door

    def add_to(self, router: APIRouter) -> None:
        alive, ready = _says("alive"), _says("ready")
        missing: dict[int | str, dict[str, Any]] = {503: {"$ref": "#/components/responses/Problem503"}}
        router.add_api_route(
            "/healthz", self.alive, methods=["GET"], summary="The process is alive", tags=TAGS, responses=alive
        )
        router.add_api_route(
            "/readyz", self.ready, methods=["GET"], summary="It can do its work", tags=TAGS, responses=ready | missing
        )

    async def alive(self) -> Response:
        """For whoever restarts what does not answer. No key is needed."""
        return answer({"status": "alive"})

    async def ready(self) -> Response:
        """For whoever sends requests here or elsewhere; 503 says what is missing. No key is needed."""
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


def _says(status: str) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"schema": named("Health"), "example": {"status": status}}}
    return {200: {"description": "It is", "content": content}}
