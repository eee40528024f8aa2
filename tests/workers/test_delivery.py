"""Delivery over a real database, NATS and HTTP: one id, as many tries as it takes, nobody delayed by somebody dead."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import nats
import orjson
import pytest

from deploy.embedded import EmbeddedNats
from domain.delivery.delivering import Attempt
from domain.delivery.notification import Notification
from domain.delivery.redriving import Fate, redrive
from domain.delivery.retry import Accepted, read_ladder
from projections.store import Store, open_store
from tests.notifying import (
    NOWHERE,
    SECRET,
    delivering,
    delivers,
    here,
    leases_run_out,
    life,
    queued,
    rows,
    stepping,
    subscribed,
    the_dead,
)
from tests.sink import Answer, Sink, sink
from tests.workers.test_ingest import until
from workers.channels.nats import NatsChannel
from workers.channels.webhook import SEND_S, Webhook
from workers.streams import provision
from workers.subjects import NOTIFY_QUEUED


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    asyncio.run(provision(nats_server.url))
    return nats_server.url


def test_a_webhook_that_fails_twice_gets_one_message_by_three_tries_under_one_id(store: Store) -> None:
    with sink(503, 503) as side:
        one = queued(store, subscribed(store, side.url))
        delivers(store, one, "delivered")

    assert side.ids() == [str(one)] * 3
    assert all(got.signed_by(SECRET) for got in side.got)
    assert len({got.body for got in side.got}) == 1
    said = side.got[0].said
    assert (said["type"], said["transition"], said["data"]) == ("alert.verdict", "firing", {"status": "off_track"})
    assert life(store, one) == ["queued", *["sending", "waiting"] * 2, "sending", "delivered"]
    assert rows(store) == []


def test_an_endpoint_that_is_gone_is_dead_at_once_disabled_and_nothing_more_is_sent_to_it(store: Store) -> None:
    with sink(otherwise=410) as side:
        subscription = subscribed(store, side.url)
        first = queued(store, subscription)
        delivers(store, first, "dead")
        second = queued(store, subscription, 2)
        delivers(store, second, "dead")

    assert side.ids() == [str(first)]
    assert life(store, second) == ["queued", "dead"]
    with store.app.writing() as log:
        (disabled,) = (fact for _, fact in log.facts_after(0, ["endpoint.disabled"], 10))
        assert log.endpoints.of([subscription])[subscription].disabled == "it said that it is gone: answered 410 Gone"
    assert vars(disabled)["recipient"] == "ana@example.com"


def test_what_died_is_listed_and_redriven_under_the_same_id(store: Store) -> None:
    with sink(otherwise=500) as side:
        subscription = subscribed(store, side.url)
        one = queued(store, subscription)
        delivers(store, one, "dead")
        (died,) = the_dead(store)
        side.otherwise = 204
        tried = redrive(store.app, [died], "mended", dry=True, by="ana", at=datetime.now(UTC))
        untouched = life(store, one)
        again = redrive(store.app, [died], "mended", dry=False, by="ana", at=datetime.now(UTC))
        delivers(store, one, "delivered")

    assert (died.notification, died.recipient, died.attempts) == (one, "ana@example.com", 3)
    assert died.reason == "3 tries failed, the last: answered 500"
    assert tried == again == [(died, Fate.AGAIN, "")]
    assert untouched[-1] == "dead"
    assert side.ids() == [str(one)] * 4
    assert the_dead(store) == []


def test_what_was_delivered_meanwhile_is_not_redriven(store: Store) -> None:
    with sink(otherwise=500) as side:
        one = queued(store, subscribed(store, side.url))
        delivers(store, one, "dead")
        side.otherwise = 204
        (died,) = the_dead(store)
        redrive(store.app, [died], "mended", dry=False, by="ana", at=datetime.now(UTC))
        delivers(store, one, "delivered")

        ((_, _, why),) = redrive(store.app, [died], "again", dry=False, by="ana", at=datetime.now(UTC))

    assert why == "it is delivered: only what is dead can be tried again"
    assert life(store, one)[-1] == "delivered"


@pytest.mark.parametrize(("answer", "tries"), [(404, 3), ((400, {"Retry-After": "0"}), 3)], ids=["404", "400"])
def test_a_message_that_is_not_taken_is_dead_after_three_tries(store: Store, answer: Answer, tries: int) -> None:
    with sink(otherwise=answer) as side:
        one = queued(store, subscribed(store, side.url))
        delivers(store, one, "dead", webhook_ladder=read_ladder("0,0,0,0,0,0"))

    assert side.ids() == [str(one)] * tries


def test_loopback_needs_a_setting(store: Store) -> None:
    with sink() as side:
        one = queued(store, subscribed(store, side.url))
        delivers(store, one, "dead", allow_loopback=False)

    (died,) = the_dead(store)
    assert side.got == []
    assert "address not allowed: 127.0.0.1 is not a public address (loopback)" in died.reason


def test_one_whose_subscription_is_gone_is_cancelled_and_one_for_later_waits(store: Store) -> None:
    with sink() as side:
        subscription = subscribed(store, side.url)
        later = queued(store, subscription, not_before=datetime.now(UTC) + timedelta(hours=1))
        gone = queued(store, uuid4(), 2)
        delivers(store, gone, "cancelled")

    assert life(store, later) == ["queued"]
    assert side.got == []


def test_an_inbox_has_what_was_deferred_when_it_is_due(store: Store) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    at_once = queued(store, uuid4(), channel="inbox")
    later = queued(store, uuid4(), 2, channel="inbox", not_before=soon)

    assert rows(store) == [(later, "queued")]
    delivers(store, later, "delivered")

    assert life(store, at_once) == ["queued", "delivered"]


def test_on_nats_it_is_published_once_however_often_it_is_tried(store: Store, nats_url: str) -> None:
    one = queued(store, uuid4(), channel="nats", recipient="ana@example.com", alert=uuid4())
    attempts, _ = stepping(store).step([], datetime.now(UTC))
    # The first attempt is published, and its process killed before it could record that.
    asyncio.run(_publish(nats_url, attempts[0]))
    leases_run_out(store)
    delivers(store, one, "delivered", nats_url)

    (message,) = asyncio.run(_notifications(nats_url, str(one)))
    assert message.subject == "notifications.ana@example.com"
    assert (message.said["id"], message.said["data"]) == (str(one), {"status": "off_track"})
    # A try before the connection to NATS is there may come in between.
    lived = life(store, one)
    assert (lived[:3], lived[-1], lived.count("delivered")) == (["queued", "sending", "sending"], "delivered", 1)


def test_without_nats_a_message_for_it_waits(store: Store) -> None:
    one = queued(store, uuid4(), channel="nats")

    delivers(store, one, "waiting")

    assert rows(store) == [(one, "waiting")]


def test_a_hint_wakes_delivery_before_it_would_look(store: Store, nats_url: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("workers.delivery.POLL_S", 60.0)

    async def story() -> None:
        with sink() as side:
            async with delivering(nats_url, store):
                await asyncio.sleep(0.5)
                one = await asyncio.to_thread(queued, store, subscribed(store, side.url))
                client = await nats.connect(nats_url)
                await client.jetstream().publish(NOTIFY_QUEUED, b"")
                await client.close()
                await until(lambda: life(store, one)[-1], "delivered")

    asyncio.run(story())


def test_one_that_dies_after_the_send_costs_one_more_send_under_the_same_id(store: Store) -> None:
    with sink() as side:
        one = queued(store, subscribed(store, side.url))
        (lost,), _ = stepping(store).step([], datetime.now(UTC))
        asyncio.run(_post(side, lost))
        leases_run_out(store)
        delivers(store, one, "delivered")

    assert side.ids() == [str(one)] * 2
    assert life(store, one) == ["queued", "sending", "sending", "delivered"]


def test_two_delivery_processes_never_make_the_same_try(store: Store, database: str) -> None:
    async def story() -> None:
        with open_store(database) as second, open_store(database) as third, sink(503, 503, 503) as side:
            endpoints = [subscribed(store, side.url) for _ in range(5)]
            ids = [queued(store, endpoints[number % 5], number) for number in range(1, 101)]
            async with delivering(NOWHERE, store, second, third):
                await until(lambda: rows(store), [])
            # Three tries failed, and three more were made.
            assert set(side.ids()) == set(map(str, ids))
            assert len(side.got) == len(ids) + 3

    asyncio.run(story())


def test_an_endpoint_that_hangs_delays_no_other_and_gets_four_at_once(store: Store) -> None:
    async def story() -> None:
        with sink(held=True) as hanging, sink() as well:
            stuck = subscribed(store, hanging.url)
            for number in range(1, 201):
                queued(store, stuck, number)
            good = [queued(store, subscribed(store, well.url), 1_000 + number) for number in range(20)]
            async with delivering(NOWHERE, store):
                await until(lambda: sorted(well.ids()), sorted(map(str, good)))
                await asyncio.sleep(0.3)
                assert len(hanging.got) == 4
                hanging.holding.set()
                await until(lambda: len(hanging.got), 200)

    asyncio.run(story())


def test_endpoints_that_hang_leave_room_for_one_that_does_not(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.delivery.UNDER_WAY_MAX", 200)
    monkeypatch.setattr("workers.delivery.CROWDED", 100)

    async def story() -> None:
        with sink(held=True) as hanging, sink() as well:
            for _ in range(60):
                stuck = subscribed(store, hanging.url)
                for number in range(4):
                    queued(store, stuck, number)
            async with delivering(NOWHERE, store):
                await until(lambda: len(hanging.got) >= 130, True)
                good = await asyncio.to_thread(queued, store, subscribed(store, well.url))
                # Before any of those that hang is given up.
                async with asyncio.timeout(SEND_S * 2 / 3):
                    await until(lambda: well.ids(), [str(good)])
                hanging.holding.set()

    asyncio.run(story())


def test_one_that_can_not_be_begun_stops_no_other_and_is_looked_at_again_later(store: Store) -> None:
    with sink() as side:
        subscription = subscribed(store, side.url)
        ids = [queued(store, subscription, number) for number in range(1, 8)]

        def stumbles(_log: object, notifications: Sequence[Notification], _at: datetime) -> None:
            if any(one.id == ids[2] for one in notifications):
                raise ValueError("a message that nobody foresaw")

        async def story() -> None:
            async with delivering(NOWHERE, store, look_again=stumbles):
                await until(lambda: sorted(side.ids()), sorted(str(one) for one in ids if one != ids[2]))

        asyncio.run(story())

    assert life(store, ids[2]) == ["queued"]
    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT due FROM deliveries WHERE due > now() + interval '4 minutes'")
        assert len(curs.fetchall()) == 1


def test_a_clock_that_jumps_makes_no_second_send_of_what_is_being_sent(store: Store) -> None:
    jumped = timedelta()

    async def story() -> None:
        nonlocal jumped
        with sink(held=True) as side:
            one = queued(store, subscribed(store, side.url))
            async with delivering(NOWHERE, store, clock=lambda: datetime.now(UTC) + jumped):
                await until(lambda: side.ids(), [str(one)])
                jumped = timedelta(minutes=2)
                await asyncio.sleep(1.5)
                side.holding.set()
                await until(lambda: life(store, one)[-1], "delivered")
            assert side.ids() == [str(one)]

    asyncio.run(story())


async def _post(side: Sink, attempt: Attempt) -> None:
    async with Webhook(here, lambda: datetime.now(UTC), allow_loopback=True) as webhook:
        assert await webhook.send(attempt) == Accepted("204")
    assert len(side.got) == 1


async def _publish(nats_url: str, attempt: Attempt) -> None:
    client = await nats.connect(nats_url)
    assert isinstance(await NatsChannel(lambda: client).send(attempt), Accepted)
    await client.close()


class Published:
    def __init__(self, subject: str, data: bytes) -> None:
        self.subject = subject
        self.said: dict[str, Any] = orjson.loads(data)


async def _notifications(nats_url: str, message_id: str) -> list[Published]:
    """What the stream has under this id."""
    client = await nats.connect(nats_url)
    jetstream = client.jetstream()
    count = (await jetstream.stream_info("NOTIFICATIONS")).state.messages
    subscription = await jetstream.subscribe("notifications.>", ordered_consumer=True)
    messages = [await subscription.next_msg(timeout=5) for _ in range(count)]
    await client.close()
    return [
        Published(one.subject, one.data)
        for one in messages
        if one.headers is not None and one.headers["Nats-Msg-Id"] == message_id
    ]
