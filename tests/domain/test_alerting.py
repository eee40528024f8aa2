"""Who hears what: conditions fire and end, announcements come once, corrections reach those who heard."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.alerts.alert import State
from domain.alerts.scopes import NO_TARGET
from domain.alerts.subscribing import Subscribing
from domain.checkpoint import Checkpoint
from domain.delivery.endpoint import endpoint_disabled
from domain.delivery.notification import Notification
from domain.target import Target
from projections.store import Store
from tests.hearing import ANYBODY, Office

VERDICT, EVALUATED, RESTATED = "alert.verdict", "checkpoint.evaluated", "checkpoint.restated"
ANA, JO = "ana@example.com", "jo@example.com"
QUARTER = timedelta(minutes=15)


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store.app)


def state(office: Office, target: UUID, kind: str = "verdict", scope: object = "") -> State | None:
    alert = office.alert(kind, target, scope)
    return None if alert is None else alert.state


def deliver(office: Office) -> None:
    """What waits for its time is put where it belongs."""
    with office.app.writing() as log:
        ids = [one.id for one in office_told(log)]
        notifications = log.aggregates(Notification, ids)
        for one in notifications.values():
            one.put_in_inbox(by="test", at=office.at)
        log.deliveries.keep(*notifications.values())
        log.save([fact for one in notifications.values() for fact in one.collect_events()])


def office_told(log: Any) -> list[Any]:
    found = [fact for _, fact in log.facts_after(0, ["notification.queued"], 1_000)]
    return list(log.aggregates(Notification, [one.originator_id for one in found]).values())


# A verdict


def test_a_target_at_risk_fires_worsens_resolves_and_fires_again_as_episode_2(office: Office) -> None:
    target = office.target(schedule="FREQ=DAILY")
    office.subscribe(VERDICT, to=target)

    for number, status in enumerate(["at_risk", "at_risk", "off_track", "at_risk", "on_track", "at_risk"], start=1):
        office.evaluated(target, number, status)
        office.decide()

    assert [(one.transition, one.episode, one.n) for one in office.told()] == [
        ("firing", 1, 1),
        ("worse", 1, 2),
        ("resolved", 1, 3),
        ("firing", 2, 1),
    ]
    alert = office.alert("verdict", target)
    assert alert is not None
    assert (alert.state, alert.episode, alert.severity) == (State.FIRING, 2, "at_risk")


def test_it_fires_also_where_nobody_has_subscribed(office: Office) -> None:
    target = office.target()

    office.evaluated(target, 1, "at_risk")
    office.decide()

    assert state(office, target) is State.FIRING
    assert office.told() == []


def test_a_resolution_is_told_only_to_who_was_told_that_it_fired(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, to=target)
    office.evaluated(target, 1, "at_risk")
    office.decide()
    office.subscribe(VERDICT, recipient=JO)

    office.evaluated(target, 2, "on_track")
    office.decide()

    assert office.heard(ANA) == [(VERDICT, "firing"), (VERDICT, "resolved")]
    assert office.heard(JO) == []


@pytest.mark.parametrize("status", ["off_track", "on_track", "too_early"])
def test_a_verdict_that_is_not_announced_changes_nothing_and_is_told_to_no_one(office: Office, status: str) -> None:
    target = office.target()
    office.subscribe(VERDICT, EVALUATED)

    office.evaluated(target, 1, "on_track", announced=False)
    office.evaluated(target, 2, "off_track", announced=False)
    office.decide()

    assert office.told() == []
    assert office.facts("alert.opened") == []


def test_each_verdict_is_told_to_who_asked_for_each_good_ones_too(office: Office) -> None:
    target = office.target()
    office.subscribe(EVALUATED)

    for number, status in enumerate(["on_track", "at_risk", "at_risk"], start=1):
        office.evaluated(target, number, status)
    office.decide()

    assert office.heard() == [(EVALUATED, "told")] * 3
    assert [one.message["status"] for one in office.told()] == ["on_track", "at_risk", "at_risk"]


def test_one_fact_is_one_message_for_each_address_the_conditions_first(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, EVALUATED, to=target)
    office.subscribe(EVALUATED)
    office.subscribe(EVALUATED, channel="webhook")

    office.evaluated(target, 1, "at_risk")
    office.evaluated(target, 2, "at_risk")
    office.decide()

    assert office.heard() == [(VERDICT, "firing"), (EVALUATED, "told"), (EVALUATED, "told"), (EVALUATED, "told")]
    assert [one.state for one in office.told()] == ["delivered", "queued", "delivered", "queued"]
    assert len({one.id for one in office.told()}) == 4


def test_a_checkpoint_without_data_neither_fires_nor_resolves_what_fires(office: Office) -> None:
    calm, worried = office.target(), office.target()
    office.subscribe(VERDICT)
    office.evaluated(worried, 1, "at_risk")

    for target in (calm, worried):
        office.evaluated(target, 2, "stale")
    office.decide()

    assert office.heard() == [(VERDICT, "firing")]
    assert (state(office, calm), state(office, worried)) == (None, State.FIRING)


# Who hears at all


def test_a_new_subscription_hears_nothing_of_the_past_even_when_that_is_decided_on_later(office: Office) -> None:
    target = office.target()
    office.evaluated(target, 1, "at_risk")
    office.subscribe(VERDICT, EVALUATED)
    office.evaluated(target, 2, "off_track")

    office.decide()

    assert office.heard() == [(VERDICT, "worse")]


def test_a_kind_that_is_added_later_begins_then_and_the_others_go_on(office: Office) -> None:
    target = office.target()
    one = office.subscribe("target.attained", to=target)
    office.attained(target)
    office.evaluated(target, 1, "on_track")

    changed: dict[str, Any] = {"by": ANA, "at": office.at}
    Subscribing(office.app).change(one, ["target.attained", EVALUATED], None, None, ANYBODY, **changed)
    office.evaluated(target, 2, "on_track")
    office.decide()

    assert office.heard() == [("target.attained", "told"), (EVALUATED, "told")]
    assert office.told()[1].message["checkpoint"]["number"] == 2


def test_a_subscription_to_one_target_hears_of_no_other(office: Office) -> None:
    mine, other = office.target(), office.target()
    office.subscribe(VERDICT, to=mine)

    office.evaluated(other, 1, "at_risk")
    office.decide()

    assert office.told() == []


def test_who_has_ended_a_subscription_hears_no_more_and_what_waited_is_cancelled(office: Office) -> None:
    target = office.target()
    one = office.subscribe(VERDICT, channel="webhook")
    office.evaluated(target, 1, "at_risk")
    office.decide()

    Subscribing(office.app).end(one, ANYBODY, by=ANA, at=office.at)
    office.evaluated(target, 2, "on_track")
    office.decide()

    assert [(one.transition, one.state) for one in office.told()] == [("firing", "cancelled")]
    with office.app.writing() as log:
        assert log.endpoints.of([one]) == {}


# Attained, closed, cancelled


def test_attained_ends_the_verdict_and_who_knew_of_it_hears_once(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.subscribe(VERDICT, "target.attained", recipient=JO)
    office.evaluated(target, 1, "at_risk")
    office.decide()

    office.attained(target)
    office.decide()

    assert office.heard(ANA) == [(VERDICT, "firing"), (VERDICT, "resolved")]
    assert office.heard(JO) == [(VERDICT, "firing"), ("target.attained", "told")]
    assert state(office, target) is State.RESOLVED
    assert office.facts("alert.resolved")[0].reason == "attained"


def test_attained_silences_a_bad_verdict_that_comes_after_it_with_the_reason(office: Office) -> None:
    target = office.target()
    one = office.subscribe(VERDICT)
    office.attained(target)

    office.evaluated(target, 1, "at_risk")
    office.decide()

    assert office.told() == []
    (withheld,) = office.facts("alert.withheld")
    assert (withheld.transition, withheld.reason, withheld.kept_from) == ("firing", "attained", [one])


def test_who_was_kept_from_hearing_of_it_hears_at_the_next_bad_verdict_when_the_attainment_is_lost(
    office: Office,
) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.attained(target)
    office.evaluated(target, 1, "at_risk")
    office.decide()

    office.lost(target)
    office.subscribe(VERDICT, recipient=JO)
    office.evaluated(target, 2, "at_risk")
    office.evaluated(target, 3, "at_risk")
    office.decide()

    assert [(one.recipient, one.transition, one.episode) for one in office.told()] == [(ANA, "firing", 1)]
    assert office.told()[0].message["checkpoint"]["number"] == 2


def test_the_closing_verdict_is_heard_and_the_close_then_ends_it_in_silence(office: Office) -> None:
    target = office.target()
    one = office.subscribe(VERDICT)

    office.evaluated(target, 5, "off_track")
    office.closed(target, "missed")
    office.decide()

    assert office.heard() == [(VERDICT, "firing")]
    assert state(office, target) is State.RESOLVED
    (withheld,) = office.facts("alert.withheld")
    assert (withheld.transition, withheld.reason, withheld.kept_from) == ("resolved", "closed", [one])


def test_who_hears_of_the_close_itself_misses_nothing(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, "target.closed")
    office.evaluated(target, 5, "off_track")

    office.closed(target, "missed")
    office.decide()

    assert office.heard() == [(VERDICT, "firing"), ("target.closed", "told")]
    assert office.facts("alert.withheld") == []


def test_cancelling_silences_everything_open(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, "alert.milestone_due")
    milestone = office.milestone(target)
    office.evaluated(target, 1, "at_risk")
    office.due_soon(milestone, 7)
    office.decide()

    office.app.cancel_target(target, "the shop closed", by=ANA, at=office.at)
    office.decide()

    assert office.heard() == [(VERDICT, "firing"), ("alert.milestone_due", "firing")]
    assert state(office, target) is State.RESOLVED
    assert state(office, target, "milestone_due", milestone) is State.RESOLVED
    assert [one.reason for one in office.facts("alert.withheld")] == ["cancelled", "cancelled"]


# Corrections


def test_a_correction_goes_to_who_heard_the_original_and_to_no_one_else(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, to=target)
    office.subscribe(EVALUATED, recipient=JO, channel="webhook")
    office.subscribe("target.attained", recipient="pat@example.com")
    office.evaluated(target, 1, "at_risk")
    office.decide()
    office.subscribe(EVALUATED, VERDICT, recipient="late@example.com")

    office.restated(target, 1, "on_track")
    office.decide()

    assert office.heard(ANA) == [(VERDICT, "firing"), (VERDICT, "corrected")]
    assert office.heard(JO) == [(EVALUATED, "told"), (EVALUATED, "corrected")]
    assert office.heard("pat@example.com") == office.heard("late@example.com") == []
    assert state(office, target) is State.RESOLVED


def test_one_message_says_both_that_it_was_wrong_and_that_it_is_worse(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.evaluated(target, 1, "at_risk")
    office.decide()
    office.subscribe(VERDICT, recipient=JO)

    office.restated(target, 1, "off_track")
    office.decide()

    assert office.heard(ANA) == [(VERDICT, "firing"), (VERDICT, "corrected")]
    assert office.told(ANA)[1].message["condition"] == "worse"
    assert office.heard(JO) == [(VERDICT, "worse")]


def test_a_restatement_of_an_earlier_checkpoint_corrects_and_leaves_the_verdict(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.evaluated(target, 1, "at_risk")
    office.evaluated(target, 2, "off_track")

    office.restated(target, 1, "on_track")
    office.decide()

    assert office.heard() == [(VERDICT, "firing"), (VERDICT, "worse"), (VERDICT, "corrected")]
    assert state(office, target) is State.FIRING


def test_who_resolved_by_a_restatement_heard_of_an_earlier_checkpoint_hears_that_it_is_over(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.evaluated(target, 1, "at_risk")
    office.evaluated(target, 2, "at_risk")

    office.restated(target, 2, "on_track")
    office.decide()

    assert office.heard() == [(VERDICT, "firing"), (VERDICT, "resolved")]


def test_a_restatement_is_told_once_to_who_asked_for_restatements(office: Office) -> None:
    target = office.target()
    office.subscribe(RESTATED)
    office.subscribe(EVALUATED, RESTATED, recipient=JO)
    office.evaluated(target, 1, "on_track")

    office.restated(target, 1, "ahead")
    office.restated(target, 1, "at_risk")
    office.decide()

    assert office.heard(ANA) == [(RESTATED, "told"), (RESTATED, "corrected")]
    assert office.heard(JO) == [(EVALUATED, "told"), (RESTATED, "corrected"), (RESTATED, "corrected")]


def test_the_checkpoints_of_a_closed_target_are_corrected_and_fire_no_more(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, EVALUATED)
    office.evaluated(target, 5, "on_track")
    office.closed(target, "missed")

    office.restated(target, 5, "off_track")
    office.decide()

    assert office.heard() == [(EVALUATED, "told"), (EVALUATED, "corrected")]
    assert state(office, target) is None


def test_a_restated_outcome_is_a_correction_for_who_heard_the_outcome(office: Office) -> None:
    target = office.target()
    office.subscribe("target.closed")
    office.subscribe("target.outcome_restated", recipient=JO)
    office.subscribe("target.closed", "target.outcome_restated", recipient="pat@example.com")
    office.closed(target, "missed")

    office.outcome_restated(target, "missed", "met")
    office.decide()

    assert office.heard(ANA) == [("target.closed", "told"), ("target.closed", "corrected")]
    assert office.heard(JO) == [("target.outcome_restated", "told")]
    assert office.heard("pat@example.com") == [("target.closed", "told"), ("target.outcome_restated", "corrected")]


def test_a_lost_attainment_is_retracted_from_who_heard_of_it_and_attained_again_is_news(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT, recipient="pat@example.com")
    office.evaluated(target, 1, "at_risk")
    office.decide()
    office.subscribe("target.attained")
    office.subscribe("target.attainment_lost", recipient=JO)

    office.attained(target)
    office.lost(target)
    office.attained(target)
    office.decide()

    again = [("target.attained", transition) for transition in ("told", "retracted", "told")]
    assert office.heard(ANA) == again
    assert [one.episode for one in office.told(ANA)] == [1, 1, 2]
    assert office.heard(JO) == [("target.attainment_lost", "told")]
    assert office.heard("pat@example.com") == [(VERDICT, one) for one in ("firing", "resolved", "retracted")]


@pytest.mark.parametrize("announced", [True, False])
def test_what_is_not_announced_of_a_period_that_was_over_is_told_to_no_one(office: Office, announced: bool) -> None:
    target = office.target()
    office.subscribe("target.attained", "target.attainment_lost", "target.closed", "target.outcome_restated")

    office.attained(target, announced=announced)
    office.lost(target, announced=announced)
    office.closed(target, "missed", announced=announced)
    office.outcome_restated(target, "missed", "met", announced=announced)
    office.decide()

    assert len(office.told()) == (4 if announced else 0)


@pytest.mark.parametrize("how", ["attained", "closed"])
def test_what_is_not_announced_still_ends_a_verdict_in_silence(office: Office, how: str) -> None:
    target = office.target()
    office.subscribe(VERDICT, "target.attained", "target.closed")
    office.evaluated(target, 1, "at_risk")
    office.decide()

    getattr(office, how)(target, *(["missed"] if how == "closed" else []), announced=False)
    office.decide()

    assert state(office, target) is State.RESOLVED
    assert office.heard() == [(VERDICT, "firing")]
    assert [one.reason for one in office.facts("alert.withheld")] == [how]


def test_who_asked_for_lost_attainments_alone_hears_of_each_as_news(office: Office) -> None:
    target = office.target()
    office.subscribe("target.attainment_lost")

    for _ in range(3):
        office.attained(target)
        office.lost(target)
        office.decide()

    assert office.heard() == [("target.attainment_lost", "told")] * 3


def test_a_clock_that_is_set_back_makes_no_earlier_checkpoint_the_latest(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.evaluated(target, 1, "on_track")
    office.evaluated(target, 2, "on_track")
    office.decide()

    office.at -= timedelta(hours=1)
    office.restated(target, 1, "off_track")
    office.decide()

    assert office.told() == []
    assert state(office, target) is None


# Two subscriptions of one address


@pytest.mark.parametrize("channel", ["inbox", "nats"])
def test_who_ends_one_of_two_subscriptions_hears_by_the_other_how_it_went_on(office: Office, channel: str) -> None:
    target = office.target()
    elder = office.subscribe(VERDICT, channel=channel, to=target)
    younger = office.subscribe(VERDICT, channel=channel)
    office.evaluated(target, 1, "at_risk")
    office.decide()

    Subscribing(office.app).end(elder, ANYBODY, by=ANA, at=office.at)
    office.evaluated(target, 2, "on_track")
    office.decide()

    (fired, resolved) = office.facts("alert.told")
    assert (fired.told, fired.messages) == ([elder, younger], 1)
    assert (resolved.told, resolved.messages) == ([younger], 1)
    assert [one.transition for one in office.told()] == ["firing", "resolved"]


def test_a_shared_message_that_waited_is_recalled_for_both_and_told_once(office: Office) -> None:
    target = office.target()
    both = [office.subscribe(VERDICT, to=target), office.subscribe(VERDICT)]
    office.evaluated(target, 1, "at_risk", complete=False)
    office.decide()

    office.restated(target, 1, "off_track")
    office.decide()

    (recalled,) = office.facts("alert.recalled")
    assert (recalled.recalled, recalled.messages) == (both, 1)
    assert len(office.told()) == 2
    assert office.heard() == [(VERDICT, "firing")]


def test_of_two_subscriptions_of_one_address_the_same_one_has_all_messages(office: Office) -> None:
    target = office.target()
    elder, *_ = [office.subscribe(VERDICT, channel="nats", to=target) for _ in range(8)]

    for number, status in enumerate(["at_risk", "off_track", "on_track"], start=1):
        office.evaluated(target, number, status)
        office.decide()

    assert {one.subscription for one in office.facts("notification.queued")} == {elder}
    assert len(office.told()) == 3


# A webhook that gets nothing any more


def disable(office: Office, one: UUID) -> str:
    """Its webhook said that it is gone; its URL."""
    with office.app.writing() as log:
        (endpoint,) = log.endpoints.of([one]).values()
        off = replace(endpoint, disabled="it said that it is gone: 410")
        log.endpoints.note(off)
        log.save([endpoint_disabled(off, ANA, uuid4(), attempt=1, by="delivery", at=office.at)])
    return endpoint.url


def test_whose_webhook_was_disabled_hears_so_in_the_inbox_and_when_it_is_enabled_again(office: Office) -> None:
    one, use = office.subscribe(VERDICT, channel="webhook"), Subscribing(office.app)
    url = disable(office, one)
    office.decide()
    use.change(one, [EVALUATED], None, None, ANYBODY, by=ANA, at=office.at)
    office.decide()
    assert office.heard(ANA) == [("alert.endpoint_failing", "firing")]

    use.change(one, None, url, None, ANYBODY, by=ANA, at=office.at)
    office.decide()

    failing, enabled = office.told(ANA)
    assert failing.line == (
        "Nothing is sent to your webhook on hooks.example.com any more: it said that it is gone: 410"
    )
    assert (failing.state, enabled.state) == ("delivered", "delivered")
    assert (enabled.kind, enabled.transition) == ("alert.endpoint_failing", "resolved")
    alert = office.alert("endpoint_failing", NO_TARGET, one)
    assert alert is not None
    assert (alert.state, alert.episode) == (State.RESOLVED, 1)


def test_a_webhook_that_was_disabled_and_ended_is_told_of_no_more(office: Office) -> None:
    one = office.subscribe(VERDICT, channel="webhook")
    disable(office, one)
    office.decide()

    Subscribing(office.app).end(one, ANYBODY, by=ANA, at=office.at)
    office.decide()

    assert office.heard(ANA) == [("alert.endpoint_failing", "firing")]
    alert = office.alert("endpoint_failing", NO_TARGET, one)
    assert alert is not None
    assert alert.state is State.RESOLVED


# Verdicts without all sales


def test_an_incomplete_verdict_waits_a_quarter_of_an_hour_and_says_so(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)

    office.evaluated(target, 1, "at_risk", complete=False)
    office.decide()

    (one,) = office.told()
    assert (one.state, one.not_before) == ("queued", office.at + QUARTER)
    assert one.message["complete"] is False
    assert one.line.endswith("; not all sales were in yet")


def test_one_that_is_complete_before_is_told_at_once_instead(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.subscribe(EVALUATED, recipient=JO, channel="webhook")
    office.evaluated(target, 1, "at_risk", complete=False)
    office.decide()
    office.at += timedelta(minutes=2)

    office.restated(target, 1, "off_track", complete=True)
    office.decide()

    assert office.heard(ANA) == [(VERDICT, "firing")]
    assert office.heard(JO) == [(EVALUATED, "told")]
    assert [(one.state == "cancelled", one.not_before is None) for one in office.told()] == [
        (True, False),
        (True, False),
        (False, True),
        (False, True),
    ]
    assert {one.message["status"] for one in office.told()[2:]} == {"off_track"}


def test_one_that_turns_out_good_is_never_heard_of_as_bad(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.subscribe(EVALUATED, recipient=JO)
    office.evaluated(target, 1, "at_risk", complete=False)
    office.restated(target, 1, "on_track", complete=True)

    office.decide()

    assert office.heard(ANA) == []
    assert [(one.transition, one.message["status"]) for one in office.told(JO) if one.state != "cancelled"] == [
        ("told", "on_track")
    ]
    assert state(office, target) is State.RESOLVED


def test_one_that_was_told_without_all_sales_is_corrected_when_they_are_in(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.evaluated(target, 1, "at_risk", complete=False)
    office.decide()
    office.at += QUARTER
    deliver(office)

    office.restated(target, 1, "on_track", complete=True)
    office.decide()

    assert office.heard() == [(VERDICT, "firing"), (VERDICT, "corrected")]


def test_one_that_is_still_incomplete_goes_on_waiting_for_the_same_time(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.evaluated(target, 1, "at_risk", complete=False)
    office.decide()
    told_at = office.at + QUARTER
    office.at += timedelta(minutes=2)

    office.restated(target, 1, "off_track", complete=False)
    office.decide()

    assert [(one.state, one.not_before) for one in office.told()] == [("cancelled", told_at), ("queued", told_at)]


def test_one_that_turns_bad_while_sales_are_still_missing_waits_too(office: Office) -> None:
    target = office.target()
    office.subscribe(VERDICT)
    office.evaluated(target, 1, "on_track", complete=False)
    office.decide()
    told_at = office.at + QUARTER
    office.at += timedelta(minutes=2)

    office.restated(target, 1, "at_risk", complete=False)
    office.decide()
    assert [(one.transition, one.not_before) for one in office.told()] == [("firing", told_at)]

    office.restated(target, 1, "on_track", complete=True)
    office.decide()
    assert office.heard() == []


# Other facts


def test_every_other_fact_is_told_to_who_asked_for_it(office: Office) -> None:
    office.subscribe("target.defined", "target.activated", "target.filled", "target.cancelled", "checkpoint.settled")
    target = office.target()
    checkpoint = office.evaluated(target, 1, "on_track")
    backdated = office.evaluated(target, 2, "on_track", announced=False)
    settle(office, checkpoint)
    settle(office, backdated)
    office.app.cancel_target(target, "the shop closed", by=ANA, at=office.at)

    office.decide()

    assert [kind for kind, _ in office.heard()] == [
        "target.defined",
        "target.activated",
        "target.filled",
        "checkpoint.settled",
        "target.cancelled",
    ]
    assert office.told()[-1].line == "November revenue was cancelled: the shop closed"


def settle(office: Office, checkpoint_id: UUID) -> None:
    with office.app.writing() as log:
        checkpoint = log.aggregates(Checkpoint, [checkpoint_id])[checkpoint_id]
        checkpoint.settle(by="test", at=office.at)
        log.save(checkpoint.collect_events())


def test_a_seal_is_told_after_the_outcome(office: Office) -> None:
    target = office.target()
    office.subscribe("target.sealed")
    office.closed(target, "missed")
    office.happens(target, Target.TargetSealed, total=90_000_00, goal=100_000_00, outcome="missed")

    office.decide()

    assert office.told()[0].line == "November revenue is sealed: missed its goal with $90,000.00 of $100,000.00"
