"""Where a running Milemarker is: what `up` writes into DIR/endpoints.json, or DATABASE_URL and NATS_URL."""

import json
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.directory import write_private_json
from deploy.settings import Settings
from deploy.trouble import Trouble

UP_LOCK = "up.lock"


@dataclass(frozen=True)
class Endpoints:
    """http is None in production, where nobody needs it here."""

    database: str
    nats: str
    http: str | None = None


def endpoints_file(directory: Path) -> Path:
    return directory / "endpoints.json"


def write_endpoints(directory: Path, endpoints: Endpoints) -> None:
    write_private_json(endpoints_file(directory), asdict(endpoints))


def find_endpoints(settings: Settings, *, data_given: bool = False) -> Endpoints:
    """A directory named on the command line goes before DATABASE_URL and NATS_URL, and these before the default.

    Raises Trouble with what to do when nothing is running there.
    """
    if not data_given and settings.database_url and settings.nats_url:
        return Endpoints(settings.database_url.get_secret_value(), settings.nats_url.get_secret_value())
    directory = settings.data.resolve()
    try:
        found = json.loads(endpoints_file(directory).read_text(encoding="utf-8"))
        endpoints = Endpoints(**found)
    except FileNotFoundError:
        raise Trouble(_nothing_runs(directory, "")) from None
    except PermissionError:
        raise Trouble(f"{endpoints_file(directory)} belongs to another user: ask whoever started `up`") from None
    except (ValueError, TypeError):
        raise Trouble(f"{endpoints_file(directory)} can't be read: start `milemarker up` again") from None
    if not _owner_lives(directory):
        raise Trouble(_nothing_runs(directory, "the last `up` was killed; "))
    return endpoints


def _owner_lives(directory: Path) -> bool:
    import psutil

    try:
        return bool(psutil.pid_exists(int((directory / UP_LOCK).read_text())))
    except (OSError, ValueError):
        return False


def _nothing_runs(directory: Path, why: str) -> str:
    command = f"milemarker up --data {shlex.quote(str(directory))}"
    return (
        f"no Milemarker is running in {directory} ({why}start one with `{command}`), "
        "and DATABASE_URL and NATS_URL, which name one in production, are not both set"
    )
