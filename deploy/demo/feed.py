"""The company's feed of sales: parts of a thousand on the stream, there before anybody counts them."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

import nats
import orjson

from deploy.demo.company import last_month, next_month
from deploy.demo.made_figures import figures_of
from deploy.demo.made_sales import SOURCE, Sale, sales_of, sales_of_last_year
from workers.subjects import SALES_CONSUMER, SALES_MAX, SALES_STREAM

MONTHS_MAX = 6
"""A demo that was not started for longer has a gap."""
POLL_S = 0.05


def months_to_tell(first: date, shown_last: date | None) -> list[date]:
    """The first days of the months whose sales are sent: last month's, this one's, and whatever was missed."""
    begins = last_month(first) if shown_last is None else min(shown_last, last_month(first))
    months = [begins]
    while months[-1] < first:
        months.append(next_month(months[-1]))
    return months[-MONTHS_MAX:]


def sales_until(months: Sequence[date], now: datetime) -> Iterator[Sale]:
    """What was told of these months by now, in the order in which it was told; last year's of the same months first.

    And last year's of the month after them: what its target will be compared with.
    """
    for first in (*months, next_month(months[-1])):
        yield from sales_of_last_year(first)
    told = [one for first in months for one in (*sales_of(first), *figures_of(first))]
    yield from (one.sale for one in sorted(told, key=lambda one: one.at) if one.at <= now)


def publish(nats_url: str, sales: Sequence[Sale], tell: Callable[[int], None]) -> None:
    """Send them all; what was sent before counts as duplicates. tell: how many were sent since the last time."""

    async def send() -> None:
        client = await nats.connect(nats_url.split(","), name="milemarker demo")
        try:
            for begin in range(0, len(sales), SALES_MAX):
                part = sales[begin : begin + SALES_MAX]
                await client.jetstream().publish(f"sales.{SOURCE}", orjson.dumps(part))
                tell(len(part))
        finally:
            await client.close()

    asyncio.run(send())


def wait_until_counted(nats_url: str, stop: threading.Event) -> bool:
    """Until ingest is through with what was sent; False when `stop` was set meanwhile."""

    async def wait() -> bool:
        client = await nats.connect(nats_url.split(","), name="milemarker demo")
        try:
            while not stop.is_set():
                ingest = await client.jetstream().consumer_info(SALES_STREAM, SALES_CONSUMER)
                if not ingest.num_pending and not ingest.num_ack_pending:
                    return True
                await asyncio.sleep(POLL_S)
        finally:
            await client.close()
        return False

    return asyncio.run(wait())
