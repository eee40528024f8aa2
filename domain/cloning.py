"""Cloning: another target like one that there is, for another period; its milestones come along when asked."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from domain.application import Milemarker, Writing, define_in, same_definition, target_in
from domain.defining import Resolving, plan_of
from domain.definition import Definition, Versus, definition_of
from domain.milestones.due_rule import Due, DueRule, due_of, task_due_then
from domain.milestones.milestone import Milestone, Stage
from domain.milestones.reminders import keep_agenda
from domain.milestones.task import Task
from domain.period import Period
from domain.refusal import Refused
from domain.starting import Start
from domain.target import Target
from domain.templates.recurrence import months_after


@dataclass(frozen=True)
class Clone:
    """What is other than of the target that is cloned; None: it stays as it is.

    checkpoints, comparison: where those of the old period can't be carried over by a rule.
    """

    start: date
    end: date
    name: str | None = None
    goal: str | None = None
    checkpoints: str | list[str] | None = None
    comparison: Versus | None = None
    activate: Start = False
    milestones: bool = False


def clone_target(
    app: Milemarker, new_id: UUID, target_id: UUID, clone: Clone, known: Resolving, *, by: str, at: datetime
) -> tuple[Target, int]:
    """The new target, and the log's position. The same id with the same wish again changes nothing.

    Refused: unknown_target; fixed_dates, where dates belong to the old period (checkpoints, points of a pace, due dates
    of milestones); milestone_outside; or whatever is wrong with what it would become.
    """
    with app.writing() as log:
        source = target_in(log, target_id)
        plan = plan_of(cloned(definition_of(source.plan), clone), known)
        there = log.targets([new_id]).get(new_id)
        if there is not None:
            if not same_definition(there, plan):
                raise Refused("key_reused", "this Idempotency-Key has defined another target before")
            return there, log.position
        target = define_in(log, new_id, plan, activate=clone.activate, by=by, at=at)
        if clone.milestones:
            _plan_milestones(log, source, target, by, at)
        return target, log.position


def cloned(said: Definition, clone: Clone) -> Definition:
    """The definition for the new period, or Refused (fixed_dates, or as a period is)."""
    Period(clone.start, clone.end, said.time_zone)
    if clone.checkpoints is None and isinstance(said.checkpoints, list):
        detail = "its checkpoints are dates of its own period: say checkpoints, a rule or dates of the new one"
        raise Refused("fixed_dates", detail, "/checkpoints")
    if said.pacing is not None and said.pacing.points is not None:
        detail = "its pace goes by points, which are dates of its own period: define the target with points of its own"
        raise Refused("fixed_dates", detail, "/pacing/points")
    return replace(
        said,
        start=clone.start,
        end=clone.end,
        name=clone.name or said.name,
        goal=clone.goal or said.goal,
        checkpoints=clone.checkpoints or said.checkpoints,
        comparison=clone.comparison or _compared(said, clone.start, clone.end),
    )


def _compared(said: Definition, start: date, end: date) -> Versus | None:
    """As far before the new period as the old comparison lies before the old one: by months where both begin on the
    same day of a month; else it ends as many days before, and is as long as the new period."""
    versus = said.comparison
    if versus is None:
        return None
    months = (said.start.year - versus.start.year) * 12 + said.start.month - versus.start.month
    if versus.start.day == said.start.day and months > 0:
        after = months_after(end + timedelta(days=1), -months)
        return Versus(months_after(start, -months), after - timedelta(days=1))
    last = start - (said.start - versus.end)
    return Versus(last - (end - start), last)


def _plan_milestones(log: Writing, source: Target, target: Target, by: str, at: datetime) -> None:
    """Those of the old target that are not waived, by their rules, in their order, with their tasks undone."""
    old = [one for one in log.milestones([source.id]).get(source.id, []) if one.stage is not Stage.WAIVED]
    carried = {one.id: uuid5(target.id, str(one.id)) for one in old}
    planned = [_planned(one, target, carried, by, at) for one in old]
    for one in planned:
        log.keep_milestone(one)
    if any(one.by_value for one in planned):
        log.keep_route(target)
    log.save([fact for one in planned for fact in one.collect_events()])
    keep_agenda(log, target, planned, at)


def _planned(one: Milestone, target: Target, carried: dict[UUID, UUID], by: str, at: datetime) -> Milestone:
    new, due = carried[one.id], _due(one, target)
    return Milestone.plan(
        new,
        target.id,
        one.name,
        one.rule,
        due,
        one.criterion,
        tasks=[_task(task, uuid5(new, str(number)), target, due) for number, task in enumerate(one.tasks.values())],
        after=[carried[before] for before in one.after if before in carried],
        weight=one.weight,
        by=by,
        at=at,
    )


def _task(task: Task, task_id: UUID, target: Target, milestone: Due) -> Task:
    """Due by its rule; one with a date of its own period is due with its milestone."""
    new = replace(task, id=task_id)
    return new if task.rule is None else new.due_by(*_task_due(task.rule, target, milestone))


def _task_due(rule: DueRule, target: Target, milestone: Due) -> tuple[DueRule, Due]:
    if rule.day is not None:
        rule = DueRule("milestone")
    return rule, task_due_then(rule, target.course, milestone)


def _due(one: Milestone, target: Target) -> Due:
    if one.rule.day is not None:
        detail = f"the milestone {one.name!r} is due on a date of its own period: give it a rule first, or waive it"
        raise Refused("fixed_dates", detail, "/milestones")
    try:
        return due_of(one.rule, target.course)
    except Refused as refused:
        detail = f"the milestone {one.name!r} would not fit: {refused.detail}. Clone without milestones, or mend it"
        raise Refused("milestone_outside", detail, "/milestones") from None
