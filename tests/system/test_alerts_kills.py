"""kill -9 of the alerts while they decide: each verdict is told once, to everyone, whatever died in between."""

import asyncio
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deploy.embedded import EmbeddedNats
from projections.store import Store
from tests.hearing import Office
from tests.system.product import MILEMARKER, eventually
from workers.streams import provision

TARGETS = 40
CHECKPOINTS = 4
PEOPLE = 12


@contextmanager
def worker(database: str, nats_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """`milemarker worker alerts` as production runs it; killed at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MILEMARKER_", "POSTGRES_"))}
    process = subprocess.Popen(
        [*MILEMARKER, "worker", "alerts"],
        env=kept | {"DATABASE_URL": database, "NATS_URL": nats_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    asyncio.run(provision(nats_server.url))
    return nats_server.url


def test_each_verdict_is_told_once_to_everyone_when_the_alerts_are_killed_while_they_decide(
    store: Store, database: str, nats_url: str
) -> None:
    chance, office, killed = random.Random(), Office(store.app), 0
    targets = [office.target() for _ in range(TARGETS)]
    people = [f"{number}@example.com" for number in range(PEOPLE)]
    for person in people:
        office.subscribe("checkpoint.evaluated", recipient=person)
    for number in range(1, CHECKPOINTS + 1):
        for target in targets:
            office.evaluated(target, number, "on_track")
    expected = TARGETS * CHECKPOINTS * PEOPLE

    def queued() -> int:
        with store.views.datastore.cursor() as curs:
            curs.execute("SELECT count(*) AS many FROM milemarker_events WHERE topic = 'notification.queued'")
            row = curs.fetchone()
            return 0 if row is None else int(row["many"])

    while (before := queued()) < expected and killed < 3:
        with worker(database, nats_url):
            eventually(queued, lambda many, before=before: many > before)  # type: ignore[misc]
            time.sleep(chance.uniform(0, 0.2))
            killed += queued() < expected
    with worker(database, nats_url):
        eventually(queued, lambda many: many >= expected)
        time.sleep(1)

    told = Counter((fact.recipient, fact.message["checkpoint"]["id"]) for fact in office.facts("notification.queued"))
    assert set(told.values()) == {1}
    assert len(told) == expected
    assert killed, "it was too quick to be killed while it decided"
