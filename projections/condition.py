"""How the database fares: what is there, how far each follower of the log is, what is late, who holds whom up.

Every function is one short read on a plain connection, for `doctor`: it also runs where half of it is missing.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import tuple_row

from domain.agenda import GRACED
from domain.alerts.alerting import FOLLOWER, TOPICS
from projections.known_times import RECORDED_AT
from projections.tables import LOG_TABLES
from projections.views import VIEWS

LOG = "milemarker_events"
TABLES = (
    LOG,
    "milemarker_snapshots",
    "view_positions",
    "view_versions",
    *re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", LOG_TABLES),
    *(view.name for view in VIEWS),
)
FACTS_COUNTED_MAX = 10_000
LONG_S = 60.0
"""A transaction that takes longer keeps the database from tidying up, and others from writing."""
LOCK_LONG_S = 5.0
"""Whoever records sales holds the log's lock for milliseconds."""


class Lag(NamedTuple):
    """How far a follower of the log is behind: facts, and since when the first of them is there."""

    name: str
    facts: int
    since: datetime | None


class Late(NamedTuple):
    """How much is late, and since when the first of it is due."""

    many: int
    since: datetime | None


class Queues(NamedTuple):
    """What is to be sent: by state, and when the first is due that nobody is sending."""

    states: dict[str, int]
    due: datetime | None


class Busy(NamedTuple):
    """A connection that has been in one transaction for long."""

    pid: int
    application: str
    state: str
    seconds: float
    holds_log: bool


def missing_tables(database: Connection[Any]) -> list[str]:
    found = _rows(database, "SELECT t FROM unnest(%s::text[]) AS t WHERE to_regclass(t) IS NULL", list(TABLES))
    return [row[0] for row in found]


def view_lags(database: Connection[Any]) -> list[Lag]:
    """Of each read model; the facts are positions, most of which mean nothing to it."""
    lags = _rows(
        database,
        f"SELECT v.application_name, top.position - v.notification_id,"
        f" (SELECT {RECORDED_AT} FROM {LOG} WHERE notification_id > v.notification_id"
        "   ORDER BY notification_id LIMIT 1)"
        f" FROM view_positions AS v, (SELECT coalesce(max(notification_id), 0) AS position FROM {LOG}) AS top"
        " WHERE v.application_name = ANY(%s) ORDER BY v.application_name",
        [view.name for view in VIEWS],
    )
    return [Lag(*row) for row in lags]


def views_of_other_versions(database: Connection[Any]) -> list[str]:
    made = dict(_rows(database, "SELECT name, version FROM view_versions"))
    return [view.name for view in VIEWS if made.get(view.name, view.version) != view.version]


def relay_lag(database: Connection[Any]) -> Lag:
    """Of the facts that are to go out on NATS."""
    (row,) = _rows(
        database,
        f"SELECT 'relay', coalesce((SELECT max(notification_id) FROM {LOG}), 0) - done.position,"
        f" (SELECT {RECORDED_AT} FROM {LOG} WHERE notification_id > done.position ORDER BY notification_id LIMIT 1)"
        " FROM (SELECT coalesce((SELECT position FROM relayed), 0) AS position) AS done",
    )
    return Lag(*row)


def alerts_lag(database: Connection[Any]) -> Lag:
    """Of the facts that somebody may hear of. It counts 10,000 at most."""
    (row,) = _rows(
        database,
        f"SELECT 'alerts', count(*), min(at) FROM (SELECT {RECORDED_AT} AS at FROM {LOG} WHERE notification_id >"
        f" coalesce((SELECT position FROM followers WHERE name = %s), 0) AND topic = ANY(%s) LIMIT {FACTS_COUNTED_MAX}"
        ") AS waiting",
        FOLLOWER,
        list(TOPICS),
    )
    return Lag(*row)


def overdue(database: Connection[Any], before: datetime, graced_before: datetime) -> Late:
    """What was due before these instants and is not done: what waits for sales has longer."""
    graced = [errand.value for errand in GRACED]
    (row,) = _rows(
        database,
        "SELECT count(*), min(due) FROM agenda WHERE due < %s AND (errand <> ALL(%s) OR due < %s)",
        before,
        graced,
        graced_before,
    )
    return Late(*row)


def failing_templates(database: Connection[Any]) -> list[tuple[str, str]]:
    """(name, why) of each template whose next target can't be made; those that wait longest first, ten at most."""
    rows = _rows(
        database,
        "SELECT row->'terms'->>'name', row->'failure'->>'detail' FROM templates WHERE row->'failure' IS NOT NULL"
        " ORDER BY row->>'failed_since', id LIMIT 10",
    )
    return [(str(name), str(why)) for name, why in rows]


def queues(database: Connection[Any]) -> Queues:
    states = dict(_rows(database, "SELECT state, count(*) FROM deliveries GROUP BY state"))
    # One endpoint's messages wait for each other, so only the first of each can be late.
    (row,) = _rows(
        database,
        "SELECT min(due) FROM (SELECT endpoint, max(due) FILTER (WHERE state = 'sending') AS held, min(due) AS due"
        " FROM deliveries WHERE state <> 'dead' GROUP BY endpoint) AS first WHERE held IS NULL",
    )
    return Queues(states, row[0])


def silent_endpoints(database: Connection[Any]) -> tuple[int, int]:
    """(webhooks that were disabled, webhooks that are failing)."""
    (row,) = _rows(
        database,
        "SELECT count(*) FILTER (WHERE disabled IS NOT NULL),"
        " count(*) FILTER (WHERE disabled IS NULL AND failing_since IS NOT NULL) FROM endpoints",
    )
    return int(row[0]), int(row[1])


def untold_refusals(database: Connection[Any]) -> int:
    (row,) = _rows(database, "SELECT count(*) FROM untold_refusals")
    return int(row[0])


def connections(database: Connection[Any]) -> tuple[int, int]:
    """(used, how many there can be)."""
    (row,) = _rows(
        database,
        "SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity"
        " WHERE backend_type = 'client backend'",
    )
    return int(row[0]), int(row[1])


def busy(database: Connection[Any]) -> list[Busy]:
    """Who is in a transaction for a minute, or holds the log's lock for five seconds; the longest first."""
    rows = _rows(
        database,
        "SELECT * FROM (SELECT a.pid, a.application_name, a.state,"
        " extract(epoch FROM clock_timestamp() - a.xact_start)::float AS seconds,"
        " EXISTS (SELECT FROM pg_locks AS l WHERE l.pid = a.pid AND l.granted AND l.relation = to_regclass(%s)"
        "   AND l.mode = 'ExclusiveLock') AS holds_log FROM pg_stat_activity AS a"
        " WHERE a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend') AS one"
        " WHERE seconds > %s OR (holds_log AND seconds > %s) ORDER BY seconds DESC LIMIT 5",
        LOG,
        LONG_S,
        LOCK_LONG_S,
    )
    return [Busy(*row) for row in rows]


def durability(database: Connection[Any]) -> dict[str, str]:
    """The settings that decide whether what was acknowledged is on disk."""
    names = ["fsync", "synchronous_commit", "full_page_writes"]
    return dict(_rows(database, "SELECT n, current_setting(n) FROM unnest(%s::text[]) AS n", names))


def _rows(database: Connection[Any], statement: str, *parameters: object) -> Sequence[tuple[Any, ...]]:
    with database.cursor(row_factory=tuple_row) as curs:
        return curs.execute(statement, parameters or None).fetchall()
