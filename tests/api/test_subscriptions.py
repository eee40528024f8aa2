"""Subscriptions over HTTP: begun, changed, tried, ended; each for whom it is allowed."""

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from domain.alerts.kinds import KINDS
from tests.api.living import Living, problem
from tests.api.test_target_parts import pages
from tests.api.test_targets import defined

URL = "https://hooks.example.com/milemarker?token=t0ken"


def wanted(**changes: Any) -> dict[str, Any]:
    return {
        "recipient": "ana@example.com",
        "target": "*",
        "kinds": ["milestone.waived", "alert.milestone_due"],
        "channel": {"kind": "inbox"},
    } | changes


def webhook(**changes: Any) -> dict[str, Any]:
    return wanted(channel={"kind": "webhook", "url": URL}, **changes)


def at(url: str) -> dict[str, Any]:
    return {"channel": {"kind": "webhook", "url": url}}


def created(api: Living, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = api.manager.post("/v1/subscriptions", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/subscriptions/{found['id']}"
    return found | {"position": answer.headers["milemarker-position"]}


def shown(api: Living, one: dict[str, Any]) -> httpx.Response:
    return api.auditor.get(f"/v1/subscriptions/{one['id']}", params={"min_position": one["position"]})


def test_a_subscription_is_begun_and_shown(api: Living) -> None:
    target = defined(api)["id"]

    one = created(api, wanted(target=target))

    assert (one["recipient"], one["target"], one["channel"]) == ("ana@example.com", target, {"kind": "inbox"})
    assert one["kinds"] == ["milestone.waived", "alert.milestone_due"]
    assert (one["created_by"], one["created_at"]) == ("ana@example.com", "2017-01-23T12:00:00Z")
    assert "secret" not in one
    assert shown(api, one).json() == {name: what for name, what in one.items() if name != "position"}


def test_a_webhook_is_answered_with_its_secret_once_and_its_url_is_never_shown(api: Living) -> None:
    one = created(api, webhook())

    assert one["secret"].startswith("whsec_")
    assert len(base64.b64decode(one["secret"].removeprefix("whsec_"))) == 32
    assert one["channel"] == {"kind": "webhook", "host": "hooks.example.com"}
    seen = shown(api, one)
    assert "secret" not in seen.json()
    assert seen.json()["disabled"] is None
    facts = api.admin.get("/v1/events", params={"after": int(one["position"]) - 1}).text
    for text in (seen.text, facts):
        assert "t0ken" not in text
        assert one["secret"] not in text


def test_the_same_key_again_makes_nothing_new_and_tells_no_secret(api: Living) -> None:
    key = {"Idempotency-Key": f"{uuid4()}"}
    one = created(api, webhook(), **key)

    again = created(api, webhook(), **key)
    other = api.manager.post("/v1/subscriptions", json=webhook(kinds=["milestone.missed"]), headers=key)
    elsewhere = wanted(channel={"kind": "webhook", "url": f"{URL}2"})
    moved = api.manager.post("/v1/subscriptions", json=elsewhere, headers=key)

    assert again["id"] == one["id"]
    assert "secret" not in again
    problem(other, 422, "key_reused")
    problem(moved, 422, "key_reused")


@pytest.mark.parametrize(
    ("changes", "status", "code", "pointer"),
    [
        ({"kinds": ["target.progress_recorded"]}, 422, "too_many_of_kind", "/kinds/0"),
        ({"kinds": ["target.happened"]}, 422, "unknown_kind", "/kinds/0"),
        ({"kinds": []}, 422, "no_kinds", "/kinds"),
        ({"recipient": "two\nlines"}, 422, "bad_text", "/recipient"),
        ({"recipient": "a b", "channel": {"kind": "nats"}}, 422, "recipient_no_subject", "/recipient"),
        ({"target": "x"}, 404, "unknown_target", "/target"),
        ({"target": str(uuid4())}, 404, "unknown_target", None),
        ({"channel": {"kind": "pigeon"}}, 422, "unknown_channel", "/channel/kind"),
        ({"channel": {"kind": "inbox", "url": URL}}, 422, "url_not_for_channel", "/channel/url"),
        ({"channel": {"kind": "webhook"}}, 400, "bad_webhook_url", "/channel/url"),
        ({"channel": {"kind": "webhook", "url": "ftp://hooks.example.com"}}, 400, "bad_webhook_url", "/channel/url"),
        (
            {"channel": {"kind": "webhook", "url": "https://a:b@hooks.example.com"}},
            400,
            "bad_webhook_url",
            "/channel/url",
        ),
        ({"channel": {"kind": "webhook", "url": "https://nowhere.example.com"}}, 400, "unknown_host", "/channel/url"),
        (
            {"channel": {"kind": "webhook", "url": "https://inside.example.com"}},
            400,
            "address_not_allowed",
            "/channel/url",
        ),
        ({"mood": "good"}, 422, "unknown_field", "/mood"),
        ({"channel": None}, 422, "not_an_object", "/channel"),
    ],
    ids=[
        "thousands",
        "no kind",
        "no kinds",
        "two lines",
        "no subject",
        "no id",
        "no target",
        "no channel",
        "url of an inbox",
        "no url",
        "no http",
        "user info",
        "no name",
        "an inner address",
        "unknown field",
        "null",
    ],
)
def test_what_can_not_be_is_refused_with_the_reason(
    api: Living, changes: dict[str, Any], status: int, code: str, pointer: str | None
) -> None:
    told = problem(api.manager.post("/v1/subscriptions", json=wanted(**changes)), status, code)

    if pointer is not None:
        assert told["errors"][0]["pointer"] == pointer
    if code == "unknown_kind":
        assert ", ".join(KINDS) in told["detail"]


def test_a_subscriber_subscribes_and_sees_itself_alone(api: Living) -> None:
    name, others = f"{uuid4()}@example.com", created(api, wanted())

    with api.client(api.key("subscriber", name)) as mine:
        one = mine.post("/v1/subscriptions", json=wanted(recipient=name))
        refused = mine.post("/v1/subscriptions", json=wanted())
        listed = mine.get("/v1/subscriptions", params={"min_position": one.headers["milemarker-position"]})
        spying = mine.get("/v1/subscriptions", params={"recipient": "ana@example.com"})
        path = f"/v1/subscriptions/{others['id']}"
        meddling = [mine.get(path), mine.patch(path, json={}), mine.delete(path), mine.post(f"{path}/test")]

    assert one.status_code == 201
    problem(refused, 403, "not_yours")
    assert [found["id"] for found in listed.json()["items"]] == [one.json()["id"]]
    problem(spying, 403, "not_yours")
    for answer in meddling:
        problem(answer, 404, "unknown_subscription")


@pytest.mark.parametrize("role", ["publisher", "auditor"])
def test_who_only_publishes_or_reads_begins_nothing(api: Living, role: str) -> None:
    answer = getattr(api, role).post("/v1/subscriptions", json=wanted())

    problem(answer, 403, "role_not_allowed")


def test_subscriptions_are_listed_page_by_page_and_by_recipient(api: Living) -> None:
    name = f"{uuid4()}@example.com"
    made = [created(api, wanted(recipient=name)) for _ in range(3)]
    shown(api, made[-1])

    of_one = api.manager.get("/v1/subscriptions", params={"recipient": name, "limit": "2"}).json()
    rest = api.manager.get("/v1/subscriptions", params={"recipient": name, "after": of_one["next"]}).json()
    everyone = pages(api, "/v1/subscriptions", 2)

    ids = {one["id"] for one in made}
    assert {one["id"] for one in of_one["items"] + rest["items"]} == ids
    assert (len(of_one["items"]), rest["next"]) == (2, None)
    assert ids < {one["id"] for one in everyone}
    problem(api.manager.get("/v1/subscriptions", params={"after": "x"}), 422, "bad_parameter")


def test_kinds_url_and_secret_are_changed(api: Living) -> None:
    one = created(api, webhook())
    path = f"/v1/subscriptions/{one['id']}"
    moved = {"kind": "webhook", "url": "https://hooks.example.com/other"}

    kinds = api.manager.patch(path, json={"kinds": ["milestone.missed"]})
    url = api.manager.patch(path, json={"channel": moved})
    secret = api.manager.patch(path, json={"rotate_secret": True})

    assert kinds.json()["kinds"] == secret.json()["kinds"] == ["milestone.missed"]
    assert "secret" not in kinds.json()
    assert "secret" not in url.json()
    assert secret.json()["secret"].startswith("whsec_")
    assert secret.json()["secret"] != one["secret"]
    positions = [int(answer.headers["milemarker-position"]) for answer in (kinds, url, secret)]
    assert positions == sorted(set(positions)), "each is a fact"
    with api.store.app.writing() as log:
        (endpoint,) = log.endpoints.of([_id(one)]).values()
    assert (endpoint.url, endpoint.secret, endpoint.former_secret) == (
        moved["url"],
        secret.json()["secret"],
        one["secret"],
    )


def _id(one: dict[str, Any]) -> Any:

    return UUID(one["id"])


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"channel": {"kind": "inbox"}}, 422, "channel_fixed"),
        ({"channel": {"kind": "webhook", "url": "https://inside.example.com"}}, 400, "address_not_allowed"),
        ({"kinds": ["target.happened"]}, 422, "unknown_kind"),
        ({"target": "*"}, 422, "unknown_field"),
    ],
    ids=["channel", "address", "kinds", "target"],
)
def test_a_change_that_can_not_be_is_refused(api: Living, change: dict[str, Any], status: int, code: str) -> None:
    one = created(api, webhook())

    problem(api.manager.patch(f"/v1/subscriptions/{one['id']}", json=change), status, code)


def test_an_inbox_has_no_secret_to_change(api: Living) -> None:
    one = created(api, wanted())

    problem(api.manager.patch(f"/v1/subscriptions/{one['id']}", json={"rotate_secret": True}), 422, "no_webhook")


def test_a_subscription_is_tried_out(api: Living) -> None:
    name = f"{uuid4()}@example.com"
    one = created(api, wanted(recipient=name))

    path, key = f"/v1/subscriptions/{one['id']}/test", {"Idempotency-Key": f"{uuid4()}"}
    tried = api.manager.post(path, headers=key)
    repeated = api.manager.post(path, headers=key)
    too_soon = api.manager.post(path)
    api.time.now += timedelta(seconds=10)
    again = api.manager.post(path)

    assert tried.status_code == 202
    assert repeated.json() == tried.json()
    assert "try again after 2017-01-23T12:00:10" in problem(too_soon, 429, "tried_just_now")["detail"]
    assert too_soon.headers["retry-after"] == "10"
    assert tried.json() != again.json()
    inbox = api.manager.get(
        "/v1/inbox", params={"recipient": name, "min_position": again.headers["milemarker-position"]}
    ).json()["items"]
    assert [found["id"] for found in inbox] == [again.json()["notification"], tried.json()["notification"]]
    assert {found["transition"] for found in inbox} == {"test"}
    assert "nothing has happened" in inbox[0]["message"]["line"]


def test_an_ended_subscription_is_gone_and_what_waited_is_cancelled(api: Living) -> None:
    one = created(api, webhook())
    path = f"/v1/subscriptions/{one['id']}"
    tried = api.manager.post(f"{path}/test").json()["notification"]

    ended = api.manager.delete(path)
    again = api.manager.delete(path)

    assert (ended.status_code, ended.content) == (204, b"")
    assert again.status_code == 204
    one["position"] = ended.headers["milemarker-position"]
    problem(shown(api, one), 404, "unknown_subscription")
    problem(api.manager.patch(path, json={"kinds": ["milestone.missed"]}), 404, "unknown_subscription")
    problem(api.manager.post(f"{path}/test"), 404, "unknown_subscription")
    waited = api.manager.get(f"/v1/notifications/{tried}", params={"min_position": one["position"]}).json()
    assert (waited["state"], waited["reason"]) == ("cancelled", "the subscription has ended")


def test_what_is_no_subscription_is_not_found(api: Living) -> None:
    for path in ("/v1/subscriptions/x", f"/v1/subscriptions/{uuid4()}"):
        problem(api.manager.get(path), 404, "unknown_subscription")
        problem(api.manager.delete(path), 404, "unknown_subscription")
