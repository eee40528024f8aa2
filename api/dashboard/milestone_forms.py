"""What people do to milestones on the page: forms that work without a script, and lead back to where they stood."""

from collections.abc import Callable
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.dashboard.forms import form_of
from api.milestone_reads import MilestoneReads
from api.milestone_writes import MilestoneWrites
from api.milestones import milestone_id_of, task_id_of
from api.problems import Problem
from domain.milestones.planning import Decided, Planner
from projections.keys import ApiKey

DONE = {"true": True, "false": False}


class MilestoneForms:
    def __init__(self, deciding: MilestoneWrites, reads: MilestoneReads) -> None:
        self._deciding = deciding
        self._reads = reads

    async def set_task(self, request: Request, visitor: ApiKey) -> Response:
        """Do a task, or un-do it."""
        one = milestone_id_of(request.path_params["milestone"])
        task = task_id_of(request.path_params["task"])
        done = (await form_of(request)).get("done")
        if done not in DONE:
            raise Problem(
                422, "not_true_or_false", "the form says of the task neither that it is done nor that it isn't"
            )
        return await self._decided(visitor, lambda planner: planner.set_task(one, task, DONE[done]))

    async def achieve(self, request: Request, visitor: ApiKey) -> Response:
        """Achieve one by hand."""
        one = milestone_id_of(request.path_params["milestone"])
        evidence = (await form_of(request)).get("evidence", "").strip()
        return await self._decided(visitor, lambda planner: planner.achieve(one, evidence))

    async def place(self, request: Request) -> str:
        """Where whoever sent this form came from; the start where nobody knows."""
        found = await self._reads.one(milestone_id_of(request.path_params["milestone"]))
        return "/" if found is None else place_of(found.row.target, found.id)

    async def _decided(self, visitor: ApiKey, decide: Callable[[Planner], Decided]) -> Response:
        """Back to the page, which shows it: the read models are waited for."""
        decided, _ = await self._deciding.decide(visitor.name, decide)
        return RedirectResponse(place_of(decided.milestone.target, decided.milestone.id), 303)


def place_of(target: UUID, milestone: UUID) -> str:
    """Where a milestone stands on its target's page."""
    return f"/targets/{target}#milestone-{milestone}"
