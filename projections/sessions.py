"""Signing in with a browser: links that work once, and the sessions they begin. The database holds hashes alone."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from eventsourcing.postgres import PostgresDatastore
from psycopg import Cursor

from domain.refusal import Refused
from projections.keys import ApiKey, key_of

LINK_LIVES = timedelta(minutes=15)
SESSION_LIVES = timedelta(days=30)
LINK_REMEMBERED = timedelta(days=1)
"""So long after its end whoever follows a link is still told why it does not work."""
SESSIONS_OF_KEY_MAX = 200
"""One more, and the oldest ends."""


class Sessions:
    """The links and sessions in one database. Times are in UTC, tokens are 32 random bytes as text for URLs."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore

    def link(self, key_id: str, at: datetime) -> str:
        """The token of a new link for this key, shown here and never again. Refused when there is no such key."""
        token = secrets.token_urlsafe(32)
        with self._datastore.transaction(commit=True) as curs:
            curs.execute("DELETE FROM login_links WHERE expires_at < %s", (at - LINK_REMEMBERED,))
            curs.execute(
                "INSERT INTO login_links (hash, key_id, expires_at)"
                " SELECT %s, id, %s FROM api_keys WHERE id = %s AND revoked_at IS NULL",
                (_hash(token), at + LINK_LIVES, key_id),
            )
            if curs.rowcount == 0:
                raise Refused("unknown_key", f"there is no key {key_id}, or it is revoked")
        return token

    def follow(self, token: str, at: datetime, former: str | None = None) -> str:
        """Use a link up: the token of the session that it begins. Refused, with why, when it begins none.

        former: the session that the browser had until now, which ends."""
        with self._datastore.transaction(commit=True) as curs:
            # Of two at once the second waits here for the first, and then finds the link used.
            curs.execute(
                "UPDATE login_links SET used_at = %s WHERE hash = %s AND used_at IS NULL AND expires_at > %s"
                " RETURNING key_id",
                (at, _hash(token), at),
            )
            row = curs.fetchone()
            if row is None:
                raise _useless(curs, token)
            return _begun(curs, str(row["key_id"]), at, former)

    def begin(self, key_id: str, at: datetime, former: str | None = None) -> str:
        """The token of a new session of this key, in place of the browser's former one. Refused when there is no such
        key."""
        with self._datastore.transaction(commit=True) as curs:
            return _begun(curs, key_id, at, former)

    def find(self, token: str, at: datetime) -> ApiKey | None:
        """Whose session this is; None when it is none, has ended, or its key was revoked."""
        with self._datastore.cursor() as curs:
            curs.execute(
                "SELECT k.* FROM browser_sessions AS s JOIN api_keys AS k ON k.id = s.key_id"
                " WHERE s.hash = %s AND s.expires_at > %s AND k.revoked_at IS NULL",
                (_hash(token), at),
                prepare=True,
            )
            row = curs.fetchone()
        return None if row is None else key_of(row)

    def end(self, token: str) -> None:
        """From now on this session opens nothing."""
        with self._datastore.transaction(commit=True) as curs:
            _end(curs, token)


def _begun(curs: Cursor[dict[str, Any]], key_id: str, at: datetime, former: str | None) -> str:
    token = secrets.token_urlsafe(32)
    curs.execute("DELETE FROM browser_sessions WHERE expires_at <= %s", (at,))
    curs.execute(
        "DELETE FROM browser_sessions WHERE hash IN"
        " (SELECT hash FROM browser_sessions WHERE key_id = %s ORDER BY created_at DESC OFFSET %s)",
        (key_id, SESSIONS_OF_KEY_MAX - 1),
    )
    curs.execute(
        "INSERT INTO browser_sessions (hash, key_id, created_at, expires_at)"
        " SELECT %s, id, %s, %s FROM api_keys WHERE id = %s AND revoked_at IS NULL",
        (_hash(token), at, at + SESSION_LIVES, key_id),
    )
    if curs.rowcount == 0:
        raise Refused("key_revoked", "the key that this was made for is revoked")
    if former is not None:
        _end(curs, former)
    return token


def _end(curs: Cursor[dict[str, Any]], token: str) -> None:
    curs.execute("DELETE FROM browser_sessions WHERE hash = %s", (_hash(token),))


def _useless(curs: Cursor[dict[str, Any]], token: str) -> Refused:
    curs.execute("SELECT used_at FROM login_links WHERE hash = %s", (_hash(token),))
    row = curs.fetchone()
    if row is None:
        return Refused("unknown_link", "this link is not known here")
    if row["used_at"] is not None:
        return Refused("link_used", "this link was used already: it works once")
    minutes = LINK_LIVES // timedelta(minutes=1)
    return Refused("link_expired", f"this link is too old: it works within {minutes} minutes")


def _hash(token: str) -> bytes:
    # 32 random bytes can't be guessed, so a fast hash is as good as a slow one.
    return sha256(token.encode()).digest()
