"""Targets are cloned, handed over, put away and imported over HTTP."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.living import Living, definition, problem
from tests.api.test_targets import defined, shown

FEBRUARY = {"start": "2017-02-01", "end": "2017-02-28"}


def move(api: Living, target: dict[str, Any], what: str, said: Any = None, **headers: str) -> Any:
    return api.manager.post(f"/v1/targets/{target['id']}/{what}", json=said, headers=headers)


# Cloning


def test_a_clone_is_a_target_of_its_own(api: Living) -> None:
    january = defined(api, owner="ana@example.com")
    due = {"rule": "checkpoint", "number": 2}
    half = {"name": "Half", "due": due, "criterion": {"kind": "value", "value": "500.00"}, "tasks": [{"name": "Call"}]}
    api.manager.post(f"/v1/targets/{january['id']}/milestones", json=half)

    answer = move(api, january, "clone", FEBRUARY | {"name": "February", "goal": "900.00", "milestones": True})

    new = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/targets/{new['id']}")
    assert (new["name"], new["goal"], new["metric"], new["state"]) == ("February", "900.00", january["metric"], "draft")
    assert (new["checkpoints"], new["owner"]) == (january["checkpoints"], "ana@example.com")
    position = str(api.store.app.recorder.max_notification_id())
    listed = api.manager.get(f"/v1/targets/{new['id']}/milestones", params={"min_position": position}).json()["items"]
    assert [(one["name"], one["due"]["day"]) for one in listed] == [("Half", "2017-02-17")]


def test_the_same_clone_again_makes_nothing_new(api: Living) -> None:
    january, key = defined(api), uuid4().hex

    first, again = (move(api, january, "clone", FEBRUARY, **{"Idempotency-Key": key}) for _ in range(2))

    assert first.json()["id"] == again.json()["id"]
    problem(move(api, january, "clone", FEBRUARY | {"goal": "1.00"}, **{"Idempotency-Key": key}), 422, "key_reused")


@pytest.mark.parametrize(
    ("said", "code", "pointer"),
    [
        ({"start": "2017-02-01"}, "missing_field", "/end"),
        (FEBRUARY | {"start": "2017-02-30"}, "bad_date", "/start"),
        (FEBRUARY | {"goal": 1}, "amount_not_text", "/goal"),
        (FEBRUARY | {"activate": "soon"}, "bad_activate", "/activate"),
        (FEBRUARY | {"end": "2017-01-31"}, "end_before_start", "/end"),
        (FEBRUARY | {"comparison": {"start": "2016-02-01"}}, "missing_field", "/comparison/end"),
    ],
)
def test_what_is_wrong_with_a_clone_is_said(api: Living, said: dict[str, Any], code: str, pointer: str) -> None:
    found = problem(move(api, defined(api), "clone", said), 422, code)

    assert [one["pointer"] for one in found["errors"]] == [pointer]


def test_dates_of_the_old_period_do_not_carry_over(api: Living) -> None:
    listed = defined(api, checkpoints=["2017-01-13"])

    found = problem(move(api, listed, "clone", FEBRUARY), 422, "fixed_dates")

    assert found["errors"][0]["pointer"] == "/checkpoints"
    assert move(api, listed, "clone", FEBRUARY | {"checkpoints": ["2017-02-10"]}).status_code == 201


# Handing over


def test_a_target_is_handed_over(api: Living) -> None:
    target = defined(api, owner="ana@example.com", team=["li@example.com"])
    said = {"owner": "jo@example.com", "reason": "Ana is on leave"}

    stale = move(api, target, "hand-over", said, **{"If-Match": '"99"'})
    answer = move(api, target, "hand-over", said)

    problem(stale, 412, "changed_meanwhile")
    now = answer.json()
    assert (now["owner"], now["team"], now["goal"]) == ("jo@example.com", ["li@example.com"], target["goal"])
    assert answer.headers["ETag"] == f'"{now["plan_version"]}"'
    assert shown(api, target["id"])["owner"] == "jo@example.com"
    facts = api.manager.get(f"/v1/targets/{target['id']}/events").json()["items"]
    assert [one["data"]["before"] for one in facts if one["type"] == "target.handed_over"] == ["ana@example.com"]
    with api.client(None) as nobody:
        page = nobody.get(f"/targets/{target['id']}")
    assert page.status_code in (200, 303, 401)


def test_a_handing_over_needs_an_owner_and_a_reason(api: Living) -> None:
    target = defined(api)

    problem(move(api, target, "hand-over", {"owner": "jo@example.com"}), 422, "missing_field")
    problem(move(api, target, "hand-over", {"owner": "jo@example.com", "reason": " "}), 422, "reason_missing")
    problem(move(api, target, "hand-over", {"owner": "\n", "reason": "Leave"}), 422, "bad_text")


# Archiving


def listed(api: Living, **said: str) -> set[str]:
    found: set[str] = set()
    after: dict[str, str] = {}
    while True:
        page = api.manager.get("/v1/targets", params={"limit": "1000"} | said | after).json()
        found |= {one["id"] for one in page["items"]}
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


def test_what_is_archived_is_left_out_of_lists_until_it_is_got_out(api: Living) -> None:
    target = defined(api, activate=False)

    archived = move(api, target, "archive", {"reason": "It never began"})

    assert (archived.status_code, archived.json()["archived"]) == (200, True)
    assert [target["id"] in listed(api, **said) for said in ({}, {"archived": "true"})] == [False, True]
    assert shown(api, target["id"], "draft")["archived"] is True
    problem(move(api, target, "activate", {}), 409, "archived")
    assert "archived" not in move(api, target, "unarchive").json()
    assert target["id"] in listed(api)


def test_what_counts_is_not_archived(api: Living) -> None:
    problem(move(api, defined(api), "archive"), 409, "still_counting")


# Importing


def rows(metric: str) -> list[dict[str, Any]]:
    said = {name: what for name, what in definition(metric=metric).items() if name != "kind"}
    return [said | {"key": f"{metric}-1"}, said | {"key": f"{metric}-2", "goal": 7}, said | {"key": f"{metric}-3"}]


def test_an_array_of_targets_is_imported_and_what_is_wrong_beside_is_said(api: Living) -> None:
    said = rows(f"m{uuid4().hex[:12]}")

    tried = api.manager.post("/v1/targets/import", json=said, params={"dry_run": "true"}).json()
    answer = api.manager.post("/v1/targets/import", json=said)
    again = api.manager.post("/v1/targets/import", json=said).json()

    made = answer.json()
    assert (made["made"], made["unchanged"], made["refused"]) == (2, 0, 1)
    assert [one["result"] for one in made["items"]] == ["made", "refused", "made"]
    wrong = {"code": "amount_not_text", "detail": made["items"][1]["error"]["detail"], "column": "goal"}
    assert (made["items"][1]["line"], made["items"][1]["error"]) == (2, wrong)
    assert tried["items"] == made["items"]
    assert (tried["dry_run"], again["made"], again["unchanged"]) == (True, 0, 2)
    assert int(answer.headers["Milemarker-Position"]) > 0
    assert shown(api, made["items"][0]["id"])["name"] == "January revenue"


def test_a_table_is_imported_as_a_spreadsheet_writes_it(api: Living) -> None:
    metric = f"m{uuid4().hex[:12]}"
    table = (
        "\ufeffname;metric;unit;goal;start;end;time_zone;scope\r\n"
        f'"One; two";{metric};USD;1.00;2017-01-01;2017-01-31;UTC;"region=emea|us;channel=web"\r\n'
        f"Three;{metric};EUR;1.00;2017-01-01;2017-01-31;UTC;\r\n"
    )
    headers = {"Content-Type": "text/csv; charset=utf-8", "Idempotency-Key": uuid4().hex}

    first, again = (
        api.manager.post("/v1/targets/import", content=table.encode(), headers=headers).json() for _ in range(2)
    )

    assert [(one["line"], one["result"], one["name"]) for one in first["items"]] == [
        (2, "made", "One; two"),
        (3, "refused", "Three"),
    ]
    assert first["items"][1]["error"]["column"] == "unit"
    assert again["unchanged"] == 1
    assert shown(api, first["items"][0]["id"], "draft")["scope"] == {"channel": ["web"], "region": ["emea", "us"]}


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{}", "application/json", 422, "not_a_list"),
        (b"[", "application/json", 400, "malformed_json"),
        (b"[{}," * 1_000 + b"{}]", "application/json", 400, "malformed_json"),
        (b"[" + b"{}," * 1_000 + b"{}]", "application/json", 422, "too_many_rows"),
        (b"name,gaol\n", "text/csv", 422, "unknown_column"),
        (b"", "text/csv", 422, "no_header"),
        (b"\xff", "text/csv", 422, "bad_csv"),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(api: Living, content: bytes, kind: str, status: int, code: str) -> None:
    answer = api.manager.post("/v1/targets/import", content=content, headers={"Content-Type": kind})

    problem(answer, status, code)


def test_rows_that_are_no_definitions_are_said(api: Living) -> None:
    found = api.manager.post("/v1/targets/import", json=[7, {}]).json()

    assert [one["error"]["code"] for one in found["items"]] == ["not_an_object", "missing_field"]
