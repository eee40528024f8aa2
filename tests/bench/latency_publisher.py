"""A shop that sells steadily: `python -m tests.bench.latency_publisher NATS RATE MEASURED EVERY_S REPS`.

RATE sales a second toward the reps' targets, each a message of its own; among them every EVERY_S seconds one that
attains a target of its own. At the end it tells when each of those was acknowledged, one JSON line: number ->
[published, acknowledged], in seconds since the epoch.
"""

import asyncio
import random
import sys
import time
from datetime import UTC, datetime
from uuid import uuid4

import nats
import orjson
from nats.aio.client import Client

TICK_S = 0.005
ACKNOWLEDGED_WITHIN_S = 60.0
WARM_S = 5.0
"""Sales before the first that is measured."""


async def main(url: str, rate: int, measured: int, every_s: float, reps: int) -> None:
    client = await nats.connect(url)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    selling = asyncio.create_task(_sell(client, rate, reps))
    await asyncio.sleep(WARM_S)
    asked = [asyncio.create_task(_attain(client, number, every_s)) for number in range(measured)]
    told = await asyncio.gather(*asked)
    # The last notifications go out under the same load.
    await asyncio.sleep(2)
    selling.cancel()
    await client.flush()
    print(orjson.dumps(dict(told)).decode(), flush=True)
    await client.close()


async def _sell(client: Client, rate: int, reps: int) -> None:
    """Late ticks are made good: so many a second, whatever the machine does beside."""
    run, began, sold = uuid4().hex[:8], time.monotonic(), 0
    while True:
        due = int((time.monotonic() - began) * rate)
        for number in range(sold, due):
            await client.publish("sales.webshop", _sale(f"{run}-{number}", f"rep-{number * 7919 % reps}"))
        sold = due
        await asyncio.sleep(TICK_S)


async def _attain(client: Client, number: int, every_s: float) -> tuple[str, tuple[float, float]]:
    # Not in step with anything that polls.
    await asyncio.sleep(every_s * (number + random.Random(number).random()))
    published = time.time()
    jetstream = client.jetstream(timeout=ACKNOWLEDGED_WITHIN_S)
    await jetstream.publish("sales.webshop", _sale(f"attains-{number}", f"attains-{number}"))
    return str(number), (published, time.time())


def _sale(named: str, rep: str) -> bytes:
    return orjson.dumps(
        {
            "source": "webshop",
            "id": named,
            "metric": "revenue",
            "amount": "12.34",
            "unit": "USD",
            "occurred_at": datetime.now(UTC).isoformat(),
            "dimensions": {"region": "r1", "rep": rep},
        }
    )


if __name__ == "__main__":
    nats_url, per_second, how_many, pause_s, sellers = sys.argv[1:]
    asyncio.run(main(nats_url, int(per_second), int(how_many), float(pause_s), int(sellers)))
