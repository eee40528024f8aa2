"""Subscribing in the log's transactions: limits, and many messages that wait for one that ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.alerts import subscribing
from domain.alerts.subscribing import Subscribing
from domain.refusal import Refused
from projections.store import Store
from tests.hearing import ANYBODY, Office

VERDICT = "alert.verdict"


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store.app)


def test_there_are_only_so_many_subscriptions_to_one_target_and_to_every_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribing, "TO_ONE_TARGET_MAX", 2)
    monkeypatch.setattr(subscribing, "TO_EVERY_TARGET_MAX", 1)
    target, other = office.target(), office.target()
    ending = office.subscribe(VERDICT, to=target)
    for to in (target, other, None):
        office.subscribe(VERDICT, "target.attained", to=to)

    for to in (target, None):
        with pytest.raises(Refused, match="there can't be more"):
            office.subscribe(VERDICT, to=to)
    Subscribing(office.app).end(ending, ANYBODY, by="test", at=office.at)

    office.subscribe(VERDICT, to=target)


def test_one_recipient_takes_not_the_room_of_all_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribing, "OF_ONE_RECIPIENT_MAX", 3)
    monkeypatch.setattr(subscribing, "OF_ONE_RECIPIENT_TO_EVERY_MAX", 2)
    target, first = office.target(), office.subscribe(VERDICT, "target.attained")
    office.subscribe(VERDICT)

    with pytest.raises(Refused, match="has 2 subscriptions to every target, and can't have more"):
        office.subscribe(VERDICT)
    office.subscribe(VERDICT, to=target)
    with pytest.raises(Refused, match="has 3 subscriptions, and can't have more") as refused:
        office.subscribe(VERDICT, to=target)

    assert (refused.value.code, refused.value.field) == ("too_many_of_recipient", "/recipient")
    office.subscribe(VERDICT, recipient="jo@example.com")
    Subscribing(office.app).end(first, ANYBODY, by="test", at=office.at)
    office.subscribe(VERDICT)


def test_a_subscription_is_tried_out_once_in_ten_seconds_and_each_test_is_an_alert_of_its_own(office: Office) -> None:
    one, other, use = office.subscribe(VERDICT), office.subscribe(VERDICT), Subscribing(office.app)
    key = uuid4()
    tried: dict[str, Any] = {"by": "test", "at": office.at}
    first, _ = use.try_out(key, one, ANYBODY, **tried)

    with pytest.raises(Refused, match="try again after 2026-11-01T12:00:10") as refused:
        use.try_out(uuid4(), one, ANYBODY, by="test", at=office.at + timedelta(seconds=9))
    again, _ = use.try_out(key, one, ANYBODY, **tried)
    others, _ = use.try_out(key, other, ANYBODY, **tried)
    later, _ = use.try_out(uuid4(), one, ANYBODY, by="test", at=office.at + timedelta(seconds=10))

    assert refused.value.code == "tried_just_now"
    assert again == first
    assert [said.id for said in office.told()] == [first, others, later]
    assert len({said.alert for said in office.told()}) == 3


def test_all_that_waits_for_a_subscription_that_ends_is_cancelled_some_at_a_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribing, "CANCELLED_AT_ONCE", 2)
    ending = office.subscribe("target.filled", channel="webhook")
    staying = office.subscribe("target.filled", channel="webhook", recipient="jo@example.com")
    for _ in range(5):
        office.target()
    office.decide()

    office.at += timedelta(minutes=1)
    Subscribing(office.app).end(ending, ANYBODY, by="test", at=office.at)

    assert {one.state for one in office.told("ana@example.com")} == {"cancelled"}
    assert {one.state for one in office.told("jo@example.com")} == {"queued"}
    with office.app.writing() as log:
        assert log.audience.queued(ending, 10) == []
        assert len(log.audience.queued(staying, 10)) == 5


def test_a_webhook_that_was_disabled_is_enabled_by_its_url_again_and_that_is_a_fact(office: Office) -> None:
    one, use = office.subscribe(VERDICT, channel="webhook"), Subscribing(office.app)
    with office.app.writing() as log:
        (endpoint,) = log.endpoints.of([one]).values()
        log.endpoints.note(replace(endpoint, disabled="it said that it is gone"))

    use.change(one, None, endpoint.url, None, ANYBODY, by="test", at=office.at)
    use.change(one, None, endpoint.url, None, ANYBODY, by="test", at=office.at)

    with office.app.writing() as log:
        (enabled,) = log.endpoints.of([one]).values()
    assert (enabled.disabled, enabled.secret) == (None, endpoint.secret)
    assert len(office.facts("subscription.changed")) == 1


@pytest.mark.parametrize("what", ["change", "end", "try"])
def test_another_persons_subscription_is_not_there(office: Office, what: str) -> None:
    one, use = office.subscribe(VERDICT), Subscribing(office.app)

    def do(subscription: UUID) -> None:
        if what == "change":
            use.change(subscription, ["target.attained"], None, None, lambda name: name == "jo", by="jo", at=office.at)
        elif what == "end":
            use.end(subscription, lambda name: name == "jo", by="jo", at=office.at)
        else:
            use.try_out(uuid4(), subscription, lambda name: name == "jo", by="jo", at=office.at)

    for subscription in (one, uuid4()):
        with pytest.raises(Refused) as refused:
            do(subscription)
        assert refused.value.code == "unknown_subscription"
