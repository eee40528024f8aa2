"""Tells on refused.<source> what could not be taken, with code and reason: nothing is dropped silently."""

import asyncio
from collections.abc import Sequence

from nats.aio.client import Client

from domain.refusal import Refused
from domain.sale import name_of
from projections.untold import Untold
from workers.subjects import refused_subject

PUBLISH_TIMEOUT_S = 10.0


async def tell(client: Client, refusals: Sequence[Untold]) -> None:
    """Publish these, all at once; raises when one could not be."""
    jetstream = client.jetstream(timeout=PUBLISH_TIMEOUT_S)
    await asyncio.gather(
        *(jetstream.publish(_subject(one.source), one.body, headers={"Nats-Msg-Id": one.name}) for one in refusals)
    )


def _subject(source: str | None) -> str:
    try:
        return refused_subject(name_of(source, "/source"))
    except Refused:
        return refused_subject(None)
