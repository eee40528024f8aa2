"""`doctor` says what is wrong and what to do about it, and leaves out no check because another fails."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import nats
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from deploy.checkup.broker import BrokerCheckup
from deploy.checkup.database import DatabaseCheckup, duration, skew
from deploy.checkup.finding import Finding, Group, Level, Server, examine, ok
from deploy.checkup.machine import dangers, secrets
from deploy.command_list import build_app
from deploy.commands.doctor import RESTART, servers
from deploy.embedded import EmbeddedNats
from deploy.endpoints import Endpoints
from deploy.settings import Settings
from domain.intake import Arrival, Intake
from domain.refusal import Refused
from domain.templates.recurring import template_in
from domain.templates.template import Failure
from projections.store import Store
from tests.domain.templates.words import TEMPLATE, templates, terms
from tests.notifying import queued, subscribed
from tests.words import NOW, active_target, sale
from workers.streams import provision

NOWHERE = "nats://worker:s3cret@127.0.0.1:1"
WITHIN_S = 10.0


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    """With all streams, and nothing in them."""

    async def empty() -> None:
        await provision(nats_server.url)
        client = await nats.connect(nats_server.url)
        for stream in ("SALES", "REFUSED"):
            await client.jetstream().purge_stream(stream)
        await client.close()

    asyncio.run(empty())
    return nats_server.url


def broker(url: str) -> BrokerCheckup:
    return BrokerCheckup(Server(url, "start it"))


def checkup_of(url: str) -> DatabaseCheckup:
    return DatabaseCheckup(Server(url, "start it"), settings())


def settings(**changes: object) -> Settings:
    return Settings.model_construct(**changes)  # type: ignore[arg-type]


def of_database(url: str) -> dict[str, list[Finding]]:
    """What is found, by what it is about."""
    return by_subject(examine([checkup_of(url).group()], WITHIN_S))


def by_subject(found: list[Finding]) -> dict[str, list[Finding]]:
    return {about: [one for one in found if one.about == about] for about in dict.fromkeys(one.about for one in found)}


def troubles(found: dict[str, list[Finding]]) -> dict[str, Level]:
    return {about: one.level for about, some in found.items() for one in some if one.level is not Level.OK}


def follow_all(store: Store) -> None:
    for view in store.views.views.values():
        while store.views.follow(view):
            continue


def test_where_all_is_well_nothing_is_wrong(database: str, nats_url: str) -> None:
    found = of_database(database) | by_subject(examine([broker(nats_url).group()], WITHIN_S))

    assert troubles(found) == {"ingest": Level.WARNING}, "nobody ingests in this test"
    assert found["ingest"][0].do == "start `milemarker worker ingest`"
    assert {"database", "tables", "views", "relay", "agenda", "deliveries", "NATS", "streams", "sales"} <= set(found)
    assert found["streams"][0].says == "all 9 streams and consumers are there"


def on_time(store: Store) -> UUID:
    """An active target of which nothing is due."""
    target = active_target(store.app)
    with store.app.writing() as log:
        log.agenda.drop(target=target)
    return target


def test_a_follower_that_is_behind_is_named_with_what_to_start(database: str, store: Store) -> None:
    on_time(store)
    Intake(store.app, uuid4).record([Arrival([sale("1")])], NOW)
    behind = of_database(database)
    follow_all(store)
    caught_up = of_database(database)

    assert troubles(behind)["view statuses"] is Level.WRONG
    assert behind["view statuses"][0].says.startswith("6 facts behind, the first of them for ")
    assert "milemarker project" in behind["view statuses"][0].do
    assert troubles(caught_up) == {"relay": Level.WRONG, "alerts": Level.WRONG}
    assert "milemarker worker relay" in caught_up["relay"][0].do


def test_a_view_of_another_version_is_to_be_migrated(database: str, store: Store) -> None:
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute("UPDATE view_versions SET version = 0 WHERE name = 'plans'")

    (found,) = of_database(database)["view plans"]

    assert (found.level, found.do) == (Level.WRONG, "run `milemarker migrate`")


def test_a_checkpoint_that_nobody_evaluates_is_found(database: str, store: Store) -> None:
    target = on_time(store)
    due = datetime.now(UTC) - timedelta(hours=3)
    with store.views.datastore.transaction(commit=True) as curs:
        for errand, at in (("checkpoint", due), ("checkpoint", due + timedelta(hours=9)), ("settle", due)):
            curs.execute("INSERT INTO agenda VALUES (%s, %s, %s, %s, %s)", (uuid4(), errand, 1, target, at))

    (found,) = of_database(database)["agenda"]

    assert (found.level, found.says) == (Level.WRONG, "2 checkpoints or reminders are overdue, the first for 3 h")


def test_a_template_whose_next_target_can_not_be_made_is_found(database: str, store: Store) -> None:
    templates(store.app).define(TEMPLATE, terms())
    failed = Refused("holidays_unknown", "the holidays of US are known up to 2025", "/calendar/country")
    with store.app.writing() as log:
        template = template_in(log, TEMPLATE)
        template.fail(Failure(date(2026, 12, 1), failed.code, failed.detail, failed.field), by="templates", at=NOW)
        log.save(list(template.collect_events()))
    store.views.rebuild("templates")

    (found,) = of_database(database)["templates"]

    assert found.level is Level.WRONG
    assert found.says == "the next target of 'Monthly revenue' can't be made: the holidays of US are known up to 2025"


def test_messages_that_nobody_sends_or_nobody_gets_are_counted(database: str, store: Store) -> None:
    subscription = subscribed(store, "https://example.com/hook")
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    for number in (1, 2, 3):
        queued(store, subscription, number, at=long_ago)
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute("UPDATE deliveries SET state = 'dead' WHERE turn = (SELECT min(turn) FROM deliveries)")
        curs.execute("UPDATE endpoints SET disabled = 'it said that it is gone'")

    found = of_database(database)

    late, dead = found["deliveries"]
    assert (late.level, late.says) == (Level.WRONG, "2 queued; the first is due for 60 min")
    assert (dead.level, dead.says) == (Level.WARNING, "1 notification could not be delivered")
    assert found["webhooks"][0].says == "1 was disabled: nothing is sent there any more"


def test_tables_that_are_missing_are_named_and_the_other_checks_go_on(database: str, store: Store) -> None:
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute("DROP TABLE agenda, statuses")

    found = of_database(database)

    assert found["tables"][0].says == "missing: agenda, statuses"
    assert found["tables"][0].do == "run `milemarker migrate`"
    assert found["agenda"][0].says.startswith('this could not be looked at: relation "agenda" does not exist')
    assert troubles(found) == {"tables": Level.WRONG, "agenda": Level.WRONG}


def test_whoever_holds_the_logs_lock_for_long_is_named(
    database: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.condition.LOCK_LONG_S", 0.0)
    with store.app.writing():
        found = of_database(database)

    assert found["transactions"][0].level is Level.WRONG
    assert "holds the log's lock" in found["transactions"][0].says


def test_streams_that_are_missing_are_named(nats_url: str) -> None:
    async def lose() -> None:
        client = await nats.connect(nats_url)
        await client.jetstream().delete_stream("NOTIFY")
        await client.close()

    asyncio.run(lose())

    found = by_subject(examine([broker(nats_url).group()], WITHIN_S))
    asyncio.run(provision(nats_url))

    assert found["streams"][0].says == "missing: NOTIFY, delivery"


def test_one_sale_is_counted_as_one(nats_url: str) -> None:
    async def refuse_one() -> None:
        client = await nats.connect(nats_url)
        for subject in ("refused.webshop", "sales.webshop"):
            await client.jetstream().publish(subject, b"{}")
        await client.close()

    asyncio.run(refuse_one())

    found = by_subject(examine([broker(nats_url).group()], WITHIN_S))

    assert found["refused"][0].says.startswith("1 sale was refused in the last 30 days: ")
    assert found["sales"][0].says.endswith(" full: 1 message")
    assert found["ingest"][0].says.startswith("nobody asks for sales: 1 message waits, ")


def test_servers_that_are_away_are_said_to_be_without_their_passwords() -> None:
    away = [broker(NOWHERE), broker("nats://worker:s3cret@[::1:1"), broker("nats://a:s3cret@b:x")]
    away_too = ["postgresql://ana:s3cret@127.0.0.1:1/none", "what is s3cret"]

    found = examine([*(one.group() for one in away), *(checkup_of(url).group() for url in away_too)], 5)

    assert [one.about for one in found] == ["NATS", "NATS", "NATS", "database", "database"]
    assert {one.level for one in found} == {Level.WRONG}
    assert "nats://********@127.0.0.1:1 does not answer" in found[0].says
    assert "s3cret" not in str(found)


def test_a_server_of_up_comes_back_with_up_and_any_other_by_its_own_means(tmp_path: Path) -> None:
    of_up = Endpoints("postgresql://127.0.0.1:1/up", NOWHERE, "http://127.0.0.1:1")
    given = settings(data=tmp_path, nats_url=SecretStr(NOWHERE))

    database, nats = servers(given, of_up)
    in_production = servers(given, None)

    assert database is not None
    assert database.revive == f"{RESTART}; what happened is in {tmp_path / 'postgres.log'} and {tmp_path / 'logs'}"
    assert nats == Server(NOWHERE, "start it, or mend NATS_URL")
    assert in_production == (None, nats)
    assert examine([BrokerCheckup(nats).group()], WITHIN_S)[0].do == nats.revive


def test_a_check_that_hangs_or_fails_stops_no_other() -> None:
    never = threading.Event()

    def hangs() -> Iterator[Finding]:
        never.wait()
        yield ok("clock", "never said")

    def fails() -> Iterator[Finding]:
        raise RuntimeError("s3cret")

    groups = [Group([("tables", fails), ("clock", hangs)]), Group([("disk", lambda: [ok("disk", "is there")])])]
    found = examine(groups, 0.1)
    never.set()

    assert [(one.level, one.about) for one in found] == [("wrong", "tables"), ("wrong", "clock"), ("ok", "disk")]
    assert found[1].says == "no answer within 0.1 s"


def test_a_secret_that_others_can_read_is_wrong(tmp_path: Path) -> None:
    key = tmp_path / "admin.key"
    key.write_text("mm_secret\n")
    key.chmod(0o640)
    (shared,) = secrets(tmp_path)
    key.chmod(0o600)

    assert (shared.level, "chmod 600" in shared.do) == (Level.WRONG, True)
    assert [one.level for one in secrets(tmp_path)] == [Level.OK]


def test_dangerous_settings_are_pointed_out() -> None:
    risky = list(dangers(settings(webhook_allow_loopback=True, host="0.0.0.0", log_level="debug")))

    assert [one.level for one in risky] == [Level.WARNING] * 3
    assert [one.level for one in dangers(settings(host="::1"))] == [Level.OK]


def test_a_clock_that_is_off_is_wrong() -> None:
    second = timedelta(seconds=1)

    assert skew("NATS", NOW, NOW, NOW + second).level is Level.OK
    assert skew("NATS", NOW - 3 * second, NOW, NOW + second).says == "the clock of NATS is 3.0 s off ours"
    assert skew("NATS", NOW + 4 * second, NOW, NOW + second).says == "the clock of NATS is 3.0 s off ours"
    assert [duration(one) for one in (3.2, 150, 7_300, 260_000)] == ["3 s", "2 min", "2 h", "3 d"]


def test_the_exit_code_says_whether_anything_is_wrong(database: str, nats_url: str) -> None:
    well, ill = doctor(database, nats_url), doctor(database, NOWHERE, "--json")
    untold = doctor(None, None, "--json", MILEMARKER_PORT="eighty")

    assert (well.exit_code, ill.exit_code, untold.exit_code) == (0, 1, 1), well.stdout
    assert "0 wrong" in well.stdout
    assert [one["about"] for one in lines(ill) if one["level"] == "wrong"] == ["NATS"]
    assert [one["about"] for one in lines(untold)][:2] == ["settings", "disk"]
    assert "s3cret" not in ill.stdout + ill.stderr


def doctor(database: str | None, nats_url: str | None, *arguments: str, **changes: str) -> Result:
    environment = {"DATABASE_URL": database, "NATS_URL": nats_url, "MILEMARKER_DATA": "/nowhere/at/all"}
    return CliRunner().invoke(build_app("doctor"), ["doctor", *arguments], env=environment | changes)


def lines(done: Result) -> list[dict[str, str]]:
    return [json.loads(line) for line in done.stdout.splitlines()]
