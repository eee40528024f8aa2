"""Templates over HTTP: defined, previewed, changed and archived; what they make is shown as any target."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.holiday_calendars import holidays_in
from domain.agenda import Errand
from domain.templates.recurring import Recurrer
from tests.api.living import NOW, Living, problem

GRACE = timedelta(seconds=10)


def body(target: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Every month from February 2017 on."""
    said = {
        "name": "{month} {year}",
        "metric": f"m{uuid4().hex[:12]}",
        "unit": "USD",
        "goal": "1000.00",
        "time_zone": "America/New_York",
        "checkpoints": "FREQ=WEEKLY;BYDAY=FR",
        "owner": "ana@example.com",
    }
    return {
        "name": "Monthly",
        "every": "month",
        "from": "2017-02-01",
        "draft_days": 7,
        "target": said | (target or {}),
    } | changes


def defined(api: Living, target: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    answer = api.manager.post("/v1/templates", json=body(target, **changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shown(api: Living, address: str, **parameters: Any) -> dict[str, Any]:
    position = str(api.store.app.recorder.max_notification_id())
    answer = api.subscriber.get(f"/v1/{address}", params={"min_position": position} | parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def until(api: Living, template: str, at: datetime) -> None:
    """The worker makes what is due of this template."""
    recurrer = Recurrer(api.store.app, GRACE, lambda zone: "2026a", holidays_in)
    while recurrer.make(UUID(template), at, at):
        continue
    last = shown(api, f"templates/{template}")["last"]
    if last is not None:
        recurrer.start(UUID(last["target"]), at, at)


def test_a_template_is_answered_with_its_place_and_what_comes_next(api: Living) -> None:
    answer = api.manager.post("/v1/templates", json=body())

    made = answer.json()
    assert answer.headers["Location"] == f"/v1/templates/{made['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert (made["state"], made["made"], made["last"], made["failure"]) == ("active", 0, None, None)
    assert made["next"] == {
        "start": "2017-02-01",
        "end": "2017-02-28",
        "drafted_at": "2017-01-25T05:00:00Z",
        "starts_at": "2017-02-01T05:00:00Z",
    }
    assert shown(api, f"templates/{made['id']}") == made


def test_what_it_is_going_to_make_can_be_seen_before(api: Living) -> None:
    said = {"kind": "uplift", "goal": "+10 %", "name": "{quarter} {year}", "calendar": {"country": "US"}}
    made = defined(api, said, every="quarter", **{"from": "2017-04-01", "compared_with": "last_year"})

    first, second = shown(api, f"templates/{made['id']}/next", count="2")["items"]

    assert (first["number"], first["name"], first["goal"]) == (1, "Q2 2017", "+10 %")
    assert first["comparison"] == {"start": "2016-04-01", "end": "2016-06-30"}
    assert (second["start"], second["starts_at"]) == ("2017-07-01", "2017-07-01T04:00:00Z")
    assert first["problem"] is None
    last = shown(api, f"templates/{defined(api, until='2017-03-01')['id']}/next")["items"]
    assert [one["name"] for one in last] == ["February 2017", "March 2017"]


def test_what_it_has_made_is_a_target_like_any_other(api: Living) -> None:
    template = defined(api)["id"]

    until(api, template, datetime(2017, 2, 1, 6, tzinfo=UTC))

    found = shown(api, f"templates/{template}")
    assert (found["made"], found["last"]["version"], found["next"]["start"]) == (1, 1, "2017-03-01")
    target = shown(api, f"targets/{found['last']['target']}")
    assert (target["name"], target["start"], target["owner"]) == ("February 2017", "2017-02-01", "ana@example.com")
    assert target["state"] in ("filling", "active")


def test_a_change_holds_for_what_comes(api: Living) -> None:
    made = defined(api)
    of_template = f"/v1/templates/{made['id']}"
    until(api, made["id"], NOW + timedelta(days=3))

    change = {"target": {"goal": "2000.00", "owner": None}, "until": "2017-12-31", "reason": "A second shop"}
    stale = api.manager.patch(of_template, json=change, headers={"If-Match": '"7"'})
    answer = api.manager.patch(of_template, json=change, headers={"If-Match": '"1"'})

    problem(stale, 412, "changed_meanwhile")
    changed = answer.json()
    assert (answer.headers["ETag"], changed["version"], changed["until"]) == ('"2"', 2, "2017-12-31")
    assert (changed["target"]["goal"], changed["target"].get("owner")) == ("2000.00", None)
    assert shown(api, f"targets/{changed['last']['target']}")["goal"] == "1000.00"
    problem(api.manager.patch(of_template, json=change), 422, "nothing_changed")


def test_an_archived_template_makes_no_more_and_lists_leave_it_out(api: Living) -> None:
    template = defined(api)["id"]
    of_template = f"/v1/templates/{template}"

    archived = api.manager.post(f"{of_template}/archive", json={"reason": "We plan by the quarter"}).json()

    assert (archived["state"], archived["next"]) == ("archived", None)
    listed = [{one["id"] for one in everything(api, **said)} for said in ({}, {"archived": "true"})]
    assert [template in ids for ids in listed] == [False, True]
    assert shown(api, f"templates/{template}/next")["items"] == []
    problem(api.manager.patch(of_template, json={"interval": 2}), 409, "template_archived")


def everything(api: Living, **said: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = shown(api, "templates", limit="2", **said, **after)
        found += page["items"]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


def test_the_same_request_again_defines_nothing_new(api: Living) -> None:
    said, headers = body(), {"Idempotency-Key": uuid4().hex}

    first, again = (api.manager.post("/v1/templates", json=said, headers=headers) for _ in range(2))
    other = api.manager.post("/v1/templates", json=said | {"interval": 2}, headers=headers)

    assert first.json() == again.json()
    problem(other, 422, "key_reused")


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"every": "day"}, "unknown_recurrence", "/every"),
        ({"from": "soon"}, "bad_date", "/from"),
        ({"until": "2017-02-30"}, "bad_date", "/until"),
        ({"target": {"name": "{month}", "time_zone": "UTC"}}, "missing_field", "/target/metric"),
        ({"target": body()["target"] | {"start": "2017-02-01"}}, "of_the_period", "/target/start"),
        ({"target": body()["target"] | {"pacing": {"kind": 1}}}, "not_text", "/target/pacing/kind"),
        ({"target": body()["target"] | {"name": "{moth}"}}, "unknown_placeholder", "/target/name"),
        ({"draft_days": "7"}, "not_a_whole_number", "/draft_days"),
        ({"begins": "2017-02-01"}, "unknown_field", "/begins"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(api: Living, changes: dict[str, Any], code: str, pointer: str) -> None:
    found = problem(api.manager.post("/v1/templates", json=body() | changes), 422, code)

    assert [one["pointer"] for one in found["errors"]] == [pointer]


def test_a_failure_is_shown_until_it_is_mended(api: Living) -> None:
    template = defined(api, {"calendar": {"country": "US"}, "pacing": {"kind": "business_days"}})["id"]

    def unknown(*_: Any) -> Any:
        return holidays_in("US", "Atlantis", datetime(2017, 1, 1).date(), datetime(2017, 1, 2).date())

    recurrer, at = Recurrer(api.store.app, GRACE, lambda zone: "2026a", unknown), NOW + timedelta(days=3)
    recurrer.make(UUID(template), at, at)

    failure = shown(api, f"templates/{template}")["failure"]
    assert (failure["start"], failure["code"]) == ("2017-02-01", "unknown_subdivision")
    assert failure["field"] == "/target/calendar/subdivision"
    api.manager.patch(f"/v1/templates/{template}", json={"target": {"calendar": None}})
    assert shown(api, f"templates/{template}")["failure"] is None


def test_who_may(api: Living) -> None:
    template = defined(api)["id"]

    problem(api.subscriber.post("/v1/templates", json=body()), 403, "role_not_allowed")
    problem(api.auditor.patch(f"/v1/templates/{template}", json={"interval": 2}), 403, "role_not_allowed")
    problem(api.manager.get(f"/v1/templates/{uuid4()}"), 404, "unknown_template")
    problem(api.manager.get("/v1/templates/none"), 404, "unknown_template")
    problem(api.manager.post(f"/v1/templates/{uuid4()}/archive", json={"reason": "x"}), 404, "unknown_template")


def test_a_target_may_start_at_its_start_without_a_template(api: Living) -> None:
    said = {name: what for name, what in body()["target"].items() if name != "name"}
    wanted = said | {"name": "March", "start": "2017-03-01", "end": "2017-03-31", "activate": "at_start"}

    target = api.manager.post("/v1/targets", json=wanted).json()

    assert target["state"] == "draft"
    with api.store.app.writing() as log:
        due = log.agenda.due(datetime(2017, 3, 1, 6, tzinfo=UTC), GRACE, [Errand.START], 100, UUID(target["id"]))
    assert [one.due for one in due] == [datetime(2017, 3, 1, 5, tzinfo=UTC)]
