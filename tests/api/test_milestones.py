"""Milestones and tasks over HTTP: planned by a rule, achieved by sales, tasks or hand, shown as they stand."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.api.living import Living, problem, sold
from tests.api.test_targets import defined, shown

WITHIN_S = 10.0
END = {"rule": "end"}
BY_HAND = {"kind": "by_hand"}


def planned(api: Living, target_id: str, name: str = "Launch", **fields: Any) -> dict[str, Any]:
    answer = api.manager.post(f"/v1/targets/{target_id}/milestones", json={"name": name, "due": END} | fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def active(api: Living, **changes: Any) -> dict[str, Any]:
    target = defined(api, **changes)
    return shown(api, target["id"])


def once(api: Living, milestone_id: str, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The milestone as it is read with all that is recorded, once this holds."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        position = api.store.app.recorder.max_notification_id()
        answer = api.subscriber.get(f"/v1/milestones/{milestone_id}", params={"min_position": str(position)})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        if holds(found):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def test_a_milestone_is_planned_by_a_rule_and_shows_the_day_and_the_instant(api: Living) -> None:
    target = active(api)

    answer = api.manager.post(
        f"/v1/targets/{target['id']}/milestones",
        json={
            "name": "Half of January",
            "due": {"rule": "checkpoint", "number": 2, "offset_days": -1},
            "criterion": {"kind": "value", "value": "500.00"},
            "tasks": [{"name": "Call the ten largest", "assignee": "jo@example.com"}],
            "weight": 3,
        },
    )

    milestone = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/milestones/{milestone['id']}"
    assert (answer.headers["ETag"], int(answer.headers["Milemarker-Position"]) > 0) == ('"1"', True)
    assert milestone["due"] == {
        "rule": "checkpoint",
        "number": 2,
        "offset_days": -1,
        "day": "2017-01-12",
        "at": "2017-01-13T05:00:00Z",
    }
    assert {name: milestone[name] for name in ("name", "state", "target", "criterion", "weight", "after")} == {
        "name": "Half of January",
        "state": "planned",
        "target": target["id"],
        "criterion": {"kind": "value", "value": "500.00"},
        "weight": 3,
        "after": [],
    }
    (task,) = milestone["tasks"]
    assert {**task, "id": None} == {
        "id": None,
        "name": "Call the ten largest",
        "required": True,
        "assignee": "jo@example.com",
        "due": None,
        "done": False,
        "overdue": False,
    }
    assert api.auditor.get(answer.headers["Location"]).json() == milestone


def test_sales_achieve_a_milestone_and_a_refund_reopens_it(api: Living) -> None:
    target = active(api)
    milestone = planned(api, target["id"], criterion={"kind": "value", "value": "500.00"})
    metric = target["metric"]

    api.publisher.post("/v1/sales", json=[sold(metric, "1", "499.99"), sold(metric, "2", "0.01")])
    achieved = once(api, milestone["id"], lambda found: found["state"] == "achieved")
    refund = sold(metric, "3", "1.00", kind="refund", corrects=f"{metric}-1")
    api.publisher.post("/v1/sales", json=refund)
    reopened = once(api, milestone["id"], lambda found: found["state"] == "planned")

    assert {**achieved["achieved"], "at": None} == {
        "at": None,
        "by": "ingest",
        "late": False,
        "out_of_order": False,
        "actual": "500.00",
        "lifted_by": {"source": "webshop", "id": f"{metric}-2", "occurred_at": "2017-01-10T17:00:00Z"},
        "evidence": None,
    }
    assert (reopened["achieved"], reopened["reopened"]["actual"]) == (None, "499.00")
    assert reopened["reopened"]["lowered_by"]["id"] == f"{metric}-3"
    assert (achieved["plan_version"], reopened["plan_version"]) == (1, 1)


def test_tasks_are_added_done_and_undone(api: Living) -> None:
    milestone = planned(api, active(api)["id"])
    path = f"/v1/milestones/{milestone['id']}"

    answer = api.manager.post(f"{path}/tasks", json={"name": "Write the brief"})
    (task,) = answer.json()["tasks"]
    done = api.manager.put(f"{path}/tasks/{task['id']}", json={"done": True})
    again = api.manager.put(f"{path}/tasks/{task['id']}", json={"done": True})
    undone = api.manager.put(f"{path}/tasks/{task['id']}", json={"done": False})

    assert (answer.status_code, answer.headers["ETag"]) == (201, '"2"')
    assert (done.json()["state"], done.json()["tasks"][0]["done"]) == ("achieved", True)
    assert again.json() == done.json()
    assert (undone.json()["state"], undone.json()["reopened"]["task"]) == ("planned", task["id"])


def test_a_person_achieves_with_evidence_and_waives_with_a_reason(api: Living) -> None:
    target = active(api)
    first, second = (planned(api, target["id"], name, criterion=BY_HAND) for name in ("Contract", "Fair"))

    achieved = api.manager.post(f"/v1/milestones/{first['id']}/achieve", json={"evidence": "Signed, see the minutes"})
    waived = api.manager.post(f"/v1/milestones/{second['id']}/waive", json={"reason": "The fair was called off"})

    assert achieved.json()["achieved"]["evidence"] == "Signed, see the minutes"
    assert (waived.json()["state"], waived.json()["waived"]) == ("waived", {"reason": "The fair was called off"})
    problem(api.manager.post(f"/v1/milestones/{first['id']}/waive", json={"reason": "x"}), 409, "achieved")
    problem(api.manager.post(f"/v1/milestones/{second['id']}/achieve", json={"evidence": "x"}), 409, "waived")
    empty = problem(
        api.manager.post(f"/v1/milestones/{first['id']}/achieve", json={"evidence": " "}), 422, "evidence_missing"
    )
    assert empty["errors"][0]["pointer"] == "/evidence"


def test_the_milestones_of_a_target_stand_in_order_of_their_due_dates_page_by_page(api: Living) -> None:
    target = active(api)
    path = f"/v1/targets/{target['id']}/milestones"
    for name, day in (("third", "30"), ("first", "05"), ("second", "20")):
        planned(api, target["id"], name, due={"rule": "date", "date": f"2017-01-{day}"}, criterion=BY_HAND, weight=2)

    whole = api.auditor.get(path).json()
    one = api.auditor.get(path, params={"limit": 1}).json()
    rest = api.auditor.get(path, params={"limit": 2, "after": one["next"]}).json()

    assert [each["name"] for each in whole["items"]] == ["first", "second", "third"]
    assert (whole["next"], whole["completion"]) == (None, "0.0000")
    assert one["items"] + rest["items"] == whole["items"]
    assert rest["next"] is None


def test_completion_is_by_weight_and_leaves_out_what_is_waived(api: Living) -> None:
    target = active(api)
    path = f"/v1/targets/{target['id']}/milestones"
    assert api.auditor.get(path).json() == {"items": [], "next": None, "completion": None}
    heavy, light, waived = (planned(api, target["id"], criterion=BY_HAND, weight=weight) for weight in (2, 1, 7))

    api.manager.post(f"/v1/milestones/{heavy['id']}/achieve", json={"evidence": "done"})
    api.manager.post(f"/v1/milestones/{waived['id']}/waive", json={"reason": "no longer"})

    assert api.auditor.get(path).json()["completion"] == "0.6667"
    assert light["state"] == "planned"


def test_a_milestone_is_moved_and_its_order_changed_without_a_cycle(api: Living) -> None:
    target = active(api)
    first = planned(api, target["id"], "first", criterion=BY_HAND)
    second = planned(api, target["id"], "second", criterion=BY_HAND, after=[first["id"]])
    path = f"/v1/milestones/{first['id']}/reschedule"

    moved = api.manager.post(path, json={"due": {"rule": "fraction", "of": "0.5"}})
    circle = problem(api.manager.post(path, json={"after": [second["id"]]}), 422, "cycle")
    freed = api.manager.post(f"/v1/milestones/{second['id']}/reschedule", json={"after": []})
    turned = api.manager.post(path, json={"after": [second["id"]]})

    assert moved.json()["due"] == {"rule": "fraction", "of": "0.5", "day": "2017-01-13", "at": "2017-01-14T05:00:00Z"}
    assert circle["errors"][0]["pointer"] == "/after/0"
    assert (freed.json()["after"], turned.json()["after"]) == ([], [second["id"]])
    assert turned.json()["due"] == moved.json()["due"]
    early = api.manager.post(f"/v1/milestones/{first['id']}/achieve", json={"evidence": "before the other"})
    assert early.json()["achieved"]["out_of_order"] is True


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"due": {"rule": "end", "offset_days": 1}}, "due_outside_period", "/due/offset_days"),
        ({"due": {"rule": "date", "date": "2017-02-01"}}, "due_outside_period", "/due/date"),
        ({"due": {"rule": "date", "date": "2017-02-30"}}, "bad_date", "/due/date"),
        ({"due": {"rule": "checkpoint", "number": 99}}, "unknown_checkpoint", "/due/number"),
        ({"due": {"rule": "fraction", "of": 0.5}}, "not_text", "/due/of"),
        ({"due": {"rule": "start", "mood": "good"}}, "unknown_field", "/due/mood"),
        ({"due": None}, "not_an_object", "/due"),
        ({"criterion": {"kind": "value", "value": 500}}, "amount_not_text", "/criterion/value"),
        ({"criterion": {"kind": "value", "value": "5.001"}}, "amount_too_precise", "/criterion/value"),
        ({"criterion": {"kind": "luck"}}, "bad_criterion", "/criterion/kind"),
        ({"after": ["00000000-0000-4000-8000-000000000000"]}, "unknown_predecessor", "/after/0"),
        ({"after": ["x"]}, "unknown_predecessor", "/after/0"),
        ({"name": " "}, "bad_name", "/name"),
        ({"tasks": [{"name": "fine"}, {"name": ""}]}, "bad_name", "/tasks/1/name"),
        ({"tasks": [{"name": "x"}] * 201}, "too_many_tasks", "/tasks"),
        ({"weight": 0}, "bad_weight", "/weight"),
    ],
)
def test_a_milestone_that_breaks_a_rule_is_refused_with_its_field(
    api: Living, changes: dict[str, Any], code: str, pointer: str
) -> None:
    target = defined(api, activate=False)

    answer = api.manager.post(f"/v1/targets/{target['id']}/milestones", json={"name": "x", "due": END} | changes)

    assert problem(answer, 422, code)["errors"][0]["pointer"] == pointer
    assert api.manager.get(f"/v1/targets/{target['id']}/milestones").json()["items"] == []


def test_the_same_key_plans_one_milestone_and_adds_one_task(api: Living) -> None:
    target = defined(api, activate=False)
    path, key = f"/v1/targets/{target['id']}/milestones", {"Idempotency-Key": f"plan {target['id']}"}
    body = {"name": "Launch", "due": END, "tasks": [{"name": "Brief"}]}

    first, again = (api.manager.post(path, json=body, headers=key) for _ in range(2))
    tasks = f"/v1/milestones/{first.json()['id']}/tasks"
    one, same = (api.manager.post(tasks, json={"name": "Sign"}, headers=key) for _ in range(2))

    assert (first.status_code, again.json()) == (201, first.json())
    assert (len(one.json()["tasks"]), same.json()) == (2, one.json())
    problem(api.manager.post(path, json=body | {"due": {"rule": "start"}}, headers=key), 422, "key_reused")
    problem(api.manager.post(tasks, json={"name": "Other"}, headers=key), 422, "key_reused")
    other = defined(api, activate=False)
    problem(api.manager.post(f"/v1/targets/{other['id']}/milestones", json=body, headers=key), 422, "key_reused")
    assert len(api.manager.get(path).json()["items"]) == 1


def test_what_has_changed_since_is_left_alone(api: Living) -> None:
    target = defined(api, activate=False)
    milestones = f"/v1/targets/{target['id']}/milestones"
    milestone = planned(api, target["id"])
    path = f"/v1/milestones/{milestone['id']}"
    seen = {"If-Match": '"1"'}

    assert api.manager.post(f"{path}/tasks", json={"name": "Brief"}, headers=seen).status_code == 201
    problem(api.manager.post(f"{path}/waive", json={"reason": "x"}, headers=seen), 412, "changed_meanwhile")
    # The target's version moves with its milestones and their tasks: 1, planned, and a task.
    stale = api.manager.post(milestones, json={"name": "x", "due": END}, headers=seen)
    problem(stale, 412, "changed_meanwhile")
    position = api.store.app.recorder.max_notification_id()
    target_now = api.manager.get(f"/v1/targets/{target['id']}", params={"min_position": str(position)})
    now = {"If-Match": target_now.headers["ETag"]}
    fresh = api.manager.post(milestones, json={"name": "x", "due": END}, headers=now)

    assert (now["If-Match"], fresh.status_code) == ('"3"', 201)
    assert api.manager.get(path).headers["ETag"] == '"2"'


@pytest.mark.parametrize("milestone_id", ["00000000-0000-4000-8000-000000000000", "x", "%00"])
def test_an_unknown_milestone_is_not_found(api: Living, milestone_id: str) -> None:
    path = f"/v1/milestones/{milestone_id}"

    problem(api.manager.get(path), 404, "unknown_milestone")
    problem(api.manager.post(f"{path}/waive", json={"reason": "x"}), 404, "unknown_milestone")
    problem(api.manager.post(f"{path}/tasks", json={"name": "x"}), 404, "unknown_milestone")


def test_an_unknown_task_and_an_unknown_target_are_not_found(api: Living) -> None:
    milestone = planned(api, defined(api, activate=False)["id"])

    for task_id in ("00000000-0000-4000-8000-000000000000", "x"):
        path = f"/v1/milestones/{milestone['id']}/tasks/{task_id}"
        problem(api.manager.put(path, json={"done": True}), 404, "unknown_task")
    nowhere = "/v1/targets/00000000-0000-4000-8000-000000000000/milestones"
    problem(api.manager.get(nowhere), 404, "unknown_target")
    problem(api.manager.post(nowhere, json={"name": "x", "due": END}), 404, "unknown_target")
    problem(api.manager.get(f"/v1/milestones/{milestone['target']}"), 404, "unknown_milestone")


def test_a_cancelled_target_takes_no_milestones_and_keeps_its_own_as_they_are(api: Living) -> None:
    target = active(api)
    milestone = planned(api, target["id"], criterion=BY_HAND)
    api.manager.post(f"/v1/targets/{target['id']}/cancel", json={"reason": "withdrawn"})

    answers: list[httpx.Response] = [
        api.manager.post(f"/v1/targets/{target['id']}/milestones", json={"name": "x", "due": END}),
        api.manager.post(f"/v1/milestones/{milestone['id']}/achieve", json={"evidence": "x"}),
    ]

    for answer in answers:
        problem(answer, 409, "cancelled")


def test_readers_read_and_only_managers_write(api: Living) -> None:
    target = defined(api, activate=False)
    path = f"/v1/milestones/{planned(api, target['id'])['id']}"

    for role in ("auditor", "subscriber"):
        assert getattr(api, role).get(path).status_code == 200
        problem(getattr(api, role).post(f"{path}/waive", json={"reason": "x"}), 403, "role_not_allowed")
    problem(api.publisher.get(path), 403, "role_not_allowed")


def test_the_facts_of_a_target_hold_those_of_its_milestones(api: Living) -> None:
    target = defined(api, activate=False)
    milestone = planned(api, target["id"])
    position = api.manager.post(f"/v1/milestones/{milestone['id']}/tasks", json={"name": "x"}).headers[
        "Milemarker-Position"
    ]

    facts = api.auditor.get(f"/v1/targets/{target['id']}/events", params={"min_position": position}).json()["items"]

    assert [(one["type"], one["id"]) for one in facts] == [
        ("target.defined", target["id"]),
        ("milestone.planned", milestone["id"]),
        ("milestone.task_added", milestone["id"]),
    ]
    assert {one["data"]["target"] for one in facts[1:]} == {target["id"]}


def test_a_milestone_overdue_for_its_time_is_achieved_late(api: Living) -> None:
    target = active(api)
    milestone = planned(api, target["id"], due={"rule": "date", "date": "2017-01-10"}, criterion=BY_HAND)
    api.time.now = datetime(2017, 1, 11, 5, tzinfo=UTC)

    achieved = api.manager.post(f"/v1/milestones/{milestone['id']}/achieve", json={"evidence": "a second too late"})

    assert achieved.json()["achieved"]["late"] is True
