"""The log in memory, held against the real one: the same steps leave the same facts, byte for byte, and the same rows
beside them."""

from functools import partial
from random import Random
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from domain.application import Milemarker
from domain.facts import TARGET_TOPICS
from domain.intake import Arrival, Intake
from domain.target import Target
from projections.store import Store, open_store
from projections.untold import body_of
from projections.verification import verify
from tests.domain.scenarios.company import Company, Cut, refusal_of
from tests.domain.scenarios.drawing import history
from tests.domain.scenarios.managing import MANAGING
from tests.memory import memory_app
from tests.memory.recorder import MemoryRecorder
from tests.words import NOW, active_target, plan, sale

FOLLOWER = "alerts"
Rows = dict[str, list[tuple[Any, ...]]]
REAL_ROWS = {
    "identities": "SELECT source, id, content, batch, coalesce(root, id) FROM sale_identities",
    "versions": "SELECT source, root, kind, id, batch FROM sale_versions",
    "waiting": "SELECT source, id, root, turn, batch FROM waiting_sales",
    "refusals": "SELECT body FROM untold_refusals",
    "metrics": "SELECT name, unit, exponent, changed FROM metrics",
    "routes": "SELECT target, changed, filling FROM routes",
    "routing": "SELECT version FROM routing",
    "milestones": "SELECT milestone, row_number() OVER (ORDER BY turn), target, by_value FROM milestones_of",
    "memberships": "SELECT membership, row_number() OVER (ORDER BY turn), parent, member FROM memberships",
    "agenda": "SELECT subject, errand, number, target, due, since FROM agenda",
    "evaluated": "SELECT target, nullif(cutoff, '-infinity') FROM evaluated",
    "followers": "SELECT name, position FROM followers",
}


@pytest.mark.parametrize("seed", range(24))
def test_the_same_steps_leave_the_same_facts_and_rows(database: str, seed: int) -> None:
    drawn = history(Random(seed), 30, MANAGING)

    with open_store(database, connections_max=4) as store:
        real, memory = (Company(app, drawn.begins) for app in (store.app, memory_app()))
        assert [step.do(memory) for step in drawn.steps] == [step.do(real) for step in drawn.steps]
        assert facts(memory.app) == facts(real.app)
        assert rows_in(memory.app) == real_rows(database)
        assert news(memory.app) == news(real.app)
        assert verify(store).differences == []


def facts(app: Milemarker) -> list[Any]:
    return list(app.recorder.select_notifications(1, 10_000))


def news(app: Milemarker) -> list[Any]:
    """What a follower finds before it has begun, and after it has come to the middle."""
    before = app.store.news(app.mapper, FOLLOWER, TARGET_TOPICS, 5)
    with app.writing() as log:
        log.keep_followed(FOLLOWER, log.position // 2)
    after = app.store.news(app.mapper, FOLLOWER, TARGET_TOPICS, 5)
    later = app.store.news(app.mapper, FOLLOWER, TARGET_TOPICS, 5, seen=before.top - 1)
    found = [(one.position, one.top, [position for position, _ in one.facts]) for one in (before, after, later)]
    return [*found, app.store.filling(), app.store.followed(FOLLOWER)]


def real_rows(url: str) -> Rows:
    with psycopg.connect(url) as connection:
        return {name: _sorted(connection.execute(statement)) for name, statement in REAL_ROWS.items()}


def rows_in(app: Milemarker) -> Rows:
    assert isinstance(app.recorder, MemoryRecorder)
    tables = app.recorder.tables
    return {
        "identities": _sorted((*key, *row) for key, row in tables.identities.items()),
        "versions": _sorted((*key, *row) for key, row in tables.versions.items()),
        "waiting": _sorted((*key, *row) for key, row in tables.waiting.items()),
        "refusals": _sorted((body_of(*row),) for row in tables.refusals.values()),
        "metrics": _sorted((*vars(row.metric).values(), row.changed) for row in tables.metrics.values()),
        "routes": _sorted((target, *row) for target, row in tables.routes.items()),
        "routing": _sorted([(max(tables.routing.values(), default=0),)]),
        "milestones": _sorted((one, *row) for one, row in tables.milestones.items()),
        "memberships": _sorted((one, *row) for one, row in tables.memberships.items()),
        "agenda": _sorted((one, f"{errand}", number, *row) for (one, errand, number), row in tables.agenda.items()),
        "evaluated": _sorted(tables.evaluated.items()),
        "followers": _sorted(tables.followers.items()),
    }


def _sorted(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def test_an_id_of_something_else_is_no_target(store: Store) -> None:
    batch = uuid4()

    for app in (store.app, memory_app()):
        Intake(app, lambda: batch).record([Arrival([sale("1")])], NOW)
        assert refusal_of(partial(app.activate_target, batch, by="ana", at=NOW)) == "unknown_target"


# What a test that takes it for the real one may count on


def test_what_fails_leaves_nothing_behind_but_a_gap_in_the_positions() -> None:
    app = memory_app()
    active_target(app)
    before, last = (facts(app), rows_in(app)), facts(app)[-1].id

    with pytest.raises(Cut):
        define_in_vain(app)
    assert (facts(app), rows_in(app)) == before

    active_target(app)
    assert facts(app)[len(before[0])].id == last + 2


def define_in_vain(app: Milemarker) -> None:
    with app.writing() as log:
        target = Target.define(uuid4(), plan(), by="ana", at=NOW)
        log.keep_route(target)
        log.save(list(target.collect_events()))
        raise Cut


def test_a_decision_that_is_not_saved_is_seen_by_nobody() -> None:
    app = memory_app()
    target_id = active_target(app)

    with app.writing() as log:
        log.targets([target_id])[target_id].cancel("a mistake", by="ana", at=NOW)
        log.targets([target_id])[target_id].sums[NOW] = 5

    with app.writing() as log:
        target = log.targets([target_id])[target_id]
    assert (target.state, target.sums) == ("active", {})


def test_whoever_reads_beside_a_transaction_sees_what_is_committed() -> None:
    app = memory_app()
    target_id = active_target(app)
    before = facts(app)

    with app.writing() as log:
        target = log.targets([target_id])[target_id]
        target.cancel("the product is gone", by="ana", at=NOW)
        log.save(list(target.collect_events()))
        assert log.targets([target_id])[target_id].state == "cancelled"
        assert facts(app) == before
        assert app.store.aggregates(app.mapper, Target, [target_id])[target_id].state == "active"

    assert len(facts(app)) == len(before) + 1


def test_a_version_is_taken_once() -> None:
    app = memory_app()
    target = Target.define(uuid4(), plan(), by="ana", at=NOW)
    said = list(target.collect_events())
    with app.writing() as log:
        log.save(said)

    with pytest.raises(IntegrityError), app.writing() as log:
        log.save(said)
