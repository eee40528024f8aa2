"""Checkpoints of the running product, by its own clock: each is evaluated once, whatever was down meanwhile."""

import asyncio
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import nats
import orjson
import pytest

from tests.system.product import Product, eventually

PROMPT_S = 5.0
ACK_WAIT_S = 4.0
"""In the product it is 20 s: so long the sales wait that an ingest took with it when it was killed."""

pytestmark = pytest.mark.xdist_group("prompt")


@pytest.fixture(scope="module")
def prompt() -> Iterator[Product]:
    """A product of these tests' own that evaluates one second after a cut-off. Each has a metric of its own."""
    parent = Path(mkdtemp(prefix="mm-up-"))
    product = Product(parent / "data")
    product.environment["MILEMARKER_CHECKPOINT_GRACE"] = "1"
    yield product.start()
    code, said = product.stop(), product.output()
    shutil.rmtree(parent, ignore_errors=True)
    assert code == 0, said


def due_in(product: Product, metric: str, *seconds: float) -> tuple[str, list[datetime]]:
    """A target whose checkpoints are so many seconds ahead, and their cut-offs."""
    now = datetime.now(UTC)
    cutoffs = [now + timedelta(seconds=one) for one in seconds]
    target = product.define(
        {
            "name": "This week's revenue",
            "metric": metric,
            "unit": "USD",
            "goal": "1000.00",
            "start": str(now.date() - timedelta(days=1)),
            "end": str(now.date() + timedelta(days=2)),
            "time_zone": "UTC",
            "checkpoints": [one.isoformat() for one in cutoffs],
            "activate": True,
        }
    )
    return target, cutoffs


def evaluated(product: Product, target: str) -> list[dict[str, Any]]:
    return product.facts(target, "checkpoint.evaluated")


def wait_for(instant: datetime) -> None:
    time.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))


def test_a_checkpoint_is_evaluated_within_seconds_and_one_missed_while_all_was_down_at_the_start(
    prompt: Product,
) -> None:
    target, cutoffs = due_in(prompt, "seen", 5, 15)
    prompt.api.post("/v1/sales", json=sold("seen", "before", "300.00")).raise_for_status()
    other = prompt.starting("worker", "checkpoints")

    (first,) = eventually(lambda: evaluated(prompt, target), bool)
    recorded_at = datetime.fromisoformat(first["recorded_at"])
    assert timedelta(seconds=1) <= recorded_at - cutoffs[0] < timedelta(seconds=PROMPT_S)
    assert (first["data"]["actual"], first["data"]["complete"]) == (300_00, True)

    other.terminate()
    assert other.wait(20) == 0
    assert prompt.stop() == 0
    shutil.rmtree(prompt.directory / "nats")
    wait_for(cutoffs[1] + timedelta(seconds=2))
    prompt.start()

    eventually(lambda: evaluated(prompt, target), lambda facts: len(facts) == 2)
    time.sleep(3)
    assert [one["data"]["number"] for one in evaluated(prompt, target)] == [1, 2]
    shown = prompt.api.get(f"/v1/targets/{target}/checkpoints").json()["items"]
    assert [one["state"] for one in shown] == ["provisional", "provisional", "pending"]


def test_sales_published_while_ingest_was_away_are_in_the_one_verdict(prompt: Product) -> None:
    target, cutoffs = due_in(prompt, "published", 4)
    asyncio.run(redeliver_after(prompt, ACK_WAIT_S))
    (ingest,) = prompt.processes("worker", "ingest")
    ingest.send_signal(signal.SIGSTOP)
    publish(prompt, [sold("published", f"published-{number}", "10.00") for number in range(100)])

    wait_for(cutoffs[0] + timedelta(seconds=3))
    assert evaluated(prompt, target) == []
    ingest.kill()

    (fact,) = eventually(lambda: evaluated(prompt, target), bool)
    assert (fact["data"]["actual"], fact["data"]["complete"], fact["data"]["status"]) == (1_000_00, True, "on_track")


def sold(metric: str, id: str, amount: str) -> dict[str, Any]:
    return {
        "source": "webshop",
        "id": id,
        "metric": metric,
        "amount": amount,
        "unit": "USD",
        "occurred_at": datetime.now(UTC).isoformat(),
    }


async def redeliver_after(product: Product, seconds: float) -> None:
    """What an ingest has taken and not acknowledged goes to another after this."""
    client = await nats.connect(product.endpoints["nats"])
    jetstream = client.jetstream()
    config = (await jetstream.consumer_info("SALES", "ingest")).config
    await jetstream.add_consumer("SALES", replace(config, ack_wait=seconds))
    await client.close()


def publish(product: Product, sales: list[dict[str, Any]]) -> None:
    async def story() -> None:
        client = await nats.connect(product.endpoints["nats"])
        for one in sales:
            await client.jetstream().publish("sales.webshop", orjson.dumps(one))
        await client.close()

    asyncio.run(story())
