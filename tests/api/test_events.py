"""The whole log over HTTP, one fact a line."""

from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from eventsourcing.persistence import StoredEvent

from api import events
from projections import facts
from tests.api.living import Living, problem, sold
from tests.api.test_target_parts import pages
from tests.api.test_targets import defined, shown


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert not answer.content or answer.content.endswith(b"\n")
    return [orjson.loads(line) for line in answer.content.splitlines()]


def whole_log(api: Living, after: int = 0, **parameters: int) -> list[dict[str, Any]]:
    """Asked for again and again, until there is no more."""
    found: list[dict[str, Any]] = []
    while page := lines(api.auditor.get("/v1/events", params={"after": after, **parameters})):
        after = page[-1]["position"]
        found += page
    return found


def test_every_fact_of_the_log_is_told_once_and_in_order(api: Living, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "PAGE", 3)
    target = defined(api, goal="10.00")
    shown(api, target["id"])
    api.publisher.post("/v1/sales", json=sold(target["metric"], "1", "19.99"))

    told = whole_log(api, limit=7)

    assert [one["position"] for one in told] == [
        one.id for one in api.store.app.recorder.select_notifications(1, 1_000_000)
    ]
    assert all(one["position"] < other["position"] for one, other in pairwise(told))
    assert {"metric.defined", "ledger.sales_recorded", "target.attained"} <= {one["type"] for one in told}


def test_a_fact_is_told_here_as_it_is_told_of_its_target(api: Living) -> None:
    target = defined(api)
    shown(api, target["id"])

    of_target = pages(api, f"/v1/targets/{target['id']}/events", 100)

    assert [one for one in whole_log(api) if one["id"] == target["id"]] == of_target


def test_so_many_as_are_asked_for_after_a_position(api: Living) -> None:
    shown(api, defined(api)["id"])  # until nothing more is recorded of it
    told = whole_log(api)

    assert lines(api.admin.get("/v1/events", params={"after": told[-3]["position"], "limit": 1})) == [told[-2]]
    assert lines(api.auditor.get("/v1/events", params={"after": told[-1]["position"]})) == []


def test_large_facts_are_told_whole_and_numbers_of_any_size_exactly(api: Living) -> None:
    after = whole_log(api)[-1]["position"]
    state = b'{"timestamp":"2026-11-23T12:00:00+00:00","by":"ingest","total":%d,"note":"%s"}'
    size = facts.PAGE_BYTES_MAX // 2
    stored = [StoredEvent(uuid4(), 1, "test.noted", state % (10**30 + n, b"x" * size)) for n in range(3)]
    api.store.app.recorder.insert_events(stored)

    answer = api.auditor.get("/v1/events", params={"after": after})

    large = [line for line in answer.content.splitlines() if b'"test.noted"' in line]
    assert [b'"total":%d,' % (10**30 + n) in line for n, line in enumerate(large)] == [True] * 3
    assert all(len(line) > size for line in large)


def test_a_position_or_limit_that_is_none_is_refused(api: Living) -> None:
    for parameters in ({"after": "nonsense"}, {"after": "-1"}, {"limit": "0"}, {"limit": "1001"}):
        told = problem(api.auditor.get("/v1/events", params=parameters), 422, "bad_parameter")
        assert told["errors"][0]["parameter"] in parameters
    problem(api.auditor.get("/v1/events", params={"before": "1"}), 400, "unknown_parameter")
