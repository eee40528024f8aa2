"""Webhooks: one signed POST (Standard Webhooks), dialled by an address that was checked, redirected by nobody."""

import asyncio
import hmac
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import UUID

import httpx
import orjson

from domain.delivery.addresses import refuse_addresses
from domain.delivery.delivering import Attempt
from domain.delivery.endpoint import Endpoint, Place, key_of, read_url
from domain.delivery.retry import Accepted, Failure, Outcome, Severity
from domain.refusal import Refused

SEND_S = 15.0
"""From the look-up of the name to the first line of the answer."""
CONNECT_S = 5.0
ANSWER_S = 5.0
ANSWER_BYTES_MAX = 64 * 1024
ADDRESSES_MAX = 3
REASON_LENGTH_MAX = 200
GONE = 410
WORTH_REPEATING = frozenset({408, 425, 429})

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses that a host and port lead to, best first. Raises OSError when there are none."""


class Webhook:
    """`async with Webhook(...) as webhook`."""

    def __init__(self, resolve: Resolve, clock: Callable[[], datetime], *, allow_loopback: bool) -> None:
        self._resolve = resolve
        self._clock = clock
        self._allow_loopback = allow_loopback
        # No connection is kept: one to an address could be of another name that leads there too.
        self._client = httpx.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(SEND_S, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            headers={"User-Agent": "Milemarker", "Connection": "close"},
        )

    async def __aenter__(self) -> "Webhook":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send(self, attempt: Attempt) -> Outcome:
        assert attempt.endpoint is not None, "a webhook has an endpoint"
        try:
            async with asyncio.timeout(SEND_S):
                response = await self._post(attempt, attempt.endpoint)
        except TimeoutError:
            return Failure(f"no answer within {SEND_S:.0f} seconds")
        except Refused as refused:
            return Failure(f"address not allowed: {refused.detail}")
        except httpx.ConnectError as error:
            return Failure(_shown("can't connect", error))
        except httpx.HTTPError as error:
            return Failure(_shown("no answer", error))
        except (OSError, ValueError) as error:
            return Failure(_shown("the name leads nowhere", error))
        try:
            await _drain(response)
        finally:
            await response.aclose()
        return outcome_of(response.status_code, response.headers.get("retry-after"), self._clock())

    async def _post(self, attempt: Attempt, endpoint: Endpoint) -> httpx.Response:
        """The answer's head. Every address that the name leads to is checked before the first is dialled."""
        place = read_url(endpoint.url)
        addresses = list(dict.fromkeys(await self._resolve(place.host, place.port)))
        refuse_addresses(addresses, allow_loopback=self._allow_loopback)
        body = orjson.dumps(attempt.body)
        headers = {
            "Host": place.authority,
            "Content-Type": "application/json",
            **signed_headers(endpoint, attempt.notification, self._clock(), body),
        }
        *others, last = addresses[:ADDRESSES_MAX]
        for address in others:
            # Nothing was sent to one that could not be reached.
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._client.send(self._request(place, address, headers, body), stream=True)
        return await self._client.send(self._request(place, last, headers, body), stream=True)

    def _request(self, place: Place, address: str, headers: dict[str, str], body: bytes) -> httpx.Request:
        url = httpx.URL(scheme=place.scheme, host=address, port=place.port, raw_path=place.path.encode())
        # The certificate must be the name's, whatever address is dialled.
        return self._client.build_request(
            "POST", url, headers=headers, content=body, extensions={"sni_hostname": place.host, "timeout": _TIMEOUT}
        )


_TIMEOUT = httpx.Timeout(SEND_S, connect=CONNECT_S).as_dict()


async def _drain(response: httpx.Response) -> None:
    """Read the answer as far as it is of any use. What counts is its first line, which is there."""
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(ANSWER_S):
            read = 0
            async for chunk in response.aiter_raw():
                read += len(chunk)
                if read > ANSWER_BYTES_MAX:
                    return


def signed_headers(endpoint: Endpoint, notification: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """Standard Webhooks: HMAC-SHA256 of id.timestamp.body, by each secret that is valid now."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((str(notification).encode(), timestamp.encode(), body))
    secrets = [endpoint.secret, *([endpoint.former_secret] if endpoint.former_secret else [])]
    signatures = (b64encode(hmac.digest(key_of(one), content, "sha256")).decode() for one in secrets)
    return {
        "webhook-id": str(notification),
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def outcome_of(status: int, retry_after: str | None, at: datetime) -> Outcome:
    """What an answer's status means for the message."""
    if 200 <= status < 300:
        return Accepted(str(status))
    wait = read_retry_after(retry_after, at)
    if status == GONE:
        return Failure("answered 410 Gone", Severity.FINAL, gone=True)
    if 300 <= status < 400:
        return Failure(f"answered {status}: redirects are not followed", retry_after=wait)
    refused = 400 <= status < 500 and status not in WORTH_REPEATING
    return Failure(f"answered {status}", Severity.REFUSED if refused else Severity.PASSING, wait)


def read_retry_after(said: str | None, at: datetime) -> timedelta | None:
    """Seconds, or an HTTP date; None for what is neither."""
    if said is None:
        return None
    text = said.strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)) - at
    except (ValueError, OverflowError):
        return None


def _shown(what: str, error: Exception) -> str:
    said = "".join(sign if sign.isprintable() else "?" for sign in str(error)) or type(error).__name__
    return f"{what}: {said}"[:REASON_LENGTH_MAX]
