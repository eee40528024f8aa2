"""Makes the streams and consumers, or brings them up to what this version wants. The same again changes nothing."""

import nats
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from workers import subjects

DAY_S = 24 * 60 * 60.0
ACK_WAIT_S = 20.0
"""A batch is committed within a second or so; what a killed ingest held comes again after this."""
ACK_PENDING_MAX = 50_000
DUPLICATE_WINDOW_S = 120.0
SALES_BYTES_MAX = 4 * 1024**3

STREAMS = (
    StreamConfig(
        name=subjects.SALES_STREAM,
        description="Sales as their services published them; a full stream refuses publishers",
        subjects=[subjects.SALES_SUBJECTS],
        discard=DiscardPolicy.NEW,
        max_age=30 * DAY_S,
        max_bytes=SALES_BYTES_MAX,
        duplicate_window=DUPLICATE_WINDOW_S,
        storage=StorageType.FILE,
        allow_atomic=True,
    ),
    StreamConfig(
        name=subjects.REFUSED_STREAM,
        description="Sales that could not be taken, with code and reason",
        subjects=[subjects.REFUSED_SUBJECTS],
        discard=DiscardPolicy.OLD,
        max_age=30 * DAY_S,
        max_bytes=1024**3,
        duplicate_window=DUPLICATE_WINDOW_S,
        storage=StorageType.FILE,
    ),
)

CONSUMERS = (
    (
        subjects.SALES_STREAM,
        ConsumerConfig(
            durable_name=subjects.SALES_CONSUMER,
            description="Commits sales; any number of processes pull from it",
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_S,
            max_ack_pending=ACK_PENDING_MAX,
            max_deliver=-1,
        ),
    ),
)


async def provision(nats_url: str) -> list[str]:
    """Create or update every stream and consumer; their names, for whoever tells about it."""
    client = await nats.connect(nats_url, name="milemarker migrate")
    try:
        jetstream = client.jetstream()
        for stream in STREAMS:
            await _provision_stream(jetstream, stream)
        for stream_name, consumer in CONSUMERS:
            await jetstream.add_consumer(stream_name, consumer)
        return [str(stream.name) for stream in STREAMS] + [str(one.durable_name) for _, one in CONSUMERS]
    finally:
        await client.close()


async def _provision_stream(jetstream: JetStreamContext, stream: StreamConfig) -> None:
    try:
        await jetstream.stream_info(str(stream.name))
    except NotFoundError:
        await jetstream.add_stream(stream)
    else:
        await jetstream.update_stream(stream)


async def make_room(jetstream: JetStreamContext, full_bytes: int = SALES_BYTES_MAX // 2) -> int:
    """Take the acknowledged sales out of a stream that is half full: they are in the log. How many there were.

    A stream that is full refuses publishers, and that is for a backlog, not for what has long been committed.
    """
    if (await jetstream.stream_info(subjects.SALES_STREAM)).state.bytes < full_bytes:
        return 0
    consumer = await jetstream.consumer_info(subjects.SALES_STREAM, subjects.SALES_CONSUMER)
    if consumer.ack_floor is None:
        return 0
    before = (await jetstream.stream_info(subjects.SALES_STREAM)).state.messages
    await jetstream.purge_stream(subjects.SALES_STREAM, seq=consumer.ack_floor.stream_seq + 1)
    return before - (await jetstream.stream_info(subjects.SALES_STREAM)).state.messages
