"""Facts to readable JSON and back: orjson writes them, msgspec reads them by the types that the facts declare."""

import inspect
import json
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_args, get_type_hints
from uuid import UUID

import msgspec
import orjson
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent, Transcoder
from eventsourcing.utils import resolve_topic

from domain.facts import AGGREGATE_TOPICS, TOPICS
from domain.ledger import Entry
from domain.tally import Tally
from domain.target import OUTSIDE_SNAPSHOTS, Target

KNOWN_TOPICS = frozenset({*TOPICS, *AGGREGATE_TOPICS})
"""Importing the facts registers their topics with the library; whoever reads the log has them all."""

ENVELOPE = frozenset({"originator_id", "originator_version"})


class OrjsonTranscoder(Transcoder):
    """JSON as orjson writes it: instants and ids as text, amounts as whole numbers, what is None left out."""

    def encode(self, obj: Any) -> bytes:
        try:
            return orjson.dumps(obj, default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_NON_STR_KEYS)
        except TypeError:
            # orjson takes no whole number beyond 64 bits; sums of many large amounts are such numbers.
            return json.dumps(_spelled_out(obj), separators=(",", ":"), ensure_ascii=False).encode()

    def decode(self, data: bytes) -> Any:
        return orjson.loads(data)


def _plain(value: object) -> Any:
    if type(value) is Entry:
        return value.stored()
    if is_dataclass(value):
        names = _names(type(value))  # type: ignore[arg-type] # a class is hashable
        return {name: what for name in names if (what := getattr(value, name)) is not None}
    raise TypeError(f"{type(value).__name__} has no place in a fact")


@cache
def _names(cls: Any) -> list[str]:
    return [one.name for one in fields(cls)]


def _spelled_out(value: Any) -> Any:
    """What orjson would write, for an encoder that takes whole numbers of any size."""
    if isinstance(value, int | str | None):
        return value
    if isinstance(value, dict):
        return {_spelled_out(name): _spelled_out(what) for name, what in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled_out(one) for one in value]
    if is_dataclass(value):
        return _spelled_out(_plain(value))
    return orjson.loads(orjson.dumps(value))


class FactMapper(Mapper[UUID]):
    """Stored events to facts, typed by the facts' own annotations; the library's mapper does the other way."""

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        fact: DomainEventProtocol[UUID] = read_as(resolve_topic(stored_event.topic), stored_event)
        return fact


def read_as(cls: type[Any], stored: StoredEvent) -> Any:
    """A stored fact as an instance of this class: its own, or one that has but some of its fields."""
    said = said_by(cls, stored.state)
    if cls is Target.Snapshot:
        state = said["state"]
        said["state"] = {name: getattr(state, name) for name in state.__struct_fields__}
    said["originator_id"] = stored.originator_id
    said["originator_version"] = stored.originator_version
    fact: Any = object.__new__(cls)
    fact.__dict__.update(said)
    return fact


def said_by(cls: type[Any], state: bytes) -> dict[str, Any]:
    """What a stored fact of this class says, by field, each in its declared type."""
    said = _decoder(cls).decode(state)  # type: ignore[arg-type] # a class is hashable
    return {name: getattr(said, name) for name in said.__struct_fields__}


@cache
def _decoder(cls: Any) -> msgspec.json.Decoder[Any]:
    hints = get_type_hints(cls)
    said: list[Any] = []
    for one in fields(cls):
        if one.name in ENVELOPE:
            continue
        kind = _snapshot_state() if cls is Target.Snapshot and one.name == "state" else hints[one.name]
        if one.default is not MISSING:
            said.append((one.name, kind, one.default))
        elif one.default_factory is not MISSING:
            said.append((one.name, kind, msgspec.field(default_factory=one.default_factory)))
        else:
            said.append((one.name, kind))
    return msgspec.json.Decoder(msgspec.defstruct(cls.__name__, said, kw_only=True))


def _snapshot_state() -> type[msgspec.Struct]:
    declared = inspect.get_annotations(Tally, eval_str=True) | inspect.get_annotations(Target, eval_str=True)
    state = [(name, kind) for name, kind in declared.items() if name not in OUTSIDE_SNAPSHOTS]
    optional = [(name, kind, None) if type(None) in get_args(kind) else (name, kind) for name, kind in state]
    return msgspec.defstruct(
        "TargetState", [*optional, ("_created_on", datetime), ("_modified_on", datetime)], kw_only=True
    )
