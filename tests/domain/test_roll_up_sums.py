"""Whoever belongs to a roll-up from when to when, and whatever is sold: it has what its members have, added up."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from domain.actuals import Actuals
from domain.application import Milemarker
from domain.course import Course
from domain.filling import Filler
from domain.revising import Wish, revise_target
from domain.revision import MODES, REPLAN
from domain.rollup.membership import Window
from domain.target import Target
from tests.domain.companies import BY, company, loaded, region, sale_in, sold, started
from tests.memory import memory_app
from tests.words import NOW, resolving

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
REGIONS = ("emea", "us", "apac")
DAYS = st.integers(1, 30)


@dataclass(frozen=True)
class Drawn:
    """A member of one of two roll-ups; days of November; split: the day after which it moves to the other one."""

    regions: list[str]
    goal: int
    pacing: str
    start: int
    end: int
    split: int
    revised: tuple[int, str] | None
    cancelled: bool


@st.composite
def members(draw: st.DrawFn) -> Drawn:
    start, end = sorted((draw(DAYS), draw(DAYS)))
    return Drawn(
        draw(st.lists(st.sampled_from(REGIONS), min_size=1, unique=True)),
        draw(st.integers(1, 10_000)),
        draw(st.sampled_from(["linear", "equal_steps"])),
        start,
        end,
        draw(st.integers(start, end)),
        draw(st.none() | st.tuples(st.integers(1, 10_000), st.sampled_from(MODES))),
        draw(st.integers(1, 6)) == 1,
    )


SALES = st.lists(
    st.tuples(st.sampled_from(REGIONS), DAYS.filter(lambda day: day < 24), st.integers(1, 1_000)), max_size=12
)


@settings(max_examples=60, deadline=None)
@given_any(drawn=st.lists(members(), min_size=1, max_size=4), before=SALES, after=SALES)
def test_a_roll_up_has_what_its_members_have(
    drawn: list[Drawn], before: list[tuple[str, int, int]], after: list[tuple[str, int, int]]
) -> None:
    app = memory_app()
    whole, first, second = (started(app, company(name=name)) for name in ("Whole", "First", "Second"))
    app.join_target(whole, first, Window(), **BY)
    app.join_target(whole, second, Window(), **BY)
    sell(app, "before", before)
    joined: dict[UUID, list[tuple[UUID, Window]]] = {first: [], second: []}
    for number, one in enumerate(drawn):
        join(app, one, (first, second)[number % 2], (second, first)[number % 2], joined)
    sell(app, "after", after)

    parents = {one: loaded(app, one) for one in (whole, first, second)}

    for parent, memberships in joined.items():
        assert_sums(app, parents[parent], memberships)
    assert_sums(app, parents[whole], [(first, Window()), (second, Window())])


def join(app: Milemarker, one: Drawn, parent: UUID, other: UUID, joined: dict[UUID, list[tuple[UUID, Window]]]) -> None:
    schedule = "FREQ=WEEKLY;BYDAY=FR" if one.pacing == "equal_steps" else None
    start, end, split = (FIRST.replace(day=day) for day in (one.start, one.end, one.split))
    words = {"pacing": one.pacing, "schedule": schedule, "start": start, "end": end}
    member = started(app, region(f"{one.goal}.00", {"region": one.regions}, **words))
    window = Window(until=split)
    app.join_target(parent, member, window, **BY)
    joined[parent].append((member, window))
    if split < end:
        window = Window(since=split + timedelta(days=1))
        app.join_target(other, member, window, **BY)
        joined[other].append((member, window))
    if one.revised is not None:
        goal, mode = one.revised
        if mode == REPLAN:
            Filler(app).fill_some(NOW)  # it goes on from an actual that is known
        revise_target(app, member, Wish({"goal": f"{goal}.50", "name": "Revised"}, "Another", mode), resolving(), **BY)
    if one.cancelled:
        app.cancel_target(member, "Given up", **BY)


def sell(app: Milemarker, name: str, sales: list[tuple[str, int, int]]) -> None:
    sold(app, *(sale_in(where, f"{name}-{n}", f"{amount}.00", day) for n, (where, day, amount) in enumerate(sales)))


def assert_sums(app: Milemarker, parent: Target, memberships: list[tuple[UUID, Window]]) -> None:
    """Held against the members' own sums and their own expectations, instant by instant."""
    members = [(loaded(app, one), window) for one, window in memberships]
    counting = [(one, window) for one, window in members if one.state != "cancelled"]
    actuals = Actuals(parent.plan, parent.sums)
    for at in (*parent.plan.midnights, *parent.plan.cutoffs):
        assert actuals.before(at) == sum(sold_until(one, window, at) for one, window in counting)
        assert parent.course.expected(at) == sum(
            (expected_until(one, window, at) for one, window in counting), Fraction(0)
        )
    goals = sum((expected_until(one, window, parent.plan.ends) for one, window in counting), Fraction(0))
    assert parent.plan.goal == round(goals)
    assert parent.attained == (parent.plan.goal > 0 and parent.total >= parent.plan.goal)


def sold_until(member: Target, window: Window, at: datetime) -> int:
    begins, ends = instants(member, window)
    return sum(net for start, net in member.sums.items() if begins <= start < min(at, ends))


def expected_until(member: Target, window: Window, at: datetime) -> Fraction:
    begins, ends = instants(member, window)
    course = Course(member.plans)
    return course.expected(max(begins, min(at, ends))) - course.expected(begins)


def instants(member: Target, window: Window) -> tuple[datetime, datetime]:
    plan = member.plan
    since, until = window.since or plan.start, window.until or plan.end
    return plan.midnights[(since - plan.start).days], plan.midnights[(until - plan.start).days + 1]


@pytest.mark.parametrize("day", range(1, 30))
def test_two_memberships_that_follow_each_other_share_the_goal_without_a_rest(day: int) -> None:
    app = memory_app()
    first, second, member = started(app, company()), started(app, company()), started(app, region("300.00"))
    split = FIRST.replace(day=day)
    app.join_target(first, member, Window(until=split), **BY)
    app.join_target(second, member, Window(since=split + timedelta(days=1)), **BY)

    assert loaded(app, first).plan.goal + loaded(app, second).plan.goal == 300_00
