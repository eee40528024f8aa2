"""What happened last: the newest facts of a target, and who was told what about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent

from api.database import Database
from projections.codec import FactMapper, OrjsonTranscoder
from projections.notifications import NOTIFICATIONS, POSITION
from projections.tables import NOT_PROGRESS
from projections.target_facts import beside

FACTS_READ = 60
"""That were recorded last: of these the newest are told. Some say what was recorded before they were."""
NOTIFICATIONS_MAX = 8
NOTIFICATIONS_READ = 24

# Backwards by version within each stream, which the key of the log finds at once for checkpoints and milestones: they
# have a few facts each. A target has millions, nearly all of them counted sales; the others have an index of their own.
NEWEST = f"""
WITH parts (id) AS (
    SELECT unnest(%(parts)b::uuid[]) UNION ALL SELECT milestone FROM milestones_of WHERE target = %(target)b
    UNION ALL SELECT membership FROM memberships WHERE parent = %(target)b
)
SELECT fact.originator_id, fact.originator_version, fact.topic, fact.state FROM (
    (SELECT * FROM milemarker_events WHERE originator_id = %(target)b AND {NOT_PROGRESS.replace("%", "%%")}
     ORDER BY originator_version DESC LIMIT %(limit)b)
    UNION ALL
    (SELECT part.* FROM parts CROSS JOIN LATERAL (
        SELECT * FROM milemarker_events WHERE originator_id = parts.id ORDER BY originator_version DESC LIMIT %(limit)b
     ) AS part ORDER BY part.notification_id DESC LIMIT %(limit)b)
) AS fact ORDER BY fact.notification_id DESC LIMIT %(limit)b
"""
SENT = (
    "SELECT n.row::text, e.state FROM ("
    f"SELECT id, row, {POSITION} AS place FROM notifications WHERE row->>'target' = %(target)b"
    " AND (%(recipient)b::text IS NULL OR row->>'recipient' = %(recipient)b)"
    f" ORDER BY {POSITION} DESC LIMIT %(limit)b) AS n"
    " JOIN milemarker_events AS e ON e.originator_id = n.id AND e.originator_version = 1 ORDER BY n.place DESC"
)


class _Line(msgspec.Struct):
    line: str = ""


class _Queued(msgspec.Struct):
    """Of a queued notification's fact what people read."""

    message: _Line


_queued = msgspec.json.Decoder(_Queued)


@dataclass(frozen=True)
class Sent:
    """What somebody was told, by which channels, and how far each message has got."""

    line: str
    recipient: str
    at: datetime
    states: dict[str, str]
    """By channel."""


class Latest:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._mapper = FactMapper(OrjsonTranscoder())

    async def facts(self, target_id: UUID, checkpoints: Sequence[UUID]) -> list[Any]:
        """The newest of a target's, its milestones' and these checkpoints', newest first; no counted sales."""
        said = {"target": target_id, "parts": [*checkpoints, *beside(target_id)], "limit": FACTS_READ}
        rows = await self._database.rows(NEWEST, said)
        facts = [self._mapper.to_domain_event(StoredEvent(*row)) for row in rows]
        # Of those with the same time the one that was recorded last stays first.
        return sorted(facts, key=lambda fact: fact.timestamp, reverse=True)

    async def sent(self, target_id: UUID, recipient: str | None) -> list[Sent]:
        """What was told last about a target, newest first; recipient: to whom, None for everyone."""
        said = {"target": str(target_id), "recipient": recipient, "limit": NOTIFICATIONS_READ}
        found: dict[tuple[str, str, object], Sent] = {}
        for row, queued in await self._database.rows(SENT, said):
            one = NOTIFICATIONS.decoder.decode(row)
            # A message of another kind than ours now has no line: what it is about is better than nothing.
            line = _queued.decode(queued).message.line or one.kind
            # The same to the same person by several channels is one line.
            told = found.setdefault((line, one.recipient, one.about), Sent(line, one.recipient, one.queued_at, {}))
            told.states.setdefault(one.channel, one.state)
        return list(found.values())[:NOTIFICATIONS_MAX]
