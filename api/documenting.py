"""How routes are told on /docs: example bodies, answers, and the problems that a route may answer with."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Header, Path, Query
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.problems import MEDIA_TYPE, ProblemDetails

BIGINT_MAX = 2**63 - 1
LIMIT_MAX = 1_000
LIMIT = 100
SCHEMAS = "#/components/schemas/{model}"
KEY = "key"
"""The name of the security scheme."""

MinPosition = Annotated[
    int | None, Query(ge=0, le=BIGINT_MAX, description="Wait until the answer has everything up to this position")
]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Most items in the answer")]
TargetId = Annotated[str, Path(description="The target's id")]
MilestoneId = Annotated[str, Path(description="The milestone's id")]
TaskId = Annotated[str, Path(description="The task's id")]
IfMatch = Annotated[
    str | None, Header(description='The ETag that you saw, such as `"3"`: 412 when the target has changed since')
]
IdempotencyKey = Annotated[
    str | None, Header(description="Any text of 1 to 255 printable ASCII characters: the same again makes nothing new")
]

WHY = {
    400: "The body is no JSON, or there is a parameter that this address does not have",
    401: "No key, or one that is unknown or revoked; or the browser's session has ended",
    403: "The key's role, or its sources, do not allow this; or another site's page made the browser ask",
    404: "There is no such thing",
    409: "The state of things does not allow this any more",
    412: "If-Match: it has changed meanwhile",
    413: "The body is too large",
    422: "What was sent breaks a rule: `code` names it, `errors` say where",
    429: "Too many requests a second with this key; see Retry-After",
    503: "The database or ingest is away, or a view is behind; see Retry-After. Sent again, sales count once, and so "
    "does a definition with an Idempotency-Key",
}
ALWAYS = (400, 401, 403, 413, 422, 429, 503)


def answers(example: object, *problems: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The answers of a route: what it says when all is well, and the problems beside those that every route has."""
    told: dict[int | str, dict[str, Any]] = {
        status: {"description": HTTPStatus(status).phrase, "content": {"application/json": {"example": example}}}
    }
    for code in sorted({*ALWAYS, *problems}):
        told[code] = {"description": WHY[code], "content": {MEDIA_TYPE: {"schema": _reference(ProblemDetails)}}}
    return told


def takes(model: type[BaseModel], example: object) -> dict[str, Any]:
    """The body of a route that reads its body itself."""
    content = {"application/json": {"schema": _reference(model), "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": SCHEMAS.format(model=model.__name__)}


def document(app: FastAPI, *bodies: type[BaseModel]) -> None:
    """The whole of /openapi.json. Everything under /v1 needs a key: the page gets its Authorize button.

    bodies: the models of what routes take that read their bodies themselves.
    """
    models: list[type[BaseModel]] = [*bodies, ProblemDetails]
    _, schemas = models_json_schema([(one, "validation") for one in models], ref_template=SCHEMAS)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            told = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            key = {"type": "http", "scheme": "bearer", "description": "An API key: mm_..."}
            # Those that the routes' own parameters name, and those of the bodies.
            named = told.get("components", {}).get("schemas", {}) | schemas["$defs"]
            told["components"] = {"schemas": named, "securitySchemes": {KEY: key}}
            for path, methods in told["paths"].items():
                for operation in methods.values():
                    if path.startswith("/v1/"):
                        operation["security"] = [{KEY: []}]
            app.openapi_schema = told
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
