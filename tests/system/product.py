"""The product as its users run it: `milemarker up` in a directory, its command line, its API, its processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import orjson
import psutil
import psycopg

MILEMARKER = [str(Path(sys.executable).with_name("milemarker"))]
READY_S = 45.0
T = TypeVar("T")


def eventually(what: Callable[[], T], holds: Callable[[T], bool], within_s: float = 30.0) -> T:
    """The first answer for which this holds; fails with the last one when none does in time."""
    deadline = time.monotonic() + within_s
    while not holds(found := what()):
        assert time.monotonic() < deadline, f"still {found!r} after {within_s} s"
        time.sleep(0.05)
    return found


class Product:
    """A running `milemarker up` with its data in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        # Whatever the machine has set, the tests run on the servers that the product brings along.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MILEMARKER_", "POSTGRES_"))}
        self.environment = {name: value for name, value in kept.items() if name not in ("DATABASE_URL", "NATS_URL")}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Product":
        with (self.directory.parent / f"{self.directory.name}.out").open("ab") as out:
            self._process = subprocess.Popen(
                [*MILEMARKER, "up", "--data", str(self.directory), "--port", "0"],
                stdout=out,
                stderr=out,
                env=self.environment,
                cwd=self.directory.parent,
            )
        try:
            eventually(self._ready, bool, READY_S)
        except AssertionError:
            self._process.kill()
            raise
        self.key = (self.directory / "admin.key").read_text().strip()
        self.api = httpx.Client(
            base_url=self.endpoints["http"], headers={"Authorization": f"Bearer {self.key}"}, timeout=30
        )
        return self

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.output()
        try:
            return httpx.get(f"{self.endpoints['http']}/readyz").status_code == 200
        except (OSError, httpx.TransportError, orjson.JSONDecodeError, KeyError):
            return False

    @property
    def endpoints(self) -> dict[str, str]:
        found: dict[str, str] = orjson.loads((self.directory / "endpoints.json").read_bytes())
        return found

    def output(self) -> str:
        return (self.directory.parent / f"{self.directory.name}.out").read_text()

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self._process is not None
        self.api.close()
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(30)

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One run of the command line, against this product."""
        done = subprocess.run(
            [*MILEMARKER, *arguments],
            env=self.environment | {"MILEMARKER_DATA": str(self.directory), "COLUMNS": "200"},
            cwd=self.directory.parent,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def starting(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command that goes on beside the test, as production runs it."""
        urls = {"DATABASE_URL": self.endpoints["database"], "NATS_URL": self.endpoints["nats"]}
        return subprocess.Popen(
            [*MILEMARKER, *arguments],
            env=self.environment | urls | {"MILEMARKER_DATA": str(self.directory)},
            cwd=self.directory.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @contextmanager
    def more_ingests(self, count: int) -> Iterator[None]:
        """So many ingest processes more, each connected to NATS."""
        port = int(self.endpoints["nats"].rsplit(":", 1)[1])
        others = [self.starting("worker", "ingest") for _ in range(count)]
        for other in others:
            eventually(
                lambda pid=other.pid: psutil.Process(pid).net_connections("tcp"),  # type: ignore[misc]
                lambda connections: sum(1 for one in connections if one.raddr and one.raddr.port == port) >= 1,
            )
        yield
        for other in others:
            other.terminate()
            assert other.wait(20) == 0

    def define(self, body: dict[str, Any]) -> str:
        answer = self.api.post("/v1/targets", json=body)
        assert answer.status_code == 201, answer.text
        target_id: str = answer.json()["id"]
        return target_id

    def status(self, target_id: str) -> dict[str, Any]:
        answer = self.api.get(f"/v1/targets/{target_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def reads(self, target_id: str, actual: str, within_s: float = 30.0) -> dict[str, Any]:
        """The target's status once it is filled and its actual is this one."""
        return eventually(
            lambda: self.status(target_id),
            lambda status: status["state"] != "filling" and status["actual"] == actual,
            within_s,
        )

    def until_nothing_is_due(self) -> None:
        """Every checkpoint that is past is evaluated, and restated where sales came in late."""
        soon = (
            "SELECT count(*) FROM agenda WHERE errand IN ('checkpoint', 'restate')"
            " AND due < now() + interval '1 minute'"
        )

        def due() -> int:
            with psycopg.connect(self.endpoints["database"]) as connection:
                row = connection.execute(soon).fetchone()
                assert row is not None
                return int(row[0])

        eventually(due, lambda count: count == 0, within_s=90)

    def facts(self, target_id: str, type: str = "") -> list[dict[str, Any]]:
        """All facts of a target, page by page, or those of one type."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            parameters = {"limit": "500"} | ({"after": after} if after else {})
            page = self.api.get(f"/v1/targets/{target_id}/events", params=parameters).json()
            found += page["items"]
            after = page["next"]
            if after is None:
                return [fact for fact in found if not type or fact["type"] == type]

    def processes(self, *words: str) -> list[psutil.Process]:
        """The living processes of this product whose command line holds all these words."""
        assert self._process is not None
        found = []
        for process in psutil.Process(self._process.pid).children(recursive=True):
            try:
                line = " ".join(process.cmdline())
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
            if all(word in line for word in words):
                found.append(process)
        return found
