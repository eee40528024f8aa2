"""Where webhooks go, beside the log: their URLs and secrets are no facts, which are for ever and for every reader."""

from collections.abc import Iterable
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

from domain.delivery.endpoint import Endpoint


class PostgresEndpoints:
    """`domain.delivery.outbox.Endpoints` on PostgreSQL."""

    def __init__(self, curs: Cursor[DictRow]) -> None:
        self._curs = curs

    def keep(self, subscription: UUID, url: str, secret: str, former_secret: str | None = None) -> None:
        self._curs.execute(
            "INSERT INTO endpoints (subscription, url, secret, former_secret) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (subscription) DO UPDATE SET url = excluded.url, secret = excluded.secret,"
            " former_secret = excluded.former_secret, failing_since = NULL, disabled = NULL",
            (subscription, url, secret, former_secret),
        )

    def remove(self, subscription: UUID) -> None:
        self._curs.execute("DELETE FROM endpoints WHERE subscription = %s", (subscription,))

    def of(self, subscriptions: Iterable[UUID]) -> dict[UUID, Endpoint]:
        self._curs.execute(
            "SELECT subscription, url, secret, former_secret, failing_since, disabled FROM endpoints"
            " WHERE subscription = ANY(%s)",
            (list(subscriptions),),
            prepare=True,
        )
        return {row["subscription"]: Endpoint(**row) for row in self._curs}

    def note(self, endpoint: Endpoint) -> None:
        self._curs.execute(
            "UPDATE endpoints SET failing_since = %s, disabled = %s WHERE subscription = %s",
            (endpoint.failing_since, endpoint.disabled, endpoint.subscription),
            prepare=True,
        )
