"""A definition as JSON says it: what the API answers, what a revision changes from and to, what a template keeps."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.calendar import Calendar
from domain.definition import Definition, Measure, Pacing


def said_of(one: Definition) -> dict[str, Any]:
    """The members of a target's JSON that its definition gave, by their names there; what is not said is left out."""
    said: dict[str, Any] = {
        "name": one.name,
        "metric": one.metric,
        "unit": one.unit,
        "kind": one.kind,
        "goal": one.goal,
        "baseline": one.baseline,
        "bounds": _bounds(one),
        "pass_share": one.pass_share,
        "numerator": _measure(one.numerator),
        "denominator": _measure(one.denominator),
        "comparison": None if one.comparison is None else _days(one.comparison.start, one.comparison.end),
        "mode": one.mode,
        "align": one.align,
        **_days(one.start, one.end),
        "time_zone": one.time_zone,
        "scope": _scope(one.scope),
        "pacing": None if one.pacing is None else _pacing(one.pacing),
        "checkpoints": one.checkpoints,
        "calendar": None if one.calendar is None else _calendar(one.calendar),
        "thresholds": None if one.thresholds is None else dict(one.thresholds),
        "refunds": one.refunds,
        "expect_data_every": one.expect_data_every,
        "owner": one.owner,
        "team": list(one.team),
        "parent": None if one.parent is None else str(one.parent),
        "roll_up": one.roll_up or None,
        "rate_table": one.rate_table,
    }
    return {name: value for name, value in said.items() if value is not None}


def changes_of(before: Definition, after: Definition) -> dict[str, dict[str, Any]]:
    """{"from", "to"} of each field in which they differ, as JSON says it."""
    was, now = said_of(before), said_of(after)
    return {
        name: {"from": was.get(name), "to": now.get(name)}
        for name in (*was, *(one for one in now if one not in was))
        if was.get(name) != now.get(name)
    }


def _bounds(one: Definition) -> dict[str, str] | None:
    given = {"min": one.bounds_min, "max": one.bounds_max}
    return {name: text for name, text in given.items() if text is not None} or None


def _measure(one: Measure | None) -> dict[str, Any] | None:
    return None if one is None else {"metric": one.metric, "scope": _scope(one.scope), "unit": one.unit}


def _scope(scope: Mapping[str, Any] | None) -> dict[str, list[str]] | None:
    return None if scope is None else {name: list(values) for name, values in scope.items()}


def _days(start: date, end: date) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}


def _pacing(one: Pacing) -> dict[str, Any]:
    said: dict[str, Any] = {"kind": one.kind}
    if one.weighting is not None:
        said |= {"by": one.weighting.by, "weights": one.weighting.weights}
    if one.points is not None:
        said["points"] = [{"date": day.isoformat(), "value": value} for day, value in one.points]
    return said


def _calendar(one: Calendar) -> dict[str, Any]:
    return {
        "closed": list(one.closed),
        "country": one.country,
        "subdivision": one.subdivision,
        "days": {day.isoformat(): said for day, said in one.days.items()},
    }
