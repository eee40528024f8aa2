"""A sale as a service publishes it: what it must look like, and what makes two of them the same."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from domain.money import minor_units
from domain.refusal import Refused, pointer

KINDS = frozenset({"sale", "refund", "void", "correction", "measurement"})
REQUIRED = ("source", "id", "metric", "amount", "unit", "occurred_at")
REQUIRED_OF_A_VOID = ("source", "id", "corrects", "occurred_at")
FIELDS = frozenset({*REQUIRED, "dimensions", "kind", "corrects", "credit"})
SIGNED = frozenset({"measurement", "correction"})
"""Kinds whose amount may be below 0; of a correction only where it is a measurement that it corrects."""
DIMENSIONS_MAX = 16
CREDITS_MAX = 16
TEXT_LENGTH_MAX = 128
BASIS_POINTS = 10_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD_MAX = timedelta(hours=24)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.]\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

ExponentOf = Callable[[str, str], int]
"""(metric, unit) -> decimal places of the metric's minor unit; refuses a unit that the metric does not have."""


class Key(NamedTuple):
    """What identifies a sale for ever: its publisher and the publisher's own id."""

    source: str
    id: str


@dataclass(slots=True)
class Sale:
    """One published sale with its rules checked. Amount in minor units, instant in UTC, dimensions sorted."""

    key: Key
    kind: str
    metric: str
    unit: str
    amount: int
    occurred_at: datetime
    dimensions: dict[str, str]
    corrects: str | None
    credit: list[dict[str, Any]] | None
    content: bytes
    """16-byte hash of everything but the key: same content is a duplicate, other content a conflict."""
    size: int
    """About how many bytes it takes in the log."""


def sale_of(fields: object, now: datetime, exponent_of: ExponentOf) -> Sale:
    """The sale that these JSON fields say, or Refused with the field and the rule."""
    if type(fields) is not dict:
        raise Refused("not_an_object", f"a sale is a JSON object, not {_json_type(fields)}")
    if not fields.keys() <= FIELDS:
        stranger = min(str(name) for name in fields.keys() - FIELDS)
        raise Refused(
            "unknown_field",
            f"{_quoted(stranger)} is no field of a sale; the fields are {', '.join(sorted(FIELDS))}",
            pointer(stranger),
        )
    kind = fields.get("kind", "sale")
    if type(kind) is not str or kind not in KINDS:
        raise Refused("unknown_kind", f"kind is one of {', '.join(sorted(KINDS))}", "/kind")
    for name in REQUIRED_OF_A_VOID if kind == "void" else REQUIRED:
        if fields.get(name) is None:
            raise Refused("missing_field", f"a {kind} needs {name}", f"/{name}")
    key = Key(name_of(fields["source"], "/source"), text_of(fields["id"], "/id"))
    metric, unit, amount = _money(fields, kind, exponent_of)
    occurred_at = instant_of(fields["occurred_at"], now)
    dimensions = _dimensions(fields.get("dimensions"))
    corrects = _corrects(fields.get("corrects"), kind, key)
    credit = _credit(fields.get("credit"))
    canonical = canonical_of(metric, unit, amount, occurred_at, kind, corrects, credit, dimensions)
    return Sale(
        key,
        kind,
        metric,
        unit,
        amount,
        occurred_at,
        dimensions,
        corrects,
        credit,
        content_of(canonical),
        size_of(canonical, key, len(dimensions) + 4 * len(credit or ())),
    )


def size_of(canonical: bytes, key: Key, pairs: int) -> int:
    """About the bytes of its JSON: a quote or backslash is two there, a pair of names and values has its marks."""
    return (
        len(canonical)
        + canonical.count(b'"')
        + canonical.count(b"\\")
        + 5 * pairs
        + len(key.source)
        + 4 * len(key.id)
        + 160
    )


def _money(fields: Mapping[str, Any], kind: str, exponent_of: ExponentOf) -> tuple[str, str, int]:
    """Metric, unit and amount in minor units; a void needs none of them: it takes its original's."""
    if kind == "void" and fields.get("metric") is None:
        for name in ("amount", "unit"):
            if fields.get(name) is not None:
                raise Refused("missing_field", f"a void that gives {name} gives the metric too", "/metric")
        return "", "", 0
    metric = name_of(fields["metric"], "/metric")
    unit, text = fields.get("unit"), fields.get("amount")
    if type(unit) is not str:
        raise Refused("unit_not_text", "unit is a currency code or a name, such as USD or pieces", "/unit")
    if type(text) is not str:
        raise Refused(
            "amount_not_text",
            f'an amount is a decimal string such as "19.99", not {_json_type(text)}',
            "/amount",
        )
    return metric, unit, minor_units(text, exponent_of(metric, unit), signed=kind in SIGNED)


@lru_cache(maxsize=10_000)
def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def name_of(value: object, field: str) -> str:
    """A source, metric or dimension key, or Refused."""
    if type(value) is not str or not _is_name(value):
        raise Refused(
            "bad_name",
            f"{_named(value, field)} must be 1 to 64 lower-case letters, digits, '-' or '_', beginning with a letter or"
            " a digit",
            field,
        )
    return value


def text_of(value: object, field: str) -> str:
    """An id or a dimension value, or Refused."""
    if type(value) is not str or not 0 < len(value) <= TEXT_LENGTH_MAX or not value.isprintable():
        raise Refused(
            "bad_text", f"{_named(value, field)} must be text of 1 to {TEXT_LENGTH_MAX} printable characters", field
        )
    return value


def _named(value: object, field: str) -> str:
    """What is wrong, with what was sent where that can be shown."""
    name = field[1:].replace("/", " ")
    return f"{name} {value[:64]!r}" if type(value) is str and 0 < len(value) <= TEXT_LENGTH_MAX else name


def instant_of(value: object, now: datetime, field: str = "/occurred_at") -> datetime:
    """An instant in UTC from RFC 3339 text with an offset, between 1970 and a day from now, or Refused."""
    if type(value) is not str or not _INSTANT.fullmatch(value):
        raise Refused(
            "bad_time",
            "a time is RFC 3339 text with an offset, such as 2026-11-06T15:04:05-05:00",
            field,
        )
    try:
        instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused("bad_time", f"there is no such time: {error}", field) from None
    if instant < EARLIEST:
        raise Refused("time_out_of_range", "a sale before 1970 is not taken", field)
    if instant > now + AHEAD_MAX:
        raise Refused("time_out_of_range", "a sale more than 24 hours in the future is not taken", field)
    return instant


def _dimensions(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if type(value) is not dict:
        raise Refused("bad_dimensions", "dimensions are an object of names and texts", "/dimensions")
    if len(value) > DIMENSIONS_MAX:
        raise Refused(
            "too_many_dimensions",
            f"a sale has up to {DIMENSIONS_MAX} dimensions, this one {len(value)}",
            "/dimensions",
        )
    for name, text in value.items():
        if not _is_name(name):
            name_of(name, "/dimensions")
        if type(text) is not str or not 0 < len(text) <= TEXT_LENGTH_MAX or not text.isprintable():
            text_of(text, f"/dimensions/{name}")
    return dict(sorted(value.items())) if len(value) > 1 else value


def _corrects(value: object, kind: str, key: Key) -> str | None:
    if value is None:
        if kind in ("void", "correction"):
            raise Refused("missing_field", f"a {kind} names the sale it is for in corrects", "/corrects")
        return None
    if kind in ("sale", "measurement"):
        raise Refused(
            "corrects_nothing",
            f"a {kind} corrects nothing; only a refund, void or correction does",
            "/corrects",
        )
    corrects = text_of(value, "/corrects")
    if corrects == key.id:
        raise Refused("corrects_itself", "a sale can't correct itself: give it an id of its own", "/corrects")
    return corrects


def _credit(value: object) -> list[dict[str, Any]] | None:
    if value is None:
        return None
    if type(value) is not list or len(value) > CREDITS_MAX:
        raise Refused("bad_credit", f"credit is a list of up to {CREDITS_MAX} shares", "/credit")
    shares: list[dict[str, Any]] = []
    for index, share in enumerate(value):
        field = f"/credit/{index}"
        if type(share) is not dict or share.keys() != {"rep", "bps"}:
            raise Refused("bad_credit", "a share of the credit has a rep and bps", field)
        if type(share["bps"]) is not int or not 0 < share["bps"] <= BASIS_POINTS:
            raise Refused("bad_credit", f"bps is a whole number from 1 to {BASIS_POINTS}", f"{field}/bps")
        shares.append({"rep": text_of(share["rep"], f"{field}/rep"), "bps": share["bps"]})
    if sum(share["bps"] for share in shares) > BASIS_POINTS:
        raise Refused("bad_credit", f"the shares of the credit add up to more than {BASIS_POINTS} bps", "/credit")
    return shares


def canonical_of(
    metric: str,
    unit: str,
    amount: int,
    occurred_at: datetime,
    kind: str,
    corrects: str | None,
    credit: list[dict[str, Any]] | None,
    dimensions: dict[str, str],
) -> bytes:
    """What was published but for the key, as bytes that nothing else has."""
    # Every text in it is printable, so the control characters between them can't be part of one.
    shares = "\x1e".join(f"{share['rep']}\x1d{share['bps']}" for share in credit) if credit else ""
    dims = "\x1e".join([f"{name}\x1d{text}" for name, text in dimensions.items()])
    return "\x1f".join(
        (metric, unit, str(amount), occurred_at.isoformat(), kind, corrects or "", shares, dims)
    ).encode()


def content_of(canonical: bytes) -> bytes:
    """The 16-byte hash by which a sale met again is a duplicate or a conflict."""
    return blake2b(canonical, digest_size=16).digest()


def _json_type(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "null")


def _quoted(text: str) -> str:
    return repr(text[:64]).replace("'", '"')
