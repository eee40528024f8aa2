"""The routes of the dashboard: its pages, their live streams and their forms. Whatever goes wrong is a page, too."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias, cast
from urllib.parse import urlencode

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from api.auth import Visitors, pass_of
from api.dashboard import wording
from api.dashboard.glance import counts_said
from api.dashboard.milestone_forms import MilestoneForms, wants_all
from api.dashboard.overview import FILTERS, Overview, Query
from api.dashboard.proposal_forms import ProposalForms
from api.dashboard.rendering import Pages
from api.dashboard.target_page import Sight, TargetPage
from api.dashboard.update_forms import UpdateForms, may_say
from api.limits import RateLimit
from api.live import Live, Regions, digest_of, seen_by
from api.problems import Problem, refusal, unavailable
from api.targets import READERS, WRITERS, parsed_id
from api.updates import POSTERS
from domain.refusal import Refused
from domain.target import State
from projections.keys import ApiKey

Answer: TypeAlias = Callable[[Request, ApiKey], Awaitable[Response]]
Place: TypeAlias = Callable[[Request], Awaitable[str]]

HEADINGS = {
    400: "That could not be read",
    403: "You may not do that here",
    404: "There is nothing at this address",
    405: "There is nothing to see at this address",
    409: "That can’t be done",
    422: "That can’t be done",
    429: "Too many requests",
    500: "Something went wrong",
    503: "Not at this moment",
}
SILENT = (State.CANCELLED, State.SEALED)
"""In these states of a target nothing is said of it any more."""

WEIGHT = re.compile(r"[01](\.[0-9]{0,3})?")
"""How much something is wanted, as Accept says it (RFC 9110)."""

log = structlog.get_logger()


class Dashboard:
    def __init__(
        self,
        pages: Pages,
        visitors: Visitors,
        rate: RateLimit,
        live: Live,
        overview: Overview,
        target: TargetPage,
        forms: MilestoneForms,
        proposals: ProposalForms,
        updates: UpdateForms,
    ) -> None:
        self._pages = pages
        self._visitors = visitors
        self._rate = rate
        self._live = live
        self._overview = overview
        self._target = target
        self._forms = forms
        self._proposals = proposals
        self._updates = updates

    def add_to(self, router: APIRouter) -> None:
        def add(call: str, answer: Answer, roles: tuple[str, ...] = READERS, place: Place | None = None) -> None:
            method, path = call.split()

            async def endpoint(request: Request) -> Response:
                return await self._answered(request, answer, roles, place)

            # Starlette's route: a path or query that is odd is our page's matter, not FastAPI's.
            router.add_route(path, endpoint, methods=[method], include_in_schema=False)

        add("GET /", self.overview)
        add("GET /live", self.overview_stream)
        add("GET /targets/{target}", self.target)
        add("GET /targets/{target}/live", self.target_stream)
        forms = self._forms
        add("POST /milestones/{milestone}/tasks/{task}", forms.set_task, WRITERS, forms.place)
        add("POST /milestones/{milestone}/achieve", forms.achieve, WRITERS, forms.place)
        add("POST /targets/{target}/updates", self._updates.post, POSTERS, self._updates.place)
        proposals = self._proposals
        add("POST /proposals/{proposal}/approve", proposals.approve, WRITERS, proposals.place)
        add("POST /proposals/{proposal}/decline", proposals.decline, WRITERS, proposals.place)

    def answer_unknown(self, app: FastAPI) -> None:
        """Addresses that there are not are a page for a browser; for others they stay what the app answers now."""
        otherwise = cast(Callable[[Request, Exception], Awaitable[Response]], app.exception_handlers[HTTPException])

        async def answer(request: Request, error: Exception) -> Response:
            assert isinstance(error, HTTPException)
            if is_of_api(request.url.path) or not prefers_html(request.headers.get("Accept", "")):
                return await otherwise(request, error)
            try:
                visitor = await self._visitors.of(request)
            except (Problem, psycopg.Error, PersistenceError, TimeoutError):
                visitor = None
            detail = "the address may be mistyped, or what was there is gone"
            problem = Problem(error.status_code, "not_found", detail, headers=error.headers)
            return await self._problem(request, visitor, problem, None)

        app.add_exception_handler(404, answer)
        app.add_exception_handler(405, answer)

    async def overview(self, request: Request, visitor: ApiKey) -> Response:
        query = Query.of(request.query_params)
        regions = await self._overview.regions(query)
        stream = _stream(query.address(path="/live"), regions)
        return self._pages.render(
            "overview.html", visitor=visitor, stream=stream, regions=regions, query=query, filters=FILTERS
        )

    async def overview_stream(self, request: Request, _: ApiKey) -> Response:
        query = Query.of(request.query_params)
        key, look = ("overview", query), partial(self._overview.regions, query)
        # Each search is a look of its own at all targets: people who watch one target go first.
        return self._live.stream(key, look, seen_by(request), pass_of(request), wide=True)

    async def target(self, request: Request, visitor: ApiKey) -> Response:
        target_id, whole = parsed_id(request.path_params["target"]), wants_all(request)
        found, regions = await self._target.look(target_id, Sight.of(visitor, whole))
        plan = found.known.plan
        return self._pages.render(
            "target.html",
            visitor=visitor,
            stream=_stream(f"/targets/{target_id}/live{'?milestones=all' if whole else ''}", regions),
            regions=regions,
            plan=plan,
            counts=counts_said(plan),
            period=wording.days(plan.start, plan.end),
            target=target_id,
            may_say=may_say(visitor, plan) and found.status.state not in SILENT,
            team=wording.listed(plan.team) if plan.team else "",
        )

    async def target_stream(self, request: Request, visitor: ApiKey) -> Response:
        target_id, sight = parsed_id(request.path_params["target"]), Sight.of(visitor, wants_all(request))
        await self._target.found(target_id)
        key, look = ("target", target_id, sight), partial(self._target.regions, target_id, sight)
        return self._live.stream(key, look, seen_by(request), pass_of(request))

    async def _answered(
        self, request: Request, answer: Answer, roles: tuple[str, ...], place: Place | None
    ) -> Response:
        """The answer for whoever is signed in and may have it; else the way to sign in, or a page that says why not."""
        visitor: ApiKey | None = None
        try:
            visitor = await self._visitors.of(request)
            if visitor is None:
                return _signing_in(request)
            self._rate.take(visitor.id)
            if visitor.role not in roles:
                may = wording.listed(list(roles), "or")
                raise Problem(403, "role_not_allowed", f"this is for the role {may}; yours is {visitor.role}")
            return await answer(request, visitor)
        except Problem as problem:
            return await self._problem(request, visitor, problem, place)
        except Refused as refused:
            return await self._problem(request, visitor, refusal(refused), place)
        except (psycopg.Error, PersistenceError, TimeoutError) as error:
            log.warning("database away", path=request.url.path, error=str(error).strip()[:200])
            away = unavailable("database_away", "the database does not answer: reload this page in a moment")
            return await self._problem(request, visitor, away, None)
        except Exception:
            # Whoever runs this learns what happened from the log.
            log.exception("a page went wrong", path=request.url.path)
            bug = Problem(500, "internal", "this is our mistake, and it is in the log")
            return await self._problem(request, visitor, bug, None)

    async def _problem(
        self, request: Request, visitor: ApiKey | None, problem: Problem, place: Place | None
    ) -> Response:
        try:
            back = await place(request) if place is not None else "/"
        except (Problem, psycopg.Error, TimeoutError):
            back = "/"
        return self._pages.render(
            "problem.html",
            status=problem.status,
            visitor=visitor,
            headers=problem.headers,
            heading=HEADINGS.get(problem.status, HEADINGS[500]),
            sentence=f"{wording.capitalized(problem.detail)}.",
            back=back,
        )


def is_of_api(path: str) -> bool:
    return path == "/v1" or path.startswith("/v1/")


def prefers_html(accept: str) -> bool:
    """Whether this Accept header names HTML, and JSON not at all or as less wanted: as browsers do."""
    wanted = {"text/html": 0.0, "application/json": 0.0, "application/problem+json": 0.0}
    for part in accept.lower().split(","):
        kind, *parameters = (one.strip() for one in part.split(";"))
        if kind in wanted:
            weights = [one.removeprefix("q=") for one in parameters if one.startswith("q=")]
            wanted[kind] = float(weights[0]) if weights and WEIGHT.fullmatch(weights[0]) else 1.0
    return wanted.pop("text/html") > max(wanted.values())


def _stream(address: str, regions: Regions) -> str:
    return f"{address}{'&' if '?' in address else '?'}seen={digest_of(regions)}"


def _signing_in(request: Request) -> Response:
    """What was wanted is shown afterwards; what was sent is not kept."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = path if request.method in ("GET", "HEAD") else "/"
    return RedirectResponse(f"/login?{urlencode({'next': wanted})}", 303, headers={"Cache-Control": "no-store"})
