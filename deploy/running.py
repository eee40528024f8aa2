"""How a production process runs: until SIGTERM, SIGINT, or the end of the `up` that started it."""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from types import FrameType

import structlog

OWNER_GRACE_S = 4.0
"""When `up` is gone, its servers go too: what has not ended by then has nothing left to end well."""

COLLECT_EVERY = 100_000
"""Objects that came and did not go before the collector looks for cycles among them; Python's own figure is 700."""

log = structlog.get_logger()


class Stop:
    """Set once, from a signal or a thread; tells threads (`event`) and event loops (`awaited`)."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self._then: list[Callable[[], object]] = []

    def request(self) -> None:
        self.event.set()
        for call in self._then:
            call()

    def then(self, call: Callable[[], object]) -> None:
        """Call this when the time has come; at once when it has."""
        self._then.append(call)
        if self.event.is_set():
            call()

    def awaited(self) -> asyncio.Event:
        """The same for the loop that is running now."""
        loop, event = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

        self.then(tell)
        return event


def stop_on_signals(*, owned: bool = False) -> Stop:
    """owned: `up` holds the other end of stdin. The kernel closes it however `up` ends, SIGKILL included."""
    stop = Stop()
    reading, writing = os.pipe()

    # A handler may run in the middle of Event.wait, which holds the lock that Event.set wants: it only writes.
    def asked(_number: int, _frame: FrameType | None) -> None:
        os.write(writing, b"!")

    def pass_on() -> None:
        os.read(reading, 1)
        stop.request()

    threading.Thread(target=pass_on, name="signals", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, asked)
    if owned:
        threading.Thread(target=_end_with_owner, args=(stop,), name="owner", daemon=True).start()
    return stop


def collect_seldom() -> None:
    """For processes that handle thousands of sales or facts at a time.

    Counting references frees what a batch leaves behind. While it is at work it all lives, and looking through it
    for cycles every 700 objects took up to a quarter of the CPU of a sale. Not for the API: bodies that it took in may
    hang in cycles, and are large.
    """
    gc.set_threshold(COLLECT_EVERY)


def _end_with_owner(stop: Stop) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass  # the owner writes nothing: only the end of the pipe speaks
    stop.request()
    threading.Event().wait(OWNER_GRACE_S)
    os._exit(1)


def run_until_stopped(stop: Stop, work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run asynchronous work on an event loop of its own; it is to end soon after its event is set."""

    async def main() -> None:
        await work(stop.awaited())

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ModuleNotFoundError:  # on Windows
        return None
    return uvloop.new_event_loop
