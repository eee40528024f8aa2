"""One part of the product as a process of its own: `python -m tests.bench.process PART DATABASE NATS`.

It says "ready" once all is imported, and begins when it is told to: interpreters that start are not measured.
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial

from deploy.importing import importing
from deploy.running import collect_seldom

with importing():
    import uvloop

    from projections.following import run_projections
    from projections.store import Store, open_store
    from workers.checkpoints import Timing, run_checkpoints
    from workers.ingest import run_ingest

WORKERS: dict[str, Callable[[str, Store, asyncio.Event], Coroutine[None, None, None]]] = {
    "ingest": run_ingest,
    "checkpoints": partial(run_checkpoints, timing=Timing(grace=timedelta(seconds=1))),
}


async def _work(part: str, database: str, nats_url: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with open_store(database) as store:
        _wait_for_start()
        await WORKERS[part](nats_url, store, stop)


def _project(database: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with open_store(database) as store:
        _wait_for_start()
        run_projections(store, stop)


def _wait_for_start() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    collect_seldom()
    part, database, nats_url = sys.argv[1:]
    if part in WORKERS:
        uvloop.run(_work(part, database, nats_url))
    else:
        _project(database)
