"""Every read model made anew from a million sales, one after the other, by the code that `milemarker rebuild` runs."""

import asyncio
import os
import time
from collections.abc import Iterator

from projections.store import migrate, open_store
from tests.bench.cpu import Spent
from tests.bench.intake import Shop
from tests.bench.made import define_targets
from tests.bench.reporting import Line, rounded, say
from tests.bench.servers import servers
from tests.bench.sizes import Sizes
from workers.streams import provision

AIM_S = 10.0
BATCH = 500


def measure(sizes: Sizes) -> Iterator[Line]:
    with servers() as (postgres, nats):
        migrate(postgres.url)
        asyncio.run(provision(nats.url))
        with open_store(postgres.url) as store:
            shop = Shop(store, postgres.url, postgres, nats, define_targets(store, sizes.targets))
            shop.take_in(sizes.rebuilt_sales, batch=BATCH)
            facts = store.app.recorder.max_notification_id() or 0
            took: dict[str, float] = {}
            cpu: dict[str, dict[str, float]] = {}
            for name in store.views.views:
                spent, began = Spent({"rebuild": os.getpid(), "postgres": postgres.pid}), time.perf_counter()
                store.views.rebuild(name)
                took[name] = round(time.perf_counter() - began, 2)
                cpu[name] = {what: round(seconds, 2) for what, seconds in spent.so_far().items()}
                say(f"{name}: {took[name]:.1f} s")
    yield _line(sizes.rebuilt_sales, facts, took, cpu)


def _line(sales: int, facts: int, took: dict[str, float], cpu: dict[str, dict[str, float]]) -> Line:
    slowest = max(took, key=lambda name: took[name])
    return Line(
        row="rebuild",
        what=f"rebuild a read model from {sales:,} sales",
        aim=f"< {AIM_S:g} s",
        reached=f"{rounded(took[slowest])} s",
        shown=f"the slowest, {slowest}, of {len(took)}; all of them {rounded(sum(took.values()))} s",
        met=took[slowest] < AIM_S,
        figures={"facts": facts, "took_s": took, "all_s": round(sum(took.values()), 2), "cpu_s": cpu},
    )
