"""kill -9 while figures move: whatever dies, the rest of the load makes them exact again."""

import random
import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.system.business import cents, dollars, in_month, january, quarter, write_ndjson
from tests.system.product import Product, eventually

SALES_A_KILL = 12_000
VICTIMS = {
    "ingest": ("worker", "ingest"),
    "NATS": ("nats-server", "-c"),
    "the postmaster": ("postgres", "-D"),
    "the projections": ("milemarker", "project"),
    "the API": ("milemarker", "api"),
}


def test_totals_are_exact_after_kills_at_random_moments_of_a_load(
    hurt: Product, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kills = request.config.getoption("--kills")
    chance = random.Random()
    sales = quarter(SALES_A_KILL * kills, seed=kills)
    targets = {
        month: hurt.define(january(start=f"2017-{month:02d}-01", end=f"2017-{month:02d}-28")) for month in (1, 2)
    }
    loading = hurt.starting("load", str(write_ndjson(tmp_path / "quarter.ndjson", sales)))
    killed = []

    for number in range(kills):
        _wait_until_figures_move(hurt, loading)
        victim = list(VICTIMS)[number % 3] if number < 6 else chance.choice(list(VICTIMS))
        time.sleep(chance.uniform(0, 0.3))
        if _kill(hurt, victim):
            killed.append(victim)

    assert len(killed) == kills, f"killed only {killed}: the load was over before"
    assert loading.wait(180) == 0
    for month, target in targets.items():
        last_day = f"2017-{month:02d}-28T24"
        due = cents(sales, lambda sale, m=month, end=last_day: in_month(m)(sale) and sale["occurred_at"] < end)  # type: ignore[misc]
        hurt.reads(target, dollars(due), within_s=60)
    eventually(lambda: hurt.command("verify", check=False), lambda done: done.returncode == 0, within_s=60)


def _wait_until_figures_move(product: Product, loading: subprocess.Popen[bytes]) -> None:
    before = _sales_known(product)
    eventually(lambda: _sales_known(product), lambda now: now > before + 500 or loading.poll() is not None, within_s=60)


def _sales_known(product: Product) -> int:
    try:
        with psycopg.connect(product.endpoints["database"], connect_timeout=5) as connection:
            row = connection.execute("SELECT count(*) FROM sale_identities").fetchone()
            return int(row[0]) if row else 0
    except psycopg.OperationalError:
        return 0


def _kill(product: Product, victim: str) -> bool:
    """kill -9 of one process by what it runs; False when there is none, or the load is over."""
    for process in product.processes(*VICTIMS[victim]):
        try:
            if process.name() != "python" or victim not in ("NATS", "the postmaster"):
                print(f"kill -9 {process.pid}: {victim}, {process.name()}")
                process.send_signal(signal.SIGKILL)
                return True
        except psutil.NoSuchProcess:
            continue
    return False


def test_one_amount_changed_by_hand_is_named(hurt: Product, tmp_path: Path) -> None:
    sales = quarter(2_000)
    target = hurt.define(january())
    hurt.command("load", str(write_ndjson(tmp_path / "quarter.ndjson", sales)))
    hurt.reads(target, dollars(cents(sales, in_month(1))))
    altered = sales[700]
    before, after = (
        f'"id":"{altered["id"]}","kind":"sale","metric":"revenue","unit":"USD","amount":{text}' for text in ("", "1")
    )
    with psycopg.connect(hurt.endpoints["database"]) as connection:
        changed = connection.execute(
            "UPDATE milemarker_events SET state = convert_to(replace(convert_from(state, 'UTF8'), %s, %s), 'UTF8')"
            " WHERE position(%s in convert_from(state, 'UTF8')) > 0",
            (before, after, before),
        ).rowcount
        connection.commit()

    verdict = hurt.command("verify", check=False)

    assert changed == 1
    assert verdict.returncode == 1
    assert altered["id"] in verdict.stdout + verdict.stderr
