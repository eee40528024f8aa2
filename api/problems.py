"""Everything that HTTP answers when it can't do what it was asked: problem+json (RFC 9457), never a bare 500."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from domain.refusal import Refused, pointer

MEDIA_TYPE = "application/problem+json"
ERRORS_MAX = 100
RETRY_AFTER_S = 1

STATUS_OF = {
    "malformed_json": 400,
    "unknown_parameter": 400,
    "bad_webhook_url": 400,
    "unknown_host": 400,
    "address_not_allowed": 400,
    "source_not_allowed": 403,
    "unknown_target": 404,
    "unknown_sale": 404,
    "unknown_proposal": 404,
    "unknown_milestone": 404,
    "not_member": 404,
    "unknown_subscription": 404,
    "unknown_task": 404,
    "unknown_template": 404,
    "cancelled": 409,
    "closed": 409,
    "sealed": 409,
    "achieved": 409,
    "missed": 409,
    "waived": 409,
    "approved": 409,
    "declined": 409,
    "own_proposal": 409,
    "proposal_outdated": 409,
    "not_by_hand": 409,
    "still_filling": 409,
    "task_done": 409,
    "still_counting": 409,
    "archived": 409,
    "template_archived": 409,
    "metric_fixed": 409,
    "rates_fixed": 409,
    "subscription_ended": 409,
    "changed_meanwhile": 412,
}
"""Refused.code -> HTTP status; every other refusal is about what was sent: 422."""

FIELD_CODES = {
    "missing": ("missing_field", "this field is missing"),
    "extra_forbidden": ("unknown_field", "there is no such field"),
    "string_type": ("not_text", "this must be text"),
    "bool_type": ("not_true_or_false", "this must be true or false"),
    "int_type": ("not_a_whole_number", "this must be a whole number"),
    "int_parsing": ("not_a_whole_number", "this must be a whole number"),
    "list_type": ("not_a_list", "this must be a list"),
    "dict_type": ("not_an_object", "this must be an object, such as {...}"),
    "model_type": ("not_an_object", "this must be an object, such as {...}"),
    "model_attributes_type": ("not_an_object", "this must be an object, such as {...}"),
}
"""Pydantic's error type -> our code and words; others keep pydantic's."""

log = structlog.get_logger()


class Problem(Exception):
    """An answer that says what is wrong. errors: [{"pointer" or "parameter", "code", "detail"}]."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers

    @property
    def body(self) -> bytes:
        told: dict[str, Any] = {
            "type": f"urn:milemarker:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.errors:
            told["errors"] = list(self.errors)
        try:
            return orjson.dumps(told)
        except orjson.JSONEncodeError:  # a lone surrogate in what is quoted
            return json.dumps(told).encode()

    def response(self) -> Response:
        headers = None if self.headers is None else dict(self.headers)
        return Response(self.body, self.status, headers, MEDIA_TYPE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer where there is no request yet, as in a middleware."""
        await self.response()(scope, receive, send)


def unavailable(code: str, detail: str) -> Problem:
    return Problem(503, code, detail, headers={"Retry-After": str(RETRY_AFTER_S)})


def refusal(refused: Refused) -> Problem:
    """The answer to a refusal by the rules."""
    errors = [{"pointer": refused.field, "code": refused.code, "detail": refused.detail}] if refused.field else []
    return Problem(STATUS_OF.get(refused.code, 422), refused.code, refused.detail, errors=errors)


def invalid_body(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The answer to a body that pydantic refuses, by field; what was sent is not repeated."""
    told = [{"pointer": pointer(*one["loc"])} | _worded(one) for one in errors[:ERRORS_MAX]]
    first = told[0]
    return Problem(422, first["code"], f"{first['pointer'] or 'the body'}: {first['detail']}", errors=told)


def invalid_parameters(errors: Sequence[Mapping[str, Any]]) -> Problem:
    told = [{"parameter": str(one["loc"][-1])} | _worded(one) for one in errors[:ERRORS_MAX]]
    first = told[0]
    return Problem(422, "bad_parameter", f"{first['parameter']}: {first['detail']}", errors=told)


def _worded(error: Mapping[str, Any]) -> dict[str, str]:
    code, detail = FIELD_CODES.get(error["type"], (str(error["type"]), str(error["msg"])))
    return {"code": code, "detail": detail}


def answer_problems(app: FastAPI) -> None:
    """Every error of this application is answered as problem+json from here on."""

    async def problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return error.response()

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return refusal(error).response()

    async def bad_parameters(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return invalid_parameters(error.errors()).response()

    async def of_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _of_http(error).response()

    async def database_away(request: Request, error: Exception) -> Response:
        log.warning("database away", path=request.url.path, error=str(error).strip()[:200])
        return unavailable("database_away", "the database does not answer: ask again").response()

    async def gone(_: Request, __: Exception) -> Response:
        return Problem(400, "incomplete", "the request ended before its body did").response()

    async def bug(request: Request, _: Exception) -> Response:
        # Whoever runs this learns what happened from the log: the error is raised on.
        return Problem(500, "internal", f"something went wrong here with {request.method} of this").response()

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(RequestValidationError, bad_parameters)
    app.add_exception_handler(HTTPException, of_http)
    for away in (psycopg.Error, PersistenceError, TimeoutError):
        app.add_exception_handler(away, database_away)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, bug)


def _of_http(error: HTTPException) -> Problem:
    known = {
        404: ("not_found", "there is nothing at this address"),
        405: ("method_not_allowed", "this address does not take that method"),
    }
    code, detail = known.get(error.status_code, (f"http_{error.status_code}", str(error.detail)))
    if allowed := (error.headers or {}).get("Allow"):
        detail += f": it takes {allowed}"
    return Problem(error.status_code, code, detail, headers=error.headers)
