"""What one client may ask of the server: how large a body, how many requests a second."""

from collections.abc import Callable, Mapping
from math import ceil

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem

MEBIBYTE = 1024 * 1024
BODY_BYTES_MAX = MEBIBYTE
SALES_BYTES_MAX = 10 * MEBIBYTE
BODY_BYTES_MAX_AT: Mapping[str, int] = {"/v1/sales": SALES_BYTES_MAX}
"""Path -> most bytes of its body; everywhere else it is 1 MiB."""
BUCKETS_MAX = 10_000


def too_large(most: int) -> Problem:
    return Problem(413, "too_large", f"a body has up to {most // MEBIBYTE} MiB here: split it")


class BodyLimit:
    """Answers 413 on Content-Length alone, before the body is read; a body without one is counted while it is read.

    The connection stays open: the server takes in and drops what still comes, so the client sees the answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = BODY_BYTES_MAX_AT.get(scope["path"], BODY_BYTES_MAX)
        length = next((value for name, value in scope["headers"] if name == b"content-length"), None)
        if length is not None and not length.isdigit():
            await Problem(400, "bad_content_length", "Content-Length is a whole number")(scope, receive, send)
        elif length is not None and int(length[:20]) > most:
            await too_large(most)(scope, receive, send)
        else:
            await self._app(scope, _counted(receive, most), send)


def _counted(receive: Receive, most: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise too_large(most)
        return message

    return counted


class RateLimit:
    """A bucket a key that holds one second's requests and fills evenly. `now`: seconds that never go back."""

    def __init__(self, rate: int, now: Callable[[], float]) -> None:
        assert rate > 0
        self._rate = rate
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key_id: str) -> None:
        """One request of this key; a Problem (429, with Retry-After) when its bucket is empty."""
        now = self._now()
        held, since = self._buckets.get(key_id, (float(self._rate), now))
        held = min(float(self._rate), held + (now - since) * self._rate)
        if held < 1:
            after = ceil((1 - held) / self._rate)
            raise Problem(
                429,
                "too_many_requests",
                f"this key may make {self._rate} requests a second",
                headers={"Retry-After": str(after)},
            )
        if key_id not in self._buckets and len(self._buckets) >= BUCKETS_MAX:
            self._buckets.clear()
        self._buckets[key_id] = held - 1, now

    def put_back(self, key_id: str) -> None:
        """What was taken does not count after all."""
        held, since = self._buckets.get(key_id, (float(self._rate), self._now()))
        self._buckets[key_id] = min(float(self._rate), held + 1), since
