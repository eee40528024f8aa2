"""The refusals that are still to be told, beside the log: kept in its transactions, told by ingest beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from eventsourcing.postgres import PostgresDatastore
from psycopg import Cursor
from psycopg.rows import DictRow

from domain.refusal import Refused
from domain.untold import Refusal

ITEM_BYTES_MAX = 16 * 1024
"""A refused sale is shown as it came, up to this size."""
TEXT_LENGTH_MAX = 400
"""Names and ids come from outside: those that are any good are shorter."""


@dataclass(frozen=True)
class Untold:
    """A refusal as it is to be published; `name` makes it one, however often it is."""

    number: int
    source: str | None
    name: str
    body: bytes


def keep_refusals(curs: Cursor[DictRow], refusals: Sequence[Refusal], at: datetime) -> None:
    curs.execute(
        "INSERT INTO untold_refusals (source, name, body) SELECT source, coalesce(name, gen_random_uuid()::text), body"
        " FROM unnest(%b::text[], %b::text[], %b::bytea[]) AS k (source, name, body)",
        (
            [_storable(one.source or one.subject.removeprefix("sales.") or None) for one in refusals],
            [one.name for one in refusals],
            [body_of(one, at) for one in refusals],
        ),
    )


class UntoldRefusals:
    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore

    def some(self, limit: int) -> list[Untold]:
        """The oldest ones."""
        with self._datastore.cursor() as curs:
            curs.execute("SELECT * FROM untold_refusals ORDER BY number LIMIT %s", (limit,), prepare=True)
            return [Untold(row["number"], row["source"], row["name"], bytes(row["body"])) for row in curs]

    def told(self, refusals: Sequence[Untold]) -> None:
        with self._datastore.transaction(commit=True) as curs:
            curs.execute(
                "DELETE FROM untold_refusals WHERE number = ANY(%b::bigint[])", ([one.number for one in refusals],)
            )


def body_of(refusal: Refusal, at: datetime) -> bytes:
    """What is published of a refusal, with the sale as it came where that can be shown."""
    said: dict[str, Any] = {
        "code": refusal.code,
        "detail": refusal.detail[:TEXT_LENGTH_MAX],
        "field": refusal.field[:TEXT_LENGTH_MAX],
        "source": _short(refusal.source),
        "id": _short(refusal.id),
        "subject": refusal.subject,
        "refused_at": at,
    }
    if (shown := _shown(refusal.item)) is not None:
        said["sale"] = orjson.Fragment(shown)
    return orjson.dumps(said)


def _shown(item: Any) -> bytes | None:
    if item is None or isinstance(item, Refused):
        return None
    try:
        shown = orjson.dumps(item)
    except orjson.JSONEncodeError:
        # orjson reads 1,024 levels and writes 254: a sale nested deeper is told without itself.
        return None
    return shown if len(shown) <= ITEM_BYTES_MAX else None


def _short(text: str | None) -> str | None:
    return None if text is None else text[:TEXT_LENGTH_MAX]


def _storable(source: str | None) -> str | None:
    """PostgreSQL has no NUL in texts; a source with one could be no subject either."""
    return None if source is None or "\0" in source else source[:TEXT_LENGTH_MAX]
