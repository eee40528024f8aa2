"""A target as people say it, and a plan said again: for revisions, copies, templates. The rules: `domain.defining`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.calendar import Calendar
from domain.money import shown
from domain.pace import Weighting
from domain.plan import CUMULATIVE, FROM_TO, KEEP, OWN_DATE, RATIO, Bounds, Part, Plan

Scope = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Measure:
    """One metric of a ratio as it is said; unit: only where the metric is not known yet."""

    metric: str
    scope: Scope
    unit: str | None = None


@dataclass(frozen=True)
class Pacing:
    """How the goal is spread over the period; weighting: of `weighted`; points: of `explicit`, (date, decimal text)."""

    kind: str
    weighting: Weighting | None = None
    points: Sequence[tuple[date, str]] | None = None


@dataclass(frozen=True)
class Versus:
    """The period that an uplift, or the profile of last year, is compared with."""

    start: date
    end: date


@dataclass(frozen=True)
class Definition:
    """A target as it is said: amounts are decimal text, `metric` and `unit` names.

    calendar: its open days, None for every day; expect_data_every: hours; approvals and so on are no part of it.
    """

    name: str
    start: date
    end: date
    time_zone: str
    metric: str | None = None
    unit: str | None = None
    kind: str = CUMULATIVE
    goal: str | None = None
    scope: Scope | None = None
    pacing: Pacing | None = None
    checkpoints: str | list[str] | None = None
    baseline: str | None = None
    bounds_min: str | None = None
    bounds_max: str | None = None
    pass_share: str | None = None
    numerator: Measure | None = None
    denominator: Measure | None = None
    comparison: Versus | None = None
    mode: str | None = None
    align: str | None = None
    calendar: Calendar | None = None
    thresholds: Mapping[str, str | None] | None = None
    refunds: str = OWN_DATE
    expect_data_every: int | None = None
    owner: str | None = None
    team: Sequence[str] = ()
    parent: UUID | None = None
    roll_up: bool = False
    rate_table: str | None = None


def definition_of(plan: Plan) -> Definition:
    """What would define this plan again: for revisions, copies and templates."""

    def amount(minor: int | None) -> str | None:
        return None if minor is None else shown(minor, plan.exponent)

    def measure(part: Part | None) -> Measure | None:
        return None if part is None else Measure(part.metric, part.scope, part.unit)

    bounds = plan.bounds or Bounds()
    versus = plan.comparison
    said: dict[str, Any] = {name: getattr(plan, name) for name in SAME}
    of_sales = plan.kind != RATIO
    has_goal = plan.kind != KEEP and not plan.sums_up
    return Definition(
        **said,
        metric=plan.metric if of_sales else None,
        unit=plan.unit if of_sales else None,
        scope=plan.scope if of_sales else None,
        goal=(plan.percent or amount(plan.goal)) if has_goal else None,
        pacing=None
        if plan.roll_up
        else Pacing(
            plan.pacing,
            plan.weighting,
            None if plan.points is None else [(one.day, shown(one.value, plan.exponent)) for one in plan.points],
        ),
        checkpoints=plan.schedule,
        baseline=amount(plan.baseline) if plan.kind == FROM_TO else None,
        bounds_min=amount(bounds.min),
        bounds_max=amount(bounds.max),
        numerator=measure(plan.numerator),
        denominator=measure(plan.denominator),
        comparison=None if versus is None else Versus(versus.start, versus.end),
        align=None if versus is None else versus.align,
        team=plan.team or [],
        parent=None if plan.parent is None else UUID(plan.parent),
        roll_up=bool(plan.roll_up),
    )


SAME = (
    "name",
    "start",
    "end",
    "time_zone",
    "kind",
    "pass_share",
    "mode",
    "calendar",
    "thresholds",
    "refunds",
    "expect_data_every",
    "owner",
    "rate_table",
)
"""What a plan keeps as it was said."""
