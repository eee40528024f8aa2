"""Updates over HTTP: what people say of a target stands beside its figures, and answers the check-in that is open."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from domain.evaluating import Evaluator
from tests.api.living import Living, problem
from tests.api.test_targets import defined, shown

SAID: dict[str, Any] = {"on_track": False, "why": "Two large orders slipped", "improve": "A visit", "confidence": 6}


def asked_of(api: Living, **changes: Any) -> dict[str, Any]:
    """A target whose past checkpoints are evaluated: the last one is bad, and people are asked."""
    target = defined(api, **changes)
    shown(api, target["id"])
    evaluator = Evaluator(api.store.app, timedelta(0))
    while evaluator.evaluate_some(api.time.now, api.time.now, complete=True, target=UUID(target["id"])):
        continue
    return target


def listed(api: Living, target_id: str, part: str, **query: Any) -> dict[str, Any]:
    position = {"min_position": str(api.store.app.recorder.max_notification_id())}
    answer = api.subscriber.get(f"/v1/targets/{target_id}/{part}", params=query | position)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def post(api: Living, target_id: str, client: httpx.Client | None = None, **says: Any) -> httpx.Response:
    return (client or api.manager).post(f"/v1/targets/{target_id}/updates", json=SAID | says)


def test_an_update_is_listed_and_stands_beside_the_figures_which_stay_as_they_are(api: Living) -> None:
    target = defined(api)
    before = shown(api, target["id"])

    answer = post(api, target["id"])

    update = answer.json()
    assert answer.status_code == 201, answer.text
    assert int(answer.headers["Milemarker-Position"]) > 0
    assert {name: update[name] for name in SAID} == SAID
    assert (update["target"], update["by"], update["checkpoint"]) == (target["id"], "ana@example.com", None)
    assert listed(api, target["id"], "updates") == {"items": [update], "next": None}
    after = shown(api, target["id"])
    assert after["team_update"] == {
        "on_track": False,
        "confidence": 6,
        "by": "ana@example.com",
        "at": update["at"],
    }
    assert {**after, "team_update": None, "position": 0} == {**before, "team_update": None, "position": 0}


def test_updates_come_page_by_page_newest_first(api: Living) -> None:
    target = defined(api)
    for confidence in (1, 2, 3):
        post(api, target["id"], confidence=confidence)

    first = listed(api, target["id"], "updates", limit=2)
    rest = listed(api, target["id"], "updates", limit=2, after=first["next"])

    assert [one["confidence"] for one in (*first["items"], *rest["items"])] == [3, 2, 1]
    assert rest["next"] is None


def test_the_same_key_posts_once_and_with_other_words_is_refused(api: Living) -> None:
    target, key = defined(api), {"Idempotency-Key": "update-of-monday"}
    path = f"/v1/targets/{target['id']}/updates"

    answers = [api.manager.post(path, json=SAID, headers=key) for _ in range(2)]
    other = api.manager.post(path, json=SAID | {"confidence": 7}, headers=key)

    assert answers[0].json() == answers[1].json()
    problem(other, 422, "key_reused")
    assert len(listed(api, target["id"], "updates")["items"]) == 1


def test_a_bad_checkpoint_asks_and_an_update_answers(api: Living) -> None:
    target = asked_of(api, goal="100000.00", owner="ana@example.com", team=["jo@example.com"])

    (check_in,) = listed(api, target["id"], "check-ins")["items"]
    assert (check_in["state"], check_in["of"]) == ("open", ["ana@example.com", "jo@example.com"])
    assert check_in["status"] == "off_track"

    update = post(api, target["id"]).json()

    (answered,) = listed(api, target["id"], "check-ins")["items"]
    assert (answered["state"], answered["update"]) == ("answered", update["id"])
    assert update["checkpoint"] == answered["checkpoint"] == check_in["checkpoint"]


def test_an_unanswered_check_in_says_that_it_went_one_level_up(api: Living) -> None:
    target = asked_of(api, goal="100000.00", owner="ana@example.com")
    due = api.time.now + timedelta(days=4)

    Evaluator(api.store.app, timedelta(0)).evaluate_some(due, due, complete=True, target=UUID(target["id"]))

    states = [(one["state"], one["escalated"]) for one in listed(api, target["id"], "check-ins")["items"]]
    assert ("escalated", None) not in states
    assert [state for state, _ in states][-1] == "escalated"
    assert states[-1][1]["to"] is None


def test_check_ins_come_page_by_page_the_last_checkpoint_first(api: Living) -> None:
    target = asked_of(api, goal="100000.00", checkpoints="FREQ=WEEKLY;BYDAY=FR")
    evaluator = Evaluator(api.store.app, timedelta(0))
    for days in (5, 8, 12):
        now = api.time.now + timedelta(days=days)
        while evaluator.evaluate_some(now, now, complete=True, target=UUID(target["id"])):
            continue

    everything = listed(api, target["id"], "check-ins")["items"]
    paged: list[Any] = []
    after: dict[str, str] = {}
    while len(paged) < 10:
        page = listed(api, target["id"], "check-ins", limit=1, **after)
        paged += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}

    cutoffs = [one["checkpoint"]["cutoff"] for one in everything]
    assert cutoffs == sorted(cutoffs, reverse=True)
    assert paged == everything
    assert len(everything) > 1


def test_the_owner_and_the_team_may_post_whatever_their_role_and_others_may_not(api: Living) -> None:
    target = defined(api, owner="olga@example.com", team=["tim@example.com"])

    for name in ("olga@example.com", "tim@example.com"):
        with api.client(api.key("subscriber", name)) as client:
            assert post(api, target["id"], client).json()["by"] == name
    with api.client(api.key("subscriber", "eve@example.com")) as client:
        problem(post(api, target["id"], client), 403, "not_accountable")
    for role in ("auditor", "publisher"):
        problem(post(api, target["id"], api.clients[role]), 403, "role_not_allowed")


@pytest.mark.parametrize(
    ("says", "code", "pointer"),
    [
        ({"why": ""}, "why_missing", "/why"),
        ({"improve": " "}, "improve_missing", "/improve"),
        ({"confidence": 11}, "bad_confidence", "/confidence"),
        ({"confidence": "6"}, "not_a_whole_number", "/confidence"),
        ({"on_track": "no"}, "not_true_or_false", "/on_track"),
        ({"mood": "good"}, "unknown_field", "/mood"),
    ],
)
def test_what_is_wrong_with_an_update_is_said_by_field(
    api: Living, says: dict[str, Any], code: str, pointer: str
) -> None:
    target = defined(api)

    answer = post(api, target["id"], **says)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
    assert answer.json()["code"] == code


def test_of_a_target_that_there_is_not_nothing_is_said_nor_shown(api: Living) -> None:
    nowhere = "00000000-0000-0000-0000-00000000000a"

    problem(post(api, nowhere), 404, "unknown_target")
    for part in ("updates", "check-ins"):
        problem(api.manager.get(f"/v1/targets/{nowhere}/{part}"), 404, "unknown_target")


def test_the_facts_of_a_target_say_what_was_said_of_it(api: Living) -> None:
    target = defined(api)
    shown(api, target["id"])  # until what was sold before is counted
    post(api, target["id"])

    facts = listed_facts(api, target["id"])

    assert facts[-1]["type"] == "target.update_posted"
    assert (facts[-1]["data"]["why"], facts[-1]["data"]["target"]) == (SAID["why"], target["id"])


def listed_facts(api: Living, target_id: str) -> list[dict[str, Any]]:
    position = {"min_position": str(api.store.app.recorder.max_notification_id())}
    found: list[dict[str, Any]] = api.manager.get(f"/v1/targets/{target_id}/events", params=position).json()["items"]
    return found
