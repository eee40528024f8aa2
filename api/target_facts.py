"""The facts of a target, its checkpoints and its milestones, in the order of the log."""

from collections.abc import Sequence
from uuid import UUID

from api.database import Database
from projections.facts import StoredFact, ToldFact, tell

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
    SELECT unnest(%(checkpoints)b::uuid[]) UNION ALL SELECT milestone FROM milestones_of WHERE target = %(target)b
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


async def facts_of(
    database: Database, target_id: UUID, checkpoints: Sequence[UUID], after: int, limit: int
) -> list[ToldFact]:
    """So many facts at positions after this one; `checkpoints`: the ids of the target's, evaluated or not."""
    said = {"target": target_id, "checkpoints": list(checkpoints), "after": after, "limit": limit}
    return [tell(StoredFact(*row)) for row in await database.rows(FACTS, said)]
