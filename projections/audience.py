"""The audience on PostgreSQL, inside a transaction of the log."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from domain.alerts.audience import Interest, Listener
from domain.alerts.subscription import Subscription


class PostgresAudience:
    """`domain.alerts.audience.Audience`; a row for each kind that a subscription hears of."""

    def __init__(self, curs: Cursor[DictRow]) -> None:
        self._curs = curs

    def keep(self, subscription: Subscription, position: int) -> None:
        self._curs.execute(
            "DELETE FROM audience WHERE subscription = %s AND kind <> ALL(%s)", (subscription.id, subscription.kinds)
        )
        self._curs.execute(
            "INSERT INTO audience (subscription, kind, target, recipient, channel, since)"
            " SELECT %s, kind, %s, %s, %s, %s FROM unnest(%s::text[]) AS kind ON CONFLICT DO NOTHING",
            (
                subscription.id,
                subscription.target,
                subscription.recipient,
                subscription.channel.kind,
                position,
                subscription.kinds,
            ),
        )

    def remove(self, subscription: UUID) -> None:
        self._curs.execute("DELETE FROM audience WHERE subscription = %s", (subscription,))
        self._curs.execute("DELETE FROM trials WHERE subscription = %s", (subscription,))

    def interests(self, targets: Iterable[UUID], kinds: Iterable[str]) -> list[Interest]:
        self._curs.execute(
            "SELECT * FROM ("
            "SELECT * FROM audience WHERE target = ANY(%(targets)b::uuid[])"
            " UNION ALL SELECT * FROM audience WHERE target IS NULL"
            ") AS near WHERE kind = ANY(%(kinds)s::text[]) ORDER BY since, subscription",
            {"targets": list(targets), "kinds": list(kinds)},
        )
        return [Interest(_listener(row), row["kind"], row["since"]) for row in self._curs]

    def listeners(self, subscriptions: Iterable[UUID]) -> dict[UUID, Listener]:
        wanted = list(subscriptions)
        if not wanted:
            return {}
        self._curs.execute(
            "SELECT DISTINCT ON (subscription) * FROM audience WHERE subscription = ANY(%b::uuid[])", (wanted,)
        )
        return {row["subscription"]: _listener(row) for row in self._curs}

    def count(self, target: UUID | None) -> int:
        self._curs.execute(
            "SELECT count(DISTINCT subscription) AS many FROM audience WHERE target IS NOT DISTINCT FROM %s", (target,)
        )
        row = self._curs.fetchone()
        assert row is not None
        return int(row["many"])

    def count_of(self, recipient: str) -> tuple[int, int]:
        self._curs.execute(
            "SELECT count(DISTINCT subscription) AS many,"
            " count(DISTINCT subscription) FILTER (WHERE target IS NULL) AS to_every"
            " FROM audience WHERE recipient = %b",
            (recipient,),
        )
        row = self._curs.fetchone()
        assert row is not None
        return int(row["many"]), int(row["to_every"])

    def tried_at(self, subscription: UUID) -> datetime | None:
        self._curs.execute("SELECT tried_at FROM trials WHERE subscription = %s", (subscription,))
        row = self._curs.fetchone()
        return None if row is None else row["tried_at"]

    def keep_trial(self, subscription: UUID, at: datetime) -> None:
        self._curs.execute(
            "INSERT INTO trials (subscription, tried_at) VALUES (%s, %s)"
            " ON CONFLICT (subscription) DO UPDATE SET tried_at = excluded.tried_at",
            (subscription, at),
        )

    def queued(self, subscription: UUID, limit: int) -> list[UUID]:
        self._curs.execute(
            "SELECT notification FROM deliveries WHERE endpoint = %s AND state <> 'dead' ORDER BY turn LIMIT %s",
            (subscription, limit),
        )
        return [row["notification"] for row in self._curs]


def _listener(row: DictRow) -> Listener:
    return Listener(row["subscription"], row["recipient"], row["channel"], row["target"])
