"""Every milestone, as its facts say: its plan, its tasks, what became of it. A row each, found by its target too."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from domain.facts import MILESTONE_TOPICS
from domain.milestones.criterion import Criterion
from domain.milestones.due_rule import Due, DueRule
from domain.milestones.milestone import Milestone, Stage
from domain.milestones.task import Task
from domain.progress import SaleRef
from projections.view import View


@dataclass(frozen=True)
class Achievement:
    """When it was recorded, and what achieved it: a sale, a person with evidence, or its tasks."""

    at: datetime
    late: bool
    out_of_order: bool
    total: int | None = None
    lifted_by: SaleRef | None = None
    evidence: str | None = None
    by: str = ""
    """Who, or which part of the product: a person by hand or by the last task, `ingest` or `fill` by a sale."""


@dataclass(frozen=True)
class Reopening:
    """The last time that it was achieved no more, and why: a sale, or a task."""

    at: datetime
    total: int | None = None
    lowered_by: SaleRef | None = None
    task: UUID | None = None


@dataclass(frozen=True)
class Planned:
    """A milestone; amounts in minor units of its target's metric."""

    target: UUID
    name: str
    rule: DueRule
    due_day: date
    due: datetime
    criterion: Criterion
    weight: int
    after: list[UUID]
    tasks: list[Task]
    done: list[UUID]
    """The tasks that are done, in the order of doing."""
    planned_at: datetime
    plan_version: int = 1
    stage: Stage = Stage.PLANNED
    achieved: Achievement | None = None
    reopened: Reopening | None = None
    waived_because: str | None = None


def evolve(row: Planned | None, fact: object) -> Planned | None:
    match row, fact:
        case None, Milestone.MilestonePlanned():
            return _first(fact)
        case Planned(), Milestone.MilestoneRescheduled(rule=rule, due_day=day, due=due, after=after):
            return replace(_moved(row), rule=rule, due_day=day, due=due, after=after, stage=Stage.PLANNED)
        case Planned(), Milestone.TaskAdded(task=task):
            return replace(_moved(row), tasks=[*row.tasks, task])
        case Planned(), Milestone.TaskCompleted(task=task_id):
            return replace(_moved(row), done=[*row.done, task_id])
        case Planned(), Milestone.TaskReopened(task=task_id):
            return replace(_moved(row), done=[one for one in row.done if one != task_id])
        case Planned(), Milestone.TaskRescheduled(task=task_id, rule=rule, due_day=day, due=due):
            tasks = [one.due_by(rule, Due(day, due)) if one.id == task_id else one for one in row.tasks]
            return replace(_moved(row), tasks=tasks)
        case Planned(), Milestone.MilestoneAchieved():
            return _achieved(row, fact)
        case Planned(), Milestone.MilestoneReopened(timestamp=at, total=total, lowered_by=sale, task=task_id):
            why = Reopening(at, total, sale, task_id)
            return replace(row, stage=Stage.PLANNED, achieved=None, reopened=why)
        case Planned(), Milestone.MilestoneWaived(reason=reason):
            return replace(_moved(row), stage=Stage.WAIVED, waived_because=reason)
        case Planned(), Milestone.MilestoneMissed():
            return replace(row, stage=Stage.MISSED)
        case Planned(), Milestone.MilestoneDueSoon():
            return replace(row, stage=Stage.DUE_SOON)
        case Planned(), Milestone.MilestoneOverdue():
            return replace(row, stage=Stage.OVERDUE)
    return row


def _first(fact: Milestone.MilestonePlanned) -> Planned:
    return Planned(
        target=fact.target,
        name=fact.name,
        rule=fact.rule,
        due_day=fact.due_day,
        due=fact.due,
        criterion=fact.criterion,
        weight=fact.weight,
        after=fact.after,
        tasks=fact.tasks,
        done=[],
        planned_at=fact.timestamp,
    )


def _achieved(row: Planned, fact: Milestone.MilestoneAchieved) -> Planned:
    achieved = Achievement(
        fact.timestamp, fact.late, fact.out_of_order, fact.total, fact.lifted_by, fact.evidence, fact.by
    )
    moved = row if fact.evidence is None else _moved(row)
    return replace(moved, stage=Stage.ACHIEVED, achieved=achieved)


def _moved(row: Planned) -> Planned:
    return replace(row, plan_version=row.plan_version + 1)


MILESTONES = View("milestones", Planned, evolve, MILESTONE_TOPICS, indexes=["(row->>'target'), id"], version=2)
