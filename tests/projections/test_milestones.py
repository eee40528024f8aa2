"""Milestones as they are stored and read: each fact loads as it was, each row says what its milestone says."""

from datetime import UTC, date, datetime
from functools import reduce
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.milestones.criterion import Criterion
from domain.milestones.due_rule import DueRule
from domain.milestones.milestone import Milestone
from domain.milestones.planning import Planner, Wish
from domain.milestones.task import Task, TaskWish
from domain.progress import SaleRef
from projections.codec import FactMapper, OrjsonTranscoder
from projections.milestones import MILESTONES, evolve
from projections.store import Store
from projections.view import row_text
from tests.domain.facts import Fact, fact, given, past
from tests.words import NOW, active_target

MAPPER = FactMapper(OrjsonTranscoder())
TARGET, OTHER = UUID(int=9), UUID(int=8)
BRIEF, SIGN = Task(UUID(int=21), "Write the brief"), Task(UUID(int=22), "Sign", assignee="jo@example.com")
SLIDES = Task(UUID(int=23), "Draw slides", required=False)
NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)


def said(event_class: type[Any], **says: Any) -> Fact:
    return fact(event_class, target=TARGET, **says)


def planned(rule: DueRule, criterion: Criterion) -> Fact:
    return said(
        Milestone.MilestonePlanned,
        name="Launch",
        rule=rule,
        due_day=date(2026, 11, 12),
        due=NOON,
        criterion=criterion,
        tasks=[BRIEF, SLIDES],
        after=[OTHER],
        weight=2,
    )


def achieved(**says: Any) -> Fact:
    nothing: dict[str, Any] = {"total": None, "lifted_by": None, "evidence": None, "announced": True}
    return said(Milestone.MilestoneAchieved, late=True, out_of_order=True, **nothing | says)


def reopened(**says: Any) -> Fact:
    nothing: dict[str, Any] = {"total": None, "lowered_by": None, "task": None, "announced": True}
    return said(Milestone.MilestoneReopened, **nothing | says)


LIFE = (
    planned(DueRule("checkpoint", number=2, offset_days=-1), Criterion("tasks")),
    said(Milestone.TaskAdded, task=SIGN),
    said(Milestone.MilestoneDueSoon, days=1),
    said(Milestone.TaskCompleted, task=BRIEF.id),
    said(Milestone.TaskCompleted, task=SIGN.id),
    achieved(),
    said(Milestone.TaskReopened, task=SIGN.id),
    reopened(task=SIGN.id),
    said(Milestone.MilestoneOverdue),
    said(
        Milestone.MilestoneRescheduled,
        rule=DueRule("date", day=date(2026, 11, 30)),
        due_day=date(2026, 11, 30),
        due=END,
        after=[],
    ),
    said(Milestone.MilestoneWaived, reason='"off" \\ 東京'),
)
SOLD = (
    planned(DueRule("fraction", of="0.5"), Criterion("value", 10**20)),
    achieved(total=10**20, lifted_by=SaleRef("webshop", "1", NOON)),
    reopened(total=10**20 - 1, lowered_by=SaleRef("webshop", "2", NOON)),
    said(Milestone.MilestoneMissed, announced=False),
    achieved(total=10**20, lifted_by=SaleRef("webshop", "3", NOON)),
)
SIGNED = (planned(DueRule("end"), Criterion("by_hand")), achieved(evidence="Signed"))
LIVES = [life[:version] for life in (LIFE, SOLD, SIGNED) for version in range(1, len(life) + 1)]
NAMES = [f"{life[0][1]['criterion'].kind} {len(life)}" for life in LIVES]


@pytest.mark.parametrize("life", LIVES, ids=NAMES)
def test_a_fact_of_a_milestone_comes_back_as_it_was_recorded(life: tuple[Fact, ...]) -> None:
    recorded = past(Milestone, *life)[-1]

    loaded: Any = MAPPER.to_domain_event(MAPPER.to_stored_event(recorded))

    assert vars(loaded) == vars(recorded)


@pytest.mark.parametrize("life", LIVES, ids=NAMES)
def test_the_row_of_a_milestone_says_what_the_milestone_says(life: tuple[Fact, ...]) -> None:
    milestone = given(Milestone, *life)

    row = reduce(evolve, past(Milestone, *life), None)

    assert row is not None
    for name in ("target", "name", "rule", "due_day", "due", "criterion", "weight", "after", "stage", "plan_version"):
        assert getattr(row, name) == getattr(milestone, name)
    assert {task.id: task for task in row.tasks} == milestone.tasks
    assert set(row.done) == milestone.done
    assert (row.achieved is not None) == (milestone.stage == "achieved")


@pytest.mark.parametrize("life", LIVES, ids=NAMES)
def test_a_row_is_read_as_it_was_written(life: tuple[Fact, ...]) -> None:
    row = reduce(evolve, past(Milestone, *life), None)

    assert MILESTONES.decoder.decode(row_text(row)) == row


@pytest.fixture
def planner(store: Store) -> Planner:
    return Planner(store.app, by="ana@example.com", at=NOW)


def test_a_rebuilt_view_of_milestones_is_the_same_byte_for_byte(store: Store, planner: Planner, database: str) -> None:
    target_id = active_target(store.app)
    first = planner.plan(UUID(int=1), target_id, Wish("First", DueRule("end"), "tasks", tasks=[TaskWish("Brief")]))
    planner.plan(UUID(int=2), target_id, Wish("Second", DueRule("end"), "by_hand", after=[UUID(int=1)]))
    planner.set_task(UUID(int=1), next(iter(first.milestone.tasks)), True)
    planner.waive(UUID(int=2), "no longer needed")

    def rows() -> list[tuple[Any, ...]]:
        with psycopg.connect(database) as connection:
            return connection.execute("SELECT id, position, row::text FROM milestones ORDER BY id").fetchall()

    while store.views.follow(MILESTONES):
        continue
    followed = rows()
    store.views.rebuild("milestones")

    assert [row[0] for row in followed] == [UUID(int=1), UUID(int=2)]
    assert rows() == followed
