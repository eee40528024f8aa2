"""kill -9 of delivery while it sends: nothing is lost, and a kill costs at most one more send of what was under way."""

import asyncio
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from deploy.embedded import EmbeddedNats
from domain.delivery.delivering import PER_ENDPOINT_MAX
from projections.store import Store
from tests.notifying import leases_run_out, life, queued, rows, subscribed
from tests.sink import Sink, sink
from tests.system.product import MILEMARKER, eventually
from workers.streams import provision

ENDPOINTS = 3
MESSAGES = 300
PAUSE_S = 0.05


@contextmanager
def worker(database: str, nats_url: str, retry: str = "0,0.1,0.1") -> Iterator[subprocess.Popen[bytes]]:
    """`milemarker worker delivery` as production runs it; killed at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MILEMARKER_", "POSTGRES_"))}
    said = {"MILEMARKER_WEBHOOK_RETRY": retry, "MILEMARKER_WEBHOOK_ALLOW_LOOPBACK": "true"}
    process = subprocess.Popen(
        [*MILEMARKER, "worker", "delivery"],
        env=kept | said | {"DATABASE_URL": database, "NATS_URL": nats_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    asyncio.run(provision(nats_server.url))
    return nats_server.url


def test_nothing_is_lost_and_little_sent_twice_when_delivery_is_killed_while_it_sends(
    store: Store, database: str, nats_url: str
) -> None:
    chance, killed = random.Random(), 0
    with sink() as side:
        side.pause_s = PAUSE_S
        endpoints = [subscribed(store, f"{side.url}/{number}") for number in range(ENDPOINTS)]
        ids = [queued(store, endpoints[number % ENDPOINTS], number) for number in range(1, MESSAGES + 1)]
        for _ in range(3):
            with worker(database, nats_url):
                enough = len(side.got) + chance.randint(1, 20)
                eventually(lambda: len(side.got), lambda got, enough=enough: got >= enough)  # type: ignore[misc]
            killed += 1
            leases_run_out(store)
        # Held: these have reached the other side, and their process will never hear that they did.
        side.holding.clear()
        with worker(database, nats_url):
            before = len(side.got)
            eventually(lambda: len(side.got), lambda got: got >= before + PER_ENDPOINT_MAX)
        killed += 1
        side.holding.set()
        leases_run_out(store)
        with worker(database, nats_url), worker(database, nats_url):
            eventually(lambda: rows(store), lambda left: left == [], within_s=60)

    _each_arrived(side, ids, killed)
    assert all(life(store, one)[-1] == "delivered" for one in ids)
    assert all(life(store, one).count("delivered") == 1 for one in ids)


def test_told_to_stop_it_records_what_it_has_sent(store: Store, database: str, nats_url: str) -> None:
    with sink(held=True) as side:
        one = queued(store, subscribed(store, side.url))
        with worker(database, nats_url) as process:
            eventually(lambda: len(side.got), lambda got: got == 1)
            process.terminate()
            time.sleep(1)
            side.holding.set()
            assert process.wait(20) == 0

    assert life(store, one) == ["queued", "sending", "delivered"]
    assert rows(store) == []


def _each_arrived(side: Sink, ids: list[UUID], killed: int) -> None:
    times = Counter(side.ids())
    assert set(times) == {str(one) for one in ids}
    assert max(times.values()) <= 1 + killed
    assert sum(times.values()) - len(ids) <= killed * ENDPOINTS * PER_ENDPOINT_MAX
