"""Whether a webhook's URL may be taken: its form, and every address that its name leads to."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from domain.delivery.addresses import refuse_addresses
from domain.delivery.endpoint import URL_FIELD, read_url
from domain.refusal import Refused

LOOK_UP_WITHIN_S = 5.0

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) -> addresses; raises OSError when there are none."""


@dataclass(frozen=True)
class Webhooks:
    resolve: Resolve
    allow_loopback: bool = False

    async def check(self, url: str) -> None:
        """Refused: bad_webhook_url, unknown_host or address_not_allowed. Each send looks again."""
        place = read_url(url)
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN_S):
                addresses = await self.resolve(place.host, place.port)
        except (OSError, TimeoutError, UnicodeError):
            raise Refused("unknown_host", f"the name {place.host} leads nowhere", URL_FIELD) from None
        refuse_addresses(addresses, allow_loopback=self.allow_loopback)
