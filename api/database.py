"""Reads: an asynchronous pool of its own, one statement at a time, tried again once when the database was away."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from api.problems import unavailable
from domain.metric import Metric

CONNECTIONS_MAX = 4
STATEMENT_WITHIN_S = 10.0
CONNECTION_WITHIN_S = 5.0
POLL_S = 0.02
BEHIND_AFTER_S = 5.0
AGAIN = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.UndefinedTable)
"""A connection that broke, or a view that was just swapped for its rebuilt self."""

Row = tuple[Any, ...]
Parameters = Sequence[Any] | Mapping[str, Any]


async def _configure(connection: AsyncConnection[Row]) -> None:
    # Every statement finds its rows by a key: a plan of its own for each execution costs more than it brings.
    await connection.execute("SET plan_cache_mode = force_generic_plan")


class Database:
    def __init__(self, database_url: str) -> None:
        self._pool = AsyncConnectionPool(
            database_url,
            open=False,
            min_size=1,
            max_size=CONNECTIONS_MAX,
            timeout=CONNECTION_WITHIN_S,
            kwargs={"autocommit": True, "application_name": "milemarker api"},
            configure=_configure,
            name="api",
        )

    async def open(self) -> None:
        """Begin to connect. A database that is away is waited for by whoever asks it something."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close()

    async def rows(self, statement: str, parameters: Parameters = ()) -> list[Row]:
        """Every row of one statement. psycopg.Error or TimeoutError when the database stays away."""
        async with asyncio.timeout(STATEMENT_WITHIN_S):
            try:
                return await self._rows(statement, parameters)
            except (psycopg.errors.QueryCanceled, PoolTimeout):
                raise
            except AGAIN:
                # The other idle connections broke with this one.
                await self._pool.check()
                return await self._rows(statement, parameters)

    async def _rows(self, statement: str, parameters: Parameters) -> list[Row]:
        connection = await self._pool.getconn()
        try:
            cursor = await connection.execute(statement.encode(), parameters, prepare=True, binary=True)
            return await cursor.fetchall()
        finally:
            await self._pool.putconn(connection)

    async def metrics(self, names: Sequence[str] | None = None) -> dict[str, Metric]:
        """The metrics there are, by name; or those of these names."""
        named = None if names is None else list(names)
        rows = await self.rows(
            "SELECT name, unit, exponent FROM metrics WHERE %s::text[] IS NULL OR name = ANY(%s) ORDER BY name",
            (named, named),
        )
        return {row[0]: Metric(*row) for row in rows}

    async def view_positions(self) -> list[Row]:
        """How far each view has followed the log."""
        return await self.rows("SELECT application_name, notification_id FROM view_positions ORDER BY 1")

    async def reached(self, views: Sequence[str], position: int, within_s: float) -> bool:
        """Whether these views have followed the log up to this position, waiting so long for them."""
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            rows = await self.rows(
                "SELECT count(*) FROM view_positions WHERE application_name = ANY(%s) AND notification_id >= %s",
                (list(views), position),
            )
            if rows[0][0] == len(views):
                return True
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(POLL_S)

    async def wait_for(self, views: Sequence[str], min_position: int | None) -> None:
        """What ?min_position= asks for; a Problem (503, behind) when a view does not get there in 5 seconds."""
        if min_position is not None and not await self.reached(views, min_position, BEHIND_AFTER_S):
            raise unavailable("behind", f"what you ask for has not reached position {min_position} yet: ask again")
