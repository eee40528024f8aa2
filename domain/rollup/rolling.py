"""Rolling up: what the members of a roll-up count and expect, added up. Pure: of targets and memberships as given."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from domain.course import Course, rational
from domain.plan import Plan
from domain.rollup.membership import Membership
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
        window = None if target is None or one.ended else one.window.within(target.plan)
        if target is None or window is None or target.state not in COUNTING:
            continue
        begins, ends = max(window[0], plan.begins), min(window[1], plan.ends)
        if begins >= ends:
            continue
        counted = [cut for route in routes_of(target.id, target.plan) if (cut := _cut(route, begins, ends)) is not None]
        members.append(Member(target.id, begins, ends, counted))
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


def _cut(route: Route, begins: datetime, ends: datetime) -> Counted | None:
    """What a route counts within these instants."""
    begins, ends = max(begins, route.begins), min(ends, route.ends)
    if begins >= ends:
        return None
    scope = {name: sorted(values) for name, values in sorted(route.scope.items())}
    return Counted(route.metric, scope, begins, ends, route.clawback, route.under)
