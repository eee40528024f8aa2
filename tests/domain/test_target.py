"""A Target: it is attained and lost by its sales, filled when it comes late, closed with an outcome."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.ledger import Posting
from domain.plan import Plan
from domain.progress import LedgerRef, SaleRef, Slot
from domain.refusal import Refused
from domain.target import State, Target
from tests.domain.facts import ANA, ID, Fact, fact, given, recorded
from tests.words import NOW, plan

GOAL = 100_00
BATCH = UUID(int=7)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
MORNING = datetime(2026, 11, 10, tzinfo=UTC)
DONE: dict[str, Any] = {"by": ANA, "at": NOW}


def november(**changes: Any) -> Plan:
    return plan(**{"goal": "100.00"} | changes)


DEFINED = fact(Target.TargetDefined, plan=november())
ACTIVATED = fact(Target.TargetActivated, fill_upto=0)
ACTIVE = (DEFINED, ACTIVATED, fact(Target.TargetFilled, total=0))
FILLING = (DEFINED, fact(Target.TargetActivated, fill_upto=10))


def posting(id: str, amount: int, at: datetime = NOON, source: str = "webshop") -> Posting:
    return Posting(source, id, "revenue", amount, at, {})


def progress(net: int, at: datetime = MORNING, batch: UUID = BATCH) -> Fact:
    return fact(Target.ProgressRecorded, entry=LedgerRef(batch), slots=[Slot(at, net)], measured=None)


def attained(total: int, by: str, at: datetime = NOON, source: str = "webshop") -> Fact:
    return fact(Target.TargetAttained, total=total, goal=GOAL, lifted_by=SaleRef(source, by, at), announced=True)


def lost(total: int, by: str, at: datetime = NOON) -> Fact:
    return fact(Target.AttainmentLost, total=total, goal=GOAL, lowered_by=SaleRef("webshop", by, at), announced=True)


def test_a_defined_target_is_a_draft_that_counts_nothing_yet() -> None:
    target = Target.define(ID, november(), by=ANA, at=NOW)

    assert recorded(target) == [DEFINED]
    assert (target.state, target.total, target.attained, target.plan_version) == (State.DRAFT, 0, False, 1)


def test_an_activated_target_fills_from_what_the_ledger_holds() -> None:
    target = given(Target, DEFINED)

    target.activate(10, **DONE)

    assert recorded(target) == [fact(Target.TargetActivated, fill_upto=10)]
    assert (target.state, target.plan_version) == (State.FILLING, 2)


@pytest.mark.parametrize(
    "already",
    [
        FILLING,
        ACTIVE,
        (*ACTIVE, fact(Target.TargetClosed, total=0, goal=GOAL, outcome="missed", announced=True)),
    ],
)
def test_activating_again_changes_nothing(already: tuple[Fact, ...]) -> None:
    target = given(Target, *already)

    target.activate(99, **DONE)

    assert recorded(target) == []


def test_a_cancelled_target_is_not_activated() -> None:
    target = given(Target, DEFINED, fact(Target.TargetCancelled, reason="a typing error"))

    with pytest.raises(Refused) as refused:
        target.activate(0, **DONE)

    assert (refused.value.code, recorded(target)) == ("cancelled", [])


def test_a_sale_short_of_the_goal_is_progress_and_no_more() -> None:
    target = given(Target, *ACTIVE)

    target.record_progress(BATCH, [posting("1", 99_99)], **DONE)

    assert recorded(target) == [progress(99_99)]


def test_the_sale_that_reaches_the_goal_exactly_attains_the_target() -> None:
    target = given(Target, *ACTIVE, progress(90_00))

    target.record_progress(BATCH, [posting("2", 10_00)], **DONE)

    assert recorded(target) == [progress(10_00), attained(100_00, by="2")]


def test_an_attained_target_is_not_attained_twice() -> None:
    target = given(Target, *ACTIVE, progress(100_00), attained(100_00, by="1"))

    target.record_progress(BATCH, [posting("2", 50_00)], **DONE)

    assert recorded(target) == [progress(50_00)]


def test_a_refund_that_takes_the_total_under_the_goal_loses_the_attainment() -> None:
    target = given(Target, *ACTIVE, progress(100_00), attained(100_00, by="1"))

    target.record_progress(BATCH, [posting("refund", -1)], **DONE)

    assert recorded(target) == [progress(-1), lost(99_99, by="refund")]
    assert not target.attained


def test_a_lost_target_is_attained_again() -> None:
    target = given(Target, *ACTIVE, progress(100_00), attained(100_00, by="1"), progress(-1), lost(99_99, by="r"))

    target.record_progress(BATCH, [posting("2", 1)], **DONE)

    assert recorded(target) == [progress(1), attained(100_00, by="2")]


def test_a_batch_that_passes_the_goal_and_falls_back_is_judged_on_its_net_effect() -> None:
    target = given(Target, *ACTIVE)

    target.record_progress(BATCH, [posting("1", 150_00), posting("2", -60_00)], **DONE)

    assert recorded(target) == [progress(90_00)]


def test_a_batch_that_falls_under_the_goal_and_comes_back_loses_nothing() -> None:
    target = given(Target, *ACTIVE, progress(100_00), attained(100_00, by="1"))

    target.record_progress(BATCH, [posting("2", -60_00), posting("3", 60_00)], **DONE)

    assert recorded(target) == [progress(0)]


def test_a_batch_is_attained_by_the_sale_that_lifts_it_over_the_goal_last() -> None:
    ups_and_downs = [posting("1", 120_00), posting("2", -30_00), posting("3", 10_00), posting("4", 5_00)]
    target = given(Target, *ACTIVE)

    target.record_progress(BATCH, ups_and_downs, **DONE)

    assert recorded(target) == [progress(105_00), attained(105_00, by="3")]


def test_a_batch_loses_the_attainment_by_the_refund_that_takes_it_under_the_goal_last() -> None:
    target = given(Target, *ACTIVE, progress(100_00), attained(100_00, by="1"))

    target.record_progress(BATCH, [posting("2", -1), posting("3", 1), posting("4", -2), posting("5", 1)], **DONE)

    assert recorded(target) == [progress(-1), lost(99_99, by="4")]


def test_the_order_of_arrival_does_not_say_which_sale_crossed_but_time_source_and_id() -> None:
    later, earlier = NOON + timedelta(seconds=1), NOON
    arrived = [
        posting("a", 40_00, later, source="aaa"),
        posting("b", 40_00, earlier, source="webshop"),
        posting("c", 40_00, earlier, source="webshop"),
        posting("z", 40_00, earlier, source="shop"),
    ]
    target = given(Target, *ACTIVE)

    target.record_progress(BATCH, arrived, **DONE)

    assert recorded(target) == [progress(160_00), attained(160_00, by="c")]


def test_a_correction_that_replaces_its_own_sale_crosses_by_the_net_of_both() -> None:
    target = given(Target, *ACTIVE, progress(100_00), attained(100_00, by="1"))

    target.record_progress(BATCH, [posting("c", -100_00), posting("c", 100_00)], **DONE)

    assert recorded(target) == [progress(0)]


def test_progress_is_kept_by_local_day() -> None:
    plan_in_new_york = november(time_zone="America/New_York", goal="1000.00")
    target = given(Target, fact(Target.TargetDefined, plan=plan_in_new_york), *ACTIVE[1:])
    midnight = datetime(2026, 11, 11, 5, tzinfo=UTC)

    target.record_progress(
        BATCH, [posting("1", 1, midnight - timedelta(microseconds=1)), posting("2", 2, midnight)], **DONE
    )

    assert recorded(target) == [
        fact(
            Target.ProgressRecorded,
            entry=LedgerRef(BATCH),
            slots=[Slot(midnight - timedelta(days=1), 1), Slot(midnight, 2)],
            measured=None,
        )
    ]


def test_a_sale_exactly_at_a_cut_off_belongs_to_the_next_checkpoint() -> None:
    cutoff = datetime(2026, 11, 10, 17, tzinfo=UTC)
    scheduled = november(schedule=["2026-11-10T17:00:00Z"], goal="1000.00")
    target = given(Target, fact(Target.TargetDefined, plan=scheduled), *ACTIVE[1:])

    target.record_progress(
        BATCH, [posting("1", 1, cutoff - timedelta(microseconds=1)), posting("2", 2, cutoff)], **DONE
    )

    assert target.sums == {MORNING: 1, cutoff: 2}


def test_the_first_and_the_last_instant_of_the_period_have_their_slots() -> None:
    begins, ends = november().begins, november().ends
    target = given(Target, *ACTIVE)

    target.record_progress(BATCH, [posting("1", 1, begins), posting("2", 2, ends - timedelta(microseconds=1))], **DONE)

    assert target.sums == {begins: 1, ends - timedelta(days=1): 2}


def test_a_day_of_25_hours_is_one_slot() -> None:
    autumn = november(start=date(2026, 11, 1), end=date(2026, 11, 2), time_zone="America/New_York")
    target = given(Target, fact(Target.TargetDefined, plan=autumn), *ACTIVE[1:])

    target.record_progress(BATCH, [posting("1", 1, autumn.begins + timedelta(hours=24, minutes=59))], **DONE)

    assert target.sums == {autumn.begins: 1}


def test_a_fill_counts_the_ledger_chunk_by_chunk() -> None:
    target = given(Target, *FILLING)

    target.fill(0, 6, [Slot(MORNING, 60_00)], **DONE)
    target.fill(6, 10, [Slot(MORNING, 50_00)], **DONE)
    target.finish_fill([posting("1", 60_00), posting("2", 50_00)], **DONE)

    assert recorded(target) == [
        fact(Target.ProgressRecorded, entry=LedgerRef(after=0, upto=6), slots=[Slot(MORNING, 60_00)], measured=None),
        fact(Target.ProgressRecorded, entry=LedgerRef(after=6, upto=10), slots=[Slot(MORNING, 50_00)], measured=None),
        fact(Target.TargetFilled, total=110_00),
        attained(110_00, by="2"),
    ]


@pytest.mark.parametrize(("after", "upto"), [(1, 5), (5, 10), (0, 0), (0, 11), (3, 2)])
def test_a_chunk_out_of_turn_is_ignored(after: int, upto: int) -> None:
    target = given(Target, *FILLING)

    target.fill(after, upto, [Slot(MORNING, 1)], **DONE)

    assert recorded(target) == []


def test_a_chunk_is_not_counted_twice() -> None:
    target = given(Target, *FILLING)

    target.fill(0, 5, [Slot(MORNING, 1)], **DONE)
    target.fill(0, 5, [Slot(MORNING, 1)], **DONE)

    assert target.total == 1


@pytest.mark.parametrize("state", [(DEFINED,), ACTIVE])
def test_only_a_filling_target_is_filled(state: tuple[Fact, ...]) -> None:
    target = given(Target, *state)

    target.fill(0, 5, [Slot(MORNING, 1)], **DONE)
    target.finish_fill([], **DONE)

    assert recorded(target) == []


def test_a_fill_ends_only_when_all_is_counted() -> None:
    target = given(Target, *FILLING)

    target.fill(0, 9, [], **DONE)
    target.finish_fill([], **DONE)

    assert target.state is State.FILLING


def test_nothing_is_judged_while_it_fills() -> None:
    target = given(Target, *FILLING)

    target.record_progress(BATCH, [posting("1", 500_00)], **DONE)

    assert recorded(target) == [progress(500_00)]


def test_sales_that_come_while_it_fills_are_judged_with_the_fill() -> None:
    target = given(Target, *FILLING, progress(60_00))

    target.fill(0, 10, [Slot(MORNING, 40_00)], **DONE)
    target.finish_fill([posting("new", 60_00, NOON), posting("old", 40_00, NOON - timedelta(hours=1))], **DONE)

    assert recorded(target)[-1] == attained(100_00, by="new")


@pytest.mark.parametrize(("total", "outcome"), [(100_01, "exceeded"), (100_00, "met"), (99_99, "missed")])
def test_a_target_closes_exceeded_met_or_missed(total: int, outcome: str) -> None:
    target = given(Target, *ACTIVE, progress(total))

    target.close(by=ANA, at=november().ends)

    assert recorded(target) == [fact(Target.TargetClosed, total=total, goal=GOAL, outcome=outcome, announced=True)]
    assert (target.state, target.outcome) == (State.CLOSED, outcome)


def test_a_target_does_not_close_before_its_period_is_over() -> None:
    target = given(Target, *ACTIVE)

    target.close(by=ANA, at=november().ends - timedelta(microseconds=1))

    assert recorded(target) == []


def test_a_target_that_fills_does_not_close() -> None:
    target = given(Target, *FILLING)

    target.close(by=ANA, at=november().ends)

    assert recorded(target) == []


def test_a_target_closes_once() -> None:
    target = given(Target, *ACTIVE)

    target.close(by=ANA, at=november().ends)
    target.close(by=ANA, at=november().ends)

    assert len(recorded(target)) == 1


def test_a_late_sale_attains_a_closed_target_and_leaves_its_closing_as_it_was() -> None:
    target = given(Target, *ACTIVE, fact(Target.TargetClosed, total=0, goal=GOAL, outcome="missed", announced=True))

    target.record_progress(BATCH, [posting("late", 100_00)], **DONE)

    assert recorded(target) == [progress(100_00), attained(100_00, by="late")]
    assert target.outcome == "missed"


@pytest.mark.parametrize("state", [(DEFINED,), FILLING, ACTIVE])
def test_a_target_is_cancelled_with_a_reason(state: tuple[Fact, ...]) -> None:
    target = given(Target, *state)

    target.cancel("the product was withdrawn", **DONE)

    assert recorded(target) == [fact(Target.TargetCancelled, reason="the product was withdrawn")]
    assert target.state is State.CANCELLED


def test_a_target_is_not_cancelled_without_a_reason() -> None:
    target = given(Target, *ACTIVE)

    with pytest.raises(Refused) as refused:
        target.cancel(" \n", **DONE)

    assert (refused.value.code, refused.value.field) == ("reason_missing", "/reason")


def test_a_closed_target_is_not_cancelled() -> None:
    target = given(Target, *ACTIVE, fact(Target.TargetClosed, total=0, goal=GOAL, outcome="missed", announced=True))

    with pytest.raises(Refused) as refused:
        target.cancel("too late", **DONE)

    assert (refused.value.code, recorded(target)) == ("closed", [])


def test_cancelling_again_changes_nothing() -> None:
    target = given(Target, *ACTIVE, fact(Target.TargetCancelled, reason="once"))

    target.cancel("twice", **DONE)

    assert recorded(target) == []


LIVED = (
    *FILLING,
    fact(Target.ProgressRecorded, entry=LedgerRef(after=0, upto=10), slots=[Slot(MORNING, 70_00)], measured=None),
    fact(Target.TargetFilled, total=70_00),
    progress(40_00, MORNING + timedelta(days=3)),
    attained(110_00, by="4"),
    progress(-20_00),
    lost(90_00, by="5"),
    fact(Target.TargetClosed, total=90_00, goal=GOAL, outcome="missed", announced=True),
)


@pytest.mark.parametrize("version", range(1, len(LIVED) + 1))
def test_a_snapshot_and_a_replay_give_the_same_state(version: int) -> None:
    target = given(Target, *LIVED[:version])

    copied = Target.Snapshot.take(target).mutate(None)

    assert copied == target
    assert vars(copied) == vars(target)


def test_a_snapshot_does_not_move_with_its_target() -> None:
    target = given(Target, *ACTIVE, progress(1))
    snapshot = Target.Snapshot.take(target)

    target.record_progress(BATCH, [posting("1", 41)], **DONE)

    assert snapshot.state["sums"] == {MORNING: 1}
