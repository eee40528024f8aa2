"""Checkpoints over the real log, on a clock that the tests turn: each falls due once and says what was known then."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.checkpoint import Checkpoint, checkpoint_id
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.target import State, Target
from projections.store import Store
from tests.words import plan, sale

GRACE = timedelta(seconds=10)
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
QUIET = timedelta(seconds=31)


def november(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return FIRST + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)


class Business:
    """A company whose sales come in and whose checkpoints fall due as the clock is turned."""

    def __init__(self, store: Store) -> None:
        self.app = store.app
        self.intake = Intake(store.app, uuid4)
        self.evaluator = Evaluator(store.app, GRACE)
        self.sales = 0

    def target(self, at: datetime = FIRST, **changes: Any) -> UUID:
        target_id = uuid4()
        new = plan(**{"schedule": FRIDAYS} | changes)
        self.app.define_target(target_id, new, activate=True, by="ana@example.com", at=at)
        Filler(self.app).fill_some(at)
        return target_id

    def sell(self, amount: str, on: datetime, at: datetime | None = None, **fields: Any) -> None:
        """One sale, of an amount, at its time; it comes in at once, or at another time."""
        self.sales += 1
        one = sale(f"{self.sales}", amount, occurred_at=on.isoformat(), **fields)
        outcomes, _ = self.intake.record([Arrival([one])], at or on)
        assert outcomes[0].accepted == 1, outcomes

    def turn_to(self, now: datetime, *, complete: bool = True) -> int:
        """The clock says this; whatever has fallen due is done."""
        done = 0
        while some := self.evaluator.evaluate_some(now, now, complete=complete):
            done += some
        return done

    def facts(self, kind: type[Any]) -> list[Any]:
        notifications = self.app.recorder.select_notifications(1, 10_000, topics=[kind.TOPIC])
        return [self.app.mapper.to_domain_event(one) for one in notifications]

    def evaluated(self) -> list[tuple[int, str, int]]:
        return [(one.number, one.status, one.actual) for one in self.facts(Checkpoint.CheckpointEvaluated)]

    def restated(self) -> list[tuple[int, int, int]]:
        facts = self.facts(Checkpoint.CheckpointRestated)
        return [(one.number, one.old.actual, one.new.actual) for one in facts]

    def state(self, target_id: UUID) -> Target:
        with self.app.writing() as log:
            return log.targets([target_id])[target_id]

    def checkpoints(self, target_id: UUID) -> list[Checkpoint]:
        with self.app.writing() as log:
            planned = log.targets([target_id])[target_id].plan.checkpoints
            ids = [checkpoint_id(target_id, one.cutoff) for one in planned]
            found = log.aggregates(Checkpoint, ids)
        return [found[one] for one in ids if one in found]


@pytest.fixture
def business(store: Store) -> Business:
    return Business(store)


def test_a_checkpoint_is_evaluated_when_its_cutoff_and_grace_have_passed(business: Business) -> None:
    business.target()
    business.sell("24000.00", november(6, 23, 59, 59))

    business.turn_to(november(7, 0, 0, 9))
    assert business.evaluated() == []
    business.turn_to(november(7, 0, 0, 10))

    (fact,) = business.facts(Checkpoint.CheckpointEvaluated)
    assert (fact.number, fact.actual, fact.expected, fact.variance) == (1, 24_000_00, 25_000_00, -1_000_00)
    assert (fact.pace, fact.status, fact.complete, fact.announced) == ("0.9600", "on_track", True, True)
    assert (fact.step_actual, fact.step_expected, fact.cutoff) == (24_000_00, 25_000_00, november(7))


def test_a_sale_at_the_cutoff_counts_toward_the_next_checkpoint(business: Business) -> None:
    business.target()
    business.sell("1.00", november(6, 23))
    business.sell("2.00", november(7), at=november(7))
    business.turn_to(november(7, 1))
    business.turn_to(november(14, 1))

    assert [actual for _, _, actual in business.evaluated()] == [1_00, 3_00]


def test_a_checkpoint_is_evaluated_once_whoever_looks(business: Business, store: Store) -> None:
    business.target()
    other = Evaluator(store.app, GRACE)

    business.turn_to(november(7, 1))
    other.evaluate_some(november(7, 1), november(7, 1), complete=True)
    business.turn_to(november(7, 2))

    assert len(business.facts(Checkpoint.CheckpointEvaluated)) == 1


def test_an_evaluation_says_everything_up_to_its_position_and_nothing_after(business: Business) -> None:
    target = business.target()
    business.sell("10.00", november(2))
    before = business.app.recorder.max_notification_id()
    business.turn_to(november(7, 1))
    business.sell("5.00", november(3), at=november(7, 2))

    (fact,) = business.facts(Checkpoint.CheckpointEvaluated)
    assert (fact.position, fact.actual) == (before, 10_00)
    assert business.state(target).total == 15_00


def test_checkpoints_missed_while_everything_was_down_are_evaluated_in_order(business: Business) -> None:
    business.target()
    business.sell("26000.00", november(3))
    business.sell("1000.00", november(10))

    business.turn_to(november(21, 12))

    assert business.evaluated() == [
        (1, "on_track", 26_000_00),
        (2, "off_track", 27_000_00),
        (3, "off_track", 27_000_00),
    ]
    assert [one.announced for one in business.facts(Checkpoint.CheckpointEvaluated)] == [True, True, True]


def test_of_the_checkpoints_past_at_activation_only_the_latest_is_announced(business: Business) -> None:
    business.sell("30000.00", november(3))
    business.target(at=november(18))

    business.turn_to(november(18, 1))

    facts = business.facts(Checkpoint.CheckpointEvaluated)
    assert [(one.number, one.announced) for one in facts] == [(1, False), (2, True)]


def test_a_target_entered_after_its_period_is_evaluated_and_closed_and_nobody_hears_of_it(business: Business) -> None:
    business.sell("100000.00", november(20))
    entered = FIRST + timedelta(days=40)
    target = business.target(at=entered)

    business.turn_to(entered + timedelta(hours=1))

    assert [one.announced for one in business.facts(Checkpoint.CheckpointEvaluated)] == [False] * 5
    (closed,) = business.facts(Target.TargetClosed)
    (attained,) = business.facts(Target.TargetAttained)
    assert (closed.outcome, closed.announced, attained.announced) == ("met", False, False)
    assert business.state(target).state is State.CLOSED


def test_the_outcome_commits_with_the_closing_evaluation(business: Business) -> None:
    target = business.target()
    business.sell("100000.01", november(20))

    business.turn_to(november(31, 1))

    closing, closed = business.facts(Checkpoint.CheckpointEvaluated)[-1], business.facts(Target.TargetClosed)[0]
    assert (closing.closing, closing.number, closed.outcome, closed.announced) == (True, 5, "exceeded", True)
    assert business.state(target).outcome == "exceeded"


def test_too_early_is_recorded_and_announced_to_nobody_and_is_no_base_for_hysteresis(business: Business) -> None:
    business.target(schedule="FREQ=DAILY", pacing="linear")
    business.sell("7000.00", november(1, 12))

    for day in (2, 3, 4):
        business.turn_to(november(day, 1))

    assert [status for _, status, _ in business.evaluated()] == ["too_early", "too_early", "off_track"]
    assert [one.announced for one in business.facts(Checkpoint.CheckpointEvaluated)] == [False, False, True]


def test_a_late_sale_restates_every_later_checkpoint_after_a_quiet_spell(business: Business) -> None:
    business.target()
    business.sell("20000.00", november(3))
    business.turn_to(november(14, 1))
    business.sell("5000.00", november(4), at=november(15))

    business.turn_to(november(15) + timedelta(seconds=29))
    assert business.restated() == []
    business.turn_to(november(15) + QUIET)

    assert business.restated() == [(1, 20_000_00, 25_000_00), (2, 20_000_00, 25_000_00)]
    first, second = business.facts(Checkpoint.CheckpointRestated)
    assert (first.old.status, first.new.status) == ("at_risk", "on_track")
    assert (second.old.status, second.new.status) == ("off_track", "off_track")
    assert first.caused_by.upto == second.caused_by.upto == first.position


def test_a_sale_after_the_last_evaluated_cutoff_restates_nothing(business: Business) -> None:
    business.target()
    business.turn_to(november(7, 1))
    business.sell("5.00", november(7, 2))

    business.turn_to(november(8))
    assert business.restated() == []


def test_late_sales_that_keep_coming_are_restated_once_five_minutes_after_the_first(business: Business) -> None:
    business.target()
    business.turn_to(november(7, 1))
    began = november(8)
    for second in range(0, 400, 20):
        business.sell("10.00", november(2), at=began + timedelta(seconds=second))
        business.turn_to(began + timedelta(seconds=second))

    assert business.restated() == [(1, 0, 160_00)]
    business.turn_to(began + timedelta(seconds=380) + QUIET)
    assert business.restated() == [(1, 0, 160_00), (1, 160_00, 200_00)]


def test_late_sales_that_cancel_each_other_out_restate_nothing(business: Business) -> None:
    business.target()
    business.sell("100.00", november(2))
    business.turn_to(november(7, 1))
    business.sell("40.00", november(2), at=november(8))
    business.sell("40.00", november(3), at=november(8), kind="refund")

    business.turn_to(november(8) + QUIET)
    business.turn_to(november(9))

    assert business.restated() == []


def test_people_hear_of_a_restatement_only_if_the_class_changed_or_a_hundredth_of_the_goal(business: Business) -> None:
    business.target()
    business.sell("24500.00", november(2))
    business.turn_to(november(7, 1))
    for hour, amount in ((2, "600.00"), (3, "399.99"), (4, "0.01")):
        business.sell(amount, november(2), at=november(7, hour))
        business.turn_to(november(7, hour) + QUIET)

    facts = business.facts(Checkpoint.CheckpointRestated)
    assert [one.new.actual for one in facts] == [25_100_00, 25_499_99, 25_500_00]
    assert [one.announced for one in facts] == [False, False, True]


def test_an_import_of_late_sales_reads_as_if_they_had_been_there(business: Business, store: Store) -> None:
    target = business.target()
    business.turn_to(november(28, 1))
    months = [(f"{1000 + number}.00", november(1 + number % 26, number % 24)) for number in range(90)]
    for amount, on in months:
        business.sell(amount, on, at=november(29))
    business.turn_to(november(29) + QUIET)

    scratch = business.target(at=november(30))
    business.turn_to(november(30, 1))
    assert [one.reading for one in business.checkpoints(target)] == [
        one.reading for one in business.checkpoints(scratch)
    ]
    assert len(business.restated()) == 4


def test_a_class_hangs_on_the_one_before_it_also_when_restated(business: Business) -> None:
    business.target()
    business.sell("20000.00", november(2))
    business.sell("28000.00", november(9))
    business.turn_to(november(14, 1))
    assert [status for _, status, _ in business.evaluated()] == ["at_risk", "at_risk"]

    business.sell("0.00", november(2), at=november(15))
    business.sell("4000.00", november(2), at=november(15))
    business.sell("4000.00", november(9), at=november(15), kind="refund")
    business.turn_to(november(15) + QUIET)

    # The same 48,000.00 by the second: on track after on track, at risk after at risk.
    facts = business.facts(Checkpoint.CheckpointRestated)
    assert [(one.number, one.new.status, one.new.actual) for one in facts] == [
        (1, "on_track", 24_000_00),
        (2, "on_track", 48_000_00),
    ]


def test_an_evaluation_without_all_sales_says_so_and_is_restated_once_they_are_in(business: Business) -> None:
    business.target()
    business.turn_to(november(7, 1), complete=False)
    business.turn_to(november(7, 1) + QUIET, complete=False)
    business.sell("25000.00", november(3), at=november(7, 2))
    business.turn_to(november(7, 2) + QUIET)

    (evaluated,) = business.facts(Checkpoint.CheckpointEvaluated)
    (restated,) = business.facts(Checkpoint.CheckpointRestated)
    assert (evaluated.complete, evaluated.actual) == (False, 0)
    assert (restated.new.complete, restated.new.actual, restated.announced) == (True, 25_000_00, True)


def test_a_complete_reading_of_what_was_incomplete_is_said_even_if_nothing_came(business: Business) -> None:
    business.target()
    business.sell("25000.00", november(3))
    business.turn_to(november(7, 1), complete=False)
    business.turn_to(november(7, 1) + QUIET)

    (restated,) = business.facts(Checkpoint.CheckpointRestated)
    assert (restated.old.complete, restated.new.complete, restated.new.actual) == (False, True, 25_000_00)


def test_an_evaluation_settles_after_two_days_and_a_closed_target_seals_after_thirty(business: Business) -> None:
    target = business.target()
    closing = november(31, 1)
    business.turn_to(november(7, 1))
    business.turn_to(november(9, 0, 59))
    assert business.facts(Checkpoint.CheckpointSettled) == []
    business.turn_to(november(9, 1))
    assert [one.number for one in business.facts(Checkpoint.CheckpointSettled)] == [1]

    business.turn_to(closing)
    business.turn_to(closing + timedelta(days=29))
    assert business.state(target).state is State.CLOSED
    business.turn_to(closing + timedelta(days=30))

    (sealed,) = business.facts(Target.TargetSealed)
    assert (sealed.outcome, business.state(target).state) == ("missed", State.SEALED)
    assert len(business.facts(Checkpoint.CheckpointSettled)) == 5


def test_a_late_sale_restates_the_outcome_until_the_seal_and_is_an_adjustment_after_it(business: Business) -> None:
    target = business.target()
    business.sell("90000.00", november(5))
    business.turn_to(november(31, 1))
    business.sell("10000.00", november(29), at=november(40))
    business.turn_to(november(40) + QUIET)

    (restated,) = business.facts(Target.OutcomeRestated)
    assert (restated.old, restated.new, restated.total) == ("missed", "met", 100_000_00)

    business.turn_to(november(70))
    business.sell("5000.00", november(29), at=november(71), kind="refund")
    business.turn_to(november(72))
    after = business.state(target)
    assert (after.outcome, after.total, after.attained) == ("met", 95_000_00, True)
    assert len(business.facts(Target.OutcomeRestated)) == 1


def test_late_sales_just_before_the_seal_are_still_part_of_the_outcome(business: Business) -> None:
    business.target()
    business.turn_to(november(31, 1))
    sealing = november(31, 1) + timedelta(days=30)
    business.sell("100000.00", november(29), at=sealing - timedelta(seconds=5))
    business.turn_to(sealing)

    assert [one.new for one in business.facts(Target.OutcomeRestated)] == ["met"]
    assert [one.outcome for one in business.facts(Target.TargetSealed)] == ["met"]


def test_a_cancelled_target_is_evaluated_no_more(business: Business) -> None:
    target = business.target()
    business.turn_to(november(7, 1))
    business.app.cancel_target(target, "the product is gone", by="ana@example.com", at=november(8))
    business.sell("5.00", november(2), at=november(9))

    assert business.turn_to(november(90)) == 0
    assert len(business.evaluated()) == 1


NIGHTS = [
    ("America/New_York", datetime(2026, 11, 2, 5, tzinfo=UTC), "the clocks went back: a day of 25 hours"),
    ("Europe/Berlin", datetime(2026, 3, 29, 22, tzinfo=UTC), "the clocks went forward: a day of 23 hours"),
    ("Australia/Lord_Howe", datetime(2026, 4, 5, 13, 30, tzinfo=UTC), "the clocks went back by half an hour"),
]


@pytest.mark.parametrize(("zone", "ends", "why"), NIGHTS, ids=[zone for zone, _, _ in NIGHTS])
def test_the_day_of_a_changed_clock_closes_at_its_own_midnight(
    business: Business, zone: str, ends: datetime, why: str
) -> None:
    day = (ends - timedelta(hours=12)).date()
    start = date(day.year, day.month, 1)
    business.target(
        at=ends - timedelta(days=40), time_zone=zone, start=start, end=start + timedelta(days=29), schedule=[f"{day}"]
    )
    business.sell("1.00", ends - timedelta(seconds=1))
    business.sell("2.00", ends)

    business.turn_to(ends + GRACE - timedelta(milliseconds=1))
    assert business.evaluated() == [], why
    business.turn_to(ends + GRACE)

    assert [actual for _, _, actual in business.evaluated()] == [1_00], why


def test_targets_that_nobody_planned_for_are_entered_on_the_agenda(business: Business, store: Store) -> None:
    target = business.target()
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute("DELETE FROM agenda")

    assert business.evaluator.plan_missing() == 1
    assert business.evaluator.plan_missing() == 0

    business.turn_to(november(7, 1))
    assert [one.target for one in business.facts(Checkpoint.CheckpointEvaluated)] == [target]


def test_a_sale_is_late_by_what_was_evaluated_not_by_the_clock_of_ingest(business: Business) -> None:
    business.target()
    business.turn_to(november(7, 0, 0, 10))
    business.sell("25000.00", november(6, 23, 59), at=november(6, 23, 59, 59))

    business.turn_to(november(13))

    assert business.restated() == [(1, 0, 25_000_00)]


def test_what_was_evaluated_too_early_by_a_wrong_clock_is_restated_when_the_sales_come(business: Business) -> None:
    business.target()
    business.turn_to(november(7, 1))
    for day in (5, 6):
        business.sell("10000.00", november(day, 12), at=november(day, 12))

    business.turn_to(november(13))

    assert business.restated() == [(1, 0, 20_000_00)]


def test_a_restatement_reads_all_that_was_evaluated_also_when_the_clock_was_set_back(business: Business) -> None:
    business.target()
    business.turn_to(november(14, 1))
    business.sell("100.00", november(3), at=november(13, 23))
    business.turn_to(november(13, 23, 1))

    assert [number for number, _, _ in business.restated()] == [1, 2]


def test_nothing_is_sealed_while_published_sales_are_not_in(business: Business) -> None:
    target = business.target()
    business.sell("90000.00", november(3))
    business.turn_to(november(31, 1))
    business.turn_to(november(70), complete=False)
    assert (business.restated(), business.state(target).state) == ([], State.CLOSED)

    business.sell("10000.00", november(29), at=november(70, 1))
    business.turn_to(november(70, 2))

    assert [one.outcome for one in business.facts(Target.TargetSealed)] == ["met"]


def test_a_restatement_waits_for_a_backlog_but_not_for_ever_and_what_was_complete_stays_so(business: Business) -> None:
    business.target()
    business.turn_to(november(7, 1))
    late = november(8)
    business.sell("25000.00", november(3), at=late)
    for minutes in range(1, 60):
        business.turn_to(late + timedelta(minutes=minutes), complete=False)
    assert business.restated() == []

    business.turn_to(late + timedelta(minutes=61), complete=False)

    (restated,) = business.facts(Checkpoint.CheckpointRestated)
    assert (restated.new.actual, restated.new.complete) == (25_000_00, True)


def test_a_spell_that_follows_an_incomplete_verdict_ends_after_five_minutes_too(business: Business) -> None:
    business.target()
    business.turn_to(november(7, 1), complete=False)
    for second in range(0, 600, 20):
        at = november(7, 1) + timedelta(seconds=second)
        business.sell("10.00", november(2), at=at)
        business.turn_to(at)

    assert business.restated() == [(1, 0, 160_00)]


def test_a_target_that_can_not_be_evaluated_is_put_off_and_the_others_are_evaluated(
    business: Business, store: Store
) -> None:
    broken, healthy = business.target(), business.target()
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute("INSERT INTO agenda VALUES (%s, 'settle', 5, %s, %s)", (broken, broken, november(2)))
    with pytest.raises(KeyError):
        business.turn_to(november(7, 1))

    now = november(7, 1)
    assert broken in business.evaluator.due_targets(now)
    business.evaluator.put_off(broken, now + timedelta(minutes=5))
    business.turn_to(now)

    assert [one.target for one in business.facts(Checkpoint.CheckpointEvaluated)] == [healthy]


def test_cancelled_targets_of_an_earlier_version_hide_no_active_one(business: Business, store: Store) -> None:
    cancelled = [business.target(schedule=None) for _ in range(105)]
    for target in cancelled:
        business.app.cancel_target(target, "over", by="ana@example.com", at=FIRST)
    active = business.target()
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute("DELETE FROM agenda")
        curs.execute("DELETE FROM evaluated")

    while business.evaluator.plan_missing():
        continue
    business.turn_to(november(7, 1))

    assert [one.target for one in business.facts(Checkpoint.CheckpointEvaluated)] == [active]


def numbers(facts: Iterable[Any]) -> list[int]:
    return [one.number for one in facts]


def test_hundreds_of_targets_due_at_one_midnight_are_evaluated_in_a_few_commits(business: Business) -> None:
    for _ in range(300):
        business.app.define_target(uuid4(), plan(schedule=FRIDAYS), activate=True, by="ana", at=FIRST)
    while Filler(business.app).fill_some(FIRST):
        continue

    now = november(7, 1)
    done = [business.evaluator.evaluate_some(now, now, complete=True) for _ in range(7)]

    # Each has a checkpoint, and a look at how its last days went.
    assert done == [100] * 6 + [0]
    assert set(numbers(business.facts(Checkpoint.CheckpointEvaluated))) == {1}


def test_a_commit_takes_few_targets_whose_restatement_reads_many_checkpoints(business: Business) -> None:
    for _ in range(3):
        business.target(schedule="FREQ=DAILY;INTERVAL=1", start=date(2026, 1, 1), end=date(2026, 11, 30))
    business.turn_to(november(7, 1))
    business.sell("1.00", november(2), at=november(8))

    now = november(8) + QUIET
    done = [business.evaluator.evaluate_some(now, now, complete=True) for _ in range(4)]

    # The three checkpoints and looks at the pace of that day and one restatement, then one restatement each.
    assert done == [7, 1, 1, 0]
    assert len({one.target for one in business.facts(Checkpoint.CheckpointRestated)}) == 3
