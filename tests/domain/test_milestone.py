"""A Milestone: achieved by its tasks, by a value or by hand; reopened, missed, waived, moved."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.agenda import Appointment, Errand
from domain.course import Course
from domain.ledger import Posting
from domain.milestones.criterion import Criterion, criterion_of
from domain.milestones.due_rule import DueRule, due_of
from domain.milestones.milestone import TASKS_MAX, Milestone, Stage
from domain.milestones.planning import ordered_after
from domain.milestones.reminders import appointments_of, days_left
from domain.milestones.task import Task
from domain.progress import LedgerRef, SaleRef, Slot
from domain.refusal import Refused
from domain.target import State, Target
from tests.domain.facts import ANA, ID, Fact, fact, given, recorded
from tests.words import plan

TARGET = UUID(int=9)
NOVEMBER = plan(goal="1000.00")
MIDDLE = DueRule("date", day=date(2026, 11, 15))
DUE = due_of(MIDDLE, Course([NOVEMBER]))
IN_TIME, TOO_LATE = DUE.at - timedelta(microseconds=1), DUE.at
BRIEF, SLIDES = Task(UUID(int=21), "Write the brief"), Task(UUID(int=22), "Draw slides", required=False)
SIGN = Task(UUID(int=23), "Sign", assignee="jo@example.com")
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def said(event_class: type[Any], **says: Any) -> Fact:
    return fact(event_class, target=TARGET, **says)


def planned(criterion: Criterion, tasks: tuple[Task, ...] = (), after: tuple[UUID, ...] = ()) -> Fact:
    return said(
        Milestone.MilestonePlanned,
        name="Launch",
        rule=MIDDLE,
        due_day=DUE.day,
        due=DUE.at,
        criterion=criterion,
        tasks=list(tasks),
        after=list(after),
        weight=1,
    )


BY_TASKS = planned(Criterion("tasks"), (BRIEF, SLIDES, SIGN))
BY_VALUE = planned(Criterion("value", 500_00))
BY_HAND = planned(Criterion("by_hand"))


def achieved(late: bool = False, out_of_order: bool = False, **says: Any) -> Fact:
    return said(
        Milestone.MilestoneAchieved,
        late=late,
        out_of_order=out_of_order,
        **{"total": None, "lifted_by": None, "evidence": None, "announced": True} | says,
    )


def reopened(**says: Any) -> Fact:
    return said(
        Milestone.MilestoneReopened, **{"total": None, "lowered_by": None, "task": None, "announced": True} | says
    )


def done(task: Task) -> Fact:
    return said(Milestone.TaskCompleted, task=task.id)


MISSED = said(Milestone.MilestoneMissed, announced=True)
WAIVED = said(Milestone.MilestoneWaived, reason="no longer needed")
OVERDUE = said(Milestone.MilestoneOverdue)


def target(total: int = 0, *, state: State = State.ACTIVE, at: datetime = NOON) -> Target:
    facts = [fact(Target.TargetDefined, plan=NOVEMBER), fact(Target.TargetActivated, fill_upto=0)]
    if total:
        day = NOVEMBER.midnights[(at - NOVEMBER.begins).days]
        facts.append(fact(Target.ProgressRecorded, entry=LedgerRef(UUID(int=7)), slots=[Slot(day, total)]))
    if state is not State.FILLING:
        facts.append(fact(Target.TargetFilled, total=total))
    if state is State.CLOSED:
        facts.append(fact(Target.TargetClosed, total=total, goal=1000_00, outcome="missed"))
    found = given(Target, *facts)
    found.activated_at = NOVEMBER.begins
    return found


def posting(id: str, amount: int, at: datetime = NOON) -> Posting:
    return Posting("webshop", id, "revenue", amount, at, {})


def sale(id: str, at: datetime = NOON) -> SaleRef:
    return SaleRef("webshop", id, at)


def judged(milestone: Milestone, found: Target, *postings: Posting, at: datetime = IN_TIME) -> list[Fact]:
    milestone.judge(found, postings, {}, by=ANA, at=at)
    return recorded(milestone)


def tasked(milestone: Milestone, task: Task, does: bool, at: datetime = IN_TIME, **of: Any) -> list[Fact]:
    milestone.set_task(task.id, does, target(**of), {}, by=ANA, at=at)
    return recorded(milestone)


def test_a_planned_milestone_says_its_rule_and_when_that_is() -> None:
    milestone = Milestone.plan(
        ID, TARGET, "Launch", MIDDLE, DUE, Criterion("tasks"), tasks=[BRIEF, SLIDES, SIGN], by=ANA, at=IN_TIME
    )

    assert recorded(milestone) == [BY_TASKS]
    assert (milestone.stage, milestone.due, milestone.plan_version) == (Stage.PLANNED, DUE.at, 1)


# Tasks


def test_the_last_required_task_achieves_a_milestone_of_tasks() -> None:
    milestone = given(Milestone, BY_TASKS)

    assert tasked(milestone, BRIEF, True) == [done(BRIEF)]
    assert tasked(milestone, SIGN, True) == [done(SIGN), achieved()]
    assert milestone.stage is Stage.ACHIEVED


def test_a_task_that_is_not_required_decides_nothing() -> None:
    milestone = given(Milestone, BY_TASKS, done(BRIEF), done(SIGN), achieved())

    assert tasked(milestone, SLIDES, True) == [done(SLIDES)]
    assert tasked(milestone, SLIDES, False) == [said(Milestone.TaskReopened, task=SLIDES.id)]


def test_a_milestone_of_tasks_without_a_required_one_waits_for_one() -> None:
    milestone = given(Milestone, planned(Criterion("tasks"), (SLIDES,)))

    assert tasked(milestone, SLIDES, True) == [done(SLIDES)]
    milestone.add_task(BRIEF, target(), {}, by=ANA, at=IN_TIME)
    assert recorded(milestone) == [said(Milestone.TaskAdded, task=BRIEF)]
    assert tasked(milestone, BRIEF, True) == [done(BRIEF), achieved()]


def test_undoing_a_required_task_reopens_the_milestone() -> None:
    milestone = given(Milestone, BY_TASKS, done(BRIEF), done(SIGN), achieved())

    assert tasked(milestone, SIGN, False) == [
        said(Milestone.TaskReopened, task=SIGN.id),
        reopened(task=SIGN.id),
    ]
    assert milestone.stage is Stage.PLANNED


def test_another_required_task_reopens_an_achieved_milestone_and_one_that_is_not_required_does_not() -> None:
    milestone = given(Milestone, planned(Criterion("tasks"), (BRIEF,)), done(BRIEF), achieved())

    milestone.add_task(SLIDES, target(), {}, by=ANA, at=IN_TIME)
    assert recorded(milestone) == [said(Milestone.TaskAdded, task=SLIDES)]
    milestone.add_task(SIGN, target(), {}, by=ANA, at=IN_TIME)
    assert recorded(milestone) == [said(Milestone.TaskAdded, task=SIGN), reopened(task=SIGN.id)]


def test_a_task_done_after_the_due_date_achieves_late() -> None:
    milestone = given(Milestone, planned(Criterion("tasks"), (BRIEF,)), OVERDUE)

    assert tasked(milestone, BRIEF, True, at=TOO_LATE) == [done(BRIEF), achieved(late=True)]


def test_tasks_of_a_missed_milestone_achieve_it_late_and_undoing_them_misses_it_again() -> None:
    milestone = given(Milestone, planned(Criterion("tasks"), (BRIEF,)), MISSED)

    assert tasked(milestone, BRIEF, True, state=State.CLOSED) == [done(BRIEF), achieved(late=True)]
    assert tasked(milestone, BRIEF, False, state=State.CLOSED)[1:] == [reopened(task=BRIEF.id), MISSED]


def test_doing_again_what_is_done_changes_nothing() -> None:
    milestone = given(Milestone, BY_TASKS, done(BRIEF))

    assert tasked(milestone, BRIEF, True) == []
    assert tasked(milestone, SIGN, False) == []
    milestone.add_task(BRIEF, target(), {}, by=ANA, at=IN_TIME)
    assert recorded(milestone) == []


def test_tasks_of_a_milestone_by_value_are_kept_and_decide_nothing() -> None:
    milestone = given(Milestone, planned(Criterion("value", 500_00), (BRIEF,)))

    assert tasked(milestone, BRIEF, True) == [done(BRIEF)]


# A value


def test_the_sale_that_reaches_the_value_achieves_the_milestone() -> None:
    milestone = given(Milestone, BY_VALUE)

    assert judged(milestone, target(499_99), posting("1", 499_99)) == []
    assert judged(milestone, target(500_00), posting("2", 1)) == [achieved(total=500_00, lifted_by=sale("2"))]
    assert judged(milestone, target(600_00), posting("3", 100_00)) == []


def test_a_refund_that_takes_the_value_back_reopens_the_milestone() -> None:
    milestone = given(Milestone, BY_VALUE, achieved(total=500_00, lifted_by=sale("2")))

    assert judged(milestone, target(499_99), posting("r", -1)) == [reopened(total=499_99, lowered_by=sale("r"))]
    assert milestone.stage is Stage.PLANNED


def test_a_batch_is_judged_on_its_net_effect_alone() -> None:
    milestone = given(Milestone, BY_VALUE)

    assert judged(milestone, target(100_00), posting("1", 600_00), posting("2", -500_00)) == []


@pytest.mark.parametrize(("day", "late"), [(15, False), (16, True)])
def test_a_value_is_reached_on_time_by_what_was_sold_before_the_due_date(day: int, late: bool) -> None:
    milestone = given(Milestone, BY_VALUE, OVERDUE)
    sold_at = datetime(2026, 11, day, tzinfo=UTC)

    found = judged(milestone, target(500_00, at=sold_at), posting("1", 500_00, sold_at), at=TOO_LATE)

    assert found == [achieved(late=late, total=500_00, lifted_by=sale("1", sold_at))]


def test_a_late_sale_turns_missed_into_achieved_late() -> None:
    milestone = given(Milestone, BY_VALUE, MISSED)

    found = judged(milestone, target(500_00, state=State.CLOSED), posting("late", 500_00))

    assert found == [achieved(late=True, total=500_00, lifted_by=sale("late"))]


def test_after_the_close_a_value_that_is_lost_again_is_missed_again() -> None:
    milestone = given(Milestone, BY_VALUE, MISSED, achieved(late=True, total=500_00, lifted_by=sale("late")))

    found = judged(milestone, target(400_00, state=State.CLOSED), posting("r", -100_00))

    assert found == [reopened(total=400_00, lowered_by=sale("r")), MISSED]


def test_a_value_that_was_there_before_the_milestone_achieves_it_without_a_sale() -> None:
    assert judged(given(Milestone, BY_VALUE), target(500_00)) == [achieved(total=500_00)]


def test_nothing_is_judged_while_the_target_fills_nor_once_the_milestone_is_waived() -> None:
    waived = given(Milestone, BY_VALUE, WAIVED)

    assert judged(given(Milestone, BY_VALUE), target(500_00, state=State.FILLING), posting("1", 500_00)) == []
    assert judged(waived, target(500_00), posting("1", 500_00)) == []


def test_of_a_period_that_was_over_when_it_was_entered_nobody_is_told() -> None:
    found = target(500_00)
    found.activated_at = NOVEMBER.ends

    assert judged(given(Milestone, BY_VALUE), found) == [achieved(total=500_00, announced=False)]


# By hand


def test_a_person_achieves_a_milestone_with_evidence_once() -> None:
    milestone = given(Milestone, BY_HAND)

    milestone.achieve("The board said yes", {}, by=ANA, at=IN_TIME)
    milestone.achieve("And again", {}, by=ANA, at=TOO_LATE)

    assert recorded(milestone) == [achieved(evidence="The board said yes")]


def test_a_milestone_achieved_by_hand_at_its_due_instant_is_late() -> None:
    milestone = given(Milestone, BY_HAND)

    milestone.achieve("At last", {}, by=ANA, at=TOO_LATE)

    assert recorded(milestone) == [achieved(late=True, evidence="At last")]


@pytest.mark.parametrize(
    ("past", "evidence", "code"),
    [
        (BY_TASKS, "yes", "not_by_hand"),
        (BY_VALUE, "yes", "not_by_hand"),
        (BY_HAND, " ", "evidence_missing"),
        (BY_HAND, "x" * 2_001, "too_long"),
    ],
)
def test_achieving_by_hand_needs_evidence_and_a_milestone_that_waits_for_it(
    past: Fact, evidence: str, code: str
) -> None:
    milestone = given(Milestone, past)

    with pytest.raises(Refused) as refused:
        milestone.achieve(evidence, {}, by=ANA, at=IN_TIME)

    assert (refused.value.code, recorded(milestone)) == (code, [])


# Order


@pytest.mark.parametrize(
    ("before", "out_of_order"),
    [
        ((BY_HAND,), True),
        ((BY_HAND, MISSED), True),
        ((BY_HAND, achieved(evidence="x")), False),
        ((BY_HAND, WAIVED), False),
    ],
)
def test_a_milestone_achieved_before_one_that_it_comes_after_is_flagged(
    before: tuple[Fact, ...], out_of_order: bool
) -> None:
    first = given(Milestone, *before)
    milestone = given(Milestone, planned(Criterion("by_hand"), after=(first.id,)))

    milestone.achieve("yes", {first.id: first}, by=ANA, at=IN_TIME)

    assert recorded(milestone) == [achieved(evidence="yes", out_of_order=out_of_order)]


def chained() -> dict[UUID, Milestone]:
    """1 comes first, 2 after 1, 3 after 2."""
    found = {UUID(int=number): given(Milestone, BY_HAND) for number in (1, 2, 3)}
    found[UUID(int=2)].after, found[UUID(int=3)].after = [UUID(int=1)], [UUID(int=2)]
    return found


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_milestone_that_would_come_after_itself_is_refused(number: int) -> None:
    with pytest.raises(Refused) as refused:
        ordered_after(UUID(int=1), [UUID(int=number)], chained())

    assert (refused.value.code, refused.value.field) == ("cycle", "/after/0")


def test_a_milestone_comes_after_milestones_that_there_are_each_once() -> None:
    assert ordered_after(UUID(int=3), [UUID(int=1), UUID(int=2), UUID(int=1)], chained()) == [
        UUID(int=1),
        UUID(int=2),
    ]
    with pytest.raises(Refused) as refused:
        ordered_after(UUID(int=3), [UUID(int=1), UUID(int=4)], chained())
    assert (refused.value.code, refused.value.field) == ("unknown_predecessor", "/after/1")


# Time


def test_a_milestone_is_due_soon_day_by_day_and_then_overdue() -> None:
    milestone = given(Milestone, BY_VALUE)

    for days in (7, 1, 1, 7, 0):
        milestone.fall_due_soon(days, by=ANA, at=IN_TIME)
    milestone.fall_overdue(by=ANA, at=IN_TIME)
    milestone.fall_overdue(by=ANA, at=TOO_LATE)
    milestone.fall_overdue(by=ANA, at=TOO_LATE)
    milestone.fall_due_soon(0, by=ANA, at=IN_TIME)

    assert recorded(milestone) == [*(said(Milestone.MilestoneDueSoon, days=days) for days in (7, 1, 0)), OVERDUE]
    assert milestone.stage is Stage.OVERDUE


def test_what_is_due_already_is_not_due_soon() -> None:
    milestone = given(Milestone, BY_VALUE)

    milestone.fall_due_soon(0, by=ANA, at=TOO_LATE)

    assert recorded(milestone) == []


@pytest.mark.parametrize("ending", [achieved(total=1), WAIVED, MISSED])
def test_what_is_achieved_waived_or_missed_is_neither_due_nor_overdue_nor_missed(ending: Fact) -> None:
    milestone = given(Milestone, BY_VALUE, ending)

    milestone.fall_due_soon(1, by=ANA, at=IN_TIME)
    milestone.fall_overdue(by=ANA, at=TOO_LATE)
    milestone.miss(by=ANA, at=TOO_LATE)

    assert recorded(milestone) == []


@pytest.mark.parametrize(
    "past", [(BY_VALUE,), (BY_VALUE, said(Milestone.MilestoneDueSoon, days=0)), (BY_VALUE, OVERDUE)]
)
def test_what_is_open_when_the_target_closes_is_missed(past: tuple[Fact, ...]) -> None:
    milestone = given(Milestone, *past)

    milestone.miss(by=ANA, at=TOO_LATE)

    assert recorded(milestone) == [MISSED]


def test_a_milestone_is_waived_with_a_reason_once() -> None:
    milestone = given(Milestone, BY_VALUE, OVERDUE)

    with pytest.raises(Refused, match="reason"):
        milestone.waive("\n", by=ANA, at=IN_TIME)
    milestone.waive("no longer needed", by=ANA, at=IN_TIME)
    milestone.waive("twice", by=ANA, at=IN_TIME)

    assert recorded(milestone) == [WAIVED]


@pytest.mark.parametrize(("ending", "code"), [(achieved(total=1), "achieved"), (MISSED, "missed")])
def test_what_is_achieved_or_missed_is_neither_waived_nor_moved(ending: Fact, code: str) -> None:
    milestone = given(Milestone, BY_VALUE, ending)
    end = DueRule("end")

    decisions: tuple[Callable[[], None], ...] = (
        lambda: milestone.waive("x", by=ANA, at=IN_TIME),
        lambda: milestone.reschedule(end, due_of(end, Course([NOVEMBER])), (), by=ANA, at=IN_TIME),
    )
    for decide in decisions:
        with pytest.raises(Refused) as refused:
            decide()
        assert refused.value.code == code


def test_a_waived_milestone_takes_no_tasks_and_is_not_achieved() -> None:
    by_tasks, by_hand = given(Milestone, BY_TASKS, WAIVED), given(Milestone, BY_HAND, WAIVED)

    decisions: tuple[Callable[[], None], ...] = (
        lambda: by_tasks.add_task(Task(ID, "more"), target(), {}, by=ANA, at=IN_TIME),
        lambda: by_tasks.set_task(BRIEF.id, True, target(), {}, by=ANA, at=IN_TIME),
        lambda: by_hand.achieve("yes", {}, by=ANA, at=IN_TIME),
    )
    for decide in decisions:
        with pytest.raises(Refused) as refused:
            decide()
        assert refused.value.code == "waived"


def test_a_milestone_that_moves_is_planned_anew_and_to_the_same_day_again_it_stays() -> None:
    milestone = given(Milestone, BY_VALUE, OVERDUE)
    end = DueRule("end")

    milestone.reschedule(MIDDLE, DUE, (), by=ANA, at=IN_TIME)
    milestone.reschedule(end, due_of(end, Course([NOVEMBER])), (), by=ANA, at=IN_TIME)

    assert recorded(milestone) == [
        said(Milestone.MilestoneRescheduled, rule=end, due_day=NOVEMBER.end, due=NOVEMBER.ends, after=[])
    ]
    assert (milestone.stage, milestone.plan_version) == (Stage.PLANNED, 2)


def test_a_milestone_has_so_many_tasks_at_most() -> None:
    many = [Task(UUID(int=number), "one of many") for number in range(TASKS_MAX + 1)]
    full = given(Milestone, planned(Criterion("tasks"), tuple(many[:-1])))

    with pytest.raises(Refused) as too_many:
        Milestone.plan(ID, TARGET, "Launch", MIDDLE, DUE, Criterion("tasks"), tasks=many, by=ANA, at=IN_TIME)
    with pytest.raises(Refused) as one_more:
        full.add_task(many[-1], target(), {}, by=ANA, at=IN_TIME)

    assert {too_many.value.code, one_more.value.code} == {"too_many_tasks"}


def test_another_task_under_the_same_id_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        given(Milestone, BY_TASKS).add_task(Task(BRIEF.id, "other"), target(), {}, by=ANA, at=IN_TIME)

    assert refused.value.code == "key_reused"


@pytest.mark.parametrize(
    ("kind", "value", "field"),
    [
        ("luck", None, "/criterion/kind"),
        ("value", None, "/criterion/value"),
        ("value", "0.00", "/criterion/value"),
        ("value", "-1", "/criterion/value"),
        ("value", "1.001", "/criterion/value"),
        ("tasks", "1", "/criterion/value"),
        ("by_hand", "1", "/criterion/value"),
    ],
)
def test_a_criterion_that_decides_nothing_is_refused(kind: str, value: str | None, field: str) -> None:
    with pytest.raises(Refused) as refused:
        criterion_of(kind, value, NOVEMBER)

    assert refused.value.field == field


# The agenda


def appointment(due: str, errand: Errand, days: int = 0) -> Appointment:
    return Appointment(datetime.fromisoformat(due), TARGET, ID, errand, days)


def test_the_agenda_reminds_at_local_midnights_and_ends_with_the_due_instant() -> None:
    milestone = given(Milestone, BY_VALUE)

    assert appointments_of(milestone, NOVEMBER, datetime(2026, 11, 1, tzinfo=UTC)) == [
        appointment("2026-11-08T00:00:00Z", Errand.DUE_SOON, 7),
        appointment("2026-11-14T00:00:00Z", Errand.DUE_SOON, 1),
        appointment("2026-11-15T00:00:00Z", Errand.DUE_SOON, 0),
        appointment("2026-11-16T00:00:00Z", Errand.OVERDUE),
    ]
    # It is due soon already: that is told at once, and once.
    assert appointments_of(milestone, NOVEMBER, datetime(2026, 11, 14, 9, tzinfo=UTC)) == [
        appointment("2026-11-14T00:00:00Z", Errand.DUE_SOON, 1),
        appointment("2026-11-15T00:00:00Z", Errand.DUE_SOON, 0),
        appointment("2026-11-16T00:00:00Z", Errand.OVERDUE),
    ]
    assert appointments_of(milestone, NOVEMBER, TOO_LATE) == [appointment("2026-11-16T00:00:00Z", Errand.OVERDUE)]


def test_people_are_reminded_before_the_period_of_what_is_due_at_its_start() -> None:
    zoned, start = plan(time_zone="America/New_York"), DueRule("start")
    milestone = Milestone.plan(
        ID, TARGET, "Kick-off", start, due_of(start, Course([zoned])), Criterion("by_hand"), by=ANA, at=IN_TIME
    )

    found = appointments_of(milestone, zoned, datetime(2026, 10, 1, tzinfo=UTC))

    assert [one.due.isoformat() for one in found] == [
        "2026-10-25T04:00:00+00:00",
        "2026-10-31T04:00:00+00:00",
        "2026-11-01T04:00:00+00:00",
        "2026-11-02T05:00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("at", "days"),
    [
        ("2026-10-25T04:00:00Z", 7),
        ("2026-10-30T20:00:00Z", 2),
        ("2026-11-01T03:59:00Z", 1),
        ("2026-11-01T04:00:00Z", 0),
        ("2026-11-02T04:59:00Z", 0),
    ],
)
def test_the_days_that_are_left_are_local_days(at: str, days: int) -> None:
    zoned, start = plan(time_zone="America/New_York"), DueRule("start")
    milestone = Milestone.plan(
        ID, TARGET, "Kick-off", start, due_of(start, Course([zoned])), Criterion("by_hand"), by=ANA, at=IN_TIME
    )

    assert days_left(milestone, zoned, datetime.fromisoformat(at)) == days


def test_what_is_due_at_the_end_of_the_target_is_missed_then_and_not_overdue_first() -> None:
    end = DueRule("end")
    milestone = Milestone.plan(
        ID, TARGET, "Close the month", end, due_of(end, Course([NOVEMBER])), Criterion("by_hand"), by=ANA, at=IN_TIME
    )

    found = appointments_of(milestone, NOVEMBER, NOON)

    assert [(one.errand, one.number) for one in found] == [(Errand.DUE_SOON, days) for days in (7, 1, 0)]


@pytest.mark.parametrize("past", [(BY_VALUE, OVERDUE), (BY_VALUE, WAIVED), (BY_VALUE, achieved(total=1))])
def test_what_waits_for_nothing_has_no_appointments(past: tuple[Fact, ...]) -> None:
    assert appointments_of(given(Milestone, *past), NOVEMBER, NOON) == []
