"""Many browsers' connections to one live stream: `python -m tests.bench.viewers_watching PORT PATH KEY COUNT`.

It says "ready" once each is connected and answered, and at its end, one JSON line, how many events and bytes came in.
"""

import asyncio
import signal
import sys
from typing import cast

import orjson

ANSWERED_WITHIN_S = 60.0


class Viewer(asyncio.Protocol):
    """One connection that asks for the stream and counts what comes."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.answered = asyncio.Event()
        self.events = 0
        self.bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.WriteTransport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.answered.is_set():
            assert data.startswith(b"HTTP/1.1 200 "), data[:200]
            self.answered.set()
        self.events += data.count(b"event: ")
        self.bytes += len(data)


async def main(port: int, path: str, key: str, count: int) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    viewers = []
    async with asyncio.timeout(ANSWERED_WITHIN_S):
        for _ in range(count):
            _, viewer = await loop.create_connection(lambda: Viewer(request), "127.0.0.1", port)
            await viewer.answered.wait()
            viewers.append(viewer)
    before = sum(one.events for one in viewers), sum(one.bytes for one in viewers)
    print("ready", flush=True)
    await stop.wait()
    came = {
        "events": sum(one.events for one in viewers) - before[0],
        "bytes": sum(one.bytes for one in viewers) - before[1],
        "fewest_events": min(one.events for one in viewers),
    }
    print(orjson.dumps(came).decode(), flush=True)


if __name__ == "__main__":
    import uvloop

    port, path, key, count = sys.argv[1:]
    uvloop.run(main(int(port), path, key, int(count)))
