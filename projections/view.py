"""A read model: rows and what a fact does to them. Rows and position are written in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from eventsourcing.persistence import ApplicationRecorder, Mapper, Notification, StoredEvent, Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier

from projections.codec import OrjsonTranscoder, read_as

Row = TypeVar("Row")
NEXT = "_next"
"""What the tables of a view are called, beside its name, while it is rebuilt."""
KEEP_VERSION = "INSERT INTO view_versions VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET version = excluded.version"
_transcoder = OrjsonTranscoder()


def row_text(row: object) -> str:
    """A row as its table holds it."""
    return _transcoder.encode(row).decode()


def own(fact: Any) -> UUID:
    """The id of the row that a fact belongs to, where each aggregate has one of its own."""
    aggregate: UUID = fact.originator_id
    return aggregate


def of_target(fact: Any) -> UUID:
    """The id of the row that a fact belongs to, where checkpoints and milestones stand in their target's."""
    target: UUID = getattr(fact, "target", fact.originator_id)
    return target


@dataclass(frozen=True)
class View(Generic[Row]):
    """A read model by its name (also its table's): JSON rows by id, made by one pure function.

    evolve: (row or None, fact) -> the row after the fact, or None for none; topics: the facts that it looks at;
    page: how many facts a transaction takes at most; key: fact -> id of its row; indexes: what else rows are found
    by, expressions of SQL such as "(row->>'recipient'), id", new ones at the end; placed: what a new row makes of the
    position of its first fact, where it keeps that; reads_as: a class with those fields of its facts that evolve looks
    at, where reading all of them costs much; version: one more whenever old facts come to other rows than before: a
    migration makes them anew.
    """

    name: str
    row_type: type[Row]
    evolve: Callable[[Row | None, Any], Row | None]
    topics: Sequence[str]
    page: int = 1_000
    key: Callable[[Any], UUID] = own
    indexes: Sequence[str] = ()
    placed: Callable[[Row, int], Row] | None = None
    reads_as: type[Any] | None = None
    version: int = 1

    @cached_property
    def decoder(self) -> msgspec.json.Decoder[Row]:
        return msgspec.json.Decoder(self.row_type)

    def fact(self, mapper: Mapper[UUID], stored: StoredEvent) -> Any:
        """A stored fact as this view reads it."""
        return mapper.to_domain_event(stored) if self.reads_as is None else read_as(self.reads_as, stored)

    def after(self, row: Row | None, fact: Any, position: int) -> Row | None:
        """The row after the fact at this position."""
        after = self.evolve(row, fact)
        if row is None and after is not None and self.placed is not None:
            return self.placed(after, position)
        return after


class Views(PostgresTrackingRecorder):
    """The tables of the read models and how far each has followed the log. Any number of processes may follow."""

    def __init__(
        self,
        datastore: PostgresDatastore,
        log: ApplicationRecorder,
        mapper: Mapper[UUID],
        views: Sequence[View[Any]],
    ) -> None:
        super().__init__(datastore, tracking_table_name="view_positions")
        self.views = {view.name: view for view in views}
        self._log = log
        self._mapper = mapper
        self.sql_create_statements += [
            statement for view in views for statement in (_create_table(view.name), *_create_indexes(view, view.name))
        ]

    def _create_table(self, curs: Cursor[DictRow]) -> None:
        super()._create_table(curs)
        # The library's table is vacuumed hardly ever, and this one has a few rows rewritten all day long.
        curs.execute(
            "ALTER TABLE view_positions SET (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0)"
        )
        curs.execute("CREATE TABLE IF NOT EXISTS view_versions (name text PRIMARY KEY, version int NOT NULL)")
        for view in self.views.values():
            curs.execute("INSERT INTO view_positions VALUES (%s, 0) ON CONFLICT DO NOTHING", (view.name,))
            if self._log.max_notification_id() is None:
                curs.execute(KEEP_VERSION, (view.name, view.version))

    def position(self, name: str) -> int:
        return self.max_tracking_id(name) or 0

    def follow(self, view: View[Any]) -> int | None:
        """Take the next facts into a view, in one transaction; how many, or None when the log has nothing new.

        0: there was something new, and nothing of it for this view.
        """
        position, top = self.position(view.name), self._log.max_notification_id() or 0
        if position >= top:
            return None
        page = self._page(view, position, top)
        with self._writing() as curs:
            # Another process may have taken this page meanwhile: then there is more to do, but not this.
            if self._locked(curs, view.name) != position:
                return 1
            self._advance(curs, view, view.name, page, top)
        return len(page)

    def _page(self, view: View[Any], position: int, top: int) -> Sequence[Notification]:
        return self._log.select_notifications(position + 1, view.page, stop=top, topics=view.topics)

    @contextmanager
    def _writing(self) -> Iterator[Cursor[DictRow]]:
        with self.datastore.transaction(commit=True) as curs:
            # A view lost in a crash is read from the log again, row and position alike.
            curs.execute("SET LOCAL synchronous_commit = off")
            yield curs

    def _locked(self, curs: Cursor[DictRow], table: str) -> int:
        """How far a table has followed; nobody else advances it in this transaction's time."""
        curs.execute("SELECT notification_id FROM view_positions WHERE application_name = %s FOR UPDATE", (table,))
        row = curs.fetchone()
        position: int = row["notification_id"] if row is not None else 0
        return position

    def _advance(
        self, curs: Cursor[DictRow], view: View[Any], table: str, page: Sequence[Notification], top: int
    ) -> int:
        """Take the page, read up to position `top`, into this table; the position reached."""
        reached = page[-1].id if len(page) == view.page else top
        self._apply(curs, view, table, page)
        self._insert_tracking(curs, Tracking(table, reached))
        return reached

    def _apply(self, curs: Cursor[DictRow], view: View[Any], table: str, page: Sequence[Notification]) -> None:
        if not page:
            return
        facts = [(notification.id, view.fact(self._mapper, notification)) for notification in page]
        ids = list({view.key(fact) for _, fact in facts})
        curs.execute(_on(table, "SELECT id, row::text AS row FROM {} WHERE id = ANY(%b)"), (ids,), prepare=True)
        rows: dict[Any, Any] = {row["id"]: view.decoder.decode(row["row"]) for row in curs}
        positions: dict[Any, int] = {}
        for position, fact in facts:
            one = view.key(fact)
            after = view.after(rows.get(one), fact, position)
            if after is not None:
                rows[one] = after
                positions[one] = position
        changed = sorted(positions)
        curs.execute(
            _on(
                table,
                "INSERT INTO {} (id, position, row)"
                " SELECT id, position, row::json FROM unnest(%b::uuid[], %b::bigint[], %b::text[])"
                " AS k (id, position, row)"
                " ON CONFLICT (id) DO UPDATE SET position = excluded.position, row = excluded.row",
            ),
            (changed, [positions[one] for one in changed], [row_text(rows[one]) for one in changed]),
            prepare=True,
        )

    def outdated(self) -> list[str]:
        """The views whose rows were made by another version than this one's."""
        with self.datastore.cursor() as curs:
            curs.execute("SELECT name, version FROM view_versions")
            made = {row["name"]: row["version"] for row in curs}
        return [view.name for view in self.views.values() if made.get(view.name) != view.version]

    def rebuild(self, name: str, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Make a view anew from position 0 beside the old one, and swap it in once it has caught up.

        progress: called with (position, last position) after every transaction. The position reached.
        """
        with self._rebuilding_alone(name):
            return self._rebuild(name, progress)

    @contextmanager
    def _rebuilding_alone(self, name: str) -> Iterator[None]:
        """Two rebuilds of one view would share its new table: the second waits. The lock ends with its process."""
        with self.datastore.get_connection() as connection:
            connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (name + NEXT,))
            try:
                yield
            finally:
                connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (name + NEXT,))

    def _rebuild(self, name: str, progress: Callable[[int, int], None]) -> int:
        view, table = self.views[name], name + NEXT
        with self.datastore.transaction(commit=True) as curs:
            curs.execute(_on(table, "DROP TABLE IF EXISTS {}"))
            curs.execute(_create_table(table))
            for statement in _create_indexes(view, table):
                curs.execute(statement)
            curs.execute("DELETE FROM view_positions WHERE application_name = %s", (table,))
            curs.execute("INSERT INTO view_positions VALUES (%s, 0)", (table,))
            curs.execute("INSERT INTO view_positions VALUES (%s, 0) ON CONFLICT DO NOTHING", (name,))
        position, top = 0, self._log.max_notification_id() or 0
        while position < top:
            page = self._page(view, position, top)
            with self._writing() as curs:
                position = self._advance(curs, view, table, page, top)
            progress(position, top)
            top = self._log.max_notification_id() or 0
        return self._swap(view)

    def _swap(self, view: View[Any]) -> int:
        """Put the new table in the old one's place while nobody advances either."""
        name, table = view.name, view.name + NEXT
        with self.datastore.transaction(commit=True) as curs:
            top = max(self._locked(curs, name), self._log.max_notification_id() or 0)
            position = self._locked(curs, table)
            while position < top:
                position = self._advance(curs, view, table, self._page(view, position, top), top)
            curs.execute(_on(name, "DROP TABLE IF EXISTS {}"))
            curs.execute(SQL("ALTER TABLE {} RENAME TO {}").format(Identifier(table), Identifier(name)))
            for suffix in ("pkey", *(_suffix(number) for number in range(len(view.indexes)))):
                curs.execute(
                    SQL("ALTER INDEX {} RENAME TO {}").format(
                        Identifier(f"{table}_{suffix}"), Identifier(f"{name}_{suffix}")
                    )
                )
            curs.execute("DELETE FROM view_positions WHERE application_name = %s", (table,))
            curs.execute("UPDATE view_positions SET notification_id = %s WHERE application_name = %s", (position, name))
            curs.execute(KEEP_VERSION, (name, view.version))
        return position


def _create_table(name: str) -> Composed:
    return SQL(
        "CREATE TABLE IF NOT EXISTS {} (id uuid CONSTRAINT {} PRIMARY KEY, position bigint NOT NULL, row json NOT NULL)"
        " WITH (fillfactor = 70)"
    ).format(Identifier(name), Identifier(f"{name}_pkey"))


def _create_indexes(view: View[Any], table: str) -> list[Composed]:
    return [
        SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})").format(
            Identifier(f"{table}_{_suffix(number)}"), Identifier(table), SQL(expression)
        )
        for number, expression in enumerate(view.indexes)
    ]


def _suffix(number: int) -> str:
    return f"by_{number}"


def _on(table: str, statement: str) -> Composed:
    return SQL(statement).format(Identifier(table))
