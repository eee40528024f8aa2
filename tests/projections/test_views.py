"""Read models follow the log exactly: rows and position together, the same bytes again after every rebuild."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Event
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import PersistenceError
from psycopg.sql import SQL, Identifier

from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.target import Target
from projections.status import STATUSES
from projections.store import Store, migrate, open_store
from projections.view import row_text
from projections.view_tables import AnotherVersion
from projections.views import VIEWS
from tests.domain.publishing import long_history, split
from tests.words import NOW, active_target, plan, sale, total

Rows = dict[str, list[tuple[Any, ...]]]
NAMES = [view.name for view in VIEWS]


@pytest.fixture
def beside(database: str) -> Iterator[Store]:
    """Another process on the same database."""
    with open_store(database) as opened:
        yield opened


def publish(store: Store, seed: int = 0, size: int = 150) -> None:
    """A history of sales in small batches, with targets that come in between."""
    chance, intake = Random(seed), Intake(store.app, uuid4)
    for number, batch in enumerate(split(chance, long_history(chance, size, "abcdefghijklmnopqrstuvwxyz"), most=2)):
        if number % 25 == 0:
            active_target(store.app, goal="50.00", scope={"region": ["emea"]} if number % 2 else {})
        intake.record([Arrival(batch)], NOW)


def publish_singly(store: Store, count: int) -> None:
    """So many batches of one sale each: more than a view takes in one transaction."""
    intake = Intake(store.app, uuid4)
    for number in range(count):
        intake.record([Arrival([sale(f"{number}", "1.00")])], NOW)


def follow(store: Store, *names: str) -> None:
    for name in names or NAMES:
        while store.views.follow(store.views.views[name]):
            continue


def rows(url: str, *names: str) -> Rows:
    """Every row of these views as text, and how far they have followed."""
    with psycopg.connect(url) as connection:
        found: Rows = {
            name: connection.execute(
                SQL("SELECT id::text, position, row::text FROM {} ORDER BY id").format(Identifier(name))
            ).fetchall()
            for name in names or NAMES
        }
        found["positions"] = connection.execute(
            "SELECT * FROM view_positions WHERE application_name = ANY(%s) ORDER BY 1", [list(names or NAMES)]
        ).fetchall()
    return found


def run(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


def rebuilt(store: Store, url: str) -> Rows:
    for name in NAMES:
        store.views.rebuild(name)
    return rows(url)


def test_a_view_has_what_the_facts_say(store: Store, database: str) -> None:
    target_id = active_target(store.app, goal="50.00")
    Intake(store.app, uuid4).record([Arrival([sale("1", "60.00")])], NOW)

    follow(store)

    ((_, _, text),) = rows(database)["statuses"]
    row = STATUSES.decoder.decode(text)
    assert (row.total, row.attained, row.plan_version) == (60_00, True, 3)
    assert row.total == total(store.app, target_id)


def test_rows_and_position_are_committed_together_or_not_at_all(store: Store, database: str) -> None:
    publish(store, size=20)
    follow(store)
    before = rows(database)
    publish(store, seed=1, size=20)
    run(
        database,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
        "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON view_positions"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
    )

    for view in VIEWS:
        with pytest.raises(PersistenceError, match="no"):
            store.views.follow(view)
    refused = rows(database)
    run(database, "DROP TRIGGER refuse ON view_positions")
    follow(store)

    assert refused == before
    assert rows(database) == rebuilt(store, database)


def test_two_followers_side_by_side_are_exact(store: Store, beside: Store, database: str) -> None:
    publish(store, size=400)

    with ThreadPoolExecutor(4) as threads:
        for one in [threads.submit(follow, process) for process in (store, beside, store, beside)]:
            one.result()

    assert rows(database) == rebuilt(store, database)


@pytest.mark.parametrize("wiping", ["TRUNCATE {}", "DROP TABLE {}", "UPDATE {} SET row = '{{}}', position = 0"])
def test_a_view_that_was_wiped_is_made_again_byte_for_byte(store: Store, database: str, wiping: str) -> None:
    publish(store)
    follow(store)
    before = rows(database)

    for name in NAMES:
        run(database, wiping.format(name))

    assert rebuilt(store, database) == before


def test_a_view_that_lost_its_position_as_well_is_made_again(store: Store, database: str) -> None:
    publish(store, size=30)
    follow(store)
    before = rows(database)

    run(database, "TRUNCATE view_positions, statuses, plans, progress, sale_batches")

    assert rebuilt(store, database) == before


def test_a_rebuild_at_once_and_a_slow_following_give_the_same_rows(store: Store, database: str) -> None:
    for seed in range(4):
        publish(store, seed, size=20)
        follow(store)

    followed = rows(database)

    assert rebuilt(store, database) == followed


def test_a_row_that_holds_nul_can_be_read_by_the_database(database: str) -> None:
    said = {"reason": "a\0b", "target": "\\u0000", "both": "\\\0"}

    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT row->>'reason', row->>'target', row->>'both' FROM (SELECT %s::json AS row) AS one",
            (row_text(said),),
        ).fetchone()

    assert found == ("a\ufffdb", "\\u0000", "\\\ufffd")


def test_rows_of_an_older_version_are_made_anew_by_a_migration(store: Store, database: str) -> None:
    publish(store)
    follow(store)
    due = rows(database)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE statuses SET row = (row::jsonb - 'begins')::json")
        connection.execute("UPDATE view_versions SET version = 1 WHERE name = 'statuses'")
    older = rows(database)

    assert store.views.outdated() == ["statuses"]
    with pytest.raises(AnotherVersion, match="run `milemarker migrate`"):
        follow(store)
    migrate(database)

    assert older != due
    assert rows(database) == due
    assert store.views.outdated() == []


def test_a_rebuilt_view_is_followed_on(store: Store, beside: Store, database: str) -> None:
    publish(store, size=30)
    follow(beside)
    rebuilt(store, database)

    publish(store, seed=1, size=30)
    follow(beside)

    assert rows(database) == rebuilt(store, database)


def test_a_view_is_rebuilt_while_sales_come_in_and_others_follow(store: Store, beside: Store, database: str) -> None:
    publish(store, size=100)
    done = Event()

    def go_on() -> None:
        publish(beside, seed=2, size=150)
        done.set()

    def keep_following() -> None:
        while not done.is_set():
            follow(beside)

    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(go_on), threads.submit(keep_following)]
        while not done.is_set():
            for name in NAMES:
                store.views.rebuild(name)
        for one in running:
            one.result()
    follow(store)

    assert rows(database) == rebuilt(store, database)


def test_a_rebuild_that_was_interrupted_leaves_the_old_rows_and_can_be_run_again(store: Store, database: str) -> None:
    publish_singly(store, 120)
    follow(store)
    before = rows(database)

    def stop(done: int, top: int) -> None:
        assert done < top
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.views.rebuild("sale_batches", stop)

    assert rows(database) == before
    assert rebuilt(store, database) == before


def test_two_rebuilds_of_one_view_at_once_lose_nothing(store: Store, beside: Store, database: str) -> None:
    publish_singly(store, 120)
    follow(store)
    before = rows(database)
    begun = Event()

    with ThreadPoolExecutor(1) as threads:
        others: list[Any] = []

        def rebuild_beside(done: int, top: int) -> None:
            if not others:
                others.append(threads.submit(beside.views.rebuild, "sale_batches", lambda *_: begun.set()))
                begun.wait(0.5)

        store.views.rebuild("sale_batches", rebuild_beside)
        others[0].result()

    assert rows(database) == before


def test_a_follower_sees_no_gap_when_writers_write_at_once(store: Store, beside: Store, database: str) -> None:
    target_id = active_target(store.app)
    writers = [(process, f"w{number}") for number, process in enumerate((store, beside, store))]

    def write(process: Store, name: str) -> None:
        intake = Intake(process.app, uuid4)
        for number in range(40):
            intake.record([Arrival([sale(f"{name}-{number}", "1.00")])], NOW)

    def positions() -> int:
        follow(beside)
        return beside.views.position("sale_batches")

    with ThreadPoolExecutor(3) as threads:
        running = [threads.submit(write, *one) for one in writers]
        seen = [positions()]
        while not all(one.done() for one in running):
            seen.append(positions())
        for one in running:
            one.result()
    follow(store)

    assert seen == sorted(seen)
    assert len(rows(database)["sale_batches"]) == 120
    assert total(store.app, target_id) == 120_00
    assert rows(database) == rebuilt(store, database)


@pytest.mark.parametrize("fill", [False, True])
def test_a_status_follows_its_target_through_every_state(store: Store, database: str, fill: bool) -> None:
    def status(change: Callable[[], object]) -> str:
        change()
        follow(store)
        ((_, _, text),) = rows(database)["statuses"]
        return str(STATUSES.decoder.decode(text).state)

    with store.app.writing() as log:
        target = Target.define(uuid4(), plan(), by="ana", at=NOW)
        log.save(target.collect_events())

    states = [
        status(lambda: None),
        status(lambda: store.app.activate_target(target.id, by="ana", at=NOW)),
        status(lambda: fill and Filler(store.app).fill_some(NOW)),
        status(lambda: store.app.cancel_target(target.id, "over", by="ana", at=NOW)),
    ]

    assert states == ["draft", "filling", "active" if fill else "filling", "cancelled"]
