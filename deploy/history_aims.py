"""What a target of each kind is to reach, in plain words, and how far it is on that way."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from domain.figures import goal_shown
from domain.plan import FROM_TO, KEEP, Plan
from projections.history import Stood

Money = Callable[[int], str]
"""Minor units in words."""
MODES = {
    "prospective": "from {at} on",
    "retroactive": "from the beginning",
    "replan": "planned anew at {at}",
}


def aim_of(plan: Plan, money: Money) -> str:
    """Such as "$100,000.00 of revenue", "+$5.00 of revenue over 2025-11-01 to 2025-11-30", "churn at most 6.00"."""
    match plan.kind:
        case "uplift":
            more = plan.percent or f"+{money(plan.goal)}"
            return f"{more} of {plan.metric} over {plan.compared_with}"
        case "from_to":
            return f"{plan.metric} from {money(plan.baseline)} to {money(plan.final)}"
        case "keep":
            return f"{plan.metric} {_bounds(plan, money)}"
        case "ratio":
            assert plan.numerator is not None
            assert plan.denominator is not None
            parts = (f"{one.metric}{where(one.scope)}" for one in (plan.numerator, plan.denominator))
            return f"{money(plan.final)} as the ratio of {' to '.join(parts)}"
    return f"{money(plan.final) if goal_shown(plan) is not None else 'the goals of its members'} of {plan.metric}"


def where(scope: Mapping[str, list[str]]) -> str:
    matches = (f"{name} is {' or '.join(values)}" for name, values in scope.items())
    return f", where {' and '.join(matches)}" if scope else ""


def _bounds(plan: Plan, money: Money) -> str:
    assert plan.bounds is not None
    low, high = (None if one is None else money(one) for one in (plan.bounds.min, plan.bounds.max))
    if low is None or high is None:
        return f"at least {low}" if high is None else f"at most {high}"
    return f"between {low} and {high}"


def way_of(stood: Stood) -> str:
    """After the actual: how much of what is to be reached that is; nothing where that can't be said."""
    now, status, plan = stood.figures, stood.status, stood.plan
    if plan.kind == KEEP:
        return f": inside at {status.inside} of {status.evaluated} checkpoints" if status.evaluated else ""
    if now.progress is None:
        return ""
    of = "of the way" if plan.kind == FROM_TO else "of the goal"
    return f": {Decimal(now.progress) * 100:.2f} % {of}"


def is_paced(plan: Plan) -> bool:
    """Whether something is expected of it that a pace is measured against: not of a level that is to stay."""
    return plan.kind != KEEP


def changes_said(changes: Mapping[str, Mapping[str, Any]]) -> str:
    """Such as "goal 120000.00, not 100000.00; scope {"region":["emea"]}, not {}"."""
    said = (f"{_named(name)} {_said(one.get('to'))}, not {_said(one.get('from'))}" for name, one in changes.items())
    return "; ".join(said)


def _named(name: str) -> str:
    return name.replace("_", " ")


def _said(value: Any) -> str:
    if value is None or value in ({}, []):
        return "none"
    return value if isinstance(value, str) else orjson.dumps(value).decode()
