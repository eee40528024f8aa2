"""Revising a target under way, on a log in memory: what changes, what stays, and what is refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.application import Milemarker
from domain.checkpoint import Checkpoint, checkpoint_id
from domain.definition import Pacing, Versus
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.milestones.due_rule import DueRule
from domain.milestones.milestone import Milestone, Stage
from domain.milestones.planning import Planner
from domain.milestones.planning import Wish as MilestoneWish
from domain.refusal import Refused
from domain.revising import Wish, revise_target
from domain.revision import PROSPECTIVE, REPLAN, RETROACTIVE
from domain.target import State, Target
from tests.memory import memory_app
from tests.words import plan, resolving, sale

ANA = "ana@example.com"
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
GRACE = timedelta(seconds=10)


def november(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


class Month:
    """A November of one target, its clock turned by hand."""

    def __init__(self, **said: Any) -> None:
        self.app: Milemarker = memory_app()
        self.now = november(1, 9)
        self.intake = Intake(self.app, uuid4)
        self.target_id = uuid4()
        self._sales = count(1)
        self.app.define_target(self.target_id, plan(**{"schedule": FRIDAYS} | said), activate=True, by=ANA, at=self.now)
        self.fill()

    def sell(self, amount: str, at: datetime, **says: Any) -> None:
        one = sale(f"s{next(self._sales)}", amount, occurred_at=at.isoformat(), **says)
        (outcome,), _ = self.intake.record([Arrival([one])], max(self.now, at))
        assert outcome.accepted == 1

    def fill(self) -> None:
        while Filler(self.app).fill_some(self.now):
            continue

    def until(self, at: datetime) -> None:
        """The clock moves on, and what falls due is done."""
        self.now = at
        evaluator = Evaluator(self.app, GRACE)
        while evaluator.evaluate_some(self.now, self.now, complete=True):
            continue

    def revise(self, mode: str = PROSPECTIVE, effective_at: datetime | None = None, **changes: Any) -> Target:
        freeze_anew = changes.pop("freeze_anew", False)
        wish = Wish(changes, "The shop in Oslo opened", mode, effective_at, freeze_anew)
        target, _ = revise_target(self.app, self.target_id, wish, resolving(), by=ANA, at=self.now)
        return target

    @property
    def target(self) -> Target:
        with self.app.writing() as log:
            return log.targets([self.target_id])[self.target_id]

    def checkpoint(self, number: int) -> Checkpoint:
        one = checkpoint_id(self.target_id, self.target.plan.checkpoints[number - 1].cutoff)
        with self.app.writing() as log:
            return log.aggregates(Checkpoint, [one])[one]

    def facts(self, *kinds: type[Any]) -> list[Any]:
        notifications = self.app.recorder.select_notifications(1, 10_000)
        facts = [self.app.mapper.to_domain_event(one) for one in notifications]
        return [one for one in facts if isinstance(one, kinds)]

    def milestone(self, name: str, rule: DueRule) -> UUID:
        one = uuid4()
        Planner(self.app, by=ANA, at=self.now).plan(one, self.target_id, MilestoneWish(name, rule, "by_hand"))
        return one

    def planned(self, one: UUID) -> Milestone:
        with self.app.writing() as log:
            return log.aggregates(Milestone, [one])[one]


@pytest.fixture
def month() -> Month:
    """After checkpoint 2 of 4: 50,000 are expected and 40,000 are there."""
    one = Month()
    one.sell("40000.00", november(3))
    one.until(november(14, 1))
    return one


def expected(target: Target) -> list[int]:
    return [round(target.course.expected(cutoff)) // 100 for cutoff in target.plan.cutoffs]


@pytest.mark.parametrize(
    ("mode", "thousands"),
    [
        (PROSPECTIVE, [25, 50, 85, 120, 120]),
        (REPLAN, [25, 40, 80, 120, 120]),
        (RETROACTIVE, [30, 60, 90, 120, 120]),
    ],
)
def test_a_revision_goes_on_from_the_pace_from_the_actual_or_from_the_beginning(
    month: Month, mode: str, thousands: list[int]
) -> None:
    target = month.revise(mode, november(14), goal="120000.00")

    assert expected(target) == [1_000 * one for one in thousands]
    assert (target.plans[0].goal, target.plan.goal) == (100_000_00, 120_000_00)


def test_a_revision_says_what_changed_from_what_to_what_and_why(month: Month) -> None:
    month.revise(goal="120000.00", end=date(2026, 12, 5))

    (fact,) = month.facts(Target.TargetRevised)
    assert (fact.revision, fact.mode, fact.reason, fact.by) == (2, "prospective", "The shop in Oslo opened", ANA)
    assert fact.changes == {
        "goal": {"from": "100000.00", "to": "120000.00"},
        "end": {"from": "2026-11-30", "to": "2026-12-05"},
    }


def test_evaluated_checkpoints_keep_their_revision_and_what_they_said(month: Month) -> None:
    month.revise(goal="120000.00")
    month.until(november(21, 1))

    first, second, third = (month.checkpoint(number) for number in (1, 2, 3))
    assert [one.revision for one in (first, second, third)] == [1, 1, 2]
    assert (second.reading.expected, second.reading.status) == (50_000_00, "at_risk")
    assert second.restated == 0
    assert third.reading.expected == round(month.target.course.expected(november(21)))


def test_a_retroactive_revision_restates_the_evaluated_checkpoints_and_tells_nobody(month: Month) -> None:
    month.revise(RETROACTIVE, goal="120000.00")
    month.until(november(14, 2))

    restated = month.facts(Checkpoint.CheckpointRestated)
    assert [(one.number, one.old.expected, one.new.expected, one.announced, one.revision) for one in restated] == [
        (1, 25_000_00, 30_000_00, False, 2),
        (2, 50_000_00, 60_000_00, False, 2),
    ]
    assert [one.new.status for one in restated] == ["ahead", "off_track"]


def test_a_late_sale_restates_an_evaluated_checkpoint_against_its_own_revision(month: Month) -> None:
    month.revise(goal="200000.00")
    month.now = november(15)
    month.sell("8000.00", november(4))
    month.until(november(15, 1))

    second = month.checkpoint(2)
    assert (second.reading.actual, second.reading.expected, second.revision) == (48_000_00, 50_000_00, 1)


def test_a_goal_lowered_under_the_actual_is_attained_by_revision_and_not_by_a_sale(month: Month) -> None:
    target = month.revise(goal="40000.00")

    assert (target.attained, target.by_revision) == (True, True)
    assert month.facts(Target.TargetAttained) == []
    month.sell("1.00", november(14), kind="refund")
    assert (month.target.attained, month.target.by_revision) == (False, False)
    assert len(month.facts(Target.AttainmentLost)) == 1


def test_a_goal_raised_over_the_actual_is_not_attained_any_more(month: Month) -> None:
    month.sell("60000.00", november(14))
    assert month.target.attained

    target = month.revise(goal="120000.00")

    assert not target.attained
    assert month.facts(Target.TargetRevised)[0].attained == "not_attained"
    month.sell("20000.00", november(14))
    assert month.target.attained


def test_the_official_status_changes_with_the_revision(month: Month) -> None:
    month.revise(goal="60000.00", mode=RETROACTIVE)

    assert month.checkpoint(2).status == "at_risk"  # until it is looked at again
    assert month.facts(Target.TargetRevised)[0].status == "ahead"


def test_other_thresholds_leave_the_pace_alone(month: Month) -> None:
    before = month.target.course
    target = month.revise(thresholds={"on_track": "0.80", "at_risk": "0.5"})

    assert [target.course.expected(at) for at in target.plan.midnights] == [
        before.expected(at) for at in target.plan.midnights
    ]
    assert target.plan.limits.on_track == target.plan.limits.on_track
    month.until(november(21, 1))
    assert month.facts(Checkpoint.CheckpointEvaluated)[-1].thresholds["on_track"] == "0.8000"


def test_a_second_revision_of_the_thresholds_keeps_the_pace_of_the_first_revision(month: Month) -> None:
    first = month.revise(goal="120000.00", effective_at=november(14))
    second = month.revise(thresholds={"ahead": "1.5"})

    assert expected(second) == expected(first) == [25_000, 50_000, 85_000, 120_000, 120_000]


def test_other_dates_lay_checkpoints_anew_and_keep_the_evaluated_ones(month: Month) -> None:
    target = month.revise(end=date(2026, 12, 12))
    month.fill()

    assert target.state is State.FILLING
    numbers = [(one.number, one.day.isoformat()) for one in month.target.plan.checkpoints]
    assert numbers == [
        (1, "2026-11-06"),
        (2, "2026-11-13"),
        (3, "2026-11-20"),
        (4, "2026-11-27"),
        (5, "2026-12-04"),
        (6, "2026-12-11"),
        (7, "2026-12-12"),
    ]
    month.until(november(21, 1))
    assert [one.number for one in month.facts(Checkpoint.CheckpointEvaluated)] == [1, 2, 3]
    assert month.target.state is State.ACTIVE


def test_a_longer_period_counts_what_was_sold_in_its_new_days() -> None:
    month = Month(end=date(2026, 11, 20))
    month.sell("10.00", november(3))
    month.sell("7.00", november(25))
    assert month.target.total == 10_00

    month.revise(end=date(2026, 11, 30))
    month.fill()

    assert month.target.total == 17_00
    month.sell("1.00", november(26))
    assert month.target.total == 18_00


def test_another_scope_counts_other_sales_and_may_lose_the_attainment() -> None:
    month = Month(goal="10.00")
    month.sell("9.00", november(3), dimensions={"region": "emea"})
    month.sell("2.00", november(3), dimensions={"region": "us"})
    assert month.target.attained

    month.revise(scope={"region": ["emea"]})
    month.fill()

    assert (month.target.total, month.target.attained) == (9_00, False)
    (lost,) = month.facts(Target.AttainmentLost)
    assert lost.lowered_by is None


def test_another_calendar_or_pace_holds_from_now_on(month: Month) -> None:
    target = month.revise(pacing=Pacing("linear"), effective_at=november(14))

    assert expected(target)[:2] == [25_000, 50_000]
    assert round(target.course.expected(november(15))) == 50_000_00 + round(50_000_00 / 17)


def test_a_checkpoint_in_the_middle_of_a_day_has_the_day_split() -> None:
    month = Month()
    month.sell("5.00", november(20, 9))
    month.sell("7.00", november(20, 15))

    month.revise(checkpoints=["2026-11-20T12:00:00Z"])
    month.fill()
    month.until(november(20, 13))

    (evaluated,) = month.facts(Checkpoint.CheckpointEvaluated)
    assert evaluated.actual == 5_00


def test_milestones_move_with_the_target_and_achieved_ones_never(month: Month) -> None:
    last = month.milestone("Launch", DueRule("end", offset_days=-2))
    done = month.milestone("Hire two people", DueRule("end"))
    Planner(month.app, by=ANA, at=month.now).achieve(done, "both have signed")

    month.revise(end=date(2026, 12, 10))

    assert month.planned(last).due_day == date(2026, 12, 8)
    assert (month.planned(done).due_day, month.planned(done).stage) == (date(2026, 11, 30), Stage.ACHIEVED)
    assert len(month.facts(Milestone.MilestoneRescheduled)) == 1


def test_a_milestone_that_would_not_fit_keeps_the_target_as_it_is(month: Month) -> None:
    month.milestone("Launch", DueRule("date", day=date(2026, 11, 29)))

    with pytest.raises(Refused, match="'Launch' would not fit") as refused:
        month.revise(end=date(2026, 11, 25))

    assert refused.value.code == "milestone_outside"
    assert len(month.target.plans) == 1


REFUSED: dict[str, tuple[Callable[[Month], object], str, str]] = {
    "nothing": (lambda one: one.revise(goal="100000.00"), "nothing_revised", "/changes"),
    "a comparison that there is not": (
        lambda one: one.revise(goal="120000.00", freeze_anew=True),
        "not_of_kind",
        "/freeze_anew",
    ),
    "the metric": (lambda one: one.revise(metric="orders"), "not_revisable", "/changes/metric"),
    "the zone": (lambda one: one.revise(time_zone="Asia/Tokyo"), "not_revisable", "/changes/time_zone"),
    "an unknown mode": (lambda one: one.revise("as_you_like", goal="1.00"), "unknown_mode", "/mode"),
    "an end before the last evaluated checkpoint": (
        lambda one: one.revise(end=date(2026, 11, 12)),
        "end_before_evaluated",
        "/changes/end",
    ),
    "a start after the first evaluated checkpoint": (
        lambda one: one.revise(start=date(2026, 11, 8)),
        "start_after_evaluated",
        "/changes/start",
    ),
    "a moment that was evaluated": (
        lambda one: one.revise(effective_at=november(13), goal="1.00"),
        "bad_effective_at",
        "/effective_at",
    ),
    "a moment outside the period": (
        lambda one: one.revise(effective_at=november(30) + timedelta(days=1), goal="1.00"),
        "bad_effective_at",
        "/effective_at",
    ),
    "a replan of what is not known": (
        lambda one: one.revise(REPLAN, november(20), goal="1.00"),
        "bad_effective_at",
        "/effective_at",
    ),
    "a goal of nothing": (lambda one: one.revise(goal="0.00"), "goal_not_positive", "/changes/goal"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_revision_that_can_not_be_is_refused_by_field(month: Month, name: str) -> None:
    asked, code, field = REFUSED[name]

    with pytest.raises(Refused) as refused:
        asked(month)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert len(month.target.plans) == 1


def test_a_revision_needs_a_reason(month: Month) -> None:
    with pytest.raises(Refused) as refused:
        revise_target(month.app, month.target_id, Wish({"goal": "1.00"}, " "), resolving(), by=ANA, at=month.now)

    assert refused.value.code == "reason_missing"


def test_a_closed_target_is_not_revised(month: Month) -> None:
    month.until(november(30) + timedelta(days=1, hours=1))

    with pytest.raises(Refused) as refused:
        month.revise(goal="1.00")

    assert refused.value.code == "closed"


def test_a_draft_is_revised_without_a_trace_in_its_pace() -> None:
    app: Milemarker = memory_app()
    target_id = uuid4()
    app.define_target(target_id, plan(schedule=FRIDAYS), activate=False, by=ANA, at=november(1))
    wish = Wish({"goal": "120000.00"}, "A typing error")

    target, _ = revise_target(app, target_id, wish, resolving(), by=ANA, at=november(15))

    assert (target.state, target.plan.rebased) == (State.DRAFT, None)
    assert target.course.expected(november(7)) == 30_000_00


# What it is compared with


LAST_YEAR = Versus(date(2025, 11, 1), date(2025, 11, 30))


def compared(month: Month) -> tuple[int, int]:
    frozen = month.target.plan.frozen
    assert frozen is not None
    return frozen.total, month.target.plan.goal


@pytest.fixture
def uplift() -> Month:
    """+10 % over a last November of $300; another $50 of it came in after the start."""
    month = Month.__new__(Month)
    month.app, month.now, month.target_id, month._sales = memory_app(), november(1, 9), uuid4(), count(1)
    month.intake = Intake(month.app, uuid4)
    month.sell("300.00", datetime(2025, 11, 3, tzinfo=UTC))
    said = plan(kind="uplift", goal="+10 %", comparison=LAST_YEAR, schedule=FRIDAYS)
    month.app.define_target(month.target_id, said, activate=True, by=ANA, at=month.now)
    month.fill()
    month.sell("50.00", datetime(2025, 11, 4, tzinfo=UTC))
    return month


def test_a_comparison_is_frozen_at_activation_with_its_position(uplift: Month) -> None:
    frozen = uplift.target.plan.frozen
    assert frozen is not None
    assert (compared(uplift), frozen.days_with_sales) == ((300_00, 30_00), 1)
    assert frozen.position == uplift.target.fill_upto


def test_a_revision_of_the_percentage_takes_it_of_what_was_frozen(uplift: Month) -> None:
    uplift.revise(goal="+20 %")

    assert compared(uplift) == (300_00, 60_00)
    assert len(uplift.facts(Target.ComparisonFrozen)) == 1


def test_a_revision_may_freeze_the_comparison_anew(uplift: Month) -> None:
    uplift.revise(freeze_anew=True)
    uplift.fill()

    assert compared(uplift) == (350_00, 35_00)


def test_another_comparison_is_frozen_anew(uplift: Month) -> None:
    uplift.sell("80.00", datetime(2026, 10, 9, tzinfo=UTC))
    uplift.revise(comparison=Versus(date(2026, 10, 1), date(2026, 10, 31)))
    uplift.fill()

    assert compared(uplift) == (80_00, 8_00)


def test_another_alignment_keeps_what_was_frozen(uplift: Month) -> None:
    uplift.revise(align="day_index")

    assert compared(uplift) == (300_00, 30_00)
    assert uplift.target.plan.frozen == uplift.target.plans[0].frozen
