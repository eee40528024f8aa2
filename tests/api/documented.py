"""Whether an answer is what /openapi.json says of it: every field that is documented, and no other."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
FORMATS: Mapping[str, Callable[[str], object]] = {
    "uuid": UUID,
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
}


class Documented:
    """What /openapi.json says: `told`."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told = told
        self.answered: set[tuple[str, str, int]] = set()
        """(method, path, status) of the answers that were held against it."""
        self._paths: dict[str, re.Pattern[str]] = {
            path: re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in told["paths"]
        }

    def check(self, answer: httpx.Response) -> None:
        """Fails when the answer has a status, a header, a type or a field otherwise than documented."""
        method, path = answer.request.method.lower(), self._path(answer.request.url.path)
        said = self.resolved(self.told["paths"][path][method]["responses"][str(answer.status_code)])
        for name in said.get("headers", ()):
            assert name in answer.headers, f"{method} {path} answers without {name}"
        if "content" in said:
            (content,) = (what for media, what in said["content"].items() if media in answer.headers["content-type"])
            wrong = list(self.wrong(content["schema"], answer.json()))
            assert not wrong, f"{method} {path} {answer.status_code}: {wrong}"
        self.answered.add((method, path, answer.status_code))

    def _path(self, asked: str) -> str:
        if asked in self._paths:
            return asked
        for path, pattern in self._paths.items():
            if pattern.fullmatch(asked):
                return path
        raise AssertionError(f"{asked} is not documented")

    def resolved(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in said:
            place: Any = self.told
            for part in said["$ref"].removeprefix("#/").split("/"):
                place = place[part]
            said = place
        return said

    def wrong(self, schema: Mapping[str, Any], value: Any, at: str = "") -> Iterator[str]:
        """What of this value is not as the schema says."""
        schema = self.resolved(schema)
        if "anyOf" in schema:
            choices = [list(self.wrong(one, value, at)) for one in schema["anyOf"]]
            if all(choices):
                yield from min(choices, key=len)
            return
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(self._is(kind, value) for kind in kinds):
            yield f"{at} is {value!r}, not {kinds}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{at} is {value!r}, none of {schema['enum']}"
        match value:
            case str():
                yield from self._text(schema, value, at)
            case list():
                for number, one in enumerate(value):
                    yield from self.wrong(schema["items"], one, f"{at}/{number}")
            case dict():
                yield from self._object(schema, value, at)

    @staticmethod
    def _is(kind: str, value: Any) -> bool:
        return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))

    @staticmethod
    def _text(schema: Mapping[str, Any], value: str, at: str) -> Iterator[str]:
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{at} is {value!r}, not like {schema['pattern']}"
        try:
            FORMATS.get(schema.get("format", ""), str)(value)
        except ValueError:
            yield f"{at} is {value!r}, no {schema['format']}"

    def _object(self, schema: Mapping[str, Any], value: Mapping[str, Any], at: str) -> Iterator[str]:
        fields, others = schema.get("properties", {}), schema["additionalProperties"]
        yield from (f"{at}/{name} is missing" for name in schema.get("required", ()) if name not in value)
        for name, what in value.items():
            if name in fields:
                yield from self.wrong(fields[name], what, f"{at}/{name}")
            elif others is False:
                yield f"{at}/{name} is not documented"
            elif others is not True:
                yield from self.wrong(others, what, f"{at}/{name}")
