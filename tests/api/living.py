"""The API as it runs: on a real port, with ingest, read models, PostgreSQL and NATS behind it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from api.app import build_app
from api.live_timing import Timing
from api.server import serve
from api.webhooks import Webhooks
from deploy.holiday_calendars import holidays_in
from projections.following import run_projections
from projections.keys import ROLES, Keys
from projections.store import Store, open_store
from workers.ingest import run_ingest
from workers.streams import provision

NOW = datetime(2017, 1, 23, 12, tzinfo=UTC)
WITHIN_S = 20.0


@dataclass
class Time:
    """What the API takes for the time."""

    now: datetime = NOW
    seconds: float = 0.0


@dataclass
class Living:
    """A running API, and a client for each role."""

    url: str
    store: Store
    time: Time
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def key(self, role: str, name: str = "ana@example.com", sources: list[str] | None = None) -> str:
        return Keys(self.store.views.datastore).create(role, name, sources, NOW)

    def client(self, key: str | None) -> httpx.Client:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=WITHIN_S, trust_env=False)

    def __getattr__(self, role: str) -> httpx.Client:
        if role not in ROLES:
            raise AttributeError(role)
        return self.clients[role]


ADDRESSES = {"hooks.example.com": ["93.184.215.14"], "inside.example.com": ["93.184.215.14", "10.0.0.7"]}
"""Where names lead in these tests; no other name leads anywhere."""


async def leads_to(host: str, port: int) -> list[str]:
    if host not in ADDRESSES:
        raise OSError("no such name")
    return ADDRESSES[host]


@contextmanager
def living(
    database: str,
    nats_url: str,
    *,
    ingest: bool = True,
    projections: bool = True,
    rate: int = 1_000_000,
    sign_ins: int = 1_000_000,
    sign_ins_in_all: int = 1_000_000,
    asked_s: float = 0.5,
    revisions_need_approval: bool = False,
    reads: str | None = None,
) -> Iterator[Living]:
    """The API over this database and NATS, until the end. `reads`: another database for what is read; `asked_s`:
    who watches is asked for so often."""
    time = Time()
    with open_store(database) as store, ExitStack() as stack:
        if projections:
            stack.enter_context(_projecting(store))
        app = build_app(
            store,
            database_url=reads or database,
            nats_url=nats_url,
            tz_version=lambda _: "2026a",
            holidays=holidays_in,
            revisions_need_approval=revisions_need_approval,
            webhooks=Webhooks(leads_to),
            rate=rate,
            sign_ins=sign_ins,
            sign_ins_in_all=sign_ins_in_all,
            clock=lambda: time.now,
            seconds=lambda: time.seconds,
            timing=Timing(asked=asked_s),
        )

        async def run(stop: asyncio.Event, started: Callable[[int], None]) -> None:
            async with asyncio.TaskGroup() as group:
                if ingest:
                    await provision(nats_url)
                    group.create_task(run_ingest(nats_url, store, stop))
                group.create_task(serve(app, "127.0.0.1", 0, stop, started))

        port = stack.enter_context(served(run))
        running = Living(f"http://127.0.0.1:{port}", store, time)
        for role in ROLES:
            running.clients[role] = stack.enter_context(running.client(running.key(role)))
        yield running


@contextmanager
def _projecting(store: Store) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=run_projections, args=(store, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def served(run: Callable[[asyncio.Event, Callable[[int], None]], Any]) -> Iterator[int]:
    """Run this on a loop in a thread of its own; yields the port once it serves."""
    ready, ports, loop, stops = threading.Event(), list[int](), asyncio.new_event_loop(), list[asyncio.Event]()

    def started(port: int) -> None:
        ports.append(port)
        ready.set()

    async def main() -> None:
        stops.append(asyncio.Event())
        try:
            await run(stops[0], started)
        finally:
            ready.set()

    thread = threading.Thread(target=lambda: asyncio.Runner(loop_factory=lambda: loop).run(main()))
    thread.start()
    ready.wait(WITHIN_S)
    try:
        assert ports, "the API did not start"
        yield ports[0]
    finally:
        if stops and not loop.is_closed():
            loop.call_soon_threadsafe(stops[0].set)
        thread.join()


def definition(**changes: Any) -> dict[str, Any]:
    """A target for January 2017 in New York with Friday checkpoints, of a metric of its own."""
    return {
        "name": "January revenue",
        "metric": f"m{uuid4().hex[:12]}",
        "unit": "USD",
        "kind": "cumulative",
        "goal": "1000.00",
        "start": "2017-01-01",
        "end": "2017-01-31",
        "time_zone": "America/New_York",
        "checkpoints": "FREQ=WEEKLY;BYDAY=FR",
        "activate": True,
    } | changes


def sold(metric: str, id: str, amount: str = "10.00", **fields: Any) -> dict[str, Any]:
    return {
        "source": "webshop",
        "id": f"{metric}-{id}",
        "metric": metric,
        "amount": amount,
        "unit": "USD",
        "occurred_at": "2017-01-10T12:00:00-05:00",
    } | fields


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that this answer is; fails when it is another, or none."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert (found["code"], found["status"]) == (code, status), answer.text
    assert found["type"]
    assert found["title"]
    assert found["detail"]
    return found
