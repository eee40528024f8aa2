"""What a sale costs when there are many sales already, and when there are many targets.

The cost is that of the same number of sales: the first 100 thousand, the last 100 thousand of a million, and as many
toward 10,000 targets. CPU time stands beside wall time, for machines that others use too.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from projections.store import migrate, open_store
from tests.bench.intake import Shop, Taken
from tests.bench.made import define_targets
from tests.bench.reporting import Line, rounded, say
from tests.bench.servers import servers
from tests.bench.sizes import Sizes
from workers.streams import provision

BATCH = 500
AIM_SALES = 1.3
AIM_TARGETS = 5.0


def measure(sizes: Sizes) -> Iterator[Line]:
    part, grown = sizes.sales, sizes.sales_grown
    with _shop(sizes.targets) as shop:
        first = shop.take_in(part, batch=BATCH)
        if grown > 2 * part:
            shop.take_in(grown - 2 * part, first=part, batch=BATCH)
        last = shop.take_in(part, first=grown - part, batch=BATCH)
    yield _line(f"cost of a sale from {part:,} to {grown:,} sales", AIM_SALES, first, last)
    with _shop(sizes.targets_grown) as shop:
        many = shop.take_in(part, batch=BATCH)
    yield _line(f"cost of a sale from {sizes.targets} to {sizes.targets_grown:,} targets", AIM_TARGETS, first, many)


@contextmanager
def _shop(targets: int) -> Iterator[Shop]:
    with servers() as (postgres, nats):
        migrate(postgres.url)
        asyncio.run(provision(nats.url))
        with open_store(postgres.url) as store:
            say(f"defining {targets:,} targets")
            yield Shop(store, postgres.url, postgres, nats, define_targets(store, targets))


def _line(what: str, aim: float, before: Taken, after: Taken) -> Line:
    wall, cpu = before.rate / after.rate, after.cpu_us_a_sale / before.cpu_us_a_sale
    return Line(
        row="growth",
        what=what,
        aim=f"≤ {aim:g} ×",
        reached=f"{rounded(wall)} ×",
        shown=f"{rounded(before.rate)} → {rounded(after.rate)} sales/s; CPU time {rounded(cpu)} ×",
        met=wall <= aim,
        figures={
            "wall_ratio": round(wall, 3),
            "cpu_ratio": round(cpu, 3),
            "sales_per_s": [round(before.rate), round(after.rate)],
            "cpu_us_per_sale": [round(before.cpu_us_a_sale, 1), round(after.cpu_us_a_sale, 1)],
            "cpu_s_per_100k_sales": [before.cpu_per_100k, after.cpu_per_100k],
        },
    )
