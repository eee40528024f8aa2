"""One target's status read over HTTP, beside an empty route of FastAPI in the same server."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import orjson

from domain.intake import Arrival, Intake
from projections.keys import Keys
from projections.store import Store, migrate, open_store
from tests.bench.cpu import Spent
from tests.bench.made import define_targets, sales
from tests.bench.parts import Running, running
from tests.bench.reporting import Line, rounded, say
from tests.bench.servers import servers
from tests.bench.sizes import Sizes
from workers.streams import provision

AIM = 0.6
CONNECTIONS = (1, 16, 64)
SALES = 1_000


def measure(sizes: Sizes) -> Iterator[Line]:
    with servers() as (postgres, nats):
        migrate(postgres.url)
        asyncio.run(provision(nats.url))
        with open_store(postgres.url) as store:
            path = f"/v1/targets/{_target_with_sales(store, sizes)}"
            key = Keys(store.views.datastore).create("auditor", "bench", None, datetime.now(UTC))
        modules = {
            "status": ["reading_server", "status", postgres.url, nats.url],
            "empty": ["reading_server", "empty"],
        }
        found: dict[str, dict[int, dict[str, float]]] = {"status": {}, "empty": {}}
        with running(modules) as servers_of_http:
            for connections in CONNECTIONS:
                say(f"{connections} connections")
                for name, server in servers_of_http.items():
                    found[name][connections] = _best(server, path, key, connections, sizes)
    yield _line(found["status"], found["empty"])


def _target_with_sales(store: Store, sizes: Sizes) -> str:
    """The company's target, with sales in it and in its read model."""
    reps = define_targets(store, sizes.targets)
    Intake(store.app, uuid4).record([Arrival(sales(SALES, reps))], datetime.now(UTC))
    for view in store.views.views.values():
        while store.views.follow(view) is not None:
            continue
    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT id FROM statuses WHERE row->>'name' = 'Target 0'")
        row = curs.fetchone()
        assert row is not None
        return str(row["id"])


def _best(server: Running, path: str, key: str, connections: int, sizes: Sizes) -> dict[str, float]:
    """The better of some runs, with the server's CPU microseconds an answer."""
    runs = []
    for _ in range(sizes.best_of):
        command = [sys.executable, "-m", "tests.bench.reading_client", str(int(server.said)), path, key]
        spent = Spent({"server": server.pid})
        done = subprocess.run([*command, str(connections), str(sizes.read_s)], stdout=subprocess.PIPE, check=True)
        told: dict[str, float] = orjson.loads(done.stdout)
        runs.append(told | {"cpu_us_an_answer": spent.so_far()["server"] * 1e6 / told["answers"]})
    return max(runs, key=lambda run: run["per_s"])


def _line(status: dict[int, dict[str, float]], empty: dict[int, dict[str, float]]) -> Line:
    ratios = {many: status[many]["per_s"] / empty[many]["per_s"] for many in CONNECTIONS}
    return Line(
        row="read",
        what=f"read one target's status over HTTP, {', '.join(map(str, CONNECTIONS))} connections",
        aim=f"≥ {AIM} × an empty FastAPI route",
        reached=", ".join(f"{ratio:.2f} ×" for ratio in ratios.values()),
        shown="; ".join(
            f"{rounded(status[many]['per_s'])} of {rounded(empty[many]['per_s'])}/s" for many in CONNECTIONS
        ),
        met=all(ratio >= AIM for ratio in ratios.values()),
        figures={
            "ratios": {str(many): round(ratio, 3) for many, ratio in ratios.items()},
            "status": {str(many): _rounded(said) for many, said in status.items()},
            "empty": {str(many): _rounded(said) for many, said in empty.items()},
        },
    )


def _rounded(said: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in said.items()}
