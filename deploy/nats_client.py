"""A connection to NATS that is tried once: whoever asks waits for an answer, not for a server that may come."""

import asyncio
from collections.abc import Iterable

import nats
import nats.errors
from nats.aio.client import Client

CONNECT_S = 5.0


async def connect_once(url: str, name: str, within_s: float = CONNECT_S) -> Client:
    """Raises ConnectionError that says why not; ValueError for what is no URL.

    By itself nats-py tries a server that refuses connections for two minutes, also where it is not to reconnect.
    """
    heard: list[Exception] = []

    async def hear(error: Exception) -> None:
        heard.append(error)

    servers = url.split(",")
    try:
        return await asyncio.wait_for(
            nats.connect(
                servers,
                name=name,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=within_s,
                error_cb=hear,
            ),
            within_s,
        )
    except (nats.errors.Error, OSError, TimeoutError) as error:
        raise ConnectionError(_why([*heard, error])) from None


def _why(errors: Iterable[Exception]) -> str:
    """The first that says something; "no servers" is said of every failure."""
    for error in errors:
        if said := getattr(error, "strerror", None) or (str(error) if not _is_vague(error) else ""):
            return str(said)
    return "it gave no answer in time"


def _is_vague(error: Exception) -> bool:
    return isinstance(error, nats.errors.NoServersError | TimeoutError)
