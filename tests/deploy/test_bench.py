"""The benchmarks: what they measure beside counts rightly, and one row that fails does not take the others along."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.embedded import EmbeddedNats, EmbeddedPostgres
from projections.store import Store
from tests.bench import __main__ as bench
from tests.bench.handwritten import handwritten_sql
from tests.bench.intake import Shop
from tests.bench.made import define_targets, sales
from tests.bench.reporting import Failed, Line, read_line, table
from tests.bench.sizes import TINY, Sizes
from workers.streams import provision

LINE = Line("reading", "reads a second", "≥ 0.6 ×", "0.71 ×", "710 of 1,000/s", True, {"ratio": 0.71})


def test_made_sales_repeat_one_in_a_hundred() -> None:
    made = sales(1_000, 45)

    assert len({sale["id"] for sale in made}) == 990
    assert [sale for sale in made if sale["id"] == "ord-000000049"] == [made[49], made[99]]


def test_sql_by_hand_counts_each_sale_once(database: str) -> None:
    # It compares its own total with the sales', and raises when they differ.
    assert handwritten_sql(database, sales(1_200, 45) * 2) > 0

    with psycopg.connect(database) as connection:
        left = connection.execute("SELECT to_regclass('sold'), to_regclass('totals')").fetchone()
    assert left == (None, None)


def test_the_table_says_what_was_reached_and_what_could_not_be_measured() -> None:
    failed = Failed("latency", "OSError: no | room")

    shown = table([read_line(LINE.as_json()), read_line(failed.as_json())]).splitlines()

    assert shown[2:] == [
        "| reads a second | ≥ 0.6 × | 0.71 × | 710 of 1,000/s | yes |",
        "| latency | | not measured: OSError: no / room | | |",
    ]


def _fails(_: Sizes) -> Iterator[Line]:
    yield LINE
    raise OSError("no room")


def test_a_row_that_fails_keeps_what_it_has_measured_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "ROWS", {"reading": _fails})

    code = bench.main(["--tiny", "--one", "reading"])

    assert code == 1
    said = [read_line(line.encode()) for line in capsys.readouterr().out.splitlines()]
    assert said == [LINE, Failed("reading", "OSError: no room")]


def test_a_row_whose_process_dies_does_not_lose_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    code = bench.main(["--tiny", "--only", "read", "--only", "growth"])

    assert code == 1
    said = [read_line(line.encode()) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert said == [Failed("read", "its process ended with code 1"), Failed("growth", "its process ended with code 1")]


def test_sales_are_taken_in_by_ingest_and_the_projections(
    store: Store, database: str, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    with EmbeddedNats(tmp_path) as nats:
        asyncio.run(provision(nats.url))
        shop = Shop(store, database, postgres, nats, define_targets(store, 4))

        # It raises unless all that were published are known in the end, and in every view.
        taken = shop.take_in(TINY.sales, batch=100)

    assert taken.sales == TINY.sales
    assert taken.cpu_s.keys() == {"ingest", "project", "postgres", "nats"}
