"""The milestones of a target and their tasks in words, and what a person may do with each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from api.dashboard import wording
from api.dashboard.amounts import exact
from api.dashboard.figure_cards import share_of
from api.milestone_reads import FoundMilestone, completion_of
from api.plans import KnownPlan
from api.target_reads import Found
from domain.milestones.criterion import BY_HAND, TASKS
from domain.milestones.milestone import Stage
from domain.target import SaleRef, State
from projections.milestones import Planned

SHOWN_MAX = 50
TASKS_SHOWN_MAX = 50
"""Of one milestone."""
FIXED = frozenset({State.CANCELLED, State.SEALED})
"""In these states of a target its milestones stay as they are."""


@dataclass(frozen=True)
class TaskLine:
    id: UUID
    name: str
    done: bool
    required: bool
    assignee: str | None


@dataclass(frozen=True)
class MilestoneCard:
    """changes: whether somebody may do something with it; by_hand: whether they may achieve it."""

    id: UUID
    name: str
    stage: str
    due: str
    criterion: str
    notes: Sequence[str]
    tasks: Sequence[TaskLine]
    tasks_left_out: int
    progress: str
    bar: str
    changes: bool
    by_hand: bool


@dataclass(frozen=True)
class MilestoneList:
    """completion: the share that is achieved, by weight; left_out: how many are not shown."""

    cards: Sequence[MilestoneCard]
    completion: str
    bar: str
    left_out: int


def milestones_said(found: Found, milestones: Sequence[FoundMilestone]) -> MilestoneList:
    """milestones: all of the target's, by due date."""
    completion = Fraction(completion_of(milestones) or 0)
    names = {one.id: one.row.name for one in milestones}
    cards = [_card(found, one, names) for one in milestones[:SHOWN_MAX]]
    return MilestoneList(cards, wording.percent(completion), share_of(completion), len(milestones) - len(cards))


def _card(found: Found, one: FoundMilestone, names: Mapping[UUID, str]) -> MilestoneCard:
    row, known = one.row, found.known
    done = sum(task.id in row.done for task in row.tasks)
    changes = found.status.state not in FIXED and row.stage is not Stage.WAIVED
    tasks = [
        TaskLine(task.id, task.name, task.id in row.done, task.required, task.assignee)
        for task in row.tasks[:TASKS_SHOWN_MAX]
    ]
    return MilestoneCard(
        id=one.id,
        name=row.name,
        stage=row.stage,
        due=wording.day(row.due_day, found.as_of.year),
        criterion=_criterion(row, known),
        notes=[note for note in _notes(found, row, names) if note],
        tasks=tasks,
        tasks_left_out=len(row.tasks) - len(tasks),
        progress=f"{done:,} of {wording.counted(len(row.tasks), 'task')} done" if row.tasks else "",
        bar=share_of(Fraction(done, len(row.tasks))) if row.tasks else "0",
        changes=changes,
        by_hand=changes and row.criterion.kind == BY_HAND and row.stage is not Stage.ACHIEVED,
    )


def _criterion(row: Planned, known: KnownPlan) -> str:
    if row.criterion.kind == TASKS:
        if not any(task.required for task in row.tasks):
            return "Achieved once it has required tasks, and all are done"
        return "Achieved when every required task is done"
    if row.criterion.kind == BY_HAND:
        return "Achieved when somebody says so, with evidence"
    assert row.criterion.value is not None
    return f"Achieved when the actual reaches {exact(row.criterion.value, known.plan.unit, known.plan.exponent)}"


def _notes(found: Found, row: Planned, names: Mapping[UUID, str]) -> list[str]:
    """What else there is to say, each a sentence without its point; empty for nothing."""
    zone, year = found.known.plan.time_zone, found.as_of.year
    after = [names[one] for one in row.after if one in names]
    notes = [f"Comes after {wording.listed(after)}" if after else ""]
    if row.weight != 1:
        notes.append(f"Counts {row.weight}-fold for the completion")
    if row.achieved is not None:
        one = row.achieved
        when = wording.moment(one.at, zone, year)
        by = f" by {_sale(one.lifted_by)}" if one.lifted_by else ""
        notes.append(f"Achieved on {when}{by}{', late' if one.late else ''}")
        notes.append(f"Evidence: {one.evidence}" if one.evidence else "")
        notes.append("One that it comes after was not achieved yet" if one.out_of_order else "")
    elif row.reopened is not None:
        why = f" by {_sale(row.reopened.lowered_by)}" if row.reopened.lowered_by else ""
        notes.append(f"Was achieved before, until {wording.moment(row.reopened.at, zone, year)}{why}")
    notes.append(f"Waived: {row.waived_because}" if row.waived_because else "")
    return notes


def _sale(sale: SaleRef) -> str:
    return f"sale {sale.id} of {sale.source}"
