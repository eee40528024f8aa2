"""What /docs says: every field of every body, every parameter, every answer and problem; held against real answers."""

import ast
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from api.documentation.introduction import TAGS
from api.documentation.problem_codes import BEFORE_THE_RULES, OF_SALES, RULES
from api.problems import STATUS_OF
from domain.alerts.kinds import KINDS
from domain.milestones.criterion import KINDS as CRITERIA
from domain.pace import PACINGS
from domain.plan import KINDS as TARGET_KINDS
from domain.updates.updates import Said, Updates
from domain.watch.seeing import Pace, Seen
from domain.watch.watch import Watch
from tests.api.documented import Documented
from tests.api.living import Living, definition, problem, sold
from tests.hearing import Office

SOURCES = Path(__file__).parents[2]
NOT_OVER_HTTP = {
    "ambiguous_target",
    "answered_already",
    "bad_ladder",
    "endpoint_disabled",
    "endpoint_gone",
    "expired",
    "key_revoked",
    "link_expired",
    "link_used",
    "not_dead",
    "sources_not_for_role",
    "unknown_key",
    "unknown_link",
    "unknown_role",
}
"""Of the command line, of signing in, and of what nobody can send."""


@pytest.fixture(scope="module")
def told(_api: Living) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{_api.url}/openapi.json").json()
    return found


def operations(told: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def schemas_in(schema: Mapping[str, Any], at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The fields of a schema, and those of the objects in it."""
    for name, field in schema.get("properties", {}).items():
        yield f"{at}.{name}", field
        yield from schemas_in(field, f"{at}.{name}")
    for one in (*schema.get("anyOf", ()), *filter(None, [schema.get("items")])):
        yield from schemas_in(one, at)


def test_every_field_says_what_it_is(told: dict[str, Any]) -> None:
    known = told["components"]["schemas"]
    for name, schema in known.items():
        for at, field in schemas_in(schema, name):
            assert field.get("description") or field["$ref"], at

    for name in ("TargetBody", "MilestoneBody", "DueBody", "SubscriptionBody", "SubscriptionChange", "ChannelBody"):
        for field, said in known[name]["properties"].items():
            assert said["description"], f"{name}.{field}"
            assert said["examples"], f"{name}.{field}"


def test_every_parameter_says_what_it_is_and_shows_one(told: dict[str, Any]) -> None:
    for path, method, operation in operations(told):
        for one in operation.get("parameters", ()):
            assert one["description"], (method, path, one["name"])
            assert one["schema"]["examples"], (method, path, one["name"])


def test_every_answer_has_a_schema_and_every_problem_is_told_once(told: dict[str, Any]) -> None:
    for path, method, operation in operations(told):
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert answer == {"$ref": f"#/components/responses/Problem{status}"}, (method, path, status)
                assert "Codes: `" in told["components"]["responses"][f"Problem{status}"]["description"]
            elif status != "204":
                assert all(one["schema"] for one in answer["content"].values()), (method, path, status)


def test_the_examples_are_as_their_schemas_say(told: dict[str, Any]) -> None:
    documented = Documented(told)
    for path, method, operation in operations(told):
        for said in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media, content in documented.resolved(said).get("content", {}).items():
                shown = [one["value"] for one in content.get("examples", {}).values()]
                for example in (*shown, *([content["example"]] if "example" in content else ())):
                    assert not list(documented.wrong(content["schema"], example)), (method, path, media)


def test_groups_come_in_the_order_in_which_somebody_new_reads_them(told: dict[str, Any]) -> None:
    groups = [operation["tags"] for _, _, operation in operations(told)]

    assert [one["name"] for one in told["tags"]] == list(TAGS)
    assert list(dict.fromkeys(tag for tags in groups for tag in tags)) == list(TAGS)
    assert all(len(tags) == 1 for tags in groups)


def test_the_beginning_says_how_to_begin_and_that_it_is_no_game(told: dict[str, Any]) -> None:
    said = told["info"]["description"]

    assert '"Try it out" acts as you, on real data' in said
    assert "[The page](/)" in said
    for command in ("milemarker keys create", "POST /v1/targets", "POST /v1/sales", "POST /v1/subscriptions"):
        assert command in said


def test_what_is_listed_is_what_is_taken(api: Living, told: dict[str, Any]) -> None:
    known = told["components"]["schemas"]
    pacings = known["Pacing"]["properties"]["kind"]["enum"]
    kinds = known["SubscriptionBody"]["properties"]["kinds"]["items"]["enum"]
    channels = known["ChannelBody"]["properties"]["kind"]["enum"]

    assert (pacings, known["TargetBody"]["properties"]["kind"]["enum"]) == (list(PACINGS), list(TARGET_KINDS))
    assert (kinds, known["CriterionBody"]["properties"]["kind"]["enum"]) == (list(KINDS), list(CRITERIA))
    says: dict[str, dict[str, Any]] = {
        "weighted": {"by": "weekday", "weights": {"MO": "1", "FR": "2.5"}},
        "explicit": {"points": [{"date": "2017-01-15", "value": "200.00"}]},
    }
    for pacing in pacings:
        said = {"kind": pacing} | says.get(pacing, {})
        body = definition(pacing=said, activate=False)
        assert api.manager.post("/v1/targets", json=body).json()["pacing"] == said
    url = {"webhook": {"url": "https://hooks.example.com/milemarker"}}
    for channel in channels:
        to = {"kind": channel} | url.get(channel, {})
        said = {"recipient": "lists@example.com", "target": "*", "kinds": kinds, "channel": to}
        assert api.manager.post("/v1/subscriptions", json=said).json()["kinds"] == kinds
    problem(api.manager.post("/v1/targets", json=definition(pacing={"kind": "by_luck"})), 422, "unknown_pacing")


def codes_raised() -> Iterator[str]:
    """What refusals and problems in the sources are called, where that is a text."""
    places = [one for folder in ("domain", "projections", "api") for one in (SOURCES / folder).rglob("*.py")]
    for place in places:
        if "dashboard" in place.parts:
            continue
        for node in ast.walk(ast.parse(place.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                number = {"Refused": 0, "unavailable": 0, "PydanticCustomError": 0, "Problem": 1}.get(node.func.id)
                if number is not None and len(node.args) > number:
                    said = node.args[number]
                    choices = (said.body, said.orelse) if isinstance(said, ast.IfExp) else (said,)
                    yield from (str(one.value) for one in choices if isinstance(one, ast.Constant))


def test_every_code_that_is_raised_is_documented() -> None:
    documented = {*STATUS_OF, *RULES, *OF_SALES, *(code for codes in BEFORE_THE_RULES.values() for code in codes)}

    raised = set(codes_raised())

    assert len(raised) > 90
    assert raised - documented - {"internal"} == NOT_OVER_HTTP


def whole_story(api: Living, careful: Living) -> set[str]:
    """Everything that there is to ask, asked once; what the inbox has heard of."""
    manager, publisher, auditor = api.manager, api.publisher, api.admin
    draft = manager.post("/v1/targets", json=definition(activate=False)).json()["id"]
    manager.post(f"/v1/targets/{draft}/activate", json={})
    manager.post(f"/v1/targets/{draft}/cancel", json={"reason": "The shop closed"})
    target = manager.post(
        "/v1/targets", json=definition(goal="100000.00", owner="ana@example.com", team=["jo@example.com"])
    ).json()
    of_target, metric = f"/v1/targets/{target['id']}", target["metric"]
    hearing = {"recipient": "ana@example.com", "target": target["id"], "kinds": list(KINDS)}
    hears = manager.post("/v1/subscriptions", json=hearing | {"channel": {"kind": "inbox"}}).json()["id"]
    hook = {"kind": "webhook", "url": "https://hooks.example.com/x"}
    hooked = manager.post("/v1/subscriptions", json=hearing | {"channel": hook}).json()["id"]
    manager.patch(f"/v1/subscriptions/{hooked}", json={"rotate_secret": True})
    refund = sold(metric, "2", "5.00", kind="refund", corrects=f"{metric}-1")
    void = {"kind": "void", "corrects": f"{metric}-9", "id": f"{metric}-3", "source": "webshop"}
    sales = [sold(metric, "1", "600.00"), refund, void | {"occurred_at": "2017-01-11T12:00:00Z"}, {"id": 7}]
    publisher.post("/v1/sales", json=sales)
    for number in (1, 2, 3):
        auditor.get(f"/v1/sales/webshop/{metric}-{number}")
    by_hand = {"name": "Launch", "due": {"rule": "end"}, "criterion": {"kind": "by_hand"}}
    launch = manager.post(f"{of_target}/milestones", json=by_hand).json()["id"]
    fair = manager.post(f"{of_target}/milestones", json={"name": "Fair", "due": {"rule": "fraction", "of": "0.5"}})
    tasks = manager.post(f"/v1/milestones/{fair.json()['id']}/tasks", json={"name": "Book a stand"}).json()["tasks"]
    manager.post(f"/v1/milestones/{launch}/achieve", json={"evidence": "See the minutes"})
    for done in (True, False):
        manager.put(f"/v1/milestones/{fair.json()['id']}/tasks/{tasks[0]['id']}", json={"done": done})
    manager.post(f"/v1/milestones/{fair.json()['id']}/reschedule", json={"due": {"rule": "date", "date": "2017-01-30"}})
    manager.post(f"/v1/milestones/{fair.json()['id']}/waive", json={"reason": "It was called off"})
    manager.get(f"/v1/milestones/{launch}")
    manager.post("/v1/rates", json={"name": "x", "as_of": "2016-12-31", "base": "USD", "rates": {"EUR": "1.05"}})
    manager.get("/v1/rates")
    is_revised(api, careful, of_target)
    has_members(api, of_target, metric)
    posted = manager.post(f"{of_target}/updates", json={"on_track": False, "why": "Rain", "confidence": 6})
    assert posted.status_code == 201, posted.text
    recurs(api, f"/v1/targets/{draft}")
    happens(api, UUID(target["id"]))
    manager.put(f"/v1/metrics/{metric}", json={"unit": "USD"})
    position = {"min_position": str(api.store.app.recorder.max_notification_id())}
    parts = ("", "/checkpoints", "/milestones", "/updates", "/check-ins", "/series", "/events", "/forecast")
    for path in (*(of_target + part for part in parts), "/v1/targets", "/v1/notifications", "/v1/alerts", "/v1/inbox"):
        manager.get(path, params=position)
    for path in (of_target, f"{of_target}/checkpoints"):
        manager.get(path, params={"as_of": "2017-01-20T00:00:00Z", "known_at": position["min_position"]})
    alert = manager.get("/v1/alerts", params=position | {"target": target["id"]}).json()["items"][0]["id"]
    notification = manager.post(f"/v1/subscriptions/{hears}/test").json()["notification"]
    position = {"min_position": str(api.store.app.recorder.max_notification_id())}
    for path in (f"alerts/{alert}", f"alerts/{alert}/why", f"notifications/{notification}"):
        manager.get(f"/v1/{path}", params=position)
    for path in ("subscriptions", f"subscriptions/{hooked}", "metrics"):
        manager.get(f"/v1/{path}")
    manager.delete(f"/v1/subscriptions/{hooked}")
    for path in ("/healthz", "/readyz"):
        manager.get(path)
    heard = manager.get("/v1/inbox", params={"recipient": "ana@example.com"}).json()["items"]
    return {one["message"]["what"] for one in heard}


def is_revised(api: Living, careful: Living, of_target: str) -> None:
    """At once, and once somebody else has approved it."""
    api.manager.post(f"{of_target}/revisions", json={"changes": {"goal": "110000.00"}, "reason": "It went well"})
    wish = {"changes": {"thresholds": {"ahead": "1.1"}, "scope": {"region": ["us"]}}, "reason": "It went on well"}
    for decide, said in (("decline", {"reason": "Wait"}), ("approve", None)):
        proposed = careful.manager.post(f"{of_target}/revisions", json=wish).json()["id"]
        api.manager.get(f"/v1/proposals/{proposed}")
        with api.client(api.key("manager", "jo@example.com")) as jo:
            jo.event_hooks = api.manager.event_hooks
            jo.post(f"/v1/proposals/{proposed}/{decide}", json=said)
    for part in ("revisions", "proposals"):
        api.manager.get(f"{of_target}/{part}")


def has_members(api: Living, of_target: str, metric: str) -> None:
    """It is looked at from both ends, and by both ways of counting what is counted twice."""
    member = api.manager.post("/v1/targets", json=definition(metric=metric)).json()["id"]
    api.manager.post(f"{of_target}/members", json={"target": member, "until": "2017-01-20"})
    for part in ("children", "roll-up", "roll-up?count_overlap=true", "leaderboard", "leaderboard?by=actual"):
        api.manager.get(f"{of_target}/{part}")
    api.manager.get(f"/v1/targets/{member}/parents")
    api.manager.delete(f"{of_target}/members/{member}")


def recurs(api: Living, of_target: str) -> None:
    """Targets that recur, and one that is cloned, handed over, put away and got out again; others are imported."""
    said = {name: what for name, what in definition().items() if name not in ("start", "end", "activate")}
    monthly = {"name": "Monthly", "every": "month", "from": "2017-02-01", "target": said}
    template = api.manager.post("/v1/templates", json=monthly).json()["id"]
    for path in ("templates", f"templates/{template}", f"templates/{template}/next"):
        api.manager.get(f"/v1/{path}", params={"min_position": str(api.store.app.recorder.max_notification_id())})
    api.manager.patch(f"/v1/templates/{template}", json={"target": {"goal": "2000.00"}})
    api.manager.post(f"/v1/templates/{template}/archive", json={"reason": "We plan by the quarter"})
    month = {"start": "2017-02-01", "end": "2017-02-28"}
    clone = api.manager.post(f"{of_target}/clone", json=month).headers["Location"]
    api.manager.post(f"{clone}/hand-over", json={"owner": "jo@example.com", "reason": "Ana is on leave"})
    for move in ("archive", "unarchive"):
        api.manager.post(f"{clone}/{move}")
    api.manager.post("/v1/targets/import", json=[said | month, {}])


def happens(api: Living, target: UUID) -> None:
    """People are told of verdicts, of what became of them, and of the goal."""
    office = Office(api.store.app, at=api.time.now)
    for number, status in enumerate(["at_risk", "off_track"], start=1):
        office.evaluated(target, number, status)
    office.restated(target, 2, "on_track")
    office.decide()
    lives_beside(office, target)
    office.attained(target)
    office.lost(target)
    office.closed(target, "missed")
    office.outcome_restated(target, "missed", "met")
    office.decide()


def lives_beside(office: Office, target: UUID) -> None:
    """People are asked, and answer; its last days bring too little, and no data comes."""
    done: dict[str, Any] = {"by": "checkpoints", "at": office.at}
    updates_id, cutoff = Updates.id_of(target), office.load(target).plan.checkpoints[1].cutoff
    with office.app.writing() as log:
        updates, watch = log.aggregates(Updates, [updates_id])[updates_id], Watch.of(target, office.at)
        updates.ask(2, cutoff, "off_track", ["ana@example.com"], cutoff + timedelta(days=2), **done)
        updates.escalate(None, None, **done)
        updates.post(uuid4(), Said(False, "Two large orders slipped", 3, "A visit"), **done)
        updates.ask(3, cutoff + timedelta(days=7), "at_risk", [], cutoff + timedelta(days=9), **done)
        updates.end("recovered", **done)
        slow = Pace(5, 15_000_00, 12_000_00, "1.0000", "2.5000")
        watch.see(Seen(cutoff.date(), slow, slow, slipping_holds=True), **done)
        watch.see(Seen(cutoff.date()), **done)
        watch.miss_data(cutoff, 24, **done)
        watch.resume_data(cutoff, **done)
        log.save([*updates.collect_events(), *watch.collect_events()])
    office.decide()


def test_real_answers_have_the_documented_fields_and_no_others(
    api: Living, careful: Living, told: dict[str, Any]
) -> None:
    documented = Documented(told)

    def check(answer: httpx.Response) -> None:
        answer.read()
        documented.check(answer)

    clients = [*(api.clients[role] for role in ("manager", "publisher", "admin")), careful.manager]
    for client in clients:
        client.event_hooks["response"].append(check)
    try:
        heard = whole_story(api, careful)
    finally:
        for client in clients:
            client.event_hooks["response"].remove(check)

    assert heard >= {"checkpoint.evaluated", "checkpoint.restated", "target.attained", "milestone.waived", "test"}
    streams = {("/v1/live", "get"), ("/v1/events", "get")}
    asked = {(path, method) for method, path, status in documented.answered if status < 300}
    assert {(path, method) for path, method, _ in operations(told)} - asked == streams
