"""What people do to milestones on the page: forms that work without a script, and lead back to where they stood."""

from collections.abc import Callable

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
        decided = await self._decided(visitor, lambda planner: planner.set_task(one, task, DONE[done]))
        # Its button gets the focus again: whoever uses the keyboard goes on from there.
        return _back(request, decided, f"task-{task}")

    async def achieve(self, request: Request, visitor: ApiKey) -> Response:
        """Achieve one by hand."""
        one = milestone_id_of(request.path_params["milestone"])
        evidence = (await form_of(request)).get("evidence", "").strip()
        decided = await self._decided(visitor, lambda planner: planner.achieve(one, evidence))
        return _back(request, decided, f"milestone-{one}")

    async def place(self, request: Request) -> str:
        """Where whoever sent this form came from; the start where nobody knows."""
        found = await self._reads.one(milestone_id_of(request.path_params["milestone"]))
        return "/" if found is None else f"/targets/{found.row.target}#milestone-{found.id}"

    async def _decided(self, visitor: ApiKey, decide: Callable[[Planner], Decided]) -> Decided:
        """Once the read models show it, too."""
        decided, _ = await self._deciding.decide(visitor.name, decide)
        return decided


def wants_all(request: Request) -> bool:
    """Whether the page is to show all milestones, and not only those around the next one."""
    return request.query_params.get("milestones") == "all"


def _back(request: Request, decided: Decided, place: str) -> Response:
    """To this place on the target's page."""
    query = "?milestones=all" if wants_all(request) else ""
    return RedirectResponse(f"/targets/{decided.milestone.target}{query}#{place}", 303)
