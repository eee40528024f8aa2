"""One data directory on this machine: who owns it, what is secret in it, and on which port it answers."""

import fcntl
import json
import os
import secrets
import socket
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"

# Below the range from which Linux (32768) and macOS (49152) take the near end of outgoing connections: a
# client that dials a server which is just restarting could otherwise be given that very port, connect to
# itself, and hold it.
PORTS = range(20_000, 30_000)
PORT_TRIES_MAX = 100


class DirectoryInUse(RuntimeError):
    """A living process owns this directory."""


class DirectoryLock:
    """A lock that lives as long as its owner: the kernel drops it however the owner ends, so it is never
    stale.

    It is not inherited by programs that the owner starts; a bare fork without exec would share it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self) -> None:
        """Take it, or keep it when it is ours already. Raises DirectoryInUse."""
        if self._file is not None:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(file, 32).decode().strip() or "unknown"
            os.close(file)
            raise DirectoryInUse(
                f"{self._path.parent} is in use by process {owner} ({self._path.name} is held): "
                "stop that one first, or use another directory (--data)"
            ) from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        # The file stays: removing it would let two owners lock two files of one name.
        if self._file is not None:
            os.close(self._file)
            self._file = None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_names(path.parent)


def write_private_json(path: Path, content: dict[str, Any]) -> None:
    write_private(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def sync_names(directory: Path) -> None:
    """Make the names in a directory durable: a renamed file is on disk, its new name not yet."""
    file = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def new_password() -> str:
    return secrets.token_urlsafe(24)


def free_port(preferred: int | None = None, *, other_than: int | None = None) -> int:
    """A free loopback port: the preferred one (clients come back to where they were), or one of PORTS."""
    if preferred is not None and _is_free(preferred):
        return preferred
    for _ in range(PORT_TRIES_MAX):
        port = PORTS.start + secrets.randbelow(len(PORTS))
        if port != other_than and _is_free(port):
            return port
    raise RuntimeError(f"no free port on {LOOPBACK} between {PORTS.start} and {PORTS.stop - 1}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: connections that linger from the last run are no obstacle, a listener is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
