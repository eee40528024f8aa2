"""The read models keep up by themselves, and a view that can't go on is not passed over in silence."""

import threading
import time
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.intake import Arrival, Intake
from projections.following import GATHER_S, run_projections
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
