"""Words for the schemas of what is answered, as /docs shows them: plain JSON Schema that validates nothing.

Tests hold every answer against them; nothing here is asked while a request is answered.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]

DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"
PLACES_4 = r"^-?[0-9]+\.[0-9]{4}$"


def text(about: str, *examples: str, **more: Any) -> Schema:
    return _of("string", about, examples) | more


def amount(about: str, *examples: str) -> Schema:
    """Money or a count: decimal text with the places of the metric's unit."""
    return text(about, *examples, pattern=DECIMAL)


def share(about: str, *examples: str) -> Schema:
    """A ratio: decimal text with four places."""
    return text(about, *examples, pattern=PLACES_4)


def instant(about: str, *examples: str) -> Schema:
    return text(about, *examples, format="date-time")


def day(about: str, *examples: str) -> Schema:
    return text(about, *examples, format="date")


def id_of(about: str, *examples: str) -> Schema:
    return text(about, *examples, format="uuid")


def whole(about: str, *examples: int) -> Schema:
    return _of("integer", about, examples)


def flag(about: str) -> Schema:
    return _of("boolean", about, ())


def one_of(values: Iterable[str], about: str) -> Schema:
    """A closed list; the values are the domain's own."""
    return text(about, enum=[str(value) for value in values])


def list_of(items: Schema, about: str) -> Schema:
    return {"type": "array", "description": about, "items": items}


def mapping(values: Schema, about: str) -> Schema:
    return {"type": "object", "description": about, "additionalProperties": values}


def anything(about: str) -> Schema:
    """An object whose members depend on what it tells of."""
    return {"type": "object", "description": about, "additionalProperties": True}


def record(about: str, fields: Mapping[str, Schema], *, optional: Iterable[str] = ()) -> Schema:
    """An object with exactly these fields; `optional`: those that may be left out."""
    left_out = set(optional)
    assert left_out <= fields.keys(), "what may be left out is a field"
    return {
        "type": "object",
        "description": about,
        "required": [name for name in fields if name not in left_out],
        "additionalProperties": False,
        "properties": dict(fields),
    }


def named(name: str, about: str = "") -> Schema:
    """What stands under this name among the schemas."""
    return {"$ref": f"#/components/schemas/{name}"} | ({"description": about} if about else {})


def or_null(schema: Schema) -> Schema:
    if "$ref" in schema or "anyOf" in schema:
        about = {"description": schema["description"]} if "description" in schema else {}
        return {
            "anyOf": [{name: what for name, what in schema.items() if name != "description"}, {"type": "null"}]
        } | about
    listed = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | listed


def page(name: str, cursor: str, more: Mapping[str, Schema] | None = None) -> Schema:
    """A list of what stands under this name; `cursor`: what `next` is."""
    return record(
        "One page of a list.",
        {
            "items": list_of(named(name), "What there is, in the order that the route says"),
            "next": or_null(text(f"Ask again with `after` set to this: {cursor}. Null on the last page")),
            **(more or {}),
        },
    )


def _of(kind: str, about: str, examples: Iterable[object]) -> Schema:
    shown = list(examples)
    return {"type": kind, "description": about} | ({"examples": shown} if shown else {})
