"""How routes are told on /docs: their parameters, bodies and answers, and the problems that they may answer with."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Header, Path, Query
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.documentation.introduction import TAGS, told_tags
from api.documentation.problem_answers import ALWAYS, PROBLEM, RESPONSES
from api.documentation.schemas import Schema, named

BIGINT_MAX = 2**63 - 1
LIMIT_MAX = 1_000
LIMIT = 100
SCHEMAS = "#/components/schemas/{model}"
KEY = "key"
"""The name of the security scheme."""

TARGET_ID = "0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55"
NAMED = r"^[^\x00]+$"

MinPosition = Annotated[
    int | None,
    Query(
        ge=0,
        le=BIGINT_MAX,
        description="Wait up to 5 seconds until the answer has everything up to this position in the log, such as the"
        " `Milemarker-Position` of a write; then 503, `behind`",
        examples=[1234],
    ),
]
Limit = Annotated[
    int, Query(ge=1, le=LIMIT_MAX, description=f"Most items in the answer, 1 to {LIMIT_MAX:,}", examples=[LIMIT])
]
After = Annotated[
    str | None, Query(description="The `next` of the page before; left out for the first page", examples=[TARGET_ID])
]
AfterName = Annotated[
    str, Query(description="The `next` of the page before: a name; left out for the first page", examples=["revenue"])
]
AfterPosition = Annotated[
    int,
    Query(
        ge=0,
        le=BIGINT_MAX,
        description="The `next` of the page before: a position in the log; 0 for the first page",
        examples=[1234],
    ),
]
Archived = Annotated[bool, Query(description="Whether those that are archived are listed, too", examples=[True])]
OfTarget = Annotated[str | None, Query(description="Of this target alone: its id", examples=[TARGET_ID])]
Recipient = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        pattern=NAMED,
        description="Of this recipient alone; a subscriber may name none but itself",
        examples=["ana@example.com"],
    ),
]
TargetId = Annotated[str, Path(description="The target's id", examples=[TARGET_ID])]
MilestoneId = Annotated[str, Path(description="The milestone's id", examples=["7d9a0d8e-2f43-4f0b-9a53-3d1f0a7c2b66"])]
ProposalId = Annotated[str, Path(description="The proposal's id", examples=["e4d0a3b5-8c0e-4f3c-9a51-6d1c1c2f7b90"])]
TaskId = Annotated[str, Path(description="The task's id", examples=["5b0a3c52-6f5e-4a0e-8f57-0c1b1f6b7a11"])]
IfMatch = Annotated[
    str | None,
    Header(
        description='The ETag that you saw, in its quotes, such as `"3"`: 412 when it has been changed since. Left out,'
        " or `*`: whatever it is now",
        examples=['"3"'],
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Any text of 1 to 255 printable ASCII characters: the same again with the same body makes nothing"
        " new",
        examples=["november-revenue-1"],
    ),
]

HEADERS = {
    "Milemarker-Position": {
        "description": "Where the log stands after this write: a read with `min_position` of it has the write",
        "schema": {"type": "integer", "examples": [1234]},
    },
    "ETag": {
        "description": "The plan version, in quotes: for `If-Match`",
        "schema": {"type": "string", "examples": ['"3"']},
    },
    "Location": {"description": "The address of what was made", "schema": {"type": "string"}},
    "Retry-After": {"description": "Ask again after so many seconds", "schema": {"type": "integer", "examples": [1]}},
}
SEEN = ("ETag",)
WRITTEN = ("Milemarker-Position",)
CHANGED = (*WRITTEN, *SEEN)
PROPOSED = (*WRITTEN, "Location")
MADE = (*CHANGED, "Location")
METHODS = ("post", "get", "put", "patch", "delete")
"""In the order in which somebody new reads them."""


def answers(
    example: object, *problems: int, schema: str, status: int = 200, headers: Iterable[str] = ()
) -> dict[int | str, dict[str, Any]]:
    """The answers of a route: what it says when all is well, and the problems beside those that every route has.

    schema: the name of the answer's; headers: those that the answer has, by their names in HEADERS.
    """
    content = {"application/json": {"schema": named(schema), "example": example}}
    return {status: _answer(status, headers) | {"content": content}} | _problems(problems)


def or_answers(
    told: Mapping[int | str, dict[str, Any]], status: int, example: object, *, schema: str, headers: Iterable[str] = ()
) -> dict[int | str, dict[str, Any]]:
    """The same answers, and another one when all is well otherwise."""
    content = {"application/json": {"schema": named(schema), "example": example}}
    return {**told, status: _answer(status, headers) | {"content": content}}


def answers_with(media_type: str, example: object, schema: Schema, *problems: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that says something else than a JSON object."""
    return {200: _answer(200, ()) | {"content": {media_type: {"schema": schema, "example": example}}}} | _problems(
        problems
    )


def answers_nothing(about: str, *problems: int) -> dict[int | str, dict[str, Any]]:
    return {204: _answer(204, WRITTEN) | {"description": about}} | _problems(problems)


def _answer(status: int, headers: Iterable[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    said = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return told | ({"headers": said} if said else {})


def _problems(more: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    return {status: _problem(status) for status in sorted({*ALWAYS, *more})}


def _problem(status: int) -> dict[str, Any]:
    return {"$ref": f"#/components/responses/Problem{status}"}


def takes(model: type[BaseModel], example: object) -> dict[str, Any]:
    """The body of a route that reads its body itself."""
    content = {"application/json": {"schema": named(model.__name__), "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def may_take(model: type[BaseModel], example: object) -> dict[str, Any]:
    """The same of a body that may be left out."""
    told = takes(model, example)
    return {"requestBody": told["requestBody"] | {"required": False}}


def takes_rows(schema: str, rows: object, table: str) -> dict[str, Any]:
    """A table as CSV, or an array of what stands under this name among the schemas."""
    about = "A header of field names, then one a line: `bounds.min` is a member of bounds, `a|b` a list, "
    about += "`region=emea|us;channel=web` a scope"
    content = {
        "text/csv": {"schema": {"type": "string", "description": about}, "example": table},
        "application/json": {"schema": named(schema), "example": rows},
    }
    return {"requestBody": {"required": True, "content": content}}


def takes_one_of(model: type[BaseModel], shown: Mapping[str, object]) -> dict[str, Any]:
    """The same, with an example of each kind, by what it is an example of."""
    examples = {about: {"summary": about, "value": example} for about, example in shown.items()}
    content = {"application/json": {"schema": named(model.__name__), "examples": examples}}
    return {"requestBody": {"required": True, "content": content}}


def document(app: FastAPI, bodies: Iterable[type[BaseModel]], *schemas: Mapping[str, Schema]) -> None:
    """The whole of /openapi.json, made when it is first asked for.

    bodies: the models of what routes take that read their bodies themselves; schemas: of what is answered, by name.
    """
    models = list(bodies)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _, taken = models_json_schema([(one, "validation") for one in models], ref_template=SCHEMAS)
            named_schemas = {"Problem": PROBLEM} | taken["$defs"]
            for some in schemas:
                assert not named_schemas.keys() & some.keys(), "each schema has a name of its own"
                named_schemas |= some
            app.openapi_schema = _told(app, named_schemas)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _told(app: FastAPI, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    told = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=told_tags()
    )
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = told["paths"][route.path_format][method.lower()]
                # As they were said: FastAPI leaves out what is null, also in an example.
                operation |= route.openapi_extra or {}
                operation["responses"] = {str(status): what for status, what in route.responses.items()}
                for parameter in operation.get("parameters", ()):
                    # FastAPI says it twice, and makes a title of the name.
                    parameter["schema"] = {
                        name: what for name, what in parameter["schema"].items() if name not in ("title", "description")
                    }
                if "requestBody" in operation:
                    operation["responses"]["415"] = _problem(415)
                # Everything under /v1 needs a key: the page gets its Authorize button.
                if route.path.startswith("/v1/"):
                    operation["security"] = [{KEY: []}]
    told["paths"] = _in_order(told["paths"])
    about = "An API key, `mm_...`. Signed in on the page in this browser, you need none: you act as yourself"
    # Those that the routes' own parameters name, and those of bodies and answers.
    told["components"] = {
        "schemas": told.get("components", {}).get("schemas", {}) | dict(schemas),
        "headers": HEADERS,
        "responses": RESPONSES,
        "securitySchemes": {KEY: {"type": "http", "scheme": "bearer", "description": about}},
    }
    return told


def _in_order(paths: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Groups as they stand in TAGS, in each the short addresses first, in each address as METHODS has them."""
    groups = list(TAGS)

    def place(path: str) -> tuple[int, int]:
        return groups.index(next(iter(paths[path].values()))["tags"][0]), path.count("/")

    return {
        path: {method: paths[path][method] for method in METHODS if method in paths[path]}
        for path in sorted(paths, key=place)
    }
