"""Sales from JetStream to committed and in every read model, beside what else could be done with them.

The yardsticks run on the same server, best of two like Milemarker: plain `eventsourcing`, COPY, and SQL by hand that
keeps no history. All of it is durable: `fsync` and `synchronous_commit` are on, one commit of one row is timed too.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg

from deploy.embedded import EmbeddedNats, EmbeddedPostgres
from projections.store import migrate, open_store
from tests.bench.cpu import Spent
from tests.bench.handwritten import handwritten_sql
from tests.bench.intake import Shop, Taken
from tests.bench.made import define_targets, sales
from tests.bench.reporting import Line, rounded, say
from tests.bench.servers import database, directory
from tests.bench.sizes import Sizes
from tests.bench.yardsticks import copy_of_sales, plain_eventsourcing
from workers.streams import provision

Yardstick = Callable[[str, Sequence[dict[str, Any]]], float]
REPS = 45
COMMITS = 50
SETTLE_S = 0.2
"""Until the CPU time of a connection that has ended is counted with the server's."""


def measure(sizes: Sizes) -> Iterator[Line]:
    with directory() as made, EmbeddedPostgres(made) as postgres:
        yield from _measure(postgres, sizes)


def _measure(postgres: EmbeddedPostgres, sizes: Sizes) -> Iterator[Line]:
    durable = _durability(postgres)
    beside: dict[str, float] = {}
    cpu: dict[str, float] = {}
    given = sales(sizes.sales, REPS)
    for name, yardstick, sold in (
        ("plain", plain_eventsourcing, given[: sizes.plain_sales]),
        ("copy", copy_of_sales, given),
        ("by_hand", handwritten_sql, given),
    ):
        say(f"yardstick: {name}")
        beside[name], cpu[name] = _best(postgres, yardstick, sold, sizes.best_of)
    del given
    for batch, what in ((1, "sales, one a message"), (500, "sales, 500 a message")):
        runs = [_run(postgres, sizes, batch) for _ in range(sizes.best_of)]
        yield _line(batch, what, max(runs, key=lambda run: run.rate), beside, cpu, durable)


def _best(
    postgres: EmbeddedPostgres, yardstick: Yardstick, sold: Sequence[dict[str, Any]], times: int
) -> tuple[float, float]:
    """The best rate, and PostgreSQL's CPU seconds for 100,000 sales in that run."""
    found = []
    for _ in range(times):
        with database(postgres) as url:
            spent = Spent({"postgres": postgres.pid})
            rate = yardstick(url, sold)
            time.sleep(SETTLE_S)
            found.append((rate, round(spent.so_far()["postgres"] * 100_000 / len(sold), 2)))
    return max(found)


def _run(postgres: EmbeddedPostgres, sizes: Sizes, batch: int) -> Taken:
    with directory() as made, EmbeddedNats(made) as nats, database(postgres) as url:
        migrate(url)
        asyncio.run(provision(nats.url))
        with open_store(url) as store:
            shop = Shop(store, url, postgres, nats, define_targets(store, sizes.targets))
            return shop.take_in(sizes.sales, batch=batch)


def _line(
    batch: int, what: str, taken: Taken, beside: dict[str, float], cpu: dict[str, float], durable: dict[str, Any]
) -> Line:
    ratios = {name: taken.rate / rate for name, rate in beside.items()}
    wanted = {"plain": 200, "copy": 0.25} if batch == 1 else {"plain": 400, "copy": 0.4, "by_hand": 0.8}
    named = {"plain": "plain `eventsourcing`", "copy": "COPY", "by_hand": "SQL by hand without history"}
    return Line(
        row="sales",
        what=what,
        aim=", ".join(f"≥ {wish:g} × {named[name]}" for name, wish in wanted.items()),
        reached=", ".join(f"{rounded(ratios[name])} ×" for name in wanted),
        shown=f"{rounded(taken.rate)} sales/s; "
        + ", ".join(f"{named[name]} {rounded(rate)}/s" for name, rate in beside.items() if name in wanted),
        met=all(ratios[name] >= wish for name, wish in wanted.items()),
        figures={
            "sales": taken.sales,
            "sales_per_s": round(taken.rate),
            "beside_sales_per_s": {name: round(rate, 1) for name, rate in beside.items()},
            "ratios": {name: round(ratio, 3) for name, ratio in ratios.items()},
            "cpu_s_per_100k_sales": taken.cpu_per_100k,
            "postgres_cpu_s_per_100k_sales_beside": cpu,
            "durability": durable,
        },
    )


def _durability(postgres: EmbeddedPostgres) -> dict[str, Any]:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')"
        )
        settings: dict[str, Any] = dict(rows.fetchall())
        connection.execute("CREATE TABLE committed (one int)")
        took = []
        for _ in range(COMMITS):
            began = time.perf_counter()
            connection.execute("INSERT INTO committed VALUES (1)")
            took.append(time.perf_counter() - began)
        connection.execute("DROP TABLE committed")
    return settings | {"one_commit_ms": round(sorted(took)[COMMITS // 2] * 1000, 2)}
