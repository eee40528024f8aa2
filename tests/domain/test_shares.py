"""What members bring, what they leave, what two of them count of the same sales, and who is ahead."""

from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from domain.actuals import Actuals
from domain.application import Milemarker
from domain.comparison import Frozen
from domain.course import Course
from domain.definition import Versus
from domain.rollup.leaderboard import ranked
from domain.rollup.membership import Window
from domain.rollup.overlap import counted_twice, none_meet
from domain.rollup.rolling import routes_within
from domain.rollup.shares import NO_SHARE, Share, added_up, share_of
from domain.routing import Route
from tests.domain.companies import CLOSED, EMEA, US, loaded, region, sale_in, sold, started
from tests.memory import memory_app
from tests.words import plan, sale

ANA, JO = {"rep": ["ana"]}, {"rep": ["jo"]}


def routes(*scopes: dict[str, list[str]], window: Window | None = None) -> list[Route]:
    return [
        route
        for scope in scopes
        for route in routes_within(UUID(int=1), region("1.00", scope), window or Window(), plan())
    ]


def twice(app: Milemarker, *scopes: dict[str, list[str]]) -> int:
    with app.writing() as log:
        top = log.position
    return counted_twice(routes(*scopes), (recorded for _, recorded in app.ledger(0, top)))


def test_a_share_is_what_lies_between_the_first_and_the_last_day() -> None:
    app = memory_app()
    member = loaded(app, started(app, region("300.00")))
    sold(app, sale_in("emea", "1", "1.00", 10), sale_in("emea", "2", "2.00", 11))
    member = loaded(app, member.id)

    first, second = (
        share_of(member.course, member.sums, {}, window, plan(), CLOSED)
        for window in (Window(until=date(2026, 11, 10)), Window(since=date(2026, 11, 11)))
    )

    assert first == Share(1_00, 0, Fraction(1_00), Fraction(100_00), Fraction(100_00))
    assert second == Share(2_00, 0, Fraction(2_00), Fraction(50_00), Fraction(200_00))
    assert added_up([first, second]).goal == 300_00


def test_a_gain_is_shared_with_the_days_that_it_is_compared_with() -> None:
    words: dict[str, Any] = {"kind": "uplift", "comparison": Versus(date(2025, 11, 1), date(2025, 11, 30))}
    one = region("300.00", **words).with_comparison(Frozen(1, [1_00] * 30, 30), 300_00)
    sums = {one.midnights[4]: 50_00, one.midnights[20]: 70_00}
    windows = Window(until=date(2026, 11, 10)), Window(since=date(2026, 11, 11))

    shares = [share_of(Course([one]), sums, {}, window, plan(), one.ends) for window in windows]

    assert [share and share.actual for share in shares] == [50_00 - 10_00, 70_00 - 20_00]
    assert sum(share.actual or 0 for share in shares if share) == Actuals(one, sums).before(one.ends)


def test_outside_of_its_days_a_member_brings_nothing() -> None:
    course = Course([region("300.00")])

    share = share_of(course, {}, {}, Window(until=date(2026, 10, 1)), plan(), CLOSED)

    assert share == NO_SHARE


def test_what_cuts_a_day_in_two_is_not_guessed() -> None:
    course = Course([region("300.00")])
    other = plan(time_zone="America/New_York")

    assert share_of(course, {}, {}, Window(), other, CLOSED) is None


@pytest.mark.parametrize(
    ("scopes", "apart"),
    [
        ([EMEA, US], True),
        ([ANA, JO], True),
        ([EMEA, ANA], False),
        ([EMEA, EMEA], False),
        ([{}, EMEA], False),
        ([{**EMEA, **ANA}, {**EMEA, **JO}, US], True),
        ([{**EMEA, **ANA}, EMEA], False),
    ],
)
def test_scopes_say_whether_a_sale_may_count_twice(scopes: list[dict[str, list[str]]], apart: bool) -> None:
    assert none_meet(routes(*scopes)) is apart


def test_memberships_that_follow_each_other_never_meet() -> None:
    before, after = Window(until=date(2026, 11, 10)), Window(since=date(2026, 11, 11))

    assert none_meet([*routes(EMEA, window=before), *routes(EMEA, window=after)])
    assert not none_meet([*routes(EMEA, window=before), *routes(EMEA, window=before)])


def test_what_two_members_count_of_one_sale_is_counted_from_the_ledger() -> None:
    app = memory_app()
    sold(
        app,
        sale("1", "10.00", dimensions={"region": "emea", "rep": "ana"}),
        sale("2", "5.00", dimensions={"region": "emea"}),
        sale("3", "1.00", dimensions={"rep": "ana"}),
    )

    assert twice(app, EMEA, ANA) == 10_00
    assert twice(app, EMEA, ANA, ANA) == 10_00 + 10_00 + 1_00
    assert twice(app, US, JO) == 0


def test_shares_of_one_sale_are_not_the_same_sale_twice() -> None:
    app = memory_app()
    credit = [{"rep": "ana", "bps": 6000}, {"rep": "jo", "bps": 3000}]
    sold(app, sale("1", "10.00", credit=credit, dimensions={"region": "emea"}))

    assert twice(app, ANA, JO) == 0
    assert twice(app, ANA, {"rep": ["ana", "jo"]}) == 6_00
    assert twice(app, ANA, EMEA) == 6_00


def test_equal_ones_share_a_rank_and_the_next_is_left_out() -> None:
    values = {"a": Fraction(1), "b": Fraction(2), "c": None, "d": Fraction(2), "e": Fraction(0)}

    assert ranked(values) == [(1, "b"), (1, "d"), (3, "a"), (4, "e"), (None, "c")]


@given_any(st.dictionaries(st.integers(), st.none() | st.fractions(max_denominator=3)))
def test_a_rank_is_one_more_than_how_many_are_ahead(values: dict[int, Fraction | None]) -> None:
    known = [value for value in values.values() if value is not None]

    for rank, one in ranked(values):
        value = values[one]
        assert rank == (None if value is None else 1 + sum(other > value for other in known))
    assert sorted(one for _, one in ranked(values)) == sorted(values)
