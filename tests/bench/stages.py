"""`python -m tests.bench.stages [SALES_A_MESSAGE]`: what a sale costs, stage by stage; compare runs by it.

Two JSON lines, ingest and projections, each in microseconds of CPU a sale: what this process spends in each stage
(without the stages inside it) and what PostgreSQL spends. Commits of 5,000 sales, as under load, without NATS.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import orjson

from deploy.running import collect_seldom
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.target import Target
from projections.codec import FactMapper
from projections.recorder import LogRecorder
from projections.store import Store, migrate, open_store
from projections.writing import PostgresWriting
from tests.bench.cpu import cpu_s
from tests.bench.made import NOW, define_targets, sales
from tests.bench.servers import servers
from workers.ingest import COMMIT_SALES_MAX
from workers.reading import read_sales

SALES = 100_000
TARGETS = 56
WARM_SALES = 10_000
STAGES: dict[str, tuple[type[Any], str]] = {
    "check": (Intake, "_read"),
    "look up": (PostgresWriting, "book"),
    "settle": (Intake, "_record"),
    "route": (Intake, "_counted"),
    "progress": (Target, "record_progress"),
    "encode": (FactMapper, "to_stored_event"),
    "append facts": (LogRecorder, "append"),
    "keep identities": (PostgresWriting, "keep_book"),
}


class Stopwatch:
    """CPU seconds of this thread by stage; a stage inside another is taken off the other."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inside: list[float] = []

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        self._inside.append(0.0)
        began = time.thread_time()
        try:
            yield
        finally:
            took = time.thread_time() - began
            self.seconds[stage] += took - self._inside.pop()
            if self._inside:
                self._inside[-1] += took

    def timed(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed_work(*args: Any, **named: Any) -> Any:
            with self.timing(stage):
                return work(*args, **named)

        return timed_work


def main(arguments: list[str]) -> None:
    collect_seldom()
    by = int(arguments[0]) if arguments else 500
    with servers() as (postgres, _):
        migrate(postgres.url)
        with open_store(postgres.url) as store:
            made = sales(WARM_SALES + SALES, define_targets(store, TARGETS))
            bodies = [orjson.dumps(made[first : first + by]) for first in range(0, len(made), by)]
            del made
            intake = Intake(store.app, uuid4)
            _ingest(intake, bodies[: WARM_SALES // by], by, Stopwatch())
            while Filler(store.app).fill_some(NOW):
                continue
            _project(store, Stopwatch())
            with _told("ingest", by, postgres.pid) as watch:
                _ingest(intake, bodies[WARM_SALES // by :], by, watch)
            with _told("projections", by, postgres.pid) as watch:
                _project(store, watch)


@contextmanager
def _told(what: str, by: int, postgres: int) -> Iterator[Stopwatch]:
    before, watch = cpu_s(postgres), Stopwatch()
    yield watch
    watch.seconds["PostgreSQL"] = cpu_s(postgres) - before
    each = {stage: round(seconds / SALES * 1e6, 2) for stage, seconds in watch.seconds.items()}
    said = {"measured": f"CPU of {what}, us a sale", "sales_a_message": by, "all": round(sum(each.values()), 2)}
    print(orjson.dumps(said | each).decode(), flush=True)


def _ingest(intake: Intake, bodies: list[bytes], by: int, watch: Stopwatch) -> None:
    with _watched(watch):
        messages = max(1, COMMIT_SALES_MAX // by)
        for first in range(0, len(bodies), messages):
            with watch.timing("decode"):
                arrivals = [Arrival(read_sales(body)) for body in bodies[first : first + messages]]
            with watch.timing("the rest"):
                intake.record(arrivals, NOW + timedelta(seconds=first))


@contextmanager
def _watched(watch: Stopwatch) -> Iterator[None]:
    with ExitStack() as stages:
        for stage, (owner, name) in STAGES.items():
            stages.enter_context(patch.object(owner, name, watch.timed(stage, getattr(owner, name))))
        yield


def _project(store: Store, watch: Stopwatch) -> None:
    for view in store.views.views.values():
        with watch.timing(view.name):
            while store.views.follow(view) is not None:
                continue


if __name__ == "__main__":
    main(sys.argv[1:])
