"""Tasks of a milestone: who does them, by when, and where they go when their milestone or target moves."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.application import Milemarker
from domain.calendar import Calendar
from domain.filling import Filler
from domain.milestones.due_rule import DueRule, due_rule_of
from domain.milestones.milestone import Milestone
from domain.milestones.planning import Planner, Wish
from domain.milestones.task import Task, TaskWish
from domain.refusal import Refused
from domain.revising import Wish as Revision
from domain.revising import revise_target
from tests.memory import memory_app
from tests.words import plan, resolving

ANA, JO = "ana@example.com", "jo@example.com"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MIDDLE = DueRule("date", day=date(2026, 11, 20))
TWO_BEFORE = DueRule("milestone", offset_days=-2)
THIRD = DueRule("start", offset_days=2)


class Team:
    """A November with one milestone, due on the 20th unless it says otherwise, and its tasks."""

    def __init__(self, *tasks: TaskWish, rule: DueRule = MIDDLE, **said: Any) -> None:
        self.app: Milemarker = memory_app()
        self.target_id, self.milestone_id = uuid4(), uuid4()
        whole = plan(**{"schedule": "FREQ=WEEKLY;BYDAY=FR"} | said)
        self.app.define_target(self.target_id, whole, activate=True, by=ANA, at=NOON)
        while Filler(self.app).fill_some(NOON):
            continue
        self.planner.plan(self.milestone_id, self.target_id, Wish("Launch", rule, "tasks", tasks=tasks))

    @property
    def planner(self) -> Planner:
        return Planner(self.app, by=ANA, at=NOON)

    @property
    def milestone(self) -> Milestone:
        with self.app.writing() as log:
            return log.aggregates(Milestone, [self.milestone_id])[self.milestone_id]

    @property
    def tasks(self) -> list[Task]:
        return list(self.milestone.tasks.values())

    @property
    def days(self) -> list[int | None]:
        """Of November, when each task is due."""
        return [None if one.due_day is None else one.due_day.day for one in self.tasks]

    def add(self, wish: TaskWish, task_id: UUID | None = None) -> None:
        self.planner.add_task(self.milestone_id, task_id or uuid4(), wish)

    def move(self, rule: DueRule) -> None:
        self.planner.reschedule(self.milestone_id, rule)

    def revise(self, **changes: Any) -> None:
        revise_target(self.app, self.target_id, Revision(changes, "The fair moved"), resolving(), by=ANA, at=NOON)

    @property
    def topics(self) -> list[str]:
        return [type(one).TOPIC for one in self.app.events.get(self.milestone_id)]  # type: ignore[attr-defined]


def test_a_task_says_who_does_it_by_when_and_whether_it_is_needed() -> None:
    team = Team(TaskWish("Write the brief", assignee=JO, rule=TWO_BEFORE), TaskWish("Draw slides", required=False))

    brief, slides = team.tasks

    assert (brief.assignee, brief.required, brief.rule) == (JO, True, TWO_BEFORE)
    assert (brief.due_day, brief.due) == (date(2026, 11, 18), datetime(2026, 11, 19, tzinfo=UTC))
    assert (slides.required, slides.rule, slides.due) == (False, None, None)


@pytest.mark.parametrize(
    ("rule", "said", "day"),
    [
        ("milestone", {}, 20),
        ("milestone", {"offset_days": -20 + 1}, 1),
        ("milestone", {"offset_open_days": -5}, 13),
        ("start", {"offset_open_days": 1}, 2),
        ("end", {"offset_days": -12}, 18),
        ("checkpoint", {"number": 2}, 13),
        ("fraction", {"of": "0.25"}, 6),
        ("date", {"day": date(2026, 11, 9)}, 9),
    ],
)
def test_a_task_is_due_by_a_rule_as_a_milestone_is_or_by_when_its_milestone_is(
    rule: str, said: dict[str, Any], day: int
) -> None:
    by_rule = due_rule_of(rule, takes={"milestone": {"offset_days", "offset_open_days"}, rule: set(said)}, **said)

    assert Team(TaskWish("Brief", rule=by_rule), calendar=Calendar()).days == [day]


def test_a_milestone_has_no_milestone_to_hang_on() -> None:
    with pytest.raises(Refused) as refused:
        due_rule_of("milestone", offset_days=-1)

    assert (refused.value.code, refused.value.field) == ("bad_due_rule", "/due/rule")


@pytest.mark.parametrize(
    ("rule", "code", "field"),
    [
        (DueRule("milestone", offset_days=1), "due_after_milestone", "/due/offset_days"),
        (DueRule("milestone", offset_open_days=1), "due_after_milestone", "/due/offset_open_days"),
        (DueRule("end"), "due_after_milestone", "/due/rule"),
        (DueRule("date", day=date(2026, 11, 21)), "due_after_milestone", "/due/date"),
        (DueRule("checkpoint", number=4), "due_after_milestone", "/due/number"),
        (DueRule("milestone", offset_days=-20), "due_outside_period", "/due/offset_days"),
        (DueRule("checkpoint", number=9), "unknown_checkpoint", "/due/number"),
    ],
)
def test_a_task_is_due_within_the_period_and_not_after_its_milestone(rule: DueRule, code: str, field: str) -> None:
    team = Team()
    task_id = uuid4()
    team.add(TaskWish("Brief"), task_id)

    for decide, prefix in (
        (lambda: Team(TaskWish("Fine"), TaskWish("Brief", rule=rule)), "/tasks/1"),
        (lambda: team.add(TaskWish("Another", rule=rule)), ""),
        (lambda: team.planner.set_task(team.milestone_id, task_id, None, rule), ""),
    ):
        with pytest.raises(Refused) as refused:
            decide()
        assert (refused.value.code, refused.value.field) == (code, prefix + field)


def test_a_task_that_hangs_on_its_milestone_moves_with_it_and_one_with_a_date_stays() -> None:
    team = Team(TaskWish("Brief", rule=TWO_BEFORE), TaskWish("Book", rule=THIRD), TaskWish("Whenever"))

    team.move(DueRule("date", day=date(2026, 11, 25)))

    assert team.days == [23, 3, None]
    assert team.topics == ["milestone.planned", "milestone.rescheduled", "milestone.task_rescheduled"]


def test_a_task_that_would_come_after_its_moved_milestone_is_due_with_it_until_its_rule_fits_again() -> None:
    tenth = DueRule("date", day=date(2026, 11, 10))
    team = Team(TaskWish("Brief", rule=tenth))

    team.move(DueRule("date", day=date(2026, 11, 5)))
    assert team.days == [5]
    team.move(MIDDLE)

    assert (team.days, team.tasks[0].rule) == ([10], tenth)


def test_tasks_move_with_the_target_and_what_is_done_never_does() -> None:
    team = Team(TaskWish("Brief", rule=TWO_BEFORE), TaskWish("Sign", rule=TWO_BEFORE), rule=DueRule("end"))
    brief, _ = team.tasks
    team.planner.set_task(team.milestone_id, brief.id, True)

    team.revise(end=date(2026, 11, 29))

    assert (team.milestone.due_day, team.days) == (date(2026, 11, 29), [28, 27])


def test_no_task_keeps_a_target_from_being_revised() -> None:
    team = Team(TaskWish("Book", rule=DueRule("date", day=date(2026, 11, 1))), rule=DueRule("end"))

    team.revise(start=date(2026, 11, 2))

    assert team.tasks[0].due_day == team.milestone.due_day == date(2026, 11, 30)


def test_a_person_moves_a_task_and_the_same_again_changes_nothing() -> None:
    team = Team(TaskWish("Brief", rule=TWO_BEFORE))
    (brief,) = team.tasks

    for _ in range(2):
        team.planner.set_task(team.milestone_id, brief.id, None, THIRD)

    assert (team.days, team.milestone.plan_version) == ([3], 2)
    team.planner.set_task(team.milestone_id, brief.id, True)
    with pytest.raises(Refused) as refused:
        team.planner.set_task(team.milestone_id, brief.id, None, TWO_BEFORE)
    assert refused.value.code == "achieved"


def test_what_is_done_is_not_moved_unless_it_is_to_be_done_again() -> None:
    team = Team(TaskWish("Brief"), TaskWish("Sign"))
    brief, _ = team.tasks
    team.planner.set_task(team.milestone_id, brief.id, True, TWO_BEFORE)
    assert team.days == [18, None]

    with pytest.raises(Refused) as refused:
        team.planner.set_task(team.milestone_id, brief.id, None, THIRD)
    assert refused.value.code == "task_done"
    team.planner.set_task(team.milestone_id, brief.id, False, THIRD)

    assert team.days == [3, None]


def test_the_same_task_asked_for_again_is_the_same_wherever_it_has_moved() -> None:
    team, task_id = Team(), uuid4()
    wish = TaskWish("Brief", rule=TWO_BEFORE)
    team.add(wish, task_id)
    team.planner.set_task(team.milestone_id, task_id, None, THIRD)
    version = team.milestone.plan_version

    team.add(wish, task_id)

    assert (team.days, team.milestone.plan_version) == ([3], version)
    for other in (TaskWish("Brief", rule=THIRD), TaskWish("Brief"), TaskWish("Sign", rule=TWO_BEFORE)):
        with pytest.raises(Refused) as refused:
            team.add(other, task_id)
        assert refused.value.code == "key_reused"


def test_the_same_milestone_asked_for_again_is_the_same_wherever_the_target_has_moved() -> None:
    team = Team(rule=DueRule("end"))
    wish, one = Wish("Fair", DueRule("end"), "tasks", tasks=[TaskWish("Book", rule=TWO_BEFORE)]), uuid4()
    team.planner.plan(one, team.target_id, wish)
    team.revise(end=date(2026, 11, 29))

    again = team.planner.plan(one, team.target_id, wish).milestone

    assert [task.due_day for task in again.tasks.values()] == [date(2026, 11, 27)]


def test_a_task_is_overdue_from_its_due_instant_on_while_it_is_not_done() -> None:
    (brief,) = Team(TaskWish("Brief", rule=TWO_BEFORE)).tasks
    due, before = datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 18, 23, 59, tzinfo=UTC)

    assert [brief.overdue(done, at) for done in (False, True) for at in (before, due)] == [False, True, False, False]
    assert not Task(brief.id, "Whenever").overdue(False, due)
