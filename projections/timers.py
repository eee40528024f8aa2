"""Which timers the agenda wants, and which of them are set: for the worker that sets them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from eventsourcing.postgres import PostgresDatastore
from psycopg.rows import DictRow

from domain.agenda import GRACED, OF_SALES, TIMED, UNHURRIED, Errand

AT_ONCE = (*UNHURRIED, Errand.RECUR)
UNGRACED = tuple(errand for errand in OF_SALES if errand not in GRACED)
IS_TIMED = f"errand IN ({', '.join(repr(errand.value) for errand in TIMED)})"
KEYS = "unnest(%b::uuid[], %b::text[], %b::int[]) AS k (subject, errand, number)"
SAME = "agenda.subject = k.subject AND agenda.errand = k.errand AND agenda.number = k.number"


@dataclass(frozen=True)
class Timer:
    """A timer of the agenda, and when it is to ring; `due` is None for one that is to be taken back."""

    subject: UUID
    errand: str
    number: int
    due: datetime | None


@dataclass(frozen=True)
class FallenDue:
    """unhurried: whether anything has that no sale decides; of_sales: since when the oldest has that sales decide."""

    unhurried: bool
    of_sales: datetime | None


class Timers:
    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore

    def unset(self, limit: int) -> list[Timer]:
        """Some of the timers that don't ring when the agenda says, and those that are to ring no more."""
        return self._select(
            "SELECT subject, errand, number, due FROM agenda"
            f" WHERE {IS_TIMED} AND scheduled IS DISTINCT FROM due LIMIT %s",
            limit,
        )

    def after(self, last: Timer | None, limit: int) -> list[Timer]:
        """The timers that the agenda wants, in order, those after this one."""
        key = (UUID(int=0), "", 0) if last is None else (last.subject, last.errand, last.number)
        return self._select(
            "SELECT subject, errand, number, due FROM agenda WHERE due IS NOT NULL"
            f" AND {IS_TIMED} AND (subject, errand, number) > (%s, %s, %s)"
            " ORDER BY subject, errand, number LIMIT %s",
            *key,
            limit,
        )

    def keep_set(self, timers: Sequence[Timer]) -> None:
        """These ring when they say, or were taken back; what the agenda has changed meanwhile is set again."""
        with self._datastore.transaction(commit=True) as curs:
            curs.execute(
                "UPDATE agenda SET scheduled = k.due FROM unnest(%b::uuid[], %b::text[], %b::int[], %b::timestamptz[])"
                f" AS k (subject, errand, number, due) WHERE {SAME}",
                (*_keys(timers), [one.due for one in timers]),
            )
            curs.execute(f"DELETE FROM agenda USING {KEYS} WHERE {SAME} AND agenda.due IS NULL", _keys(timers))

    def keep_unset(self, timers: Sequence[Timer]) -> None:
        """These don't ring: they are to be set."""
        with self._datastore.transaction(commit=True) as curs:
            curs.execute(f"UPDATE agenda SET scheduled = NULL FROM {KEYS} WHERE {SAME}", _keys(timers))

    def fallen_due(self, now: datetime, grace: timedelta) -> FallenDue:
        """What has fallen due; what sales decide does so `grace` after its instant."""
        with self._datastore.cursor() as curs:
            curs.execute(
                "SELECT (SELECT min(due) FROM agenda WHERE due <= %s AND errand = ANY(%s)) AS unhurried,"
                " (SELECT min(due) FROM agenda WHERE due <= %s AND errand = ANY(%s)) AS later,"
                " (SELECT min(due) + %s FROM agenda WHERE due <= %s AND errand = ANY(%s)) AS graced",
                (now, list(AT_ONCE), now, list(UNGRACED), grace, now - grace, list(GRACED)),
                prepare=True,
            )
            row = curs.fetchone()
            assert row is not None
            of_sales = [one for one in (row["later"], row["graced"]) if one is not None]
            return FallenDue(row["unhurried"] is not None, min(of_sales, default=None))

    def _select(self, statement: str, *parameters: object) -> list[Timer]:
        with self._datastore.cursor() as curs:
            curs.execute(statement, parameters, prepare=True)
            return [_timer(row) for row in curs]


def _timer(row: DictRow) -> Timer:
    return Timer(row["subject"], row["errand"], row["number"], row["due"])


def _keys(timers: Sequence[Timer]) -> tuple[list[UUID], list[str], list[int]]:
    return [one.subject for one in timers], [one.errand for one in timers], [one.number for one in timers]
