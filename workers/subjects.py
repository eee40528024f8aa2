"""Every subject, stream and consumer there is. Their names are promises to publishers and readers."""

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
