"""Signing in and out with a browser: by a link that works once, or by an API key; a cookie holds the session."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import ANSWER_WITHIN_S, CHALLENGE, Pass, Visitors, cookie_name, same_origin, session_of
from api.dashboard.forms import form_of
from api.dashboard.rendering import Pages
from api.limits import RateLimit
from api.problems import Problem
from domain.refusal import Refused
from projections.keys import ApiKey
from projections.sessions import LINK_LIVES, SESSION_LIVES, Sessions

HOME = "/"
NEXT_LENGTH_MAX = 2_000
NO_REFERRER = {"Referrer-Policy": "no-referrer"}
"""The address of a link is a secret for as long as it works."""
UNKNOWN_KEY = "this key is unknown or revoked"

_NOT_IN_PATHS = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
T = TypeVar("T")
log = structlog.get_logger()


class WrongTries:
    """So many keys and links that are none may be tried a second, from one address and in all; then whoever tries
    waits a moment, up to a second. It spares the database, as nobody guesses 32 random bytes.

    Only wrong tries count: a whole office may sign in at once. Who is at which address a proxy on this machine says in
    X-Forwarded-For (others: the environment's FORWARDED_ALLOW_IPS); whoever asks from this machine can make that up,
    and then finds the limit in all. Behind a proxy that says nothing all have one address: while somebody there tries
    wrong keys without end, the others may have to try again; sessions that they have go on.
    """

    def __init__(self, of_address: RateLimit, in_all: RateLimit) -> None:
        self._of_address = of_address
        self._in_all = in_all

    @contextmanager
    def turn(self, request: Request) -> Iterator[None]:
        """One try, which counts until it is right: nothing was raised, or it did not come to a try.

        A Problem (429) when there were too many. Wrong is what raises `Refused`."""
        address = request.client.host if request.client else ""
        try:
            self._of_address.take(address)
            self._in_all.take("")
        except Problem as problem:
            detail = "too many wrong tries from where you are: wait a moment, then try again"
            raise Problem(problem.status, problem.code, detail, headers=problem.headers) from None
        try:
            yield
        except Refused:
            raise
        except BaseException:
            self._put_back(address)
            raise
        self._put_back(address)

    def _put_back(self, address: str) -> None:
        self._of_address.put_back(address)
        self._in_all.put_back("")


class SigningIn:
    """The routes. left: told of what lets nobody in any more, so that its streams end at once."""

    def __init__(
        self,
        pages: Pages,
        visitors: Visitors,
        sessions: Sessions,
        executor: Executor,
        tries: WrongTries,
        clock: Callable[[], datetime],
        left: Callable[[Pass], None],
    ) -> None:
        self._pages = pages
        self._visitors = visitors
        self._sessions = sessions
        self._executor = executor
        self._tries = tries
        self._clock = clock
        self._left = left

    def add_to(self, router: APIRouter) -> None:
        def add(path: str, method: str, endpoint: Callable[..., Awaitable[Response]]) -> None:
            # APIRoute, not Starlette's: that one lets HEAD follow a link, too, and use it up.
            router.add_api_route(path, endpoint, methods=[method], response_model=None, include_in_schema=False)

        add("/login", "GET", self.ask)
        add("/login", "POST", self.sign_in)
        add("/login/{token}", "GET", self.follow)
        add("/logout", "POST", self.sign_out)

    async def ask(self, request: Request) -> Response:
        return await self._told(self._ask(request))

    async def sign_in(self, request: Request) -> Response:
        return await self._told(self._sign_in(request))

    async def follow(self, request: Request, token: str) -> Response:
        if _fetched_ahead(request):
            # Not a page: the browser drops it, and asks again when somebody really goes there.
            return Response(status_code=503, headers={"Cache-Control": "no-store"} | NO_REFERRER)
        # No form here: a page without a referrer sends it without an origin, and it would be refused.
        answer = await self._told(self._follow(request, token), then=None)
        answer.headers.update(NO_REFERRER)
        return answer

    async def sign_out(self, request: Request) -> Response:
        return await self._told(self._sign_out(request))

    async def _ask(self, request: Request) -> Response:
        return self._page(local(request.query_params.get("next")), visitor=await self._visitors.of(request))

    async def _sign_in(self, request: Request) -> Response:
        _own_page_only(request)
        form = await form_of(request)
        then, former = local(form.get("next")), session_of(request)
        try:
            with self._tries.turn(request):
                caller = await self._visitors.owner_of(form.get("key", "").strip())
                if caller is None:
                    raise Refused("unknown_key", UNKNOWN_KEY)
                session = await self._done(self._sessions.begin, caller.id, self._clock(), former)
        except Refused:  # also of a key that was revoked less than two seconds ago
            return self._page(then, UNKNOWN_KEY, status=401, headers=CHALLENGE)
        self._end(former)
        return _signed_in(request, session, then)

    async def _follow(self, request: Request, token: str) -> Response:
        former = session_of(request)
        try:
            with self._tries.turn(request):
                session = await self._done(self._sessions.follow, token, self._clock(), former)
        except Refused as refused:
            return self._page(None, refused.detail, status=410, visitor=await self._visitors.of(request))
        self._end(former)
        return _signed_in(request, session, local(request.query_params.get("next")))

    async def _sign_out(self, request: Request) -> Response:
        _own_page_only(request)
        session, answer = session_of(request), _see("/login")
        if session is not None:
            await self._done(self._sessions.end, session)
            self._end(session)
            answer.delete_cookie(cookie_name(request), path="/", httponly=True, samesite="lax", secure=_secure(request))
        return answer

    def _end(self, session: str | None) -> None:
        """This session is over in the database: nothing here may remember it."""
        if session is not None:
            self._visitors.forget(session)
            self._left(Pass(session, session=True))

    async def _told(self, answer: Awaitable[Response], then: str | None = HOME) -> Response:
        """What went wrong is told on the page; and nothing is logged that the address or the form holds."""
        try:
            return await answer
        except Problem as problem:
            return self._page(then, problem.detail, status=problem.status, headers=problem.headers)
        except (psycopg.Error, PersistenceError, TimeoutError) as error:
            log.warning("database away", path="/login", error=type(error).__name__)
            away = "the database does not answer: try again in a moment"
            return self._page(then, away, status=503, headers={"Retry-After": "1"})

    def _page(
        self,
        then: str | None,
        why: str | None = None,
        *,
        status: int = 200,
        visitor: ApiKey | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """then: where to go once signed in; without it the page has no form. why: what was tried has failed."""
        return self._pages.render(
            "login.html",
            status=status,
            visitor=visitor,
            headers=headers,
            why=None if why is None else f"{why[0].upper()}{why[1:]}.",
            then=then,
            minutes=LINK_LIVES // timedelta(minutes=1),
            days=SESSION_LIVES.days,
        )

    async def _done(self, write: Callable[..., T], *arguments: object) -> T:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await asyncio.get_running_loop().run_in_executor(self._executor, write, *arguments)


def local(path: str | None) -> str:
    """Where to go after signing in: this path when it is one of ours, else the start. No other site, ever."""
    if path is None or not path.startswith("/") or path.startswith("//") or len(path) > NEXT_LENGTH_MAX:
        return HOME
    # Browsers take a backslash for a slash, and drop tabs and line breaks: what looks local would lead elsewhere.
    if _NOT_IN_PATHS.search(path) or not path.isprintable():
        return HOME
    try:
        parts = urlsplit(path)
    except ValueError:
        return HOME
    ours = not parts.scheme and not parts.netloc
    return path if ours and parts.path.split("/")[1] not in ("login", "logout") else HOME


def _fetched_ahead(request: Request) -> bool:
    said = (request.headers.get(name, "").lower() for name in ("sec-purpose", "purpose", "x-moz"))
    return any("prefetch" in purpose or "preview" in purpose for purpose in said)


def _own_page_only(request: Request) -> None:
    if not same_origin(request):
        raise Problem(403, "cross_origin", "this came from another site's page: sign in here")


def _signed_in(request: Request, session: str, then: str) -> Response:
    answer = _see(then)
    answer.set_cookie(
        cookie_name(request),
        session,
        max_age=SESSION_LIVES // timedelta(seconds=1),
        path="/",
        httponly=True,
        samesite="lax",
        secure=_secure(request),
    )
    return answer


def _see(path: str) -> Response:
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"
