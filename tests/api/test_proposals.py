"""Where revisions need approval: one person proposes, another one approves or declines, and nobody does both."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.living import Living, problem
from tests.api.test_targets import defined, shown
from tests.hearing import Office

RAISED = {"changes": {"goal": "2000.00"}, "reason": "A second shop opened"}


@pytest.fixture
def jo(careful: Living) -> Iterator[httpx.Client]:
    """Another manager than ana@example.com."""
    with careful.client(careful.key("manager", "jo@example.com")) as client:
        yield client


def proposed(careful: Living, target_id: str, **said: Any) -> dict[str, Any]:
    answer = careful.manager.post(f"/v1/targets/{target_id}/revisions", json=RAISED | said)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/v1/proposals/{found['id']}"
    return found


def test_a_proposal_changes_nothing_until_somebody_else_approves_it(
    api: Living, careful: Living, jo: httpx.Client
) -> None:
    target = defined(api, activate=False)

    proposal = proposed(careful, target["id"])

    before = shown(api, target["id"], "draft")
    approved = jo.post(f"/v1/proposals/{proposal['id']}/approve")
    again = jo.post(f"/v1/proposals/{proposal['id']}/approve")
    assert (proposal["state"], proposal["proposed_by"], proposal["decision"]) == ("open", "ana@example.com", None)
    assert proposal["changes"] == {"goal": {"from": "1000.00", "to": "2000.00"}}
    assert (before["goal"], before["revision"]) == ("1000.00", 1)
    assert (approved.json()["goal"], approved.json()["revision"], again.json()["revision"]) == ("2000.00", 2, 2)
    (revision,) = api.manager.get(f"/v1/targets/{target['id']}/revisions").json()["items"]
    assert (revision["by"], revision["proposed_by"]) == ("jo@example.com", "ana@example.com")
    kept = api.auditor.get(f"/v1/proposals/{proposal['id']}").json()
    assert (kept["state"], kept["decision"]["by"], kept["decision"]["revision"]) == ("approved", "jo@example.com", 2)


def test_nobody_approves_their_own_nor_what_fits_no_more(api: Living, careful: Living, jo: httpx.Client) -> None:
    target = defined(api, activate=False)
    first, second = (proposed(careful, target["id"], reason=reason) for reason in ("Once", "Twice"))

    problem(careful.admin.post(f"/v1/proposals/{first['id']}/approve"), 409, "own_proposal")
    jo.post(f"/v1/proposals/{first['id']}/approve")

    told = problem(jo.post(f"/v1/proposals/{second['id']}/approve"), 409, "proposal_outdated")
    assert "revision 2" in told["detail"]
    listed = api.auditor.get(f"/v1/targets/{target['id']}/proposals").json()["items"]
    assert {one["reason"]: one["state"] for one in listed} == {"Once": "approved", "Twice": "outdated"}


def test_a_declined_proposal_is_not_approved_and_an_approved_one_not_declined(
    api: Living, careful: Living, jo: httpx.Client
) -> None:
    target = defined(api, activate=False)
    one, other = (proposed(careful, target["id"])["id"] for _ in range(2))

    problem(jo.post(f"/v1/proposals/{one}/decline", json={"reason": " "}), 422, "reason_missing")
    declined = jo.post(f"/v1/proposals/{one}/decline", json={"reason": "Wait for January"})
    jo.post(f"/v1/proposals/{other}/approve")

    assert (declined.json()["state"], declined.json()["decision"]["reason"]) == ("declined", "Wait for January")
    problem(jo.post(f"/v1/proposals/{one}/approve"), 409, "declined")
    problem(jo.post(f"/v1/proposals/{other}/decline", json={"reason": "Too late"}), 409, "approved")
    assert jo.post(f"/v1/proposals/{one}/decline", json={"reason": "Again"}).json() == declined.json()


def test_whoever_proposed_it_may_withdraw_it(api: Living, careful: Living) -> None:
    proposal = proposed(careful, defined(api, activate=False)["id"])

    withdrawn = careful.manager.post(f"/v1/proposals/{proposal['id']}/decline", json={"reason": "A slip"})

    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "declined")


def test_what_could_not_be_made_is_not_proposed(api: Living, careful: Living) -> None:
    path = f"/v1/targets/{defined(api, activate=False)['id']}/revisions"

    told = problem(
        careful.manager.post(path, json=RAISED | {"changes": {"end": "2016-01-01"}}), 422, "end_before_start"
    )

    assert told["errors"][0]["pointer"] == "/changes/end"
    problem(careful.manager.post(path, json=RAISED | {"reason": ""}), 422, "reason_missing")
    problem(careful.manager.post(path, json=RAISED, headers={"If-Match": '"9"'}), 412, "changed_meanwhile")
    assert api.manager.get(path.replace("revisions", "proposals")).json() == {"items": [], "next": None}


def test_the_same_request_again_proposes_nothing_more(api: Living, careful: Living) -> None:
    path = f"/v1/targets/{defined(api, activate=False)['id']}/revisions"
    headers = {"Idempotency-Key": uuid4().hex}

    first, second = (careful.manager.post(path, json=RAISED, headers=headers) for _ in range(2))

    assert first.json() == second.json()
    problem(careful.manager.post(path, json=RAISED | {"mode": "replan"}, headers=headers), 422, "key_reused")
    assert len(api.manager.get(path.replace("revisions", "proposals")).json()["items"]) == 1


def test_proposals_are_listed_page_by_page_and_told_among_the_targets_facts(
    api: Living, careful: Living, jo: httpx.Client
) -> None:
    target = defined(api, activate=False)["id"]
    ids = sorted(proposed(careful, target)["id"] for _ in range(3))
    jo.post(f"/v1/proposals/{ids[0]}/approve")

    first = api.manager.get(f"/v1/targets/{target}/proposals", params={"limit": 2}).json()
    rest = api.manager.get(f"/v1/targets/{target}/proposals", params={"after": first["next"]}).json()

    assert [one["id"] for one in (*first["items"], *rest["items"])] == ids
    facts = api.manager.get(f"/v1/targets/{target}/events").json()["items"]
    assert [one["type"] for one in facts] == [
        "target.defined",
        *["target.revision_proposed"] * 3,
        "target.revision_approved",
        "target.revised",
    ]


def test_no_more_wait_than_somebody_can_look_at(
    api: Living, careful: Living, jo: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.proposal_answers.OPEN_MAX", 1)
    path = f"/v1/targets/{defined(api, activate=False)['id']}/revisions"
    first = careful.manager.post(path, json=RAISED, headers={"Idempotency-Key": "first"})

    problem(careful.manager.post(path, json=RAISED), 422, "too_many_proposals")

    assert careful.manager.post(path, json=RAISED, headers={"Idempotency-Key": "first"}).json() == first.json()
    jo.post(f"/v1/proposals/{first.json()['id']}/decline", json={"reason": "Wait"})
    assert careful.manager.post(path, json=RAISED).status_code == 202


def test_somebody_who_may_approve_hears_of_what_waits(api: Living, careful: Living) -> None:
    target = defined(api, activate=False)["id"]
    said = {"recipient": "jo@example.com", "target": target, "kinds": ["target.revision_proposed"]}
    api.manager.post("/v1/subscriptions", json=said | {"channel": {"kind": "inbox"}})

    proposal = proposed(careful, target)
    Office(api.store.app, at=api.time.now).decide()

    position = {"min_position": str(api.store.app.recorder.max_notification_id()), "recipient": "jo@example.com"}
    heard = [one["message"] for one in api.manager.get("/v1/inbox", params=position).json()["items"]]
    (told,) = [one for one in heard if one["target"]["id"] == target]
    assert told["line"] == "ana@example.com proposes to revise January revenue: A second shop opened"
    assert proposal["id"] in told["what_to_do"][0]


def test_an_unknown_proposal_is_not_found(careful: Living) -> None:
    for one in (str(uuid4()), "x"):
        problem(careful.manager.get(f"/v1/proposals/{one}"), 404, "unknown_proposal")
        problem(careful.manager.post(f"/v1/proposals/{one}/approve"), 404, "unknown_proposal")
    problem(careful.manager.get(f"/v1/targets/{uuid4()}/proposals"), 404, "unknown_target")
