"""From the acknowledgement of a sale to the webhook that says that it attained a target, under a steady load.

The product runs as `milemarker up`, the shop and the webhook's other side are processes of their own. Where the time
goes is told by the facts: when ingest took the sale, when the alerts decided, when delivery began.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import orjson
import psycopg

from projections.store import open_store
from tests.bench.cpu import Spent
from tests.bench.made import define, plan_now
from tests.bench.parts import Running, running
from tests.bench.reporting import Line, rounded, say
from tests.bench.servers import directory
from tests.bench.sizes import Sizes
from tests.system.product import Product

REPS = 50
AIM_MS = 100
DONE_WITHIN_S = 120.0
STEPS = ("acknowledged", "ingest_took_it", "alert_decided", "delivery_began", "accepted")
FACTS = """
SELECT topic, originator_id::text, convert_from(state, 'UTF8')::json FROM milemarker_events
WHERE topic IN ('target.defined', 'target.attained', 'notification.queued', 'notification.sending')
"""


def measure(sizes: Sizes) -> Iterator[Line]:
    with directory() as made, _product(made / "data") as product:
        say(f"defining {sizes.latency_sales} targets that will be attained, and {REPS + 2} others")
        _define(product, sizes.latency_sales)
        shop = [str(sizes.latency_rate), str(sizes.latency_sales), str(sizes.latency_every_s), str(REPS)]
        modules = {"sink": ["latency_sink"], "shop": ["latency_publisher", product.endpoints["nats"], *shop]}
        with running(modules) as processes:
            yield _measure(product, sizes, processes)


@contextmanager
def _product(data: Any) -> Iterator[Product]:
    product = Product(data)
    product.environment |= {"MILEMARKER_WEBHOOK_ALLOW_LOOPBACK": "true", "MILEMARKER_LOG_LEVEL": "warning"}
    say("starting the product")
    product.start()
    try:
        yield product
    finally:
        product.stop()


def _define(product: Product, measured: int) -> None:
    now = datetime.now(UTC)
    scopes: list[tuple[dict[str, list[str]], str]] = [({}, "999999999.00"), ({"region": ["r1"]}, "999999999.00")]
    scopes += [({"rep": [f"rep-{number}"]}, "999999999.00") for number in range(REPS)]
    scopes += [({"rep": [f"attains-{number}"]}, "10.00") for number in range(measured)]
    plans = [plan_now(next(iter(scope.values()), ["all"])[0], scope, goal, now, []) for scope, goal in scopes]
    with open_store(product.endpoints["database"]) as store:
        define(store, plans, now)


def _measure(product: Product, sizes: Sizes, processes: Mapping[str, Running]) -> Line:
    url = f"http://127.0.0.1:{int(processes['sink'].said)}/in"
    wanted = {"recipient": "ana@example.com", "target": "*", "kinds": ["target.attained"]}
    subscribed = product.api.post("/v1/subscriptions", json=wanted | {"channel": {"kind": "webhook", "url": url}})
    assert subscribed.status_code == 201, subscribed.text
    spent = Spent(_parts(product))
    say(f"{sizes.latency_rate:,} sales a second, every {sizes.latency_every_s:g} s one that attains its target")
    processes["shop"].begin()
    sold: dict[str, tuple[float, float]] = orjson.loads(
        processes["shop"].told(DONE_WITHIN_S + sizes.latency_sales * sizes.latency_every_s)
    )
    cpu_s = spent.so_far()
    arrived: dict[str, float] = orjson.loads(processes["sink"].end())
    acknowledged = _shares([last - first for first, last in sold.values()])
    return _line(sizes, list(_times(product, sold, arrived)), len(sold), acknowledged, cpu_s)


def _parts(product: Product) -> dict[str, int]:
    """The product's processes, by what they do."""
    words = {
        "ingest": ["worker", "ingest"],
        "workers": ["worker", "relay"],
        "delivery": ["worker", "delivery"],
        "project": ["project"],
        "api": ["milemarker", "api"],
        # What keeps a server counts with it.
        "postgres": ["keeper", "postgres"],
        "nats": ["keeper", "nats-server"],
    }
    return {name: product.processes(*line)[0].pid for name, line in words.items()}


def _times(
    product: Product, sold: Mapping[str, tuple[float, float]], arrived: Mapping[str, float]
) -> Iterator[list[float]]:
    """Of each sale whose webhook was accepted: when each step was, in seconds since the epoch."""
    numbers: dict[str, str] = {}
    attained: dict[str, float] = {}
    queued: dict[str, tuple[str, float]] = {}
    began: dict[str, float] = {}
    with psycopg.connect(product.endpoints["database"]) as connection:
        for topic, named, said in connection.execute(FACTS).fetchall():
            at = datetime.fromisoformat(said["timestamp"]).timestamp()
            if topic == "target.defined":
                numbers[named] = said["plan"]["name"].removeprefix("attains-")
            elif topic == "target.attained":
                attained[named] = at
            elif topic == "notification.queued":
                queued[said["target"]] = (named, at)
            else:
                began.setdefault(named, at)
    for target, at in arrived.items():
        notification, decided_at = queued[target]
        yield [sold[numbers[target]][1], attained[target], decided_at, began[notification], at]


def _line(
    sizes: Sizes,
    times: Sequence[Sequence[float]],
    sold: int,
    acknowledged: Mapping[str, float],
    cpu_s: Mapping[str, float],
) -> Line:
    whole = [last - first for first, *_, last in times]
    steps = {
        f"{before} -> {after}": _shares([at[number + 1] - at[number] for at in times])
        for number, (before, after) in enumerate(pairwise(STEPS))
    }
    shares = _shares(whole)
    return Line(
        row="latency",
        what=f"PubAck of the sale to webhook accepted, at {sizes.latency_rate:,} sales/s",
        aim=f"p99 < {AIM_MS} ms",
        reached=f"p99 {rounded(shares['p99_ms'])} ms",
        shown=f"median {rounded(shares['p50_ms'])} ms, longest {rounded(shares['max_ms'])} ms, {len(times)} of {sold}",
        met=shares["p99_ms"] < AIM_MS and len(times) == sold,
        figures={
            "sold": sold,
            "accepted": len(times),
            **shares,
            "steps": {"published -> acknowledged, before": acknowledged} | steps,
            "cpu_s": {name: round(spent, 2) for name, spent in cpu_s.items()},
        },
    )


def _shares(took_s: Sequence[float]) -> dict[str, float]:
    ordered = sorted(took_s)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1)

    return {"p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99), "max_ms": at(1.0)}
