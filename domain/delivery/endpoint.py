"""An endpoint: where one subscription's messages go. Its URL and secrets stand beside the log, never in a fact."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateEvent

from domain.refusal import Refused

URL_LENGTH_MAX = 2_048
RECIPIENT_LENGTH_MAX = 128
SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32
FAILING_MAX = timedelta(hours=120)
URL_FIELD = "/channel/url"

_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})([.][A-Za-z0-9_-]{1,63})*[.]?")
_V6 = re.compile(r"[0-9A-Fa-f:.]{2,45}")
_TOKENS = re.compile(r"[!-)+,\-/-=?-~]+([.][!-)+,\-/-=?-~]+)*")


class Place(NamedTuple):
    """What a URL says, read once: what was checked is what is dialled."""

    scheme: str
    host: str
    port: int
    path: str
    """With its query, as it goes on the request line."""

    @property
    def authority(self) -> str:
        """The Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _default_port(self.scheme) else f"{host}:{self.port}"


def read_url(url: object) -> Place:
    """Raises Refused("bad_webhook_url") unless it is http(s) with a host, without user info and fragment."""
    if not isinstance(url, str) or not url or len(url) > URL_LENGTH_MAX:
        raise _bad_url(f"it is text of 1 to {URL_LENGTH_MAX} characters")
    if not all("!" <= sign <= "~" for sign in url) or "\\" in url:
        raise _bad_url("it has signs that no URL has; other letters are written as %.. and hosts as xn--...")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _bad_url("it can't be read") from None
    if parts.scheme not in ("http", "https"):
        raise _bad_url("it begins with https:// or http://")
    if "@" in parts.netloc:
        raise _bad_url("it holds a user name or password: a webhook is known by its signature")
    if "#" in url:
        raise _bad_url("what stands after a # is never sent")
    if not host or not (_V6 if "[" in parts.netloc else _NAME).fullmatch(host):
        raise _bad_url("it names no host")
    if port == 0:
        raise _bad_url("there is no port 0")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host, port or _default_port(parts.scheme), path)


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _bad_url(why: str) -> Refused:
    return Refused("bad_webhook_url", f"this is no URL for a webhook: {why}", URL_FIELD)


def read_nats_recipient(recipient: str) -> str:
    """The end of notifications.<recipient>, as it is: tokens with dots between. Raises Refused when it can't be."""
    if len(recipient) > RECIPIENT_LENGTH_MAX or not _TOKENS.fullmatch(recipient):
        raise Refused(
            "recipient_no_subject",
            f"on NATS a recipient is the end of a subject: up to {RECIPIENT_LENGTH_MAX} visible characters, no * or >,"
            " no dot at either end or beside another",
            "/recipient",
        )
    return recipient


def secret_of(chance: bytes) -> str:
    """A secret as Standard Webhooks show it, from 32 random bytes."""
    assert len(chance) == SECRET_BYTES, "a secret has 32 bytes"
    return SECRET_PREFIX + b64encode(chance).decode()


def key_of(secret: str) -> bytes:
    """The bytes that sign."""
    return b64decode(secret.removeprefix(SECRET_PREFIX))


@dataclass(frozen=True)
class Endpoint:
    """A webhook as it stands. `former_secret` signs too while a secret is being changed."""

    subscription: UUID
    url: str
    secret: str
    former_secret: str | None = None
    failing_since: datetime | None = None
    disabled: str | None = None
    """Why nothing is sent any more; None: it is."""

    def answered(self) -> "Endpoint":
        """It took a message: whatever failed before is over."""
        return replace(self, failing_since=None)

    def failed(self, reason: str, *, gone: bool, at: datetime) -> "Endpoint":
        """It did not; one that does nothing else for 120 hours, or says that it is gone, is disabled."""
        since = self.failing_since or at
        disabled = self.disabled
        if gone:
            disabled = disabled or f"it said that it is gone: {reason}"
        elif at - since >= FAILING_MAX:
            disabled = disabled or f"it only failed for {FAILING_MAX // timedelta(hours=1)} hours: {reason}"
        return replace(self, failing_since=since, disabled=disabled)


class EndpointDisabled(AggregateEvent):
    """In a stream of its own, of one version: an endpoint may be enabled and disabled again."""

    TOPIC = "endpoint.disabled"

    by: str
    subscription: UUID
    recipient: str
    notification: UUID
    """The last one that failed."""
    reason: str


def endpoint_disabled(
    endpoint: Endpoint, recipient: str, notification: UUID, *, attempt: int, by: str, at: datetime
) -> EndpointDisabled:
    assert endpoint.disabled is not None
    stream = uuid5(notification, f"disabled by attempt {attempt}")
    return EndpointDisabled(stream, 1, at, by, endpoint.subscription, recipient, notification, endpoint.disabled)  # type: ignore[call-arg]
