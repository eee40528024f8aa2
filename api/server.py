"""Runs the application on uvicorn until told to stop."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GRACE_S = 5
"""Requests under way have this long to end."""
BACKLOG = 2_048
KEEP_ALIVE_S = 75
TAKEN_WITHIN_S = 20.0
"""A client that has not made room for what it is sent within this is cut off: an answer must not wait for ever."""


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


class _Connection(HttpToolsProtocol):
    """Cuts a client off that reads nothing."""

    taken_within_s: float
    _cut_off: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._cut_off = self.loop.call_later(self.taken_within_s, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._keep()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._keep()

    def _keep(self) -> None:
        if self._cut_off is not None:
            self._cut_off.cancel()
            self._cut_off = None


async def serve(
    app: FastAPI,
    host: str,
    port: int,
    stop: asyncio.Event,
    started: Callable[[int], None] = lambda port: None,
    *,
    taken_within_s: float = TAKEN_WITHIN_S,
) -> None:
    """Serve until `stop` is set, then end the application's streams (`state.end_streams`, where it has some).
    `started` is told the port once connections are taken: with port 0, a free one. taken_within_s: a client that makes
    no room for so long for what it is sent is cut off.

    Raises OSError when the address is taken. Runs on the loop it is called on: give it uvloop's.
    """
    with _bound(host, port) as listening:
        server = _Server(
            uvicorn.Config(
                app,
                http=type("Connection", (_Connection,), {"taken_within_s": taken_within_s}),
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
