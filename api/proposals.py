"""Proposed revisions over HTTP: what waits, and what another person makes of it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import Request, Response

from api.auth import caller_of
from api.bodies import answer, read_as
from api.database import Database
from api.documentation.revision_examples import DECLINING, PROPOSAL, PROPOSALS
from api.documentation.target_examples import TARGET
from api.documenting import CHANGED, LIMIT, WRITTEN, After, Limit, MinPosition, ProposalId, TargetId, answers, takes
from api.paging import page_of
from api.proposal_answers import VIEWS, proposal_answered, proposal_shown, proposals_shown, unknown_proposal
from api.revision_bodies import Declining
from api.routes import Routes
from api.target_reads import TargetReads
from api.target_writes import TargetWrites
from api.targets import READERS, WRITERS, parsed_id, unknown_target
from domain.proposals.proposing import approve_revision, decline_revision


class Proposals:
    def __init__(
        self, writes: TargetWrites, reads: TargetReads, database: Database, clock: Callable[[], datetime]
    ) -> None:
        self._writes = writes
        self._reads = reads
        self._database = database
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        add, one = routes.add, "/proposals/{proposal_id}"
        page, shown = answers(PROPOSALS, 404, schema="ProposalPage"), answers(PROPOSAL, 404, schema="Proposal")
        add("GET /targets/{target_id}/proposals", self.show_all, "Proposed revisions", roles=READERS, answers=page)
        add(f"GET {one}", self.show, "A proposed revision", roles=READERS, answers=shown)
        made = answers(TARGET, 404, 409, schema="Target", headers=CHANGED)
        add(f"POST {one}/approve", self.approve, "Approve it: the target is revised", roles=WRITERS, answers=made)
        declined = answers(PROPOSAL, 404, 409, schema="Proposal", headers=WRITTEN)
        body = takes(Declining, DECLINING)
        add(f"POST {one}/decline", self.decline, "Decline it", roles=WRITERS, answers=declined, body=body)

    # Reads

    async def show_all(
        self, target_id: TargetId, limit: Limit = LIMIT, after: After = None, min_position: MinPosition = None
    ) -> Response:
        """By id. `open` ones wait for somebody; `outdated`: the target was revised since, so it can't be approved."""
        await self._database.wait_for(VIEWS, min_position)
        target = parsed_id(target_id)
        beginning = UUID(int=0) if after is None else parsed_id(after, cursor=True)
        found = await proposals_shown(self._database, target, beginning, limit + 1)
        if not found and await self._reads.one(target) is None:
            raise unknown_target()
        return answer(page_of([one for _, one in found[:limit]], found[limit - 1][0] if found[limit:] else None))

    async def show(self, proposal_id: ProposalId, min_position: MinPosition = None) -> Response:
        """What would change, and what was decided."""
        await self._database.wait_for(VIEWS, min_position)
        found = await proposal_shown(self._database, _parsed(proposal_id))
        if found is None:
            raise unknown_proposal()
        return answer(found)

    # Writes

    async def approve(self, request: Request, proposal_id: ProposalId) -> Response:
        """The answer is the target. Nobody approves their own; one that was proposed before another revision was made
        has to be proposed anew. Approving again changes nothing."""
        one, by, known = _parsed(proposal_id), caller_of(request).name, await self._writes.known()
        target, position = await self._writes.do(lambda app: approve_revision(app, one, known, by=by, at=self._clock()))
        return await self._writes.written(target, position)

    async def decline(self, request: Request, proposal_id: ProposalId) -> Response:
        """Also by whoever proposed it, to withdraw it. Declining again changes nothing."""
        one, by = _parsed(proposal_id), caller_of(request).name
        reason = (await read_as(Declining, request)).reason
        _, position = await self._writes.do(lambda app: decline_revision(app, one, reason, by=by, at=self._clock()))
        return await proposal_answered(self._database, one, position)


def _parsed(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise unknown_proposal() from None
