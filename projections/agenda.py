"""The agenda on PostgreSQL, inside a transaction of the log."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from domain.agenda import GRACED, QUIET_SPELL, SPELL_MAX, Appointment, Errand

ORDER = [errand.value for errand in Errand]
MOVED = f"""
due = CASE WHEN agenda.errand = 'restate'
    THEN least(excluded.due, agenda.since + interval '{SPELL_MAX.total_seconds()} s') ELSE excluded.due END,
since = coalesce(agenda.since, excluded.since)
"""
"""Another late sale moves the end of its spell, but not beyond five minutes after the first."""


class PostgresAgenda:
    """`domain.agenda.Agenda`; a row whose timer rings at another time than it falls due is `scheduled` anew."""

    def __init__(self, curs: Cursor[DictRow]) -> None:
        self._curs = curs

    def plan(self, appointments: Iterable[Appointment]) -> None:
        # What is planned twice in one commit is moved by the later one, too.
        planned = list({(one.subject, one.errand, one.number): one for one in appointments}.values())
        if planned:
            self._curs.execute(
                "INSERT INTO agenda (subject, errand, number, target, due, since) SELECT * FROM"
                " unnest(%b::uuid[], %b::text[], %b::int[], %b::uuid[], %b::timestamptz[], %b::timestamptz[])"
                f" ON CONFLICT (subject, errand, number) DO UPDATE SET {MOVED}",
                (
                    [one.subject for one in planned],
                    [one.errand.value for one in planned],
                    [one.number for one in planned],
                    [one.target for one in planned],
                    [one.due for one in planned],
                    [one.since for one in planned],
                ),
            )

    def due(
        self, now: datetime, grace: timedelta, errands: Sequence[Errand], limit: int, target: UUID | None = None
    ) -> list[Appointment]:
        self._curs.execute(
            "SELECT * FROM agenda WHERE due <= %s AND (errand <> ALL(%s) OR due <= %s) AND errand = ANY(%s)"
            " AND (%s::uuid IS NULL OR target = %s)"
            " ORDER BY due, target, array_position(%s::text[], errand), number, subject LIMIT %s",
            (now, list(GRACED), now - grace, list(errands), target, target, ORDER, limit),
        )
        return [_appointment(row) for row in self._curs]

    def put_off(self, target: UUID, until: datetime) -> None:
        self._curs.execute("UPDATE agenda SET due = %s WHERE target = %s AND due < %s", (until, target, until))

    def done(self, appointments: Iterable[Appointment]) -> None:
        over = list(appointments)
        if over:
            self._curs.execute(
                "DELETE FROM agenda USING unnest(%b::uuid[], %b::text[], %b::int[]) AS k (subject, errand, number)"
                " WHERE agenda.subject = k.subject AND agenda.errand = k.errand AND agenda.number = k.number",
                (
                    [one.subject for one in over],
                    [one.errand.value for one in over],
                    [one.number for one in over],
                ),
            )

    def drop(self, *, target: UUID | None = None, subject: UUID | None = None, errand: Errand | None = None) -> None:
        # A row with a timer stays, with nothing to do at its time, until the timer is taken back.
        which = "(target = %s OR subject = %s) AND (%s::text IS NULL OR errand = %s)"
        said = (target, subject, errand, errand)
        self._curs.execute(f"UPDATE agenda SET due = NULL WHERE {which} AND scheduled IS NOT NULL", said)
        self._curs.execute(f"DELETE FROM agenda WHERE {which} AND scheduled IS NULL", said)

    def late(self, earliest: Sequence[tuple[UUID, datetime]], at: datetime) -> None:
        self._curs.execute(
            "INSERT INTO agenda (subject, errand, number, target, due, since)"
            " SELECT k.target, 'restate', 0, k.target, %s, %s"
            " FROM unnest(%b::uuid[], %b::timestamptz[]) AS k (target, earliest)"
            " JOIN evaluated AS e ON e.target = k.target AND k.earliest < e.cutoff"
            f" ON CONFLICT (subject, errand, number) DO UPDATE SET {MOVED}",
            (
                at + QUIET_SPELL,
                at,
                [target for target, _ in earliest],
                [instant for _, instant in earliest],
            ),
        )

    def evaluated_to(self, targets: Iterable[UUID]) -> dict[UUID, datetime]:
        self._curs.execute("SELECT * FROM evaluated WHERE target = ANY(%s) AND cutoff > '-infinity'", (list(targets),))
        return {row["target"]: row["cutoff"] for row in self._curs}

    def last_evaluated(self) -> datetime | None:
        self._curs.execute(
            "SELECT cutoff FROM evaluated WHERE cutoff > '-infinity' ORDER BY cutoff DESC LIMIT 1", prepare=True
        )
        row = self._curs.fetchone()
        return None if row is None else row["cutoff"]

    def end(self, target: UUID) -> None:
        self.drop(target=target)
        self._curs.execute(
            "INSERT INTO evaluated VALUES (%s, '-infinity') ON CONFLICT (target) DO UPDATE SET cutoff = '-infinity'",
            (target,),
        )

    def unplanned(self, limit: int) -> list[UUID]:
        self._curs.execute(
            "SELECT target FROM routes WHERE NOT filling"
            " AND NOT EXISTS (SELECT FROM agenda WHERE agenda.target = routes.target)"
            " AND NOT EXISTS (SELECT FROM evaluated WHERE evaluated.target = routes.target) LIMIT %s",
            (limit,),
        )
        return [row["target"] for row in self._curs]

    def unwatched(self, after: UUID, limit: int) -> list[UUID]:
        self._curs.execute(
            "SELECT DISTINCT target FROM agenda WHERE errand = %s AND due IS NOT NULL AND target > %s"
            " AND NOT EXISTS (SELECT FROM agenda AS look WHERE look.subject = agenda.target AND look.errand = %s)"
            " ORDER BY target LIMIT %s",
            (Errand.CHECKPOINT, after, Errand.TREND, limit),
        )
        return [row["target"] for row in self._curs]

    def evaluated(self, cutoffs: Iterable[tuple[UUID, datetime]]) -> None:
        """These targets have been evaluated up to these cut-offs: sales before them are late from now on."""
        said = list(cutoffs)
        self._curs.execute(
            "INSERT INTO evaluated (target, cutoff) SELECT * FROM unnest(%b::uuid[], %b::timestamptz[])"
            " ON CONFLICT (target) DO UPDATE SET cutoff = greatest(evaluated.cutoff, excluded.cutoff)",
            ([target for target, _ in said], [cutoff for _, cutoff in said]),
        )


def _appointment(row: DictRow) -> Appointment:
    return Appointment(row["due"], row["target"], row["subject"], Errand(row["errand"]), row["number"], row["since"])
