"""Sales in over real NATS: whatever is published counts once, and what can't be taken is told with its reason."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import nats
import orjson
import pytest
from nats.aio.client import Client

from deploy.embedded import EmbeddedNats
from projections.store import Store, open_store
from tests.words import active_target, sale, total, void
from workers.ingest import run_ingest
from workers.streams import provision

WITHIN_S = 15.0


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    return nats_server.url


@asynccontextmanager
async def ingesting(nats_url: str, *stores: Store) -> AsyncIterator[Client]:
    """So many ingest processes as there are stores, on streams that nobody has published to yet."""
    await provision(nats_url)
    client = await nats.connect(nats_url)
    for stream in ("SALES", "REFUSED"):
        await client.jetstream().purge_stream(stream)
    stop = asyncio.Event()
    tasks = [asyncio.create_task(run_ingest(nats_url, store, stop)) for store in stores]
    try:
        yield client
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        await client.close()


async def publish(client: Client, *sales: Any, subject: str = "sales.webshop") -> None:
    for one in sales:
        await client.jetstream().publish(subject, one if isinstance(one, bytes) else orjson.dumps(one))


async def until(what: Callable[[], Any], is_: Any) -> None:
    """Waits until this is so, and fails with what was found when it does not become so."""
    deadline = asyncio.get_running_loop().time() + WITHIN_S
    while (found := await asyncio.to_thread(what)) != is_:
        assert asyncio.get_running_loop().time() < deadline, f"found {found}, not {is_}"
        await asyncio.sleep(0.02)


async def refused(client: Client, count: int) -> list[dict[str, Any]]:
    """So many refusals, in the order of their telling."""
    subscription = await client.jetstream().subscribe("refused.>", ordered_consumer=True)
    return [orjson.loads((await subscription.next_msg(timeout=WITHIN_S)).data) for _ in range(count)]


async def request(client: Client, body: bytes, headers: dict[str, str] | None = None) -> dict[str, Any]:
    for _ in range(50):
        try:
            answer = await client.request("milemarker.sales.record", body, timeout=WITHIN_S, headers=headers)
            found: dict[str, Any] = orjson.loads(answer.data)
            return found
        except nats.errors.NoRespondersError:
            await asyncio.sleep(0.1)
    raise AssertionError("nobody answers record requests")


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_a_published_sale_counts_toward_every_target_that_it_matches(nats_url: str, store: Store) -> None:
    company, emea = active_target(store.app), active_target(store.app, scope={"region": ["emea"]})

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            await publish(client, sale("1", "19.99", dimensions={"region": "emea"}), sale("2", "5.00"))
            await until(lambda: (total(store.app, company), total(store.app, emea)), (2499, 1999))

    run(story())


def test_sales_published_one_by_one_in_arrays_and_twice_count_once(nats_url: str, store: Store) -> None:
    target = active_target(store.app)
    many = [sale(f"{number}", "0.01") for number in range(2_000)]

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            await publish(client, *(many[first : first + 500] for first in range(0, 2_000, 500)))
            await publish(client, *many[:100], many[100:200])
            await publish(client, sale("last", "1.00"))
            await until(lambda: total(store.app, target), 2_100)

    run(story())


def test_a_refused_sale_is_told_with_code_and_reason_and_its_neighbours_count(nats_url: str, store: Store) -> None:
    target = active_target(store.app)
    good, number = sale("good", "7.00"), sale("number") | {"amount": 19.99}
    elsewhere = sale("elsewhere") | {"source": "till"}
    broken = b"[" + orjson.dumps(sale("first", "1.00")) + b', {"amount": NaN}, ' + orjson.dumps(good) + b"]"

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            await publish(client, broken, number, elsewhere, b"{half", [sale("good", "8.00")])
            await until(lambda: total(store.app, target), 800)
            told = await refused(client, 5)
            assert {one["code"] for one in told} == {
                "malformed_json",
                "amount_not_text",
                "source_not_allowed",
                "conflict",
            }
            assert next(one for one in told if one["code"] == "conflict")["id"] == "good"

    run(story())


def test_a_record_request_is_answered_after_the_commit_with_every_verdict(nats_url: str, store: Store) -> None:
    target = active_target(store.app)
    body = orjson.dumps([sale("1"), sale("1"), sale("2") | {"unit": "EUR"}, void("3", "1"), sale("4", "2.50")])

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            answer = await request(client, body)
            assert (answer["accepted"], answer["duplicates"]) == (3, 1)
            assert [(one["index"], one["code"]) for one in answer["rejected"]] == [(2, "wrong_unit")]
            assert total(store.app, target) == 250
            assert answer["position"] == store.app.recorder.max_notification_id()

    run(story())


def test_a_sender_writes_its_own_sources_alone(nats_url: str, store: Store) -> None:
    active_target(store.app)

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            lines = orjson.dumps(sale("1")) + b"\n\n" + orjson.dumps(sale("2") | {"source": "till"}) + b"\n{oops"
            headers = {"Milemarker-Sources": "till,kiosk", "Content-Type": "application/x-ndjson"}
            answer = await request(client, lines, headers)
            assert answer["accepted"] == 1
            assert [one["code"] for one in answer["rejected"]] == ["source_not_allowed", "malformed_json"]

    run(story())


def test_a_cloud_event_carries_a_sale(nats_url: str, store: Store) -> None:
    target = active_target(store.app)
    envelope = {"specversion": "1.0", "type": "sale", "id": "e", "source": "/shop", "data": sale("1", "3.00")}

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            await publish(client, envelope)
            await until(lambda: total(store.app, target), 300)

    run(story())


def test_three_ingest_processes_side_by_side_stay_exact(nats_url: str, store: Store, database: str) -> None:
    targets = [active_target(store.app, scope=scope) for scope in ({}, {"region": ["emea"]}, {"region": ["us"]})]
    many = [sale(f"{number}", "1.00", dimensions={"region": "emea" if number % 3 else "us"}) for number in range(3_000)]

    async def story() -> None:
        with open_store(database) as second, open_store(database) as third:
            async with ingesting(nats_url, store, second, third) as client:
                await asyncio.gather(
                    *(
                        publish(client, *(many[at : at + 50] for at in range(first, 3_000, 150)))
                        for first in (0, 50, 100)
                    )
                )
                await publish(client, *([one] for one in many[::10]))
                await until(lambda: _totals(store, targets), [300_000, 200_000, 100_000])
                await _until_acknowledged(client)
                assert _totals(store, targets) == [300_000, 200_000, 100_000]

    run(story())


def _totals(store: Store, targets: list[UUID]) -> list[int]:
    return [total(store.app, one) for one in targets]


async def _until_acknowledged(client: Client) -> None:
    deadline = asyncio.get_running_loop().time() + WITHIN_S
    while True:
        consumer = await client.jetstream().consumer_info("SALES", "ingest")
        if not consumer.num_pending and not consumer.num_ack_pending:
            return
        assert asyncio.get_running_loop().time() < deadline, "messages stay unacknowledged"
        await asyncio.sleep(0.05)
