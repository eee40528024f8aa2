"""Whoever watches a live stream, as a browser does, and a page made up to be watched."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

import httpx
import orjson
from fastapi import FastAPI, Request, Response

from api.auth import Pass, pass_of
from api.live import Live, seen_by
from api.live_timing import Timing
from api.problems import answer_problems
from api.server import TAKEN_WITHIN_S, serve
from tests.api.living import served

WITHIN_S = 10.0
QUICK = Timing(every=0.05, quiet=60, gather=0.005)
SEARCH_S = 0.02
PAGE = {"figures": "<p>$90</p>", "tasks": "<p>one</p>"}


@dataclass
class Event:
    """One event of a stream; of a comment, `event` is "comment"."""

    event: str = "message"
    id: str = ""
    data: str = ""

    @property
    def regions(self) -> dict[str, str]:
        assert self.event == "regions"
        found: dict[str, str] = orjson.loads(self.data)
        return found


class Watch:
    """An open stream: `next()` waits for its next event."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self) -> Event:
        event = Event()
        for line in self._lines:
            name, _, value = line.partition(":")
            if line and not name:
                event.event = "comment"
            elif line and name != "retry":
                setattr(event, name, value.removeprefix(" "))
            elif not line and event != Event():
                return event
        raise EOFError

    def ended(self) -> bool:
        """Whether the stream ends without another event, a sign of life aside."""
        try:
            while self.next().event == "comment":
                continue
        except EOFError:
            return True
        return False


@contextmanager
def watching(client: httpx.Client, path: str, seen: str | None = None, key: str | None = None) -> Iterator[Watch]:
    """`seen`: the id of the last event that this viewer had; `key`: what lets them in, if not the client's."""
    headers = {} if seen is None else {"Last-Event-ID": seen}
    headers |= {} if key is None else {"Authorization": f"Bearer {key}"}
    with client.stream("GET", path, headers=headers, timeout=WITHIN_S) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Watch(answer)


@dataclass
class Shown:
    """A page at /watch that shows what a test says, served by a server of its own."""

    live: Live
    client: httpx.Client
    stop: Callable[[], object]
    regions: dict[str, str]
    looks: int = 0
    position: int = 0
    away: bool = False
    """Whether the database is."""
    restless: bool = False
    """Whether there may be news at every moment."""
    hung: bool = False
    """Whether a look has no end."""
    revoked: set[str] = field(default_factory=set)
    """Keys that let nobody in any more."""
    asked: int = 0
    """How often somebody was asked for who watches."""
    searched: list[str] = field(default_factory=list)
    """What was looked for, in order: each takes a while."""

    def show(self, **regions: str) -> None:
        self.regions = self.regions | regions
        self.position += 1


@contextmanager
def showing(timing: Timing = QUICK, viewers_max: int = 100, taken_within_s: float = TAKEN_WITHIN_S) -> Iterator[Shown]:
    shown: Shown

    async def moved() -> object:
        return object() if shown.restless else shown.position

    async def may(one: Pass | None) -> bool:
        shown.asked += 1
        if shown.away:
            raise TimeoutError("the database does not answer")
        return one is None or one.token not in shown.revoked

    async def look() -> dict[str, str]:
        shown.looks += 1
        if shown.away:
            raise TimeoutError("the database does not answer")
        while shown.hung:
            await asyncio.sleep(0.01)
        return shown.regions

    async def watch(request: Request) -> Response:
        return live.stream("page", look, seen_by(request), pass_of(request))

    async def search(request: Request, words: str) -> Response:
        async def found() -> dict[str, str]:
            shown.searched.append(words)
            await asyncio.sleep(SEARCH_S)
            return shown.regions

        return live.stream(words, found, seen_by(request), pass_of(request), wide=True)

    app, live = FastAPI(), Live(moved, may, viewers_max=viewers_max, timing=timing)
    app.state.end_streams = live.end
    app.add_api_route("/watch", watch, response_model=None)
    app.add_api_route("/search/{words}", search, response_model=None)
    answer_problems(app)
    stops: list[Callable[[], object]] = []

    async def run(stop: asyncio.Event, started: Callable[[int], None]) -> None:
        stops.append(partial(asyncio.get_running_loop().call_soon_threadsafe, stop.set))
        await serve(app, "127.0.0.1", 0, stop, started, taken_within_s=taken_within_s)

    with ExitStack() as stack:
        port = stack.enter_context(served(run))
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False))
        shown = Shown(live, client, stops[0], dict(PAGE))
        yield shown
