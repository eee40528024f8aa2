"""API keys: who may do what over HTTP. The database holds a hash; the key itself is shown once."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from eventsourcing.postgres import PostgresDatastore

from domain.refusal import Refused
from domain.sale import name_of

ROLES = ("publisher", "manager", "auditor", "subscriber", "admin")
NAME_LENGTH_MAX = 200
_PREFIX = "mm"


@dataclass(frozen=True)
class ApiKey:
    """What is known of a key. `sources`: those that a publisher may write; None for any."""

    id: str
    role: str
    name: str
    sources: tuple[str, ...] | None
    created_at: datetime
    revoked_at: datetime | None


class Keys:
    """The keys in one database."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore

    def create(self, role: str, name: str, sources: Sequence[str] | None, at: datetime) -> str:
        """A new key, `mm_<id>_<secret>`, shown here and never again. Without sources a publisher may write any."""
        if role not in ROLES:
            raise Refused("unknown_role", f"a role is one of {', '.join(ROLES)}", "/role")
        if not name.strip() or len(name) > NAME_LENGTH_MAX or not name.isprintable():
            raise Refused("bad_name", f"a key's name has 1 to {NAME_LENGTH_MAX} printable characters", "/name")
        if sources and role != "publisher":
            raise Refused("sources_not_for_role", "only a publisher's key is limited to sources", "/sources")
        listed = [name_of(source, "/sources") for source in sources] if sources else None
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        with self._datastore.transaction(commit=True) as curs:
            curs.execute(
                "INSERT INTO api_keys (id, hash, role, name, sources, created_at) VALUES (%s, %s, %s, %s, %s, %s)",
                (key_id, _hash(secret), role, name, listed, at),
            )
        return f"{_PREFIX}_{key_id}_{secret}"

    def listed(self) -> list[ApiKey]:
        """All keys, oldest first, revoked ones too."""
        with self._datastore.cursor() as curs:
            curs.execute("SELECT * FROM api_keys ORDER BY created_at, id")
            return [key_of(row) for row in curs]

    def revoke(self, key_id: str, at: datetime) -> bool:
        """From now on the key opens nothing; False when there is none, or it is revoked already."""
        with self._datastore.transaction(commit=True) as curs:
            curs.execute("UPDATE api_keys SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL", (at, key_id))
            return curs.rowcount == 1

    def find(self, key: str) -> ApiKey | None:
        """The key that this text is, or None when it is none or revoked."""
        prefix, _, rest = key.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != _PREFIX or not secret or not key.isascii():
            return None
        with self._datastore.cursor() as curs:
            curs.execute("SELECT * FROM api_keys WHERE id = %s", (key_id,), prepare=True)
            row = curs.fetchone()
        if row is None or not hmac.compare_digest(bytes(row["hash"]), _hash(secret)):
            return None
        found = key_of(row)
        return None if found.revoked_at is not None else found


def key_of(row: dict[str, object]) -> ApiKey:
    """A row of `api_keys`, whole."""
    sources = row["sources"]
    return ApiKey(
        str(row["id"]),
        str(row["role"]),
        str(row["name"]),
        None if sources is None else tuple(sources),  # type: ignore[arg-type] # a column of text[]
        row["created_at"],  # type: ignore[arg-type] # timestamptz
        row["revoked_at"],  # type: ignore[arg-type] # timestamptz or null
    )


def _hash(secret: str) -> bytes:
    # 32 random bytes can't be guessed, so a fast hash is as good as a slow one.
    return sha256(secret.encode()).digest()
