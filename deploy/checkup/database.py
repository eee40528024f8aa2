"""The database: whether it is there and safe, and whether everything that follows the log keeps up with it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from deploy.checkup.finding import Check, Finding, Group, Server, ok, sentence, warning, wrong
from deploy.settings import Settings, masked_database_url
from domain.alerts.wording import counted

CONNECT_S = 2
STATEMENT_MS = 800
VERSION_MIN = 15
SKEW_MAX_S = 2.0
BEHIND_S = 10.0
STUCK_S = 60.0
UNTOLD_MAX = 500
"""Ingest tells so many at once, every other second."""


class DatabaseCheckup:
    def __init__(self, server: Server, settings: Settings) -> None:
        self._server = server
        self._settings = settings
        self._connection: psycopg.Connection[Any] | None = None

    def group(self) -> Group:
        checks: list[tuple[str, Check]] = [
            ("database", self._reachable),
            ("tables", self._tables),
            ("durability", self._durability),
            ("clock", self._clock),
            ("connections", self._connections),
            ("transactions", self._transactions),
            ("views", self._views),
            ("relay", self._relay),
            ("alerts", self._alerts),
            ("agenda", self._agenda),
            ("templates", self._templates),
            ("deliveries", self._deliveries),
            ("webhooks", self._webhooks),
            ("refusals", self._refusals),
        ]
        return Group(checks, decides=True, end=self._end)

    @property
    def _database(self) -> psycopg.Connection[Any]:
        assert self._connection is not None, "the first check connects"
        return self._connection

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _reachable(self) -> Iterator[Finding]:
        began = time.monotonic()
        try:
            options = f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={STATEMENT_MS}"
            self._connection = psycopg.connect(
                self._server.url, connect_timeout=CONNECT_S, autocommit=True, options=options, application_name="doctor"
            )
        except psycopg.OperationalError as error:
            where = masked_database_url(self._server.url)
            yield wrong("database", f"{where} does not answer: {sentence(error)}", self._server.revive)
            return
        except psycopg.Error:
            yield wrong("database", "DATABASE_URL can't be read", "write it as postgresql://user:password@host/name")
            return
        took = round((time.monotonic() - began) * 1000)
        number = self._database.info.server_version
        said = f"PostgreSQL {number // 10_000}.{number % 10_000} answers within {took} ms"
        if number < VERSION_MIN * 10_000:
            yield wrong("database", said, f"Milemarker needs version {VERSION_MIN} or newer")
        else:
            yield ok("database", said)

    def _tables(self) -> Iterator[Finding]:
        from projections.condition import missing_tables

        missing = missing_tables(self._database)
        if missing:
            yield wrong("tables", f"missing: {', '.join(missing)}", "run `milemarker migrate`")
        else:
            yield ok("tables", "all are there")

    def _durability(self) -> Iterator[Finding]:
        from projections.condition import durability

        off = [f"{name} is {value}" for name, value in durability(self._database).items() if value in ("off", "local")]
        if off:
            yield wrong("durability", f"{', '.join(off)}: acknowledged sales can be lost in a crash", "turn it on")
        else:
            yield ok("durability", "what is acknowledged is on disk")

    def _clock(self) -> Iterator[Finding]:
        before = datetime.now(UTC)
        row = self._database.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        yield skew("the database", row[0], before, datetime.now(UTC))

    def _connections(self) -> Iterator[Finding]:
        from projections.condition import connections

        used, most = connections(self._database)
        said = f"{used} of {most} connections {'is' if used == 1 else 'are'} used"
        if used > most * 0.9:
            yield warning("connections", said, "raise max_connections, or run fewer processes")
        else:
            yield ok("connections", said)

    def _transactions(self) -> Iterator[Finding]:
        from projections.condition import busy

        found = busy(self._database)
        for one in found:
            who = f"process {one.pid} of the database ({one.application or 'no name'}, {one.state})"
            what = "holds the log's lock, and nobody can write" if one.holds_log else "is in one transaction"
            end = f"if nobody needs it: SELECT pg_terminate_backend({one.pid})"
            yield (wrong if one.holds_log else warning)("transactions", f"{who} {what} for {one.seconds:.0f} s", end)
        if not found:
            yield ok("transactions", "none takes long, nobody holds the log's lock for long")

    # Whatever follows the log

    def _views(self) -> Iterator[Finding]:
        from projections.condition import view_lags, views_of_other_versions

        for name in views_of_other_versions(self._database):
            yield wrong(
                f"view {name}", "its rows are made by another version of Milemarker", "run `milemarker migrate`"
            )
        lags = view_lags(self._database)
        for lag in lags:
            yield from self._lag(f"view {lag.name}", lag.facts, lag.since, "project")
        if not any(lag.facts for lag in lags):
            yield ok("views", f"all {len(lags)} are up to date")

    def _relay(self) -> Iterator[Finding]:
        yield from self._follower("relay_lag", "relay", "every fact is published")

    def _alerts(self) -> Iterator[Finding]:
        yield from self._follower("alerts_lag", "alerts", "every fact was decided on")

    def _follower(self, read: str, about: str, fine: str) -> Iterator[Finding]:
        from projections import condition

        lag = getattr(condition, read)(self._database)
        yield from self._lag(about, lag.facts, lag.since, f"worker {about}")
        if not lag.facts:
            yield ok(about, fine)

    def _lag(self, about: str, facts: int, since: datetime | None, part: str) -> Iterator[Finding]:
        if not facts:
            return
        seconds = max(0.0, (datetime.now(UTC) - since).total_seconds()) if since is not None else 0.0
        said = f"{counted(facts, 'fact')} behind, the first of them for {duration(seconds)}"
        do = f"see that `milemarker {part}` runs, and what its log says"
        if seconds > STUCK_S:
            yield wrong(about, said, do)
        elif seconds > BEHIND_S:
            yield warning(about, said, do)
        else:
            yield ok(about, said)

    def _agenda(self) -> Iterator[Finding]:
        from projections.condition import overdue

        now, settings = datetime.now(UTC), self._settings
        patience = timedelta(seconds=STUCK_S)
        graced = patience + timedelta(seconds=settings.checkpoint_grace + settings.checkpoint_wait)
        late = overdue(self._database, now - patience, now - graced)
        if late.since is None:
            yield ok("agenda", "no checkpoint or milestone is overdue")
            return
        since = duration((now - late.since).total_seconds())
        do = "see that `milemarker worker checkpoints` runs, and what its log says"
        are = f"{counted(late.many, 'checkpoint or reminder is', 'checkpoints or reminders are')} overdue"
        yield wrong("agenda", f"{are}, {'for' if late.many == 1 else 'the first for'} {since}", do)

    def _templates(self) -> Iterator[Finding]:
        from projections.condition import failing_templates

        failing = failing_templates(self._database)
        for name, why in failing:
            said = f"the next target of {name!r} can't be made: {why}"
            yield wrong(
                "templates", said, "change the template: PATCH /v1/templates/{id}; it is tried again every hour"
            )
        if not failing:
            yield ok("templates", "every one has made the targets that are due")

    # What goes out

    def _deliveries(self) -> Iterator[Finding]:
        from projections.condition import queues

        found = queues(self._database)
        open_ones = {state: count for state, count in found.states.items() if state != "dead"}
        said = ", ".join(f"{count:,} {state}" for state, count in sorted(open_ones.items())) or "nothing is to be sent"
        late_s = 0.0 if found.due is None else (datetime.now(UTC) - found.due).total_seconds()
        if late_s > STUCK_S:
            do = "see that `milemarker worker delivery` runs, and what its log says"
            yield wrong("deliveries", f"{said}; the first is due for {duration(late_s)}", do)
        else:
            yield ok("deliveries", said)
        if dead := found.states.get("dead", 0):
            do = "`milemarker dead` says which and why, `milemarker redrive` tries them again"
            yield warning("deliveries", f"{counted(dead, 'notification')} could not be delivered", do)

    def _webhooks(self) -> Iterator[Finding]:
        from projections.condition import silent_endpoints

        disabled, failing = silent_endpoints(self._database)
        if disabled:
            do = "their owners mend them and send the URL again: PATCH /v1/subscriptions/{id}"
            yield warning(
                "webhooks", f"{counted(disabled, 'was', 'were')} disabled: nothing is sent there any more", do
            )
        if failing:
            yield warning(
                "webhooks", f"{counted(failing, 'is', 'are')} failing and tried again", "ask their owners to look"
            )
        if not disabled and not failing:
            yield ok("webhooks", "none fails, none is disabled")

    def _refusals(self) -> Iterator[Finding]:
        from projections.condition import untold_refusals

        count = untold_refusals(self._database)
        if count > UNTOLD_MAX:
            do = "see that `milemarker worker ingest` runs and reaches NATS"
            yield warning("refusals", f"{count:,} refused sales wait to be told to their publishers", do)
        else:
            yield ok(
                "refusals",
                "their publishers know of them" if not count else f"{counted(count, 'is', 'are')} being told",
            )


def skew(whose: str, theirs: datetime, before: datetime, after: datetime) -> Finding:
    """How far a clock is off ours, which was read before and after it."""
    off = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    if off > SKEW_MAX_S:
        return wrong("clock", f"the clock of {whose} is {off:.1f} s off ours", "set both by NTP: cut-offs go by them")
    return ok("clock", f"{whose} has our time")


def duration(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
