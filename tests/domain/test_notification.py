"""A notification: attempts before tries, the ladder on a clock of its own, never again what was delivered."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.delivery.notification import LOST_MAX, Notification, State, notification_id
from domain.delivery.retry import NATS_LADDER, WEBHOOK_LADDER, Failure, Ladder, Severity, jittered, read_ladder
from domain.refusal import Refused
from tests.domain.facts import fact, given, recorded
from tests.words import NOW

SAID: dict[str, Any] = {
    "alert": UUID(int=2),
    "episode": 1,
    "transition": "firing",
    "n": 1,
    "kind": "alert.verdict",
    "target": UUID(int=3),
    "recipient": "ana@example.com",
    "subscription": UUID(int=4),
    "channel": "webhook",
    "about": 12,
    "message": {"status": "off_track"},
}
QUEUED = fact(Notification.NotificationQueued, **SAID)
AGAIN = Failure("answered 503")
HOUR = timedelta(hours=1)
BY_DELIVERY: dict[str, Any] = {"by": "delivery", "at": NOW}


def sending(attempt: int) -> Any:
    return fact(Notification.NotificationSending, by="delivery", attempt=attempt)


def waiting(attempt: int, *, refused: bool = False) -> Any:
    says = {"attempt": attempt, "next_at": NOW, "reason": "answered 503", "refused": refused}
    return fact(Notification.NotificationWaiting, by="delivery", **says)


def delivered(attempt: int, answer: str = "204") -> Any:
    return fact(Notification.NotificationDelivered, by="delivery", attempt=attempt, answer=answer)


def dead(attempts: int, reason: str) -> Any:
    return fact(Notification.NotificationDead, by="delivery", attempts=attempts, reason=reason)


def test_the_attempt_is_recorded_before_the_try() -> None:
    notification = given(Notification, QUEUED)

    assert notification.begin_attempt(**BY_DELIVERY)

    assert recorded(notification) == [sending(1)]


def test_what_was_delivered_is_never_sent_again() -> None:
    notification = given(Notification, QUEUED, sending(1), delivered(1))

    begun = notification.begin_attempt(**BY_DELIVERY)
    notification.delivered("200", attempt=1, **BY_DELIVERY)
    notification.fail(AGAIN, WEBHOOK_LADDER, attempt=1, **BY_DELIVERY)
    notification.cancel("silenced", **BY_DELIVERY)

    assert not begun
    assert recorded(notification) == []
    with pytest.raises(Refused, match="delivered: only what is dead"):
        notification.redrive("again", **BY_DELIVERY)


def test_the_whole_default_ladder_is_walked_on_a_clock_of_its_own() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    notification = given(Notification, QUEUED)
    waits: list[float] = []

    while notification.begin_attempt(by="delivery", at=now):
        notification.fail(AGAIN, WEBHOOK_LADDER, attempt=notification.attempts, by="delivery", at=now)
        if notification.state is State.WAITING:
            waits.append((notification.due - now).total_seconds())
            now = notification.due

    ladder = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert len(waits) == len(ladder)
    assert all(0.8 * rung <= wait <= 1.2 * rung for wait, rung in zip(waits, ladder, strict=True))
    assert waits != ladder
    assert recorded(notification)[-1] == dead(10, "10 tries failed, the last: answered 503")


def test_on_nats_it_is_tried_until_it_is_there() -> None:
    notification = given(Notification, QUEUED)

    for _ in range(200):
        assert notification.begin_attempt(**BY_DELIVERY)
        notification.fail(AGAIN, NATS_LADDER, attempt=notification.attempts, **BY_DELIVERY)

    assert notification.state is State.WAITING
    assert notification.due - NOW <= timedelta(seconds=72)


def test_the_same_try_always_waits_as_long_and_no_two_as_long_as_each_other() -> None:
    waits = [jittered(100, UUID(int=number), attempt) for number in range(20) for attempt in range(1, 11)]
    again = [jittered(100, UUID(int=number), attempt) for number in range(20) for attempt in range(1, 11)]

    assert waits == again
    assert len(set(waits)) == len(waits)
    assert timedelta(seconds=80) <= min(waits) < timedelta(seconds=85)
    assert timedelta(seconds=115) < max(waits) <= timedelta(seconds=120)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        (timedelta(minutes=7), timedelta(minutes=7)),
        (timedelta(0), jittered(5, UUID(int=1), 1)),
        (-HOUR, jittered(5, UUID(int=1), 1)),
        (100 * HOUR, 24 * HOUR),
    ],
    ids=["longer", "at once", "a date in the past", "more than a day"],
)
def test_what_the_endpoint_asks_for_makes_the_wait_longer_within_a_day_and_never_shorter(
    asked: timedelta, waits: timedelta
) -> None:
    notification = given(Notification, QUEUED, sending(1))

    notification.fail(Failure("answered 429", retry_after=asked), WEBHOOK_LADDER, attempt=1, **BY_DELIVERY)

    assert notification.due - NOW == waits


def test_what_will_never_go_well_is_dead_at_once() -> None:
    notification = given(Notification, QUEUED, sending(1))

    notification.fail(Failure("answered 410 Gone", Severity.FINAL), WEBHOOK_LADDER, attempt=1, **BY_DELIVERY)

    assert recorded(notification) == [dead(1, "answered 410 Gone")]


def test_a_message_refused_three_times_is_dead_and_other_failures_do_not_count() -> None:
    refused = Failure("answered 404", Severity.REFUSED)
    twice = given(
        Notification,
        QUEUED,
        *(sending(1), waiting(1, refused=True), sending(2), waiting(2), sending(3), waiting(3, refused=True)),
        sending(4),
    )
    once = given(Notification, QUEUED, sending(1), waiting(1), sending(2), waiting(2), sending(3))

    twice.fail(refused, WEBHOOK_LADDER, attempt=4, **BY_DELIVERY)
    once.fail(refused, WEBHOOK_LADDER, attempt=3, **BY_DELIVERY)

    assert recorded(twice) == [dead(4, "answered 404")]
    assert once.state is State.WAITING


def test_what_has_expired_is_not_sent() -> None:
    queued = fact(Notification.NotificationQueued, **SAID, expires_at=NOW)
    notification = given(Notification, queued)

    begun = notification.begin_attempt(**BY_DELIVERY)

    assert not begun
    assert recorded(notification) == [dead(0, "expired")]
    with pytest.raises(Refused, match="worth telling until"):
        notification.redrive("again", **BY_DELIVERY)


def test_what_would_expire_before_its_next_try_is_dead_now() -> None:
    queued = fact(Notification.NotificationQueued, **SAID, expires_at=NOW + timedelta(seconds=2))
    notification = given(Notification, queued, sending(1))

    notification.fail(AGAIN, WEBHOOK_LADDER, attempt=1, **BY_DELIVERY)

    assert recorded(notification) == [dead(1, "expires before the next try; the last: answered 503")]


def test_an_attempt_of_which_nothing_is_known_is_followed_by_another_and_costs_no_rung() -> None:
    notification = given(Notification, QUEUED, sending(1))

    assert notification.begin_attempt(**BY_DELIVERY)
    notification.fail(AGAIN, read_ladder("0,5"), attempt=2, **BY_DELIVERY)

    assert notification.state is State.WAITING
    assert notification.attempts == 2


def test_attempts_without_a_word_come_to_an_end() -> None:
    notification = given(Notification, QUEUED)

    begun = 0
    while notification.begin_attempt(**BY_DELIVERY):
        begun += 1

    assert begun == LOST_MAX
    assert notification.state is State.DEAD


def test_a_late_word_of_an_earlier_attempt_that_it_failed_changes_nothing() -> None:
    notification = given(Notification, QUEUED, sending(1), sending(2))

    notification.fail(Failure("answered 410", Severity.FINAL), WEBHOOK_LADDER, attempt=1, **BY_DELIVERY)

    assert recorded(notification) == []


@pytest.mark.parametrize(
    "meanwhile",
    [
        [sending(2)],
        [sending(2), waiting(2)],
        [fact(Notification.NotificationCancelled, reason="silenced")],
        [dead(1, "expired")],
        [dead(1, "expired"), fact(Notification.NotificationRedriven, reason="by hand")],
    ],
    ids=["another under way", "another failed", "cancelled", "dead", "redriven"],
)
def test_what_got_there_got_there_whatever_was_decided_meanwhile(meanwhile: list[Any]) -> None:
    notification = given(Notification, QUEUED, sending(1), *meanwhile)

    notification.delivered("204", attempt=1, **BY_DELIVERY)

    assert recorded(notification) == [delivered(1)]


def test_what_got_there_twice_was_delivered_once() -> None:
    notification = given(Notification, QUEUED, sending(1), sending(2), delivered(2))

    notification.delivered("204", attempt=1, **BY_DELIVERY)

    assert recorded(notification) == []


def test_redriving_gives_the_dead_a_new_ladder_under_the_same_id() -> None:
    notification = given(Notification, QUEUED, sending(1), waiting(1), sending(2), dead(2, "2 tries failed"))

    notification.redrive("the endpoint is mended", by="ana", at=NOW + HOUR)
    notification.begin_attempt(by="delivery", at=NOW + HOUR)
    notification.fail(AGAIN, read_ladder("0,5"), attempt=3, by="delivery", at=NOW + HOUR)

    assert recorded(notification)[:2] == [
        fact(Notification.NotificationRedriven, by="ana", reason="the endpoint is mended"),
        sending(3),
    ]
    assert notification.state is State.WAITING


def test_an_inbox_has_it_in_the_same_breath_and_a_deferred_one_when_it_is_due() -> None:
    says = SAID | {"channel": "inbox"}
    at_once = Notification.queue(UUID(int=1), **says, by="alerts", at=NOW)
    later = Notification.queue(UUID(int=1), **says, not_before=NOW + HOUR, by="alerts", at=NOW)

    later.put_in_inbox(by="delivery", at=NOW + HOUR)

    inbox = delivered(0, "inbox")
    assert [at_once.state, later.state] == [State.DELIVERED, State.DELIVERED]
    assert recorded(later)[1:] == [inbox]
    assert later.due == NOW + HOUR


def test_the_same_message_has_the_same_id_and_no_two_messages_have() -> None:
    one = (UUID(int=2), 1, "firing", 1, "ana@example.com", UUID(int=4))
    others = [
        (UUID(int=3), *one[1:]),
        (one[0], 2, *one[2:]),
        (*one[:2], "firing1", *one[3:]),
        (*one[:3], 11, *one[4:]),
        (*one[:4], "jo@example.com", one[5]),
        (*one[:5], UUID(int=5)),
    ]

    ids = [notification_id(*key) for key in (one, *others)]

    assert notification_id(*one) == ids[0]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("text", ["1,2.5", "0,1,2.5"])
def test_a_ladder_by_setting_begins_at_once_whether_it_says_so_or_not(text: str) -> None:
    assert read_ladder(text) == Ladder((0.0, 1.0, 2.5))


@pytest.mark.parametrize("text", ["", "1,,2", "soon", "-1", "nan", "inf", ",".join(["1"] * 60)])
def test_what_is_no_ladder_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_ladder(text)
