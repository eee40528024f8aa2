"""A database that was used and emptied can't be told from a new one; one that was altered is not lent again."""

from uuid import uuid4

import psycopg

from domain.intake import Arrival, Intake
from projections.store import open_store
from tests.databases import Databases
from tests.words import NOW, active_target, sale


def use(url: str) -> int:
    """Sales toward a target, views, positions; the last position."""
    with open_store(url) as store:
        active_target(store.app)
        _, position = Intake(store.app, uuid4).record([Arrival([sale("1")])], NOW)
        for view in store.views.views.values():
            while store.views.follow(view):
                continue
    return position


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Of every table, and how far its sequences are."""
    with psycopg.connect(url) as connection:
        tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        found = {one: connection.execute(f"SELECT * FROM {one} ORDER BY 1".encode()).fetchall() for one in tables}
        return found | {"sequences": connection.execute("SELECT * FROM pg_sequences ORDER BY 2").fetchall()}


def test_what_was_emptied_is_as_new_and_has_another_name(databases: Databases) -> None:
    lending = Databases(databases.url)
    url = lending.lend()
    new, position = rows(url), use(url)
    lending.take_back(url)

    again = lending.lend()

    assert again != url
    assert rows(again) == new
    assert use(again) == position
    lending.take_back(again)
    lending.end()


def test_what_was_altered_is_not_lent_again(databases: Databases) -> None:
    lending = Databases(databases.url)
    for change in ("DROP TABLE agenda", "ALTER TABLE agenda ADD COLUMN other int", "CREATE INDEX ON agenda (since)"):
        url = lending.lend()
        with psycopg.connect(url) as connection:
            connection.execute(change.encode())
        lending.take_back(url)

        assert lending.free == []
