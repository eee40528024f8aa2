"""The facts of a target and of all its parts, page by page in the order of the log."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from eventsourcing.postgres import PostgresDatastore

from domain.archive import Archive
from domain.updates.updates import Updates
from domain.watch.watch import Watch
from projections.facts import StoredFact

PAGE = 1_000

# A target may have millions of facts, and no index says which of them stand after a position. Versions and positions
# grow together, so the version to begin at is found by halving. Checkpoints and milestones have a few facts each; their
# order by version keeps the planner from looking for them among all facts after the position.
FACTS = """
WITH RECURSIVE halving (low, high) AS (
    SELECT 0::bigint, coalesce(max(originator_version), 0) FROM milemarker_events WHERE originator_id = %(target)b
    UNION ALL
    SELECT CASE WHEN one.notification_id <= %(after)b THEN middle ELSE low END,
           CASE WHEN one.notification_id <= %(after)b THEN high ELSE middle - 1 END
    FROM halving CROSS JOIN LATERAL (SELECT (low + high + 1) / 2 AS middle) AS half
    JOIN milemarker_events AS one ON one.originator_id = %(target)b AND one.originator_version = middle
    WHERE low < high
), parts (id) AS (
    SELECT unnest(%(parts)b::uuid[]) UNION ALL SELECT milestone FROM milestones_of WHERE target = %(target)b
    UNION ALL SELECT membership FROM memberships WHERE parent = %(target)b
    UNION ALL SELECT id FROM proposals WHERE row->>'target' = %(target)b::uuid::text
)
SELECT notification_id, topic, originator_id, originator_version, state FROM (
    (SELECT * FROM milemarker_events
     WHERE originator_id = %(target)b AND originator_version > (SELECT max(low) FROM halving)
         AND notification_id > %(after)b
     ORDER BY originator_version LIMIT %(limit)b)
    UNION ALL
    (SELECT part.* FROM parts CROSS JOIN LATERAL (
        SELECT * FROM milemarker_events WHERE originator_id = parts.id AND notification_id > %(after)b
        ORDER BY originator_version
     ) AS part ORDER BY part.notification_id LIMIT %(limit)b)
) AS facts ORDER BY notification_id LIMIT %(limit)b
"""
"""So many facts after a position; `parts`: the ids of the target's checkpoints, evaluated or not, and of what stands
beside it."""


def beside(target: UUID) -> list[UUID]:
    """The streams of what stands beside a target: what people say of it, what was seen of it, if it is archived."""
    return [Updates.id_of(target), Watch.id_of(target), Archive.id_of(target)]


def facts_of(
    datastore: PostgresDatastore, target: UUID, checkpoints: Sequence[UUID], upto: int
) -> Iterator[StoredFact]:
    """All of them up to a position, in order; a page of them in memory at a time."""
    said = {"target": target, "parts": [*checkpoints, *beside(target)], "after": 0, "limit": PAGE}
    while True:
        with datastore.cursor() as curs:
            curs.execute(FACTS, said)
            page = [StoredFact(*row.values()) for row in curs]
        for fact in page:
            if fact.position > upto:
                return
            yield fact
        if len(page) < PAGE:
            return
        said["after"] = page[-1].position
