"""`verify` recomputes every checkpoint: what it read, what it was restated to, and how the target ended."""

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from domain.checkpoint import Checkpoint, Reading
from projections.store import Store
from projections.verification import verify
from tests.projections.test_evaluating import QUIET, Business, november

EDIT = "UPDATE milemarker_events SET state = convert_to(%s, 'UTF8') WHERE notification_id = %s"
Said = dict[str, Any]


@pytest.fixture
def kept(store: Store) -> Store:
    """A November with late sales and a refund, restated, settled, closed with a restated outcome, sealed, adjusted."""
    business = Business(store)
    business.target()
    business.target(name="Daily", schedule="FREQ=DAILY", pacing="linear", goal="30000.00")
    business.sell("20000.00", november(3))
    business.turn_to(november(14, 1))
    business.sell("5000.00", november(4), at=november(15))
    business.turn_to(november(15) + QUIET)
    business.sell("70000.00", november(20))
    business.turn_to(november(31, 1))
    business.sell("5000.00", november(29), at=november(40))
    business.turn_to(november(40) + QUIET)
    business.turn_to(november(31, 1) + timedelta(days=30))
    business.sell("4000.00", november(29), at=november(71), kind="refund")
    follow(store)
    return store


def follow(store: Store) -> None:
    for view in store.views.views.values():
        while store.views.follow(view):
            continue


def alter(store: Store, topic: str, number: int, change: Callable[[Said], object]) -> int:
    """Change what the n-th fact of a topic says; its position."""
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute(
            "SELECT notification_id, state FROM milemarker_events WHERE topic = %s ORDER BY notification_id OFFSET %s"
            " LIMIT 1",
            (topic, number - 1),
        )
        (row,) = curs.fetchall()
        said: Said = json.loads(bytes(row["state"]))
        change(said)
        curs.execute(EDIT, (json.dumps(said, separators=(",", ":")), row["notification_id"]))
    return int(row["notification_id"])


def test_checkpoints_that_nobody_touched_agree(kept: Store) -> None:
    verdict = verify(kept)

    assert verdict.differences == []
    assert (verdict.targets, verdict.checkpoints) == (2, 5 + 30)


@pytest.mark.parametrize("seed", range(3))
def test_checkpoints_of_any_history_agree(store: Store, seed: int) -> None:
    chance, business, now = Random(seed), Business(store), november(1)
    schedules = ["FREQ=WEEKLY;BYDAY=FR", "FREQ=DAILY", ["2026-11-05", "2026-11-10T12:30:00+00:00", "2026-11-26"]]
    for _ in range(40):
        now += timedelta(hours=chance.randint(1, 40))
        if chance.random() < 0.2:
            pacing = chance.choice(["linear", "equal_steps"])
            business.target(now, schedule=chance.choice(schedules), pacing=pacing, goal=f"{chance.randint(1, 9)}0.00")
        kind = "refund" if chance.random() < 0.3 else "sale"
        on = min(november(30), november(1) + (now - november(1)) * chance.random())
        business.sell(f"{chance.randint(0, 30)}.00", on, at=now, kind=kind)
        business.turn_to(now + timedelta(seconds=chance.choice([0, 40])), complete=chance.random() < 0.8)
    business.turn_to(now + timedelta(days=40))
    follow(store)

    assert verify(store).differences == []
    assert {one.topic for one in store.app.recorder.select_notifications(1, 10_000)} >= {EVALUATED, RESTATED}


NOBODY = "00000000-0000-4000-8000-000000000000"
EVALUATED, RESTATED = "checkpoint.evaluated", "checkpoint.restated"
ALTERED: dict[str, tuple[str, int, Callable[[Said], object], str]] = {
    "an actual": (EVALUATED, 1, lambda said: said.update(actual=said["actual"] + 1), "its sales come to"),
    "what was expected": (EVALUATED, 1, lambda said: said.update(expected=said["expected"] - 1), "expected"),
    "a variance": (EVALUATED, 1, lambda said: said.update(variance=0), "variance"),
    "a pace": (EVALUATED, 1, lambda said: said.update(pace="9.0000"), "pace 9.0000"),
    "a class": (EVALUATED, 1, lambda said: said.update(status="none"), "status none"),
    "a step": (EVALUATED, 1, lambda said: said.update(step_actual=1), "step of 1"),
    "a number": (EVALUATED, 1, lambda said: said.update(number=2), "not one that its plan has"),
    "a cut-off": (EVALUATED, 1, lambda said: said.update(cutoff="2026-11-08T00:00:00+00:00"), "not one that its plan"),
    "whether it closes": (EVALUATED, 1, lambda said: said.update(closing=True), "not one that its plan has"),
    "whose it is": (EVALUATED, 1, lambda said: said.update(target=NOBODY), "there is none"),
    "whose it is, beyond reading": (EVALUATED, 1, lambda said: said.update(target="?"), "can't be read"),
    "what it rests on": (EVALUATED, 1, lambda said: said.update(position=1), "rests on position 1"),
    "what it rests on, after it": (EVALUATED, 1, lambda said: said.update(position=10**6), "rests on position"),
    "a restated actual": (RESTATED, 1, lambda said: said["new"].update(actual=7), "says 0.07"),
    "a restated class": (RESTATED, 1, lambda said: said["new"].update(status="none"), "status none"),
    "what was before": (RESTATED, 1, lambda said: said["old"].update(actual=7), "says that it read 7"),
    "which was restated": (RESTATED, 1, lambda said: said.update(number=9), "not one that its plan has"),
    "a settled one": ("checkpoint.settled", 1, lambda said: said.update(number=3), "not one that its plan has"),
    "an outcome": ("target.closed", 1, lambda said: said.update(outcome="met"), "says met"),
    "a restated outcome": ("target.outcome_restated", 1, lambda said: said.update(new="exceeded"), "says exceeded"),
    "a sealed outcome": ("target.sealed", 1, lambda said: said.update(outcome="missed"), "sealed says missed"),
    "a sealed total": ("target.sealed", 1, lambda said: said.update(total=1), "target.sealed says 1"),
}


@pytest.mark.parametrize("name", ALTERED)
def test_what_was_altered_of_a_checkpoint_is_found_and_named_first(kept: Store, name: str) -> None:
    topic, number, change, named = ALTERED[name]

    position = alter(kept, topic, number, change)

    first = verify(kept).differences[0]
    assert first.startswith(f"position {position}: "), first
    assert named in first, first


@pytest.mark.parametrize(
    ("topic", "named"),
    [
        (EVALUATED, "checkpoint.evaluated 2"),
        ("checkpoint.settled", ""),
        ("target.closed", "does not follow"),
    ],
)
def test_a_fact_that_was_taken_out_is_missed(kept: Store, topic: str, named: str) -> None:
    with kept.views.datastore.transaction(commit=True) as curs:
        curs.execute(
            "DELETE FROM milemarker_events WHERE notification_id ="
            " (SELECT min(notification_id) FROM milemarker_events WHERE topic = %s)",
            (topic,),
        )

    assert any(named in one for one in verify(kept).differences)


def test_a_close_before_all_was_evaluated_is_found(store: Store) -> None:
    business = Business(store)
    target_id = business.target()
    with store.app.writing() as log:
        target = log.targets([target_id])[target_id]
        target.close(by="checkpoints", at=november(31))
        log.save(target.collect_events())

    (difference,) = verify(store).differences

    assert "closed with 0 of 5 checkpoints evaluated" in difference


def test_a_ledger_that_can_not_be_read_is_named(kept: Store) -> None:
    position = alter(kept, "ledger.sales_recorded", 1, lambda said: said.pop("entries"))

    differences = verify(kept).differences

    assert differences[0].startswith(f"position {position}: ledger.sales_recorded can't be read")
    assert any("can't be added up" in one for one in differences)
    assert any(one.startswith("sale_batches can't be made again") for one in differences)


def test_a_reading_of_sales_that_came_after_its_position_is_found(store: Store) -> None:
    business = Business(store)
    target_id = business.target()
    with store.app.writing() as log:
        before, target = log.position, log.targets([target_id])[target_id]
    business.sell("24000.00", november(3))
    reading = Reading(24_000_00, 25_000_00, -1_000_00, "on_track", True, "0.9600")
    step = (24_000_00, 25_000_00)
    about: Said = {"step": step, "position": before, "announced": True, "by": "checkpoints", "at": november(7)}
    with store.app.writing() as log:
        checkpoint = Checkpoint.evaluate(target_id, target.plan.checkpoints[0], reading, target.course, **about)
        log.save(checkpoint.collect_events())

    (difference,) = verify(store).differences

    assert f"rests on position {before}" in difference


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE checkpoints SET row = replace(row::text, '\"settled\":true', '\"settled\":false')::json",
        "UPDATE checkpoints SET row = replace(row::text, '\"actual\":2000000', '\"actual\":2000001')::json",
        "DELETE FROM checkpoints WHERE row->>'number' = '2'",
        "UPDATE checkpoints SET position = position + 1",
    ],
)
def test_a_row_of_a_checkpoint_that_was_altered_is_found(kept: Store, tampering: str) -> None:
    with kept.views.datastore.transaction(commit=True) as curs:
        curs.execute(tampering.encode())
        assert curs.rowcount >= 1

    (difference,) = verify(kept).differences

    assert difference.startswith("checkpoints says of")
