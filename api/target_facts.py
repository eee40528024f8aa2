"""The facts of a target, its checkpoints, its milestones and what stands beside it, in the order of the log."""

from collections.abc import Sequence
from uuid import UUID

from api.database import Database
from projections.facts import StoredFact, ToldFact, tell
from projections.target_facts import FACTS, beside


async def facts_of(
    database: Database, target_id: UUID, checkpoints: Sequence[UUID], after: int, limit: int
) -> list[ToldFact]:
    """So many facts at positions after this one; `checkpoints`: the ids of the target's, evaluated or not."""
    said = {"target": target_id, "parts": [*checkpoints, *beside(target_id)], "after": after, "limit": limit}
    return [tell(StoredFact(*row)) for row in await database.rows(FACTS, said)]
