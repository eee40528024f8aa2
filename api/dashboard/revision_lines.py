"""The revisions of a target, newest first: when, by whom, why, and what each changed from what to what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from api.dashboard import wording
from api.dashboard.charts.amounts import exact
from api.dashboard.glance import unit_of
from api.target_reads import Found
from domain.money import minor_units
from domain.plan import Plan
from domain.refusal import Refused
from domain.standing import DEFAULT_THRESHOLDS, thresholds_shown
from projections.plans import Revision

MODES = {
    "prospective": "from then on",
    "retroactive": "from the beginning",
    "replan": "planned anew from what there was",
}
FIELDS = {
    "name": "Name",
    "goal": "Goal",
    "baseline": "Baseline",
    "bounds": "Bounds",
    "pass_share": "Checkpoints to be inside at",
    "start": "First day",
    "end": "Last day",
    "scope": "What counts",
    "pacing": "Pacing",
    "checkpoints": "Checkpoints",
    "comparison": "Compared with",
    "mode": "Counted as",
    "align": "Days beside each other by",
    "calendar": "Open days",
    "thresholds": "Lines between statuses",
    "refunds": "Refunds",
    "expect_data_every": "Hours between data",
    "rate_table": "Exchange rates",
    "numerator": "Numerator",
    "denominator": "Denominator",
}
NOTHING = "none"
THRESHOLDS = thresholds_shown(DEFAULT_THRESHOLDS)
SHOWN_MAX = 10


@dataclass(frozen=True)
class Change:
    field: str
    was: str
    now: str


@dataclass(frozen=True)
class RevisionLine:
    """effect: from when on it holds, and how."""

    number: int
    when: str
    by: str
    effect: str
    reason: str
    changes: Sequence[Change]


def revisions_said(found: Found) -> list[RevisionLine]:
    plan = found.known.plan
    revisions = found.known.plans.revisions or []
    return [_line(plan, one, found.as_of.year) for one in reversed(revisions[-SHOWN_MAX:])]


def _line(plan: Plan, one: Revision, year: int) -> RevisionLine:
    by = one.by if one.proposed_by is None else f"{one.proposed_by}, approved by {one.by}"
    since = "" if one.mode == "retroactive" else f" ({wording.moment(one.effective_at, plan.time_zone, year)})"
    return RevisionLine(
        number=one.number,
        when=wording.moment(one.at, plan.time_zone, year),
        by=by,
        effect=f"{MODES.get(one.mode, one.mode)}{since}",
        reason=one.reason,
        changes=changes_said(plan, one.changes, year),
    )


def changes_said(plan: Plan, changes: Mapping[str, Mapping[str, Any]], year: int) -> list[Change]:
    """{"from", "to"} by field of a target's JSON, in words."""
    return [_change(plan, name, said, year) for name, said in changes.items()]


def _change(plan: Plan, name: str, said: Mapping[str, Any], year: int) -> Change:
    was, now = (_value(plan, name, said.get(which), year) for which in ("from", "to"))
    return Change(FIELDS.get(name, wording.capitalized(name.replace("_", " "))), was, now)


def _value(plan: Plan, name: str, value: Any, year: int) -> str:
    """A member of a target's JSON in words."""
    match name, value:
        case "thresholds", None:
            return _value(plan, name, {}, year)
        case "calendar", None:
            return "every day"
        case "scope", None | {} if not value:
            return "all sales"
        case _, None:
            return NOTHING
        case "goal" | "baseline", str():
            return _amount(plan, value)
        case "bounds", dict():
            return wording.listed([f"{which} {_amount(plan, text)}" for which, text in value.items()])
        case "start" | "end", str():
            return wording.day(date.fromisoformat(value), year)
        case "pass_share", str():
            return wording.percent(Fraction(value))
        case "thresholds", dict():
            lines = THRESHOLDS | value
            return ", ".join(f"{_word(line)} from {wording.percent(Fraction(at))}" for line, at in lines.items())
        case "comparison", dict():
            return wording.days(date.fromisoformat(value["start"]), date.fromisoformat(value["end"]))
    return _told(value)


def _amount(plan: Plan, text: str) -> str:
    """Percents stand as they were said."""
    try:
        return exact(minor_units(text, plan.exponent, signed=True), unit_of(plan), plan.exponent)
    except Refused:
        return text


def _told(value: Any) -> str:
    """Whatever else there is, member by member."""
    if isinstance(value, dict):
        said = [f"{_word(name)}: {_told(one)}" for name, one in value.items() if one not in (None, [], {})]
        return "; ".join(said) or NOTHING
    if isinstance(value, list):
        return ", ".join(_told(one) for one in value) or NOTHING
    return _word(str(value)) if not str(value).isupper() else str(value)


def _word(name: str) -> str:
    return name.replace("_", " ")
