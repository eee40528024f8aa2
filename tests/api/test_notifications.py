"""Notifications and the inbox over HTTP: who was told what, and how far each got."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from domain.delivery.notification import Notification
from domain.delivery.retry import WEBHOOK_LADDER, Failure
from tests.api.living import NOW, Living, problem
from tests.api.test_target_parts import pages

BY: dict[str, Any] = {"by": "delivery"}
ANA = "ana@example.com"
SECOND = timedelta(seconds=1)


def queued(api: Living, recipient: str = ANA, channel: str = "webhook", **says: Any) -> UUID:
    """A notification about a verdict, recorded as its queue would; its id."""
    said: dict[str, Any] = {
        "alert": uuid4(),
        "episode": 1,
        "transition": "firing",
        "n": 1,
        "kind": "alert.verdict",
        "target": uuid4(),
        "subscription": uuid4(),
        "about": 12,
        "message": {"status": "at_risk", "actual": "46000.00"},
    }
    new = Notification.queue(uuid4(), recipient=recipient, channel=channel, at=NOW, **said | says, **BY)
    with api.store.app.writing() as log:
        log.save(new.collect_events())
    return new.id


def goes_on(api: Living, notification_id: UUID, *steps: Callable[[Notification], object]) -> None:
    with api.store.app.writing() as log:
        one = log.aggregates(Notification, [notification_id])[notification_id]
        for step in steps:
            step(one)
        log.save(one.collect_events())


def attempt(one: Notification) -> None:
    assert one.begin_attempt(at=NOW + SECOND, **BY)


def fails(one: Notification) -> None:
    one.fail(Failure("answered 503"), WEBHOOK_LADDER, attempt=one.attempts, at=NOW + 2 * SECOND, **BY)


def gets_there(one: Notification) -> None:
    one.delivered("204", attempt=one.attempts, at=NOW + 3 * SECOND, **BY)


def got(client: httpx.Client, path: str, api: Living, **parameters: Any) -> dict[str, Any]:
    position = api.store.app.recorder.max_notification_id()
    answer = client.get(path, params={"min_position": str(position)} | parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(page: dict[str, Any]) -> list[str]:
    return [one["id"] for one in page["items"]]


def test_a_notification_shows_for_whom_it_is_and_how_far_it_has_got(api: Living) -> None:
    target = uuid4()
    one = queued(api, target=target)
    goes_on(api, one, attempt, fails)

    (shown,) = got(api.auditor, "/v1/notifications", api, target=str(target))["items"]

    assert (shown["id"], shown["recipient"], shown["channel"], shown["kind"]) == (
        str(one),
        ANA,
        "webhook",
        "alert.verdict",
    )
    assert (shown["state"], shown["attempts_made"], shown["reason"]) == ("waiting", 1, "answered 503")
    assert (shown["queued_at"], shown["since"]) == ("2017-01-23T12:00:00Z", "2017-01-23T12:00:02Z")
    assert shown["next_at"] > shown["since"]
    assert "message" not in shown


def test_notifications_are_found_by_recipient_target_state_and_kind(api: Living) -> None:
    recipient, target = f"{uuid4().hex}@example.com", uuid4()
    mine = [
        queued(api, recipient),
        queued(api, recipient, target=target, kind="target.attained"),
        queued(api, recipient, target=target),
    ]
    queued(api, f"{uuid4().hex}@example.com")
    goes_on(api, mine[2], attempt, gets_there)

    def found(**sought: str) -> list[str]:
        return ids(got(api.manager, "/v1/notifications", api, recipient=recipient, **sought))

    assert found() == [str(one) for one in mine]
    assert found(target=str(target)) == [str(one) for one in mine[1:]]
    assert found(state="delivered") == [str(mine[2])]
    assert found(kind="alert.verdict", state="queued") == [str(mine[0])]
    assert found(kind="none.such") == []


def test_pages_follow_the_order_of_queueing_whatever_happens_meanwhile(api: Living) -> None:
    recipient = f"{uuid4().hex}@example.com"
    made = [queued(api, recipient) for _ in range(5)]
    first = got(api.auditor, "/v1/notifications", api, recipient=recipient, limit=2)
    goes_on(api, made[0], attempt, gets_there)
    goes_on(api, made[3], attempt, fails)

    second = got(api.auditor, "/v1/notifications", api, recipient=recipient, limit=2, after=first["next"])

    third = got(api.auditor, "/v1/notifications", api, recipient=recipient, limit=2, after=second["next"])
    assert ids(first) + ids(second) + ids(third) == [str(one) for one in made]
    assert third["next"] is None


def test_a_subscriber_sees_its_own_and_nobody_elses(api: Living) -> None:
    name = f"{uuid4().hex}@example.com"
    mine, others = queued(api, name), queued(api)

    with api.client(api.key("subscriber", name)) as subscriber:
        assert ids(got(subscriber, "/v1/notifications", api)) == [str(mine)]
        assert ids(got(subscriber, "/v1/notifications", api, recipient=name)) == [str(mine)]
        assert got(subscriber, f"/v1/notifications/{mine}", api)["recipient"] == name
        problem(subscriber.get("/v1/notifications", params={"recipient": ANA}), 403, "not_yours")
        problem(subscriber.get("/v1/inbox", params={"recipient": ANA}), 403, "not_yours")
        problem(subscriber.get(f"/v1/notifications/{others}"), 404, "unknown_notification")
    problem(api.publisher.get("/v1/notifications"), 403, "role_not_allowed")


def test_one_notification_tells_what_it_says_and_each_attempt(api: Living) -> None:
    one = queued(api, message={"actual": "46000.00", "sales": 10**20})
    goes_on(api, one, attempt, fails, attempt, gets_there)

    shown = got(api.auditor, f"/v1/notifications/{one}", api)

    assert shown["message"] == {"actual": "46000.00", "sales": 10**20}
    assert (shown["state"], shown["attempts_made"], shown["answer"], shown["next_at"]) == ("delivered", 2, "204", None)
    first, second = shown["attempts"]
    assert (first["attempt"], first["outcome"], first["reason"]) == (1, "failed", "answered 503")
    assert (first["began_at"], first["ended_at"]) == ("2017-01-23T12:00:01Z", "2017-01-23T12:00:02Z")
    assert first["next_at"]
    assert second == {
        "attempt": 2,
        "began_at": "2017-01-23T12:00:01Z",
        "ended_at": "2017-01-23T12:00:03Z",
        "outcome": "delivered",
        "answer": "204",
        "reason": None,
        "next_at": None,
    }


def test_an_attempt_of_which_nobody_heard_has_no_outcome_until_it_is_known(api: Living) -> None:
    one = queued(api)
    goes_on(api, one, attempt)
    (unknown,) = got(api.auditor, f"/v1/notifications/{one}", api)["attempts"]
    goes_on(api, one, lambda it: it.give_up("too late", at=NOW + 2 * SECOND, **BY))
    (given_up,) = got(api.auditor, f"/v1/notifications/{one}", api)["attempts"]
    goes_on(api, one, gets_there)
    (known,) = got(api.auditor, f"/v1/notifications/{one}", api)["attempts"]

    assert (unknown["outcome"], unknown["ended_at"]) == (None, None)
    assert (given_up["outcome"], given_up["reason"]) == ("failed", "too late")
    assert (known["outcome"], known["answer"], known["reason"]) == ("delivered", "204", None)


def test_an_inbox_has_what_came_in_newest_first_with_what_it_says(api: Living) -> None:
    name = f"{uuid4().hex}@example.com"
    came = [queued(api, name, "inbox", message={"number": number}) for number in range(3)]
    queued(api, name, "webhook")
    queued(api, name, "inbox", not_before=NOW + SECOND)

    with api.client(api.key("subscriber", name)) as subscriber:
        own = got(subscriber, "/v1/inbox", api)
        listed = pages_of(subscriber, api, 1)
    asked = got(api.manager, "/v1/inbox", api, recipient=name)

    assert ids(own) == [str(one) for one in reversed(came)]
    assert [one["message"]["number"] for one in own["items"]] == [2, 1, 0]
    assert {one["state"] for one in own["items"]} == {"delivered"}
    assert (listed, asked) == (own["items"], own)


def pages_of(client: httpx.Client, api: Living, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {"limit": limit}
    while True:
        page = got(client, "/v1/inbox", api, **parameters)
        found += page["items"]
        if page["next"] is None:
            return found
        parameters["after"] = page["next"]


def test_an_inbox_is_your_own_unless_you_ask_for_anothers(api: Living) -> None:
    queued(api, f"{uuid4().hex}@example.com", "inbox")

    assert {one["recipient"] for one in got(api.manager, "/v1/inbox", api)["items"]} <= {ANA}


@pytest.mark.parametrize(
    ("parameters", "code", "status"),
    [
        ({"state": "nowhere"}, "bad_parameter", 422),
        ({"recipient": ""}, "bad_parameter", 422),
        ({"recipient": "x\0"}, "bad_parameter", 422),
        ({"kind": "x" * 201}, "bad_parameter", 422),
        ({"after": "x"}, "bad_parameter", 422),
        ({"target": "x"}, "unknown_target", 404),
        ({"colour": "red"}, "unknown_parameter", 400),
    ],
)
def test_what_can_not_be_sought_is_refused(api: Living, parameters: dict[str, str], code: str, status: int) -> None:
    problem(api.auditor.get("/v1/notifications", params=parameters), status, code)


@pytest.mark.parametrize("notification_id", ["00000000-0000-4000-8000-000000000000", "x", "%00"])
def test_an_unknown_notification_is_not_found(api: Living, notification_id: str) -> None:
    problem(api.auditor.get(f"/v1/notifications/{notification_id}"), 404, "unknown_notification")


def test_every_notification_is_on_some_page(api: Living) -> None:
    made = {str(queued(api)) for _ in range(3)}
    got(api.auditor, "/v1/notifications", api)

    listed = [one["id"] for one in pages(api, "/v1/notifications", 2)]

    assert made <= set(listed)
    assert len(listed) == len(set(listed))
