"""A target is cloned for another period: its rules carry over, dates of its own period don't."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.application import Milemarker
from domain.cloning import Clone, clone_target
from domain.definition import Pacing, Versus, definition_of
from domain.milestones.due_rule import DueRule
from domain.milestones.milestone import Milestone
from domain.milestones.planning import Planner, Wish
from domain.milestones.task import TaskWish
from domain.refusal import Refused
from domain.target import State, Target
from tests.memory import memory_app
from tests.words import NOW, plan, resolving

ANA = "ana@example.com"
DECEMBER = date(2026, 12, 1)


def november(app: Milemarker, **changes: Any) -> UUID:
    target_id = uuid4()
    app.define_target(target_id, plan(**changes), activate=False, by=ANA, at=NOW)
    return target_id


def cloned(app: Milemarker, target_id: UUID, new_id: UUID | None = None, **changes: Any) -> Target:
    clone = Clone(**{"start": DECEMBER, "end": date(2026, 12, 31)} | changes)
    return clone_target(app, new_id or uuid4(), target_id, clone, resolving(), by=ANA, at=NOW)[0]


def milestones(app: Milemarker, target_id: UUID) -> list[Milestone]:
    with app.writing() as log:
        return log.milestones([target_id]).get(target_id, [])


def test_a_clone_is_the_same_target_in_another_period() -> None:
    app = memory_app()
    target_id = november(app, schedule="FREQ=WEEKLY;BYDAY=FR", scope={"region": ["emea"]}, owner=ANA)

    new = cloned(app, target_id, name="December revenue", goal="120000.00")

    said = definition_of(new.plan)
    assert (said.name, said.goal, said.scope, said.owner) == (
        "December revenue",
        "120000.00",
        {"region": ["emea"]},
        ANA,
    )
    assert [one.day.day for one in new.plan.checkpoints] == [4, 11, 18, 25, 31]
    assert new.state is State.DRAFT


def test_it_is_started_when_asked() -> None:
    app = memory_app()

    assert cloned(app, november(app), activate=True).state is State.FILLING


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (Versus(date(2025, 11, 1), date(2025, 11, 30)), Versus(date(2025, 12, 1), date(2025, 12, 31))),
        (Versus(date(2026, 10, 1), date(2026, 10, 31)), Versus(date(2026, 11, 1), date(2026, 11, 30))),
        (Versus(date(2026, 10, 2), date(2026, 10, 31)), Versus(date(2026, 10, 31), date(2026, 11, 30))),
    ],
    ids=["last year", "the month before", "the days before"],
)
def test_its_comparison_lies_as_far_before_it(was: Versus, becomes: Versus) -> None:
    app = memory_app()
    target_id = november(app, kind="uplift", goal="+10 %", comparison=was)

    assert definition_of(cloned(app, target_id).plan).comparison == becomes


def test_dates_of_the_old_period_are_refused_with_what_to_say_in_their_place() -> None:
    app = memory_app()
    listed = november(app, schedule=["2026-11-13"])
    pointed = november(app, pacing=Pacing("explicit", points=[(date(2026, 11, 15), "60000.00")]))

    with pytest.raises(Refused) as of_list:
        cloned(app, listed)
    with pytest.raises(Refused) as of_points:
        cloned(app, pointed)

    assert [(one.value.code, one.value.field) for one in (of_list, of_points)] == [
        ("fixed_dates", "/checkpoints"),
        ("fixed_dates", "/pacing/points"),
    ]
    assert len(cloned(app, listed, checkpoints=["2026-12-11"]).plan.checkpoints) == 2


def test_a_period_that_time_does_not_have_is_refused() -> None:
    app = memory_app()
    target_id = november(app, kind="uplift", goal="+10 %", comparison=Versus(date(2025, 11, 1), date(2025, 11, 30)))

    for start, end in ((date(1, 1, 1), DECEMBER), (DECEMBER, date(9999, 12, 31))):
        with pytest.raises(Refused) as refused:
            cloned(app, target_id, start=start, end=end)
        assert refused.value.code == "date_out_of_range"


def test_the_same_clone_again_changes_nothing_and_another_is_refused() -> None:
    app, new_id = memory_app(), uuid4()
    target_id = november(app)
    cloned(app, target_id, new_id)
    position = app.recorder.max_notification_id()

    cloned(app, target_id, new_id)

    assert app.recorder.max_notification_id() == position
    with pytest.raises(Refused) as refused:
        cloned(app, target_id, new_id, goal="1.00")
    assert refused.value.code == "key_reused"


def test_tasks_come_along_due_by_their_rules_and_one_with_a_date_of_its_own_with_its_milestone() -> None:
    app = memory_app()
    target_id = november(app)
    tasks = [
        TaskWish("Brief", rule=DueRule("milestone", offset_days=-2)),
        TaskWish("Book", rule=DueRule("date", day=date(2026, 11, 3))),
        TaskWish("Whenever"),
    ]
    wish = Wish("Campaign", DueRule("start", offset_days=4), "tasks", tasks=tasks)
    Planner(app, by=ANA, at=NOW).plan(uuid4(), target_id, wish)

    (campaign,) = milestones(app, cloned(app, target_id, milestones=True).id)

    assert [one.due_day for one in campaign.tasks.values()] == [date(2026, 12, 3), date(2026, 12, 5), None]


def test_milestones_come_along_by_their_rules_in_their_order_with_their_tasks_to_be_done() -> None:
    app = memory_app()
    target_id = november(app, schedule="FREQ=WEEKLY;BYDAY=FR")
    planner = Planner(app, by=ANA, at=NOW)
    first, second, waived = uuid4(), uuid4(), uuid4()
    planner.plan(first, target_id, Wish("Campaign", DueRule("start", offset_days=4), "tasks", tasks=[TaskWish("Book")]))
    planner.plan(waived, target_id, Wish("Fair", DueRule("end"), "by_hand"))
    planner.plan(second, target_id, Wish("Half", DueRule("checkpoint", 2), "value", "50000.00", after=[first, waived]))
    planner.waive(waived, "It was called off")
    planner.set_task(first, next(iter(milestones(app, target_id)[0].tasks)), True)

    new = cloned(app, target_id, milestones=True)

    campaign, half = milestones(app, new.id)
    assert [(one.name, one.due_day) for one in (campaign, half)] == [
        ("Campaign", date(2026, 12, 5)),
        ("Half", date(2026, 12, 11)),
    ]
    assert ([task.name for task in campaign.tasks.values()], campaign.done) == (["Book"], set())
    assert (half.after, half.criterion.value) == ([campaign.id], 50_000_00)
    assert milestones(app, cloned(app, target_id).id) == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (DueRule("date", day=date(2026, 11, 20)), "fixed_dates"),
        (DueRule("checkpoint", 4), "milestone_outside"),
        (DueRule("start", offset_days=20), "milestone_outside"),
    ],
)
def test_a_milestone_that_does_not_fit_is_named_and_nothing_is_made(rule: DueRule, code: str) -> None:
    app = memory_app()
    target_id = november(app, schedule="FREQ=WEEKLY;BYDAY=FR")
    Planner(app, by=ANA, at=NOW).plan(uuid4(), target_id, Wish("Campaign", rule, "by_hand"))
    position = app.recorder.max_notification_id()

    with pytest.raises(Refused, match="'Campaign'") as refused:
        cloned(app, target_id, milestones=True, end=date(2026, 12, 10))

    assert (refused.value.code, refused.value.field) == (code, "/milestones")
    assert app.recorder.max_notification_id() == position
