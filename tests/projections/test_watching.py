"""What only time brings, over the real log: targets that slip or stall, data that stops, check-ins unanswered."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.calendar import Calendar
from domain.checkpoint import Checkpoint
from domain.refusal import Refused
from domain.revising import Wish, revise_target
from domain.target import Target
from domain.updates.posting import post_update
from domain.updates.updates import Said, Updates
from domain.watch.watch import Watch
from projections.store import Store
from tests.projections.test_evaluating import FRIDAYS, GRACE, QUIET, Business, november
from tests.words import resolving

ANA = "ana@example.com"
PACE = (Watch.TargetSlipping, Watch.TargetStalled, Watch.TargetRecovered)
DATA = (Watch.DataStale, Watch.DataResumed)
SEEN = timedelta(seconds=11)
"""So long after a midnight what ended with it has been looked at."""


@pytest.fixture
def business(store: Store) -> Business:
    return Business(store)


def facts(business: Business, *kinds: type[Any]) -> list[Any]:
    notifications = business.app.recorder.select_notifications(1, 10_000, topics=[one.TOPIC for one in kinds])
    return [business.app.mapper.to_domain_event(one) for one in notifications]


def seen(business: Business, *kinds: type[Any]) -> list[tuple[str, int]]:
    """What was seen, and the day of the month that it was seen on."""
    return [(getattr(one, "what", type(one).__name__), one.timestamp.day) for one in facts(business, *kinds)]


def days(business: Business, *percent: int, first: int = 1) -> None:
    """Days of November that bring so many per cent of 3,000; each is looked at a little after its end."""
    for day, share in enumerate(percent, first):
        if share:
            business.sell(f"{30 * share}.00", november(day, 12))
        business.turn_to(november(day + 1) + SEEN)


def post(business: Business, target: UUID, at: Any, **says: Any) -> None:
    wording: dict[str, Any] = {"on_track": False, "why": "Two large orders slipped", "confidence": 6}
    post_update(business.app, target, uuid4(), Said(**wording | says), by=ANA, at=at)


def daily(**changes: Any) -> dict[str, Any]:
    """$90,000 in November: $3,000 a day."""
    return {"goal": "90000.00", "schedule": None, "pacing": "linear"} | changes


# The pace of the last open days


def test_a_target_slips_when_five_open_days_and_the_last_bring_too_little_twice_running(business: Business) -> None:
    business.target(**daily())

    days(business, 80, 80, 80, 80, 80)
    assert seen(business, *PACE) == []
    days(business, 80, first=6)

    (fact,) = facts(business, *PACE)
    assert (fact.day, fact.days, fact.expected, fact.actual) == (date(2026, 11, 6), 5, 15_000_00, 12_000_00)
    assert (type(fact), fact.burn, fact.last_burn) == (Watch.TargetSlipping, "1.0000", "1.0000")


def test_it_is_said_once_and_one_good_day_ends_it(business: Business) -> None:
    business.target(**daily())

    days(business, 80, 80, 80, 80, 80, 80, 80, 100, 80, 80)

    assert seen(business, *PACE) == [("TargetSlipping", 7), ("slipping", 9)]


def test_a_target_stalls_when_two_open_days_bring_next_to_nothing(business: Business) -> None:
    business.target(**daily())

    days(business, 150, 40, 40, 0, 100)

    assert seen(business, *PACE) == [("TargetStalled", 4), ("stalled", 6)]


def test_closed_days_change_nothing_and_what_they_bring_counts_on_the_next_open_one(business: Business) -> None:
    # 21 open days, so $3,000 each; the 1st is a Sunday.
    business.target(goal="63000.00", schedule=None, pacing="business_days", calendar=Calendar())

    days(business, 0, 100, 100, 100, 100, 20)
    # A Saturday's sale is Monday's, which so brings 60 per cent.
    days(business, 60, 0, 0, first=7)
    assert seen(business, *PACE) == []
    days(business, 0, first=10)

    assert seen(business, *PACE) == [("TargetSlipping", 11), ("TargetStalled", 11)]


def test_an_even_pace_over_a_weekend_that_is_closed_stalls_nobody_on_monday(business: Business) -> None:
    business.target(**daily(calendar=Calendar()))

    # Monday has to bring what the plan adds on Saturday, Sunday and Monday.
    days(business, 0, 200, 100, 100, 100, 100, 0, 0, 130)

    assert seen(business, *PACE) == []
    days(business, 0, first=10)
    assert seen(business, *PACE) == [("TargetSlipping", 11), ("TargetStalled", 11)]


def test_days_of_which_not_all_sales_are_in_alarm_nobody(business: Business) -> None:
    business.target(**daily())
    business.turn_to(november(3) + SEEN, complete=False)
    assert seen(business, *PACE) == []

    business.sell("6000.00", november(2, 12), at=november(3, 1))
    business.turn_to(november(3, 2))

    assert seen(business, *PACE) == []


def test_attained_is_not_slow_any_more(business: Business) -> None:
    business.target(**daily())
    days(business, 0, 0)
    business.sell("90000.00", november(3, 1))

    business.turn_to(november(4) + SEEN)
    business.turn_to(november(9) + SEEN)

    assert seen(business, *PACE) == [("TargetStalled", 3), ("stalled", 4)]
    assert facts(business, *PACE)[-1].reason == "attained"


def test_days_before_a_target_was_started_are_no_evaluation_that_slipping_could_hold_from(business: Business) -> None:
    business.target(at=november(10, 1), **daily())

    business.turn_to(november(11) + SEEN)
    assert seen(business, *PACE) == [("TargetStalled", 11)]
    business.turn_to(november(12) + SEEN)

    assert seen(business, *PACE) == [("TargetStalled", 11), ("TargetSlipping", 12)]


def test_what_fell_due_while_everything_was_down_is_looked_at_once(business: Business) -> None:
    business.target(**daily())

    business.turn_to(november(20, 5))

    assert seen(business, *PACE) == [("TargetSlipping", 20), ("TargetStalled", 20)]


def test_a_goal_that_goes_on_from_the_actual_is_no_shortfall_of_the_day_of_the_revision(business: Business) -> None:
    target = business.target(**daily())
    days(business, 200, 200, 200)
    wish = Wish({"goal": "120000.00"}, "It goes well", mode="replan")
    revise_target(business.app, target, wish, resolving(), by=ANA, at=november(4, 9))

    days(business, 120, 120, first=4)

    assert seen(business, *PACE) == []


def test_a_cancelled_or_closed_target_is_looked_at_no_more(business: Business) -> None:
    cancelled, other = business.target(**daily()), business.target(**daily())
    business.app.cancel_target(cancelled, "The shop closed", by=ANA, at=november(1, 1))

    for day in (10, 31, 60):
        business.turn_to(november(day, 1))

    assert {one.target for one in facts(business, *PACE)} == {other}
    assert {one.timestamp.day for one in facts(business, *PACE)} == {10}


def test_a_level_that_is_kept_has_no_pace_to_fall_behind(business: Business) -> None:
    business.target(kind="keep", goal=None, bounds_min="90.00", schedule=FRIDAYS)

    business.turn_to(november(20))

    assert seen(business, *PACE) == []


# Data that stops coming


def test_data_that_does_not_come_for_longer_than_the_target_allows_is_stale_and_that_is_said_once(
    business: Business,
) -> None:
    business.target(**daily(expect_data_every=48))
    business.sell("3000.00", november(2, 12))
    business.turn_to(november(3, 1))

    business.turn_to(november(4, 12) + GRACE - timedelta(seconds=1))
    assert seen(business, *DATA) == []
    business.turn_to(november(4, 12) + GRACE)
    business.turn_to(november(6))

    (fact,) = facts(business, *DATA)
    assert (fact.since, fact.expect_data_every) == (november(4, 12), 48)


def test_data_that_came_meanwhile_puts_the_look_off(business: Business) -> None:
    business.target(**daily(expect_data_every=48))
    business.sell("3000.00", november(2, 12))
    business.sell("3000.00", november(4, 11))

    business.turn_to(november(4, 13))
    business.turn_to(november(6, 10))
    assert seen(business, *DATA) == []
    business.turn_to(november(6, 12))

    assert seen(business, *DATA) == [("DataStale", 6)]


def test_data_that_comes_again_is_seen_within_a_quarter_of_an_hour(business: Business) -> None:
    business.target(**daily(expect_data_every=48))
    business.turn_to(november(3, 1))
    business.sell("3000.00", november(3, 2))

    business.turn_to(november(3, 2, 15))

    stale, resumed = facts(business, *DATA)
    assert (stale.since, resumed.data_at) == (november(3), november(3, 2))
    business.turn_to(november(5, 3))
    assert seen(business, *DATA) == [("DataStale", 3), ("DataResumed", 3), ("DataStale", 5)]


def test_while_no_data_comes_the_pace_is_not_judged_and_what_was_said_of_it_stands(business: Business) -> None:
    business.target(**daily(expect_data_every=72))
    days(business, 10, 10)
    assert seen(business, *PACE) == [("TargetStalled", 3)]

    business.turn_to(november(6))
    business.turn_to(november(12))

    assert seen(business, *PACE, *DATA) == [("TargetStalled", 3), ("DataStale", 6)]


def test_data_that_is_published_and_not_recorded_yet_is_not_missed(business: Business) -> None:
    business.target(**daily(expect_data_every=24))

    business.turn_to(november(2, 1), complete=False)
    business.sell("3000.00", november(1, 12), at=november(2, 1))
    business.turn_to(november(2, 2))

    assert seen(business, *DATA) == []


def test_a_revision_moves_the_look_and_one_that_expects_no_data_ends_what_was_missed(business: Business) -> None:
    target = business.target(**daily(expect_data_every=24))
    business.turn_to(november(3))
    wish = Wish({"expect_data_every": None}, "It is counted by hand")
    revise_target(business.app, target, wish, resolving(), by=ANA, at=november(3, 1))

    business.turn_to(november(3, 2))
    business.turn_to(november(9))

    assert seen(business, *DATA) == [("DataStale", 3), ("DataResumed", 3)]
    assert facts(business, *DATA)[-1].data_at is None


# Check-ins

CHECK_INS = (Updates.CheckInRequested, Updates.UpdatePosted, Updates.CheckInEscalated, Updates.CheckInEnded)


def asked(business: Business) -> list[str]:
    return [type(one).__name__ for one in facts(business, *CHECK_INS)]


def test_a_bad_checkpoint_asks_the_accountable_people_who_have_two_open_days(business: Business) -> None:
    business.target(owner=ANA, team=["jo@example.com", ANA])
    business.sell("21000.00", november(3))

    business.turn_to(november(7, 1))

    (evaluated,), (fact,) = business.facts(Checkpoint.CheckpointEvaluated), facts(business, *CHECK_INS)
    assert (fact.number, fact.cutoff, fact.status) == (1, evaluated.cutoff, "at_risk")
    assert fact.of == [ANA, "jo@example.com"]
    # It was evaluated at one on Saturday: that day has just begun, so Saturday and Sunday are the two.
    assert fact.due == november(9)


def test_the_open_days_are_those_of_the_targets_calendar(business: Business) -> None:
    business.target(owner=ANA, calendar=Calendar(days={date(2026, 11, 10): "closed"}))

    business.turn_to(november(7) + SEEN)

    # Monday, and Wednesday.
    assert [one.due for one in facts(business, *CHECK_INS)] == [november(12)]


def test_an_update_answers_it_and_nothing_escalates(business: Business) -> None:
    target = business.target(owner=ANA)
    business.turn_to(november(7) + SEEN)

    post(business, target, november(8, 9))
    business.turn_to(november(13))

    assert asked(business) == ["CheckInRequested", "UpdatePosted"]
    fact = facts(business, Updates.UpdatePosted)[0]
    assert (fact.number, fact.cutoff, fact.by) == (1, november(7), ANA)


def test_unanswered_it_goes_once_to_the_owner_of_the_target_above(business: Business) -> None:
    above = business.target(owner="kim@example.com")
    business.target(owner=ANA, parent=str(above))

    business.turn_to(november(7) + SEEN)
    business.turn_to(november(9) + SEEN)
    business.turn_to(november(12))

    escalated = facts(business, Updates.CheckInEscalated)
    assert {(one.to, one.parent) for one in escalated} == {("kim@example.com", above), (None, None)}
    assert len(escalated) == 2


@pytest.mark.parametrize("owner", [ANA, None])
def test_where_there_is_no_other_owner_above_nobody_is_told_and_that_is_said(
    business: Business, owner: str | None
) -> None:
    above = business.target(owner=owner)
    target = business.target(owner=ANA, parent=str(above))

    business.turn_to(november(7) + SEEN)
    business.turn_to(november(9) + SEEN)

    assert {one.target: one.to for one in facts(business, Updates.CheckInEscalated)}[target] is None


def test_an_answer_that_comes_late_is_an_answer_still(business: Business) -> None:
    target = business.target(owner=ANA)
    business.turn_to(november(7) + SEEN)
    business.turn_to(november(9) + SEEN)

    post(business, target, november(10))

    assert asked(business) == ["CheckInRequested", "CheckInEscalated", "UpdatePosted"]
    assert facts(business, Updates.UpdatePosted)[0].number == 1


def test_the_next_checkpoint_asks_anew_when_it_is_bad_and_ends_it_when_it_is_good(business: Business) -> None:
    business.target(owner=ANA)
    for day, amount in ((7, "1.00"), (14, "1.00"), (21, "80000.00")):
        business.sell(amount, november(day - 1))
        business.turn_to(november(day) + SEEN)
        business.turn_to(november(day + 3))

    assert asked(business) == ["CheckInRequested", "CheckInEscalated"] * 2 + ["CheckInEnded"]
    ended = facts(business, Updates.CheckInEnded)[0]
    assert (ended.number, ended.reason) == (2, "recovered")


def test_while_one_is_open_and_not_due_no_other_is_asked(business: Business) -> None:
    business.target(owner=ANA, **daily(schedule="FREQ=DAILY"))

    for day in range(2, 9):
        business.turn_to(november(day) + SEEN)

    # Days 1 and 2 are too early; of the third it is asked, and at the end of the fifth it is due.
    assert [(type(one).__name__, one.timestamp.day) for one in facts(business, *CHECK_INS)] == [
        ("CheckInRequested", 4),
        ("CheckInEscalated", 6),
        ("CheckInRequested", 7),
    ]


def test_late_sales_that_mend_the_checkpoint_end_it(business: Business) -> None:
    business.target(owner=ANA)
    business.turn_to(november(7) + SEEN)
    business.sell("25000.00", november(3), at=november(8))

    business.turn_to(november(8) + QUIET)
    business.turn_to(november(12))

    assert asked(business) == ["CheckInRequested", "CheckInEnded"]


@pytest.mark.parametrize("over", ["attained", "closed", "cancelled"])
def test_attained_closed_or_cancelled_nobody_need_answer(business: Business, over: str) -> None:
    target = business.target(owner=ANA, end=date(2026, 11, 10), schedule=["2026-11-06"])
    business.turn_to(november(7) + SEEN)
    if over == "attained":
        business.sell("100000.00", november(8))
    elif over == "cancelled":
        business.app.cancel_target(target, "The shop closed", by=ANA, at=november(8))

    business.turn_to(november(9) + SEEN if over != "closed" else november(11) + SEEN)

    endings = [one.reason for one in facts(business, Updates.CheckInEnded)]
    assert endings == [over]
    assert len(facts(business, Updates.CheckInEscalated)) == 0 or over == "closed"


def test_nobody_is_asked_about_the_past_nor_at_the_close(business: Business) -> None:
    business.target(owner=ANA, at=november(40))
    business.target(owner=ANA, schedule=None)

    business.turn_to(november(45))

    assert asked(business) == []


# Updates


def test_an_update_is_posted_once_for_its_id(business: Business) -> None:
    target, update = business.target(owner=ANA), uuid4()
    said = Said(True, "All is well", 9)

    for _ in range(2):
        post_update(business.app, target, update, said, by=ANA, at=november(2))
    with pytest.raises(Refused, match="another update before"):
        post_update(business.app, target, update, Said(True, "All is well", 8), by=ANA, at=november(2))

    (fact,) = facts(business, Updates.UpdatePosted)
    assert (fact.update, fact.on_track, fact.confidence, fact.number) == (update, True, 9, None)


@pytest.mark.parametrize(
    ("says", "code", "field"),
    [
        ({"why": " "}, "why_missing", "/why"),
        ({"why": "x" * 2_001}, "too_long", "/why"),
        ({"improve": ""}, "improve_missing", "/improve"),
        ({"confidence": 11}, "bad_confidence", "/confidence"),
        ({"confidence": -1}, "bad_confidence", "/confidence"),
    ],
)
def test_an_update_without_a_reason_or_with_a_confidence_that_is_none_is_refused(
    business: Business, says: dict[str, Any], code: str, field: str
) -> None:
    target = business.target()

    with pytest.raises(Refused) as refused:
        post(business, target, november(2), **says)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_of_a_cancelled_target_nothing_is_said_any_more(business: Business) -> None:
    target = business.target()
    business.app.cancel_target(target, "The shop closed", by=ANA, at=november(2))

    with pytest.raises(Refused) as refused:
        post(business, target, november(2))

    assert refused.value.code == "cancelled"


def test_a_goal_that_never_moved_fails_at_its_end_though_people_said_it_was_on_track(business: Business) -> None:
    target = business.target(owner=ANA, **daily())
    post(business, target, november(20), on_track=True, why="It will come", confidence=10)

    business.turn_to(november(31) + SEEN)

    (closed,) = business.facts(Target.TargetClosed)
    assert (closed.outcome, closed.total) == ("missed", 0)
    assert business.evaluated() == [(1, "off_track", 0)]


def test_targets_of_a_version_that_looked_after_none_are_looked_after_from_now_on(
    business: Business, store: Store
) -> None:
    for _ in range(2):
        business.target(**daily())
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute("DELETE FROM agenda WHERE errand = 'trend'")

    last = business.evaluator.watch_missing()
    assert last is not None
    assert business.evaluator.watch_missing(last) is None
    assert business.evaluator.watch_missing() is None
    days(business, 80, 80, 80, 80, 80, 80)

    assert seen(business, *PACE) == [("TargetSlipping", 7), ("TargetSlipping", 7)]
