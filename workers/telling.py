"""Tells on refused.<source> what could not be taken, with code and reason: nothing is dropped silently."""

import asyncio
from collections.abc import Sequence

import nats.errors
import orjson
import structlog
from nats.aio.client import Client

from domain.refusal import Refused
from domain.sale import name_of
from projections.untold import Untold
from workers.connecting import NATS_AWAY
from workers.subjects import refused_subject

PUBLISH_TIMEOUT_S = 10.0
BRIEF = ("code", "source", "id", "refused_at")

log = structlog.get_logger()


async def tell(client: Client, refusals: Sequence[Untold]) -> list[Untold]:
    """Publish these, all at once; those that got there. Raises when none did."""
    said = await asyncio.gather(*(_tell(client, one) for one in refusals), return_exceptions=True)
    failures = [error for error in said if isinstance(error, BaseException)]
    for error in failures:
        if not isinstance(error, NATS_AWAY):
            raise error
    told = [one for one, error in zip(refusals, said, strict=True) if error is None]
    if not told and failures:
        raise failures[0]
    if failures:
        log.warning("some refusals are told later", many=len(failures), error=str(failures[0])[:200])
    return told


async def _tell(client: Client, one: Untold) -> None:
    jetstream = client.jetstream(timeout=PUBLISH_TIMEOUT_S)
    subject, headers = _subject(one.source), {"Nats-Msg-Id": one.name}
    try:
        await jetstream.publish(subject, one.body, headers=headers)
    except nats.errors.MaxPayloadError:
        # This NATS carries less than a refusal with its sale has: it is told without.
        said = orjson.loads(one.body)
        brief = {name: said[name] for name in BRIEF}
        await jetstream.publish(subject, orjson.dumps(brief), headers=headers)


def _subject(source: str | None) -> str:
    try:
        return refused_subject(name_of(source, "/source"))
    except Refused:
        return refused_subject(None)
