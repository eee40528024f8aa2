"""Processes of a measurement: started, told when to begin, ended."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

STOP_WITHIN_S = 30.0


@dataclass(frozen=True)
class Running:
    """A process that is ready. said: the first line that it said."""

    process: "subprocess.Popen[bytes]"
    said: bytes

    @property
    def pid(self) -> int:
        return self.process.pid

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()

    def told(self, within_s: float) -> bytes:
        """What else it says before it ends by itself. Raises RuntimeError when it fails."""
        said, _ = self.process.communicate(timeout=within_s)
        if self.process.returncode != 0:
            raise RuntimeError(f"{self.process.args!r} ended with code {self.process.returncode}")
        return said

    def end(self) -> bytes:
        """SIGTERM; what else it said."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.communicate(timeout=STOP_WITHIN_S)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.communicate()[0]


@contextmanager
def parts(names: Sequence[str], database: str, nats_url: str) -> Iterator[dict[str, Running]]:
    """These parts of the product (see `process.py`), each a process of its own as in production."""
    with running({name: ["process", name, database, nats_url] for name in names}) as processes:
        yield processes


@contextmanager
def running(modules: Mapping[str, Sequence[str]]) -> Iterator[dict[str, Running]]:
    """These modules of the benchmarks with their arguments, by name, once each has said its first line."""
    processes: dict[str, subprocess.Popen[bytes]] = {}
    started: dict[str, Running] = {}
    try:
        for name, (module, *arguments) in modules.items():
            command = [sys.executable, "-m", f"tests.bench.{module}", *arguments]
            processes[name] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name, process in processes.items():
            assert process.stdout is not None
            started[name] = Running(process, process.stdout.readline())
            if not started[name].said:
                raise RuntimeError(f"{name} ended with code {process.wait()} while starting")
        yield started
    finally:
        for process in processes.values():
            if process.poll() is None:
                process.terminate()
        for process in processes.values():
            Running(process, b"").end()
