"""Keeps the read models up with the log: LISTEN rings at once, polling is what can be relied on."""

import threading
import time
from collections.abc import Iterable
from typing import Any

import structlog
from eventsourcing import persistence
from eventsourcing.persistence import PersistenceError
from psycopg import DataError, Error
from psycopg.sql import SQL, Identifier

from projections.store import Store
from projections.view import View

POLL_S = 0.25
GATHER_S = 0.02
"""While sales come in, the log grows many times a second: a view looks no more often than this, unless a page was not
enough."""
RETRY_S = 1.0
STOP_WITHIN_S = 5.0
"""A thread that waits for a database that is away holds nothing: it ends with the process."""
LISTEN_S = 0.2

log = structlog.get_logger()


def run_projections(store: Store, stop: threading.Event) -> None:
    """Follow the log with every view until `stop` is set; a database that is away is waited for.

    Raises what else stops a view, such as a fact of a newer version: who runs it tries again later.
    """
    failures: list[Exception] = []
    parties = [(threading.Event(), views) for views in together(store.views.views.values())]
    threads = [
        threading.Thread(target=_follow, args=(store, views, bell, stop, failures), name=views[0].name, daemon=True)
        for bell, views in parties
    ]
    bells = [bell for bell, _ in parties]
    threads.append(threading.Thread(target=_listen, args=(store, bells, stop), name="listen", daemon=True))
    for thread in threads:
        thread.start()
    stop.wait()
    for bell in bells:
        bell.set()
    for thread in threads:
        thread.join(STOP_WITHIN_S / len(threads))
    if failures:
        raise failures[0]


def together(views: Iterable[View[Any]]) -> list[list[View[Any]]]:
    """Views that read alike are followed by one thread: each fact is asked for, and read, once for all of them."""
    parties: dict[Any, list[View[Any]]] = {}
    for view in views:
        parties.setdefault(view.reading, []).append(view)
    return list(parties.values())


def _follow(
    store: Store, views: list[View[Any]], bell: threading.Event, stop: threading.Event, failures: list[Exception]
) -> None:
    while not stop.is_set():
        bell.clear()
        began = time.monotonic()
        try:
            taken = store.views.follow(*views)
        except (persistence.DataError, DataError) as error:
            # The others go on.
            log.error("a view can't take a fact", views=[view.name for view in views], error=str(error).strip())
            stop.wait(RETRY_S)
            continue
        except (PersistenceError, Error) as error:
            log.warning("database away, trying again", view=views[0].name, error=str(error).strip())
            stop.wait(RETRY_S)
            continue
        except Exception as error:
            log.exception("a view can't go on", views=[view.name for view in views])
            failures.append(error)
            stop.set()
            return
        if taken is None:
            bell.wait(POLL_S)
        elif taken < views[0].page:
            stop.wait(max(0.0, began + GATHER_S - time.monotonic()))


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
