"""One part of the product as a process of its own: `python -m tests.bench.process ingest|project DATABASE NATS`."""

import asyncio
import signal
import sys
import threading

from projections.following import run_projections
from projections.store import open_store
from workers.ingest import run_ingest


async def _ingest(database: str, nats_url: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with open_store(database) as store:
        await run_ingest(nats_url, store, stop)


def _project(database: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with open_store(database) as store:
        run_projections(store, stop)


if __name__ == "__main__":
    part, database, nats_url = sys.argv[1:]
    if part == "ingest":
        asyncio.run(_ingest(database, nats_url))
    else:
        _project(database)
