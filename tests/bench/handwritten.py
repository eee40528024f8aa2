"""What a good engineer writes by hand when no history is to be kept: each sale once, and three totals.

One statement and one commit for 500 sales: the new ones of them go into a table keyed by source and id, and what
they come to is added to the totals of the company, the region and the rep. Arrays in binary, prepared once, and the
next batch is made ready while the database works on the last.
"""

import time
from collections.abc import Sequence
from typing import Any

import orjson
import psycopg

BATCH = 500

TABLES = (
    'CREATE TABLE sold (source text COLLATE "C", id text COLLATE "C", amount bigint NOT NULL,'
    " occurred_at timestamptz NOT NULL, said json NOT NULL, PRIMARY KEY (source, id))",
    'CREATE TABLE totals (of text COLLATE "C" PRIMARY KEY, amount bigint NOT NULL) WITH (fillfactor = 50)',
)
TAKE = """
WITH arrived AS (
    SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::timestamptz[], %b::text[], %b::text[], %b::text[])
        AS a (source, id, amount, occurred_at, said, region, rep)
), new AS (
    INSERT INTO sold SELECT source, id, amount, occurred_at, said::json FROM arrived
    ON CONFLICT DO NOTHING RETURNING source, id
), counted AS (
    SELECT DISTINCT ON (source, id) amount, region, rep FROM arrived JOIN new USING (source, id)
), sums AS (
    SELECT of, sum(amount) AS amount FROM counted
    CROSS JOIN LATERAL (VALUES ('company'), (region), (rep)) AS toward (of) GROUP BY of ORDER BY of
)
UPDATE totals SET amount = totals.amount + sums.amount FROM sums WHERE totals.of = sums.of
"""


def handwritten_sql(database: str, sales: Sequence[dict[str, Any]]) -> float:
    """Sales a second, repeated ones counted with the others as they are for Milemarker."""
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in TABLES:
            connection.execute(statement)
        places = {"company"} | {of for sale in sales for of in sale["dimensions"].values()}
        connection.cursor().executemany("INSERT INTO totals VALUES (%s, 0)", [(of,) for of in sorted(places)])
        began = time.perf_counter()
        with connection.pipeline() as pipeline:
            for first in range(0, len(sales), BATCH):
                connection.execute(TAKE, _columns(sales[first : first + BATCH]), prepare=True)
                # Each batch is a transaction of its own; its answer is read while the next is under way.
                pipeline.sync()
        took_s = time.perf_counter() - began
        _check(connection, sales)
        connection.execute("DROP TABLE sold, totals")
    return len(sales) / took_s


def _columns(sales: Sequence[dict[str, Any]]) -> tuple[list[Any], ...]:
    dimensions = [sale["dimensions"] for sale in sales]
    return (
        [sale["source"] for sale in sales],
        [sale["id"] for sale in sales],
        [_cents(sale) for sale in sales],
        [sale["occurred_at"] for sale in sales],
        [orjson.dumps(said).decode() for said in dimensions],
        [said["region"] for said in dimensions],
        [said["rep"] for said in dimensions],
    )


def _cents(sale: dict[str, Any]) -> int:
    return int(sale["amount"].replace(".", ""))


def _check(connection: "psycopg.Connection[Any]", sales: Sequence[dict[str, Any]]) -> None:
    """A yardstick that counts wrongly would be none."""
    row = connection.execute("SELECT amount FROM totals WHERE of = 'company'").fetchone()
    assert row == (sum(_cents(sale) for sale in {sale["id"]: sale for sale in sales}.values()),)
