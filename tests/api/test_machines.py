"""What machines ask: is it alive, is it ready, and what does the documentation say."""

import re

import httpx

from deploy.embedded import EmbeddedPostgres
from tests.api.living import Living, living, problem
from tests.api.test_sales import until_ready
from tests.conftest import _at


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
        api_database, "nats://127.0.0.1:1", ingest=False, projections=False, reads=_at(postgres.url, "postgres")
    ) as api:
        assert "milemarker migrate" in problem(api.admin.get("/readyz"), 503, "not_ready")["detail"]
        problem(api.admin.get("/v1/targets"), 503, "database_away")


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
                assert {"401", "403", "429", "503"} <= operation["responses"].keys(), path
                assert operation["security"], path
    assert told["paths"]["/v1/targets"]["post"]["requestBody"]["content"]["application/json"]["example"]["goal"]
