"""Bodies to values: read raw and whole, parsed strictly, and refused without a word of what was sent."""

from typing import TypeVar

import orjson
from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from api.problems import Problem, invalid_body

Model = TypeVar("Model", bound=BaseModel)


async def body_of(request: Request) -> bytes:
    """The whole body, of at most what `limits.BodyLimit` lets through."""
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise Problem(415, "encoding_not_supported", "send the body as it is, without a Content-Encoding")
    return await request.body()


async def read_as(model: type[Model], request: Request) -> Model:
    """The body as this model, or a Problem: malformed_json (400), or what is wrong by field (422)."""
    body = await body_of(request)
    if not body.strip():
        raise Problem(400, "malformed_json", "there is no body: send a JSON object")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise malformed(error) from None
    try:
        return model.model_validate(value, strict=True)
    except ValidationError as error:
        raise invalid_body(error.errors(include_url=False, include_input=False, include_context=False)) from None


def malformed(error: orjson.JSONDecodeError) -> Problem:
    return Problem(400, "malformed_json", f"the body is no JSON: {error.msg} at character {error.pos}")


def answer(
    value: object, position: int | None = None, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A JSON answer; `position`: where the log stands after what was written."""
    body = value if isinstance(value, bytes) else orjson.dumps(value, option=orjson.OPT_UTC_Z)
    said = dict(headers or {})
    if position is not None:
        said["Milemarker-Position"] = str(position)
    return Response(body, status, said, "application/json")
