"""What problems look like, each status told once, for the documentation."""

from http import HTTPStatus
from typing import Any

from api.documentation.problem_codes import codes_of
from api.documentation.schemas import list_of, named, record, text, whole
from api.problems import MEDIA_TYPE

WHY = {
    400: "The body is no JSON, or there is a parameter that this address does not have",
    401: "No key, or one that is unknown or revoked; or the browser's session has ended",
    403: "The key's role, or its sources, do not allow this; or another site's page made the browser ask",
    404: "There is no such thing",
    409: "The state of things does not allow this any more",
    412: "If-Match: it has changed meanwhile",
    413: "The body is too large",
    415: "The body is compressed: send it as it is",
    422: "What was sent breaks a rule: `code` names it, `errors` say where",
    429: "Too many requests a second with this key; see Retry-After",
    503: "The database or ingest is away, or a view is behind; see Retry-After. Sent again, sales count once, and so "
    "does a definition with an Idempotency-Key",
}
ALWAYS = (400, 401, 403, 413, 422, 429, 503)

_fault = record(
    "One thing that is wrong.",
    {
        "pointer": text("Where in the body: a JSON pointer (RFC 6901)", "/goal"),
        "parameter": text("Or the name of a parameter", "limit"),
        "code": text("Which rule", "amount_not_text"),
        "detail": text("The same in a sentence"),
    },
    optional=("pointer", "parameter"),
)
PROBLEM = record(
    "What was wrong (RFC 9457).",
    {
        "type": text("A name for the code", "urn:milemarker:problem:unknown_target"),
        "title": text("The status in words", "Not Found"),
        "status": whole("The status of the answer", 404),
        "code": text("Which rule; programs go by this", "unknown_target"),
        "detail": text("The same in a sentence, for people", "there is no target with this id"),
        "errors": list_of(_fault, "Where; left out when it is about no field or parameter"),
    },
    optional=("errors",),
)
EXAMPLES = {
    400: ("malformed_json", "the body is no JSON: unexpected end of data at character 17"),
    401: ("key_missing", "send an API key: the header Authorization: Bearer <key>"),
    403: ("role_not_allowed", "this needs the role manager or admin; the key's is publisher"),
    404: ("unknown_target", "there is no target with this id"),
    409: ("cancelled", "a cancelled target can't be activated: define a new one"),
    412: ("changed_meanwhile", "the target is at plan version 4 now: read it again, then decide"),
    413: ("too_large", "a body has up to 1 MiB here: split it"),
    415: ("encoding_not_supported", "send the body as it is, without a Content-Encoding"),
    422: ("amount_not_text", '/goal: an amount is a decimal string such as "19.99"'),
    429: ("too_many_requests", "this key may make 1000 requests a second"),
    503: ("database_away", "the database does not answer: ask again"),
}
"""Status -> code and detail."""


def _example(status: int) -> dict[str, Any]:
    code, detail = EXAMPLES[status]
    said = {
        "type": f"urn:milemarker:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if status != 422:
        return said
    pointer, _, why = detail.partition(": ")
    return said | {"errors": [{"pointer": pointer, "code": code, "detail": why}]}


def _response(status: int) -> dict[str, Any]:
    codes = ", ".join(f"`{code}`" for code in codes_of(status))
    told: dict[str, Any] = {
        "description": f"{WHY[status]}. Codes: {codes}",
        "content": {MEDIA_TYPE: {"schema": named("Problem"), "example": _example(status)}},
    }
    if status in (429, 503):
        told["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return told


RESPONSES = {f"Problem{status}": _response(status) for status in WHY}
