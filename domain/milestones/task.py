"""A task of a milestone: a piece of work that is done or not, and who does it."""

from dataclasses import dataclass
from uuid import UUID

from domain.refusal import Refused
from domain.sale import text_of

NAME_LENGTH_MAX = 200


@dataclass(frozen=True)
class Task:
    """required: whether it counts for a milestone that is achieved by its tasks."""

    id: UUID
    name: str
    required: bool = True
    assignee: str | None = None


def task_of(task_id: UUID, name: str, required: bool, assignee: str | None, field: str = "") -> Task:
    """The task that is said, or Refused with the field; `field`: the pointer to the task in a larger body."""
    return Task(
        task_id,
        printable(name, f"{field}/name"),
        required,
        None if assignee is None else text_of(assignee, f"{field}/assignee"),
    )


def printable(name: str, field: str) -> str:
    """A name of a task or milestone, or Refused (bad_name)."""
    if not name.strip() or len(name) > NAME_LENGTH_MAX or not name.isprintable():
        raise Refused("bad_name", f"a name has 1 to {NAME_LENGTH_MAX} printable characters", field)
    return name
