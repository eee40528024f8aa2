"""An HTTP server to read from: `python -m tests.bench.reading_server WHAT [DATABASE NATS]`. Its first line is its port.

WHAT is "status", the product's API, or "empty", a FastAPI application with a route that does nothing; both are run by
`api.server.serve` on uvloop, with the garbage collector as in production.
"""

import asyncio
import signal
import sys

from deploy.importing import importing
from deploy.running import collect_seldom

with importing():
    import uvloop
    from fastapi import FastAPI

    from api.app import build_app
    from api.server import serve
    from api.webhooks import Webhooks
    from projections.store import open_store

RATE = 1_000_000_000


async def _serve(app: FastAPI) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve(app, "127.0.0.1", 0, stop, lambda port: print(port, flush=True))


def _empty() -> FastAPI:
    app = FastAPI()

    @app.get("/v1/targets/{target_id}")
    async def show(target_id: str) -> dict[str, str]:
        return {"id": target_id}

    return app


async def _nowhere(host: str, port: int) -> list[str]:
    raise OSError(f"{host}:{port} is not looked up here")


def main(what: str, database: str, nats_url: str) -> None:
    if what == "empty":
        uvloop.run(_serve(_empty()))
        return
    with open_store(database) as store:
        app = build_app(
            store,
            database_url=database,
            nats_url=nats_url,
            tz_version=lambda _: "2026a",
            webhooks=Webhooks(_nowhere),
            rate=RATE,
        )
        uvloop.run(_serve(app))


if __name__ == "__main__":
    collect_seldom()
    main(*[*sys.argv[1:], "", ""][:3])
