"""Where a relay goes on: after restarts, in new, emptied and strange streams, and when NATS was away."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import nats
import pytest
from nats.aio.client import Client

from deploy.embedded import EmbeddedNats
from projections.relayed import Mark
from projections.store import Store
from tests.words import active_target, sale
from tests.workers.relaying import (
    WITHIN_S,
    ids,
    log_of,
    made_anew,
    read,
    record,
    relaying,
    run,
    until_published,
)
from workers import relay
from workers.event_stream import Seen
from workers.relay import begin_after
from workers.streams import provision


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    """A server whose stream of facts was made just now."""
    asyncio.run(made_anew(nats_server.url))
    return nats_server.url


@pytest.fixture
def own_nats(servers_directory: Path) -> Iterator[EmbeddedNats]:
    """A server that the test may stop."""
    directory = servers_directory / f"nats-{uuid4().hex[:8]}"
    directory.mkdir()
    with EmbeddedNats(directory) as server:
        asyncio.run(provision(server.url))
        yield server


def test_a_relay_that_starts_again_goes_on_where_the_last_one_was(nats_url: str, store: Store) -> None:
    active_target(store.app)

    async def story() -> None:
        for number in range(4):
            await asyncio.to_thread(record, store, sale(f"{number}", "1.00"))
            async with relaying(nats_url, store) as client:
                assert ids(await until_published(client, store)) == log_of(store)

    run(story())


def test_a_new_stream_gets_every_fact_from_the_first(nats_url: str, store: Store) -> None:
    active_target(store.app)
    record(store, sale("1"))

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            await until_published(client, store)
        await made_anew(nats_url)
        async with relaying(nats_url, store) as client:
            assert ids(await until_published(client, store)) == log_of(store)

    run(story())


@pytest.mark.parametrize("new_facts", [0, 1], ids=["quiet", "busy"])
def test_a_stream_that_is_made_anew_under_a_running_relay_gets_every_fact(
    nats_url: str, store: Store, monkeypatch: pytest.MonkeyPatch, new_facts: int
) -> None:
    monkeypatch.setattr(relay, "LOOK_EVERY_S", 5.0 if new_facts else 0.1)
    active_target(store.app)

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            await until_published(client, store)
            await made_anew(nats_url)
            for number in range(new_facts):
                await asyncio.to_thread(record, store, sale(f"{number}"))
            assert ids(await until_published(client, store)) == log_of(store)

    run(story())


@pytest.mark.parametrize("noted", [None, 1, 10_000], ids=["nothing noted", "behind", "ahead"])
def test_what_the_stream_holds_counts_more_than_a_note_that_is_behind_or_gone(
    nats_url: str, store: Store, noted: int | None
) -> None:
    active_target(store.app)

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            published = await until_published(client, store)
        assert len(published) > 2
        await asyncio.to_thread(_note_anew, store, noted)
        await asyncio.to_thread(record, store, sale("1"))
        async with relaying(nats_url, store) as client:
            if noted == 10_000:
                # So many facts went there once, it says, and were taken out: none of them goes there again.
                await asyncio.sleep(0.5)
                assert ids(await read(client)) == ids(published)
            else:
                assert ids(await until_published(client, store)) == log_of(store)

    run(story())


def _note_anew(store: Store, position: int | None) -> None:
    with store.views.datastore.transaction(commit=True) as curs:
        if position is None:
            curs.execute("DELETE FROM relayed")
        else:
            curs.execute("UPDATE relayed SET position = %s", (position,))


def test_facts_that_were_taken_out_of_the_stream_stay_out(nats_url: str, store: Store) -> None:
    active_target(store.app)

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            before = ids(await until_published(client, store))
            await asyncio.sleep(0.6)
        client = await nats.connect(nats_url)
        await client.jetstream().purge_stream("EVENTS")
        await client.close()
        await asyncio.to_thread(record, store, sale("1"))
        async with relaying(nats_url, store) as client:
            assert ids(await until_published(client, store)) == log_of(store)[len(before) :]

    run(story())


@pytest.mark.parametrize(
    ("noted", "seen", "after"),
    [
        (None, (0, None), 0),
        (None, (5, 4), 4),
        (("stream", 7, 7), (7, 7), 7),
        (("stream", 4, 4), (7, 7), 7),
        (("stream", 7, 7), (7, None), 7),
        (("stream", 7, 7), (9, 5), 7),
        (("stream", 7, 7), (5, 5), 5),
        (("stream", 7, 7), (0, None), 0),
        (("older", 7, 7), (0, None), 0),
        (("older", 7, 7), (9, 3), 3),
    ],
    ids=[
        "a first stream",
        "nothing noted",
        "as noted",
        "the note is behind",
        "emptied",
        "its last facts taken out",
        "lost its end",
        "lost all",
        "a new stream",
        "a new stream, begun",
    ],
)
def test_a_relay_begins_after_what_the_stream_holds_or_held_once(
    noted: tuple[str, int, int] | None, seen: tuple[int, int | None], after: int
) -> None:
    mark = begin_after(None if noted is None else Mark(*noted), Seen("stream", *seen, None))

    assert mark == Mark("stream", after, seen[0])


def test_a_stranger_among_the_facts_is_passed_over(nats_url: str, store: Store) -> None:
    active_target(store.app)

    async def strange(client: Client) -> None:
        await client.jetstream().publish("facts.stranger", b"{}")
        await client.jetstream().publish("facts.stranger", b"{}", headers={"ce-id": "1000000"})

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            await until_published(client, store)
            await strange(client)
            await asyncio.to_thread(record, store, sale("1"))
            await until_published(client, store)
        client = await nats.connect(nats_url)
        await strange(client)
        await _forget_the_ids(client)
        await client.close()
        await asyncio.to_thread(_note_anew, store, None)
        await asyncio.to_thread(record, store, sale("2"))
        async with relaying(nats_url, store) as client:
            messages = await until_published(client, store)
            ours = [message for message in messages if message.subject != "facts.stranger"]
            assert len(messages) == len(ours) + 4
            assert ids(ours) == log_of(store)

    run(story())


async def _forget_the_ids(client: Client) -> None:
    """As the server does after some minutes."""
    config = (await client.jetstream().stream_info("EVENTS")).config
    await client.jetstream().update_stream(config, duplicate_window=0.1)
    await asyncio.sleep(0.5)


def test_ids_that_the_server_knows_already_stop_nobody(nats_url: str, store: Store) -> None:
    active_target(store.app)
    positions = log_of(store)

    async def story() -> None:
        client = await nats.connect(nats_url)
        known = await client.jetstream().publish("facts.known", b"", headers={"Nats-Msg-Id": str(positions[1])})
        await client.jetstream().delete_msg("EVENTS", known.seq)
        await client.close()
        async with relaying(nats_url, store) as client:
            assert ids(await until_published(client, store)) == [positions[0], *positions[2:]]

    run(story())


def test_the_stream_of_another_log_is_left_alone(
    nats_url: str, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    active_target(store.app)
    record(store, sale("1"))

    async def story() -> None:
        async with relaying(nats_url, store) as client:
            before = ids(await until_published(client, store))
        with store.views.datastore.transaction(commit=True) as curs:
            curs.execute("DELETE FROM milemarker_events WHERE notification_id = %s", (before[-1],))
        record(store, sale("2"))
        async with relaying(nats_url, store) as client:
            await asyncio.sleep(0.5)
            assert ids(await read(client)) == before

    run(story())
    assert "belongs to another log" in capsys.readouterr().out


def test_facts_recorded_while_nats_is_away_are_published_when_it_is_back(own_nats: EmbeddedNats, store: Store) -> None:
    active_target(store.app)

    async def story() -> None:
        async with relaying(own_nats.url, store) as client:
            await until_published(client, store)
            for round in range(2):
                await asyncio.to_thread(own_nats.stop)
                for number in range(30):
                    await asyncio.to_thread(record, store, sale(f"{round}-{number}"))
                await asyncio.sleep(0.3)
                await asyncio.to_thread(own_nats.start)
                async with asyncio.timeout(WITHIN_S):
                    while not client.is_connected:
                        await asyncio.sleep(0.05)
                assert ids(await until_published(client, store)) == log_of(store)

    run(story())


def test_without_its_stream_a_relay_waits_for_it(nats_url: str, store: Store) -> None:
    active_target(store.app)

    async def story() -> None:
        client = await nats.connect(nats_url)
        await client.jetstream().delete_stream("EVENTS")
        await client.close()
        async with relaying(nats_url, store) as client:
            await asyncio.sleep(0.5)
            await provision(nats_url)
            assert ids(await until_published(client, store)) == log_of(store)

    run(story())
