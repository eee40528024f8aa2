"""Those who watch one thing live: what they have seen of it, what they are told, who takes too long."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi.sse import format_sse_event

from api.auth import Pass

BEHIND_MAX = 8
"""A viewer who has not taken so many frames is let go: the browser comes back, and gets what there is then."""
STALE = format_sse_event(event="stale", data_str="{}")
FRESH = format_sse_event(event="fresh", data_str="{}")


class Sight(Protocol):
    """What there was to see of one thing."""

    @property
    def id(self) -> str:
        """What a viewer names who has seen it."""

    def frame(self, before: Any | None) -> bytes:
        """What brings viewers of the sight before up to this one, or new ones (None); nothing when nothing changed."""


@dataclass(eq=False)
class Viewer:
    """seen: what they had seen when they came; shown: what let them in; current: whether they have seen what their
    channel has; stale: whether they were told that it may be old."""

    seen: str | None
    shown: Pass | None
    until: float
    current: bool = False
    stale: bool = False
    frames: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(BEHIND_MAX))

    def end(self) -> None:
        """What they have not taken yet is dropped: whoever comes back gets what there is then."""
        while not self.frames.empty():
            self.frames.get_nowait()
        self.frames.put_nowait(None)


@dataclass(eq=False)
class Channel:
    """wide: a look costs much, so others go first. asked: there is a reason to look; owed_since: since when there is
    one that no look has answered."""

    look: Callable[[], Awaitable[Sight]]
    wide: bool
    told_at: float
    owed_since: float | None
    asked: bool = True
    sight: Sight | None = None
    looked_at: float = float("-inf")
    failing: bool = False
    viewers: set[Viewer] = field(default_factory=set)

    def ask(self, now: float) -> None:
        self.asked = True
        if self.owed_since is None:
            self.owed_since = now

    def tell(self, viewer: Viewer, frame: bytes) -> None:
        try:
            viewer.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.let_go(viewer)

    def let_go(self, viewer: Viewer) -> None:
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

    def judge(self, stale: bool) -> None:
        """Tell everybody, once, that what they see may be old, and once that it is not any more."""
        for viewer in list(self.viewers):
            if viewer.stale != stale:
                viewer.stale = stale
                self.tell(viewer, STALE if stale else FRESH)
