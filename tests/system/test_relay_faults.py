"""kill -9 while facts go out: whoever reads them gets every fact of the log, in its order and once."""

import asyncio
import contextlib
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice

import httpx
import nats.errors
import nats.js.errors
import orjson
import psutil
import psycopg
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from deploy.nats_client import connect_once
from tests.system.business import january, quarter
from tests.system.product import Product, eventually

FACTS_A_KILL = 150
SALES_AT_ONCE = 5
AWAY = (nats.errors.Error, nats.js.errors.Error, TimeoutError, OSError)
VICTIMS = {
    "the relay": ("worker", "relay"),
    "NATS": ("nats-server", "-c"),
    "the postmaster": ("postgres", "-D"),
    "ingest": ("worker", "ingest"),
}


@pytest.mark.timeout(900)
def test_a_reader_gets_every_fact_in_order_and_once_through_kills_at_random_moments(
    hurt: Product, request: pytest.FixtureRequest
) -> None:
    kills = request.config.getoption("--kills")
    chance = random.Random()
    for goal in ("1000.00", "1000000.00"):
        hurt.define(january(goal))

    reader = Reader(hurt)
    with reader.reading():
        with selling(hurt), standing_by(hurt) as standby:
            for number in range(kills):
                reader.waits_for_more(FACTS_A_KILL)
                time.sleep(chance.uniform(0, 0.2))
                for victim in _victims(number, chance):
                    _kill(hurt, victim)
                if number % 3 == 2:
                    standby.killed_and_replaced()
            reader.waits_for_more(FACTS_A_KILL)
        log = eventually(lambda: _positions(hurt), lambda log: len(log) <= len(reader.positions), within_s=60)

    # What is evaluated meanwhile comes behind these.
    assert reader.positions[: len(log)] == log
    assert reader.sequences[: len(log)] == list(range(1, len(log) + 1))
    assert reader.bodies[: len(log)] == list(islice(_told_by_the_api(hurt), len(log)))


class Reader:
    """A client that notes how far it has read, and begins there again whenever it was cut off."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._done = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._read()))
        self.positions: list[int] = []
        self.sequences: list[int] = []
        self.bodies: list[bytes] = []

    @contextmanager
    def reading(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._done.set()
            self._thread.join()

    def waits_for_more(self, facts: int) -> None:
        before = len(self.positions)
        eventually(lambda: len(self.positions), lambda read: read >= before + facts, within_s=60)

    async def _read(self) -> None:
        while not self._done.is_set():
            with contextlib.suppress(*AWAY):
                client = await connect_once(self._product.endpoints["nats"], "a reader")
                try:
                    await self._read_on(client)
                finally:
                    await client.close()
            await asyncio.sleep(0.1)

    async def _read_on(self, client: Client) -> None:
        begin = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self._next_sequence,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=30,
        )
        subscription = await client.jetstream().pull_subscribe("facts.>", stream="EVENTS", config=begin)
        while not self._done.is_set():
            with contextlib.suppress(nats.errors.TimeoutError):
                for message in await subscription.fetch(200, timeout=0.5):
                    if message.metadata.sequence.stream != self._next_sequence:
                        return
                    self._take(message)
            if not client.is_connected:
                return

    @property
    def _next_sequence(self) -> int:
        return self.sequences[-1] + 1 if self.sequences else 1

    def _take(self, message: Msg) -> None:
        self.sequences.append(message.metadata.sequence.stream)
        self.bodies.append(message.data)
        self.positions.append(int((message.headers or {})["ce-id"]))


class Standby:
    """A second relay, which takes over when the first can't."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self.process = product.starting("worker", "relay")

    def killed_and_replaced(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process = self._product.starting("worker", "relay")


@contextmanager
def standing_by(product: Product) -> Iterator[Standby]:
    standby = Standby(product)
    try:
        yield standby
    finally:
        standby.process.terminate()
        assert standby.process.wait(20) == 0


@contextmanager
def selling(product: Product) -> Iterator[None]:
    """Sales come in, a few at a time, and each again until it is accepted."""
    done = threading.Event()

    def sell() -> None:
        sales = iter(quarter(100_000))
        for _ in count():
            some = list(islice(sales, SALES_AT_ONCE))
            while some and not done.is_set():
                with contextlib.suppress(httpx.TransportError):
                    if product.api.post("/v1/sales", json=some).status_code == httpx.codes.OK:
                        break
                time.sleep(0.05)
            if done.is_set() or not some:
                return

    thread = threading.Thread(target=sell)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _victims(number: int, chance: random.Random) -> list[str]:
    """The relay, NATS and PostgreSQL in turn; then any, also two at once."""
    everyone = list(VICTIMS)
    return [everyone[number]] if number < 3 else chance.sample(everyone, chance.choice((1, 1, 2)))


def _kill(product: Product, victim: str) -> None:
    """kill -9 of one process by what it runs; of one that is just dead itself, nothing."""
    for process in product.processes(*VICTIMS[victim]):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.name() != "python" or victim not in ("NATS", "the postmaster"):
                print(f"kill -9 {process.pid}: {victim}, {process.name()}")
                process.send_signal(signal.SIGKILL)
                return


def _positions(product: Product) -> list[int]:
    with psycopg.connect(product.endpoints["database"]) as connection:
        rows = connection.execute("SELECT notification_id FROM milemarker_events ORDER BY notification_id")
        return [row[0] for row in rows]


def _told_by_the_api(product: Product) -> Iterator[bytes]:
    after = 0
    while lines := product.api.get("/v1/events", params={"after": str(after)}).content.splitlines():
        yield from lines
        after = orjson.loads(lines[-1])["position"]
