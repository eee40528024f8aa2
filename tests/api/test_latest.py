"""What happened last, read from the log: it stays quick and whole however many sales a target counts."""

import asyncio
import json
from uuid import UUID, uuid4

import psycopg
import pytest

from api.dashboard.latest import FACTS_READ, NEWEST, Latest
from api.database import Database
from domain.target import Target
from projections.store import Store
from tests.words import active_target

SALES = 20_000
COUNTED = """
INSERT INTO milemarker_events (originator_id, originator_version, topic, state)
SELECT %s, 1000 + n, 'target.progress_recorded', '{}' FROM generate_series(1, %s) AS n
"""


@pytest.fixture
def busy_target(store: Store, database: str) -> UUID:
    """A target that has counted 20,000 batches of sales."""
    target = active_target(store.app)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(COUNTED, (target, SALES))
    return target


def test_sales_never_flush_out_what_befell_a_target(store: Store, database: str, busy_target: UUID) -> None:
    async def newest() -> list[object]:
        reads = Database(database)
        await reads.open()
        try:
            return await Latest(reads).facts(busy_target, [])
        finally:
            await reads.close()

    facts = asyncio.run(newest())

    assert [type(one) for one in facts] == [Target.TargetFilled, Target.TargetActivated, Target.TargetDefined]


@pytest.mark.parametrize("analyzed", [False, True], ids=["new", "analyzed"])
def test_what_befell_a_target_is_found_without_looking_at_its_sales(
    database: str, busy_target: UUID, analyzed: bool
) -> None:
    said = {"target": busy_target, "parts": [uuid4()], "limit": FACTS_READ}

    with psycopg.connect(database, autocommit=True) as connection:
        if analyzed:
            connection.execute("ANALYZE milemarker_events")
        row = connection.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + NEWEST, said).fetchone()

    assert row is not None
    told = json.dumps(row[0])
    assert "milemarker_events_not_progress" in told
    assert "Seq Scan" not in told
    assert row[0][0]["Execution Time"] < 20
