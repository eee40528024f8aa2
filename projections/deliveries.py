"""The queue of notifications beside the log: written with the facts in one transaction, so that it agrees with them."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from eventsourcing.postgres import PostgresDatastore
from psycopg import Cursor
from psycopg.rows import DictRow

from domain.delivery.notification import ANNOUNCED, CORRECTING_KINDS, FOLLOW_UPS, Notification, State
from domain.delivery.outbox import Dead, Sought

OVER = frozenset({State.DELIVERED, State.CANCELLED})

KEEP = """
INSERT INTO deliveries (notification, alert, episode, transition, follows, endpoint, target, recipient, channel, kind,
    queued_at, state, due, lease_until, attempts, reason, since)
VALUES (%(notification)s, %(alert)s, %(episode)s, %(transition)s, %(follows)s, %(endpoint)s, %(target)s, %(recipient)s,
    %(channel)s, %(kind)s, %(queued_at)s, %(state)s, %(due)s, %(lease_until)s, %(attempts)s, %(reason)s, %(since)s)
ON CONFLICT (notification) DO UPDATE SET state = excluded.state, due = excluded.due,
    lease_until = excluded.lease_until, attempts = excluded.attempts, reason = excluded.reason, since = excluded.since
"""

TOLD = """
INSERT INTO told_alerts (alert, endpoint, episode, follow_up) VALUES (%s, %s, %s, %s)
ON CONFLICT (alert, endpoint) DO UPDATE SET
    follow_up = excluded.follow_up OR (told_alerts.follow_up AND told_alerts.episode = excluded.episode),
    episode = excluded.episode
WHERE told_alerts.episode <= excluded.episode
"""

HEARD = """
DELETE FROM unheard_alerts AS unheard USING told_alerts AS told
WHERE unheard.alert = ANY(%s) AND told.alert = unheard.alert AND told.endpoint = unheard.endpoint
    AND told.episode >= unheard.episode
"""

UNHEARD = """
INSERT INTO unheard_alerts (alert, endpoint, episode)
SELECT %(alert)s, %(endpoint)s, %(episode)s WHERE NOT EXISTS (SELECT FROM told_alerts
    WHERE alert = %(alert)s AND endpoint = %(endpoint)s AND episode >= %(episode)s)
ON CONFLICT (alert, endpoint) DO UPDATE SET episode = greatest(unheard_alerts.episode, excluded.episode)
"""

UNFINISHED = """
SELECT endpoint FROM deliveries WHERE alert = %(alert)s AND endpoint = ANY(%(endpoints)s)
    AND notification <> ALL(%(but)b::uuid[]) AND (%(follows)s OR state <> 'dead')
UNION SELECT endpoint FROM unheard_alerts
WHERE %(follows)s AND alert = %(alert)s AND endpoint = ANY(%(endpoints)s)
"""

OVERTAKES = """
EXISTS (SELECT FROM deliveries AS earlier
    WHERE earlier.alert = d.alert AND earlier.endpoint = d.endpoint AND earlier.turn < d.turn
        AND earlier.state <> 'dead' AND (d.follows OR (earlier.follows AND d.transition <> %(announced)s)))
"""
"""A follow-up waits for what it answers, and the next episode for the end of the last; announcements stand alone."""

# One endpoint after the other, so that ten thousand messages for a dead one cost the others nothing.
CLAIMABLE = f"""
WITH RECURSIVE waiting (endpoint) AS (
    (SELECT endpoint FROM deliveries WHERE state <> 'dead' ORDER BY endpoint LIMIT 1)
    UNION ALL
    SELECT (SELECT endpoint FROM deliveries WHERE state <> 'dead' AND endpoint > waiting.endpoint
        ORDER BY endpoint LIMIT 1)
    FROM waiting WHERE waiting.endpoint IS NOT NULL
)
SELECT due_here.notification FROM waiting
CROSS JOIN LATERAL (SELECT count(*) AS many FROM deliveries
    WHERE endpoint = waiting.endpoint AND state = 'sending' AND due > %(now)s) AS under_way
CROSS JOIN LATERAL (SELECT CASE WHEN EXISTS (SELECT FROM endpoints
    WHERE subscription = waiting.endpoint AND failing_since IS NOT NULL) THEN 1 ELSE %(per_endpoint)s END
) AS allowed (many)
CROSS JOIN LATERAL (SELECT d.notification, d.due, d.turn FROM deliveries AS d
    WHERE d.endpoint = waiting.endpoint AND d.state <> 'dead' AND d.due <= %(now)s
        AND d.notification <> ALL(%(leave)s::uuid[]) AND NOT {OVERTAKES}
    ORDER BY d.due, d.turn LIMIT greatest(allowed.many - under_way.many, 0)) AS due_here
WHERE waiting.endpoint IS NOT NULL
ORDER BY due_here.due, due_here.turn LIMIT %(limit)s
"""

UNTOLD = """
SELECT d.notification, died.found AS died FROM deliveries AS d
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM deliveries AS died
    WHERE died.alert = d.alert AND died.endpoint = d.endpoint AND died.episode = d.episode AND died.turn < d.turn
        AND died.state = 'dead' AND NOT died.follows)) AS died (found)
WHERE d.notification = ANY(%s) AND d.follows AND d.kind <> ALL(%s)
    AND (died.found OR EXISTS (SELECT FROM unheard_alerts AS unheard
        WHERE unheard.alert = d.alert AND unheard.endpoint = d.endpoint AND unheard.episode = d.episode))
    AND NOT EXISTS (SELECT FROM told_alerts AS told WHERE told.alert = d.alert AND told.endpoint = d.endpoint
        AND told.episode = d.episode)
"""

ANSWERED = """
SELECT d.notification FROM deliveries AS d JOIN told_alerts AS told USING (alert, endpoint, episode)
WHERE d.notification = ANY(%s) AND told.follow_up AND NOT d.follows AND d.transition <> %s
"""

DEAD = """
SELECT notification, recipient, channel, kind, transition, target, endpoint, attempts, reason, queued_at,
    since AS died_at
FROM deliveries WHERE state = 'dead' AND (%(recipient)s::text IS NULL OR recipient = %(recipient)s)
    AND (%(target)s::uuid IS NULL OR target = %(target)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND (%(notification)s::uuid IS NULL OR notification = %(notification)s)
ORDER BY turn LIMIT %(limit)s
"""


class PostgresDeliveries:
    """`domain.delivery.outbox.Deliveries` on PostgreSQL."""

    def __init__(self, curs: Cursor[DictRow]) -> None:
        self._curs = curs

    def keep(self, *notifications: Notification, lease_until: datetime | None = None) -> None:
        over = [one for one in notifications if one.state in OVER]
        rows = [_row(one, lease_until) for one in notifications if one.state not in OVER]
        if rows:
            self._curs.executemany(KEEP, rows)
        if over:
            self._curs.execute("DELETE FROM deliveries WHERE notification = ANY(%s)", ([one.id for one in over],))
        told = [one for one in over if one.state is State.DELIVERED]
        if told:
            self._curs.executemany(
                TOLD, [(one.alert, one.subscription, one.episode, one.transition in FOLLOW_UPS) for one in told]
            )
            self._curs.execute(HEARD, ([one.alert for one in told],))
        if unheard := [one for one in over if one.never_heard]:
            self._curs.executemany(
                UNHEARD,
                [{"alert": one.alert, "endpoint": one.subscription, "episode": one.episode} for one in unheard],
            )

    def put_off(self, notification: UUID, until: datetime) -> None:
        self._curs.execute("UPDATE deliveries SET due = %s WHERE notification = %s", (until, notification))

    def claim(self, now: datetime, limit: int, per_endpoint_max: int, leave: Collection[UUID] = ()) -> list[UUID]:
        asked = {
            "now": now,
            "limit": limit,
            "per_endpoint": per_endpoint_max,
            "leave": list(leave),
            "announced": ANNOUNCED,
        }
        # Planned anew each time: a plan made while the queue was empty is a hundred times slower when it is full.
        self._curs.execute(CLAIMABLE, asked, prepare=False)
        return [row["notification"] for row in self._curs]

    def unfinished(
        self, alert: UUID, endpoints: Iterable[UUID], *, follows: bool, but: Iterable[UUID] = ()
    ) -> set[UUID]:
        asked = {"alert": alert, "endpoints": list(endpoints), "follows": follows, "but": list(but)}
        self._curs.execute(UNFINISHED, asked, prepare=True)
        return {row["endpoint"] for row in self._curs}

    def untold(self, ids: Iterable[UUID]) -> dict[UUID, State]:
        self._curs.execute(UNTOLD, (list(ids), list(CORRECTING_KINDS)))
        return {row["notification"]: State.DEAD if row["died"] else State.CANCELLED for row in self._curs}

    def answered_already(self, ids: Iterable[UUID]) -> set[UUID]:
        self._curs.execute(ANSWERED, (list(ids), ANNOUNCED))
        return {row["notification"] for row in self._curs}

    def dead(self, sought: Sought, limit: int) -> list[Dead]:
        self._curs.execute(DEAD, vars(sought) | {"limit": limit})
        return [Dead(**row) for row in self._curs]

    def next_due(self, now: datetime) -> datetime | None:
        """When the first of those falls due that are not due yet."""
        self._curs.execute(
            "SELECT due FROM deliveries WHERE state <> 'dead' AND due > %s ORDER BY due LIMIT 1", (now,), prepare=True
        )
        row = self._curs.fetchone()
        return None if row is None else row["due"]


def _row(one: Notification, lease_until: datetime | None) -> dict[str, Any]:
    sending = one.state is State.SENDING
    assert not sending or lease_until is not None, "an attempt that begins is somebody's for a while"
    return {
        "notification": one.id,
        "alert": one.alert,
        "episode": one.episode,
        "transition": one.transition,
        "follows": one.transition in FOLLOW_UPS,
        "endpoint": one.subscription,
        "target": one.target,
        "recipient": one.recipient,
        "channel": one.channel,
        "kind": one.kind,
        "queued_at": one.created_on,
        "state": one.state.value,
        # An attempt whose lease has run out is due for another.
        "due": lease_until if sending else one.due,
        "lease_until": lease_until if sending else None,
        "attempts": one.attempts,
        "reason": one.reason,
        "since": one.modified_on,
    }


def look_ahead(
    datastore: PostgresDatastore, now: datetime, per_endpoint_max: int, leave: Collection[UUID] = ()
) -> tuple[bool, timedelta | None]:
    """Whether anything may be tried now, and how long until the next falls due; without the log's lock."""
    with datastore.cursor() as curs:
        deliveries = PostgresDeliveries(curs)
        next_due = deliveries.next_due(now)
        return bool(deliveries.claim(now, 1, per_endpoint_max, leave)), None if next_due is None else next_due - now


def dead_ones(datastore: PostgresDatastore, sought: Sought, limit: int) -> list[Dead]:
    with datastore.cursor() as curs:
        return PostgresDeliveries(curs).dead(sought, limit)
