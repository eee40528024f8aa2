"""The milestones of a target and their tasks in words, and what a person may do with each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from api.dashboard import wording
from api.dashboard.cards.card import share_of
from api.dashboard.glance import aimed
from api.milestone_reads import FoundMilestone, completion_of, is_overdue
from api.plans import KnownPlan
from api.target_reads import Found
from domain.milestones.criterion import BY_HAND, TASKS, VALUE
from domain.milestones.due_rule import DueRule
from domain.milestones.milestone import AHEAD, Stage
from domain.milestones.task import Task
from domain.progress import SaleRef
from domain.target import State
from projections.milestones import Achievement, Planned

SHOWN_MAX = 10
BEFORE_MAX = 3
"""Of those shown that were over before the first one that is not."""
TASKS_MAX = 20
"""Of all milestones together: so a page stays below 60 KB. Whoever wants all asks for all."""
ALL_TASKS_MAX = 1_000
FIXED = frozenset({State.CANCELLED, State.SEALED})
"""In these states of a target its milestones stay as they are."""


@dataclass(frozen=True)
class TaskLine:
    id: UUID
    name: str
    done: bool
    notes: str
    """Who does it, by when, whether it is needed: what there is to say of that."""
    overdue: bool


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
    """completion: the share that is achieved, by weight; left_out: how many are not shown, tasks or they themselves."""

    cards: Sequence[MilestoneCard]
    completion: str
    bar: str
    left_out: int
    whole: bool


def milestones_said(found: Found, milestones: Sequence[FoundMilestone], whole: bool) -> MilestoneList:
    """milestones: all of the target's, by due date; whole: say all of them, and not only those around the next one."""
    completion = Fraction(completion_of(milestones) or 0)
    names = {one.id: one.row.name for one in milestones}
    shown = milestones if whole else _around_the_next(milestones)
    tasks = _tasks_shown(shown, ALL_TASKS_MAX if whole else TASKS_MAX)
    cards = [_card(found, one, names, tasks[one.id]) for one in shown]
    left_out = len(milestones) - len(shown) + sum(card.tasks_left_out for card in cards)
    return MilestoneList(cards, wording.percent(completion), share_of(completion), left_out, whole)


def _around_the_next(milestones: Sequence[FoundMilestone]) -> Sequence[FoundMilestone]:
    first = next((number for number, one in enumerate(milestones) if one.row.stage in AHEAD), len(milestones))
    first = max(0, min(first - BEFORE_MAX, len(milestones) - SHOWN_MAX))
    return milestones[first : first + SHOWN_MAX]


def _tasks_shown(milestones: Sequence[FoundMilestone], most: int) -> dict[UUID, int]:
    """How many tasks of each are shown; what is still ahead comes first."""
    shown: dict[UUID, int] = {}
    for one in sorted(milestones, key=lambda one: one.row.stage not in AHEAD):
        shown[one.id] = min(len(one.row.tasks), most)
        most -= shown[one.id]
    return shown


def _card(found: Found, one: FoundMilestone, names: Mapping[UUID, str], tasks_max: int) -> MilestoneCard:
    row, known = one.row, found.known
    done = sum(task.id in row.done for task in row.tasks)
    changes = found.status.state not in FIXED and row.stage is not Stage.WAIVED
    tasks = [_task_line(found, row, task) for task in row.tasks[:tasks_max]]
    late = sum(is_overdue(row, task, found.as_of) for task in row.tasks)
    progress = [f"{done:,} of {wording.counted(len(row.tasks), 'task')} done"] if row.tasks else []
    progress += [f"{late:,} overdue"] if late else []
    return MilestoneCard(
        id=one.id,
        name=row.name,
        stage=row.stage,
        due=f"{wording.day(row.due_day, found.as_of.year)}{_by_rule(row.rule)}",
        criterion=_criterion(row, known),
        notes=[note for note in _notes(found, row, names) if note],
        tasks=tasks,
        tasks_left_out=len(row.tasks) - len(tasks),
        progress=", ".join(progress),
        bar=share_of(Fraction(done, len(row.tasks))) if row.tasks else "0",
        changes=changes,
        by_hand=changes and row.criterion.kind == BY_HAND and row.stage is not Stage.ACHIEVED,
    )


def _task_line(found: Found, row: Planned, task: Task) -> TaskLine:
    done, overdue = task.id in row.done, is_overdue(row, task, found.as_of)
    due = "" if task.due_day is None else f"due {wording.day(task.due_day, found.as_of.year)}"
    notes = (task.assignee, f"{due}, overdue" if overdue else due, "" if task.required else "optional")
    return TaskLine(task.id, task.name, done, " · ".join(note for note in notes if note), overdue)


def _by_rule(rule: DueRule) -> str:
    """Why then, after the day: ", 3 open days before the end"; nothing for a fixed date."""
    if rule.rule == "date":
        return ""
    if rule.rule == "fraction":
        return f", where the pace reaches {wording.percent(Fraction(rule.of or 0))}"
    days, kind = (rule.offset_open_days, "open day") if rule.offset_open_days else (rule.offset_days or 0, "day")
    of = f"checkpoint {rule.number}" if rule.rule == "checkpoint" else f"the {rule.rule}"
    if not days:
        return f", at {of}"
    return f", {wording.counted(abs(days), kind)} {'before' if days < 0 else 'after'} {of}"


def _criterion(row: Planned, known: KnownPlan) -> str:
    if row.criterion.kind == TASKS:
        if not any(task.required for task in row.tasks):
            return "Achieved once it has required tasks, and all are done"
        return "Achieved when every required task is done"
    if row.criterion.kind == BY_HAND:
        return "Achieved when somebody says so, with evidence"
    assert row.criterion.value is not None
    return f"Achieved when the actual reaches {aimed(known.plan, row.criterion.value)}"


def _notes(found: Found, row: Planned, names: Mapping[UUID, str]) -> list[str]:
    """What else there is to say, each a sentence without its point; empty for nothing."""
    zone, year = found.known.plan.time_zone, found.as_of.year
    after = [names[one] for one in row.after if one in names]
    notes = [f"Comes after {wording.listed(after)}" if after else ""]
    if row.weight != 1:
        notes.append(f"Counts {row.weight}-fold for the completion")
    if row.achieved is not None:
        one = row.achieved
        notes.append(f"{_achieved(row, one, zone, year)}{', late' if one.late else ''}")
        notes.append(f"Evidence: {one.evidence}" if one.evidence else "")
        notes.append("One that it comes after was not achieved yet" if one.out_of_order else "")
    elif row.reopened is not None:
        why = f" by {_sale(row.reopened.lowered_by)}" if row.reopened.lowered_by else ""
        notes.append(f"Was achieved before, until {wording.moment(row.reopened.at, zone, year)}{why}")
    notes.append(f"Waived: {row.waived_because}" if row.waived_because else "")
    return notes


def _achieved(row: Planned, one: Achievement, zone: str, year: int) -> str:
    """When it was: of sales when they were made, which need not be when Milemarker heard of them."""
    if one.lifted_by is not None:
        return f"Reached by {_sale(one.lifted_by)} on {wording.moment(one.lifted_by.occurred_at, zone, year)}"
    if row.criterion.kind == VALUE:
        return f"Reached already on {wording.moment(one.at, zone, year)}"
    # A fact of early days names nobody.
    by = f" by {one.by}" if one.by else ""
    return f"Achieved on {wording.moment(one.at, zone, year)}{by}"


def _sale(sale: SaleRef) -> str:
    return f"sale {sale.id} of {sale.source}"
