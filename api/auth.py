"""Who asks, and whether they may: API keys as bearer tokens, one role each."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import Executor
from hashlib import sha256
from typing import cast

from fastapi import Request, params

from api.limits import RateLimit
from api.problems import Problem
from projections.keys import ApiKey, Keys

REMEMBERED_S = 2.0
"""A revoked key works at most this long."""
REMEMBERED_MAX = 10_000
ANSWER_WITHIN_S = 5.0
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="milemarker"'}
CALLER = "milemarker.caller"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)


class Callers:
    """Keys to their owners, each remembered for 2 seconds; `now`: seconds that never go back."""

    def __init__(self, keys: Keys, executor: Executor, now: Callable[[], float]) -> None:
        self._keys = keys
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
            answer = asyncio.get_running_loop().run_in_executor(self._executor, self._keys.find, token)
            self._remembered[name] = now, answer
        # Whoever goes away meanwhile must not take the answer from the others who wait for it.
        if answer.done():
            return answer.result()
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await asyncio.shield(answer)


class Access:
    """A dependency that lets in whoever has one of these roles, within their rate, with parameters that are known."""

    def __init__(self, callers: Callers, rate: RateLimit, roles: tuple[str, ...]) -> None:
        self._callers = callers
        self._rate = rate
        self._roles = roles

    async def __call__(self, request: Request) -> None:
        caller = await self._authenticated(request)
        self._rate.take(caller.id)
        if caller.role not in self._roles:
            raise Problem(
                403, "role_not_allowed", f"this needs the role {' or '.join(self._roles)}; the key's is {caller.role}"
            )
        if request.scope["query_string"]:
            _check_parameters(request)
        request.scope[CALLER] = caller

    async def _authenticated(self, request: Request) -> ApiKey:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer":
            raise Problem(
                401, "key_missing", "send an API key: the header Authorization: Bearer <key>", headers=CHALLENGE
            )
        caller = await self._callers.find(token.strip())
        if caller is None:
            raise Problem(401, "key_unknown", "this API key is unknown or revoked", headers=CHALLENGE)
        return caller


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

    def __init__(self, callers: Callers, rate: RateLimit) -> None:
        self._callers = callers
        self._rate = rate

    def of(self, *roles: str) -> list[params.Depends]:
        return [params.Depends(Access(self._callers, self._rate, roles))]
