"""Who asks, and whether they may: API keys as bearer tokens or behind a browser's session, one role each."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from hashlib import sha256
from typing import cast
from urllib.parse import urlsplit

from fastapi import Request, params

from api.limits import RateLimit
from api.problems import Problem
from projections.keys import ApiKey

REMEMBERED_S = 2.0
"""A revoked key, or a session that was ended elsewhere, works at most this long; streams it has opened end within
this and `live_timing.Timing.asked`, 5 seconds in all."""
REMEMBERED_MAX = 10_000
ANSWER_WITHIN_S = 5.0
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="milemarker"'}
CALLER = "milemarker.caller"
COOKIE = "milemarker"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
DEFAULT_PORTS = {"http": ":80", "https": ":443"}

_PORT = re.compile(r":([0-9]{1,5})\Z", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)


class Callers:
    """Tokens to whose they are, each remembered for 2 seconds; `now`: seconds that never go back.

    look_up: what a token is in the database; called in the executor's threads.
    """

    def __init__(self, look_up: Callable[[str], ApiKey | None], executor: Executor, now: Callable[[], float]) -> None:
        self._look_up = look_up
        self._executor = executor
        self._now = now
        self._remembered: dict[bytes, tuple[float, asyncio.Future[ApiKey | None]]] = {}

    async def find(self, token: str) -> ApiKey | None:
        if not _TOKEN.fullmatch(token):
            return None
        name, now = sha256(token.encode()).digest(), self._now()
        asked_at, answer = self._remembered.get(name, (0.0, None))
        if answer is None or now - asked_at > REMEMBERED_S or (answer.done() and answer.exception() is not None):
            if len(self._remembered) >= REMEMBERED_MAX:
                self._remembered.clear()
            answer = asyncio.get_running_loop().run_in_executor(self._executor, self._look_up, token)
            self._remembered[name] = now, answer
        # Whoever goes away meanwhile must not take the answer from the others who wait for it.
        if answer.done():
            return answer.result()
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await asyncio.shield(answer)

    def forget(self, token: str) -> None:
        """The next one to ask about this token hears what the database says then."""
        self._remembered.pop(sha256(token.encode()).digest(), None)


@dataclass(frozen=True)
class Pass:
    """What a request shows to be let in: an API key, or else a browser's session. Nobody has looked yet whether there
    is such a one."""

    token: str = field(repr=False)
    session: bool


class Visitors:
    """Whoever makes a request: by an API key in its header, as programs do, or else by a browser's session."""

    def __init__(self, keys: Callers, sessions: Callers) -> None:
        self._keys = keys
        self._sessions = sessions

    async def of(self, request: Request) -> ApiKey | None:
        """Whose request this is; None when nobody is signed in.

        A Problem (403, cross_origin) when a browser was made to change something by another site's page.
        """
        shown = pass_of(request)
        if shown is None:
            return None
        if shown.session and request.method not in SAFE_METHODS and not same_origin(request):
            raise Problem(403, "cross_origin", "this came from another site's page: only our own may change things")
        return await (self._sessions if shown.session else self._keys).find(shown.token)

    async def may(self, shown: Pass | None) -> bool:
        """Whether this still lets somebody in."""
        return (
            shown is not None and await (self._sessions if shown.session else self._keys).find(shown.token) is not None
        )

    async def owner_of(self, key: str) -> ApiKey | None:
        """Whose API key this text is; None when it is none."""
        return await self._keys.find(key)

    def forget(self, session: str) -> None:
        """This session was ended: it opens nothing any more."""
        self._sessions.forget(session)


def cookie_name(request: Request) -> str:
    """The port stands in the name: cookies know no ports, and one machine may run several of us."""
    port = _PORT.search(request.headers.get("host", ""))
    return f"{COOKIE}_{port[1]}" if port else COOKIE


def pass_of(request: Request) -> Pass | None:
    """A header counts alone, also where it is no key: a cookie does not save it."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        return Pass(token.strip(), session=False) if token and scheme.lower() == "bearer" else None
    session = session_of(request)
    return None if session is None else Pass(session, session=True)


def session_of(request: Request) -> str | None:
    """The session that the browser says it has; nobody has looked yet whether there is such a one."""
    return request.cookies.get(cookie_name(request))


def same_origin(request: Request) -> bool:
    """Whether the browser says that our own page, and not another site's, made this request.

    Browsers send Sec-Fetch-Site to https and to this machine, and Origin with whatever may change something.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    try:
        origin = urlsplit(request.headers.get("origin", ""))
    except ValueError:
        return False
    default = DEFAULT_PORTS.get(origin.scheme)
    host = request.headers.get("host", "").lower()
    return default is not None and bool(host) and origin.netloc.removesuffix(default) == host.removesuffix(default)


class Access:
    """A dependency that lets in whoever has one of these roles, within their rate, with parameters that are known."""

    def __init__(self, visitors: Visitors, rate: RateLimit, roles: tuple[str, ...]) -> None:
        self._visitors = visitors
        self._rate = rate
        self._roles = roles

    async def __call__(self, request: Request) -> None:
        caller = await self._visitors.of(request)
        if caller is None:
            raise _stranger(request)
        self._rate.take(caller.id)
        if caller.role not in self._roles:
            raise Problem(
                403, "role_not_allowed", f"this needs the role {' or '.join(self._roles)}; the key's is {caller.role}"
            )
        if request.scope["query_string"]:
            _check_parameters(request)
        request.scope[CALLER] = caller


def _stranger(request: Request) -> Problem:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if token and scheme.lower() == "bearer":
        return Problem(401, "key_unknown", "this API key is unknown or revoked", headers=CHALLENGE)
    if "authorization" not in request.headers and session_of(request) is not None:
        return Problem(401, "session_ended", "this session has ended: sign in again at /login", headers=CHALLENGE)
    return Problem(401, "key_missing", "send an API key: the header Authorization: Bearer <key>", headers=CHALLENGE)


def _check_parameters(request: Request) -> None:
    known = {one.alias for one in request.scope["route"].dependant.query_params}
    for name in request.query_params:
        if name not in known:
            takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
            raise Problem(
                400,
                "unknown_parameter",
                f"this address has no parameter {name[:64]!r}: {takes}",
                errors=[{"parameter": name[:64], "code": "unknown_parameter", "detail": takes}],
            )


def caller_of(request: Request) -> ApiKey:
    """Whoever `Access` has let in."""
    return cast(ApiKey, request.scope[CALLER])


class Admission:
    """What a route depends on to let in some roles alone."""

    def __init__(self, visitors: Visitors, rate: RateLimit) -> None:
        self._visitors = visitors
        self._rate = rate

    def of(self, *roles: str) -> list[params.Depends]:
        return [params.Depends(Access(self._visitors, self._rate, roles))]
