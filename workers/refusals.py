"""Tells on refused.<source> what could not be taken, with code and reason: nothing is dropped silently."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
from nats.aio.client import Client

from domain.intake import Outcome
from domain.refusal import Refused
from domain.sale import name_of
from workers.subjects import refused_subject

AT_ONCE_MAX = 200
ITEM_BYTES_MAX = 16 * 1024
"""A refused sale is shown as it came, up to this size."""
PUBLISH_TIMEOUT_S = 10.0


async def publish_refused(client: Client, outcome: Outcome, subject: str, message: str | None, at: datetime) -> None:
    """Publish every refusal of one message; each is kept once, also when the message comes again."""
    jetstream = client.jetstream(timeout=PUBLISH_TIMEOUT_S)
    refusals = list(_refusals(outcome, subject, at))
    for first in range(0, len(refusals), AT_ONCE_MAX):
        await asyncio.gather(
            *(
                jetstream.publish(
                    refused_subject(source),
                    body,
                    headers={"Nats-Msg-Id": f"{message}.{first + offset}"} if message else None,
                )
                for offset, (source, body) in enumerate(refusals[first : first + AT_ONCE_MAX])
            )
        )


def _refusals(outcome: Outcome, subject: str, at: datetime) -> Iterator[tuple[str | None, bytes]]:
    for one in outcome.rejected:
        source = _subject_source(one.source)
        yield source, _told(one.refused, one.source, one.id, subject, at, one.item)
    for key, refused in outcome.lapsed:
        yield key.source, _told(refused, key.source, key.id, subject, at, None)


def _subject_source(source: str | None) -> str | None:
    try:
        return name_of(source, "/source")
    except Refused:
        return None


def _told(refused: Refused, source: str | None, sale_id: str | None, subject: str, at: datetime, item: Any) -> bytes:
    told: dict[str, Any] = {
        "code": refused.code,
        "detail": refused.detail,
        "field": refused.field,
        "source": source,
        "id": sale_id,
        "subject": subject,
        "refused_at": at,
    }
    if item is not None and not isinstance(item, Refused):
        shown = orjson.dumps(item)
        told["sale"] = orjson.Fragment(shown) if len(shown) <= ITEM_BYTES_MAX else None
    return orjson.dumps(told)
