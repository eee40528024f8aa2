"""A message of sales to its JSON values: one sale, an array, NDJSON, each perhaps in a CloudEvents envelope.

What can't be read is refused alone: what stands beside it counts.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from domain.refusal import Refused
from domain.splitting import split_array
from workers.subjects import MESSAGE_BYTES_MAX, SALES_MAX


def read_sales(body: bytes, *, ndjson: bool = False) -> list[Any]:
    """JSON values in the order of the message; a Refused in the place of one that is no JSON."""
    if len(body) > MESSAGE_BYTES_MAX:
        return [Refused("too_large", f"a message has up to {MESSAGE_BYTES_MAX} bytes, this one {len(body)}: split it")]
    items = _lines(body) if ndjson else _values(body)
    if len(items) > SALES_MAX:
        return [Refused("too_many_sales", f"a message has up to {SALES_MAX} sales, this one {len(items)}: split it")]
    return [_unwrapped(item) for item in items]


def _lines(body: bytes) -> list[Any]:
    return _each(line for line in body.split(b"\n") if line.strip())


def _values(body: bytes) -> list[Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        elements = split_array(body)
        return [_malformed(error)] if elements is None else _each(elements)
    return value if type(value) is list else [value]


def _each(texts: Iterable[bytes]) -> list[Any]:
    items: list[Any] = []
    for text in texts:
        try:
            items.append(orjson.loads(text))
        except orjson.JSONDecodeError as error:
            items.append(_malformed(error))
    return items


def _malformed(error: orjson.JSONDecodeError) -> Refused:
    return Refused("malformed_json", f"this is no JSON: {error.msg} at character {error.pos}")


def _unwrapped(item: Any) -> Any:
    """The sale in a structured CloudEvents envelope; anything else as it is."""
    if type(item) is dict and "specversion" in item:
        return item.get("data")
    return item
