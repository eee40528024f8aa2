"""Reads of milestones: the rows of their read model, and how they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson

from api.database import Database
from domain.milestones.due_rule import CALLED, DueRule
from domain.milestones.milestone import Stage
from domain.milestones.task import Task
from domain.money import decimal_shown, shown
from domain.progress import SaleRef
from projections.milestones import MILESTONES, Planned

ONE = "SELECT id, position, row::text FROM milestones WHERE id = %b"
OF_TARGET = "SELECT id, position, row::text FROM milestones WHERE row->>'target' = %b::text"


@dataclass(frozen=True)
class FoundMilestone:
    """A milestone as the read model has it at a position."""

    id: UUID
    position: int
    row: Planned

    def shown(self, exponent: int, at: datetime) -> bytes:
        """Its JSON at this time; exponent: of its target's metric."""
        row = self.row
        said = {
            "id": self.id,
            "target": row.target,
            "plan_version": row.plan_version,
            "name": row.name,
            "state": row.stage,
            "due": _due(row.rule, row.due_day, row.due),
            "criterion": {"kind": row.criterion.kind, "value": _amount(row.criterion.value, exponent)},
            "weight": row.weight,
            "after": row.after,
            "tasks": _tasks(row, at),
            "achieved": _achieved(row, exponent),
            "reopened": _reopened(row, exponent),
            "waived": None if row.waived_because is None else {"reason": row.waived_because},
            "position": self.position,
        }
        return orjson.dumps(said, option=orjson.OPT_UTC_Z)


class MilestoneReads:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def one(self, milestone_id: UUID) -> FoundMilestone | None:
        rows = await self._database.rows(ONE, (milestone_id,))
        return _found(*rows[0]) if rows else None

    async def of_target(self, target_id: UUID) -> list[FoundMilestone]:
        """All of a target's, in order of their due dates; at most 200."""
        found = [_found(*row) for row in await self._database.rows(OF_TARGET, (str(target_id),))]
        return sorted(found, key=lambda one: (one.row.due, one.row.planned_at, one.id))


def completion_of(milestones: Sequence[FoundMilestone]) -> str | None:
    """The share of the milestones that is achieved, by their weights; waived ones are left out. None without any."""
    counted = [one.row for one in milestones if one.row.stage is not Stage.WAIVED]
    if not counted:
        return None
    achieved = sum(row.weight for row in counted if row.stage is Stage.ACHIEVED)
    return decimal_shown(Fraction(achieved, sum(row.weight for row in counted)), 4)


def _found(milestone_id: UUID, position: int, row: str) -> FoundMilestone:
    return FoundMilestone(milestone_id, position, MILESTONES.decoder.decode(row))


def _due(rule: DueRule, day: date | None, at: datetime | None) -> dict[str, Any]:
    """The rule as it was given, and the day and instant that it came to."""
    said = {name: what for name, what in vars(rule).items() if what is not None}
    return {CALLED.get(name, name): what for name, what in said.items()} | {"day": day, "at": at}


def is_overdue(row: Planned, task: Task, at: datetime) -> bool:
    """Whether a task should be done by now, and is not; of a waived milestone none is to be."""
    return row.stage is not Stage.WAIVED and task.overdue(task.id in row.done, at)


def _tasks(row: Planned, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": task.id,
            "name": task.name,
            "required": task.required,
            "assignee": task.assignee,
            "due": None if task.rule is None else _due(task.rule, task.due_day, task.due),
            "done": task.id in row.done,
            "overdue": is_overdue(row, task, at),
        }
        for task in row.tasks
    ]


def _achieved(row: Planned, exponent: int) -> dict[str, Any] | None:
    achieved = row.achieved
    if achieved is None:
        return None
    return {
        "at": achieved.at,
        "by": achieved.by,
        "late": achieved.late,
        "out_of_order": achieved.out_of_order,
        "actual": _amount(achieved.total, exponent),
        "lifted_by": _sale(achieved.lifted_by),
        "evidence": achieved.evidence,
    }


def _reopened(row: Planned, exponent: int) -> dict[str, Any] | None:
    reopened = row.reopened
    if reopened is None:
        return None
    return {
        "at": reopened.at,
        "actual": _amount(reopened.total, exponent),
        "lowered_by": _sale(reopened.lowered_by),
        "task": reopened.task,
    }


def _amount(minor: int | None, exponent: int) -> str | None:
    return None if minor is None else shown(minor, exponent)


def _sale(sale: SaleRef | None) -> dict[str, Any] | None:
    return None if sale is None else vars(sale)
