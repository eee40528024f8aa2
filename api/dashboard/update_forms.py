"""What people say on the page of how a target stands: a form that works without a script."""

from collections.abc import Callable
from datetime import datetime

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.dashboard.forms import PROSE_BYTES_MAX, form_of
from api.database import Database
from api.problems import Problem
from api.target_reads import TargetReads
from api.target_writes import SHOWN_WITHIN_S
from api.targets import WRITERS, new_id, parsed_id, unknown_target
from api.updates import UPDATE_KEYS, VIEWS, refuse_unaccountable
from api.writes import Writes
from domain.plan import Plan
from domain.updates.check_ins import accountable
from domain.updates.posting import post_update
from domain.updates.updates import Said
from projections.keys import ApiKey

SEEN = {"yes": True, "no": False}
WHOLE = {str(number): number for number in range(11)}


class UpdateForms:
    def __init__(self, writes: Writes, reads: TargetReads, database: Database, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._reads = reads
        self._database = database
        self._clock = clock

    async def post(self, request: Request, visitor: ApiKey) -> Response:
        """Say how it stands; it answers the check-in that is open."""
        one, said = parsed_id(request.path_params["target"]), _said(await form_of(request, PROSE_BYTES_MAX))
        found = await self._reads.one(one)
        if found is None:
            raise unknown_target()
        refuse_unaccountable(visitor, found.known.plan)
        update, at = new_id(visitor.id, None, UPDATE_KEYS), self._clock()
        posted = await self._writes.do(lambda app: post_update(app, one, update, said, by=visitor.name, at=at))
        await self._database.reached(VIEWS, posted[1], SHOWN_WITHIN_S)
        return RedirectResponse(f"/targets/{one}#updates", 303)

    async def place(self, request: Request) -> str:
        """Where whoever sent this form came from."""
        return f"/targets/{parsed_id(request.path_params['target'])}#say"


def may_say(visitor: ApiKey, plan: Plan) -> bool:
    """Whether somebody is accountable for a target, or manages all of them."""
    return visitor.role in WRITERS or (visitor.role == "subscriber" and visitor.name in accountable(plan))


def _said(form: dict[str, str]) -> Said:
    if form.get("on_track") not in SEEN:
        raise Problem(422, "not_said", "the form says neither that it is on track nor that it isn’t")
    if form.get("confidence") not in WHOLE:
        raise Problem(422, "bad_confidence", "confidence is a whole number from 0 to 10")
    improve = form.get("improve", "").strip()
    return Said(SEEN[form["on_track"]], form.get("why", "").strip(), WHOLE[form["confidence"]], improve or None)
