"""`python -m tests.bench.viewers [VIEWERS]`: so many who watch one target's page, with one sale a second.

The product runs as `milemarker up`, the viewers are one process of their own. What is told is the CPU time of the API's
process as a share of one core, beside the same time with the same sales and nobody watching.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import orjson

from tests.bench.cpu import Spent
from tests.bench.parts import running
from tests.bench.reporting import Line, rounded, say
from tests.bench.servers import directory
from tests.bench.sizes import FULL, Sizes
from tests.system.launch import Launch, launched, sale
from tests.system.product import Product, eventually

WATCHED_S = 30.0
AIM = 0.05
SETTLE_S = 2.0
"""After the viewers have come, and before anything is measured."""


def measure(sizes: Sizes) -> Iterator[Line]:
    watched_s = WATCHED_S if sizes.viewers >= FULL.viewers else WATCHED_S / 10
    with directory() as made:
        say("starting the product")
        product = Product(made / "data")
        product.environment |= {"MILEMARKER_LOG_LEVEL": "warning"}
        product.start()
        try:
            yield _measure(product, sizes.viewers, watched_s)
        finally:
            product.stop()


def _measure(product: Product, viewers: int, watched_s: float) -> Line:
    launch = launched(product, datetime.now(UTC))
    eventually(lambda: product.status(launch.target)["state"], lambda state: state == "active")
    api = product.processes("milemarker", "api")[0].pid
    port = product.endpoints["http"].rsplit(":", 1)[1]
    say(f"{watched_s:g} s with nobody watching")
    alone = _sold_meanwhile(product, api, "alone", watched_s)
    say(f"{watched_s:g} s with {viewers} viewers")
    arguments = [port, path_of(launch), product.key, str(viewers)]
    with running({"viewers": ["viewers_watching", *arguments]}) as processes:
        _sold_meanwhile(product, api, "settling", SETTLE_S)
        watched = _sold_meanwhile(product, api, "watched", watched_s)
        came = orjson.loads(processes["viewers"].end())
    return _line(viewers, alone, watched, came)


def path_of(launch: Launch) -> str:
    return f"/targets/{launch.target}/live"


def _sold_meanwhile(product: Product, api: int, named: str, within_s: float) -> float:
    """The API's share of a core over so many seconds in which a sale is committed each second."""
    spent, began = Spent({"api": api}), time.monotonic()
    for number in range(round(within_s)):
        answer = product.api.post("/v1/sales", json=[sale(f"{named}-{number}", "10.00", datetime.now(UTC))])
        assert answer.is_success, answer.text
        time.sleep(max(0.0, began + number + 1 - time.monotonic()))
    return spent.so_far()["api"] / (time.monotonic() - began)


def _line(viewers: int, alone: float, watched: float, came: dict[str, int]) -> Line:
    size_kb = rounded(came["bytes"] / max(1, came["events"]) / 1000)
    return Line(
        row="viewers",
        what=f"{viewers} viewers of one page, one update a second",
        aim=f"≤ {AIM:.0%} of a core",
        reached=f"{watched:.1%} of a core",
        shown=f"nobody watching {alone:.1%}; each got {came['events'] / viewers:.0f} updates of {size_kb} kB",
        met=watched <= AIM,
        figures={"viewers": viewers, "share_of_core": round(watched, 4), "alone": round(alone, 4), **came},
    )


if __name__ == "__main__":
    given = replace(FULL, viewers=int(sys.argv[1])) if sys.argv[1:] else FULL
    for line in measure(given):
        print(line.as_json().decode())
