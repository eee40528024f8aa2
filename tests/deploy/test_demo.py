"""The demo: a small company's month on a machine of its own, twice."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.demo import month_of, sales_so_far
from domain.sale import sale_of
from tests.system.product import Product


@pytest.fixture
def directory() -> Iterator[Path]:
    parent = Path(tempfile.mkdtemp(prefix="mm-demo-"))
    yield parent / "data"
    shutil.rmtree(parent)


def test_a_second_demo_carries_on_and_counts_nothing_twice(directory: Path) -> None:
    product = Product(directory)

    first = product.command("demo", "--data", str(directory), "--sales", "2")
    second = product.command("demo", "--data", str(directory), "--sales", "1")

    assert "Where they stand" in first.stdout
    assert first.stdout.count("The company, ") == 1
    assert len(re.findall(r"^ +(?:sale|refund) ", first.stdout, re.MULTILINE)) == 2
    recorded = [int(re.findall(r"\(([\d,]+) sales of", ran.stdout)[0].replace(",", "")) for ran in (first, second)]
    # The second finds what the first recorded, and at most what a minute has brought since.
    assert recorded[1] <= 5
    assert recorded[0] >= recorded[1]


@pytest.mark.parametrize("day", [1, 15, 31])
def test_the_same_month_makes_the_same_sales_all_of_them_good(day: int) -> None:
    now = datetime(2026, 10, day, 20, tzinfo=UTC)

    sales = list(sales_so_far(now))

    assert sales == list(sales_so_far(now))
    assert len({sale["id"] for sale in sales}) == len(sales) > 0
    assert all(sale_of(sale, now, lambda metric, unit: 2).amount > 0 for sale in sales)


def test_a_month_ends_on_its_last_day() -> None:
    assert [month_of(datetime(2026, month, 28).date())[1].day for month in (2, 4, 12)] == [28, 30, 31]
