"""What is sent about milestones and tasks, field by field; the rules themselves are the domain's."""

from uuid import UUID

from pydantic import Field

from api.target_bodies import Amount, Day, Strict, day_of
from domain.milestones.due_rule import DueRule, due_rule_of
from domain.milestones.planning import TaskWish, Wish
from domain.refusal import Refused


class DueBody(Strict):
    """`start`, `end` or `checkpoint` with its `number`, `offset_days` later; `fraction` with `of`; `date`."""

    rule: str
    number: int | None = None
    offset_days: int | None = None
    of: str | None = None
    date: Day | None = None

    @property
    def due_rule(self) -> DueRule:
        day = None if self.date is None else day_of(self.date, "/due/date")
        return due_rule_of(self.rule, number=self.number, offset_days=self.offset_days, of=self.of, day=day)


class CriterionBody(Strict):
    kind: str
    value: Amount | None = None


class TaskBody(Strict):
    name: str
    required: bool = True
    assignee: str | None = None

    @property
    def wish(self) -> TaskWish:
        return TaskWish(self.name, self.required, self.assignee)


class MilestoneBody(Strict):
    name: str
    due: DueBody
    criterion: CriterionBody = CriterionBody(kind="tasks")
    tasks: list[TaskBody] = Field(default_factory=list)
    after: list[str] = Field(default_factory=list)
    weight: int = 1

    @property
    def wish(self) -> Wish:
        return Wish(
            self.name,
            self.due.due_rule,
            self.criterion.kind,
            self.criterion.value,
            [one.wish for one in self.tasks],
            ids_of(self.after),
            self.weight,
        )


class Rescheduling(Strict):
    due: DueBody | None = None
    after: list[str] | None = None


class TaskDone(Strict):
    done: bool


class Achieving(Strict):
    evidence: str


class Waiving(Strict):
    reason: str


BODIES = (MilestoneBody, Rescheduling, TaskBody, TaskDone, Achieving, Waiving)
"""For the documentation."""


def ids_of(after: list[str]) -> list[UUID]:
    """The milestones that another comes after, or Refused: what can't be an id is none's."""
    found: list[UUID] = []
    for number, text in enumerate(after):
        try:
            found.append(UUID(text))
        except ValueError:
            raise Refused("unknown_predecessor", "the target has no such milestone", f"/after/{number}") from None
    return found
