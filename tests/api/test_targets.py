"""Targets over HTTP: defined, started, cancelled, and shown with exact figures."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.living import Living, definition, problem, sold

WITHIN_S = 10.0


def defined(api: Living, **changes: Any) -> dict[str, Any]:
    answer = api.manager.post("/v1/targets", json=definition(**changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shown(api: Living, target_id: str, state: str = "active") -> dict[str, Any]:
    """The target with all that is recorded now, once it is in this state."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        position = api.store.app.recorder.max_notification_id()
        answer = api.subscriber.get(f"/v1/targets/{target_id}", params={"min_position": str(position)})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        if found["state"] == state:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def test_a_target_shows_its_figures_for_now(api: Living) -> None:
    target = defined(api, goal="100000.00")
    api.time.now = datetime(2017, 1, 14, 5, tzinfo=UTC)  # Friday the 13th has ended in New York
    sale = sold(target["metric"], "1", "52000.00")
    assert api.publisher.post("/v1/sales", json=sale).json()["accepted"] == 1

    now = shown(api, target["id"])

    assert {name: now[name] for name in ("status", "live_status", "actual", "expected", "variance", "pace_index")} == {
        "status": "too_early",
        "live_status": "on_track",
        "actual": "52000.00",
        "expected": "50000.00",
        "variance": "2000.00",
        "pace_index": "1.0400",
    }
    assert (now["progress"], now["goal"], now["original_goal"]) == ("0.5200", "100000.00", "100000.00")
    assert now["required_rate"] == {"per": "open_day", "amount": "2666.67"}
    assert now["next_checkpoint"] == {"number": 3, "cutoff": "2017-01-21T05:00:00Z", "expected": "75000.00"}
    assert (now["revision"], now["plan_version"], now["last_evaluation"]) == (1, 3, None)
    assert now["as_of"] == "2017-01-14T05:00:00Z"
    assert now["position"] >= 4


def test_reaching_the_goal_attains_and_taking_it_back_loses(api: Living) -> None:
    target = defined(api, goal="10.00")
    api.publisher.post("/v1/sales", json=sold(target["metric"], "1"))
    attained = shown(api, target["id"])
    void = {"source": "webshop", "id": uuid4().hex, "kind": "void", "corrects": f"{target['metric']}-1"}
    api.publisher.post("/v1/sales", json=void | {"occurred_at": "2017-01-11T12:00:00Z"})

    assert (attained["status"], attained["required_rate"]["amount"]) == ("attained", "0.00")
    assert shown(api, target["id"])["status"] == "attainment_lost"


def test_a_new_target_is_answered_with_its_place_its_version_and_its_definition(api: Living) -> None:
    body = definition(activate=False, owner="ana@example.com", scope={"region": ["us", "emea"]})

    answer = api.manager.post("/v1/targets", json=body)

    target = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/targets/{target['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert int(answer.headers["Milemarker-Position"]) > 0
    assert (target["state"], target["status"]) == ("draft", "not_started")
    assert target["scope"] == {"region": ["emea", "us"]}
    assert {name: target[name] for name in ("name", "metric", "unit", "start", "end", "checkpoints", "owner")} == {
        name: body[name] for name in ("name", "metric", "unit", "start", "end", "checkpoints", "owner")
    }
    assert api.manager.get(answer.headers["Location"]).json()["id"] == target["id"]


def test_the_same_request_again_defines_nothing_new(api: Living) -> None:
    body, headers = definition(), {"Idempotency-Key": uuid4().hex}

    first, second = (api.manager.post("/v1/targets", json=body, headers=headers) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    others = api.admin.post("/v1/targets", json=body, headers=headers)
    assert others.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("change", [{"goal": "2.00"}, {"name": "Another"}])
def test_another_body_under_the_same_idempotency_key_is_refused(api: Living, change: dict[str, str]) -> None:
    body, headers = definition(), {"Idempotency-Key": uuid4().hex}
    api.manager.post("/v1/targets", json=body, headers=headers)

    problem(api.manager.post("/v1/targets", json=body | change, headers=headers), 422, "key_reused")


def test_a_draft_is_not_started_by_its_idempotency_key(api: Living) -> None:
    body, headers = definition(activate=False), {"Idempotency-Key": uuid4().hex}
    api.manager.post("/v1/targets", json=body, headers=headers)

    problem(api.manager.post("/v1/targets", json=body | {"activate": True}, headers=headers), 422, "key_reused")
    problem(
        api.manager.post("/v1/targets", json=body, headers={"Idempotency-Key": "x" * 256}), 400, "bad_idempotency_key"
    )


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown field": ({"colour": "red"}, "unknown_field", "/colour"),
    "no metric": ({"metric": None}, "missing_field", "/metric"),
    "no unit": ({"unit": None}, "missing_field", "/unit"),
    "no goal": ({"goal": None}, "missing_field", "/goal"),
    "a number as goal": ({"goal": 1000.0}, "amount_not_text", "/goal"),
    "a goal of nothing": ({"goal": "0.00"}, "goal_not_positive", "/goal"),
    "a goal below nothing": ({"goal": "-5.00"}, "goal_not_positive", "/goal"),
    "too precise a goal": ({"goal": "1.001"}, "amount_too_precise", "/goal"),
    "no name": ({"name": " "}, "bad_name", "/name"),
    "a long name": ({"name": "x" * 201}, "bad_name", "/name"),
    "a name that is no text": ({"name": 5}, "not_text", "/name"),
    "an unknown kind": ({"kind": "as_you_like"}, "unknown_kind", "/kind"),
    "an unknown parent": ({"parent": "x"}, "unknown_parent", "/parent"),
    "an unknown pacing": ({"pacing": {"kind": "as_you_like"}}, "unknown_pacing", "/pacing/kind"),
    "a field too many in pacing": ({"pacing": {"kind": "linear", "x": 1}}, "unknown_field", "/pacing/x"),
    "no such day": ({"end": "2017-02-30"}, "bad_date", "/end"),
    "a date in the basic format": ({"start": "20170101"}, "bad_date", "/start"),
    "an end before the start": ({"end": "2016-12-31"}, "end_before_start", "/end"),
    "an unknown zone": ({"time_zone": "Mars/Olympus"}, "unknown_time_zone", "/time_zone"),
    "a rule outside the subset": ({"checkpoints": "FREQ=SECONDLY"}, "bad_schedule", "/checkpoints"),
    "checkpoints that are a number": ({"checkpoints": 5}, "bad_schedule", "/checkpoints"),
    "a checkpoint outside": ({"checkpoints": ["2017-03-01"]}, "bad_schedule", "/checkpoints"),
    "a scope that is a text": ({"scope": {"region": "us"}}, "not_a_list", "/scope/region"),
    "an empty scope": ({"scope": {"region": []}}, "bad_scope", "/scope/region"),
    "a metric in capitals": ({"metric": "Revenue"}, "bad_name", "/metric"),
    "an unknown unit": ({"unit": "XXX"}, "unknown_unit", "/unit"),
    "activate as text": ({"activate": "yes"}, "bad_activate", "/activate"),
    "a strange field name": ({"a/b~": 1}, "unknown_field", "/a~1b~0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_definition_is_refused_by_field(api: Living, name: str) -> None:
    change, code, pointer = WRONG[name]

    told = problem(api.manager.post("/v1/targets", json=definition(**change)), 422, code)

    assert [(one["pointer"], one["code"]) for one in told["errors"]] == [(pointer, code)]


def test_every_missing_field_is_named(api: Living) -> None:
    told = problem(api.manager.post("/v1/targets", json={}), 422, "missing_field")

    missing = {one["pointer"] for one in told["errors"]}
    assert missing == {"/name", "/start", "/end", "/time_zone"}


BODIES = [
    b"",
    b"{",
    b"NaN",
    b'{"goal": NaN}',
    b'{"goal": Infinity}',
    b'{"name": "\\ud800"}',
    b'{"reason": "\\udfff", "unit": "\\udfff"}',
    b'{"reason": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"unit": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b"[" * 100_000,
    b'{"goal": 1e999}',
    b'{"goal": ' + b"9" * 5_000 + b', "exponent": ' + b"9" * 5_000 + b"}",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"1",
    b'"text"',
    b'{"\\u0000": 1}',
]


@pytest.mark.parametrize("path", ["/v1/targets", "/v1/targets/{id}/cancel", "/v1/metrics/pieces"])
@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:20]))
def test_no_body_makes_the_api_fall_over(api: Living, path: str, body: bytes) -> None:
    method = "PUT" if "metrics" in path else "POST"

    answer = api.admin.request(method, path.format(id=uuid4()), content=body)

    assert 400 <= answer.status_code < 500, answer.text
    problem(answer, answer.status_code, answer.json()["code"])
    assert "9999" not in answer.text


def test_a_draft_is_started_and_a_target_cancelled_for_a_reason(api: Living) -> None:
    target = defined(api, activate=False)
    path = f"/v1/targets/{target['id']}"

    started = api.manager.post(f"{path}/activate", headers={"If-Match": '"1"'})
    shown(api, target["id"])
    problem(api.manager.post(f"{path}/cancel", json={"reason": " "}), 422, "reason_missing")
    cancelled = api.manager.post(f"{path}/cancel", json={"reason": "the shop closed"}, headers={"If-Match": '"3"'})

    assert (started.status_code, cancelled.status_code) == (200, 200)
    assert cancelled.json()["status"] == cancelled.json()["state"] == "cancelled"
    assert cancelled.headers["ETag"] == '"4"'
    problem(api.manager.post(f"{path}/activate"), 409, "cancelled")


@pytest.mark.parametrize("etag", ['"7"', '"x"', 'W/"1"'])
def test_a_target_that_has_changed_since_is_left_alone(api: Living, etag: str) -> None:
    path = f"/v1/targets/{defined(api, activate=False)['id']}"

    problem(api.manager.post(f"{path}/activate", headers={"If-Match": etag}), 412, "changed_meanwhile")
    problem(
        api.manager.post(f"{path}/cancel", json={"reason": "x"}, headers={"If-Match": etag}), 412, "changed_meanwhile"
    )
    assert api.manager.get(path).json()["state"] == "draft"
    assert api.manager.post(f"{path}/activate", headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("target_id", ["00000000-0000-4000-8000-000000000000", "x", "%00", "1" * 300])
def test_an_unknown_target_is_not_found(api: Living, target_id: str) -> None:
    for part in ("", "/series", "/events"):
        problem(api.admin.get(f"/v1/targets/{target_id}{part}"), 404, "unknown_target")
    problem(api.admin.post(f"/v1/targets/{target_id}/activate"), 404, "unknown_target")


def test_connections_that_broke_are_made_anew(api: Living) -> None:
    target = defined(api)
    with api.store.views.datastore.cursor() as curs:
        curs.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'milemarker api'")

    answers: list[httpx.Response] = [api.auditor.get(f"/v1/targets/{target['id']}") for _ in range(5)]

    assert [one.status_code for one in answers] == [200] * 5


def test_an_etag_without_its_quotes_is_told_how_to_be_written(api: Living) -> None:
    path = f"/v1/targets/{defined(api, activate=False)['id']}"

    answer = api.manager.post(f"{path}/activate", headers={"If-Match": "1"})

    assert 'If-Match: "1"' in problem(answer, 400, "bad_if_match")["detail"]


def test_a_command_without_a_body_says_what_is_missing(api: Living) -> None:
    path = f"/v1/targets/{defined(api)['id']}"

    assert "no body" in problem(api.manager.post(f"{path}/cancel"), 400, "malformed_json")["detail"]


def test_the_id_of_something_else_is_no_target(api: Living) -> None:
    planned = api.manager.post(
        f"/v1/targets/{defined(api, activate=False)['id']}/milestones", json={"name": "Launch", "due": {"rule": "end"}}
    ).json()

    for path, body in (
        ("activate", None),
        ("cancel", {"reason": "x"}),
        ("milestones", {"name": "x", "due": {"rule": "end"}}),
    ):
        answer = api.manager.post(f"/v1/targets/{planned['id']}/{path}", json=body)
        problem(answer, 404, "unknown_target")
