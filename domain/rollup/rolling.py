"""Rolling up: what the members of a roll-up count and expect, added up. Pure: of targets and memberships as given."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from domain.course import Course, rational
from domain.plan import Plan
from domain.rollup.membership import Membership, Window
from domain.rollup.rolled import Counted, Member, Reached, Rolled
from domain.routing import COUNTING, Route, routes_of
from domain.target import Target


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
        routes = routes_within(target.id, target.plan, one.window, plan)
        members.append(Member(target.id, begins, ends, [_counted(route) for route in routes]))
        if plan.sums_up:
            for at, grown in growth(target.course, begins, ends):
                grows[at] = grows.get(at, Fraction(0)) + grown
    members.sort(key=lambda one: (one.target, one.begins))
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


def _counted(route: Route) -> Counted:
    scope = {name: sorted(values) for name, values in sorted(route.scope.items())}
    return Counted(route.metric, scope, route.begins, route.ends, route.clawback, route.under)
