"""Lists, days, facts, positions and metrics over HTTP."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from api import database
from tests.api.living import Living, problem, sold
from tests.api.test_targets import defined, shown


def test_a_list_is_read_page_by_page(api: Living) -> None:
    made = {defined(api, activate=False)["id"] for _ in range(3)}

    seen = pages(api, "/v1/targets", 2)

    ids = [one["id"] for one in seen]
    assert made <= set(ids)
    assert len(ids) == len(set(ids))


def pages(api: Living, path: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        parameters = {"limit": str(limit)} | ({} if after is None else {"after": after})
        page = api.auditor.get(path, params=parameters).json()
        assert len(page["items"]) <= limit
        found += page["items"]
        after = page["next"]
        if after is None:
            return found


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1e3", "9" * 5_000])
def test_a_limit_outside_1_to_1000_is_refused(api: Living, limit: str) -> None:
    told = problem(api.auditor.get("/v1/targets", params={"limit": limit}), 422, "bad_parameter")

    assert told["errors"][0]["parameter"] == "limit"


def test_a_cursor_that_is_none_is_refused(api: Living) -> None:
    target = defined(api)["id"]
    for path in ("/v1/targets", f"/v1/targets/{target}/series", f"/v1/targets/{target}/events"):
        told = problem(api.auditor.get(path, params={"after": "nonsense"}), 422, "bad_parameter")
        assert told["errors"][0]["parameter"] == "after"


def test_the_days_add_up_to_the_actual_and_stop_at_today(api: Living) -> None:
    target = defined(api, goal="400.00")
    metric, path = target["metric"], f"/v1/targets/{target['id']}/series"
    days = {"1": "2017-01-06T23:59:59-05:00", "2": "2017-01-07T00:00:00-05:00", "3": "2017-01-13T12:00:00-05:00"}
    api.publisher.post("/v1/sales", json=[sold(metric, id, occurred_at=at) for id, at in days.items()])
    shown(api, target["id"])
    api.time.now = datetime(2017, 1, 13, 20, tzinfo=UTC)

    series = pages(api, path, 5)

    assert [one["day"] for one in series] == [f"2017-01-{day:02}" for day in range(1, 14)]
    assert series[5] == {"day": "2017-01-06", "net": "10.00", "actual": "10.00", "expected": "100.00"}
    assert series[6]["actual"] == "20.00"
    assert series[-1] == {"day": "2017-01-13", "net": "10.00", "actual": "30.00", "expected": "200.00"}
    problem(api.auditor.get(path, params={"grain": "hour"}), 422, "bad_parameter")


def test_the_facts_of_a_target_tell_its_story_in_order(api: Living) -> None:
    target = defined(api, goal="10.00")
    shown(api, target["id"])
    api.publisher.post("/v1/sales", json=sold(target["metric"], "1", "19.99"))

    facts = pages(api, f"/v1/targets/{target['id']}/events", 2)

    assert [fact["type"] for fact in facts] == [
        "target.defined",
        "target.activated",
        *([facts[2]["type"]] if facts[2]["type"] == "target.progress_recorded" and len(facts) == 6 else []),
        "target.filled",
        "target.progress_recorded",
        "target.attained",
    ]
    assert [fact["position"] for fact in facts] == sorted(fact["position"] for fact in facts)
    assert [fact["version"] for fact in facts] == list(range(1, len(facts) + 1))
    assert facts[0]["by"] == "ana@example.com"
    assert re.fullmatch(r"2017-01-23T12:00:00(\.\d+)?Z", facts[0]["recorded_at"])
    assert facts[0]["data"]["plan"]["goal"] == 1000
    assert facts[-1]["data"]["total"] == 1999
    assert not {"timestamp", "by", "originator_topic"} & facts[0]["data"].keys()
    last = api.auditor.get(f"/v1/targets/{target['id']}/events", params={"after": facts[-2]["position"]}).json()
    assert last == {"items": [facts[-1]], "next": None}


def test_a_read_that_asks_for_a_position_gets_it_or_is_told_to_come_back(
    api: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BEHIND_AFTER_S", 0.1)
    target = defined(api)
    for path in ("/v1/targets", f"/v1/targets/{target['id']}", f"/v1/targets/{target['id']}/series"):
        assert api.auditor.get(path, params={"min_position": "1"}).status_code == 200
        behind = api.auditor.get(path, params={"min_position": f"{2**63 - 1}"})
        problem(behind, 503, "behind")
        assert behind.headers["Retry-After"]
        problem(api.auditor.get(path, params={"min_position": f"{2**63}"}), 422, "bad_parameter")


def test_a_metric_is_fixed_once(api: Living) -> None:
    path = f"/v1/metrics/m{uuid4().hex[:12]}"

    first = api.manager.put(path, json={"unit": "litres", "exponent": 3})

    assert first.json()["exponent"] == 3
    assert api.manager.put(path, json={"unit": "litres", "exponent": 3}).status_code == 200
    problem(api.manager.put(path, json={"unit": "EUR"}), 409, "metric_fixed")
    problem(api.manager.put(path, json={"unit": "USD", "exponent": 3}), 422, "bad_exponent")
    problem(api.manager.put(path, json={"unit": "litres", "exponent": 7}), 422, "bad_exponent")
    problem(api.manager.put("/v1/metrics/Big", json={"unit": "USD"}), 422, "bad_name")
    assert first.json() in pages(api, "/v1/metrics", 3)
