"""Delivery's steps on a real database: what may be tried now, in which order, and what a death in between costs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.delivery.delivering import Attempt, CantBegin, Ended
from domain.delivery.notification import CORRECTING_KINDS, Notification
from domain.delivery.redriving import Fate, redrive
from domain.delivery.retry import Accepted, Failure, Outcome, Severity
from projections.deliveries import look_ahead
from projections.store import Store
from tests.notifying import SECRET, life, queued, rows, stepping, subscribed, the_dead
from tests.words import NOW


def test_one_that_dies_after_the_claim_is_followed_by_the_next_attempt_and_not_before_its_lease_is_over(
    store: Store,
) -> None:
    one = queued(store, subscribed(store, "http://127.0.0.1:1"), at=NOW)
    (first,), _ = stepping(store).step([], NOW)

    meanwhile = stepping(store).step([], NOW + timedelta(seconds=29))
    (second,), _ = stepping(store).step([], NOW + timedelta(seconds=30))

    assert meanwhile == ([], 0)
    assert [first.notification, second.notification] == [one, one]
    assert [first.number, second.number] == [1, 2]
    assert life(store, one) == ["queued", "sending", "sending"]


def test_a_step_that_fails_before_its_commit_has_done_nothing(store: Store) -> None:
    one = queued(store, subscribed(store, "http://127.0.0.1:1"), at=NOW)

    def dies(*_: object) -> None:
        raise ConnectionResetError("killed here")

    with pytest.raises(CantBegin) as raised:
        stepping(store, look_again=dies).step([], NOW)

    assert isinstance(raised.value.__cause__, ConnectionResetError)
    assert life(store, one) == ["queued"]
    assert rows(store) == [(one, "queued")]
    assert look_ahead(store.views.datastore, NOW, 4)[0]


def test_an_outcome_that_comes_after_its_lease_still_counts_and_is_not_sent_again(store: Store) -> None:
    one = queued(store, subscribed(store, "http://127.0.0.1:1"), at=NOW)
    (frozen,), _ = stepping(store).step([], NOW)
    (second,), _ = stepping(store).step([], NOW + timedelta(minutes=1))

    stepping(store).step([Ended(frozen, Accepted("204"))], NOW + timedelta(minutes=1))
    stepping(store).step([Ended(second, Failure("answered 503"))], NOW + timedelta(minutes=1))

    assert life(store, one) == ["queued", "sending", "sending", "delivered"]
    assert rows(store) == []


def test_a_late_word_that_an_attempt_failed_leaves_the_one_under_way_alone(store: Store) -> None:
    one = queued(store, subscribed(store, "http://127.0.0.1:1"), at=NOW)
    (frozen,), _ = stepping(store).step([], NOW)
    (second,), _ = stepping(store).step([], NOW + timedelta(minutes=1))

    stepping(store).step([Ended(frozen, Failure("answered 503"))], NOW + timedelta(minutes=1))
    stepping(store).step([Ended(second, Accepted("204"))], NOW + timedelta(minutes=1))

    assert life(store, one) == ["queued", "sending", "sending", "delivered"]


def test_one_that_only_fails_for_120_hours_is_disabled_and_each_success_begins_the_count_anew(store: Store) -> None:
    bad, better = (subscribed(store, "http://127.0.0.1:1") for _ in range(2))
    delivery, late = stepping(store), NOW + timedelta(hours=120)
    for number, subscription in enumerate((bad, better, better, bad, better)):
        queued(store, subscription, number, at=NOW if number < 3 else late)
    broken, well = Failure("answered 404", Severity.FINAL), Accepted("204")

    attempts, _ = delivery.step([], NOW)
    outcomes: list[Outcome] = [broken, broken, well]
    delivery.step([Ended(*one) for one in zip(attempts, outcomes, strict=True)], NOW)
    attempts, _ = delivery.step([], late)
    delivery.step([Ended(one, broken) for one in attempts], late)

    with store.app.writing() as log:
        endpoints = log.endpoints.of([bad, better])
    assert endpoints[bad].disabled == "it only failed for 120 hours: answered 404"
    assert endpoints[better].disabled is None


def test_what_the_old_url_said_is_not_held_against_the_new_one(store: Store) -> None:
    subscription = subscribed(store, "http://127.0.0.1:1/old")
    queued(store, subscription, at=NOW)
    (attempt,), _ = stepping(store).step([], NOW)
    with store.app.writing() as log:
        log.endpoints.keep(subscription, "http://127.0.0.1:1/new", SECRET)

    stepping(store).step([Ended(attempt, Failure("answered 410 Gone", Severity.FINAL, gone=True))], NOW)

    with store.app.writing() as log:
        endpoint = log.endpoints.of([subscription])[subscription]
    assert (endpoint.disabled, endpoint.failing_since) == (None, None)


def test_a_resolution_never_overtakes_its_alert_and_the_next_episode_never_the_resolution(store: Store) -> None:
    subscription = subscribed(store, "http://127.0.0.1:1")
    told = [
        queued(store, subscription, at=NOW, episode=episode, transition=transition)
        for episode, transition in ((1, "firing"), (1, "worse"), (1, "resolved"), (2, "firing"), (2, "resolved"))
    ]
    delivery, order, now = stepping(store), [], NOW
    attempts, _ = delivery.step([], now)
    while attempts:
        order.append([told.index(one.notification) for one in attempts])
        # Of those that may go at once the first fails once, and is overtaken by none that answers it.
        failed = [Ended(one, Failure("answered 503")) for one in attempts[:1] if one.number == 1]
        well = [Ended(one, Accepted("204")) for one in attempts if one.number > 1 or one is not attempts[0]]
        now += timedelta(seconds=1)
        attempts, _ = delivery.step([*failed, *well], now)
        if not attempts:
            now += timedelta(seconds=1)
            attempts, _ = delivery.step([], now)

    assert order == [[0, 1], [0], [2], [2], [3], [3], [4], [4]]
    assert rows(store) == []


def test_announcements_stand_alone_and_wait_for_none(store: Store) -> None:
    subscription = subscribed(store, "http://127.0.0.1:1")
    ids = [queued(store, subscription, at=NOW, transition="told", n=n) for n in range(3)]

    attempts, _ = stepping(store).step([], NOW)

    assert [one.notification for one in attempts] == ids


def test_a_resolution_of_what_nobody_was_told_dies_with_it_and_both_are_redriven_in_order(store: Store) -> None:
    subscription = subscribed(store, "http://127.0.0.1:1")
    firing = queued(store, subscription, at=NOW)
    resolved = queued(store, subscription, at=NOW, transition="resolved")
    delivery = stepping(store)
    (attempt,), _ = delivery.step([], NOW)
    nothing, _ = delivery.step([Ended(attempt, Failure("answered 404", Severity.FINAL))], NOW)
    listed = the_dead(store)

    redrive(store.app, listed, "mended", dry=False, by="ana", at=NOW)
    (first,), _ = delivery.step([], NOW)
    (second,), _ = delivery.step([Ended(first, Accepted("204"))], NOW)

    assert nothing == []
    assert [(one.notification, one.reason) for one in listed] == [
        (firing, "answered 404"),
        (resolved, "what it answers was never delivered"),
    ]
    assert [first.notification, second.notification] == [firing, resolved]


@pytest.mark.parametrize("meanwhile", ["cancelled", "dead"])
def test_whoever_never_got_the_beginning_does_not_get_what_answers_it(store: Store, meanwhile: str) -> None:
    subscription = subscribed(store, "http://127.0.0.1:1")
    queued(store, subscription, at=NOW)
    resolved, corrected = (queued(store, subscription, at=NOW, transition=one) for one in ("resolved", "corrected"))

    def silenced(_log: object, notifications: Sequence[Notification], at: datetime) -> None:
        for one in notifications:
            if one.transition == "firing":
                (one.cancel if meanwhile == "cancelled" else one.give_up)("over", by="delivery", at=at)

    delivery = stepping(store, look_again=silenced)
    attempts = [delivery.step([], NOW)[0] for _ in range(3)]

    assert attempts == [[], [], []]
    assert [life(store, one)[-1] for one in (resolved, corrected)] == [meanwhile] * 2


def test_an_attempt_that_may_have_got_there_is_answered(store: Store) -> None:
    subscription = subscribed(store, "http://127.0.0.1:1")
    queued(store, subscription, at=NOW)
    resolved = queued(store, subscription, at=NOW, transition="resolved")
    stepping(store).step([], NOW)

    def silenced(_log: object, notifications: Sequence[Notification], at: datetime) -> None:
        for one in notifications:
            if one.transition == "firing":
                one.cancel("over", by="delivery", at=at)

    later = NOW + timedelta(minutes=1)
    delivery = stepping(store, look_again=silenced)
    delivery.step([], later)
    attempts, _ = delivery.step([], later)

    assert [one.notification for one in attempts] == [resolved]


def test_after_the_next_episode_was_delivered_its_end_is_told_although_the_last_was_cancelled(store: Store) -> None:
    subscription = subscribed(store, "http://127.0.0.1:1")
    first = queued(store, subscription, at=NOW)
    with store.app.writing() as log:
        one = log.aggregates(Notification, [first])[first]
        one.cancel("over", by="delivery", at=NOW)
        log.deliveries.keep(one)
        log.save(one.collect_events())
    again, resolved = (queued(store, subscription, at=NOW, episode=2, transition=one) for one in ("firing", "resolved"))
    delivery = stepping(store)

    (firing,), _ = delivery.step([], NOW)
    (end,), _ = delivery.step([Ended(firing, Accepted("204"))], NOW)

    assert [firing.notification, end.notification] == [again, resolved]


@pytest.mark.parametrize("kind", sorted(CORRECTING_KINDS))
def test_a_correction_that_was_asked_for_in_its_own_right_is_sent_after_another_that_died(
    store: Store, kind: str
) -> None:
    subscription = subscribed(store, "http://127.0.0.1:1")
    queued(store, subscription, at=NOW, transition="told", kind=kind)
    queued(store, subscription, at=NOW, transition="corrected", kind=kind, n=2)
    third = queued(store, subscription, at=NOW, transition="corrected", kind=kind, n=3)
    delivery, broken = stepping(store), Failure("answered 404", Severity.FINAL)

    for _ in range(2):
        (attempt,), _ = delivery.step([], NOW)
        delivery.step([Ended(attempt, broken)], NOW, 0)
    (attempt,), _ = delivery.step([], NOW)

    assert attempt.notification == third


def test_a_correction_that_died_does_not_silence_the_next_one(store: Store) -> None:
    # The original went to another subscription of the same recipient, which has ended since.
    subscription = subscribed(store, "http://127.0.0.1:1")
    queued(store, subscription, at=NOW, transition="corrected", kind="checkpoint.evaluated", n=2)
    second = queued(store, subscription, at=NOW, transition="corrected", kind="checkpoint.evaluated", n=3)
    delivery = stepping(store)

    (attempt,), _ = delivery.step([], NOW)
    (next_one,), _ = delivery.step([Ended(attempt, Failure("answered 404", Severity.FINAL))], NOW)

    assert next_one.notification == second


def test_what_one_process_is_sending_it_does_not_claim_again_whatever_the_clock_says(store: Store) -> None:
    one = queued(store, subscribed(store, "http://127.0.0.1:1"), at=NOW)
    stepping(store).step([], NOW)
    jumped = NOW + timedelta(hours=2)

    again = stepping(store).step([], jumped, leave=[one])

    assert again == ([], 0)
    assert not look_ahead(store.views.datastore, jumped, 4, [one])[0]
    assert look_ahead(store.views.datastore, jumped, 4)[0]


def test_a_lease_begins_once_the_logs_lock_is_held(store: Store) -> None:
    queued(store, subscribed(store, "http://127.0.0.1:1"), at=NOW)
    late = NOW + timedelta(seconds=20)

    (attempt,), _ = stepping(store).step([], NOW, clock=lambda: late)

    assert attempt.lease_until == late + timedelta(seconds=30)


def test_one_that_is_failing_is_tried_by_one_message_at_a_time(store: Store) -> None:
    failing, well = (subscribed(store, "http://127.0.0.1:1") for _ in range(2))
    for number in range(20):
        queued(store, failing if number % 2 else well, number, at=NOW)
    delivery, broken = stepping(store), Failure("no answer within 15 seconds")

    attempts, _ = delivery.step([], NOW)
    ended = [Ended(one, broken if _goes_to(one, failing) else Accepted("204")) for one in attempts]
    later, _ = delivery.step(ended, NOW)

    assert len(attempts) == 8
    assert sum(_goes_to(one, failing) for one in later) == 1
    assert len(later) == 5


def test_a_beginning_is_redriven_while_its_end_is_not_told(store: Store) -> None:
    subscription = subscribed(store, "http://127.0.0.1:1")
    queued(store, subscription, at=NOW)
    queued(store, subscription, at=NOW, transition="worse")
    delivery = stepping(store)
    (firing, worse), _ = delivery.step([], NOW)
    delivery.step([Ended(firing, Failure("answered 404", Severity.FINAL)), Ended(worse, Accepted("204"))], NOW)

    ((_, fate, _),) = redrive(store.app, the_dead(store), "mended", dry=False, by="ana", at=NOW)

    assert fate == Fate.AGAIN


def test_a_beginning_is_not_redriven_after_its_end_was_told(store: Store) -> None:
    subscription = subscribed(store, "http://127.0.0.1:1")
    for transition in ("firing", "worse", "resolved"):
        queued(store, subscription, at=NOW, transition=transition)
    delivery = stepping(store)
    (firing, worse), _ = delivery.step([], NOW)
    dead = Ended(firing, Failure("answered 404", Severity.FINAL))
    (resolved,), _ = delivery.step([dead, Ended(worse, Accepted("204"))], NOW)
    delivery.step([Ended(resolved, Accepted("204"))], NOW)

    ((_, _, why),) = redrive(store.app, the_dead(store), "mended", dry=False, by="ana", at=NOW)

    assert why == "what answers it was delivered: it would come after its own end"


def test_of_a_list_that_is_a_little_old_what_is_being_sent_by_now_is_left_and_the_others_are_redriven(
    store: Store,
) -> None:
    ids = [queued(store, subscribed(store, "http://127.0.0.1:1"), number, at=NOW) for number in (1, 2)]
    delivery = stepping(store)
    attempts, _ = delivery.step([], NOW)
    delivery.step([Ended(one, Failure("answered 404", Severity.FINAL)) for one in attempts], NOW)
    old = the_dead(store)
    redrive(store.app, old[:1], "mended", dry=False, by="ana", at=NOW)
    delivery.step([], NOW)

    said = redrive(store.app, old, "mended", dry=False, by="jo", at=NOW)

    assert [(one.fate, one.why) for one in said] == [
        (Fate.LEFT, "it is sending: only what is dead can be tried again"),
        (Fate.AGAIN, ""),
    ]
    assert rows(store) == [(ids[0], "sending"), (ids[1], "queued")]


def test_what_is_not_wanted_any_more_at_the_moment_of_sending_is_cancelled(store: Store) -> None:
    one = queued(store, subscribed(store, "http://127.0.0.1:1"), at=NOW)

    def silenced(_log: object, notifications: Sequence[Notification], at: datetime) -> None:
        for notification in notifications:
            notification.cancel("silenced by ana@example.com", by="delivery", at=at)

    attempts, claimed = stepping(store, look_again=silenced).step([], NOW)

    assert (attempts, claimed) == ([], 1)
    assert life(store, one) == ["queued", "cancelled"]
    assert rows(store) == []


def _goes_to(attempt: Attempt, subscription: UUID) -> bool:
    return attempt.endpoint is not None and attempt.endpoint.subscription == subscription
