"""Facts out over real NATS: every fact of the log once, in its order, as a CloudEvent, by one relay of many."""

import asyncio
from typing import Any
from uuid import UUID

import nats
import orjson
import psycopg
import pytest

from deploy.embedded import EmbeddedNats
from projections.facts import tell
from projections.relayed import taking_turn
from projections.store import Store, open_store
from tests.words import active_target, sale
from tests.workers.relaying import (
    ids,
    log_of,
    made_anew,
    read,
    record,
    relaying,
    run,
    store_fact,
    store_many,
    until_published,
)
from workers.cloud_events import cloud_event
from workers.event_stream import EventStream
from workers.subjects import MESSAGE_BYTES_MAX

TARGET = UUID(int=8)


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    """A server whose stream of facts was made just now."""
    asyncio.run(made_anew(nats_server.url))
    return nats_server.url


def test_every_fact_is_published_in_order_and_once(nats_url: str, store: Store) -> None:
    active_target(store.app)

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            await asyncio.to_thread(store_many, store, 1_200)
            for number in range(50):
                await asyncio.to_thread(record, store, sale(f"{number}", "0.01"))
            await asyncio.to_thread(store_many, store, 1_200)
            assert ids(await until_published(client, store)) == log_of(store)

    run(story())


def test_a_fact_is_a_cloud_event_on_the_subject_of_what_it_is_about(nats_url: str, store: Store) -> None:
    target = active_target(store.app)
    record(store, sale("1", "19.99"))

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            messages = await until_published(client, store)
            message = next(one for one in messages if one.subject == f"facts.target.progress_recorded.{target}")
            headers, fact = message.headers or {}, orjson.loads(message.data)
            assert {name: text for name, text in headers.items() if not name.startswith("Nats-")} == {
                "ce-specversion": "1.0",
                "ce-id": str(fact["position"]),
                "ce-type": "milemarker.target.progress_recorded",
                "ce-source": "urn:milemarker",
                "ce-time": fact["recorded_at"],
                "ce-subject": str(target),
                "ce-datacontenttype": "application/json",
                "content-type": "application/json",
            }
            assert list(fact) == ["position", "type", "id", "version", "recorded_at", "by", "data"]
            assert (fact["type"], fact["id"], fact["by"]) == ("target.progress_recorded", str(target), "ingest")
            assert [slot["net"] for slot in fact["data"]["slots"]] == [1999]

    run(story())


def test_a_fact_of_a_checkpoint_goes_under_its_target(nats_url: str, store: Store) -> None:
    store_fact(store, "checkpoint.evaluated", {"target": str(TARGET), "number": 1})
    store_fact(store, "milestone.achieved", {"target": str(TARGET)}, id=UUID(int=9))
    store_fact(store, "checkpoint.settled", {"target": "what. no > id"}, id=UUID(int=10))

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            assert [message.subject for message in await until_published(client, store)] == [
                f"facts.checkpoint.evaluated.{TARGET}",
                f"facts.milestone.achieved.{UUID(int=9)}",
                f"facts.checkpoint.settled.{UUID(int=10)}",
            ]

    run(story())


def test_whole_numbers_of_any_size_stay_what_they_are(nats_url: str, store: Store) -> None:
    store_fact(store, "target.attained", {})
    with psycopg.connect(_url(store)) as connection:
        connection.execute(
            "UPDATE milemarker_events SET state = convert_to(replace(convert_from(state, 'UTF8'), '}', %s), 'UTF8')",
            (f',"total":{10**30 + 1}}}',),
        )

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            (message,) = await until_published(client, store)
            assert f'"data":{{"total":{10**30 + 1}}}' in message.data.decode()

    run(story())


def _url(store: Store) -> str:
    given = store.views.datastore.pool.kwargs
    assert isinstance(given, dict)
    return psycopg.conninfo.make_conninfo(
        **{name: given[name] for name in ("dbname", "host", "port", "user", "password")}
    )


def test_a_fact_too_large_for_a_message_goes_as_a_reference(nats_url: str, store: Store) -> None:
    store_fact(store, "target.defined", {"plan": "x" * 3 * MESSAGE_BYTES_MAX}, id=UUID(int=1))
    store_fact(store, "target.defined", {"plan": "x" * (MESSAGE_BYTES_MAX - 1_000)}, id=UUID(int=2))
    store_fact(store, "target.activated", {}, id=UUID(int=3))

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            large, other, last = await until_published(client, store)
            fact = orjson.loads(large.data)
            assert (fact["data"], fact["reference"]) == (None, "/v1/events?after=0&limit=1")
            assert (large.headers or {})["ce-id"] == "1"
            assert len(orjson.loads(other.data)["data"]["plan"]) == MESSAGE_BYTES_MAX - 1_000
            assert orjson.loads(last.data)["data"] == {}

    run(story())


def test_more_large_facts_than_fit_into_a_batch_are_published_too(nats_url: str, store: Store) -> None:
    for number in range(30):
        store_fact(store, "target.defined", {"plan": "x" * (MESSAGE_BYTES_MAX - 1_000)}, id=UUID(int=number))

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            assert ids(await until_published(client, store)) == log_of(store)

    run(story())


def test_of_many_relays_one_publishes_and_the_next_takes_over(nats_url: str, store: Store, database: str) -> None:
    active_target(store.app)

    async def story() -> None:
        with open_store(database) as second, open_store(database) as third:
            async with relaying(nats_url, store, second, third) as client:
                for round in range(5):
                    for number in range(20):
                        await asyncio.to_thread(record, store, sale(f"{round}-{number}"))
                    await asyncio.to_thread(_cut_off_the_relay, database)
                assert ids(await until_published(client, store)) == log_of(store)

    run(story())


def _cut_off_the_relay(database: str) -> None:
    """End the connection that holds the turn."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def test_a_late_batch_of_an_earlier_relay_is_refused(nats_url: str, store: Store) -> None:
    async def story() -> None:
        client = await nats.connect(nats_url)
        early, late = EventStream(client, lambda: "early"), EventStream(client, lambda: "late")
        active_target(store.app)
        events = await asyncio.to_thread(_events, store)
        assert await early.publish(events[:2], 0) == 2

        for again in (events[:2], events[1:], events[2:]):
            with pytest.raises(nats.js.errors.BadRequestError, match="wrong last sequence"):
                await late.publish(again, 0)
        assert await late.publish(events[2:], 2) == len(events)

        assert ids(await read(client)) == log_of(store)
        await client.close()

    run(story())


def _events(store: Store) -> Any:
    with taking_turn(store) as turn:
        assert turn is not None
        return [cloud_event(tell(fact)) for fact in turn.facts_after(0, 100)]


def test_one_process_has_the_turn_and_gives_it_back(store: Store, database: str) -> None:
    with open_store(database) as other:
        with taking_turn(store) as mine:
            assert mine is not None
            with taking_turn(other) as theirs:
                assert theirs is None
        with taking_turn(other) as theirs:
            assert theirs is not None
