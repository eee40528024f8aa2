"""Revisions over HTTP: from now on, from the beginning, or from where the target stands; each with its reason."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.api.living import Living, problem, sold
from tests.api.test_targets import defined, shown

MID = "2017-01-14T00:00:00-05:00"
"""After the second of four Fridays."""
WHY = {"reason": "A second shop opened"}


def half_way(api: Living) -> dict[str, Any]:
    """$40,000.00 of $100,000.00 when $50,000.00 are due."""
    api.time.now = datetime(2017, 1, 14, 5, tzinfo=UTC)
    target = defined(api, goal="100000.00")
    api.publisher.post("/v1/sales", json=sold(target["metric"], "1", "40000.00"))
    return shown(api, target["id"])


def revise(api: Living, target_id: str, changes: dict[str, Any], **said: Any) -> dict[str, Any]:
    answer = api.manager.post(f"/v1/targets/{target_id}/revisions", json={"changes": changes} | WHY | said)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def expected(api: Living, target_id: str) -> list[str]:
    found = api.manager.get(f"/v1/targets/{target_id}/checkpoints").json()["items"]
    return [one["expected"] for one in found]


@pytest.mark.parametrize(
    ("mode", "coming"),
    [
        ("prospective", ["25000.00", "50000.00", "85000.00", "120000.00", "120000.00"]),
        ("retroactive", ["30000.00", "60000.00", "90000.00", "120000.00", "120000.00"]),
        ("replan", ["25000.00", "40000.00", "80000.00", "120000.00", "120000.00"]),
    ],
)
def test_a_higher_goal_after_half_of_the_checkpoints_is_expected_by_its_mode(
    api: Living, mode: str, coming: list[str]
) -> None:
    target = half_way(api)

    revised = revise(api, target["id"], {"goal": "120000.00"}, mode=mode, effective_at=MID)

    assert expected(api, target["id"]) == coming
    assert (revised["goal"], revised["original_goal"]) == ("120000.00", "100000.00")
    assert (revised["progress"], revised["original_progress"]) == ("0.3333", "0.4000")
    assert (revised["revision"], revised["plan_version"], revised["state"]) == (2, target["plan_version"] + 1, "active")


def test_its_revisions_are_listed_with_what_changed_and_why(api: Living) -> None:
    target = half_way(api)
    revise(api, target["id"], {"goal": "120000.00"}, effective_at=MID)
    revise(api, target["id"], {"thresholds": {"ahead": "1.1"}, "name": "January, both shops"}, mode="retroactive")
    path = f"/v1/targets/{target['id']}/revisions"

    first = api.auditor.get(path, params={"limit": 1}).json()
    second = api.auditor.get(path, params={"limit": 1, "after": first["next"]}).json()

    (raised,), (named,) = first["items"], second["items"]
    assert raised == {
        "number": 2,
        "effective_at": "2017-01-14T05:00:00Z",
        "mode": "prospective",
        "reason": WHY["reason"],
        "by": "ana@example.com",
        "at": "2017-01-14T05:00:00Z",
        "changes": {"goal": {"from": "100000.00", "to": "120000.00"}},
        "goal": "120000.00",
        "attained": None,
        "proposed_by": None,
    }
    lines = {"ahead": "1.1000", "on_track": "0.9500", "at_risk": "0.8000"}
    assert named["changes"] == {
        "name": {"from": "January revenue", "to": "January, both shops"},
        "thresholds": {"from": None, "to": lines},
    }
    assert (first["next"], second["next"]) == ("2", None)


def test_null_takes_a_field_back_to_its_default(api: Living) -> None:
    said = {"thresholds": {"ahead": "1.1"}, "scope": {"region": ["us"]}, "refunds": "clawback", "expect_data_every": 24}
    target = defined(api, activate=False, calendar={"closed": ["SU"]}, **said)

    revised = revise(api, target["id"], {"calendar": None, "checkpoints": None, **dict.fromkeys(said)})

    assert (revised["refunds"], revised["checkpoints"], revised["scope"]) == ("own_date", None, {})
    assert not {"calendar", "thresholds", "expect_data_every"} & revised.keys()


def test_another_scope_counts_other_sales(api: Living) -> None:
    target = defined(api)
    of_us = {"dimensions": {"region": "us"}}
    api.publisher.post("/v1/sales", json=[sold(target["metric"], "1"), sold(target["metric"], "2", "3.00", **of_us)])
    before = shown(api, target["id"])

    revise(api, target["id"], {"scope": {"region": ["us"]}})

    assert (before["actual"], shown(api, target["id"])["actual"]) == ("13.00", "3.00")


def test_a_goal_that_is_lowered_to_the_actual_is_attained_by_revision(api: Living) -> None:
    target = half_way(api)

    revised = revise(api, target["id"], {"goal": "40000.00"})

    assert (revised["status"], revised["progress"], revised["original_progress"]) == (
        "attained_by_revision",
        "1.0000",
        "0.4000",
    )
    (listed,) = api.manager.get(f"/v1/targets/{target['id']}/revisions").json()["items"]
    assert listed["attained"] == "attained_by_revision"


def test_another_pace_lets_go_of_last_year(api: Living) -> None:
    target = defined(api, activate=False, pacing={"kind": "last_year"})

    later = revise(api, target["id"], {"start": "2017-01-08", "end": "2017-02-07"})
    straight = revise(api, target["id"], {"pacing": {"kind": "linear"}})

    assert later["comparison"] == {"start": "2016-01-08", "end": "2016-02-07"}
    assert (straight["pacing"], straight.get("comparison"), straight.get("align")) == ({"kind": "linear"}, None, None)


def test_the_same_request_again_revises_nothing_more(api: Living) -> None:
    target = defined(api, activate=False)
    path, headers = f"/v1/targets/{target['id']}/revisions", {"Idempotency-Key": uuid4().hex}
    body = {"changes": {"goal": "2000.00"}, "mode": "retroactive"} | WHY

    answers = [api.manager.post(path, json=body, headers=headers | {"If-Match": '"1"'}) for _ in range(2)]

    assert [(one.status_code, one.json()["revision"]) for one in answers] == [(200, 2), (200, 2)]
    other = body | {"changes": {"goal": "3000.00"}}
    problem(api.manager.post(path, json=other, headers=headers), 422, "key_reused")
    problem(api.manager.post(path, json=other, headers={"If-Match": '"1"'}), 412, "changed_meanwhile")
    problem(api.manager.post(path, json=other, headers={"Idempotency-Key": ""}), 400, "bad_idempotency_key")


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no reason": ({"reason": " "}, "reason_missing", "/reason"),
    "nothing new": ({"changes": {"goal": "1000.00"}}, "nothing_revised", "/changes"),
    "nothing at all": ({"changes": {}}, "nothing_revised", "/changes"),
    "another metric": ({"changes": {"metric": "orders"}}, "not_revisable", "/changes/metric"),
    "another zone": ({"changes": {"time_zone": "UTC"}}, "not_revisable", "/changes/time_zone"),
    "another kind": ({"changes": {"kind": "keep"}}, "not_revisable", "/changes/kind"),
    "another owner": ({"changes": {"owner": "jo@example.com"}}, "not_revisable", "/changes/owner"),
    "an unknown field": ({"changes": {"gaol": "1.00"}}, "unknown_field", "/changes/gaol"),
    "no goal": ({"changes": {"goal": None}}, "missing_field", "/changes/goal"),
    "no name": ({"changes": {"name": None}}, "not_text", "/changes/name"),
    "a goal of nothing": ({"changes": {"goal": "0.00"}}, "goal_not_positive", "/changes/goal"),
    "a goal as a number": ({"changes": {"goal": 5}}, "amount_not_text", "/changes/goal"),
    "a day that is none": ({"changes": {"end": "2017-02-30"}}, "bad_date", "/changes/end"),
    "an end before the start": ({"changes": {"end": "2016-12-31"}}, "end_before_start", "/changes/end"),
    "a checkpoint outside": ({"changes": {"checkpoints": ["2017-03-01"]}}, "bad_schedule", "/changes/checkpoints"),
    "a field of another kind": ({"changes": {"baseline": "1.00"}}, "not_of_kind", "/changes/baseline"),
    "a mode that there is none of": ({"mode": "at_once"}, "unknown_mode", "/mode"),
    "a moment that is none": ({"effective_at": "tomorrow"}, "bad_time", "/effective_at"),
    "a moment without its offset": ({"effective_at": "2017-01-14T00:00:00"}, "bad_time", "/effective_at"),
    "a moment outside": ({"effective_at": "2017-02-01T00:00:00-05:00"}, "bad_effective_at", "/effective_at"),
    "replanned from a moment to come": (
        {"effective_at": "2017-01-30T00:00:00-05:00", "mode": "replan"},
        "bad_effective_at",
        "/effective_at",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_revision_is_refused_by_field(api: Living, name: str) -> None:
    said, code, pointer = WRONG[name]
    target = defined(api, activate=False)

    body = {"changes": {"goal": "2000.00"}} | WHY | said
    told = problem(api.manager.post(f"/v1/targets/{target['id']}/revisions", json=body), 422, code)

    assert [(one["pointer"], one["code"]) for one in told["errors"]] == [(pointer, code)]
    assert api.manager.get(f"/v1/targets/{target['id']}").json()["revision"] == 1


def test_what_is_over_and_what_is_not_there_is_not_revised(api: Living) -> None:
    target = defined(api, activate=False)
    api.manager.post(f"/v1/targets/{target['id']}/cancel", json={"reason": "The shop closed"})
    body = {"changes": {"goal": "2000.00"}} | WHY

    problem(api.manager.post(f"/v1/targets/{target['id']}/revisions", json=body), 409, "cancelled")
    problem(api.manager.post(f"/v1/targets/{uuid4()}/revisions", json=body), 404, "unknown_target")
    problem(api.manager.get(f"/v1/targets/{uuid4()}/revisions"), 404, "unknown_target")
    problem(api.auditor.post(f"/v1/targets/{target['id']}/revisions", json=body), 403, "role_not_allowed")
