"""Runs the application on uvicorn until told to stop."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI

GRACE_S = 5
"""Requests under way have this long to end."""
BACKLOG = 2_048
KEEP_ALIVE_S = 75


class _Server(uvicorn.Server):
    """Signals are whoever runs it to hear. Streams that viewers keep open end first: they would never by themselves."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_streams()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    app: FastAPI,
    host: str,
    port: int,
    stop: asyncio.Event,
    started: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve until `stop` is set, then end the application's streams (`state.end_streams`, where it has some).
    `started` is told the port once connections are taken: with port 0, a free one.

    Raises OSError when the address is taken. Runs on the loop it is called on: give it uvloop's.
    """
    with _bound(host, port) as listening:
        server = _Server(
            uvicorn.Config(
                app,
                http="httptools",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
                timeout_keep_alive=KEEP_ALIVE_S,
                backlog=BACKLOG,
            ),
            getattr(app.state, "end_streams", lambda: None),
        )
        running = asyncio.create_task(server.serve([listening]))
        stopping = asyncio.create_task(stop.wait())
        try:
            while not server.started and not running.done():
                await asyncio.sleep(0.01)
            if server.started:
                started(listening.getsockname()[1])
            await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            server.should_exit = True
            stopping.cancel()
            await running


def _bound(host: str, port: int) -> socket.socket:
    # asyncio sends at once (TCP_NODELAY) only on sockets that say that they are TCP; others wait 40 ms an answer.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
