"""Rolling up: what the members of a roll-up count and expect, added up. Pure: of targets and memberships as given."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from domain.course import Course, rational
from domain.plan import RATIO, Plan
from domain.refusal import Refused
from domain.rollup.membership import Membership, Window
from domain.rollup.rolled import Counted, Member, Reached, Rolled
from domain.routing import COUNTING, Route, routes_of
from domain.target import Target

FINER_MAX = 2
"""So many more decimal places than its parent's a member's unit may have."""


def rolled_up(plan: Plan, memberships: Iterable[Membership], targets: Mapping[UUID, Target]) -> Rolled:
    """What those of these members come to that count: neither drafts nor what was cancelled.

    plan: the roll-up's; a membership is cut to its period.
    """
    members: list[Member] = []
    grows: dict[datetime, Fraction] = {}
    for one in memberships:
        target = targets.get(one.member)
        if target is None or one.ended or target.state not in COUNTING:
            continue
        within = _within(target.plan, one.window, plan)
        if within is None:
            continue
        begins, ends = within
        routes, factor = routes_within(target.id, target.plan, one.window, plan), factor_of(plan, target.plan)
        members.append(Member(target.id, begins, ends, [_counted(route, factor) for route in routes]))
        if plan.sums_up:
            for at, grown in growth(target.course, begins, ends):
                grows[at] = grows.get(at, Fraction(0)) + grown * worth_of(plan, target.plan)
    members.sort(key=lambda one: (one.target, one.begins))
    return Rolled(members, _steps(grows))


def added(some: Rolled, others: Rolled) -> Rolled:
    """What two parts of the members of a roll-up, of which none is in both, come to together."""
    grows: dict[datetime, Fraction] = {}
    for part in (some, others):
        for at, value, before in zip(part.instants, part.values, [Fraction(0), *part.values], strict=False):
            grows[at] = grows.get(at, Fraction(0)) + value - before
    members = sorted([*some.members, *others.members], key=lambda one: (one.target, one.begins))
    return Rolled(members, _steps(grows))


def growth(course: Course, begins: datetime, ends: datetime) -> list[tuple[datetime, Fraction]]:
    """By how much E grows and when, after `begins` and up to `ends`: what is expected at an instant lies before it."""
    steps = [(course.plan.begins, Fraction(course.plan.baseline)), *course.steps]
    return [
        (at, value - before) for (_, before), (at, value) in pairwise(steps) if value != before and begins < at <= ends
    ]


def _steps(grows: Mapping[datetime, Fraction]) -> list[Reached]:
    total, steps = Fraction(0), list[Reached]()
    for at in sorted(grows):
        total += grows[at]
        steps.append(Reached(at, rational(total)))
    return steps


def routes_within(target_id: UUID, plan: Plan, window: Window, parent: Plan) -> list[Route]:
    """What a member counts while it is one, in its parent's period."""
    within = _within(plan, window, parent)
    if within is None:
        return []
    begins, ends = within
    cut = (
        replace(route, begins=max(begins, route.begins), ends=min(ends, route.ends))
        for route in routes_of(target_id, plan)
    )
    return [route for route in cut if route.begins < route.ends]


def _within(plan: Plan, window: Window, parent: Plan) -> tuple[datetime, datetime] | None:
    """The instants between which a member is one, in its parent's period; None where there are none."""
    within = window.within(plan)
    if within is None:
        return None
    begins, ends = max(within[0], parent.begins), min(within[1], parent.ends)
    return (begins, ends) if begins < ends else None


def _counted(route: Route, factor: int) -> Counted:
    scope = {name: sorted(values) for name, values in sorted(route.scope.items())}
    times = route.factor * factor
    return Counted(
        route.metric, scope, route.begins, route.ends, route.clawback, route.under, times if times != 1 else None
    )


def worth_of(parent: Plan, member: Plan) -> Fraction:
    """What a minor unit of a member is in its parent's, exactly. Refused: wrong_unit, where nothing converts it."""
    if member.unit == parent.unit and member.exponent == parent.exponent:
        return Fraction(1)
    rate = (parent.rates or {}).get(member.unit)
    if rate is None or member.exponent - parent.exponent > FINER_MAX:
        by = f" by the rate table {parent.rate_table}" if parent.rate_table else ": it has no rate_table"
        detail = f"{parent.name} is counted in {parent.unit}, and {member.name} in {member.unit}, not converted{by}"
        raise Refused("wrong_unit", detail, "/target")
    return Fraction(rate) * Fraction(10) ** (parent.exponent - member.exponent)


def factor_of(parent: Plan, member: Plan) -> int:
    """What one of what a member counts in is of what its parent counts in: a whole number."""
    if parent.kind == RATIO:
        return 1
    factor = worth_of(parent, member) * Fraction(parent.scale, member.scale)
    if factor.denominator != 1:
        detail = f"{member.name} converts currencies itself: its parent is counted in {member.unit}, with a rate_table"
        raise Refused("wrong_unit", detail, "/target")
    return int(factor)
