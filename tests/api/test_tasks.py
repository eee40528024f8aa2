"""Tasks and due rules over HTTP: by when a task is to be done, where it moves, and what the page says of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.living import Living, problem
from tests.api.page_reading import target_page, words
from tests.api.test_milestones import BY_HAND, active, planned
from tests.api.test_targets import defined

ANA, JO = "ana@example.com", "jo@example.com"
TWENTIETH = {"rule": "date", "date": "2017-01-20"}
TWO_BEFORE = {"rule": "milestone", "offset_days": -2}
MORNING = datetime(2017, 1, 19, 5, tzinfo=UTC)
"""In New York: the 18th is over."""
BEFORE = datetime(2017, 1, 2, 12, tzinfo=UTC)


def test_a_task_shows_who_does_it_by_when_and_whether_it_is_overdue(api: Living) -> None:
    api.time.now = BEFORE
    tasks = [{"name": "Brief", "assignee": JO, "due": TWO_BEFORE}, {"name": "Slides", "required": False}]
    milestone = planned(api, active(api)["id"], due=TWENTIETH, tasks=tasks)
    path = f"/v1/milestones/{milestone['id']}"

    brief, slides = milestone["tasks"]
    api.time.now = MORNING
    late, open_ = api.auditor.get(path).json()["tasks"]
    done = api.manager.put(f"{path}/tasks/{brief['id']}", json={"done": True}).json()

    due = TWO_BEFORE | {"day": "2017-01-18", "at": "2017-01-19T05:00:00Z"}
    assert (brief["assignee"], brief["due"], brief["overdue"]) == (JO, due, False)
    assert (slides["required"], slides["due"]) == (False, None)
    assert (late["overdue"], open_["overdue"], done["tasks"][0]["overdue"]) == (True, False, False)
    assert done["achieved"]["by"] == ANA


def test_a_task_moves_with_its_milestone_and_by_itself(api: Living) -> None:
    milestone = planned(api, active(api)["id"], due=TWENTIETH, tasks=[{"name": "Brief", "due": TWO_BEFORE}])
    path = f"/v1/milestones/{milestone['id']}"

    moved = api.manager.post(f"{path}/reschedule", json={"due": {"rule": "end", "offset_open_days": -1}}).json()
    task = f"{path}/tasks/{milestone['tasks'][0]['id']}"
    alone = api.manager.put(task, json={"due": {"rule": "start", "offset_open_days": 3}})

    assert (moved["due"]["offset_open_days"], moved["due"]["day"]) == (-1, "2017-01-30")
    assert moved["tasks"][0]["due"]["day"] == "2017-01-28"
    assert (alone.status_code, alone.json()["tasks"][0]["due"]["day"]) == (200, "2017-01-04")
    assert alone.headers["ETag"] == '"4"'
    problem(api.manager.put(task, json={"done": True, "due": {"rule": "end"}}), 422, "due_after_milestone")
    api.manager.put(task, json={"done": True})
    problem(api.manager.put(task, json={"due": TWO_BEFORE}), 409, "achieved")


@pytest.mark.parametrize(
    ("due", "code", "pointer"),
    [
        ({"rule": "end"}, "due_after_milestone", "/due/rule"),
        ({"rule": "milestone", "offset_days": 1}, "due_after_milestone", "/due/offset_days"),
        ({"rule": "milestone", "offset_open_days": -40}, "due_outside_period", "/due/offset_open_days"),
        ({"rule": "milestone", "number": 1}, "bad_due_rule", "/due/number"),
        ({"rule": "someday"}, "bad_due_rule", "/due/rule"),
        ({"rule": "start", "mood": "good"}, "unknown_field", "/due/mood"),
    ],
)
def test_a_task_that_can_not_be_due_then_is_refused_with_its_field(
    api: Living, due: dict[str, Any], code: str, pointer: str
) -> None:
    target = defined(api, activate=False)
    milestone = planned(api, target["id"], due=TWENTIETH, tasks=[{"name": "Brief"}])
    path, task = f"/v1/milestones/{milestone['id']}/tasks", {"name": "x", "due": due}
    body = {"name": "x", "due": TWENTIETH, "tasks": [{"name": "fine"}, task]}

    within = api.manager.post(f"/v1/targets/{target['id']}/milestones", json=body)
    added = api.manager.post(path, json=task)
    moved = api.manager.put(f"{path}/{milestone['tasks'][0]['id']}", json={"due": due})

    assert problem(within, 422, code)["errors"][0]["pointer"] == f"/tasks/1{pointer}"
    assert problem(added, 422, code)["errors"][0]["pointer"] == pointer
    assert problem(moved, 422, code)["errors"][0]["pointer"] == pointer


def test_of_a_task_something_has_to_be_said(api: Living) -> None:
    milestone = planned(api, defined(api, activate=False)["id"], tasks=[{"name": "Brief"}])

    answer = api.manager.put(f"/v1/milestones/{milestone['id']}/tasks/{milestone['tasks'][0]['id']}", json={})

    assert problem(answer, 422, "missing_field")["errors"][0]["pointer"] == "/done"


def test_a_milestone_has_no_milestone_to_be_due_with_and_one_kind_of_offset(api: Living) -> None:
    path = f"/v1/targets/{defined(api, activate=False)['id']}/milestones"

    for due, field in (
        (TWO_BEFORE, "/due/rule"),
        ({"rule": "end", "offset_days": -1, "offset_open_days": -1}, "/due/offset_days"),
    ):
        refused = problem(api.manager.post(path, json={"name": "x", "due": due}), 422, "bad_due_rule")
        assert refused["errors"][0]["pointer"] == field


def test_the_page_says_by_which_rule_a_milestone_is_due_and_marks_tasks_that_are_overdue(api: Living) -> None:
    target = active(api)
    tasks = [{"name": "Brief", "assignee": JO, "due": TWO_BEFORE}, {"name": "Slides", "required": False}]
    planned(api, target["id"], "Launch", due=TWENTIETH, tasks=tasks)
    planned(api, target["id"], "Half", due={"rule": "fraction", "of": "0.5"}, criterion=BY_HAND)
    planned(api, target["id"], "Wrap up", due={"rule": "end", "offset_open_days": -2}, criterion=BY_HAND)
    planned(api, target["id"], "Second", due={"rule": "checkpoint", "number": 2}, criterion=BY_HAND)
    api.time.now = MORNING

    seen = target_page(api, target)
    said = words(seen, "milestones")

    assert "0 of 2 tasks done, 1 overdue" in said
    assert f"{JO} · due Wed 18 Jan, overdue" in said
    assert '<p class="is-overdue">' in seen.text
    assert "Due Sun 29 Jan, 2 open days before the end" in said
    assert "Due Fri 13 Jan, at checkpoint 2" in said
    assert "Due Fri 13 Jan, where the pace reaches 50 %" in said


def test_the_page_says_who_achieved_what(api: Living) -> None:
    target = active(api)
    milestone = planned(api, target["id"], tasks=[{"name": "Brief", "due": {"rule": "milestone"}}])
    (brief,) = milestone["tasks"]
    api.manager.put(f"/v1/milestones/{milestone['id']}/tasks/{brief['id']}", json={"due": {"rule": "start"}})
    api.manager.put(f"/v1/milestones/{milestone['id']}/tasks/{brief['id']}", json={"done": True})

    seen = target_page(api, target)
    said = words(seen)

    assert f"Achieved on Mon 23 Jan, 07:00 by {ANA}" in words(seen, "milestones")
    assert "Launch: task due Sun 1 Jan now, Brief" in said
