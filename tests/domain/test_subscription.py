"""A Subscription: who hears of what, where; what can't be heard of is refused with what can."""

from typing import Any

import pytest

from domain.alerts.kinds import CONDITION_KINDS, FACT_KINDS, KINDS, TOO_MANY, check_kinds
from domain.alerts.subscribing import Wanted
from domain.alerts.subscription import Channel, Subscription
from domain.facts import TOPICS
from domain.refusal import Refused
from tests.domain.facts import ANA, ID, fact, given, recorded
from tests.words import NOW

DONE: dict[str, Any] = {"by": ANA, "at": NOW}
INBOX = Channel("inbox")
WEBHOOK = Channel("webhook", "hooks.example.com")
CREATED = fact(
    Subscription.SubscriptionCreated, recipient=ANA, target=ID, kinds=["checkpoint.evaluated"], channel=INBOX
)
HOOKED = fact(
    Subscription.SubscriptionCreated, recipient=ANA, target=None, kinds=["checkpoint.evaluated"], channel=WEBHOOK
)


def test_it_says_who_hears_of_what_and_where() -> None:
    created = Subscription.create(ID, ANA, ID, ["checkpoint.evaluated"], INBOX, **DONE)

    assert recorded(created) == [CREATED]
    assert (created.recipient, created.target, created.ended) == (ANA, ID, False)


def test_kinds_are_kept_once_each_in_one_order() -> None:
    assert check_kinds(["alert.verdict", "target.attained", "alert.verdict"]) == ["target.attained", "alert.verdict"]


def test_every_kind_of_fact_is_a_fact_and_every_fact_of_a_target_but_one_is_a_kind() -> None:
    about = {topic for topic in TOPICS if topic.split(".")[0] in ("target", "checkpoint", "milestone")}

    assert about - {TOO_MANY} == set(FACT_KINDS)
    assert not set(CONDITION_KINDS) & set(TOPICS)


@pytest.mark.parametrize(
    ("kinds", "code", "field", "says"),
    [
        ([], "no_kinds", "/kinds", ", ".join(KINDS)),
        (["alert.verdict", "target.happened"], "unknown_kind", "/kinds/1", ", ".join(KINDS)),
        ([TOO_MANY], "too_many_of_kind", "/kinds/0", "read facts.target.progress_recorded.> on the stream EVENTS"),
        (["notification.queued"], "unknown_kind", "/kinds/0", "there is no kind 'notification.queued'"),
    ],
    ids=["none", "unknown", "thousands", "internal"],
)
def test_what_can_not_be_heard_of_is_refused_with_what_can(kinds: list[str], code: str, field: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        Subscription.create(ID, ANA, None, kinds, INBOX, **DONE)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert says in refused.value.detail


@pytest.mark.parametrize("recipient", ["", "a" * 129, "line\nbreak", "bell\x07"], ids=["none", "long", "two", "bell"])
def test_a_recipient_is_printable_text(recipient: str) -> None:
    with pytest.raises(Refused, match=r"recipient .*must be text of 1 to 128 printable characters"):
        Subscription.create(ID, recipient, None, ["alert.verdict"], INBOX, **DONE)


def test_on_nats_a_recipient_is_the_end_of_a_subject() -> None:
    Subscription.create(ID, "ana smith", None, ["alert.verdict"], INBOX, **DONE)

    with pytest.raises(Refused) as refused:
        Subscription.create(ID, "ana smith", None, ["alert.verdict"], Channel("nats"), **DONE)
    assert refused.value.code == "recipient_no_subject"


def test_other_kinds_are_a_change_and_the_same_are_none() -> None:
    subscription = given(Subscription, CREATED)

    subscription.change(["checkpoint.evaluated"], None, secret_changed=False, **DONE)
    subscription.change(["alert.verdict"], None, secret_changed=False, **DONE)

    changed = fact(Subscription.SubscriptionChanged, kinds=["alert.verdict"], channel=INBOX, secret_changed=False)
    assert recorded(subscription) == [changed]


@pytest.mark.parametrize(
    ("change", "host", "rotated"),
    [
        ({"host": "other.example.com", "secret_changed": False}, "other.example.com", False),
        ({"host": "hooks.example.com", "secret_changed": False, "moved": True}, "hooks.example.com", False),
        ({"host": None, "secret_changed": True}, "hooks.example.com", True),
    ],
    ids=["host", "path", "secret"],
)
def test_another_url_or_secret_is_a_change_that_names_neither(change: Any, host: str, rotated: bool) -> None:
    subscription = given(Subscription, HOOKED)

    subscription.change(None, **change, **DONE)

    says = {"kinds": ["checkpoint.evaluated"], "channel": Channel("webhook", host)}
    assert recorded(subscription) == [fact(Subscription.SubscriptionChanged, **says, secret_changed=rotated)]  # type: ignore[arg-type]


def test_it_ends_once_and_changes_no_more() -> None:
    subscription = given(Subscription, CREATED)

    subscription.end(**DONE)
    subscription.end(**DONE)

    assert recorded(subscription) == [fact(Subscription.SubscriptionEnded)]
    with pytest.raises(Refused, match="has ended"):
        subscription.change(["alert.verdict"], None, secret_changed=False, **DONE)


@pytest.mark.parametrize(
    ("channel", "url", "code"),
    [
        ("pigeon", None, "unknown_channel"),
        ("inbox", "https://hooks.example.com", "url_not_for_channel"),
        ("webhook", None, "bad_webhook_url"),
        ("webhook", "https://ana:secret@hooks.example.com", "bad_webhook_url"),
    ],
)
def test_a_channel_that_is_none_is_refused(channel: str, url: str | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        Wanted(ANA, None, ["alert.verdict"], channel, url).place()

    assert refused.value.code == code


def test_of_a_webhook_the_facts_hold_the_host_alone() -> None:
    wanted = Wanted(ANA, None, ["alert.verdict"], "webhook", "https://hooks.example.com:8443/in?token=secret")

    assert wanted.place() == WEBHOOK
