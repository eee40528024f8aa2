"""Facts as CloudEvents 1.0, binary mode: what they are stands in the headers, the fact itself is the body."""

from collections.abc import Mapping
from typing import NamedTuple

from projections.facts import ToldFact
from workers.subjects import MESSAGE_BYTES_MAX, fact_subject

SOURCE = "urn:milemarker"
ID_HEADER = "ce-id"
SOURCE_HEADER = "ce-source"
TIME_HEADER = "ce-time"
JSON = "application/json"
OF_TARGETS = ("checkpoint.", "target.")
"""Facts of these are published on their target's subjects, whatever part of it they are of."""
_SAME_FOR_ALL = {
    "ce-specversion": "1.0",
    SOURCE_HEADER: SOURCE,
    "ce-datacontenttype": JSON,
    "content-type": JSON,
}


class CloudEvent(NamedTuple):
    position: int
    subject: str
    headers: Mapping[str, str]
    body: bytes


def cloud_event(fact: ToldFact) -> CloudEvent:
    """A body of over 512 KiB goes as a reference to where it can be read."""
    body = fact.body
    if len(body) > MESSAGE_BYTES_MAX:
        body = fact.reference()
    about = (fact.said_id("target") if fact.type.startswith(OF_TARGETS) else None) or fact.id
    headers = _SAME_FOR_ALL | {
        ID_HEADER: str(fact.position),
        "ce-type": f"milemarker.{fact.type}",
        TIME_HEADER: fact.recorded_at,
        "ce-subject": str(about),
        "Nats-Msg-Id": str(fact.position),
    }
    return CloudEvent(fact.position, fact_subject(fact.type, about), headers, body)
