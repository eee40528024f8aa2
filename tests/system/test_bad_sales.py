"""Bad sales are refused by name beside good ones that count, on every way in; nothing answers 500."""

import asyncio
import socket
from typing import Any
from uuid import uuid4

import httpx
import nats
import orjson
import pytest

from tests.system.business import january
from tests.system.product import Product, eventually

LINE = 10 * 1024 * 1024


def good(metric: str, id: str) -> dict[str, Any]:
    return {
        "source": "shop",
        "id": f"{metric}-{id}",
        "metric": metric,
        "amount": "1.00",
        "unit": "USD",
        "occurred_at": "2017-01-10T12:00:00-05:00",
    }


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a number as amount": ({"amount": 19.99}, "amount_not_text"),
    "an exponent": ({"amount": "1e3"}, "amount_not_decimal"),
    "NaN as text": ({"amount": "NaN"}, "amount_not_decimal"),
    "too many places": ({"amount": "1.001"}, "amount_too_precise"),
    "too many digits": ({"amount": "99999999999999.99"}, "amount_too_long"),
    "a negative amount": ({"amount": "-1.00"}, "amount_negative"),
    "no offset": ({"occurred_at": "2017-01-10T12:00:00"}, "bad_time"),
    "the year 1900": ({"occurred_at": "1900-01-10T12:00:00Z"}, "time_out_of_range"),
    "the year 3000": ({"occurred_at": "3000-01-10T12:00:00Z"}, "time_out_of_range"),
    "an unknown field": ({"colour": "red"}, "unknown_field"),
    "an empty id": ({"id": ""}, "bad_text"),
    "an overlong id": ({"id": "x" * 129}, "bad_text"),
    "a wrong unit": ({"unit": "EUR"}, "wrong_unit"),
    "a control character": ({"id": "a\x07b"}, "bad_text"),
    "a NUL": ({"id": "a\x00b"}, "bad_text"),
    "40 dimensions": ({"dimensions": {f"d{number}": "x" for number in range(40)}}, "too_many_dimensions"),
    "a source in capitals": ({"source": "SHOP"}, "bad_name"),
    "no amount": ({"amount": None}, "missing_field"),
}
BROKEN: dict[str, tuple[str, str]] = {
    "NaN": ('"amount": NaN', "malformed_json"),
    "a lone surrogate": ('"amount": "1.00", "colour": "\\ud800"', "malformed_json"),
    "deep nesting": (f'"amount": {"[" * 5_000}{"]" * 5_000}', "malformed_json"),
}


@pytest.fixture
def metric() -> str:
    return f"m{uuid4().hex[:10]}"


def _bodies(metric: str) -> list[tuple[str, bytes, str]]:
    """Each bad sale by what is wrong with it, as JSON, and the code that it is refused with."""
    bad = [(name, orjson.dumps(good(metric, name) | change), code) for name, (change, code) in BAD.items()]
    for name, (text, code) in BROKEN.items():
        body = orjson.dumps(good(metric, name)).decode().replace('"amount":"1.00"', text)
        bad.append((name, body.encode(), code))
    return bad


@pytest.mark.parametrize("way", ["array", "NDJSON", "NATS"])
def test_each_bad_sale_is_refused_by_name_and_its_neighbours_count(product: Product, metric: str, way: str) -> None:
    target = product.define(january(metric=metric))
    bodies = _bodies(metric)
    beside = [orjson.dumps(good(metric, f"beside-{number}")) for number in range(len(bodies) + 1)]
    mixed = [
        beside[0],
        *(one for pair in zip((body for _, body, _ in bodies), beside[1:], strict=True) for one in pair),
    ]

    if way == "NATS":
        asyncio.run(_publish(product, b"[" + b",".join(mixed) + b"]"))
        status = product.reads(target, f"{len(beside)}.00")
        assert status["actual"] == f"{len(beside)}.00"
        told = eventually(lambda: _refused(product, metric), lambda lines: len(lines) >= len(bodies) - len(BROKEN))
        assert {line["code"] for line in told} >= {code for _, _, code in bodies} - {"malformed_json"}
        return
    body = b"[" + b",".join(mixed) + b"]" if way == "array" else b"\n".join(mixed)
    kind = "application/json" if way == "array" else "application/x-ndjson"
    answer = product.api.post("/v1/sales", content=body, headers={"Content-Type": kind})

    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == len(beside)
    refused = {one["index"]: one["code"] for one in answer.json()["rejected"]}
    assert refused == {1 + 2 * number: code for number, (_, _, code) in enumerate(bodies)}
    product.reads(target, f"{len(beside)}.00")


async def _publish(product: Product, body: bytes) -> None:
    client = await nats.connect(product.endpoints["nats"])
    await client.jetstream().publish("sales.shop", body)
    await client.close()


def _refused(product: Product, metric: str) -> list[dict[str, Any]]:
    lines = product.command("refused", "--json", "--limit", "1000").stdout.splitlines()
    return [line for line in map(orjson.loads, lines) if metric in orjson.dumps(line).decode()]


def test_lines_that_are_broken_half_way_spoil_no_others(product: Product, metric: str) -> None:
    target = product.define(january(metric=metric))
    whole = [orjson.dumps(good(metric, f"{number}")) for number in range(3)]
    lines = [
        whole[0],
        whole[1][:40],
        b'{"a": 1',
        b'"b": 2}',
        b"\xff\xfe",
        b"",
        whole[2],
        b"[" + whole[1] + b"]",
        b"null",
    ]

    answer = product.api.post("/v1/sales", content=b"\n".join(lines), headers={"Content-Type": "application/x-ndjson"})

    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == 2
    assert len(answer.json()["rejected"]) == 6
    product.reads(target, "2.00")


def test_a_publisher_writes_the_sources_of_its_key_alone(product: Product, metric: str) -> None:
    created = product.command("keys", "create", "--role", "publisher", "--name", "till", "--source", "till").stdout
    key = next(word for word in created.split() if word.startswith("mm_"))
    sales = [good(metric, "1"), good(metric, "2") | {"source": "till"}]

    answer = product.api.post("/v1/sales", json=sales, headers={"Authorization": f"Bearer {key}"})

    assert answer.json()["accepted"] == 1
    assert [one["code"] for one in answer.json()["rejected"]] == ["source_not_allowed"]
    forbidden = product.api.post("/v1/targets", json=january(metric=metric), headers={"Authorization": f"Bearer {key}"})
    assert forbidden.status_code == 403


def test_a_body_over_the_cap_is_answered_before_it_is_read(product: Product) -> None:
    url = httpx.URL(product.endpoints["http"])
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/sales HTTP/1.1\r\nHost: milemarker\r\nContent-Type: application/json\r\n"
            + f"Authorization: Bearer {product.key}\r\nContent-Length: {LINE + 1}\r\n\r\n".encode()
        )
        answer = connection.recv(4096)

    assert b" 413 " in answer.split(b"\r\n")[0]


def test_a_chunked_body_over_the_cap_is_refused(product: Product) -> None:
    def chunks() -> Any:
        for _ in range(12):
            yield b" " * 1024 * 1024

    try:
        answer = product.api.post("/v1/sales", content=chunks(), headers={"Content-Type": "application/json"})
    except httpx.WriteError:
        return
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"NaN", b'"\\ud800"', b"[" * 100_000, b"\xff", b"[]", b"null", b"1", b'[{"source": 1e999}]', b"[[[]]]"],
)
@pytest.mark.parametrize("path", ["/v1/sales", "/v1/targets", "/v1/targets/{id}/cancel", "/v1/metrics/revenue"])
def test_no_body_makes_the_api_fall_over(product: Product, path: str, body: bytes) -> None:
    method = "PUT" if "metrics" in path else "POST"
    answer = product.api.request(
        method, path.format(id=uuid4()), content=body, headers={"Content-Type": "application/json"}
    )

    assert 200 <= answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["code"]
