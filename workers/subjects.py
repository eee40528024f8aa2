"""Every subject, stream and consumer there is. Their names are promises to publishers and readers."""

from uuid import UUID

from domain.delivery.endpoint import read_nats_recipient

SALES_STREAM = "SALES"
SALES_SUBJECTS = "sales.>"
SALES_CONSUMER = "ingest"

RECORD_SUBJECT = "milemarker.sales.record"
"""Request and reply: an array of sales, answered after the commit."""
RECORD_QUEUE = "ingest"

REFUSED_STREAM = "REFUSED"
REFUSED_SUBJECTS = "refused.>"
UNNAMED_SOURCE = "unnamed"
"""The last token of refused.<source> for a sale that names no source that could be one."""

EVENTS_STREAM = "EVENTS"
EVENTS_SUBJECTS = "facts.>"

TIMERS_STREAM = "TIMERS"
TIMERS_SUBJECTS = "timers.>"
TIMERS_SET = "timers.set"
"""timers.set.<subject>.<errand>.<number> holds a timer until it rings on timers.rung.<the same>."""
TIMERS_RUNG = "timers.rung"
CHECKPOINTS_CONSUMER = "checkpoints"

NOTIFY_STREAM = "NOTIFY"
NOTIFY_SUBJECTS = "notify.>"
NOTIFY_QUEUED = "notify.queued"
"""Rings when notifications have been queued. It says nothing, and one that is lost costs a second."""
NOTIFY_CONSUMER = "delivery"

NOTIFICATIONS_STREAM = "NOTIFICATIONS"
NOTIFICATIONS_SUBJECTS = "notifications.>"

SOURCES_HEADER = "Milemarker-Sources"
"""On a record request: the sources that its sender may write, separated by commas; without it any."""
CONTENT_TYPE_HEADER = "Content-Type"
NDJSON = "application/x-ndjson"

SALES_MAX = 1_000
"""Sales in one message or record request."""
MESSAGE_BYTES_MAX = 512 * 1024


def source_of(subject: str) -> str:
    """The source that a message on sales.<source> may write."""
    return subject.removeprefix("sales.")


def refused_subject(source: str | None) -> str:
    return f"refused.{source or UNNAMED_SOURCE}"


def fact_subject(topic: str, id: UUID) -> str:
    """Of a fact: "target.filled" of this id is published on facts.target.filled.<id>."""
    return f"facts.{topic}.{id}"


def notification_subject(recipient: str) -> str:
    """Raises Refused for a recipient that is no part of a subject."""
    return f"notifications.{read_nats_recipient(recipient)}"
