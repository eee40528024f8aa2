"""The read models keep up by themselves, and a view that can't go on is not passed over in silence."""

import threading
import time
from uuid import UUID

import pytest

from projections.following import run_projections
from projections.store import Store
from tests.words import active_target


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


def test_a_fact_that_can_not_be_read_ends_the_process_instead_of_leaving_figures_stale(store: Store) -> None:
    active_target(store.app)
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute(
            "INSERT INTO milemarker_events (originator_id, originator_version, topic, state) VALUES (%s, 1, %s, %s)",
            (UUID(int=7), "target.defined", b'{"from": "a later version"}'),
        )

    with pytest.raises(ValueError, match="missing required field"):
        run_projections(store, threading.Event())
