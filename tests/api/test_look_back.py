"""Looking back over HTTP: as reported beside as restated, in the words of the target's own answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.living import Living, problem
from tests.api.test_checkpoints import FRIDAYS, evaluate, january, restate, sell
from tests.api.test_targets import shown

FIFTH = "2017-01-05T00:00:00-05:00"


def then(api: Living, target: dict[str, Any], part: str = "", **parameters: Any) -> dict[str, Any]:
    answer = api.subscriber.get(f"/v1/targets/{target['id']}{part}", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def top(api: Living) -> int:
    return api.store.app.recorder.max_notification_id() or 0


def test_a_target_is_answered_as_it_stood_as_reported_and_as_restated(api: Living) -> None:
    target = january(api, "20000.00")
    reported = top(api)
    sell(api, target, "late", "5000.00", occurred_at="2017-01-04T12:00:00-05:00")
    sell(api, target, "next", "700.00", occurred_at="2017-01-05T00:00:00-05:00")

    before, after = then(api, target, as_of=FIFTH, known_at=reported), then(api, target, as_of=FIFTH)

    assert (before["actual"], before["position"], before["as_of"]) == ("20000.00", reported, "2017-01-05T05:00:00Z")
    assert (after["actual"], after["position"] >= reported + 2) == ("25000.00", True)
    now = shown(api, target["id"])
    assert (now["actual"], before.keys() - now.keys()) == ("25700.00", {"known_at"})
    assert before["known_at"]
    assert before["projection"].keys() == now["projection"].keys()


def test_without_a_time_of_business_it_is_what_was_shown_when_that_was_known(api: Living) -> None:
    target = january(api, "20000.00")
    now = shown(api, target["id"])
    known_at = top(api)
    sell(api, target, "more", "5000.00")

    looked = then(api, target, known_at=known_at)

    assert {name: looked[name] for name in now if name != "position"} == {
        name: what for name, what in now.items() if name != "position"
    }


def test_checkpoints_are_as_they_were_known(api: Living) -> None:
    target = january(api, "20000.00")
    evaluate(api, target, 1)
    reported = top(api)
    sell(api, target, "late", "5000.00")
    restate(api, target, 1, FRIDAYS[0] + timedelta(days=1))

    before = then(api, target, "/checkpoints", known_at=reported)["items"]
    after = then(api, target, "/checkpoints", as_of="2017-01-08T00:00:00Z", limit=1)

    assert (before[0]["actual"], before[0]["restated"], before[1]["state"]) == ("20000.00", None, "pending")
    assert after["items"][0]["restated"]["new"]["actual"] == "25000.00"
    assert (len(before), after["next"]) == (5, "1")
    assert then(api, target, "/checkpoints", as_of=FIFTH)["items"][0]["state"] == "pending"


def test_the_last_evaluation_is_shown_as_reported_and_as_restated(api: Living) -> None:
    target = january(api, "20000.00")
    evaluate(api, target, 1)
    sell(api, target, "late", "5000.00")
    restate(api, target, 1, FRIDAYS[0] + timedelta(days=1))

    for last in (shown(api, target["id"])["last_evaluation"], then(api, target, known_at=top(api))["last_evaluation"]):
        assert (last["reported"]["actual"], last["reported"]["status"]) == ("20000.00", "at_risk")
        assert (last["restated"]["actual"], last["restated"]["status"]) == ("25000.00", last["status"])


@pytest.mark.parametrize(
    ("parameters", "code", "said"),
    [
        ({"as_of": "lately"}, "bad_time", "as_of: a time is RFC 3339 text with an offset, such as"),
        ({"as_of": "2017-01-05T00:00:00"}, "bad_time", "not '2017-01-05T00:00:00'"),
        ({"as_of": ""}, "bad_time", "as_of: a time is"),
        ({"known_at": "2017-01-05T00:00:00 05:00"}, "bad_time", "in an address + is written %2B"),
        ({"as_of": "2017-01-23T12:00:00.000001Z"}, "still_to_come", "it is 2017-01-23T12:00:00+00:00 now"),
        ({"known_at": "2017-01-24T00:00:00+01:00"}, "still_to_come", "known_at: 2017-01-24T00:00:00+01:00 is still"),
        ({"known_at": "9" * 30}, "still_to_come", "is beyond the log, whose last position is"),
        ({"known_at": "1"}, "not_yet_defined", "January revenue was not known then: it was defined at"),
        ({"known_at": "0"}, "not_yet_defined", "was not known then"),
        ({"known_at": "1999-01-01T00:00:00Z"}, "not_yet_defined", "was not known then"),
    ],
)
def test_what_can_not_be_looked_back_at_is_refused_by_the_name_of_the_parameter(
    api: Living, parameters: dict[str, str], code: str, said: str
) -> None:
    target = january(api)
    for part in ("", "/checkpoints"):
        answer = problem(api.subscriber.get(f"/v1/targets/{target['id']}{part}", params=parameters), 422, code)

        assert said in answer["detail"]
        assert [one["parameter"] for one in answer["errors"]] == list(parameters)


def test_an_unknown_target_has_no_past(api: Living) -> None:
    unknown = "/v1/targets/0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55"
    problem(api.subscriber.get(unknown, params={"as_of": FIFTH}), 404, "unknown_target")


def test_a_time_of_any_offset_is_read(api: Living) -> None:
    target = january(api, "20000.00")
    for text in ("2017-01-05T00:00:00-05:00", "2017-01-05t05:00:00z", "2017-01-05T10:30:00+05:30"):
        assert datetime.fromisoformat(then(api, target, as_of=text)["as_of"]) == datetime(2017, 1, 5, 5, tzinfo=UTC)
