"""Sales over HTTP: each is taken or refused by name, and what was taken counts once."""

import gzip
import socket
import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from api.limits import SALES_BYTES_MAX
from deploy.embedded import EmbeddedNats
from domain.metric import Metric
from tests.api.living import Living, definition, living, problem, sold
from tests.words import NOW, plan

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def metric() -> str:
    return f"m{uuid4().hex[:12]}"


def posted(api: Living, body: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    answer = api.publisher.post("/v1/sales", content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["Milemarker-Position"] == str(found["position"])
    return found


def rejected(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["index"], one["code"]) for one in answer["rejected"]]


def test_one_sale_an_array_and_lines_are_taken_and_counted_once(api: Living, metric: str) -> None:
    first = posted(api, sold(metric, "1"))
    many = posted(api, [sold(metric, "1"), sold(metric, "2")])
    lines = posted(api, b"\n" + orjson.dumps(sold(metric, "2")) + b"\r\n \n" + orjson.dumps(sold(metric, "3")), NDJSON)

    counted = [(one["accepted"], one["duplicates"]) for one in (first, many, lines)]
    assert counted == [(1, 0), (1, 1), (1, 1)]
    assert first["position"] < many["position"] < lines["position"]


def test_five_thousand_sales_go_in_parts_and_each_refusal_keeps_its_index(api: Living, metric: str) -> None:
    sales = [sold(metric, f"{number}", "1.00") for number in range(5_000)]
    for bad in (0, 999, 1_000, 4_999):
        sales[bad] |= {"amount": 1}

    answer = posted(api, sales)

    assert answer["accepted"] == 4_996
    assert rejected(answer) == [(bad, "amount_not_text") for bad in (0, 999, 1_000, 4_999)]


def test_good_sales_beside_a_broken_one_count(api: Living, metric: str) -> None:
    good = [orjson.dumps(sold(metric, f"{number}")) for number in range(4)]
    deep = b'{"amount": ' + b"[" * 3_000 + b"]" * 3_000 + b"}"
    body = b"[" + b",".join([good[0], b'{"amount": NaN}', good[1], b"", deep, good[2], b'{"a": "\\ud800"}']) + b"]"

    answer = posted(api, body)

    assert answer["accepted"] == 3
    assert rejected(answer) == [(index, "malformed_json") for index in (1, 3, 4, 6)]


def test_the_index_of_a_line_counts_the_lines_that_are_not_blank(api: Living, metric: str) -> None:
    body = b"\n\n" + orjson.dumps(sold(metric, "1")) + b"\n\n{oops\n"

    assert rejected(posted(api, body, NDJSON)) == [(1, "malformed_json")]


def test_a_line_break_inside_a_text_stays_broken_and_between_values_does_no_harm(api: Living, metric: str) -> None:
    pretty = orjson.dumps(sold(metric, "1"), option=orjson.OPT_INDENT_2)
    broken = orjson.dumps(sold(metric, "2")).replace(b"webshop", b"web\nshop")

    answer = posted(api, b"[" + pretty + b"," + broken + b"]")

    assert (answer["accepted"], rejected(answer)) == (1, [(1, "malformed_json")])


def test_a_sale_larger_than_a_commit_is_refused_and_its_neighbour_counts(api: Living, metric: str) -> None:
    answer = posted(api, [sold(metric, "1") | {"colour": "x" * 600_000}, sold(metric, "2")])

    assert (answer["accepted"], rejected(answer)) == (1, [(0, "too_large")])


def test_sales_of_more_bytes_than_a_commit_holds_go_in_parts(api: Living, metric: str) -> None:
    spaces = b" " * 200_000
    body = b"[" + b",".join(orjson.dumps(sold(metric, f"{n}"))[:-1] + spaces + b"}" for n in range(7)) + b"]"

    assert posted(api, body)["accepted"] == 7


def test_an_empty_array_is_no_mistake(api: Living) -> None:
    answer = posted(api, [])

    assert (answer["accepted"], answer["rejected"]) == (0, [])
    assert answer["position"] > 0


@pytest.mark.parametrize(
    "body", [b"", b" ", b"{", b"[1, 2", b'["a]', b"NaN", b"\xff", b'"\\ud800"', b"[1] 2", b"[" * 99_999]
)
def test_what_is_no_json_at_all_is_refused_whole(api: Living, body: bytes) -> None:
    problem(api.publisher.post("/v1/sales", content=body), 400, "malformed_json")


@pytest.mark.parametrize("body", [b"null", b"1", b'"sale"', b"[[[]]]", b"1e400", b"123456789012345678901234567890"])
def test_what_is_no_sale_is_refused_by_name(api: Living, body: bytes) -> None:
    answer = api.publisher.post("/v1/sales", content=body)

    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert rejected(answer.json()) == [(0, "not_an_object")]


def test_more_than_five_thousand_sales_are_refused_whole(api: Living, metric: str) -> None:
    answer = api.publisher.post("/v1/sales", json=[{}] * 5_001)

    problem(answer, 422, "too_many_sales")


def test_a_publisher_writes_and_reads_its_own_sources_alone(api: Living, metric: str) -> None:
    with api.client(api.key("publisher", "till", ["till", "kiosk"])) as till:
        answer = till.post("/v1/sales", json=[sold(metric, "1"), sold(metric, "2", source="till")]).json()

        assert (answer["accepted"], rejected(answer)) == (1, [(0, "source_not_allowed")])
        assert till.get(f"/v1/sales/till/{metric}-2").status_code == 200
        problem(till.get(f"/v1/sales/webshop/{metric}-1"), 403, "source_not_allowed")


def test_a_compressed_body_is_refused(api: Living, metric: str) -> None:
    body = gzip.compress(orjson.dumps(sold(metric, "1")))

    problem(
        api.publisher.post("/v1/sales", content=body, headers={"Content-Encoding": "gzip"}),
        415,
        "encoding_not_supported",
    )


@pytest.mark.parametrize(("path", "most"), [("/v1/sales", SALES_BYTES_MAX), ("/v1/targets", 1024 * 1024)])
def test_a_body_over_the_cap_is_refused_before_it_is_read(api: Living, path: str, most: int) -> None:
    url = httpx.URL(api.url)
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: m\r\nContent-Length: {most + 1}\r\n\r\n".encode())
        head = connection.recv(4096)

    assert b" 413 " in head.split(b"\r\n")[0]
    assert b"application/problem+json" in head


def test_a_client_that_sends_all_of_a_body_over_the_cap_reads_the_answer(api: Living) -> None:
    for _ in range(3):
        problem(api.publisher.post("/v1/sales", content=b" " * 30_000_000), 413, "too_large")


@pytest.mark.parametrize(("path", "mebibytes"), [("/v1/sales", 11), ("/v1/targets", 2)])
def test_a_body_without_a_length_is_counted_while_it_is_read(api: Living, path: str, mebibytes: int) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(mebibytes):
            yield b" " * 1024 * 1024

    problem(api.admin.post(path, content=chunks()), 413, "too_large")


def test_without_ingest_the_answer_says_that_the_same_again_is_safe(
    api_database: str, nats_server: EmbeddedNats, metric: str
) -> None:
    with living(api_database, nats_server.url, ingest=False, projections=False) as api:
        until_ready(api)
        answer = api.publisher.post("/v1/sales", json=sold(metric, "1"))

    assert "safe" in problem(answer, 503, "ingest_unavailable")["detail"]
    assert answer.headers["Retry-After"]


def until_ready(api: Living) -> None:
    deadline = time.monotonic() + 10
    while api.admin.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.02)


# What became of a sale


def found(api: Living, id: str) -> dict[str, Any]:
    position = api.store.app.recorder.max_notification_id()
    answer = api.auditor.get(f"/v1/sales/webshop/{id}", params={"min_position": str(position)})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_sale_tells_when_it_was_recorded_and_toward_what_it_counts(api: Living, metric: str) -> None:
    target = api.manager.post("/v1/targets", json=definition(metric=metric, scope={"region": ["emea"]})).json()
    api.manager.post("/v1/targets", json=definition(metric=metric, scope={"region": ["us"]}))
    posted(api, [sold(metric, "1", "19.99", dimensions={"region": "emea"}), sold(metric, "2")])

    one = found(api, f"{metric}-1")

    assert one["state"] == "counted"
    assert one["sale"]["amount"] == "19.99"
    assert one["sale"]["dimensions"] == {"region": "emea"}
    assert one["counts_toward"] == [
        {"target": target["id"], "name": "January revenue", "amount": "19.99", "counted_at": "2017-01-10T17:00:00Z"}
    ]
    assert one["position"] > 0
    assert found(api, f"{metric}-2")["counts_toward"] == []


def test_a_shared_sale_tells_what_each_target_counts_of_it(api: Living, metric: str) -> None:
    for name, scope in (("Ana", {"rep": ["ana"]}), ("All", {}), ("Eve", {"rep": ["eve"]})):
        api.manager.post("/v1/targets", json=definition(metric=metric, scope=scope, name=name))
    shares = [{"rep": "ana", "bps": 3_333}, {"rep": "ben", "bps": 5_000}]
    refund = sold(metric, "2", "1.00", kind="refund", corrects=f"{metric}-1")
    posted(api, [sold(metric, "1", "19.99", credit=shares, dimensions={"rep": "eve"}), refund])

    told = {id: found(api, f"{metric}-{id}") for id in "12"}

    amounts = {id: {at["name"]: at["amount"] for at in one["counts_toward"]} for id, one in told.items()}
    assert amounts == {"1": {"Ana": "6.66", "All": "19.99"}, "2": {"Ana": "-0.33", "All": "-1.00"}}
    assert told["1"]["sale"]["credit"] == shares
    assert not {"credited", "original_at", "inherited"} & told["2"]["sale"].keys()


def started(api: Living, metric: str, name: str, **changes: Any) -> None:
    """A target for January 2017, of this metric."""
    days = {"start": date(2017, 1, 1), "end": date(2017, 1, 31)}
    new = plan(name=name, metric=Metric(metric, "USD", 2), **days, **changes)
    api.store.app.define_target(uuid4(), new, activate=True, by="ana@example.com", at=NOW)


def test_a_refund_tells_when_each_target_counts_it(api: Living, metric: str) -> None:
    started(api, metric, "Own date")
    started(api, metric, "Clawback", refunds="clawback")
    refund = sold(metric, "2", "4.00", kind="refund", corrects=f"{metric}-1", occurred_at="2017-01-20T00:00:00Z")
    posted(api, [sold(metric, "1"), refund])

    told = found(api, f"{metric}-2")["counts_toward"]

    assert {one["name"]: (one["amount"], one["counted_at"]) for one in told} == {
        "Own date": ("-4.00", "2017-01-20T00:00:00Z"),
        "Clawback": ("-4.00", "2017-01-10T17:00:00Z"),
    }


def test_a_measurement_tells_which_levels_it_is(api: Living, metric: str) -> None:
    started(api, metric, "Churn", kind="from_to", baseline="8.00", goal="5.00")
    started(api, metric, "Sum")
    measurements = [sold(metric, "1", "-7.25", kind="measurement"), sold(metric, "2", "6.50", kind="measurement")]
    correction = sold(metric, "3", "6.00", kind="correction", corrects=f"{metric}-2")
    posted(api, [*measurements, correction])

    told = {id: found(api, f"{metric}-{id}") for id in "123"}

    assert {id: (one["state"], one["latest"][-1]) for id, one in told.items()} == {
        "1": ("recorded", "1"),
        "2": ("corrected", "3"),
        "3": ("recorded", "3"),
    }
    amounts = {id: [(at["name"], at["amount"]) for at in one["counts_toward"]] for id, one in told.items()}
    assert amounts == {"1": [("Churn", "-7.25")], "2": [("Churn", "6.00")], "3": [("Churn", "6.00")]}


def test_a_sale_taken_back_or_corrected_tells_by_what(api: Living, metric: str) -> None:
    posted(api, [sold(metric, "1"), sold(metric, "2")])
    void = {"source": "webshop", "id": f"{metric}-v", "kind": "void", "corrects": f"{metric}-1"}
    correction = sold(metric, "c", "7.00", kind="correction", corrects=f"{metric}-2")
    posted(api, [void | {"occurred_at": "2017-01-11T12:00:00Z"}, correction])

    told = {id: found(api, f"{metric}-{id}") for id in "1v2c"}

    assert {id: one["state"] for id, one in told.items()} == {
        "1": "void",
        "v": "applied",
        "2": "corrected",
        "c": "counted",
    }
    assert {id: one["latest"] for id, one in told.items()} == {
        "1": f"{metric}-v",
        "v": f"{metric}-v",
        "2": f"{metric}-c",
        "c": f"{metric}-c",
    }
    assert told["c"]["root"] == f"{metric}-2"


def test_a_void_that_came_first_waits_and_is_applied_when_its_sale_comes(api: Living, metric: str) -> None:
    void = {"source": "webshop", "id": f"{metric}-v", "kind": "void", "corrects": f"{metric}-1"}
    posted(api, void | {"occurred_at": "2017-01-11T12:00:00Z"})
    before = found(api, f"{metric}-v")
    posted(api, sold(metric, "1"))

    assert (before["state"], before["latest"]) == ("waiting", None)
    assert found(api, f"{metric}-v")["state"] == "applied"
    assert found(api, f"{metric}-1")["state"] == "void"


def test_a_second_void_that_waited_has_lapsed(api: Living, metric: str) -> None:
    void = {"source": "webshop", "kind": "void", "corrects": f"{metric}-1", "occurred_at": "2017-01-11T12:00:00Z"}
    posted(api, [void | {"id": f"{metric}-v"}, void | {"id": f"{metric}-w"}])
    posted(api, sold(metric, "1"))

    assert [found(api, f"{metric}-{id}")["state"] for id in "vw"] == ["applied", "lapsed"]


@pytest.mark.parametrize("path", ["webshop/nothing", "WEB/1", "webshop/%00", "webshop/a%2Fb", "webshop/%ED%A0%80"])
def test_a_sale_that_nobody_recorded_is_not_found(api: Living, path: str) -> None:
    problem(api.auditor.get(f"/v1/sales/{path}"), 404, "unknown_sale")
