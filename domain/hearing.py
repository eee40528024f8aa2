"""The definition that JSON says: `domain.saying` the other way round. What it does not know is refused, with where."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.calendar import WEEKEND, Calendar, calendar_of
from domain.definition import Definition, Measure, Pacing, Versus
from domain.pace import Weighting
from domain.refusal import Refused, pointer

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def definition_from(said: Mapping[str, Any]) -> Definition:
    """The definition that these members say; null is as good as left out.

    Refused, with the pointer: unknown_field, missing_field, not_text and the like, bad_date, bad_calendar. What a
    definition has to keep to beside that is `plan_of`'s.
    """
    refuse_unknown(said, HEARD, "")
    for name in NEEDED:
        if said.get(name) is None:
            raise Refused("missing_field", f"a target has a {name.replace('_', ' ')}", f"/{name}")
    return Definition(**fields_from(said))


def fields_from(said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a definition that these members name; what is null has its default. Refused as above."""
    refuse_unknown(said, HEARD, "")
    heard: dict[str, Any] = {}
    for name, value in said.items():
        if value is not None:
            heard |= HEARD[name](name, value, f"/{name}")
        elif name in NEEDED:
            raise Refused("missing_field", f"a target has a {name.replace('_', ' ')}", f"/{name}")
        else:
            heard |= {one: DEFAULTS[one] for one in MEMBERS_OF.get(name, (name,))}
    return heard


def refuse_unknown(said: Mapping[str, Any], known: Mapping[str, Any] | Sequence[str], field: str) -> None:
    for name in said:
        if name not in known:
            raise Refused(
                "unknown_field", f"there is no such field; there are: {', '.join(known)}", field + pointer(name)
            )


def text(value: Any, field: str) -> str:
    if type(value) is not str:
        raise Refused("not_text", "this must be text", field)
    return value


def amount(value: Any, field: str) -> str:
    if type(value) is not str:
        raise Refused("amount_not_text", 'an amount is a decimal string such as "19.99"', field)
    return value


def flag(value: Any, field: str) -> bool:
    if type(value) is not bool:
        raise Refused("not_true_or_false", "this must be true or false", field)
    return value


def whole(value: Any, field: str) -> int:
    if type(value) is not int:
        raise Refused("not_a_whole_number", "this must be a whole number", field)
    return value


def day(value: Any, field: str) -> date:
    try:
        if _DATE.fullmatch(text(value, field)):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Refused("bad_date", "a date is text such as 2026-11-30, of a day that there is", field)


def instant(value: Any, field: str) -> datetime:
    """In UTC."""
    try:
        if _INSTANT.fullmatch(text(value, field)):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused("bad_time", "a time is text with an offset, such as 2026-11-06T15:04:05-05:00", field)


def members(value: Any, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Refused("not_an_object", "this must be an object, such as {...}", field)
    return value


def texts(value: Any, field: str) -> list[str]:
    if not isinstance(value, list | tuple):
        raise Refused("not_a_list", "this must be a list", field)
    return [text(one, f"{field}/{number}") for number, one in enumerate(value)]


Heard = Callable[[str, Any, str], dict[str, Any]]
"""Name, value and pointer of a member -> fields of a Definition."""


def _as(read: Callable[[Any, str], Any]) -> Heard:
    return lambda name, value, field: {name: read(value, field)}


def _scope(value: Any, field: str) -> dict[str, list[str]]:
    return {name: texts(values, field + pointer(name)) for name, values in members(value, field).items()}


def _bounds(_: str, value: Any, field: str) -> dict[str, Any]:
    refuse_unknown(members(value, field), ("min", "max"), field)
    given = {name: one for name, one in value.items() if one is not None}
    if not given:
        raise Refused("missing_field", "bounds have a min, a max or both", field)
    none = dict.fromkeys(MEMBERS_OF["bounds"])
    return none | {f"bounds_{name}": amount(one, f"{field}/{name}") for name, one in given.items()}


def _measure(value: Any, field: str) -> Measure:
    refuse_unknown(members(value, field), ("metric", "scope", "unit"), field)
    if value.get("metric") is None:
        raise Refused("missing_field", "a part of a ratio has a metric", f"{field}/metric")
    unit = value.get("unit")
    scope = _scope(value.get("scope") or {}, f"{field}/scope")
    return Measure(
        text(value["metric"], f"{field}/metric"), scope, None if unit is None else text(unit, f"{field}/unit")
    )


def _versus(value: Any, field: str) -> Versus:
    refuse_unknown(members(value, field), ("start", "end"), field)
    return Versus(day(value.get("start"), f"{field}/start"), day(value.get("end"), f"{field}/end"))


def _pacing(value: Any, field: str) -> Pacing:
    refuse_unknown(members(value, field), ("kind", "by", "weights", "points"), field)
    weighting = points = None
    if value.get("weights") is not None:
        if value.get("by") is None:
            raise Refused("missing_field", "weights are by weekday, week or month: say by which", f"{field}/by")
        weighting = Weighting(text(value.get("by"), f"{field}/by"), _weights(value["weights"], f"{field}/weights"))
    elif value.get("by") is not None:
        raise Refused("missing_field", "by says what the weights are of: give them, too", f"{field}/weights")
    if value.get("points") is not None:
        points = [_point(one, f"{field}/points/{number}") for number, one in enumerate(_list(value, field, "points"))]
    return Pacing(text(value.get("kind"), f"{field}/kind"), weighting, points)


def _weights(value: Any, field: str) -> dict[str, str] | list[str]:
    if isinstance(value, Mapping):
        return {name: text(one, field + pointer(name)) for name, one in value.items()}
    return texts(value, field)


def _point(value: Any, field: str) -> tuple[date, str]:
    refuse_unknown(members(value, field), ("date", "value"), field)
    return day(value.get("date"), f"{field}/date"), amount(value.get("value"), f"{field}/value")


def _list(said: Mapping[str, Any], field: str, name: str) -> Sequence[Any]:
    if not isinstance(said[name], list | tuple):
        raise Refused("not_a_list", "this must be a list", f"{field}/{name}")
    found: Sequence[Any] = said[name]
    return found


def _calendar(value: Any, field: str) -> Calendar:
    refuse_unknown(members(value, field), ("closed", "country", "subdivision", "days"), field)
    country, subdivision = (
        None if value.get(name) is None else text(value[name], f"{field}/{name}") for name in ("country", "subdivision")
    )
    closed = WEEKEND if value.get("closed") is None else texts(value["closed"], f"{field}/closed")
    days = members(value.get("days") or {}, f"{field}/days")
    words = {name: text(word, f"{field}/days" + pointer(name)) for name, word in days.items()}
    return calendar_of(closed=closed, country=country, subdivision=subdivision, days=words)


def _thresholds(value: Any, field: str) -> dict[str, str | None]:
    refuse_unknown(members(value, field), ("ahead", "on_track", "at_risk"), field)
    return {name: None if one is None else amount(one, f"{field}/{name}") for name, one in value.items()}


def _checkpoints(value: Any, field: str) -> str | list[str]:
    if type(value) is str:
        return value
    if isinstance(value, list | tuple) and all(type(one) is str for one in value):
        return list(value)
    detail = "checkpoints are a rule such as FREQ=WEEKLY;BYDAY=FR, or a list of dates or date-times"
    raise Refused("bad_schedule", detail, field)


def _id(value: Any, field: str) -> UUID:
    try:
        return UUID(text(value, field))
    except ValueError:
        raise Refused("unknown_parent", "a parent is the id of a target", field) from None


HEARD: dict[str, Heard] = {
    "name": _as(text),
    "metric": _as(text),
    "unit": _as(text),
    "kind": _as(text),
    "goal": _as(amount),
    "baseline": _as(amount),
    "bounds": _bounds,
    "pass_share": _as(amount),
    "numerator": _as(_measure),
    "denominator": _as(_measure),
    "comparison": _as(_versus),
    "mode": _as(text),
    "align": _as(text),
    "start": _as(day),
    "end": _as(day),
    "time_zone": _as(text),
    "scope": _as(_scope),
    "pacing": _as(_pacing),
    "checkpoints": _as(_checkpoints),
    "calendar": _as(_calendar),
    "thresholds": _as(_thresholds),
    "refunds": _as(text),
    "expect_data_every": _as(whole),
    "owner": _as(text),
    "team": _as(texts),
    "parent": _as(_id),
    "roll_up": _as(flag),
    "rate_table": _as(text),
}
MEMBERS_OF = {"bounds": ("bounds_min", "bounds_max")}
"""Fields of a definition that stand in one member, where its name is not theirs."""
DEFAULTS = {one.name: one.default for one in fields(Definition)}
NEEDED = ("name", "start", "end", "time_zone")
