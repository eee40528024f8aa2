"""A Milestone: a point in time on a target's way, of zero duration, and what has to be so by then."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

from domain.course import Course
from domain.ledger import Posting
from domain.milestones.criterion import BY_HAND, TASKS, Criterion
from domain.milestones.due_rule import Due, DueRule, due_of, task_due_then
from domain.milestones.task import Task
from domain.progress import SaleRef
from domain.prose import prose
from domain.refusal import Refused
from domain.target import State, Target

TASKS_MAX = 200
"""Of evidence and reasons, in characters."""
DUE_SOON_DAYS = (7, 1, 0)
"""So many days before the due day people are reminded."""


class Stage(StrEnum):
    PLANNED = "planned"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    ACHIEVED = "achieved"
    MISSED = "missed"
    WAIVED = "waived"


AHEAD = (Stage.PLANNED, Stage.DUE_SOON, Stage.OVERDUE)


class Milestone(BaseAggregate[UUID]):
    TOPIC = "milestone"

    target: UUID
    name: str
    rule: DueRule
    due_day: date
    due: datetime
    criterion: Criterion
    tasks: dict[UUID, Task]
    added: dict[UUID, Task]
    """The tasks as they were asked for, before any was moved."""
    done: set[UUID]
    after: list[UUID]
    weight: int
    stage: Stage
    days_left: int | None
    """When people were last told that it is due soon."""
    plan_version: int

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(AggregateEvent):
        by: str
        target: UUID

    class MilestonePlanned(Event, AggregateCreated):
        TOPIC = "milestone.planned"
        name: str
        rule: DueRule
        due_day: date
        due: datetime
        """In UTC: the end of the due day, or the cut-off of the checkpoint that the rule names."""
        criterion: Criterion
        tasks: list[Task]
        after: list[UUID]
        weight: int = 1

    class MilestoneRescheduled(Event):
        TOPIC = "milestone.rescheduled"
        rule: DueRule
        due_day: date
        due: datetime
        after: list[UUID]

    class TaskAdded(Event):
        TOPIC = "milestone.task_added"
        task: Task

    class TaskCompleted(Event):
        TOPIC = "milestone.task_completed"
        task: UUID

    class TaskReopened(Event):
        TOPIC = "milestone.task_reopened"
        task: UUID

    class TaskRescheduled(Event):
        """A task is due at another time: somebody said so, or its milestone or target has moved."""

        TOPIC = "milestone.task_rescheduled"
        task: UUID
        rule: DueRule
        due_day: date
        due: datetime

    class MilestoneAchieved(Event):
        TOPIC = "milestone.achieved"
        late: bool
        out_of_order: bool
        """Whether a milestone that it comes after was not achieved yet."""
        total: int | None = None
        lifted_by: SaleRef | None = None
        evidence: str | None = None
        announced: bool = True

    class MilestoneReopened(Event):
        TOPIC = "milestone.reopened"
        total: int | None = None
        lowered_by: SaleRef | None = None
        task: UUID | None = None
        """The required task that is not done (any more)."""
        announced: bool = True

    class MilestoneMissed(Event):
        TOPIC = "milestone.missed"
        announced: bool = True

    class MilestoneWaived(Event):
        TOPIC = "milestone.waived"
        reason: str

    class MilestoneDueSoon(Event):
        TOPIC = "milestone.due_soon"
        days: int

    class MilestoneOverdue(Event):
        TOPIC = "milestone.overdue"

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    @classmethod
    def plan(
        cls,
        milestone_id: UUID,
        target: UUID,
        name: str,
        rule: DueRule,
        due: Due,
        criterion: Criterion,
        *,
        tasks: Sequence[Task] = (),
        after: Sequence[UUID] = (),
        weight: int = 1,
        by: str,
        at: datetime,
    ) -> "Milestone":
        if len(tasks) > TASKS_MAX:
            raise Refused("too_many_tasks", f"a milestone has up to {TASKS_MAX} tasks", "/tasks")
        return cls._create(
            cls.MilestonePlanned,
            id=milestone_id,
            target=target,
            name=name,
            rule=rule,
            due_day=due.day,
            due=due.at,
            criterion=criterion,
            tasks=list(tasks),
            after=list(after),
            weight=weight,
            by=by,
            timestamp=at,
        )

    def reschedule(self, rule: DueRule, due: Due, after: Sequence[UUID], *, by: str, at: datetime) -> None:
        """Another due date, or another order. An achieved milestone never moves."""
        self._refuse_unless_ahead("it can't be moved")
        if (rule, due.day, due.at, list(after)) != (self.rule, self.due_day, self.due, self.after):
            says = {"rule": rule, "due_day": due.day, "due": due.at, "after": list(after)}
            self._record(self.MilestoneRescheduled, by, at, **says)

    def follow(self, course: Course, *, by: str, at: datetime) -> None:
        """To where its target's plan puts it now, with its open tasks; achieved, missed or waived it stays where it is.

        Refused, as `due_of` does, where that is nowhere.
        """
        if self.stage in AHEAD:
            self.reschedule(self.rule, due_of(self.rule, course), self.after, by=by, at=at)
            self.move_tasks(course, by=by, at=at)

    def move_tasks(self, course: Course, *, by: str, at: datetime) -> None:
        """The open tasks to where their rules put them now that the milestone or the target has moved."""
        for task in list(self.tasks.values()):
            if task.rule is not None and task.id not in self.done:
                self.reschedule_task(task.id, task.rule, task_due_then(task.rule, course, self.is_due), by=by, at=at)

    def reschedule_task(self, task_id: UUID, rule: DueRule, due: Due, *, by: str, at: datetime) -> None:
        """Another due date of a task. What is done never moves."""
        self._refuse_unknown(task_id)
        self._refuse_unless_ahead("its tasks can't be moved")
        if task_id in self.done:
            raise Refused("task_done", "the task is done: it can't be moved")
        task = self.tasks[task_id]
        if task.due_by(rule, due) != task:
            says = {"task": task_id, "rule": rule, "due_day": due.day, "due": due.at}
            self._record(self.TaskRescheduled, by, at, **says)

    def add_task(self, task: Task, target: Target, others: "Others", *, by: str, at: datetime) -> None:
        """A required one that is not done reopens what its tasks had achieved. The same one again changes nothing."""
        if (known := self.added.get(task.id)) is not None:
            if known.asked != task.asked:
                raise Refused("key_reused", "this Idempotency-Key has added another task before")
            return
        self._refuse_waived("it takes no more tasks")
        if len(self.tasks) >= TASKS_MAX:
            raise Refused("too_many_tasks", f"a milestone has up to {TASKS_MAX} tasks")
        self._record(self.TaskAdded, by, at, task=task)
        self._judge_tasks(task.id, target, others, by, at)

    def set_task(self, task_id: UUID, done: bool, target: Target, others: "Others", *, by: str, at: datetime) -> None:
        """Do a task, or un-do it; the last required one achieves the milestone, where its tasks decide."""
        self._refuse_unknown(task_id)
        self._refuse_waived("its tasks stay as they are")
        if done != (task_id in self.done):
            self._record(self.TaskCompleted if done else self.TaskReopened, by, at, task=task_id)
            self._judge_tasks(task_id, target, others, by, at)

    def achieve(self, evidence: str, others: "Others", *, by: str, at: datetime) -> None:
        """By hand, with evidence; what is achieved stays so."""
        if self.criterion.kind != BY_HAND:
            decides = "its tasks decide" if self.criterion.kind == TASKS else "the sales decide"
            raise Refused("not_by_hand", f"this milestone is not achieved by hand: {decides}")
        self._refuse_waived("it can't be achieved")
        evidence = prose(evidence, "evidence")
        if self.stage is not Stage.ACHIEVED:
            late = self.stage is Stage.MISSED or at >= self.due
            self._achieve(late, others, by, at, evidence=evidence)

    def judge(self, target: Target, postings: Sequence[Posting], others: "Others", *, by: str, at: datetime) -> None:
        """Whether the target's actual has reached the value: once per batch, on its net effect.

        postings: what the total has just grown by, from which the sale that crossed is named; empty where it was
        there before the milestone was. On time is what had reached the value by its due date, counting whatever
        was sold before then, unless it was told to be missed already.
        """
        value, total = self.criterion.value, target.shown_total(target.plan.ends)
        if value is None or self.stage is Stage.WAIVED or target.state not in (State.ACTIVE, State.CLOSED):
            return
        reached = target.reaches(value)
        if reached == (self.stage is Stage.ACHIEVED):
            return
        sale = target.crossed_by(postings, value)
        if reached:
            late = self.stage is Stage.MISSED or not target.reached_before(value, self.due)
            self._achieve(late, others, by, at, total=total, lifted_by=sale, announced=target.announces)
        else:
            self._reopen(target, by, at, total=total, lowered_by=sale, announced=target.announces)

    def waive(self, reason: str, *, by: str, at: datetime) -> None:
        """It is not to be achieved any more. Waiving again changes nothing."""
        reason = prose(reason, "reason")
        if self.stage is not Stage.WAIVED:
            self._refuse_unless_ahead("it can't be waived")
            self._record(self.MilestoneWaived, by, at, reason=reason)

    def fall_due_soon(self, days: int, *, by: str, at: datetime) -> None:
        """So many days are left; the same or more of them than were told before say nothing new."""
        told = self.days_left is not None and self.days_left <= days
        if self.stage in (Stage.PLANNED, Stage.DUE_SOON) and at < self.due and not told:
            self._record(self.MilestoneDueSoon, by, at, days=days)

    def fall_overdue(self, *, by: str, at: datetime) -> None:
        if self.stage in (Stage.PLANNED, Stage.DUE_SOON) and at >= self.due:
            self._record(self.MilestoneOverdue, by, at)

    def miss(self, *, by: str, at: datetime, announced: bool = True) -> None:
        """The target has closed: what is neither achieved nor waived is missed."""
        if self.stage in AHEAD:
            self._record(self.MilestoneMissed, by, at, announced=announced)

    def _judge_tasks(self, task_id: UUID, target: Target, others: "Others", by: str, at: datetime) -> None:
        if self.criterion.kind != TASKS or self.tasks_done == (self.stage is Stage.ACHIEVED):
            return
        if self.tasks_done:
            self._achieve(self.stage is Stage.MISSED or at >= self.due, others, by, at)
        else:
            self._reopen(target, by, at, task=task_id)

    def _achieve(self, late: bool, others: "Others", by: str, at: datetime, **says: Any) -> None:
        before = (others[one].stage for one in self.after)
        out_of_order = any(stage not in (Stage.ACHIEVED, Stage.WAIVED) for stage in before)
        self._record(self.MilestoneAchieved, by, at, late=late, out_of_order=out_of_order, **says)

    def _reopen(self, target: Target, by: str, at: datetime, **says: Any) -> None:
        self._record(self.MilestoneReopened, by, at, **says)
        if target.state is State.CLOSED:
            self.miss(by=by, at=at, announced=target.announces)
        else:
            self._catch_up(target.course, by, at)

    def _catch_up(self, course: Course, by: str, at: datetime) -> None:
        """While it was achieved it stayed where it was: the target may have moved meanwhile."""
        try:
            self.follow(course, by=by, at=at)
        except Refused:
            return  # its rule says no day of the period as it is now: until somebody moves it, it is due when it was

    def _refuse_unknown(self, task_id: UUID) -> None:
        if task_id not in self.tasks:
            raise Refused("unknown_task", f"the milestone has no task {task_id}")

    def _refuse_waived(self, so: str) -> None:
        if self.stage is Stage.WAIVED:
            raise Refused("waived", f"the milestone is waived: {so}")

    def _refuse_unless_ahead(self, so: str) -> None:
        if self.stage not in AHEAD:
            raise Refused(self.stage.value, f"the milestone is {self.stage.value}: {so}")

    def _record(self, fact: type[Event], by: str, at: datetime, **says: Any) -> None:
        self.trigger_event(fact, target=self.target, by=by, timestamp=at, **says)

    @property
    def is_due(self) -> Due:
        return Due(self.due_day, self.due)

    @property
    def by_value(self) -> bool:
        return self.criterion.value is not None

    @property
    def tasks_done(self) -> bool:
        """Whether every required task is done; without one there is nothing to be achieved by."""
        required = [task.id for task in self.tasks.values() if task.required]
        return bool(required) and self.done.issuperset(required)

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    @event(MilestonePlanned)
    def __init__(
        self,
        target: UUID,
        name: str,
        rule: DueRule,
        due_day: date,
        due: datetime,
        criterion: Criterion,
        tasks: list[Task],
        after: list[UUID],
        weight: int,
    ) -> None:
        self.target = target
        self.name = name
        self.rule = rule
        self.due_day = due_day
        self.due = due
        self.criterion = criterion
        self.tasks = {task.id: task for task in tasks}
        self.added = dict(self.tasks)
        self.done = set()
        self.after = after
        self.weight = weight
        self.stage = Stage.PLANNED
        self.days_left = None
        self.plan_version = 1

    @event(MilestoneRescheduled)
    def _rescheduled(self, rule: DueRule, due_day: date, due: datetime, after: list[UUID]) -> None:
        self.rule = rule
        self.due_day = due_day
        self.due = due
        self.after = after
        self.stage = Stage.PLANNED
        self.days_left = None
        self.plan_version += 1

    @event(TaskAdded)
    def _task_added(self, task: Task) -> None:
        self.tasks[task.id] = self.added[task.id] = task
        self.plan_version += 1

    @event(TaskRescheduled)
    def _task_rescheduled(self, task: UUID, rule: DueRule, due_day: date, due: datetime) -> None:
        self.tasks[task] = replace(self.tasks[task], rule=rule, due_day=due_day, due=due)
        self.plan_version += 1

    @event(TaskCompleted)
    def _task_completed(self, task: UUID) -> None:
        self.done.add(task)
        self.plan_version += 1

    @event(TaskReopened)
    def _task_reopened(self, task: UUID) -> None:
        self.done.discard(task)
        self.plan_version += 1

    @event(MilestoneAchieved)
    def _achieved(self, evidence: str | None) -> None:
        self.stage = Stage.ACHIEVED
        self.plan_version += evidence is not None  # sales don't move it, people do

    @event(MilestoneReopened)
    def _reopened(self) -> None:
        self.stage = Stage.PLANNED
        self.days_left = None

    @event(MilestoneMissed)
    def _missed(self) -> None:
        self.stage = Stage.MISSED

    @event(MilestoneWaived)
    def _waived(self) -> None:
        self.stage = Stage.WAIVED
        self.plan_version += 1

    @event(MilestoneDueSoon)
    def _due_soon(self, days: int) -> None:
        self.stage = Stage.DUE_SOON
        self.days_left = days

    @event(MilestoneOverdue)
    def _overdue(self) -> None:
        self.stage = Stage.OVERDUE


Others = Mapping[UUID, Milestone]
"""The milestones of one target, by id."""
