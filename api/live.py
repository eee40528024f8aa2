"""Live streams (server-sent events): one look at a thing for all who watch it, encoded once, its bytes shared."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import orjson
import structlog
from fastapi import Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.types import Send

from api.auth import Pass
from api.live_channel import Channel, Sight, Viewer
from api.live_timing import Timing
from api.problems import unavailable

Regions = Mapping[str, str]
"""Parts of a page by the id of the element that each fills: HTML."""
VIEWERS_MAX = 2_000
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
log = structlog.get_logger()


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


class Live:
    """All streams of one application. moved: answers something else once there may be news; may: whether whoever has
    shown this is still let in."""

    def __init__(
        self,
        moved: Callable[[], Awaitable[object]],
        may: Callable[[Pass | None], Awaitable[bool]],
        *,
        viewers_max: int = VIEWERS_MAX,
        timing: Timing | None = None,
    ) -> None:
        self._moved = moved
        self._may = may
        self._viewers_max = viewers_max
        self._timing = timing or Timing()
        self._channels: dict[Hashable, Channel] = {}
        self._bell = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._position: object = None
        self._answered_at = 0.0
        self._away = False
        self._unasked = False
        self._ended = False
        self._open = 0

    @property
    def viewers(self) -> int:
        """Streams that are open."""
        return self._open

    @property
    def watching(self) -> bool:
        return self._running is not None and not self._running.done()

    def stream(
        self,
        key: Hashable,
        look: Callable[[], Awaitable[Regions]],
        seen: str | None,
        shown: Pass | None,
        *,
        wide: bool = False,
    ) -> EventSourceResponse:
        """The regions of a page as they change. key: viewers with the same one see the same; seen: the digest of what
        this one has; shown: what let them in; wide: a look costs much, so looks at other things go first.

        A Problem (503) when there are too many viewers, or the server stops."""

        async def page() -> Sight:
            return _Page(await look())

        return self.watch(key, page, seen, shown, wide=wide)

    def watch(
        self,
        key: Hashable,
        look: Callable[[], Awaitable[Sight]],
        seen: str | None,
        shown: Pass | None,
        *,
        wide: bool = False,
    ) -> EventSourceResponse:
        """The same for whatever can be looked at."""
        if self._ended:
            raise unavailable("stopping", "the server stops: come back")
        if self._open >= self._viewers_max:
            raise unavailable("too_many_viewers", f"{self._viewers_max} viewers are watching: come back later")
        return _Stream(self._frames(key, look, seen, shown, wide))

    def leave(self, shown: Pass | None) -> None:
        """End every stream of whoever was let in by this."""
        for channel, viewer in self._watching():
            if viewer.shown == shown:
                channel.let_go(viewer)

    def end(self) -> None:
        """End every stream at once, as the server stops; there are no new ones."""
        self._ended = True
        for channel, viewer in self._watching():
            channel.let_go(viewer)
        if self._running is not None:
            self._running.cancel()

    def _watching(self) -> list[tuple[Channel, Viewer]]:
        return [(channel, viewer) for channel in self._channels.values() for viewer in channel.viewers]

    async def _frames(
        self,
        key: Hashable,
        look: Callable[[], Awaitable[Sight]],
        seen: str | None,
        shown: Pass | None,
        wide: bool,
    ) -> AsyncIterator[bytes]:
        """What one viewer gets, from when they come until they go."""
        now = asyncio.get_running_loop().time()
        # Streams that began together end one after another.
        viewer = Viewer(seen, shown, now + self._timing.age * (1 + self._open % 32 / 128))
        channel = self._channels.setdefault(key, Channel(look, wide, told_at=now, owed_since=now))
        channel.viewers.add(viewer)
        self._open += 1
        try:
            self._welcome(channel, viewer, now)
            yield format_sse_event(retry=int(self._timing.again * 1_000))
            while (frame := await viewer.frames.get()) is not None:
                yield frame
        finally:
            self._open -= 1
            channel.viewers.discard(viewer)

    def _welcome(self, channel: Channel, viewer: Viewer, now: float) -> None:
        if channel.sight is not None and channel.sight.id == viewer.seen:
            viewer.current = True
        else:
            # The page may be newer than the last look: nobody is shown what was before.
            channel.ask(now)
            self._bell.set()
        if self._ended:
            channel.let_go(viewer)
        elif not self.watching:
            self._answered_at = now
            self._running = asyncio.create_task(self._run(), name="live")
        elif self._stale(channel, now):
            channel.judge(stale=True)

    async def _run(self) -> None:
        """Until nobody watches. What viewers are told of the stream itself waits for no look, and for no database."""
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(self._look_around()), group.create_task(self._ask_who_may())]
            while self._channels:
                await asyncio.sleep(self._timing.every)
                self._keep_up()
            for task in others:
                task.cancel()

    async def _look_around(self) -> None:
        """Look where somebody watches, one after another: the database is asked one thing at a time for all of them."""
        loop = asyncio.get_running_loop()
        while True:
            again = loop.time() + self._timing.every
            await asyncio.sleep(self._timing.gather)
            self._bell.clear()
            if await self._asks():
                for channel in [one for one in self._channels.values() if not one.wide]:
                    await self._look(channel)
                await self._look_wide()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(max(again, loop.time() + self._timing.gather)):
                    await self._bell.wait()

    async def _look_wide(self) -> None:
        """Those that have waited longest, for half of the time: the others wait for their turn, and no longer."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._timing.every / 2
        wide = [one for one in self._channels.values() if one.wide]
        for channel in sorted(wide, key=lambda one: one.looked_at):
            await self._look(channel)
            if loop.time() >= until:
                break

    async def _ask_who_may(self) -> None:
        """A key that was revoked, or a session that has ended, watches no longer; one question for all its streams."""
        while True:
            await asyncio.sleep(self._timing.asked)
            try:
                for shown in {viewer.shown for _, viewer in self._watching()}:
                    if not await self._may(shown):
                        self.leave(shown)
                self._unasked = False
            except Exception as error:  # noqa: BLE001 - whoever can't be asked for stays, and it is tried again
                if not self._unasked:
                    log.warning("nobody can say who may still watch, trying again", error=str(error).strip()[:200])
                self._unasked = True

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
        self._answered_at = asyncio.get_running_loop().time()
        if position != self._position:
            self._position = position
            for channel in self._channels.values():
                channel.ask(self._answered_at)
        return True

    async def _look(self, channel: Channel) -> None:
        now = asyncio.get_running_loop().time()
        age = now - channel.looked_at
        # A round comes a little early at times: its looks must not wait for the next.
        early = age < self._timing.every - self._timing.gather
        if early or not channel.viewers or not (channel.asked or age >= self._timing.at_most):
            return
        channel.ask(now)
        channel.asked, channel.looked_at = False, now
        try:
            sight = await channel.look()
        except Exception as error:  # noqa: BLE001 - the same
            if not channel.failing:
                log.warning("a live stream can't be shown, trying again", error=str(error).strip()[:200])
            channel.asked = channel.failing = True
            return
        channel.failing = False
        # Whoever came meanwhile may have seen more.
        channel.owed_since = now if channel.asked else None
        channel.show(sight, now)

    def _stale(self, channel: Channel, now: float) -> bool:
        return now - min(self._answered_at, channel.owed_since or now) > self._timing.old

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
            channel.judge(self._stale(channel, now))
        self._channels = {key: channel for key, channel in self._channels.items() if channel.viewers}


class _Stream(EventSourceResponse):
    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        self._frames = frames
        super().__init__(frames, headers=HEADERS)

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        finally:
            # Whoever goes away while a frame is on its way to them is forgotten at once.
            await self._frames.aclose()  # type: ignore[attr-defined]
