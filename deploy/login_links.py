"""One-time links that sign a browser in, for whoever may read the directory of `up` or has the database's password."""

import shlex
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from deploy.endpoints import find_endpoints
from deploy.own_command import own_command, pasteable
from deploy.settings import read_settings
from deploy.trouble import Trouble
from domain.refusal import Refused


def read_address(text: str) -> str:
    """Where browsers reach it, without a slash at its end. Raises Trouble for what is no http(s) URL."""
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known or parts.query or parts.fragment or not text.isprintable() or " " in text:
        raise Trouble(f"--url is where browsers reach Milemarker, such as https://sales.example.com, not {text[:80]!r}")
    return text.rstrip("/")


def login_link(database_url: str, http_url: str, key_id: str, now: datetime) -> str:
    """A new link that signs in as this key, once. Raises Trouble when there is no such key, or it is revoked."""
    from projections.sessions import Sessions
    from projections.store import open_store

    with open_store(database_url, connections_max=2) as store:
        try:
            token = Sessions(store.views.datastore).link(key_id, now)
        except Refused as refused:
            raise Trouble(f"{refused.detail}: `milemarker keys list` shows them") from None
    return f"{http_url.rstrip('/')}/login/{token}"


def admin_key_id(directory: Path) -> str:
    """The id in DIR/admin.key, `mm_<id>_<secret>`. Raises Trouble when there is none."""
    file = directory / "admin.key"
    try:
        prefix, key_id, _ = file.read_text(encoding="ascii").split("_", 2)
    except (OSError, ValueError):
        prefix = key_id = ""
    if prefix != "mm":
        raise Trouble(f"there is no admin's key in {file}: name a key with --key, as `milemarker keys list` shows it")
    return key_id


def works() -> str:
    """How often a link works, and how long."""
    from projections.sessions import LINK_LIVES

    return f"works once, within {LINK_LIVES // timedelta(minutes=1)} minutes"


def welcome(directory: Path, http_url: str, now: datetime) -> str:
    """What a running `up` says of signing in: a new link for its admin, or how to come by one. It fails nobody."""
    from eventsourcing.persistence import PersistenceError

    command = f"{own_command()} login --data {shlex.quote(str(directory))}"
    try:
        endpoints = find_endpoints(read_settings(directory), data_given=True)
        link = login_link(endpoints.database, http_url, admin_key_id(directory), now)
    except (Trouble, psycopg.Error, PersistenceError):
        return pasteable(
            f"`{command} --key ID` prints a link for your browser; `milemarker keys list` shows the keys' ids."
        )
    return f"In your browser: {link}\n  It signs you in as the admin and {works()}; `{command}` prints a new one."
