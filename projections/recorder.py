"""The log on PostgreSQL: the library's recorder with binary arrays, and transactions that hold its insert lock."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast
from uuid import UUID

from eventsourcing.domain import BaseAggregate
from eventsourcing.persistence import InterfaceError, Mapper, Notification, OperationalError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import retry
from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier

from domain.application import News
from projections.tables import LOG_TABLES, NOT_PROGRESS
from projections.writing import PostgresWriting

LOCK_IDLE_MS_MAX = 120_000
NEWS = """
SELECT followed.position, followed.top, fact.* FROM (SELECT
    (SELECT position FROM followers WHERE name = %b) AS position,
    (SELECT max(notification_id) FROM {events}) AS top
) AS followed
LEFT JOIN LATERAL (SELECT * FROM {events}
    WHERE followed.position IS NOT NULL AND notification_id > greatest(followed.position, %b::bigint)
        AND topic = ANY(%b) ORDER BY notification_id LIMIT %b
) AS fact ON true ORDER BY fact.notification_id
"""
A = TypeVar("A", bound=BaseAggregate[UUID])


class LogRecorder(PostgresApplicationRecorder):
    """Same table, lock and notification as the library's recorder; events go in as four binary arrays."""

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = "stored_events") -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        id_type = SQL(datastore.originator_id_type)
        self.insert_events_statement = SQL(
            "INSERT INTO {}.{} (originator_id, originator_version, topic, state) "
            "SELECT * FROM unnest(%b::{}[], %b::bigint[], %b::text[], %b::bytea[]) RETURNING notification_id"
        ).format(Identifier(datastore.schema), Identifier(events_table_name), id_type)
        self.sql_create_statements += [
            Composed([SQL(LOG_TABLES)]),
            SQL(
                "CREATE INDEX IF NOT EXISTS {} ON {}.{} (originator_id, originator_version) WHERE " + NOT_PROGRESS
            ).format(
                Identifier(f"{events_table_name}_not_progress"),
                Identifier(datastore.schema),
                Identifier(events_table_name),
            ),
        ]
        # One round trip: from the lock on everybody else waits. The last position is asked for once it is held.
        self._begin_writing = SQL("; ").join(
            [
                # Who is frozen or cut off while it holds the lock would stop all others for ever.
                SQL("SET LOCAL idle_in_transaction_session_timeout = {}").format(LOCK_IDLE_MS_MAX),
                *cast(list[Composed], self.lock_table_statements),
                SQL("NOTIFY {}").format(Identifier(self.channel_name)),
                self.max_notification_id_statement,
            ]
        )
        self._news = SQL(NEWS).format(
            events=SQL("{}.{}").format(Identifier(datastore.schema), Identifier(events_table_name))
        )

    @property
    def snapshots_table_name(self) -> str:
        return self.events_table_name.removesuffix("_events") + "_snapshots"

    def _insert_stored_events(self, curs: Cursor[DictRow], stored_events: Sequence[StoredEvent], **_: Any) -> None:
        self._lock_table(curs)
        self._notify_channel(curs)
        self.append(curs, stored_events)

    def append(self, curs: Cursor[DictRow], stored_events: Sequence[StoredEvent]) -> None:
        """Insert events where the lock is held already; the cursor holds their positions."""
        columns: tuple[list[Any], list[int], list[str], list[bytes]] = ([], [], [], [])
        for stored in stored_events:
            columns[0].append(stored.originator_id)
            columns[1].append(stored.originator_version)
            columns[2].append(stored.topic)
            columns[3].append(stored.state)
        curs.execute(self.insert_events_statement, columns, prepare=True)

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """As the library's, with binary rows: as text every byte of a fact would be written, sent and read as two."""
        asked: dict[str, Any] = {}
        if start is not None:
            asked[f"notification_id {'>=' if inclusive_of_start else '>'} %s"] = start
        if stop is not None:
            asked["notification_id <= %s"] = stop
        if topics:
            asked["topic = ANY(%s)"] = list(topics)
        statement = SQL("SELECT * FROM {}.{} WHERE {} ORDER BY notification_id LIMIT %s").format(
            Identifier(self.datastore.schema),
            Identifier(self.events_table_name),
            SQL(" AND ").join(SQL(condition) for condition in asked or ["true"]),
        )
        with self.datastore.get_connection() as conn, conn.cursor(binary=True) as curs:
            curs.execute(statement, [*asked.values(), limit], prepare=True)
            return [
                Notification(
                    id=row["notification_id"],
                    originator_id=row["originator_id"],
                    originator_version=row["originator_version"],
                    topic=row["topic"],
                    state=row["state"],
                )
                for row in curs
            ]

    @contextmanager
    def writing(self, mapper: Mapper[UUID]) -> Iterator[PostgresWriting]:
        """One transaction that holds the insert lock from its beginning: commits at the end, rolls back on errors."""
        with self.datastore.transaction(commit=True) as curs:
            curs.execute(self._begin_writing)
            while curs.nextset():
                pass
            row = curs.fetchone()
            assert row is not None
            yield PostgresWriting(self, curs, mapper, row["max"] or 0)

    def aggregates(self, mapper: Mapper[UUID], kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        """As `PostgresWriting.aggregates`, without the log's lock: whoever may write them may be doing so."""
        with self.datastore.cursor() as curs:
            return PostgresWriting(self, curs, mapper).aggregates(kind, ids)

    def followed(self, follower: str) -> int | None:
        """The position up to which this follower has done its work; None for one that has never begun."""
        with self.datastore.cursor() as curs:
            curs.execute("SELECT position FROM followers WHERE name = %s", (follower,), prepare=True)
            row = curs.fetchone()
            return None if row is None else int(row["position"])

    def news(self, mapper: Mapper[UUID], follower: str, topics: Sequence[str], limit: int, *, seen: int = 0) -> News:
        """As `domain.application.Store.news`: position, top and facts by one statement, so that they agree."""
        with self.datastore.get_connection() as conn, conn.cursor(binary=True) as curs:
            curs.execute(self._news, (follower, seen, list(topics), limit), prepare=True)
            rows = curs.fetchall()
        facts = [
            (
                row["notification_id"],
                mapper.to_domain_event(
                    StoredEvent(row["originator_id"], row["originator_version"], row["topic"], row["state"])
                ),
            )
            for row in rows
            if row["notification_id"] is not None
        ]
        return News(rows[0]["position"], rows[0]["top"] or 0, facts)

    def filling(self) -> list[UUID]:
        """The targets that are filling, oldest first."""
        with self.datastore.cursor() as curs:
            curs.execute("SELECT target FROM routes WHERE filling ORDER BY changed", prepare=True)
            return [row["target"] for row in curs]

    @contextmanager
    def claiming(self, ids: Sequence[UUID]) -> Iterator[list[UUID]]:
        """Of these targets, those whose advisory lock this process gets; held until the end, or until it dies."""
        keys = [int.from_bytes(one.bytes[:8], signed=True) for one in ids]
        with self.datastore.get_connection() as conn, conn.cursor() as curs:
            curs.execute("SELECT pg_try_advisory_lock(k) AS got FROM unnest(%s::bigint[]) AS k", (keys,))
            got = [bool(row["got"]) for row in curs]
            try:
                yield [one for one, mine in zip(ids, got, strict=True) if mine]
            finally:
                held = [key for key, mine in zip(keys, got, strict=True) if mine]
                curs.execute("SELECT pg_advisory_unlock(k) FROM unnest(%s::bigint[]) AS k", (held,))
