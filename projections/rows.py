"""Verifies that each row of a read model is what the facts make of it."""

from collections.abc import Callable, Container, Iterator, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification
from psycopg.sql import SQL, Identifier

from projections.store import Store
from projections.view import View, own, row_text

Differs = Callable[[str], None]
PAGE = 50
ROWS_A_PAGE = 10_000
ROWS_AT_ONCE = 500_000
"""A checkpoint's row takes about 1.2 KB of memory."""
IDS = 2**128
QUOTED_MAX = 200
"""Characters of a row that are quoted."""


def log_of(store: Store, upto: int, topics: Sequence[str] = ()) -> Iterator[Notification]:
    """The log's facts of these topics up to a position, in order; of all topics when none is named."""
    after = 0
    while page := store.app.recorder.select_notifications(after + 1, PAGE, stop=upto, topics=topics):
        yield from page
        after = page[-1].id


def compare_rows(store: Store, view: View[Any], differs: Differs, at_once: int = ROWS_AT_ONCE) -> None:
    """Make a view again in memory, as far as its table says that it has followed, and name the first row that differs.

    at_once: about how many rows are held in memory; where there are more, the log is read again for each part of them.
    """
    with store.views.datastore.cursor() as curs:
        curs.execute(SQL("SELECT count(*) AS rows FROM {}").format(Identifier(view.name)))
        found = curs.fetchone()
    parts = 1 + (found["rows"] if found is not None else 0) // at_once
    for part in range(parts):
        if _differ(store, view, _Part(part, parts), differs):
            return


class _Part(Container[UUID]):
    """Of all ids in order, the part with this number, of so many equal ones."""

    def __init__(self, number: int, parts: int) -> None:
        self.first = UUID(int=-(-IDS * number // parts))
        self.last = UUID(int=-(-IDS * (number + 1) // parts) - 1)

    def __contains__(self, one: object) -> bool:
        return isinstance(one, UUID) and self.first <= one <= self.last


def _differ(store: Store, view: View[Any], part: _Part, differs: Differs) -> bool:
    upto, stored = _stored(store, view, part)
    rows: dict[UUID, Any] = {}
    positions: dict[UUID, int] = {}
    for notification in log_of(store, upto, view.topics):
        if view.key is own and notification.originator_id not in part:
            continue
        try:
            fact = view.fact(store.app.mapper, notification)
        except ValueError:
            differs(f"{view.name} can't be made again: the fact at position {notification.id} can't be read")
            return True
        one = view.key(fact)
        after = view.after(rows.get(one), fact, notification.id) if one in part else None
        if after is not None:
            rows[one] = after
            positions[one] = notification.id
    for one in sorted({*rows, *stored}):
        due = row_text(rows[one]) if one in rows else None
        if stored.get(one) != (None if due is None else _hash(positions[one], due)):
            differs(
                f"{view.name} says of {one}: {_said(store, view, one)} - the facts say:"
                f" {'nothing' if due is None else due[:QUOTED_MAX]}"
            )
            return True
    return False


def _stored(store: Store, view: View[Any], part: _Part) -> tuple[int, dict[UUID, bytes]]:
    """How far the table has followed, and its rows of this part by id, as hashes, of that very moment."""
    page = SQL("SELECT id, position, row::text AS row FROM {} WHERE id >= %s AND id <= %s ORDER BY id LIMIT {}").format(
        Identifier(view.name), ROWS_A_PAGE
    )
    stored: dict[UUID, bytes] = {}
    first: UUID | None = part.first
    with store.views.datastore.transaction() as curs:
        curs.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        curs.execute("SELECT notification_id FROM view_positions WHERE application_name = %s", (view.name,))
        found = curs.fetchone()
        while first is not None:
            curs.execute(page, (first, part.last))
            rows = curs.fetchall()
            stored |= {row["id"]: _hash(row["position"], row["row"]) for row in rows}
            more = len(rows) == ROWS_A_PAGE and rows[-1]["id"] < part.last
            first = UUID(int=rows[-1]["id"].int + 1) if more else None
    return (found["notification_id"] if found is not None else 0), stored


def _said(store: Store, view: View[Any], one: UUID) -> str:
    with store.views.datastore.cursor() as curs:
        curs.execute(SQL("SELECT row::text AS row FROM {} WHERE id = %s").format(Identifier(view.name)), (one,))
        found = curs.fetchone()
    return "nothing" if found is None else str(found["row"])[:QUOTED_MAX]


def _hash(position: int, text: str) -> bytes:
    return blake2b(f"{position} {text}".encode(), digest_size=16).digest()
