"""What people do to milestones, wherever they do it: decided, saved, and awaited in the read models."""

from collections.abc import Callable
from datetime import datetime

from api.database import Database
from api.target_writes import SHOWN_WITHIN_S
from api.writes import Writes
from domain.milestones.planning import Decided, Planner

VIEWS = ("plans", "statuses", "milestones")


class MilestoneWrites:
    def __init__(self, writes: Writes, database: Database, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._database = database
        self._clock = clock

    async def decide(
        self, by: str, decide: Callable[[Planner], Decided], seen: int | None = None
    ) -> tuple[Decided, bool]:
        """What was decided, committed, and whether the read models know of it; or what is Refused.

        by: who does it; seen: the plan version that they have seen, None for any.
        """
        decided = await self._writes.do(
            lambda app: decide(Planner(app, by=by, at=self._clock(), expected_version=seen))
        )
        return decided, await self._database.reached(VIEWS, decided.position, SHOWN_WITHIN_S)
