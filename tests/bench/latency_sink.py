"""A webhook's other side that stamps each arrival: `python -m tests.bench.latency_sink`. Its first line is its port.

It accepts at once, by raw protocol: what it costs is little and the same for all. At the end (SIGTERM) it tells all
arrivals, one JSON line: target -> seconds since the epoch.
"""

import asyncio
import signal
import sys
import time

import orjson

ACCEPTED = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


async def main() -> None:
    arrived: dict[str, float] = {}

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        body = await reader.readexactly(length)
        at = time.time()
        writer.write(ACCEPTED)
        await writer.drain()
        writer.close()
        arrived.setdefault(orjson.loads(body)["data"]["target"]["id"], at)

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with await asyncio.start_server(accept, "127.0.0.1", 0, backlog=256) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await stop.wait()
    sys.stdout.write(orjson.dumps(arrived).decode() + "\n")


if __name__ == "__main__":
    asyncio.run(main())
