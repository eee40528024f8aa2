"""Alerts over HTTP: what fires, and the whole chain of why."""

from typing import Any
from uuid import UUID, uuid4

from tests.api.living import Living, problem
from tests.api.test_subscriptions import wanted
from tests.api.test_targets import defined, shown
from tests.hearing import Office

KINDS = ["alert.verdict", "checkpoint.evaluated"]


def story(api: Living, recipient: str) -> str:
    """A target that one person hears of; it goes at risk, worse, and attained."""
    target = str(defined(api, goal="100000.00", start="2017-02-01", end="2017-02-28", time_zone="UTC")["id"])
    shown(api, target)  # what is forged while the living API still fills it would stand in its way
    office = Office(api.store.app, at=api.time.now)
    for kinds, name in ((KINDS, recipient), (["checkpoint.evaluated"], "jo@example.com")):
        api.manager.post("/v1/subscriptions", json=wanted(recipient=name, target=target, kinds=kinds))
    for number, status in enumerate(["at_risk", "off_track"], start=1):
        office.evaluated(UUID(target), number, status)
    office.decide()
    office.attained(UUID(target))
    office.decide()
    return target


def alerts(api: Living, **parameters: str) -> list[dict[str, Any]]:
    position = str(api.store.app.recorder.max_notification_id())
    answer = api.auditor.get("/v1/alerts", params=parameters | {"min_position": position})
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_alerts_are_listed_with_how_they_stand(api: Living) -> None:
    target = story(api, "ana@example.com")

    found = alerts(api, target=target)

    assert [one["kind"] for one in found] == ["verdict", "checkpoint", "checkpoint"]
    verdict = found[0]
    assert (verdict["state"], verdict["episode"], verdict["severity"], verdict["reason"]) == (
        "resolved",
        1,
        None,
        "attained",
    )
    assert (verdict["told"], found[1]["told"]) == (3, 1)
    assert alerts(api, target=target, state="firing") == []
    assert alerts(api, target=target, kind="verdict", state="resolved") == [verdict]
    assert alerts(api, target=target, kind="alert.verdict") == [verdict]
    one = api.auditor.get(f"/v1/alerts/{verdict['id']}").json()
    assert one == verdict


def test_alerts_come_page_by_page(api: Living) -> None:
    target = story(api, "ana@example.com")
    everything = alerts(api, target=target)

    first = api.auditor.get("/v1/alerts", params={"target": target, "limit": "2"}).json()
    rest = api.auditor.get("/v1/alerts", params={"target": target, "after": first["next"]}).json()

    assert first["items"] + rest["items"] == everything
    assert rest["next"] is None


def test_why_tells_the_whole_chain(api: Living) -> None:
    recipient = f"{uuid4()}@example.com"
    target = story(api, recipient)
    verdict = alerts(api, target=target, kind="verdict")[0]

    why = api.auditor.get(f"/v1/alerts/{verdict['id']}/why").json()

    assert why["alert"] == verdict
    chain = [
        (one["fact"]["type"], one["rests_on"] and one["rests_on"]["type"], len(one["notifications"]))
        for one in why["items"]
    ]
    assert chain == [
        ("alert.opened", None, 0),
        ("alert.fired", "checkpoint.evaluated", 0),
        ("alert.told", "checkpoint.evaluated", 1),
        ("alert.worsened", "checkpoint.evaluated", 0),
        ("alert.told", "checkpoint.evaluated", 1),
        ("alert.resolved", "target.attained", 0),
        ("alert.told", "target.attained", 1),
    ]
    fired, told = why["items"][1:3]
    assert fired["rests_on"]["position"] == fired["fact"]["data"]["rests_on"]
    assert (fired["rests_on"]["data"]["number"], fired["rests_on"]["data"]["status"]) == (1, "at_risk")
    (notification,) = told["notifications"]
    assert (notification["recipient"], notification["channel"], notification["state"]) == (
        recipient,
        "inbox",
        "delivered",
    )
    inbox = api.manager.get("/v1/inbox", params={"recipient": recipient}).json()["items"]
    assert notification["id"] in {one["id"] for one in inbox}


def test_why_comes_page_by_page(api: Living) -> None:
    target = story(api, "ana@example.com")
    path = f"/v1/alerts/{alerts(api, target=target, kind='verdict')[0]['id']}/why"

    first = api.auditor.get(path, params={"limit": "4"}).json()
    rest = api.auditor.get(path, params={"after": first["next"]}).json()

    versions = [one["fact"]["version"] for one in first["items"] + rest["items"]]
    assert versions == [1, 2, 3, 4, 5, 6, 7]
    assert rest["next"] is None


def test_a_subscriber_sees_its_own_messages_alone(api: Living) -> None:
    recipient = f"{uuid4()}@example.com"
    target = story(api, recipient)
    others = alerts(api, target=target, kind="checkpoint")[0]["id"]
    verdict = alerts(api, target=target, kind="verdict")[0]["id"]

    with api.client(api.key("subscriber", recipient)) as mine:
        chains = [mine.get(f"/v1/alerts/{one}/why").json()["items"] for one in (verdict, others)]

    seen, hidden = ([one for item in chain for one in item["notifications"]] for chain in chains)

    assert {one["recipient"] for one in seen} == {recipient}
    assert len(seen) == 3
    assert hidden == []


def test_what_is_no_alert_is_not_found(api: Living) -> None:
    for path in ("/v1/alerts/x", f"/v1/alerts/{uuid4()}", f"/v1/alerts/{uuid4()}/why"):
        problem(api.auditor.get(path), 404, "unknown_alert")
    problem(api.auditor.get("/v1/alerts", params={"state": "loud"}), 422, "bad_parameter")
