"""Who hears that a target slips, stalls or gets no data, of check-ins and of what people say."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.alerts.alert import State
from domain.alerts.second_look import look_again
from domain.companion import Companion
from domain.delivery.notification import Notification
from domain.revising import Wish, revise_target
from domain.updates.updates import Said, Updates
from domain.watch.seeing import Pace, Seen
from domain.watch.watch import Watch
from projections.store import Store
from tests.hearing import Office
from tests.words import resolving

SLIPPING, STALLED, STALE, CHECK_IN = "alert.slipping", "alert.stalled", "alert.stale", "alert.check_in"
ANA, JO, KIM = "ana@example.com", "jo@example.com", "kim@example.com"
SLOW = Pace(5, 15_000_00, 12_000_00, "1.0000", "2.5000")
DAY = date(2026, 11, 6)
CUTOFF = datetime(2026, 11, 7, tzinfo=UTC)
DUE = datetime(2026, 11, 9, tzinfo=UTC)


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store.app)


def beside(office: Office, kind: type[Companion], target: UUID, what: str, *args: Any, **said: Any) -> None:
    """A decision of what stands beside a target, by its name."""
    with office.app.writing() as log:
        named = kind.id_of(target)
        one = log.aggregates(kind, [named]).get(named) or kind.of(target, office.at)
        getattr(one, what)(*args, **said, by=said.pop("by", "checkpoints"), at=office.at)
        log.save(one.collect_events())
    office.decide()


def slips(office: Office, target: UUID) -> None:
    beside(office, Watch, target, "see", Seen(DAY, slipping=SLOW, slipping_holds=True))


def recovers(office: Office, target: UUID) -> None:
    beside(office, Watch, target, "see", Seen(DAY))


def asks(office: Office, target: UUID, number: int = 1, cutoff: datetime = CUTOFF) -> None:
    beside(office, Updates, target, "ask", number, cutoff, "at_risk", [ANA, JO], DUE)


def escalates(office: Office, target: UUID, to: str | None = None, parent: UUID | None = None) -> None:
    beside(office, Updates, target, "escalate", to, parent)


def posts(office: Office, target: UUID) -> None:
    said = Said(False, "Two large orders slipped", 6, "A visit")
    beside(office, Updates, target, "post", uuid4(), said)


def state(office: Office, target: UUID, kind: str) -> State | None:
    alert = office.alert(kind, target)
    return None if alert is None else alert.state


def test_slipping_is_told_once_until_it_is_over_and_then_again_as_another_episode(office: Office) -> None:
    target = office.target()
    office.subscribe(SLIPPING)

    for _ in range(2):
        slips(office, target)
        slips(office, target)
        recovers(office, target)

    assert [(one.transition, one.episode) for one in office.told()] == [
        ("firing", 1),
        ("resolved", 1),
        ("firing", 2),
        ("resolved", 2),
    ]


def test_the_message_says_what_the_days_brought_and_what_to_do(office: Office) -> None:
    target = office.target()
    office.subscribe(SLIPPING)

    slips(office, target)

    (told,) = office.told()
    assert told.line == ("November revenue is slipping: $12,000.00 of $15,000.00 expected in its last 5 open days")
    assert told.message["trend"] == {
        "day": "2026-11-06",
        "days": 5,
        "expected": "15000.00",
        "actual": "12000.00",
        "burn": "1.0000",
        "last_burn": "2.5000",
    }
    assert f"POST /v1/targets/{target}/updates" in told.message["what_to_do"][1]


def test_slipping_and_stalled_are_two_conditions(office: Office) -> None:
    target = office.target()
    office.subscribe(SLIPPING, STALLED)

    beside(office, Watch, target, "see", Seen(DAY, slipping=SLOW, stalled=SLOW, slipping_holds=True))
    beside(office, Watch, target, "see", Seen(DAY, slipping=SLOW))

    assert office.heard() == [(SLIPPING, "firing"), (STALLED, "firing"), (STALLED, "resolved")]


def test_whoever_asked_for_the_fact_hears_of_it_as_news_and_a_condition_goes_before_it(office: Office) -> None:
    target = office.target()
    office.subscribe(SLIPPING, "target.slipping")
    office.subscribe("target.slipping", recipient=JO)

    slips(office, target)

    assert (office.heard(ANA), office.heard(JO)) == ([(SLIPPING, "firing")], [("target.slipping", "told")])


def test_attained_ends_what_slips_and_an_open_check_in_and_who_knew_hears_once(office: Office) -> None:
    target = office.target()
    office.subscribe(SLIPPING, CHECK_IN)
    slips(office, target)
    asks(office, target)

    office.attained(target)
    office.decide()

    assert office.heard() == [(SLIPPING, "firing"), (CHECK_IN, "firing"), (SLIPPING, "resolved")]
    assert (state(office, target, "slipping"), state(office, target, "check_in")) == (State.RESOLVED,) * 2


@pytest.mark.parametrize("over", ["closed", "cancelled"])
def test_a_close_and_a_cancelling_silence_everything_open(office: Office, over: str) -> None:
    target = office.target()
    office.subscribe(SLIPPING, STALLED, STALE, CHECK_IN)
    beside(office, Watch, target, "see", Seen(DAY, slipping=SLOW, stalled=SLOW, slipping_holds=True))
    beside(office, Watch, target, "miss_data", DUE, 24)
    asks(office, target)

    if over == "closed":
        office.closed(target, "missed")
    else:
        office.app.cancel_target(target, "The shop closed", by=ANA, at=office.at)
    office.decide()

    assert [transition for _, transition in office.heard()] == ["firing"] * 4
    kinds = ("slipping", "stalled", "stale", "check_in")
    assert {state(office, target, one) for one in kinds} == {State.RESOLVED}
    assert {one.reason for one in office.facts("alert.withheld")} == {over}


def test_what_slips_after_the_attainment_is_told_to_no_one_with_the_reason(office: Office) -> None:
    target = office.target()
    office.subscribe(SLIPPING, STALE)
    office.attained(target)

    slips(office, target)
    beside(office, Watch, target, "miss_data", DUE, 24)

    assert office.heard() == [(STALE, "firing")]
    assert [one.reason for one in office.facts("alert.withheld")] == ["attained"]


def test_data_that_stops_is_told_until_it_comes_again(office: Office) -> None:
    target = office.target(expect_data_every=24)
    office.subscribe(STALE)

    beside(office, Watch, target, "miss_data", DUE, 24)
    beside(office, Watch, target, "resume_data", DUE)

    assert [(one.transition, one.line) for one in office.told()] == [
        ("firing", "November revenue has had no data for longer than 24 hours: what it shows may be old"),
        ("resolved", "November revenue has data again"),
    ]
    assert office.told()[0].message["data"] == {"due": DUE.isoformat(), "expect_data_every": 24}


def test_a_check_in_is_asked_gets_worse_unanswered_and_ends_with_an_update(office: Office) -> None:
    target = office.target()
    office.subscribe(CHECK_IN)

    asks(office, target)
    escalates(office, target)
    posts(office, target)

    asked, unanswered, answered = office.told()
    assert [one.transition for one in (asked, unanswered, answered)] == ["firing", "worse", "resolved"]
    assert asked.line == (
        f"November revenue is at risk at checkpoint 1: {ANA}, {JO} to say why by the end of Sun 8 Nov"
    )
    assert asked.expires_at == DUE
    assert unanswered.line.endswith("nobody has said why of checkpoint 1 in time; there is nobody one level up")
    assert answered.line == (
        "Answered: checkpoints says that November revenue is not on track, confidence 6 of 10. Two large orders slipped"
    )
    assert answered.message["update"]["improve"] == "A visit"


def test_unanswered_it_is_told_to_the_owner_above_who_hears_of_check_ins_of_that_target(office: Office) -> None:
    above, target = office.target(owner=KIM), office.target(owner=ANA)
    office.subscribe(CHECK_IN, to=above, recipient=KIM)
    office.subscribe(CHECK_IN, to=above, recipient=JO)
    asks(office, target)

    escalates(office, target, KIM, above)
    posts(office, target)

    assert [(one.recipient, one.transition) for one in office.told()] == [(KIM, "worse"), (KIM, "resolved")]
    assert office.told()[0].message["check_in"]["escalated_to"] == KIM


def test_asked_anew_while_the_one_before_is_unanswered_is_said_again(office: Office) -> None:
    target = office.target()
    office.subscribe(CHECK_IN)
    asks(office, target)
    escalates(office, target)

    asks(office, target, 2, CUTOFF + timedelta(days=7))

    assert [one.transition for one in office.told()] == ["firing", "worse", "reminder"]


def test_an_update_is_told_to_who_asked_for_it_also_where_nobody_was_asked(office: Office) -> None:
    target = office.target()
    office.subscribe("target.update_posted", CHECK_IN)

    posts(office, target)

    assert office.heard() == [("target.update_posted", "told")]
    assert office.facts("alert.resolved") == []


def test_what_was_asked_is_not_sent_any_more_once_it_is_answered(office: Office) -> None:
    target = office.target()
    office.subscribe(CHECK_IN, channel="webhook")
    asks(office, target)
    posts(office, target)

    ids = [one.id for one in office.told()]
    with office.app.writing() as log:
        waiting = log.aggregates(Notification, ids)
        look_again(log, list(waiting.values()), office.at)
        log.save([fact for one in waiting.values() for fact in one.collect_events()])

    assert [(one.transition, one.state) for one in office.told()] == [("firing", "cancelled"), ("resolved", "queued")]


def test_a_revision_is_told_with_what_it_changed_before_and_after(office: Office) -> None:
    target = office.target()
    office.subscribe("target.revised")

    wish = Wish({"goal": "120000.00", "end": date(2026, 12, 4)}, "The shop in Oslo opened")
    revise_target(office.app, target, wish, resolving(), by=ANA, at=office.at)
    office.decide()

    (told,) = office.told()
    changed = "goal from 100000.00 to 120000.00, end from 2026-11-30 to 2026-12-04"
    assert told.line == f"November revenue was revised, prospective: {changed}. The shop in Oslo opened"
    assert told.message["revision"]["changes"]["goal"] == {"from": "100000.00", "to": "120000.00"}
