"""Keeps the read models up with the log: LISTEN rings at once, polling is what can be relied on."""

import threading
import time
from typing import Any

import structlog
from eventsourcing.persistence import PersistenceError
from psycopg import Error
from psycopg.sql import SQL, Identifier

from projections.store import Store
from projections.view import View

POLL_S = 0.25
SELDOM_S = 0.05
"""A view that none of the new facts was for looks again after this at the earliest: there are many facts, and few of
them are for most views."""
RETRY_S = 1.0
STOP_WITHIN_S = 5.0
"""A thread that waits for a database that is away holds nothing: it ends with the process."""
LISTEN_S = 1.0

log = structlog.get_logger()


def run_projections(store: Store, stop: threading.Event) -> None:
    """Follow the log with every view until `stop` is set; a database that is away is waited for.

    Raises what else stops a view, such as a fact of a newer version: who runs it tries again later.
    """
    failures: list[Exception] = []
    bells = {name: threading.Event() for name in store.views.views}
    threads = [
        threading.Thread(
            target=_follow, args=(store, view, bells[view.name], stop, failures), name=view.name, daemon=True
        )
        for view in store.views.views.values()
    ]
    threads.append(
        threading.Thread(target=_listen, args=(store, list(bells.values()), stop), name="listen", daemon=True)
    )
    for thread in threads:
        thread.start()
    stop.wait()
    for bell in bells.values():
        bell.set()
    for thread in threads:
        thread.join(STOP_WITHIN_S / len(threads))
    if failures:
        raise failures[0]


def _follow(
    store: Store, view: View[Any], bell: threading.Event, stop: threading.Event, failures: list[Exception]
) -> None:
    while not stop.is_set():
        bell.clear()
        began = time.monotonic()
        try:
            taken = store.views.follow(view)
        except (PersistenceError, Error) as error:
            log.warning("database away, trying again", view=view.name, error=str(error).strip())
            stop.wait(RETRY_S)
            continue
        except Exception as error:
            log.exception("a view can't go on", view=view.name)
            failures.append(error)
            stop.set()
            return
        if taken:
            continue
        bell.wait(POLL_S)
        if taken == 0:
            stop.wait(max(0.0, began + SELDOM_S - time.monotonic()))


def _listen(store: Store, bells: list[threading.Event], stop: threading.Event) -> None:
    """Ring the bells when the log says that it has grown."""
    channel = Identifier(store.app.recorder.channel_name)  # type: ignore[attr-defined]
    while not stop.is_set():
        try:
            with store.views.datastore.get_connection() as connection:
                connection.execute(SQL("LISTEN {}").format(channel))
                while not stop.is_set():
                    for _ in connection.notifies(timeout=LISTEN_S, stop_after=1):
                        for bell in bells:
                            bell.set()
        except (PersistenceError, Error) as error:
            log.warning("not listening, polling meanwhile", error=str(error).strip())
            stop.wait(RETRY_S)
