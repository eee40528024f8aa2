"""The read models keep up by themselves, and a view that can't go on is not passed over in silence."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.sql import SQL, Identifier

from domain.intake import Arrival, Intake
from projections.following import GATHER_S, run_projections, together
from projections.store import Store
from projections.view import View
from tests.words import NOW, active_target, sale


def test_the_read_models_follow_what_is_recorded(store: Store) -> None:
    stop = threading.Event()
    running = threading.Thread(target=run_projections, args=(store, stop))
    running.start()

    active_target(store.app)

    top = store.app.recorder.max_notification_id()
    deadline = time.monotonic() + 10
    while min(store.views.position(name) for name in store.views.views) != top:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    stop.set()
    running.join(10)
    assert not running.is_alive()


@contextmanager
def following(store: Store) -> Iterator[None]:
    stop = threading.Event()
    running = threading.Thread(target=run_projections, args=(store, stop))
    running.start()
    try:
        yield
    finally:
        stop.set()
        running.join(10)


def rows(store: Store) -> dict[str, list[Any]]:
    """Of every view, once all of them have followed to the end."""
    top, deadline = store.app.recorder.max_notification_id(), time.monotonic() + 10
    while min(store.views.position(name) for name in store.views.views) != top:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with store.views.datastore.cursor() as curs:
        found: dict[str, list[Any]] = {}
        for name in store.views.views:
            curs.execute(SQL("SELECT id, position, row::text FROM {} ORDER BY id").format(Identifier(name)))
            found[name] = curs.fetchall()
        return found


def test_facts_that_come_while_nobody_listens_are_found_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.following._listen", lambda *_: None)

    with following(store):
        time.sleep(0.1)
        active_target(store.app)
        found = rows(store)

    assert len(found["statuses"]) == 1


@pytest.mark.parametrize("wiped", ["statuses", "sale_batches"])
def test_a_view_that_is_wiped_while_it_is_followed_comes_back_and_keeps_up(store: Store, wiped: str) -> None:
    active_target(store.app)
    intake = Intake(store.app, uuid4)

    with following(store):
        intake.record([Arrival([sale("1")])], NOW)
        before = rows(store)
        with store.views.datastore.transaction(commit=True) as curs:
            curs.execute(SQL("DELETE FROM {}").format(Identifier(wiped)))
            curs.execute("DELETE FROM view_positions WHERE application_name = %s", (wiped,))
        again = rows(store)
        intake.record([Arrival([sale("2")])], NOW)
        after = rows(store)

    assert again == before
    store.views.rebuild(wiped)
    assert rows(store) == after != before


def test_views_that_stand_apart_are_taken_to_the_end_together_and_exactly(store: Store) -> None:
    active_target(store.app)
    intake = Intake(store.app, uuid4)
    plans, statuses, progress = (replace(store.views.views[name], page=3) for name in ("plans", "statuses", "progress"))
    for number in range(4):
        intake.record([Arrival([sale(f"{number}")])], NOW)
        store.views.follow(statuses)
    store.views.follow(progress)

    intake.record([Arrival([sale("last")])], NOW)
    while store.views.follow(plans, statuses, progress) is not None:
        continue
    for party in together(store.views.views.values()):
        store.views.follow(*party)
    followed = rows(store)

    for name in store.views.views:
        store.views.rebuild(name)
    assert rows(store) == followed
    assert len(followed["progress"]) == 1


def test_a_view_that_none_of_the_facts_is_for_does_not_look_at_each(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: Counter[str] = Counter()
    follow, stop, intake = store.views.follow, threading.Event(), Intake(store.app, uuid4)

    def counted(*views: View[Any]) -> int | None:
        looked.update(view.name for view in views)
        return follow(*views)

    monkeypatch.setattr(store.views, "follow", counted)
    running = threading.Thread(target=run_projections, args=(store, stop))
    running.start()
    began = time.monotonic()
    for number in range(300):
        intake.record([Arrival([sale(f"{number}")])], NOW)
    took = time.monotonic() - began
    stop.set()
    running.join(10)

    assert looked["plans"] <= 2 * took / GATHER_S + 10
    assert store.views.position("plans") > 0


def test_a_fact_that_can_not_be_read_ends_the_process_instead_of_leaving_figures_stale(store: Store) -> None:
    active_target(store.app)
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute(
            "INSERT INTO milemarker_events (originator_id, originator_version, topic, state) VALUES (%s, 1, %s, %s)",
            (UUID(int=7), "target.defined", b'{"from": "a later version"}'),
        )

    with pytest.raises(ValueError, match="missing required field"):
        run_projections(store, threading.Event())
