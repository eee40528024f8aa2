"""Members over HTTP: who belongs to whom and when, what they come to together, and who is ahead."""

from typing import Any
from uuid import uuid4

import pytest

from domain.filling import Filler
from tests.api.living import NOW, Living, problem, sold
from tests.api.test_targets import defined, shown

EMEA, US = {"region": ["emea"]}, {"region": ["us"]}


def rolled(api: Living, **changes: Any) -> dict[str, Any]:
    return defined(api, roll_up=True, goal=None, pacing=None, scope={}, **changes)


def join(api: Living, parent: str, member: str, **window: str) -> dict[str, Any]:
    answer = api.manager.post(f"/v1/targets/{parent}/members", json={"target": member, **window})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def settled(api: Living) -> dict[str, str]:
    """Everything is filled, and what is read has it all."""
    while Filler(api.store.app).fill_some(NOW):
        continue
    return {"min_position": str(api.store.app.recorder.max_notification_id())}


def read(api: Living, target: str, part: str, **asked: str) -> dict[str, Any]:
    answer = api.subscriber.get(f"/v1/targets/{target}/{part}", params=settled(api) | asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sell(api: Living, *sales: dict[str, Any]) -> None:
    assert api.publisher.post("/v1/sales", json=list(sales)).json()["accepted"] == len(sales)


def test_a_roll_up_has_what_its_members_have(api: Living) -> None:
    parent = rolled(api)
    metric = parent["metric"]
    for scope in (EMEA, US):
        defined(api, metric=metric, scope=scope, goal="500.00", parent=parent["id"])
    sell(
        api,
        sold(metric, "1", "100.00", dimensions={"region": "emea"}),
        sold(metric, "2", "10.00", dimensions={"region": "us"}),
    )
    settled(api)

    target = shown(api, parent["id"])

    assert (target["roll_up"], target["goal"], target["actual"], target["state"]) == (
        True,
        "1000.00",
        "110.00",
        "active",
    )
    assert "pacing" not in target
    told = read(api, parent["id"], "roll-up")
    assert (told["members"], told["sum"]["goal"], told["sum"]["actual"]) == (2, "1000.00", "110.00")
    assert told["sum"]["expected"] == target["expected"] == told["expected"]
    assert (told["unallocated"], told["overlap"]) == ({"goal": "0.00", "actual": "0.00"}, "0.00")


def test_beside_a_target_with_sales_of_its_own_stands_what_its_members_leave(api: Living) -> None:
    parent = defined(api, scope={})
    metric = parent["metric"]
    defined(api, metric=metric, scope=EMEA, goal="300.00", parent=parent["id"])
    defined(api, metric=metric, scope={"rep": ["ana"]}, goal="200.00", parent=parent["id"])
    sell(
        api,
        sold(metric, "1", "100.00", dimensions={"region": "emea", "rep": "ana"}),
        sold(metric, "2", "10.00", dimensions={"region": "apac"}),
    )

    told = read(api, parent["id"], "roll-up")
    counted = read(api, parent["id"], "roll-up", count_overlap="true")

    assert (told["actual"], told["sum"]["actual"], told["overlap"]) == ("110.00", "200.00", None)
    assert told["unallocated"] == {"goal": "500.00", "actual": "-90.00"}
    assert counted["overlap"] == "100.00"


def test_who_moves_belongs_to_one_and_then_to_the_other(api: Living) -> None:
    first, second = rolled(api), rolled(api)
    member = defined(api, metric=first["metric"], scope=EMEA)

    one = join(api, first["id"], member["id"], until="2017-01-10")
    two = join(api, second["id"], member["id"], since="2017-01-11")

    assert read(api, member["id"], "parents")["items"] == [one, two]
    (child,) = read(api, second["id"], "children")["items"]
    assert (child["since"], child["until"], child["target"], child["counts"]) == (
        "2017-01-11",
        None,
        member["id"],
        True,
    )
    assert float(child["share"]["goal"]) < float(child["goal"])


def test_a_membership_is_ended_on_a_day_or_taken_back(api: Living) -> None:
    parent = rolled(api)
    member = defined(api, metric=parent["metric"])
    join(api, parent["id"], member["id"])
    address = f"/v1/targets/{parent['id']}/members/{member['id']}"

    ended = api.manager.delete(address, params={"until": "2017-01-10"})

    assert (ended.status_code, int(ended.headers["Milemarker-Position"]) > 0) == (204, True)
    assert [one["until"] for one in read(api, parent["id"], "children")["items"]] == ["2017-01-10"]
    assert api.manager.delete(address).status_code == 204
    assert read(api, parent["id"], "children")["items"] == []
    problem(api.manager.delete(address), 404, "not_member")


def test_children_come_page_by_page_in_the_order_of_joining(api: Living) -> None:
    parent = rolled(api)
    members = [defined(api, metric=parent["metric"], parent=parent["id"])["id"] for _ in range(3)]

    page = read(api, parent["id"], "children", limit="2")
    rest = read(api, parent["id"], "children", limit="2", after=page["next"])

    assert [one["target"] for one in (*page["items"], *rest["items"])] == members
    assert rest["next"] is None


def test_equal_members_share_a_rank_and_who_does_not_count_is_not_ranked(api: Living) -> None:
    parent = rolled(api)
    metric = parent["metric"]
    ahead, *equal = (
        defined(api, metric=metric, scope={"region": [name]}, goal="100.00", parent=parent["id"], name=name)["id"]
        for name in ("one", "two", "three")
    )
    defined(api, metric=metric, goal="1.00", parent=parent["id"], activate=False)
    sales = [("one", "50.00"), ("two", "20.00"), ("three", "20.00")]
    sell(api, *(sold(metric, name, amount, dimensions={"region": name}) for name, amount in sales))

    board = read(api, parent["id"], "leaderboard")["items"]

    assert [(one["rank"], one["value"]) for one in board] == [(1, "0.5000"), (2, "0.2000"), (2, "0.2000")]
    assert (board[0]["target"], {one["target"] for one in board[1:]}) == (ahead, set(equal))
    by_actual = read(api, parent["id"], "leaderboard", by="actual", limit="1")
    assert ([one["value"] for one in by_actual["items"]], by_actual["next"]) == (["50.00"], "1")
    assert read(api, parent["id"], "leaderboard", by="pace", after="2")["items"][0]["rank"] == 2


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"target": "x"}, 404, "unknown_target", "/target"),
        ({"target": str(uuid4())}, 404, "unknown_target", "/target"),
        ({"target": "its own"}, 422, "cycle", "/target"),
        ({"target": "member", "since": "2017-01-32"}, 422, "bad_date", "/since"),
        ({"target": "member", "since": "2017-01-10", "until": "2017-01-09"}, 422, "end_before_start", "/until"),
        ({"target": "member", "since": "2018-01-10"}, 422, "bad_window", "/since"),
    ],
)
def test_a_wrong_membership_is_refused_by_field(
    api: Living, body: dict[str, str], status: int, code: str, pointer: str
) -> None:
    parent = rolled(api)
    member = defined(api, metric=parent["metric"])["id"]
    named = {"its own": parent["id"], "member": member}.get(body["target"], body["target"])

    answer = api.manager.post(f"/v1/targets/{parent['id']}/members", json=body | {"target": named})

    assert [(one["code"], one["pointer"]) for one in problem(answer, status, code)["errors"]] == [(code, pointer)]


def test_parts_of_a_target_that_there_is_not_are_not_found(api: Living) -> None:
    for part in ("children", "parents", "roll-up", "leaderboard"):
        problem(api.subscriber.get(f"/v1/targets/{uuid4()}/{part}"), 404, "unknown_target")


def test_a_roll_up_without_members_is_shown_with_nothing_to_reach(api: Living) -> None:
    parent = rolled(api)
    settled(api)

    target = shown(api, parent["id"])

    assert (target["goal"], target["actual"], target["progress"]) == (None, "0.00", None)
    assert read(api, parent["id"], "forecast")["method"] == "none: no members"
    assert read(api, parent["id"], "roll-up")["members"] == 0
    assert api.manager.get(f"/targets/{parent['id']}").status_code == 200
