"""A quarter of sales reads exactly the same whichever way it comes in, and however often."""

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import nats
import orjson
import psycopg
import pytest

from tests.system.business import Sale, cents, dollars, in_month, january, quarter, write_ndjson
from tests.system.product import Product, eventually

SALES = 3_000
FEBRUARY = {"name": "February 2017", "start": "2017-02-01", "end": "2017-02-28"}
SCOPES: dict[str, dict[str, list[str]]] = {
    "company": {},
    "two departments": {"department": ["grocery", "deli"]},
    "three stores": {"store": ["s300", "s305", "s311"]},
}

Way = Callable[[Product, list[Sale], Path], None]


def by_load(product: Product, sales: list[Sale], directory: Path) -> None:
    product.command("load", str(write_ndjson(directory / f"{uuid4().hex}.ndjson", sales)))


def by_http(product: Product, sales: list[Sale], directory: Path) -> None:
    accepted = 0
    for first in range(0, len(sales), 2_500):
        answer = product.api.post("/v1/sales", json=sales[first : first + 2_500])
        assert answer.status_code == 200, answer.text
        accepted += answer.json()["accepted"]
    assert accepted == len(sales)


def by_nats(a_message: int) -> Way:
    def publish(product: Product, sales: list[Sale], directory: Path) -> None:
        asyncio.run(_publish(product.endpoints["nats"], sales, a_message))

    return publish


async def _publish(url: str, sales: list[Sale], a_message: int) -> None:
    client = await nats.connect(url)
    jetstream = client.jetstream()
    source = sales[0]["source"]
    parts = [sales[first : first + a_message] for first in range(0, len(sales), a_message)]
    for first in range(0, len(parts), 500):
        await asyncio.gather(
            *(
                jetstream.publish(f"sales.{source}", orjson.dumps(part if a_message > 1 else part[0]))
                for part in parts[first : first + 500]
            )
        )
    await client.close()


WAYS: dict[str, Way] = {
    "load": by_load,
    "HTTP": by_http,
    "NATS, one sale a message": by_nats(1),
    "NATS, 500 a message": by_nats(500),
}


def business(seed: int) -> tuple[str, list[Sale]]:
    """A quarter under a metric of its own, so that tests on one product don't meet."""
    metric = f"revenue-{uuid4().hex[:8]}"
    source = f"shop-{uuid4().hex[:8]}"
    return metric, [sale | {"metric": metric, "source": source} for sale in quarter(SALES, seed)]


def matching(scope: dict[str, list[str]], month: int) -> Callable[[Sale], bool]:
    in_time = in_month(month)
    return lambda sale: in_time(sale) and all(sale["dimensions"][name] in scope[name] for name in scope)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ingests", [1, 3])
def test_targets_activated_before_amid_and_after_shuffled_sales_read_the_same_cent(
    product: Product, directory: Path, way: str, ingests: int
) -> None:
    metric, sales = business(seed=ingests)
    random.Random(ingests).shuffle(sales)
    targets: dict[tuple[str, str], str] = {}

    def define(when: str) -> None:
        for name, scope in SCOPES.items():
            targets[when, name] = product.define(january(name=f"{name} {when}", metric=metric, scope=scope))
        targets[when, "February"] = product.define(january(metric=metric) | FEBRUARY)

    define("before")
    with ThreadPoolExecutor() as beside, product.more_ingests(ingests - 1):
        loading = beside.submit(WAYS[way], product, sales, directory)
        define("amid")
        loading.result()
        define("after")

    for (when, name), target in targets.items():
        month = 2 if name == "February" else 1
        due = cents(sales, matching(SCOPES.get(name, {}), month))
        product.reads(target, dollars(due))
        attained = product.facts(target, "target.attained")
        assert len(attained) == 1, (when, name, attained)


def test_the_crossing_sale_is_the_one_that_lifts_the_total_to_the_goal(product: Product, directory: Path) -> None:
    metric, sales = business(seed=5)
    of_january = [sale for sale in sales if in_month(1)(sale)]
    goal, running = cents(of_january, lambda sale: True) // 2, 0
    for crossing in of_january:
        running += cents([crossing], lambda sale: True)
        if running >= goal:
            break

    by_load(product, sales, directory)
    target = product.define(january(goal=dollars(goal), metric=metric))
    product.reads(target, dollars(cents(of_january, lambda sale: True)))

    (attained,) = product.facts(target, "target.attained")
    assert attained["data"]["lifted_by"]["id"] == crossing["id"]


def test_loading_again_changes_nothing(product: Product, directory: Path) -> None:
    metric, sales = business(seed=7)
    target = product.define(january(metric=metric))
    eventually(lambda: product.status(target)["state"], lambda state: state == "closed")
    file = write_ndjson(directory / "quarter.ndjson", sales)
    product.command("load", str(file))
    before = product.reads(target, dollars(cents(sales, in_month(1))))

    again = product.command("load", str(file))

    assert f"{SALES:,} duplicates" in again.stdout.replace("duplicate ", "duplicates ")
    after = product.status(target)
    assert (after["actual"], after["plan_version"]) == (before["actual"], before["plan_version"])


def test_verify_agrees_and_wiped_read_models_come_back_byte_for_byte(hurt: Product, directory: Path) -> None:
    metric, sales = business(seed=9)
    by_load(hurt, sales, directory)
    target = hurt.define(january(metric=metric))
    hurt.reads(target, dollars(cents(sales, in_month(1))))
    hurt.until_nothing_is_due()

    said = hurt.command("verify")
    before = _rows(hurt)
    _run(hurt, "TRUNCATE statuses, progress, plans, sale_batches, checkpoints")
    hurt.command("rebuild")

    assert "agree" in said.stdout
    assert {row[0] for row in before} == {"statuses", "progress", "plans", "sale_batches", "checkpoints"}
    assert eventually(lambda: _rows(hurt), lambda rows: rows == before)


def _rows(product: Product) -> list[tuple[str, str, int, str]]:

    with psycopg.connect(product.endpoints["database"]) as connection:
        rows = connection.execute(
            "SELECT 'statuses', id::text, position, row::text FROM statuses UNION ALL"
            " SELECT 'progress', id::text, position, row::text FROM progress UNION ALL"
            " SELECT 'plans', id::text, position, row::text FROM plans UNION ALL"
            " SELECT 'checkpoints', id::text, position, row::text FROM checkpoints UNION ALL"
            " SELECT 'sale_batches', id::text, position, row::text FROM sale_batches ORDER BY 1, 2"
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]


def _run(product: Product, statement: str) -> None:

    with psycopg.connect(product.endpoints["database"], autocommit=True) as connection:
        connection.execute(statement.encode())
