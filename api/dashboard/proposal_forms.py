"""What people do to proposed revisions on the page: forms that work without a script, and lead back to the target."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.dashboard.forms import form_of
from api.database import Database
from api.proposal_answers import VIEWS, unknown_proposal
from api.target_reads import STATUS_VIEWS
from api.target_writes import SHOWN_WITHIN_S, TargetWrites
from domain.proposals.proposing import approve_revision, decline_revision
from projections.keys import ApiKey
from projections.proposals import PROPOSALS

SHOWN_BY = tuple(dict.fromkeys((*VIEWS, *STATUS_VIEWS)))


class ProposalForms:
    def __init__(self, writes: TargetWrites, database: Database, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._database = database
        self._clock = clock

    async def approve(self, request: Request, visitor: ApiKey) -> Response:
        one, known, at = _id_of(request), await self._writes.known(), self._clock()
        target, position = await self._writes.do(lambda app: approve_revision(app, one, known, by=visitor.name, at=at))
        return await self._back(target.id, position, "revisions")

    async def decline(self, request: Request, visitor: ApiKey) -> Response:
        """For a reason; whoever proposed it withdraws it so."""
        one, at = _id_of(request), self._clock()
        reason = (await form_of(request)).get("reason", "").strip()
        proposal, position = await self._writes.do(
            lambda app: decline_revision(app, one, reason, by=visitor.name, at=at)
        )
        return await self._back(proposal.target, position, "content")

    async def place(self, request: Request) -> str:
        """Where whoever sent this form came from; the start where nobody knows."""
        rows = await self._database.rows("SELECT row::text FROM proposals WHERE id = %b", (_id_of(request),))
        return f"/targets/{PROPOSALS.decoder.decode(rows[0][0]).target}#proposals" if rows else "/"

    async def _back(self, target: UUID, position: int, place: str) -> Response:
        """To the target's page, once the read models show what was done."""
        await self._database.reached(SHOWN_BY, position, SHOWN_WITHIN_S)
        return RedirectResponse(f"/targets/{target}#{place}", 303)


def _id_of(request: Request) -> UUID:
    try:
        return UUID(request.path_params["proposal"])
    except ValueError:
        raise unknown_proposal() from None
