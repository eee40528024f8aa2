"""`dead` and `redrive`: what could not be delivered is shown, and tried again once someone says so."""

import json
import os
import subprocess
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.delivery.notification import Notification
from projections.store import Store
from tests.hearing import Office
from tests.notifying import TARGET, life, queued, rows, subscribed
from tests.system.product import MILEMARKER


@pytest.fixture
def four_dead(store: Store) -> list[UUID]:
    """Three that may be tried again, two for Ana about a target each and one for Jo, and one that may not."""
    subscription = subscribed(store, "https://example.com/hook")
    ids = [
        queued(store, subscription, 1),
        queued(store, subscription, 2, target=UUID(int=7), kind="checkpoint.evaluated"),
        queued(store, subscription, 3, recipient="jo@[red]example.com\x1b"),
        queued(store, uuid4(), 4, recipient="ana@example.com"),
    ]
    with store.app.writing() as log:
        for one in log.aggregates(Notification, ids).values():
            one.give_up("10 tries failed", by="delivery", at=datetime.now(UTC))
            log.deliveries.keep(one)
            log.save(one.collect_events())
    return ids


def milemarker(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MILEMARKER_", "POSTGRES_"))}
    return subprocess.run(
        [*MILEMARKER, *arguments],
        env=kept | {"DATABASE_URL": database, "NATS_URL": "nats://127.0.0.1:1", "COLUMNS": "250"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def listed(database: str, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in milemarker(database, "dead", "--json", *arguments).stdout.splitlines()]


def test_the_dead_are_listed_with_who_missed_what_and_why(database: str, four_dead: list[UUID]) -> None:
    (first, *_) = listed(database)
    table = milemarker(database, "dead").stdout

    assert [one["notification"] for one in listed(database)] == [str(one) for one in four_dead]
    assert [len(listed(database, *chosen)) for chosen in (["--limit", "2"], ["--kind", "checkpoint.evaluated"])] == [
        2,
        1,
    ]
    assert len(listed(database, "--recipient", "ana@example.com", "--target", str(TARGET))) == 2
    assert (first["recipient"], first["kind"], first["reason"]) == (
        "ana@example.com",
        "alert.verdict",
        "10 tries failed",
    )
    assert "jo@[red]example.com?" in table
    assert "\x1b" not in table


def test_redriving_says_first_what_it_would_do_and_changes_nothing(
    store: Store, database: str, four_dead: list[UUID]
) -> None:
    said = milemarker(database, "redrive")

    assert said.returncode == 0
    assert "3 would be tried again. Nothing was changed: add --yes to do it." in said.stdout
    assert f"left as it is: {four_dead[3]} for ana@example.com: its subscription is gone" in said.stdout
    assert [state for _, state in rows(store)] == ["dead"] * 4


def test_with_yes_those_that_were_chosen_are_tried_again(store: Store, database: str, four_dead: list[UUID]) -> None:
    said = milemarker(database, "redrive", "--recipient", "ana@example.com", "--limit", "1", "--yes")
    one = milemarker(database, "redrive", "--id", str(four_dead[2]), "--yes")

    assert said.stdout == one.stdout == "1 will be tried again now.\n"
    assert [state for _, state in rows(store)] == ["queued", "dead", "queued", "dead"]
    assert life(store, four_dead[0]) == ["queued", "dead", "redriven"]


def test_what_is_over_by_now_would_be_cancelled_and_then_is(store: Store, database: str) -> None:
    office = Office(store.app)
    target = office.target()
    office.subscribe("alert.verdict", channel="nats")
    office.evaluated(target, 1, "at_risk")
    office.decide()
    with store.app.writing() as log:
        (told,) = office.facts("notification.queued")
        one = log.aggregates(Notification, [told.originator_id])[told.originator_id]
        one.give_up("larger than NATS carries", by="delivery", at=office.at)
        log.deliveries.keep(one)
        log.save(one.collect_events())
    office.attained(target)
    office.decide()

    dry, done = milemarker(database, "redrive"), milemarker(database, "redrive", "--yes")

    assert f"would be cancelled: {one.id} for ana@example.com: silenced: the target is attained by now" in dry.stdout
    assert "0 would be tried again" in dry.stdout
    assert f"cancelled: {one.id} for ana@example.com: silenced: the target is attained by now" in done.stdout
    assert life(store, one.id) == ["queued", "dead", "redriven", "cancelled"]


def test_where_nothing_died_both_say_so(database: str) -> None:
    assert "No notification has died." in milemarker(database, "dead").stderr
    assert "No such notification has died." in milemarker(database, "redrive", "--yes").stderr
