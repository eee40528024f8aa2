"""Tells on refused.<source> what could not be taken, with code and reason: nothing is dropped silently.

It is done beside the commits, so a slow stream of refusals delays no good sale; one that is away does, once as many
messages wait as the consumer lets be unacknowledged. A message is acknowledged after its refusals are told: until
then it comes again.
"""

import asyncio
from datetime import datetime
from hashlib import sha256
from typing import Any

import nats.errors
import nats.js.errors
import orjson
import structlog
from nats.aio.client import Client

from domain.intake import Outcome, Rejection
from domain.refusal import Refused
from domain.sale import name_of
from domain.settlement import Lapse
from workers.deliveries import Delivery
from workers.subjects import refused_subject

AT_ONCE_MAX = 200
ITEM_BYTES_MAX = 16 * 1024
"""A refused sale is shown as it came, up to this size."""
PUBLISH_TIMEOUT_S = 10.0
MESSAGES_AT_ONCE = 64
MESSAGES_MAX = 5_000
"""Messages whose refusals wait to be told; a further one waits too, or comes again while they can't be told."""
REQUEST_RETRY_S = (0.0, 1.0, 5.0, 15.0, 30.0)
NATS_AWAY = (nats.errors.Error, nats.js.errors.Error, TimeoutError, OSError)

log = structlog.get_logger()


class Teller:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._under_way: set[asyncio.Task[None]] = set()
        self._publishing = asyncio.Semaphore(MESSAGES_AT_ONCE)
        self._away = False

    async def tell(self, delivery: Delivery, outcome: Outcome, position: int, at: datetime) -> None:
        """Tell the refusals of a committed message in a while, then accept it."""
        if len(self._under_way) >= MESSAGES_MAX and delivery.name is not None:
            if self._away:
                log.warning("refusals can't be told now, the message comes again", message=delivery.name)
                return
            await asyncio.wait(self._under_way, timeout=PUBLISH_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._tell(delivery, outcome, position, at))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def finish(self, within_s: float) -> None:
        """What is being told has this long to get there."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=within_s)
        for task in list(self._under_way):
            task.cancel()

    async def _tell(self, delivery: Delivery, outcome: Outcome, position: int, at: datetime) -> None:
        refusals = [
            (one.source, told(one, delivery.subject, at), delivery.name and f"{delivery.name}.{one.index}")
            for one in outcome.rejected
        ]
        # A message of the stream comes again by itself; a request is answered already and does not.
        for wait_s in (0.0,) if delivery.name is not None else REQUEST_RETRY_S:
            await asyncio.sleep(wait_s)
            try:
                async with self._publishing:
                    await self._publish(refusals)
                await delivery.accept(outcome, position)
                self._away = False
                return
            except NATS_AWAY as error:
                self._away = True
                log.warning("refusals could not be told", message=delivery.name, error=str(error)[:200])

    async def tell_lapses(self, lapses: list[Lapse], at: datetime) -> None:
        """Tell of sales that were accepted as waiting and lapsed; raises when they could not be told."""
        await self._publish(
            [
                (
                    lapse.key.source,
                    _body(lapse.code, lapse.detail, "", *lapse.key, "", at),
                    f"lapsed.{lapse.key.source}.{sha256(lapse.key.id.encode()).hexdigest()}",
                )
                for lapse in lapses
            ]
        )

    async def _publish(self, refusals: list[tuple[str | None, bytes, str | None]]) -> None:
        jetstream = self._client.jetstream(timeout=PUBLISH_TIMEOUT_S)
        for first in range(0, len(refusals), AT_ONCE_MAX):
            await asyncio.gather(
                *(
                    jetstream.publish(_subject(source), body, headers={"Nats-Msg-Id": name} if name else None)
                    for source, body, name in refusals[first : first + AT_ONCE_MAX]
                )
            )


def _subject(source: str | None) -> str:
    try:
        return refused_subject(name_of(source, "/source"))
    except Refused:
        return refused_subject(None)


def told(one: Rejection, subject: str, at: datetime) -> bytes:
    """What is published of a refused sale, with the sale as it came where that can be shown."""
    refused = one.refused
    return _body(refused.code, refused.detail, refused.field, one.source, one.id, subject, at, one.item)


def _body(
    code: str,
    detail: str,
    field: str,
    source: str | None,
    sale_id: str | None,
    subject: str,
    at: datetime,
    item: Any = None,
) -> bytes:
    said: dict[str, Any] = {
        "code": code,
        "detail": detail,
        "field": field,
        "source": source,
        "id": sale_id,
        "subject": subject,
        "refused_at": at,
    }
    if (shown := _shown(item)) is not None:
        said["sale"] = orjson.Fragment(shown)
    return orjson.dumps(said)


def _shown(item: Any) -> bytes | None:
    if item is None or isinstance(item, Refused):
        return None
    try:
        shown = orjson.dumps(item)
    except orjson.JSONEncodeError:
        # orjson reads 1,024 levels and writes 254: a sale nested deeper is told without itself.
        return None
    return shown if len(shown) <= ITEM_BYTES_MAX else None
