"""Builds the log and the read models on one PostgreSQL database, and makes or upgrades their tables."""

from dataclasses import dataclass
from selectors import EVENT_READ, DefaultSelector
from typing import Any

import psycopg
from eventsourcing.postgres import PostgresFactory
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool

from domain.application import Milemarker
from projections.view_tables import Views
from projections.views import VIEWS

ENVIRONMENT = {
    "PERSISTENCE_MODULE": "eventsourcing.postgres",
    "APPLICATION_RECORDER_TOPIC": "projections.recorder:LogRecorder",
    "TRANSCODER_TOPIC": "projections.codec:OrjsonTranscoder",
    "MAPPER_TOPIC": "projections.codec:FactMapper",
    "IS_SNAPSHOTTING_ENABLED": "y",
    "POSTGRES_PRE_PING": "y",
    "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": "60",
}
CONNECTION_FIELDS = frozenset({"dbname", "host", "port", "user", "password"})
KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
"""A database host that has vanished is noticed within half a minute, not after two hours."""
MIGRATION_LOCK = 7_309_842_211
"""Only one process makes tables at a time: two at once fail on each other's catalogue rows."""


@dataclass(frozen=True)
class Store:
    """The application on its log, and the read models made from it."""

    app: Milemarker
    views: Views

    def close(self) -> None:
        self.app.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(database_url: str, *, connections_max: int = 12, create_tables: bool = False) -> Store:
    """The log and its read models at this URL; any parameter that libpq knows may stand in it."""
    given = conninfo_to_dict(database_url)
    app = Milemarker(
        env=ENVIRONMENT
        | {
            "POSTGRES_DBNAME": str(given.get("dbname", "")),
            "POSTGRES_HOST": str(given.get("host", "")),
            "POSTGRES_PORT": str(given.get("port", 5432)),
            "POSTGRES_USER": str(given.get("user", "")),
            "POSTGRES_PASSWORD": str(given.get("password", "")),
            "POSTGRES_POOL_SIZE": "1",
            "POSTGRES_MAX_OVERFLOW": str(connections_max - 1),
            "CREATE_TABLE": "y" if create_tables else "n",
        }
    )
    factory = app.factory
    assert isinstance(factory, PostgresFactory)
    assert isinstance(factory.datastore.pool.kwargs, dict)
    factory.datastore.pool._check = ask_if_broken
    factory.datastore.pool.kwargs.update(
        KEEPALIVES | {name: value for name, value in given.items() if name not in CONNECTION_FIELDS}
    )
    return Store(app, Views(factory.datastore, app.recorder, app.mapper, VIEWS))


def ask_if_broken(connection: Connection[Any]) -> None:
    """Raises psycopg's error when the server has ended this connection; as the library's check, without its question.

    To a connection that nobody uses the server says something only when it ends it, and the kernel knows of one whose
    host is gone. The library asks each time, and each of our steps is hardly longer than that.
    """
    with DefaultSelector() as selector:
        selector.register(connection.fileno(), EVENT_READ)
        if selector.select(0):
            ConnectionPool.check_connection(connection)


def migrate(database_url: str) -> None:
    """Create or upgrade every table, and make anew the read models that another version made; the same again changes
    nothing."""
    # The lock is the connection's: many a database ends transactions that are idle as long as a rebuild takes.
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        with open_store(database_url, create_tables=True) as store:
            store.views.create_table()
            for name in store.views.outdated():
                store.views.rebuild(name)
