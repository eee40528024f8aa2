"""What was queued and is silenced since is not sent: looked at again at the moment of sending."""

from collections.abc import Callable
from uuid import UUID

import pytest

from domain.delivering import Delivering
from domain.retry import WEBHOOK_LADDER
from domain.second_look import look_again
from projections.store import Store
from tests.hearing import Office

ANA = "ana@example.com"
VERDICT, EVALUATED, DUE = "alert.verdict", "checkpoint.evaluated", "alert.milestone_due"


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store.app)


def send(office: Office) -> list[str]:
    """The lines of what goes out now."""
    delivering = Delivering(office.app, {"webhook": WEBHOOK_LADDER}, look_again=look_again)
    attempts, _ = delivering.step([], office.at)
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
    office.attained(target)
    office.decide()

    send(office)

    assert [(one.transition, one.state) for one in office.told()] == [("firing", "cancelled"), ("resolved", "queued")]
    assert send(office) == ["November revenue is attained: $101,000.00 of $100,000.00"]
