"""Checkpoints over HTTP: what is expected, what was reported, what late sales made of it; and the official status."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.actuals import Actuals
from domain.checkpoint import Checkpoint, Circumstances, Reading, checkpoint_id, read
from domain.milestones.due_rule import DueRule
from domain.milestones.planning import Planner, Wish
from domain.target import Target
from tests.api.living import Living, problem, sold
from tests.api.test_target_parts import pages
from tests.api.test_targets import defined, shown

FRIDAYS = [datetime(2017, 1, day, 5, tzinfo=UTC) for day in (7, 14, 21, 28)]
"""The cut-offs of the Fridays of January 2017 in New York."""
BY: dict[str, Any] = {"by": "checkpoints"}


def january(api: Living, *amounts: str, **changes: Any) -> dict[str, Any]:
    """A January of $100,000 whose sales all came on the 3rd."""
    target = defined(api, goal="100000.00", **changes)
    shown(api, target["id"])
    for number, amount in enumerate(amounts):
        sell(api, target, f"{number}", amount)
    return target


def sell(api: Living, target: dict[str, Any], id: str, amount: str, **fields: Any) -> None:
    one = sold(target["metric"], id, amount, **{"occurred_at": "2017-01-03T12:00:00-05:00"} | fields)
    assert api.publisher.post("/v1/sales", json=one).json()["accepted"] == 1


def evaluate(api: Living, target: dict[str, Any], number: int) -> None:
    """Ten seconds after its cut-off, with everything that is in the log."""
    target_id = UUID(target["id"])
    with api.store.app.writing() as log:
        loaded = log.targets([target_id])[target_id]
        planned = loaded.plan.checkpoints[number - 1]
        before = _before(log, loaded, number)
        previous = before.previous if before else None
        reading = read_now(loaded, number, previous)
        came = (before.reading.actual, before.reading.expected) if before else (0, 0)
        checkpoint = Checkpoint.evaluate(
            target_id,
            planned,
            reading,
            loaded.course,
            step=(reading.actual - came[0], reading.expected - came[1]),
            position=log.position,
            announced=True,
            at=planned.cutoff + timedelta(seconds=10),
            **BY,
        )
        log.save(checkpoint.collect_events())


def read_now(target: Target, number: int, previous: str | None) -> Reading:
    cutoff = target.plan.checkpoints[number - 1].cutoff
    actual = Actuals(target.plan, target.sums).before(cutoff)
    return read(target.course, cutoff, actual, Circumstances(previous, number - 1))


def _before(log: Any, target: Target, number: int) -> Checkpoint | None:
    if number == 1:
        return None
    one = checkpoint_id(target.id, target.plan.checkpoints[number - 2].cutoff)
    found: Checkpoint = log.aggregates(Checkpoint, [one])[one]
    return found


def restate(api: Living, target: dict[str, Any], number: int, at: datetime, *, settle: bool = False) -> None:
    target_id = UUID(target["id"])
    with api.store.app.writing() as log:
        loaded = log.targets([target_id])[target_id]
        planned = loaded.plan.checkpoints[number - 1]
        one = checkpoint_id(target_id, planned.cutoff)
        checkpoint: Checkpoint = log.aggregates(Checkpoint, [one])[one]
        reading = read_now(loaded, number, None)
        checkpoint.restate(reading, log.position, loaded.plan.goal, at=at, **BY)
        if settle:
            checkpoint.settle(at=at, **BY)
        log.save(checkpoint.collect_events())


def checkpoints(api: Living, target: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    position = api.store.app.recorder.max_notification_id()
    path = f"/v1/targets/{target['id']}/checkpoints"
    answer = api.subscriber.get(path, params={"min_position": str(position)} | parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_planned_checkpoint_is_listed_before_any_is_evaluated(api: Living) -> None:
    target = january(api)

    listed = checkpoints(api, target)

    assert listed["next"] is None
    assert [(one["number"], one["expected"], one["closing"]) for one in listed["items"]] == [
        (1, "25000.00", False),
        (2, "50000.00", False),
        (3, "75000.00", False),
        (4, "100000.00", False),
        (5, "100000.00", True),
    ]
    assert listed["items"][1] == {
        "number": 2,
        "cutoff": "2017-01-14T05:00:00Z",
        "closing": False,
        "state": "pending",
        "expected": "50000.00",
        "actual": None,
        "variance": None,
        "pace_index": None,
        "status": None,
        "step": {"expected": "25000.00", "actual": None},
        "complete": None,
        "evaluated_at": None,
        "position": None,
        "restated": None,
    }


def test_an_evaluated_checkpoint_shows_what_was_reported(api: Living) -> None:
    target = january(api, "20000.00")
    position = api.store.app.recorder.max_notification_id()
    evaluate(api, target, 1)
    sell(api, target, "second", "24000.00", occurred_at="2017-01-10T12:00:00-05:00")
    evaluate(api, target, 2)

    first, second, third, *_ = checkpoints(api, target)["items"]

    assert first == {
        "number": 1,
        "cutoff": "2017-01-07T05:00:00Z",
        "closing": False,
        "state": "provisional",
        "expected": "25000.00",
        "actual": "20000.00",
        "variance": "-5000.00",
        "pace_index": "0.8000",
        "status": "at_risk",
        "step": {"expected": "25000.00", "actual": "20000.00"},
        "complete": True,
        "evaluated_at": "2017-01-07T05:00:10Z",
        "position": position,
        "restated": None,
    }
    assert (second["actual"], second["step"]) == ("44000.00", {"expected": "25000.00", "actual": "24000.00"})
    assert third["state"] == "pending"


def test_a_restated_checkpoint_keeps_what_was_reported_and_says_what_it_is_now(api: Living) -> None:
    target = january(api, "20000.00")
    evaluate(api, target, 1)
    sell(api, target, "late", "5000.00")
    restate(api, target, 1, FRIDAYS[0] + timedelta(hours=1), settle=True)

    first = checkpoints(api, target)["items"][0]

    assert (first["actual"], first["status"], first["state"]) == ("20000.00", "at_risk", "settled")
    restated = first["restated"]
    assert (restated["old"]["actual"], restated["new"]["actual"]) == ("20000.00", "25000.00")
    assert (restated["old"]["status"], restated["new"]["status"]) == ("at_risk", "on_track")
    assert (restated["new"]["variance"], restated["new"]["pace_index"]) == ("0.00", "1.0000")
    assert (restated["at"], restated["times"]) == ("2017-01-07T06:00:00Z", 1)
    assert restated["position"] > first["position"]


def test_checkpoints_are_read_page_by_page(api: Living) -> None:
    target = january(api, checkpoints="FREQ=DAILY")
    for number in (1, 2, 3):
        evaluate(api, target, number)
    assert checkpoints(api, target, after=31) == {"items": [], "next": None}
    path = f"/v1/targets/{target['id']}/checkpoints"

    listed = pages(api, path, 2)

    assert [one["number"] for one in listed] == list(range(1, 32))
    assert [one["state"] for one in listed[:4]] == ["provisional"] * 3 + ["pending"]
    problem(api.auditor.get(path, params={"after": "x"}), 422, "bad_parameter")
    problem(api.auditor.get(f"/v1/targets/{UUID(int=5)}/checkpoints"), 404, "unknown_target")
    problem(api.publisher.get(path), 403, "role_not_allowed")


def test_the_official_status_changes_when_a_checkpoint_is_evaluated_and_not_with_every_sale(api: Living) -> None:
    target = january(api, "20000.00")
    evaluate(api, target, 1)
    before = shown(api, target["id"])
    sell(api, target, "more", "70000.00")
    meanwhile = shown(api, target["id"])
    evaluate(api, target, 2)

    assert (before["status"], meanwhile["status"], meanwhile["live_status"]) == ("at_risk", "at_risk", "ahead")
    last = before["last_evaluation"]
    assert (last["number"], last["status"], last["cutoff"]) == (1, "at_risk", "2017-01-07T05:00:00Z")
    assert (last["reported"]["actual"], last["restated"]) == ("20000.00", None)
    after = shown(api, target["id"])
    assert (after["status"], after["last_evaluation"]["number"]) == ("ahead", 2)


def test_a_restatement_of_the_last_checkpoint_moves_the_official_status(api: Living) -> None:
    target = january(api, "20000.00")
    evaluate(api, target, 1)
    sell(api, target, "late", "10000.00")
    restate(api, target, 1, FRIDAYS[0] + timedelta(hours=1))

    assert shown(api, target["id"])["status"] == "ahead"


def test_a_loss_shows_until_the_next_evaluation(api: Living) -> None:
    target = january(api, "100000.00")
    sell(api, target, "refund", "70000.00", kind="refund")
    lost = shown(api, target["id"])
    evaluate(api, target, 1)

    assert lost["status"] == "attainment_lost"
    assert shown(api, target["id"])["status"] == "ahead"


@pytest.mark.parametrize("kind", ["sale", "refund"])
def test_a_sealed_target_shows_its_outcome_and_what_came_after_it(api: Living, kind: str) -> None:
    target = january(api, "100000.00")
    target_id, ends = UUID(target["id"]), datetime(2017, 2, 1, 5, tzinfo=UTC)
    with api.store.app.writing() as log:
        closing = log.targets([target_id])[target_id]
        closing.close(at=ends, **BY)
        closing.seal(at=ends + timedelta(days=30), **BY)
        log.save(closing.collect_events())
    before = shown(api, target["id"], "sealed")
    sell(api, target, "late", "7.50", kind=kind)

    after = shown(api, target["id"], "sealed")

    assert (before["status"], after["status"], after["live_status"]) == ("met", "met", "met")
    assert "adjustment" not in before
    assert after["adjustment"] == ("7.50" if kind == "sale" else "-7.50")
    assert f'"{after["plan_version"]}"' == api.auditor.get(f"/v1/targets/{target['id']}").headers["ETag"]


def test_the_facts_of_its_checkpoints_and_milestones_stand_among_those_of_a_target_in_order(api: Living) -> None:
    target = january(api, "20000.00")
    evaluate(api, target, 1)
    sell(api, target, "late", "5000.00")
    restate(api, target, 1, FRIDAYS[0] + timedelta(hours=1), settle=True)
    sell(api, target, "last", "1.00")
    wish, by_ana = (
        Wish("Launch", DueRule("end"), "by_hand"),
        Planner(api.store.app, by="ana@example.com", at=FRIDAYS[1]),
    )
    launch = by_ana.plan(uuid4(), UUID(target["id"]), wish).milestone.id
    other = january(api, "1.00")
    evaluate(api, other, 1)

    path = f"/v1/targets/{target['id']}/events"
    for limit in (1, 2, 3, 100):
        facts = pages(api, path, limit)
        assert [fact["type"] for fact in facts][-8:] == [
            "target.filled",
            "target.progress_recorded",
            "checkpoint.evaluated",
            "target.progress_recorded",
            "checkpoint.restated",
            "checkpoint.settled",
            "target.progress_recorded",
            "milestone.planned",
        ]
        positions = [fact["position"] for fact in facts]
        assert positions == sorted(set(positions))
    first = checkpoint_id(UUID(target["id"]), FRIDAYS[0])
    assert {fact["id"] for fact in facts} == {target["id"], str(first), str(launch)}
    for fact in facts:
        page = api.auditor.get(path, params={"after": fact["position"]}).json()["items"]
        assert page == facts[facts.index(fact) + 1 :]


def test_a_level_that_is_to_be_kept_expects_no_amount(api: Living) -> None:
    target = defined(api, kind="keep", goal=None, bounds={"min": "1.00"})
    shown(api, target["id"])

    coming = api.manager.get(f"/v1/targets/{target['id']}/checkpoints").json()["items"][-1]

    assert (coming["expected"], coming["step"]) == (None, {"expected": None, "actual": None})
