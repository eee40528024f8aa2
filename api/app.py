"""Puts the HTTP API together: what it needs comes in as parameters, what it opens is closed at the end."""

import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline

from api.auth import Admission, Callers
from api.database import Database
from api.documenting import tell_of_keys
from api.door import Door
from api.health import Health
from api.limits import BodyLimit, RateLimit
from api.metrics import Metrics
from api.problems import answer_problems
from api.sale_reads import SaleReads
from api.sales import Sales
from api.target_parts import TargetParts
from api.target_reads import TargetReads
from api.targets import Targets
from api.writes import Writes
from projections.keys import Keys
from projections.store import Store

RATE = 1_000
THREADS = 4
"""Writers wait for the log's lock one behind another: more threads would only wait too."""

DESCRIPTION = (
    "Targets, sales and what they come to. Amounts are decimal strings, times carry an offset, lists are "
    '`{"items": [...], "next": cursor or null}`. Errors are problem+json (RFC 9457) with a `code`. Every write '
    "answers with Milemarker-Position, and a read with `?min_position=` waits for it."
)


def build_app(
    store: Store,
    *,
    database_url: str,
    nats_url: str,
    tz_version: Callable[[str], str],
    version: str = "0.1.0",
    rate: int = RATE,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    seconds: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """The API. The store stays its caller's to close.

    rate: requests a second that one key may make; tz_version: time zone name -> version of its data;
    clock: the time, in UTC; seconds: a clock that never goes back.
    """
    database, door = Database(database_url), Door(nats_url)
    threads = ThreadPoolExecutor(THREADS, "api")
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Milemarker",
        version=version,
        description=DESCRIPTION,
        lifespan=_lifespan(database, door, threads),
        redirect_slashes=False,
    )
    admission = Admission(Callers(Keys(store.views.datastore), threads, seconds), RateLimit(rate, seconds))
    reads, writes = TargetReads(database), Writes(store.app, threads)
    v1 = APIRouter(prefix="/v1")
    # In order of how often they are asked: routes are tried one after another.
    v1.include_router(Targets(writes, reads, database, clock, tz_version).routes(admission))
    v1.include_router(Sales(door, SaleReads(database, reads), database).routes(admission))
    v1.include_router(TargetParts(reads, database, clock).routes(admission))
    v1.include_router(Metrics(writes, database, clock).routes(admission))
    app.include_router(v1)
    app.include_router(Health(database, door).routes())
    app.add_middleware(BodyLimit)
    answer_problems(app)
    tell_of_keys(app)
    return app


def _lifespan(
    database: Database, door: Door, threads: ThreadPoolExecutor
) -> Callable[[FastAPI], "AsyncExitStack | object"]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            opened.callback(threads.shutdown, wait=False)
            await database.open()
            opened.push_async_callback(database.close)
            await door.open()
            opened.push_async_callback(door.close)
            yield

    return lifespan
