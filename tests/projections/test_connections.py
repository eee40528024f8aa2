"""Connections to the database: kept, and looked at before each use without asking the server."""

import time

import psycopg

from projections.store import Store

OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def test_a_connection_that_the_server_has_ended_is_given_to_nobody(store: Store, database: str) -> None:
    before = process(store)
    with psycopg.connect(database, autocommit=True) as beside:
        beside.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")
        while beside.execute(f"SELECT pid {OTHERS}").fetchone():
            time.sleep(0.01)

    assert process(store) != before


def process(store: Store) -> int:
    """The server's process at the other end of the connection that the next caller gets."""
    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT pg_backend_pid() AS pid")
        row = curs.fetchone()
        assert row is not None
        pid: int = row["pid"]
        return pid
