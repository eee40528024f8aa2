"""Who may do what over HTTP: keys, roles, rates."""

import pytest

from projections.keys import Keys
from tests.api.living import NOW, Living, definition, living, problem

NOBODY = "00000000-0000-4000-8000-000000000000"
EVERYTHING = [
    ("POST", "/v1/sales", {"publisher", "admin"}),
    ("GET", "/v1/sales/webshop/1", {"publisher", "manager", "auditor", "admin"}),
    ("PUT", "/v1/metrics/revenue", {"manager", "admin"}),
    ("GET", "/v1/metrics", {"publisher", "manager", "auditor", "subscriber", "admin"}),
    ("POST", "/v1/targets", {"manager", "admin"}),
    ("GET", "/v1/targets", {"manager", "auditor", "subscriber", "admin"}),
    ("GET", f"/v1/targets/{NOBODY}", {"manager", "auditor", "subscriber", "admin"}),
    ("POST", f"/v1/targets/{NOBODY}/activate", {"manager", "admin"}),
    ("POST", f"/v1/targets/{NOBODY}/cancel", {"manager", "admin"}),
    ("GET", f"/v1/targets/{NOBODY}/series", {"manager", "auditor", "subscriber", "admin"}),
    ("GET", f"/v1/targets/{NOBODY}/events", {"manager", "auditor", "admin"}),
    ("GET", "/v1/events", {"auditor", "admin"}),
]


@pytest.mark.parametrize(("method", "path", "roles"), EVERYTHING)
def test_each_role_may_do_its_own_and_nothing_else(api: Living, method: str, path: str, roles: set[str]) -> None:
    for role, client in api.clients.items():
        answer = client.request(method, path, content=b"" if method == "GET" else b"x")
        if role in roles:
            assert answer.status_code not in (401, 403), (role, answer.text)
        else:
            assert "role" in problem(answer, 403, "role_not_allowed")["detail"]


@pytest.mark.parametrize(("method", "path", "_roles"), EVERYTHING)
def test_nobody_does_anything_without_a_key(api: Living, method: str, path: str, _roles: set[str]) -> None:
    with api.client(None) as stranger:
        answer = stranger.request(method, path)

    problem(answer, 401, "key_missing")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "key", ["mm_unknown_key", "mm_0123456789ab_" + "x" * 43, "x", "mm__", "a b", "\xe9", "x" * 300]
)
def test_an_unknown_key_opens_nothing(api: Living, key: str) -> None:
    with api.client(None) as stranger:
        answer = stranger.get("/v1/targets", headers={b"Authorization": f"Bearer {key}".encode("latin-1")})

    problem(answer, 401, "key_unknown")


def test_a_revoked_key_opens_nothing_after_two_seconds(api: Living) -> None:
    key = api.key("manager")
    with api.client(key) as client:
        assert client.get("/v1/targets").status_code == 200
        assert Keys(api.store.views.datastore).revoke(key.split("_")[1], NOW)
        api.time.seconds += 2.1

        problem(client.get("/v1/targets"), 401, "key_unknown")


def test_a_key_that_asks_too_often_is_told_when_to_come_back(api_database: str) -> None:
    with living(api_database, "nats://127.0.0.1:1", ingest=False, projections=False, rate=3) as api:
        answers = [api.auditor.get("/v1/metrics") for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        problem(answers[3], 429, "too_many_requests")
        assert answers[3].headers["Retry-After"] == "1"
        assert api.manager.get("/v1/metrics").status_code == 200

        api.time.seconds += 1

        assert api.auditor.get("/v1/metrics").status_code == 200


@pytest.mark.parametrize(("method", "path", "_roles"), EVERYTHING)
def test_an_unknown_parameter_is_refused_by_name(api: Living, method: str, path: str, _roles: set[str]) -> None:
    answer = api.admin.request(method, path, params={"as_off": "2017-01-01"}, json=definition())

    told = problem(answer, 400, "unknown_parameter")
    assert "as_off" in told["detail"]
    assert told["errors"][0]["parameter"] == "as_off"


def test_unknown_addresses_and_methods_are_problems_too(api: Living) -> None:
    problem(api.admin.get("/v1/nothing"), 404, "not_found")
    problem(api.admin.get("/v1/targets/"), 404, "not_found")
    answer = api.admin.delete("/v1/metrics")
    problem(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]
