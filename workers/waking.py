"""Wakes delivery as soon as something is queued. Only a hint: without it, delivery looks once a second.

A hint is heard twice: at once by whoever listens, and from the stream, once it is stored there, by whoever did not.
"""

from collections.abc import Awaitable, Callable

import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub

from workers.subjects import NOTIFY_CONSUMER, NOTIFY_QUEUED, NOTIFY_STREAM, NOTIFY_SUBJECTS

PULL_S = 5.0
RECONNECT_WAIT_S = 1

log = structlog.get_logger()


def alarm_clock(
    nats_url: str, wake: Callable[[], None], look: Callable[[], None], closed: Callable[[], Awaitable[None]]
) -> NatsBroker:
    """A broker that calls, once it is started, `wake` at each hint, and `look` when that has been stored.

    closed: called when its connection is gone for good.
    """

    async def failed(error: Exception) -> None:
        log.warning("NATS", error=str(error)[:200])

    async def reconnected() -> None:
        log.info("NATS is back")
        look()

    broker = NatsBroker(
        nats_url.split(","),
        name="milemarker delivery",
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_WAIT_S,
        logger=None,
        error_cb=failed,
        reconnected_cb=reconnected,
        closed_cb=closed,
    )

    async def as_it_is(message: NatsMessage) -> bytes:
        return message.body

    # Whoever publishes a hint wants the stream's answer, if any, and not ours.
    @broker.subscriber(NOTIFY_QUEUED, queue=NOTIFY_CONSUMER, decoder=as_it_is, no_reply=True)
    async def hear_at_once(_: bytes) -> None:
        wake()

    @broker.subscriber(
        NOTIFY_SUBJECTS,
        stream=JStream(NOTIFY_STREAM, declare=False),
        durable=NOTIFY_CONSUMER,
        pull_sub=PullSub(timeout=PULL_S),
        ack_policy=AckPolicy.MANUAL,
        decoder=as_it_is,
    )
    async def hear(message: NatsMessage) -> None:
        look()
        await message.ack()

    return broker
