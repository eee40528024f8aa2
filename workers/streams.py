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
EVENTS_BYTES_MAX = 8 * 1024**3
"""With the other streams it must fit into the server's store: 16 GiB where `up` brings it along."""
NOTIFY_AGE_S = 60.0
NOTIFICATIONS_DUPLICATE_WINDOW_S = 60 * 60.0
"""A message that NATS has and whose acknowledgement was lost is tried again for an hour without being there twice."""

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
    StreamConfig(
        name=subjects.EVENTS_STREAM,
        description="Every fact of the log, in its order; made from the log, and can be made again",
        subjects=[subjects.EVENTS_SUBJECTS],
        discard=DiscardPolicy.OLD,
        max_bytes=EVENTS_BYTES_MAX,
        duplicate_window=DUPLICATE_WINDOW_S,
        storage=StorageType.FILE,
        allow_atomic=True,
    ),
    StreamConfig(
        name=subjects.TIMERS_STREAM,
        description="Timers for what falls due; made from the agenda, and can be made again",
        subjects=[subjects.TIMERS_SUBJECTS],
        max_msgs_per_subject=1,
        max_bytes=1024**3,
        storage=StorageType.FILE,
        allow_msg_schedules=True,
        allow_msg_ttl=True,
    ),
    StreamConfig(
        name=subjects.NOTIFY_STREAM,
        description="Rings when there is something to send; what is to be sent stands in the database",
        subjects=[subjects.NOTIFY_SUBJECTS],
        discard=DiscardPolicy.OLD,
        max_age=NOTIFY_AGE_S,
        max_msgs=10_000,
        max_bytes=16 * 1024**2,
        storage=StorageType.FILE,
    ),
    StreamConfig(
        name=subjects.NOTIFICATIONS_STREAM,
        description="The NATS channel of alerts: what each recipient is told",
        subjects=[subjects.NOTIFICATIONS_SUBJECTS],
        discard=DiscardPolicy.OLD,
        max_age=30 * DAY_S,
        max_bytes=1024**3,
        duplicate_window=NOTIFICATIONS_DUPLICATE_WINDOW_S,
        storage=StorageType.FILE,
    ),
)

CONSUMERS = (
    (
        subjects.NOTIFY_STREAM,
        ConsumerConfig(
            durable_name=subjects.NOTIFY_CONSUMER,
            description="Wakes delivery; any number of processes pull from it",
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_S,
            max_ack_pending=1_000,
            max_deliver=2,
        ),
    ),
    (
        subjects.TIMERS_STREAM,
        ConsumerConfig(
            durable_name=subjects.CHECKPOINTS_CONSUMER,
            description="Rings when something falls due; any number of processes pull from it",
            filter_subject=f"{subjects.TIMERS_RUNG}.>",
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_S,
            max_ack_pending=ACK_PENDING_MAX,
            max_deliver=-1,
        ),
    ),
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
