"""The tables of the read models: rows and positions, written in one transaction, followed on and made anew."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, Mapper
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresTrackingRecorder
from psycopg import Cursor
from psycopg.rows import DictRow, tuple_row
from psycopg.sql import SQL, Composed, Identifier

from projections.view import Read, View, row_text

NEXT = "_next"
"""What the tables of a view are called, beside its name, while it is rebuilt."""
KEEP_VERSION = "INSERT INTO view_versions VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET version = excluded.version"
STANDING = """
SELECT k.name, p.notification_id AS position, v.version, (SELECT max(notification_id) FROM {log}) AS top
FROM unnest(%s::text[]) AS k (name) LEFT JOIN view_positions AS p ON p.application_name = k.name
LEFT JOIN view_versions AS v ON v.name = k.name
"""
STILL_AT = """
SELECT k.name FROM unnest(%s::text[], %s::int[]) AS k (name, version)
JOIN view_positions AS p ON p.application_name = k.name LEFT JOIN view_versions AS v ON v.name = k.name
WHERE p.notification_id = %s AND coalesce(v.version, k.version) = k.version ORDER BY k.name FOR UPDATE OF p
"""
ROWS = "SELECT id, row::text AS row FROM {} WHERE id = ANY(%b)"
KEEP_ROWS = """
INSERT INTO {} (id, position, row)
SELECT id, position, row::json FROM unnest(%b::uuid[], %b::bigint[], %b::text[]) AS k (id, position, row)
ON CONFLICT (id) DO UPDATE SET position = excluded.position, row = excluded.row
"""


class AnotherVersion(Exception):
    """A read model's rows are made by another version of Milemarker than this one; says what to do."""


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
        assert isinstance(log, PostgresApplicationRecorder)
        self._log = log
        self._standing_statement = SQL(STANDING).format(
            log=SQL("{}.{}").format(Identifier(datastore.schema), Identifier(log.events_table_name))
        )
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

    def follow(self, *views: View[Any]) -> int | None:
        """Take the next facts into these views, which read alike; how many, or None when the log has nothing new.

        Views that stand at one position take a page together, in one transaction; behind them those that are further
        back, up to where the ones before now stand. 0: there was something new, and nothing of it for these.
        Raises AnotherVersion.
        """
        top, positions = self._standing([view.name for view in views])
        taken: int | None = None
        for position in sorted({*positions.values()}, reverse=True):
            if position < top:
                here = [view for view in views if positions[view.name] == position]
                many, top = self._take(here, position, top)
                taken = many + (taken or 0)
        return taken

    def _standing(self, names: list[str]) -> tuple[int, dict[str, int]]:
        """The last position in the log, and those of these views, at one moment."""
        with self.datastore.cursor() as curs:
            curs.execute(self._standing_statement, (names,), prepare=True)
            rows = curs.fetchall()
            for row in rows:
                _refuse_other_version(row["name"], row["version"], self.views[row["name"]].version)
                if row["position"] is None:
                    curs.execute("INSERT INTO view_positions VALUES (%s, 0) ON CONFLICT DO NOTHING", (row["name"],))
        return rows[0]["top"] or 0, {row["name"]: row["position"] or 0 for row in rows}

    def _take(self, views: Sequence[View[Any]], position: int, top: int) -> tuple[int, int]:
        """Take the page after this position into these views; how many facts, and the position reached."""
        page = self._page(views, position, top)
        reached = _reached(page, views[0], top)
        with self._writing() as curs:
            asked = ([view.name for view in views], [view.version for view in views], position)
            curs.execute(STILL_AT, asked, prepare=True)
            mine = {row["name"] for row in curs}
            for view in views:
                if view.name in mine:
                    self._apply(curs, view, view.name, page)
            self._keep_positions(curs, mine, reached)
        # Another process may have taken this page meanwhile: then there is more to do, but not this.
        return (len(page), reached) if mine else (1, position)

    def _page(self, views: Sequence[View[Any]], position: int, top: int) -> list[Read]:
        """The next facts of any of these views, each read once for all of them."""
        assert len({view.reading for view in views}) == 1, "they read alike"
        first, topics = views[0], sorted(frozenset[str]().union(*(view.wanted for view in views)))
        found = self._log.select_notifications(position + 1, first.page, stop=top, topics=topics)
        return [Read(one.id, one.topic, first.fact(self._mapper, one)) for one in found]

    def _keep_positions(self, curs: Cursor[DictRow], names: Collection[str], reached: int) -> None:
        curs.execute(
            "UPDATE view_positions SET notification_id = %s WHERE application_name = ANY(%s)",
            (reached, list(names)),
            prepare=True,
        )

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

    def _advance(self, curs: Cursor[DictRow], view: View[Any], table: str, position: int, top: int) -> int:
        """Take the page after this position, read up to position `top`, into this table; the position reached."""
        page = self._page([view], position, top)
        reached = _reached(page, view, top)
        self._apply(curs, view, table, page)
        self._keep_positions(curs, [table], reached)
        return reached

    def _apply(self, curs: Cursor[DictRow], view: View[Any], table: str, page: Sequence[Read]) -> None:
        read = [(view.key(one.fact), one) for one in page if one.topic in view.wanted]
        if not read:
            return
        rows = self._rows(curs, view, table, {row_id for row_id, _ in read})
        positions: dict[UUID, int] = {}
        for row_id, (position, _, fact) in read:
            after = view.after(rows.get(row_id), fact, position)
            if after is not None:
                rows[row_id] = after
                positions[row_id] = position
        # In this order everywhere, so that two never wait for each other.
        changed = sorted(positions, key=attrgetter("int"))
        texts = [row_text(rows[one]) for one in changed]
        curs.execute(_on(table, KEEP_ROWS), (changed, [positions[one] for one in changed], texts), prepare=True)

    def _rows(self, curs: Cursor[DictRow], view: View[Any], table: str, ids: Collection[UUID]) -> dict[UUID, Any]:
        with curs.connection.cursor(binary=True, row_factory=tuple_row) as found:
            found.execute(_on(table, ROWS), (list(ids),), prepare=True)
            return {row_id: view.decoder.decode(text) for row_id, text in found}

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
            with self._writing() as curs:
                position = self._advance(curs, view, table, position, top)
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
                position = self._advance(curs, view, table, position, top)
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


def _reached(page: Sequence[Read], view: View[Any], top: int) -> int:
    """A full page may have left some facts up to `top` for the next."""
    return page[-1].position if len(page) == view.page else top


def _refuse_other_version(name: str, made: int | None, ours: int) -> None:
    if made is not None and made < ours:
        raise AnotherVersion(f"the read model {name} was made by an older version: run `milemarker migrate`")
    if made is not None and made > ours:
        raise AnotherVersion(f"the read model {name} is made by a newer version: this process is to be replaced")


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


@cache
def _on(table: str, statement: str) -> Composed:
    return SQL(statement).format(Identifier(table))
