"""Milestones and tasks: the use cases. Load, decide, save, and keep the agenda; return the position.

What a person does to a milestone is decided beside all milestones of its target: their order hangs together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from domain.application import Milemarker, Writing, target_in
from domain.milestones.criterion import criterion_of
from domain.milestones.due_rule import DueRule, due_of
from domain.milestones.milestone import TASKS_MAX, Milestone, Others
from domain.milestones.reminders import keep_agenda
from domain.milestones.task import TaskWish, due_in, printable, task_of
from domain.plan import Plan
from domain.refusal import Refused
from domain.routing import COUNTING
from domain.target import State, Target

MILESTONES_MAX = 200
"""Of one target."""
WEIGHT_MAX = 1_000
WISHED = ("name", "rule", "criterion", "after", "weight")
"""What MilestonePlanned says of what was asked for, beside its tasks."""


@dataclass(frozen=True)
class Wish:
    """A milestone as somebody asks for it; value: decimal text."""

    name: str
    rule: DueRule
    criterion: str
    value: str | None = None
    tasks: Sequence[TaskWish] = ()
    after: Sequence[UUID] = ()
    weight: int = 1


class Decided(NamedTuple):
    """A milestone after a decision, its target's plan, and the log's position then."""

    milestone: Milestone
    plan: Plan
    position: int


class Planner:
    """`by`: who does it, `at`: when; `expected_version`: the plan version that they have seen, None for any."""

    def __init__(self, app: Milemarker, *, by: str, at: datetime, expected_version: int | None = None) -> None:
        self._app = app
        self._by = by
        self._at = at
        self._expected_version = expected_version

    def plan(self, milestone_id: UUID, target_id: UUID, wish: Wish) -> Decided:
        """Plan a milestone on a target; `expected_version` is the target's. The same id again changes nothing."""
        with self._app.writing() as log:
            target, others = target_in(log, target_id), _by_id(log, target_id)
            wished = self._wished(milestone_id, target, wish, others)
            planned_on = log.milestone_target(milestone_id)
            if planned_on is not None:
                self._refuse_another(wished, planned_on)
                return Decided(others[milestone_id], target.plan, log.position)
            target_in(log, target_id, self._expected_version)
            _refuse_over(target, "it takes no more milestones")
            if len(others) >= MILESTONES_MAX:
                raise Refused("too_many_milestones", f"a target has up to {MILESTONES_MAX} milestones")
            log.keep_milestone(wished)
            wished.judge(target, (), others, by=self._by, at=self._at)
            if target.state in COUNTING and any(one.by_value for one in (wished, *others.values())):
                # Every intake is to know of it before it counts the next sale.
                log.keep_route(target)
            log.save(list(wished.collect_events()))
            keep_agenda(log, target, [wished], self._at)
            return Decided(wished, target.plan, log.position)

    def reschedule(
        self, milestone_id: UUID, rule: DueRule | None = None, after: Sequence[UUID] | None = None
    ) -> Decided:
        """Another due date, another order, or both; what is not given stays as it is."""

        def decide(milestone: Milestone, target: Target, others: Others) -> None:
            _refuse_over(target, "its milestones don't move")
            chosen = rule or milestone.rule
            order = milestone.after if after is None else ordered_after(milestone_id, after, others)
            milestone.reschedule(chosen, due_of(chosen, target.course), order, by=self._by, at=self._at)
            milestone.move_tasks(target.course, by=self._by, at=self._at)

        return self._decided(milestone_id, decide)

    def add_task(self, milestone_id: UUID, task_id: UUID, wish: TaskWish) -> Decided:
        """Where it says when, it is due at the latest when its milestone is. The same id again changes nothing."""

        def decide(milestone: Milestone, target: Target, others: Others) -> None:
            # Sent again, it is no question any more when it is due: the target may have moved meanwhile.
            asked = replace(wish, rule=None) if task_id in milestone.added else wish
            task = replace(task_of(task_id, asked, target.course, milestone.is_due), rule=wish.rule)
            milestone.add_task(task, target, others, by=self._by, at=self._at)

        return self._decided(milestone_id, decide)

    def set_task(self, milestone_id: UUID, task_id: UUID, done: bool | None, rule: DueRule | None = None) -> Decided:
        """A task done, or not; due by another rule; or both. What is not given stays as it is."""

        def decide(milestone: Milestone, target: Target, others: Others) -> None:
            if done is False:
                milestone.set_task(task_id, False, target, others, by=self._by, at=self._at)
            if rule is not None:
                _refuse_over(target, "its tasks don't move")
                due = due_in(rule, target.course, milestone.is_due)
                milestone.reschedule_task(task_id, rule, due, by=self._by, at=self._at)
            if done:
                milestone.set_task(task_id, True, target, others, by=self._by, at=self._at)

        return self._decided(milestone_id, decide)

    def achieve(self, milestone_id: UUID, evidence: str) -> Decided:
        return self._decided(
            milestone_id, lambda milestone, _, others: milestone.achieve(evidence, others, by=self._by, at=self._at)
        )

    def waive(self, milestone_id: UUID, reason: str) -> Decided:
        return self._decided(milestone_id, lambda milestone, *_: milestone.waive(reason, by=self._by, at=self._at))

    def _decided(self, milestone_id: UUID, decide: Callable[[Milestone, Target, Others], None]) -> Decided:
        """The milestone after the decision; what it recorded is saved, and the agenda follows."""
        with self._app.writing() as log:
            target_id = log.milestone_target(milestone_id)
            if target_id is None:
                raise Refused("unknown_milestone", f"there is no milestone {milestone_id}")
            target, others = target_in(log, target_id), _by_id(log, target_id)
            milestone = others[milestone_id]
            if self._expected_version not in (None, milestone.plan_version):
                detail = f"the milestone is at plan version {milestone.plan_version} now: read it again, then decide"
                raise Refused("changed_meanwhile", detail)
            if target.state in (State.CANCELLED, State.SEALED):
                raise Refused(
                    target.state.value, f"the target is {target.state.value}: its milestones stay as they are"
                )
            decide(milestone, target, others)
            if facts := list(milestone.collect_events()):
                log.save(facts)
                keep_agenda(log, target, [milestone], self._at)
            return Decided(milestone, target.plan, log.position)

    def _wished(self, milestone_id: UUID, target: Target, wish: Wish, others: Others) -> Milestone:
        """The milestone that is asked for, planned and not saved, or Refused."""
        if not 1 <= wish.weight <= WEIGHT_MAX:
            raise Refused("bad_weight", f"a weight is a whole number from 1 to {WEIGHT_MAX}", "/weight")
        course, due = target.course, due_of(wish.rule, target.course)
        return Milestone.plan(
            milestone_id,
            target.id,
            printable(wish.name, "/name"),
            wish.rule,
            due,
            criterion_of(wish.criterion, wish.value, target.plan),
            tasks=[
                task_of(uuid5(milestone_id, str(number)), one, course, due, f"/tasks/{number}")
                for number, one in enumerate(wish.tasks[: TASKS_MAX + 1])
            ],
            after=ordered_after(milestone_id, wish.after, others),
            weight=wish.weight,
            by=self._by,
            at=self._at,
        )

    def _refuse_another(self, wished: Milestone, planned_on: UUID) -> None:
        """Unless it is what was planned under this id before."""
        (now, *_), (then, *_) = wished.collect_events(), self._app.events.get(wished.id)
        if planned_on != wished.target or _asked(now) != _asked(then):
            raise Refused("key_reused", "this Idempotency-Key has planned another milestone before")


def ordered_after(milestone_id: UUID, after: Sequence[UUID], others: Others) -> list[UUID]:
    """What a milestone comes after, each once; Refused: unknown_predecessor, or a cycle, with the field."""
    seen = set[UUID]()
    for number, one in enumerate(after):
        field = f"/after/{number}"
        if one != milestone_id and one not in others:
            raise Refused("unknown_predecessor", f"the target has no milestone {one}", field)
        waiting = [one]
        while waiting:
            before = waiting.pop()
            if before == milestone_id:
                raise Refused("cycle", "a milestone can't come after itself, nor after one that comes after it", field)
            if before not in seen:
                seen.add(before)
                waiting += others[before].after
    return list(dict.fromkeys(after))


def _asked(planned: Any) -> list[object]:
    """What a MilestonePlanned says of what was asked for; when that was due hangs on where its target stood."""
    return [*(getattr(planned, name) for name in WISHED), [task.asked for task in planned.tasks]]


def _by_id(log: Writing, target_id: UUID) -> dict[UUID, Milestone]:
    return {one.id: one for one in log.milestones([target_id]).get(target_id, [])}


def _refuse_over(target: Target, so: str) -> None:
    if target.state in (State.CANCELLED, State.CLOSED, State.SEALED):
        raise Refused(target.state.value, f"the target is {target.state.value}: {so}")
