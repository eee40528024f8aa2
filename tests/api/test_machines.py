"""What machines ask: is it alive, is it ready, and what does the documentation say."""

import asyncio
import re
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from api import database
from api.server import serve
from deploy.embedded import EmbeddedNats, EmbeddedPostgres
from domain.plan import KINDS
from tests.api.living import Living, living, problem
from tests.api.test_sales import until_ready
from tests.databases import at


def test_a_process_that_lives_says_so_without_a_key(api: Living) -> None:
    until_ready(api)

    assert httpx.get(f"{api.url}/healthz").status_code == 200
    assert httpx.get(f"{api.url}/readyz").json() == {"status": "ready"}


def test_without_nats_it_lives_but_is_not_ready(api_database: str) -> None:
    with living(api_database, "nats://127.0.0.1:1", ingest=False, projections=False) as api:
        assert api.admin.get("/healthz").status_code == 200
        assert "NATS" in problem(api.admin.get("/readyz"), 503, "not_ready")["detail"]
        answer = api.admin.post("/v1/sales", json=[{}])
        problem(answer, 503, "ingest_unavailable")


def test_a_database_without_tables_is_named(postgres: EmbeddedPostgres, api_database: str) -> None:
    with living(
        api_database, "nats://127.0.0.1:1", ingest=False, projections=False, reads=at(postgres.url, "postgres")
    ) as api:
        assert "milemarker migrate" in problem(api.admin.get("/readyz"), 503, "not_ready")["detail"]
        problem(api.admin.get("/v1/targets"), 503, "database_away")


def test_a_database_that_is_away_is_no_mistake_of_ours(
    api_database: str, api_nats: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "CONNECTION_WITHIN_S", 0.2)
    with living(api_database, api_nats.url, ingest=False, projections=False, reads="postgresql://127.0.0.1:1/x") as api:
        assert "database" in problem(api.admin.get("/readyz"), 503, "not_ready")["detail"]
        for path in ("/v1/targets", f"/v1/targets/{uuid4()}", "/v1/sales/webshop/1", "/v1/metrics"):
            answer = api.admin.get(path)
            problem(answer, 503, "database_away")
            assert answer.headers["Retry-After"]
        for path in ("/", f"/targets/{uuid4()}"):
            answer = api.admin.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
            assert "The database does not answer: reload this page in a moment." in answer.text
        assert api.admin.get("/healthz").status_code == 200


def test_an_address_that_is_taken_is_said_before_anything_is_served(api: Living) -> None:
    port = httpx.URL(api.url).port
    assert port is not None

    with pytest.raises(OSError, match="in use"):
        asyncio.run(serve(FastAPI(), "127.0.0.1", port, asyncio.Event()))


def test_the_documentation_asks_no_other_host(api: Living) -> None:
    page = httpx.get(f"{api.url}/docs").text

    assert "swagger-ui-bundle.js" in page
    assert not re.findall(r"(?:https?:)?//[a-z][a-z.]+", re.sub(r"//.*$", "", page, flags=re.M))
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert httpx.get(f"{api.url}{asset}").status_code == 200


def test_every_route_is_documented_with_its_answers_and_problems(api: Living) -> None:
    told = httpx.get(f"{api.url}/openapi.json").json()

    for path, methods in told["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            if path.startswith("/v1/"):
                assert {"401", "403", "422", "429", "503"} <= operation["responses"].keys(), path
                assert operation["security"], path
    shown = told["paths"]["/v1/targets"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert {one["value"].get("kind") for one in shown.values()} >= {*KINDS}
    assert told["components"]["schemas"]["TargetBody"]["additionalProperties"] is False
