"""What was queued and is silenced since is not sent: looked at again at the moment of sending."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from domain.alerts.second_look import look_again
from domain.alerts.subscribing import Subscribing
from domain.delivery.delivering import Delivering, Ended
from domain.delivery.redriving import Fate, redrive
from domain.delivery.retry import NATS_LADDER, WEBHOOK_LADDER, Accepted, Failure, Outcome, Severity
from projections.store import Store
from tests.hearing import ANYBODY, Office
from tests.notifying import the_dead

ANA = "ana@example.com"
VERDICT, EVALUATED, DUE = "alert.verdict", "checkpoint.evaluated", "alert.milestone_due"


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store.app)


def send(office: Office, outcome: Outcome | None = None) -> list[str]:
    """The lines of what goes out now; what comes of it, unless that is not known."""
    ladders = {"webhook": WEBHOOK_LADDER, "nats": NATS_LADDER}
    delivering = Delivering(office.app, ladders, look_again=look_again)
    attempts, _ = delivering.step([], office.at)
    if outcome is not None:
        delivering.step([Ended(one, outcome) for one in attempts], office.at, 0)
    lines = {one.id: one.line for one in office.told()}
    return [lines[one.notification] for one in attempts]


def cancel(office: Office, target: UUID) -> None:
    office.app.cancel_target(target, "the shop closed", by=ANA, at=office.at)


@pytest.mark.parametrize(
    ("silence", "reason"),
    [
        (lambda office, target: office.attained(target), "silenced: the target is attained by now"),
        (lambda office, target: office.closed(target, "missed"), "silenced: the target is closed by now"),
        (cancel, "silenced: the target is cancelled by now"),
    ],
    ids=["attained", "closed", "cancelled"],
)
def test_a_verdict_that_waits_while_its_target_ends_is_not_sent(
    office: Office, silence: Callable[[Office, UUID], None], reason: str
) -> None:
    target = office.target()
    office.subscribe(VERDICT, channel="webhook")
    office.evaluated(target, 1, "at_risk")
    office.decide()

    silence(office, target)

    assert send(office) == []
    (one,) = office.told()
    assert one.state == "cancelled"
    assert office.facts("notification.cancelled")[0].reason == reason


def test_what_nothing_has_silenced_is_sent(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, EVALUATED, channel="webhook")
    office.evaluated(target, 1, "at_risk")
    office.evaluated(target, 2, "at_risk")
    office.decide()

    assert len(send(office)) == 2


def test_the_closing_verdict_is_sent_after_the_close_and_facts_are_always(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, channel="webhook")
    office.subscribe(EVALUATED, channel="webhook")
    office.evaluated(target, 5, "off_track")
    office.closed(target, "missed")
    office.decide()

    assert len(send(office)) == 2


def test_a_milestone_that_is_achieved_while_a_reminder_waits_is_not_told_to_be_due(office: Office) -> None:
    target = office.target()
    office.subscribe(DUE, channel="webhook")
    milestone = office.milestone(target)
    office.due_soon(milestone, 7)
    office.decide()

    office.moves(milestone, "achieve", "it is live", {})

    assert send(office) == []
    assert office.facts("notification.cancelled")[0].reason == "silenced: the milestone is achieved by now"


def test_the_end_of_a_condition_is_sent_although_the_target_has_ended(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, channel="webhook")
    office.evaluated(target, 1, "at_risk")
    office.decide()
    send(office, Accepted("204"))

    office.attained(target)
    office.decide()

    assert send(office) == ["November revenue is attained: $101,000.00 of $100,000.00"]


@pytest.mark.parametrize("failed_before", [False, True], ids=["not tried yet", "waits for its next try"])
def test_whoever_never_heard_of_a_verdict_hears_neither_that_it_is_over_nor_that_it_comes_back(
    office: Office, failed_before: bool
) -> None:
    target = office.target()
    office.subscribe(VERDICT, channel="webhook")
    office.evaluated(target, 1, "at_risk")
    office.decide()
    if failed_before:
        send(office, Failure("answered 503"))

    office.attained(target)
    office.decide()
    office.lost(target)
    office.decide()
    office.at += timedelta(hours=1)

    assert [send(office) for _ in range(4)] == [[]] * 4
    assert {(one.transition, one.state) for one in office.told()} == {
        ("firing", "cancelled"),
        ("resolved", "cancelled"),
        ("retracted", "cancelled"),
    }


def test_a_verdict_that_is_over_before_it_got_there_is_not_sent(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, channel="webhook")
    office.evaluated(target, 1, "at_risk")
    office.evaluated(target, 2, "on_track")
    office.decide()

    assert [send(office) for _ in range(3)] == [[]] * 3
    assert [one.reason for one in office.facts("notification.cancelled")] == [
        "silenced: the alert is resolved by now",
        "what it answers was never delivered",
    ]


def test_the_next_verdict_is_told_with_its_end_after_one_that_nobody_heard(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, channel="webhook")
    for number, status in ((1, "at_risk"), (2, "on_track"), (3, "off_track")):
        office.evaluated(target, number, status)
        office.decide()

    told = [line for _ in range(4) for line in send(office, Accepted("204"))]
    office.evaluated(target, 4, "ahead")
    office.decide()
    told += send(office, Accepted("204"))

    assert [one.state for one in office.told()] == ["cancelled", "cancelled", "delivered", "delivered"]
    assert len(told) == 2


@pytest.mark.parametrize("dry", [True, False], ids=["dry", "done"])
def test_what_is_over_by_now_is_cancelled_when_it_is_redriven_and_so_is_what_answers_it(
    office: Office, store: Store, dry: bool
) -> None:
    target = office.target()
    office.subscribe(VERDICT, channel="webhook")
    office.evaluated(target, 1, "at_risk")
    office.decide()
    send(office, Failure("answered 404", Severity.FINAL))
    office.evaluated(target, 2, "on_track")
    office.decide()
    send(office)

    said = redrive(office.app, the_dead(store), "mended", dry=dry, by=ANA, at=office.at, look_again=look_again)

    assert [(one.dead.transition, one.fate, one.why) for one in said] == [
        ("firing", Fate.CANCELLED, "silenced: the alert is resolved by now"),
        ("resolved", Fate.CANCELLED, "what it answers was never delivered"),
    ]
    assert [one.state for one in office.told()] == ["dead" if dry else "cancelled"] * 2
    assert len(the_dead(store)) == (2 if dry else 0)


def test_an_end_is_not_redriven_without_its_beginning(office: Office, store: Store) -> None:
    target = office.target()
    office.subscribe(VERDICT, channel="webhook")
    office.evaluated(target, 1, "at_risk")
    office.decide()
    send(office, Failure("answered 404", Severity.FINAL))
    office.attained(target)
    office.decide()
    send(office)
    _, resolved = the_dead(store)

    (said,) = redrive(office.app, [resolved], "mended", dry=False, by=ANA, at=office.at, look_again=look_again)

    assert (said.fate, said.why) == (Fate.LEFT, "what it answers was never delivered: redrive that as well")


def test_nothing_is_redriven_to_a_subscription_that_has_ended(office: Office, store: Store) -> None:
    target = office.target()
    subscription = office.subscribe(VERDICT, channel="nats")
    office.evaluated(target, 1, "at_risk")
    office.decide()
    send(office, Failure("larger than NATS carries", Severity.FINAL))
    Subscribing(office.app).end(subscription, ANYBODY, by=ANA, at=office.at)

    (said,) = redrive(office.app, the_dead(store), "mended", dry=False, by=ANA, at=office.at, look_again=look_again)

    assert (said.fate, said.why) == (Fate.LEFT, "its subscription is gone")


def test_in_an_inbox_a_beginning_that_waits_is_not_overtaken_by_its_end(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.evaluated(target, 1, "off_track", complete=False)
    office.decide()

    office.attained(target)
    office.decide()
    office.lost(target)
    office.decide()
    states = [one.state for one in office.told()]
    office.at += timedelta(minutes=20)
    for _ in range(4):
        send(office)

    assert states == ["queued"] * 3
    assert office.facts("notification.delivered") == []


def test_in_an_inbox_what_was_heard_is_answered_at_once(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    for number, status in ((1, "at_risk"), (2, "on_track"), (3, "off_track")):
        office.evaluated(target, number, status)
        office.decide()

    assert [(one.transition, one.state) for one in office.told()] == [
        ("firing", "delivered"),
        ("resolved", "delivered"),
        ("firing", "delivered"),
    ]


def test_in_an_inbox_a_reminder_that_expired_is_not_answered(office: Office) -> None:
    target = office.target()
    office.subscribe(DUE)
    milestone = office.milestone(target)
    office.at = office.due_at(milestone) - timedelta(hours=1)
    office.due_soon(milestone, 0)
    office.at += timedelta(hours=2)
    office.decide()

    office.moves(milestone, "achieve", "it is live", {})
    office.decide()
    send(office)

    assert [(one.transition, one.state) for one in office.told()] == [("firing", "dead"), ("resolved", "dead")]
