"""Live streams (server-sent events): one look at a thing for all who watch it, encoded once, its bytes shared."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any, Protocol

import orjson
import structlog
from fastapi import Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.types import Send

from api.problems import unavailable

Regions = Mapping[str, str]
"""Parts of a page by the id of the element that each fills: HTML."""
VIEWERS_MAX = 2_000
BEHIND_MAX = 8
"""A viewer who has not taken so many frames is let go: the browser comes back, and gets what there is then."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

log = structlog.get_logger()


@dataclass(frozen=True)
class Timing:
    """In seconds. every: between two looks at one thing, at least; at_most: the longest, as time passes too;
    quiet: a stream without news says that it lives; age: then a stream ends, and whoever comes back is asked again
    who they are; again: a browser whose stream has ended comes back after this."""

    every: float = 1.0
    at_most: float = 30.0
    quiet: float = 15.0
    age: float = 120.0
    again: float = 1.0
    gather: float = 0.1
    """Viewers who come within this are looked for together."""


class Sight(Protocol):
    """What there was to see of one thing."""

    @property
    def id(self) -> str:
        """What a viewer names who has seen it."""

    def frame(self, before: Any | None) -> bytes:
        """What brings viewers of the sight before up to this one, or new ones (None); nothing when nothing changed."""


def digest_of(regions: Regions) -> str:
    """Names what these regions show: 16 hex digits."""
    hashed = blake2b(digest_size=8)
    for name in sorted(regions):
        hashed.update(f"{name}\0{regions[name]}\0".encode())
    return hashed.hexdigest()


def seen_by(request: Request) -> str | None:
    """What a viewer has seen: the last event of a stream that broke off, or else what the page came with."""
    return request.headers.get("last-event-id") or request.query_params.get("seen")


@dataclass(frozen=True)
class _Page:
    regions: Regions

    @cached_property
    def id(self) -> str:
        return digest_of(self.regions)

    def frame(self, before: "_Page | None") -> bytes:
        old = {} if before is None else before.regions
        changed = {name: html for name, html in self.regions.items() if old.get(name) != html}
        changed |= {name: "" for name in old if name not in self.regions}
        if not changed:
            return b""
        return format_sse_event(event="regions", id=self.id, data_str=orjson.dumps(changed).decode())


@dataclass(eq=False)
class _Viewer:
    """seen: what they had seen when they came; current: whether they have seen what their channel has."""

    seen: str | None
    until: float
    current: bool = False
    frames: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(BEHIND_MAX))

    def end(self) -> None:
        """What they have not taken yet is dropped: whoever comes back gets what there is then."""
        while not self.frames.empty():
            self.frames.get_nowait()
        self.frames.put_nowait(None)


@dataclass(eq=False)
class _Channel:
    """Those who watch one thing. asked: there is a reason to look."""

    look: Callable[[], Awaitable[Sight]]
    sight: Sight | None = None
    looked_at: float = float("-inf")
    told_at: float = float("-inf")
    asked: bool = True
    failing: bool = False
    viewers: set[_Viewer] = field(default_factory=set)

    def tell(self, viewer: _Viewer, frame: bytes) -> None:
        try:
            viewer.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.let_go(viewer)

    def let_go(self, viewer: _Viewer) -> None:
        self.viewers.discard(viewer)
        viewer.end()

    def show(self, sight: Sight, now: float) -> None:
        """Everybody sees this from now on."""
        changes = sight.frame(self.sight)
        if changes:
            self.told_at = now
        if changes or self.sight is None:
            self.sight = sight
        whole = b""
        for viewer in list(self.viewers):
            if viewer.current:
                if changes:
                    self.tell(viewer, changes)
            elif viewer.seen != self.sight.id:
                whole = whole or self.sight.frame(None)
                self.tell(viewer, whole)
            viewer.current = True


class Live:
    """All streams of one application. `moved`: answers something else once there may be news."""

    def __init__(
        self, moved: Callable[[], Awaitable[object]], *, viewers_max: int = VIEWERS_MAX, timing: Timing | None = None
    ) -> None:
        self._moved = moved
        self._viewers_max = viewers_max
        self._timing = timing or Timing()
        self._channels: dict[Hashable, _Channel] = {}
        self._bell = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._position: object = None
        self._away = False
        self._ended = False
        self._open = 0

    @property
    def viewers(self) -> int:
        """Streams that are open."""
        return self._open

    @property
    def watching(self) -> bool:
        return self._running is not None and not self._running.done()

    def stream(self, key: Hashable, look: Callable[[], Awaitable[Regions]], seen: str | None) -> EventSourceResponse:
        """The regions of a page as they change. key: viewers with the same one see the same; seen: the digest of what
        this one has. A Problem (503) when there are too many viewers, or the server stops."""

        async def page() -> Sight:
            return _Page(await look())

        return self.watch(key, page, seen)

    def watch(self, key: Hashable, look: Callable[[], Awaitable[Sight]], seen: str | None) -> EventSourceResponse:
        """The same for whatever can be looked at."""
        if self._ended:
            raise unavailable("stopping", "the server stops: come back")
        if self._open >= self._viewers_max:
            raise unavailable("too_many_viewers", f"{self._viewers_max} viewers are watching: come back later")
        return _Stream(self, key, look, seen)

    def end(self) -> None:
        """End every stream at once, as the server stops; there are no new ones."""
        self._ended = True
        for channel in self._channels.values():
            for viewer in list(channel.viewers):
                channel.let_go(viewer)
        if self._running is not None:
            self._running.cancel()

    async def frames(
        self, key: Hashable, look: Callable[[], Awaitable[Sight]], seen: str | None
    ) -> AsyncIterator[bytes]:
        """What one viewer gets, from when they come until they go."""
        now = asyncio.get_running_loop().time()
        # Streams that began together, as after a start of the server, end one after another.
        viewer = _Viewer(seen, now + self._timing.age * (1 + self._open % 32 / 128))
        channel = self._channels.setdefault(key, _Channel(look, told_at=now))
        channel.viewers.add(viewer)
        self._open += 1
        try:
            self._welcome(channel, viewer)
            yield format_sse_event(retry=int(self._timing.again * 1_000))
            while (frame := await viewer.frames.get()) is not None:
                yield frame
        finally:
            self._open -= 1
            channel.viewers.discard(viewer)

    def _welcome(self, channel: _Channel, viewer: _Viewer) -> None:
        if channel.sight is not None and channel.sight.id == viewer.seen:
            viewer.current = True
        else:
            # The page may be newer than the last look: nobody is shown what was before.
            channel.asked = True
            self._bell.set()
        if self._ended:
            channel.let_go(viewer)
        elif not self.watching:
            self._running = asyncio.create_task(self._run(), name="live")

    async def _run(self) -> None:
        """Look where somebody watches, one after another: the database is asked one thing at a time for all of them."""
        while self._channels:
            await asyncio.sleep(self._timing.gather)
            self._bell.clear()
            if await self._asks():
                for channel in list(self._channels.values()):
                    await self._look(channel)
            self._keep_up()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timing.every - self._timing.gather):
                    await self._bell.wait()

    async def _asks(self) -> bool:
        """Find out whether there may be news; false when there is nobody to ask."""
        try:
            position = await self._moved()
        except Exception as error:  # noqa: BLE001 - whatever is wrong, viewers stay, and it is tried again
            if not self._away:
                log.warning("live streams wait for the database", error=str(error).strip()[:200])
            self._away = True
            return False
        self._away = False
        if position != self._position:
            self._position = position
            for channel in self._channels.values():
                channel.asked = True
        return True

    async def _look(self, channel: _Channel) -> None:
        now = asyncio.get_running_loop().time()
        age = now - channel.looked_at
        # A round comes a little early at times: its looks must not wait for the next.
        early = age < self._timing.every - self._timing.gather
        if early or not channel.viewers or not (channel.asked or age >= self._timing.at_most):
            return
        channel.asked, channel.looked_at = False, now
        try:
            sight = await channel.look()
        except Exception as error:  # noqa: BLE001 - the same
            if not channel.failing:
                log.warning("a live stream can't be shown, trying again", error=str(error).strip()[:200])
            channel.asked = channel.failing = True
            return
        channel.failing = False
        channel.show(sight, now)

    def _keep_up(self) -> None:
        """Streams without news say that they live, old ones end, and what nobody watches is forgotten."""
        now = asyncio.get_running_loop().time()
        for channel in self._channels.values():
            quiet = now - channel.told_at >= self._timing.quiet
            if quiet:
                channel.told_at = now
            for viewer in list(channel.viewers):
                if viewer.until <= now:
                    channel.let_go(viewer)
                elif quiet:
                    channel.tell(viewer, KEEPALIVE_COMMENT)
        self._channels = {key: channel for key, channel in self._channels.items() if channel.viewers}


class _Stream(EventSourceResponse):
    def __init__(self, live: Live, key: Hashable, look: Callable[[], Awaitable[Sight]], seen: str | None) -> None:
        self._frames = live.frames(key, look, seen)
        super().__init__(self._frames, headers=HEADERS)

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        finally:
            # Whoever goes away while a frame is on its way to them is forgotten at once.
            await self._frames.aclose()  # type: ignore[attr-defined]
