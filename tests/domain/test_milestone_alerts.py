"""Who hears of a milestone: due soon, overdue, achieved, reopened; each once."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.alerts.alert import State
from domain.milestones.due_rule import due_of, due_rule_of
from domain.milestones.milestone import Milestone
from projections.store import Store
from tests.hearing import Office

ANA, JO = "ana@example.com", "jo@example.com"
DUE = "alert.milestone_due"


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store.app)


def state(office: Office, target: UUID, milestone: UUID) -> State | None:
    alert = office.alert("milestone_due", target, milestone)
    return None if alert is None else alert.state


def test_a_milestone_is_due_soon_then_overdue_then_achieved(office: Office) -> None:
    target = office.target()
    office.subscribe(DUE)
    milestone = office.milestone(target)

    office.due_soon(milestone, 7)
    office.due_soon(milestone, 1)
    office.at = office.due_at(milestone)
    office.moves(milestone, "fall_overdue")
    office.decide()
    office.moves(milestone, "achieve", "it is live", {})
    office.decide()

    assert office.heard() == [(DUE, one) for one in ("firing", "reminder", "worse", "resolved")]
    expires = [one.expires_at for one in office.told()]
    assert expires == [office.due_at(milestone), office.due_at(milestone), None, None]
    assert state(office, target, milestone) is State.RESOLVED


@pytest.mark.parametrize(("how", "reason"), [("achieve", "achieved"), ("waive", "waived")])
def test_what_is_done_by_now_is_not_told_to_be_due_soon(office: Office, how: str, reason: str) -> None:
    target = office.target()
    office.subscribe(DUE)
    milestone = office.milestone(target)

    office.due_soon(milestone, 7)
    office.moves(milestone, how, "it is live", *([{}] if how == "achieve" else []))
    office.decide()

    assert office.told() == []
    assert [one.reason for one in office.facts("alert.withheld")] == [reason]


def test_a_moved_milestone_is_due_no_more_until_it_is_again(office: Office) -> None:
    target = office.target()
    office.subscribe(DUE)
    milestone = office.milestone(target)
    office.due_soon(milestone, 7)
    office.decide()

    rule = due_rule_of("end")
    office.moves(milestone, "reschedule", rule, due_of(rule, office.load(target).course), [])
    office.decide()

    assert office.heard() == [(DUE, "firing"), (DUE, "resolved")]
    assert office.told()[1].line == "Launch (November revenue) is due on Mon 30 Nov now"


def test_a_reopening_corrects_who_heard_of_the_achieving_at_most_once_a_day(office: Office) -> None:
    target = office.target()
    office.subscribe("milestone.achieved")
    office.subscribe("milestone.planned", recipient=JO)
    milestone = office.milestone(target)

    for hours in (0, 1, 2, 26):
        office.at += timedelta(hours=hours)
        office.moves(milestone, "achieve", "it is live", {})
        office.reopened(milestone)
        office.decide()

    kinds = [one for _, one in office.heard(ANA)]
    assert kinds == ["told", "corrected", "told", "corrected"]
    assert office.heard(JO) == [("milestone.planned", "told")]
    reasons = [one.reason for one in office.facts("alert.withheld")]
    assert reasons == ["heard already"] * 2
    waited = [one for one in office.told(ANA) if one.not_before is not None]
    assert [one.state for one in waited] == ["cancelled"] * 2


def test_a_second_reopening_within_a_day_is_told_when_the_day_is_over(office: Office) -> None:
    target = office.target()
    office.subscribe("milestone.achieved")
    milestone = office.milestone(target)
    first = office.at

    for hours in (0, 1):
        office.at += timedelta(hours=hours)
        office.moves(milestone, "achieve", "it is live", {})
        office.reopened(milestone)
        office.decide()

    last = office.told(ANA)[-1]
    assert (last.transition, last.state, last.not_before) == ("corrected", "queued", first + timedelta(days=1))
    assert last.line == "Correction: Launch (November revenue) is not achieved any more"


def test_a_reopening_that_waits_is_recalled_when_it_is_achieved_again_and_the_day_counts_from_what_was_sent(
    office: Office,
) -> None:
    target = office.target()
    office.subscribe("milestone.achieved")
    milestone = office.milestone(target)
    first = office.at
    for hours in (0, 1):
        office.at += timedelta(hours=hours)
        office.moves(milestone, "achieve", "it is live", {})
        office.reopened(milestone)
        office.decide()

    office.at += timedelta(hours=1)
    office.moves(milestone, "achieve", "it is live", {})
    office.decide()
    assert office.heard(ANA) == [("milestone.achieved", one) for one in ("told", "corrected", "told")]
    office.reopened(milestone)
    office.decide()

    last = office.told(ANA)[-1]
    assert (last.transition, last.state, last.not_before) == ("corrected", "queued", first + timedelta(days=1))
    assert len(office.heard(ANA)) == 4


def test_who_hears_that_it_is_due_again_is_not_told_later_that_it_is_open(office: Office) -> None:
    target = office.target()
    office.subscribe(DUE)
    milestone = office.milestone(target)
    for days in (7, 3):
        office.due_soon(milestone, days)
        office.moves(milestone, "achieve", "it is live", {})
        office.reopened(milestone)
        office.decide()

    office.due_soon(milestone, 1)
    office.decide()

    heard = [one for _, one in office.heard(ANA)]
    assert heard == ["firing", "resolved", "corrected", "firing", "resolved", "firing"]


def test_a_period_that_is_over_ends_what_is_due_and_nobody_hears_of_it(office: Office) -> None:
    target = office.target()
    office.subscribe(DUE, "milestone.missed")
    milestone = office.milestone(target)
    office.due_soon(milestone, 7)
    office.decide()

    with office.app.writing() as log:
        one = log.aggregates(Milestone, [milestone])[milestone]
        one.miss(announced=False, by="test", at=office.at)
        log.save(one.collect_events())
    office.decide()

    assert state(office, target, milestone) is State.RESOLVED
    assert office.heard() == [(DUE, "firing")]
    assert [one.reason for one in office.facts("alert.withheld")] == ["missed"]


def test_who_heard_that_it_was_missed_hears_that_a_late_sale_achieved_it(office: Office) -> None:
    target = office.target()
    office.subscribe("milestone.missed")
    milestone = office.milestone(target)
    office.moves(milestone, "miss")

    office.moves(milestone, "achieve", "it was live", {})
    office.decide()

    assert office.heard() == [("milestone.missed", "told"), ("milestone.missed", "corrected")]
    assert office.told()[1].line == "Launch (November revenue) is achieved, late"
