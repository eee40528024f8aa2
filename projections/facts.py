"""Facts as the outside is told them: what the API answers and what the relay publishes is the same JSON."""

from typing import Any, NamedTuple
from uuid import UUID

import msgspec

PAGE_BYTES_MAX = 4 * 1024 * 1024
FACTS_AFTER = (
    "SELECT notification_id, topic, originator_id, originator_version, state FROM ("
    "SELECT *, sum(octet_length(state)) OVER (ORDER BY notification_id) - octet_length(state) AS before FROM ("
    "SELECT * FROM milemarker_events WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
    ") AS next) AS page"
    f" WHERE before < {PAGE_BYTES_MAX} ORDER BY notification_id"
)
"""After a position, so many facts at most: as many as come to about 4 MiB, and always one when there is one."""

_said = msgspec.json.Decoder(dict[str, msgspec.Raw])


class StoredFact(NamedTuple):
    """A row of the log."""

    position: int
    topic: str
    id: UUID
    version: int
    state: bytes


class ToldFact(msgspec.Struct):
    """A fact in JSON. What it says is passed on as it is stored: no whole number becomes a rounded one."""

    position: int
    type: str
    id: UUID
    version: int
    recorded_at: str
    by: msgspec.Raw
    data: dict[str, msgspec.Raw]

    @property
    def body(self) -> bytes:
        return msgspec.json.encode(self)

    def reference(self) -> bytes:
        """The same without what it says, and where that can be read."""
        told: dict[str, Any] = {name: getattr(self, name) for name in self.__struct_fields__}
        where = f"/v1/events?after={self.position - 1}&limit=1"
        return msgspec.json.encode(told | {"data": None, "reference": where})

    def said_id(self, name: str) -> UUID | None:
        """An id that the fact names; None when it names none."""
        try:
            return msgspec.json.decode(self.data.get(name, b"null"), type=UUID)
        except msgspec.ValidationError:
            return None


def tell(fact: StoredFact) -> ToldFact:
    said = _said.decode(fact.state)
    recorded_at = msgspec.json.decode(said.pop("timestamp"), type=str).replace("+00:00", "Z")
    by = said.pop("by", msgspec.Raw(b"null"))
    said.pop("originator_topic", None)
    return ToldFact(fact.position, fact.topic, fact.id, fact.version, recorded_at, by, said)
