"""A task of a milestone: a piece of work that is done or not, who does it, and by when."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from domain.course import Course
from domain.milestones.due_rule import Due, DueRule, task_due_of
from domain.refusal import Refused
from domain.sale import text_of

NAME_LENGTH_MAX = 200


@dataclass(frozen=True)
class Task:
    """required: whether it counts for a milestone that is achieved by its tasks.

    rule, due_day, due: by when it is to be done, as `Due` says; None where nobody said so.
    """

    id: UUID
    name: str
    required: bool = True
    assignee: str | None = None
    rule: DueRule | None = None
    due_day: date | None = None
    due: datetime | None = None

    def due_by(self, rule: DueRule, due: Due) -> "Task":
        """The same task, due then."""
        return replace(self, rule=rule, due_day=due.day, due=due.at)

    @property
    def asked(self) -> "Task":
        """What somebody said of it, without what that came to."""
        return replace(self, due_day=None, due=None)

    def overdue(self, done: bool, at: datetime) -> bool:
        """Whether it should be done by now, and is not."""
        return not done and self.due is not None and at >= self.due


@dataclass(frozen=True)
class TaskWish:
    """A task as somebody asks for it."""

    name: str
    required: bool = True
    assignee: str | None = None
    rule: DueRule | None = None


def task_of(task_id: UUID, wish: TaskWish, course: Course, milestone: Due, field: str = "") -> Task:
    """The task that is asked for, of a milestone that is due then, or Refused with the field.

    field: the pointer to the task in a larger body.
    """
    task = Task(
        task_id,
        printable(wish.name, f"{field}/name"),
        wish.required,
        None if wish.assignee is None else text_of(wish.assignee, f"{field}/assignee"),
    )
    return task if wish.rule is None else task.due_by(wish.rule, due_in(wish.rule, course, milestone, field))


def due_in(rule: DueRule, course: Course, milestone: Due, field: str = "") -> Due:
    """When a task is due by this rule, or Refused with the field."""
    try:
        return task_due_of(rule, course, milestone)
    except Refused as refused:
        raise Refused(refused.code, refused.detail, f"{field}{refused.field}") from None


def printable(name: str, field: str) -> str:
    """A name of a task or milestone, or Refused (bad_name)."""
    if not name.strip() or len(name) > NAME_LENGTH_MAX or not name.isprintable():
        raise Refused("bad_name", f"a name has 1 to {NAME_LENGTH_MAX} printable characters", field)
    return name
