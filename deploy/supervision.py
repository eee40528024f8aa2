"""Keeps servers and the production commands running, as children that end with us, however we end."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from deploy.logs import Tail
from deploy.processes import ServerDidNotStart

BACK_OFF_S = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 30.0
"""Who ran this long before it ended is started again at once."""
STOP_WITHIN_S = 10.0
POLL_S = 0.05

log = structlog.get_logger()


class Server(Protocol):
    """An embedded server: `start()` brings a dead one back with its data."""

    def running(self) -> bool: ...

    def start(self) -> object: ...


class BackOff:
    """When to try again something that ends too soon."""

    def __init__(self) -> None:
        self._failures = 0
        self._since = time.monotonic()
        self._not_before: float | None = None

    def begun(self) -> None:
        self._since = time.monotonic()
        self._not_before = None

    def due(self) -> bool:
        """Called again and again once it has ended: True when it is time to start it."""
        now = time.monotonic()
        if self._not_before is None:
            self._failures = 0 if now - self._since > STEADY_S else self._failures + 1
            self._not_before = now + BACK_OFF_S[min(self._failures, len(BACK_OFF_S)) - 1] if self._failures else now
        return now >= self._not_before


class Part:
    """One production command as a child: `milemarker worker ingest`, say.

    It leads a session of its own, so that Ctrl-C leaves the order of stopping to us, and watches the pipe on its
    stdin, whose other end we alone hold: the kernel closes it when we are gone.
    """

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str], log_file: Path) -> None:
        self.name = name
        self.environment = dict(environment)
        self._arguments = list(arguments)
        self._tail = Tail(name, log_file)
        self._log_file = log_file
        self._process: subprocess.Popen[bytes] | None = None
        self._back_off = BackOff()
        self._end_was_said = False

    def start(self) -> None:
        self._close_pipe()
        with self._log_file.open("ab") as output:
            self._process = subprocess.Popen(
                [*_milemarker(), *self._arguments, "--with-owner"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=self.environment,
                start_new_session=True,
            )
        self._back_off.begun()
        self._end_was_said = False

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def mend(self) -> None:
        """Start it again when it has ended, after a pause that grows."""
        if self.running() or self._process is None:
            return
        if not self._end_was_said:
            self._end_was_said = True
            log.error(
                "ended, is started again", part=self.name, code=self._process.returncode, more=str(self._log_file)
            )
        if self._back_off.due():
            self.start()

    def relay(self) -> None:
        self._tail.relay()

    def ask_to_stop(self) -> None:
        if self._process is not None and self.running():
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Until it has ended; killed at the deadline."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("does not end, is killed", part=self.name)
            self._process.kill()
            self._process.wait()
        self._close_pipe()
        self.relay()

    def _close_pipe(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()


class KeptServer:
    """An embedded server, started again when it dies."""

    def __init__(self, name: str, server: Server) -> None:
        self.name = name
        self._server = server
        self._back_off = BackOff()
        self._end_was_said = False

    def mend(self) -> bool:
        """True when it was started again just now."""
        if self._server.running():
            return False
        if not self._end_was_said:
            self._end_was_said = True
            log.error("ended, is started again", part=self.name)
        if not self._back_off.due():
            return False
        try:
            self._server.start()
        except ServerDidNotStart as error:
            log.error("does not start, is tried again", part=self.name, because=str(error))
            self._back_off.begun()
            return False
        self._back_off.begun()
        self._end_was_said = False
        log.info("is running again", part=self.name)
        return True


def supervise(
    servers: Sequence[KeptServer],
    parts: Sequence[Part],
    wait: Callable[[float], bool],
    moved: Callable[[], None],
) -> None:
    """Until wait(seconds) says True. moved: called when a server was started again, perhaps on another port."""
    while not wait(POLL_S):
        for server in servers:
            if server.mend():
                moved()
        for part in parts:
            part.mend()
            part.relay()


def stop_parts(parts: Sequence[Part]) -> None:
    """The one that was started last first: HTTP answers what it has begun while ingest is there. Then the rest."""
    for together in (parts[-1:], parts[:-1]):
        for part in together:
            part.ask_to_stop()
        deadline = time.monotonic() + STOP_WITHIN_S
        for part in together:
            part.wait(deadline)


def _milemarker() -> list[str]:
    """Ourselves. -P: what lies in the folder where `up` was typed is no module of ours."""
    script = Path(sys.executable).with_name("milemarker")
    return [sys.executable, "-P", *([str(script)] if script.exists() else ["-m", "deploy.cli"])]
