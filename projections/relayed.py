"""The log as the relay reads it: one process at a time has the turn, and notes how far the facts were published."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection
from psycopg.rows import DictRow, tuple_row
from psycopg.sql import SQL, Identifier

from projections.facts import FACTS_AFTER, StoredFact
from projections.store import Store

RELAY_LOCK = 7_309_842_212


class Mark(NamedTuple):
    """How far a stream holds the log."""

    stream: str
    """When the stream was made, in the words of its server: another one has another time."""
    position: int
    sequence: int
    """The stream's last, once it held the fact at `position`."""


class Turn:
    """The right to publish, which lasts as long as one connection: what breaks it ends the turn."""

    def __init__(self, connection: Connection[DictRow]) -> None:
        self._connection = connection
        self._noted: Mark | None = None

    def facts_after(self, position: int, limit: int) -> list[StoredFact]:
        """In order; fewer than `limit` also when they are large."""
        with self._connection.cursor(row_factory=tuple_row, binary=True) as curs:
            return [StoredFact(*row) for row in curs.execute(FACTS_AFTER, (position, limit), prepare=True)]

    def wait_for_more(self, within_s: float) -> None:
        """Until the log says that it has grown, or so long."""
        for _ in self._connection.notifies(timeout=within_s, stop_after=1):
            pass

    def mark(self) -> Mark | None:
        row = self._connection.execute("SELECT stream, position, sequence FROM relayed").fetchone()
        self._noted = None if row is None else Mark(**row)
        return self._noted

    def note(self, mark: Mark) -> None:
        if mark == self._noted:
            return
        # One lost in a crash is no harm: the stream itself says more.
        with self._connection.transaction():
            self._connection.execute("SET LOCAL synchronous_commit = off")
            self._connection.execute(
                "INSERT INTO relayed (stream, position, sequence) VALUES (%s, %s, %s) ON CONFLICT (one) DO UPDATE"
                " SET stream = excluded.stream, position = excluded.position, sequence = excluded.sequence",
                mark,
            )
        self._noted = mark


@contextmanager
def taking_turn(store: Store) -> Iterator[Turn | None]:
    """The turn, until the end of this; None while another process has it."""
    datastore: PostgresDatastore = store.views.datastore
    channel = Identifier(store.app.recorder.channel_name)  # type: ignore[attr-defined]
    with datastore.get_connection() as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s) AS mine", (RELAY_LOCK,)).fetchone()
        if row is None or not row["mine"]:
            yield None
            return
        try:
            connection.execute(SQL("LISTEN {}").format(channel))
            yield Turn(connection)
        finally:
            # The connection goes back to the pool as it came from it; a broken one holds nothing any more.
            if not connection.broken:
                connection.execute(SQL("UNLISTEN {}").format(channel))
                connection.execute("SELECT pg_advisory_unlock(%s)", (RELAY_LOCK,))
