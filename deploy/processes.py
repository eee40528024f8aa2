"""Servers as child processes: started with a keeper, ended for certain, cleared away when left behind."""

import contextlib
import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

KEEPER = Path(__file__).with_name("keeper.py")
POLL_S = 0.02
LOG_SIZE_MAX = 10_000_000
LOG_TAIL_LINES = 15
ORPHANS_GRACE_S = 5.0
KILL_GRACE_S = 10.0


class ServerDidNotStart(RuntimeError):
    """Says what happened, with the last lines of the log and the path to it."""


class OsUser(NamedTuple):
    uid: int
    gid: int


def tag_of(data: Path) -> str:
    """The word by which the processes of one server are known: it stands on the command line of each."""
    return f"milemarker-{hashlib.sha256(str(data).encode()).hexdigest()[:16]}"


class Log:
    """What a server says, in a file that cannot grow for ever."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._begin = 0

    def begin(self) -> None:
        """From here on it is this start that speaks. One older file is kept."""
        if self.path.exists() and self.path.stat().st_size > LOG_SIZE_MAX:
            self.path.replace(self.path.with_name(self.path.name + ".1"))
        self.path.touch(mode=0o600)
        self._begin = self.path.stat().st_size

    def failure(self, what: str) -> ServerDidNotStart:
        with self.path.open("rb") as file:
            file.seek(self._begin)
            said = file.read(LOG_SIZE_MAX).decode(errors="replace").splitlines()
        lines = "\n".join(said[-LOG_TAIL_LINES:]) or "(nothing)"
        return ServerDidNotStart(f"{what}. The end of {self.path}:\n{lines}")


class KeptProcess:
    """A running server and its keeper (see `keeper.py`): it ends when this is stopped, or when this process
    ends.

    The pipe to the keeper is closed on exec, so programs started beside it cannot keep the server alive.
    """

    def __init__(
        self,
        command: list[str],
        *,
        log: Path,
        stop_signal: signal.Signals,
        grace_s: float,
        user: OsUser | None = None,
    ) -> None:
        run_as = f"{user.uid}:{user.gid}" if user else ""
        self._grace_s = grace_s
        with log.open("ab") as output:
            self._keeper = subprocess.Popen(
                # -I and -S: the standard library alone, whatever the environment and the folder say; it
                # starts faster.
                [
                    sys.executable,
                    "-I",
                    "-S",
                    str(KEEPER),
                    str(int(stop_signal)),
                    str(grace_s),
                    run_as,
                    *command,
                ],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                start_new_session=True,
            )

    def running(self) -> bool:
        """One system call: the keeper ends as soon as its server does."""
        return self._keeper.poll() is None

    def exit_code(self) -> int | None:
        return self._keeper.poll()

    def server_pid(self) -> int:
        """The server's own process. Raises RuntimeError when it is gone."""
        children: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self._keeper.pid).children()
        if not children:
            raise RuntimeError("the server is not running")
        return int(children[0].pid)

    def stop(self) -> None:
        """Cleanly; the keeper kills a server that outstays its grace."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        try:
            self._keeper.wait(self._grace_s + 5)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(psutil.NoSuchProcess):
                for child in psutil.Process(self._keeper.pid).children():
                    child.kill()
            self._keeper.kill()
            self._keeper.wait()


def wait_until_ready(ready: Callable[[], bool], process: KeptProcess, log: Log, *, name: str, within_s: float) -> None:
    """Raises ServerDidNotStart when the server ends, or is not ready in time."""
    deadline = time.monotonic() + within_s
    while not (ready() and process.running()):
        if not process.running():
            raise log.failure(f"{name} ended with code {process.exit_code()} while starting")
        if time.monotonic() > deadline:
            raise log.failure(f"{name} was not ready within {within_s:g} s")
        time.sleep(POLL_S)


def end_left_behind(program: str, tag: str, *, stop_signal: signal.Signals, grace_s: float) -> None:
    """End what a killed owner, or a killed server, left running here, and wait until it is gone.

    Only for the holder of the directory's lock: whatever still runs then has no living owner. Processes are
    known by program and tag, never by a pid in a file, which may be someone else's by now.
    """
    told: set[int] = set()
    headless: bool | None = None
    deadline = 0.0
    while left := list(_left_behind(program, tag)):
        if headless != (headless := not any(is_server for _, is_server in left)):
            # Without its server, a child of postgres that is busy with a long query may not notice for long.
            deadline = time.monotonic() + (ORPHANS_GRACE_S if headless else grace_s)
        late_s = time.monotonic() - deadline
        if late_s > KILL_GRACE_S:
            raise _would_not_end(program, left)
        for process, is_server in left:
            try:
                if late_s > 0:
                    process.kill()
                elif is_server and process.pid not in told:
                    told.add(process.pid)
                    process.send_signal(stop_signal)
            except psutil.NoSuchProcess:
                continue  # that is what we want of it
            except psutil.AccessDenied:
                raise _would_not_end(program, left) from None  # another user's: started with sudo, perhaps
        time.sleep(POLL_S)


def _would_not_end(program: str, left: list[tuple[psutil.Process, bool]]) -> ServerDidNotStart:
    pids = ", ".join(str(process.pid) for process, _ in left)
    return ServerDidNotStart(f"an earlier {program} (process {pids}) does not end: end it, then start again")


def _left_behind(program: str, tag: str) -> Iterator[tuple[psutil.Process, bool]]:
    """Servers (True), and what ends by itself after them (False): keepers, and the children of postgres."""
    for process in psutil.process_iter(["name", "cmdline"]):
        arguments: list[str] = process.info["cmdline"] or []
        if not any(tag in argument for argument in arguments):
            continue
        if process.info["name"] == program:
            # The children of postgres write what they do over their arguments: "postgres: milemarker-...:
            # walwriter".
            yield process, Path(arguments[0]).name == program
        elif str(KEEPER) in arguments:
            yield process, False
