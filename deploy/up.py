"""`milemarker up`: servers, tables and streams, the production commands as children, until it is told to stop."""

import asyncio
import http.client
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nats.errors
import structlog

from deploy.directory import DirectoryLock, free_port, write_private
from deploy.embedded import EmbeddedNats, EmbeddedPostgres
from deploy.endpoints import UP_LOCK, Endpoints, endpoints_file, write_endpoints
from deploy.importing import importing
from deploy.nats_client import connect_once
from deploy.settings import Settings, as_environment
from deploy.supervision import KeptServer, Part, stop_parts, supervise
from deploy.trouble import Trouble
from deploy.waiting import wait_for_database, wait_for_nats
from workers.subjects import RECORD_SUBJECT

PARTS = (
    ("ingest", ["worker", "ingest"]),
    ("workers", ["worker", "relay", "checkpoints", "alerts"]),
    ("delivery", ["worker", "delivery"]),
    ("project", ["project"]),
    ("api", ["api"]),
)
READY_SAY_S = 20.0
PROBE_S = 1.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}

log = structlog.get_logger()


@dataclass(frozen=True)
class Urls:
    """Of the servers: what owners use, and what the parts use."""

    database: str
    nats: str
    nats_of_parts: str


class Up:
    """Everything in one directory, from the lock to the last child."""

    def __init__(
        self,
        settings: Settings,
        stop: threading.Event,
        ready: Callable[[str, Path], None],
        prepared: Callable[[str, str], None] = lambda database_url, nats_url: None,
    ) -> None:
        """ready: called once, with the URL and the directory, when HTTP and ingest are.

        prepared: called once, with the URLs of the database and of NATS, when tables and streams are there, and
        nobody reads them yet.
        """
        self._settings = settings
        self._stop = stop
        self._ready = ready
        self._prepared = prepared
        self._directory = settings.data.resolve()
        self._servers: list[KeptServer] = []
        self._postgres: EmbeddedPostgres | None = None
        self._nats: EmbeddedNats | None = None
        self._parts: list[Part] = []
        self._told = False

    def run(self) -> None:
        """Until `stop` is set. Raises DirectoryInUse, ServerDidNotStart or Trouble."""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Trouble(f"{self._directory} can't be made: {error.strerror}; name another with --data") from None
        lock = DirectoryLock(self._directory / UP_LOCK)
        lock.acquire()
        endpoints_file(self._directory).unlink(missing_ok=True)  # left by one that was killed
        # Closed in the opposite order: parts, endpoints.json, NATS, PostgreSQL, the lock.
        with ExitStack() as stack:
            stack.callback(lock.release)
            self._host, self._port = self._settings.host, self._free_http_port()
            self._start_servers(stack)
            if self._prepare():
                stack.callback(endpoints_file(self._directory).unlink, missing_ok=True)
                self._start_parts(stack)
                supervise(self._servers, self._parts, self._wait, self._moved)
            log.info("stopping")
        log.info("stopped", data=str(self._directory))

    @property
    def http_url(self) -> str:
        host = EVERYWHERE.get(self._host, self._host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    def _start_servers(self, stack: ExitStack) -> None:
        if self._settings.database_url is None:
            self._postgres = stack.enter_context(EmbeddedPostgres(self._directory))
            self._servers.append(KeptServer("postgres", self._postgres))
        if self._settings.nats_url is None:
            self._nats = stack.enter_context(EmbeddedNats(self._directory))
            self._servers.append(KeptServer("nats", self._nats))

    def _urls(self) -> Urls:
        given_database, given_nats = self._settings.database_url, self._settings.nats_url
        database = given_database.get_secret_value() if given_database else self._postgres.url if self._postgres else ""
        if given_nats:
            return Urls(database, given_nats.get_secret_value(), given_nats.get_secret_value())
        assert self._nats is not None
        return Urls(database, self._nats.url, self._nats.urls["worker"])

    def _prepare(self) -> bool:
        """Tables, streams, the admin's key. False when told to stop meanwhile."""
        urls = self._urls()
        there = wait_for_database(urls.database, self._stop, tables=False) and wait_for_nats(
            urls.nats, self._stop, streams=False
        )
        if there:
            migrate(urls.database, urls.nats)
            ensure_admin_key(self._directory, urls.database)
            self._prepared(urls.database, urls.nats)
        return there

    def _start_parts(self, stack: ExitStack) -> None:
        logs = self._directory / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        for name, arguments in PARTS:
            self._parts.append(Part(name, arguments, self._environment(), logs / f"{name}.log"))
        stack.callback(stop_parts, self._parts)
        for part in self._parts:
            part.start()
        self._started_at = time.monotonic()

    def _environment(self) -> dict[str, str]:
        """Of the parts: addresses and passwords go here, where other users don't see them, not on command lines."""
        urls = self._urls()
        settings = as_environment(self._settings)
        return (
            os.environ
            | settings
            | {
                "DATABASE_URL": urls.database,
                "NATS_URL": urls.nats_of_parts,
                "MILEMARKER_DATA": str(self._directory),
                "MILEMARKER_HOST": self._host,
                "MILEMARKER_PORT": str(self._port),
            }
        )

    def _moved(self) -> None:
        """A server is back. It mostly is where it was; if not, the parts are started again and look there."""
        environment = self._environment()
        if all(part.environment == environment for part in self._parts):
            return
        log.warning("a server has another port now: the parts are started again")
        stop_parts(self._parts)
        for part in self._parts:
            part.environment = environment
            part.start()
        if self._told:
            self._write_endpoints()

    def _wait(self, seconds: float) -> bool:
        if not self._told and not self._stop.is_set():
            self._tell_when_ready()
        return self._stop.wait(seconds)

    def _tell_when_ready(self) -> None:
        if answers(self._host, self._port) and takes_sales(self._urls().nats):
            self._told = True
            self._write_endpoints()
            self._ready(self.http_url, self._directory)
        elif time.monotonic() - self._started_at > READY_SAY_S:
            log.warning("not ready yet", more=str(self._directory / "logs"))
            self._started_at = time.monotonic()

    def _write_endpoints(self) -> None:
        urls = self._urls()
        write_endpoints(self._directory, Endpoints(urls.database, urls.nats, self.http_url))

    def _free_http_port(self) -> int:
        """The port asked for, or a free one when 0 is. Raises Trouble when it is taken."""
        if self._settings.port == 0:
            return free_port()
        family = socket.AF_INET6 if ":" in self._settings.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self._settings.host, self._settings.port))
            except (OSError, OverflowError) as error:
                raise Trouble(
                    f"can't listen on {self._settings.host}, port {self._settings.port}: "
                    f"{getattr(error, 'strerror', None) or error}; choose another with --host or --port"
                ) from None
        return self._settings.port


def migrate(database_url: str, nats_url: str) -> list[str]:
    """Tables, streams and consumers, made or brought up to date; what there is now, for telling."""
    with importing():
        from projections.store import migrate as migrate_tables
        from projections.views import VIEWS
        from workers.streams import provision

    migrate_tables(database_url)
    provisioned = asyncio.run(provision(nats_url))
    log.debug("migrated", streams=provisioned)
    return [f"tables: the log and the views {', '.join(view.name for view in VIEWS)}", *_told(provisioned)]


def _told(provisioned: object) -> list[str]:
    return [f"streams and consumers: {', '.join(provisioned)}"] if isinstance(provisioned, list) else []


def ensure_admin_key(directory: Path, database_url: str) -> None:
    """DIR/admin.key (0600) on the first start. A start cut off here leaves a key that nobody knows, at worst."""
    from projections.keys import Keys
    from projections.store import open_store

    file = directory / "admin.key"
    if file.exists():
        return
    with open_store(database_url, connections_max=2) as store:
        key = Keys(store.views.datastore).create("admin", "admin of this machine", None, datetime.now(UTC))
    write_private(file, key + "\n")


def answers(host: str, port: int) -> bool:
    """Whether HTTP is ready there. http.client, because it knows nothing of the environment's proxies."""
    connection = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=PROBE_S)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def takes_sales(nats_url: str) -> bool:
    """Whether ingest answers. It is asked to record nothing, and says so."""

    async def ask() -> bool:
        client = await connect_once(nats_url, "milemarker up", PROBE_S)
        try:
            await client.request(RECORD_SUBJECT, b"[]", timeout=PROBE_S)
        finally:
            await client.close()
        return True

    try:
        return asyncio.run(ask())
    except (nats.errors.Error, OSError, TimeoutError):
        return False
