"""Waits for a database and a NATS that are not up yet, or not migrated yet, and says so, instead of dying of it."""

import asyncio
import threading
from collections.abc import Callable

import nats.errors
import psycopg
import structlog
from nats.js.errors import NotFoundError

from deploy.nats_client import connect_once
from deploy.settings import masked_database_url, masked_nats_url
from workers.subjects import SALES_CONSUMER, SALES_STREAM

BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
SAY_EVERY_S = 10.0
CONNECT_S = 5

log = structlog.get_logger()


def wait_for_database(url: str, stop: threading.Event, *, tables: bool = True) -> bool:
    """tables: until `migrate` has made them, too. False when `stop` was set meanwhile."""

    def look() -> str | None:
        try:
            with psycopg.connect(url, connect_timeout=CONNECT_S) as connection:
                found = connection.execute("SELECT to_regclass('view_versions')").fetchone()
        except psycopg.Error as error:
            return str(error).strip()
        return (
            None
            if not tables or (found and found[0])
            else "there are no tables of this version yet: run `milemarker migrate`"
        )

    return _wait(look, stop, what="database", where=masked_database_url(url))


def wait_for_nats(url: str, stop: threading.Event, *, streams: bool = True) -> bool:
    """streams: until `migrate` has made them, too. False when `stop` was set meanwhile."""
    return _wait(lambda: asyncio.run(_look_at_nats(url, streams)), stop, what="NATS", where=masked_nats_url(url))


async def _look_at_nats(url: str, streams: bool) -> str | None:
    try:
        client = await connect_once(url, "milemarker waiting")
    except ConnectionError as error:
        return str(error)
    try:
        if streams:
            await client.jetstream().consumer_info(SALES_STREAM, SALES_CONSUMER)
    except NotFoundError:
        return "there are no streams yet: run `milemarker migrate`"
    except (nats.errors.Error, TimeoutError) as error:
        return f"JetStream does not answer: {error}"
    finally:
        await client.close()
    return None


def _wait(look: Callable[[], str | None], stop: threading.Event, *, what: str, where: str) -> bool:
    """Look until there is nothing in the way; what is in the way is said at once and then now and then."""
    attempt, since_said_s = 0, SAY_EVERY_S
    while not stop.is_set():
        in_the_way = look()
        if in_the_way is None:
            if attempt:
                log.info(f"{what} is there", where=where)
            return True
        pause_s = BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)]
        if since_said_s >= SAY_EVERY_S:
            log.warning(f"waiting for {what}", where=where, because=in_the_way)
            since_said_s = 0.0
        stop.wait(pause_s)
        attempt, since_said_s = attempt + 1, since_said_s + pause_s
    return False
