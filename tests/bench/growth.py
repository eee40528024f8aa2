"""What a sale costs when there are many sales already, and when there are many targets; and what it takes to read a
target, and to evaluate its checkpoint, when it has many sales.

The cost of a sale is that of many sales: the first 10 thousand, those up to 100 thousand, the last 100 thousand of a
million, and as many toward 10, 1,000 and 10,000 targets with scopes. CPU time stands beside wall time, for machines
that others use too.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from uuid import UUID

from domain.evaluating import Evaluator
from domain.figures import figures
from domain.plan import Plan
from projections.plans import PLANS
from projections.status import STATUSES
from projections.store import Store, migrate, open_store
from tests.bench.intake import Shop, Taken
from tests.bench.made import NOW, define_targets
from tests.bench.reporting import Line, rounded, say
from tests.bench.servers import servers
from tests.bench.sizes import Sizes
from workers.streams import provision

BATCH = 500
AIM_SALES = 1.3
AIM_TARGETS = 5.0
READS = 50
ROWS = (
    "SELECT s.id, s.row::text AS status, p.row::text AS plan FROM statuses AS s JOIN plans AS p USING (id)"
    " WHERE s.row->>'name' = 'Target 0'"
)
"""The target that every sale counts toward."""


def measure(sizes: Sizes) -> Iterator[Line]:
    yield from _many_sales(sizes)
    yield from _many_targets(sizes)


def _many_sales(sizes: Sizes) -> Iterator[Line]:
    few, part, grown = sizes.sales_few, sizes.sales, sizes.sales_grown
    with _shop(sizes.targets) as shop:
        first = shop.take_in(few, batch=BATCH)
        looks = [_look(shop.store, 1)]
        second = shop.take_in(part - few, first=few, batch=BATCH)
        looks.append(_look(shop.store, 2))
        if grown > 2 * part:
            shop.take_in(grown - 2 * part, first=part, batch=BATCH)
        last = shop.take_in(part, first=grown - part, batch=BATCH)
        looks.append(_look(shop.store, 3))
    yield _line(f"cost of a sale from {few:,} to {part:,} to {grown:,} sales", AIM_SALES, (first, second, last))
    (status, checkpoint), (_, _), (status_later, checkpoint_later) = looks
    yield Line(
        row="growth",
        what=f"status and checkpoint of one target with {few:,} and with {grown:,} sales",
        aim="",
        reached=f"{rounded(status_later / status)} ×, {rounded(checkpoint_later / checkpoint)} ×",
        shown=f"status {rounded(1e3 * status)} → {rounded(1e3 * status_later)} ms; evaluated in"
        f" {rounded(1e3 * checkpoint)} → {rounded(1e3 * checkpoint_later)} ms",
        met=None,
        figures={"status_ms_checkpoint_ms": [[round(1e3 * one, 3) for one in look] for look in looks]},
    )


def _many_targets(sizes: Sizes) -> Iterator[Line]:
    counts = (sizes.targets_few, sizes.targets_more, sizes.targets_grown)
    taken = []
    for targets in (sizes.targets, *counts):
        with _shop(targets) as shop:
            taken.append(shop.take_in(sizes.sales, batch=BATCH))
    said = ", ".join(f"{count:,}" for count in counts)
    yield _line(f"cost of a sale from {sizes.targets} to {counts[-1]:,} targets", AIM_TARGETS, (taken[0], taken[-1]))
    yield _line(f"cost of a sale at {said} targets with scopes", AIM_TARGETS, taken[1:])


def _look(store: Store, number: int) -> tuple[float, float]:
    """Seconds to read the status of the target of all sales, and to evaluate its checkpoint of this number."""
    took = []
    for _ in range(READS):
        began = time.perf_counter()
        target, plan = _read(store)
        took.append(time.perf_counter() - began)
    cutoff = plan.checkpoints[number - 1].cutoff
    began = time.perf_counter()
    done = Evaluator(store.app, timedelta(0)).evaluate_some(cutoff, NOW, complete=True, target=target)
    evaluated_s = time.perf_counter() - began
    assert done >= 1
    return median(took), evaluated_s


def _read(store: Store) -> tuple[UUID, Plan]:
    """Its row, its plan, and the figures that they come to."""
    with store.views.datastore.cursor() as curs:
        curs.execute(ROWS)
        row = curs.fetchone()
    assert row is not None
    plans = PLANS.decoder.decode(row["plan"])
    figures(plans.course, STATUSES.decoder.decode(row["status"]).standing, NOW)
    return row["id"], plans.plan


@contextmanager
def _shop(targets: int) -> Iterator[Shop]:
    with servers() as (postgres, nats):
        migrate(postgres.url)
        asyncio.run(provision(nats.url))
        with open_store(postgres.url) as store:
            say(f"defining {targets:,} targets")
            yield Shop(store, postgres.url, postgres, nats, define_targets(store, targets))


def _line(what: str, aim: float, taken: Sequence[Taken]) -> Line:
    first, last = taken[0], taken[-1]
    wall, cpu = first.rate / last.rate, last.cpu_us_a_sale / first.cpu_us_a_sale
    return Line(
        row="growth",
        what=what,
        aim=f"≤ {aim:g} ×",
        reached=f"{rounded(wall)} ×",
        shown=f"{' → '.join(rounded(one.rate) for one in taken)} sales/s; CPU time {rounded(cpu)} ×",
        met=wall <= aim,
        figures={
            "wall_ratio": round(wall, 3),
            "cpu_ratio": round(cpu, 3),
            "sales_per_s": [round(one.rate) for one in taken],
            "cpu_us_per_sale": [round(one.cpu_us_a_sale, 1) for one in taken],
            "cpu_s_per_100k_sales": [one.cpu_per_100k for one in taken],
        },
    )
