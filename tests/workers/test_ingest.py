"""Sales in over real NATS: whatever is published counts once, and what can't be taken is told with its reason."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import nats
import orjson
import pytest
from nats.aio.client import Client

from deploy.embedded import EmbeddedNats
from domain.intake import Arrival, Intake
from projections.store import Store, open_store
from projections.untold import Untold, UntoldRefusals
from tests.words import NOW, active_target, sale, total, void
from workers.ingest import run_ingest
from workers.streams import make_room, provision
from workers.telling import tell

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


def test_a_sale_nested_too_deep_to_be_shown_again_stops_nobody(nats_url: str, store: Store) -> None:
    target = active_target(store.app)
    deep = orjson.dumps(sale("deep"))[:-1] + b',"oops":' + b"[" * 300 + b"]" * 300 + b"}"

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            await publish(client, deep, sale("good", "1.00"))
            answer = await request(client, deep)
            assert [one["code"] for one in answer["rejected"]] == ["unknown_field"]
            await until(lambda: total(store.app, target), 100)
            assert {one["code"] for one in await refused(client, 2)} == {"unknown_field"}
            await _until_acknowledged(client)

    run(story())


def test_refusals_that_can_not_be_told_hold_up_nothing_and_are_told_later(nats_url: str, store: Store) -> None:
    target = active_target(store.app)

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            await client.jetstream().delete_stream("REFUSED")
            await publish(client, *(sale(f"bad-{number}") | {"unit": "EUR"} for number in range(300)))
            await request(client, orjson.dumps([sale("asked") | {"unit": "EUR"}]))
            await publish(client, sale("good", "1.00"))
            await until(lambda: total(store.app, target), 100)
            await _until_acknowledged(client)
            await provision(nats_url)
            told = await refused(client, 301)
            assert {one["id"] for one in told} == {"asked", *(f"bad-{number}" for number in range(300))}

    run(story())


def test_a_refusal_larger_than_nats_carries_is_told_without_its_sale_and_holds_up_no_other(nats_url: str) -> None:
    said = {"code": "bad_name", "source": "webshop", "id": "large", "refused_at": "2026-11-23T12:00:00Z"}
    large = orjson.dumps(said | {"sale": "x" * 2**20})
    small = orjson.dumps(said | {"id": "small"})
    untold = [Untold(1, "webshop", f"{uuid4()}", large), Untold(2, "webshop", f"{uuid4()}", small)]

    async def story() -> None:
        await provision(nats_url)
        client = await nats.connect(nats_url)
        await client.jetstream().purge_stream("REFUSED")
        assert await tell(client, untold) == untold
        assert {one["id"] for one in await refused(client, 2)} == {"large", "small"}
        await client.close()

    run(story())


def test_a_request_is_answered_also_when_its_refusals_can_not_be_told(nats_url: str, store: Store) -> None:
    target = active_target(store.app)

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            await client.jetstream().delete_stream("REFUSED")
            for number in range(70):
                answer = await request(client, orjson.dumps([sale("bad") | {"unit": "EUR"}, sale(f"{number}", "1.00")]))
                assert (answer["accepted"], len(answer["rejected"])) == (1, 1)
            await publish(client, *(sale("bad") | {"unit": "EUR"} for _ in range(3)), sale("last", "1.00"))
            await until(lambda: total(store.app, target), 7_100)

    run(story())


def test_a_void_that_lapses_is_told_even_when_its_process_dies_before_it_could(nats_url: str, store: Store) -> None:
    active_target(store.app)
    Intake(store.app, uuid4).record([Arrival([void("v1", "late"), void("v2", "late"), sale("late")])], NOW)

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            (told,) = await refused(client, 1)
            assert (told["id"], told["code"]) == ("v2", "already_void")
            await until(lambda: UntoldRefusals(store.views.datastore).some(10), [])

    run(story())


def test_answers_stay_under_what_nats_carries(nats_url: str, store: Store) -> None:
    active_target(store.app)
    name = "\u2028" * 120
    many = [sale(f"{number}") | {name: 1} for number in range(900)]

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            sources = {"Milemarker-Sources": ",".join(f"source-{number}-{'x' * 40}" for number in range(25))}
            answer = await request(client, orjson.dumps([*many[:500], sale("good")]), None)
            assert (answer["accepted"], len(answer["rejected"])) == (1, 500)
            answer = await request(client, orjson.dumps([sale(f"{number}") for number in range(999)]), sources)
            assert len(answer["rejected"]) == 999

    run(story())


def test_one_commit_takes_about_five_thousand_sales_however_they_come(nats_url: str, store: Store) -> None:
    target = active_target(store.app)
    many = [sale(f"{number}", "0.01") for number in range(20_000)]

    async def story() -> None:
        await provision(nats_url)
        client = await nats.connect(nats_url)
        await client.jetstream().purge_stream("SALES")
        await publish(client, *(many[first : first + 1_000] for first in range(0, 20_000, 1_000)))
        stop = asyncio.Event()
        ingest = asyncio.create_task(run_ingest(nats_url, store, stop))
        await until(lambda: total(store.app, target), 20_000)
        stop.set()
        await ingest
        await client.close()

    run(story())
    with store.views.datastore.cursor() as curs:
        curs.execute(
            "SELECT max(n) AS most FROM (SELECT count(*) AS n FROM milemarker_events GROUP BY xmin::text) AS t"
        )
        row = curs.fetchone()
    assert row is not None
    assert row["most"] <= 2 * 6


def test_acknowledged_sales_make_room_when_the_stream_is_half_full(nats_url: str, store: Store) -> None:
    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            await publish(client, *([sale(f"{n}-{m}") for m in range(100)] for n in range(20)))
            await _until_acknowledged(client)
            jetstream = client.jetstream()
            assert await make_room(jetstream, full_bytes=10**9) == 0
            assert await make_room(jetstream, full_bytes=1_000) == 20
            assert (await jetstream.stream_info("SALES")).state.messages == 0

    run(story())


def test_an_ingest_without_its_consumer_waits_instead_of_asking_all_the_time(nats_url: str, store: Store) -> None:
    target = active_target(store.app)

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            await client.jetstream().delete_consumer("SALES", "ingest")
            asked = 0

            async def count(_: object) -> None:
                nonlocal asked
                asked += 1

            await client.subscribe("$JS.API.CONSUMER.MSG.NEXT.>", cb=count)
            await asyncio.sleep(1.5)
            assert asked < 10
            await provision(nats_url)
            await publish(client, sale("1", "1.00"))
            await until(lambda: total(store.app, target), 100)

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


def test_a_burst_of_refusals_is_told_without_waiting_for_redelivery(nats_url: str, store: Store) -> None:
    target = active_target(store.app)
    bad = [sale(f"{number}") | {"unit": "EUR"} for number in range(2_000)]

    async def story() -> None:
        async with ingesting(nats_url, store) as client:
            for one in bad:
                await client.publish("sales.webshop", orjson.dumps(one))
            await publish(client, sale("good", "1.00"))
            await until(lambda: total(store.app, target), 100)
            await _until_acknowledged(client)
            assert len({one["id"] for one in await refused(client, 2_000)}) == 2_000

    run(story())


def test_a_stopping_ingest_answers_every_record_request_that_it_has_taken(nats_url: str, store: Store) -> None:
    target = active_target(store.app)

    async def story() -> None:
        await provision(nats_url)
        client = await nats.connect(nats_url)
        stop = asyncio.Event()
        working = asyncio.create_task(run_ingest(nats_url, store, stop))
        await request(client, b"[]")
        asked = [
            asyncio.create_task(
                client.request("milemarker.sales.record", orjson.dumps([sale(f"{number}", "1.00")]), 10)
            )
            for number in range(500)
        ]
        await until(lambda: total(store.app, target) > 0, True)
        stop.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        await working
        await client.close()

        taken = [one for one in answers if not isinstance(one, BaseException)]
        refused = [type(one) for one in answers if isinstance(one, BaseException)]
        assert set(refused) <= {nats.errors.NoRespondersError}
        assert all(orjson.loads(one.data)["accepted"] == 1 for one in taken)
        assert total(store.app, target) == len(taken) * 1_00

    run(story())
