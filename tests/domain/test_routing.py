"""Toward which targets a posting counts, and as what; each rule a sentence, and the index held against the rules."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.definition import Measure
from domain.ledger import Posting
from domain.routing import Route, Router, credited, routes_of
from tests.domain.reference import share_of
from tests.words import plan

BEGINS, ENDS = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
ANA, BEN = UUID(int=1), UUID(int=2)
SHARED = [{"rep": "ana", "bps": 5_000}, {"rep": "ben", "bps": 2_500}]


def posting(amount: int = 10_00, at: datetime = NOON, **says: Any) -> Posting:
    return Posting("webshop", "1", says.pop("metric", "revenue"), amount, at, says.pop("dimensions", {}), **says)


def route(
    id: int | UUID = 1, metric: str = "revenue", scope: dict[str, list[str]] | None = None, **rules: bool
) -> Route:
    named = {name: frozenset(values) for name, values in (scope or {}).items()}
    return Route(id if isinstance(id, UUID) else UUID(int=id), metric, BEGINS, ENDS, named, **rules)


def router(*routes: Route) -> Router:
    found = Router()
    for one in routes:
        found.add(one)
    return found


def amounts(routes: Router, one: Posting) -> dict[UUID, int]:
    return {target_id: counts.amount for target_id, counts in routes.counted(one)}


def test_a_posting_counts_as_it_is_toward_each_target_of_its_metric_period_and_scope() -> None:
    routes = router(
        route(1),
        route(2, scope={"region": ["emea", "us"]}),
        route(3, scope={"region": ["emea"], "rep": ["ana"]}),
        route(4, scope={"region": ["apac"]}),
        route(5, metric="margin"),
    )
    one = posting(dimensions={"region": "emea", "rep": "ana"})

    found = routes.counted(one)

    assert {target_id.int for target_id, _ in found} == {1, 2, 3}
    assert all(counts is one for _, counts in found)


@pytest.mark.parametrize(
    ("at", "counts"), [(BEGINS, True), (ENDS, False), (OCTOBER, False), (ENDS - timedelta(microseconds=1), True)]
)
def test_a_period_is_half_open(at: datetime, counts: bool) -> None:
    assert bool(router(route()).counted(posting(at=at))) is counts
    assert bool(router(route(scope={"rep": ["ana"]})).counted(posting(at=at, dimensions={"rep": "ana"}))) is counts


def test_a_target_that_is_removed_counts_nothing_any_more() -> None:
    routes = router(route(1), route(2, scope={"rep": ["ana", "ben"]}), route(1, under=True))

    routes.remove(UUID(int=1))
    routes.remove(UUID(int=2))

    assert routes.counted(posting(dimensions={"rep": "ana"})) == []


# When a refund counts


def test_a_refund_counts_at_its_own_date_unless_the_target_claws_back() -> None:
    routes = router(route(1), route(2, clawback=True))
    taken = posting(-4_00, NOON, original_at=BEGINS)

    found = dict(routes.counted(taken))

    assert found[UUID(int=1)] is taken
    assert (found[UUID(int=2)].occurred_at, found[UUID(int=2)].amount) == (BEGINS, -4_00)


def test_a_refund_is_clawed_back_from_the_period_of_its_original_alone() -> None:
    routes = router(route(1), route(2, clawback=True))

    assert amounts(routes, posting(-4_00, NOON, original_at=OCTOBER)) == {UUID(int=1): -4_00}
    assert amounts(routes, posting(-4_00, ENDS, original_at=NOON)) == {UUID(int=2): -4_00}


def test_a_refund_of_an_unknown_original_counts_at_its_own_date_for_all() -> None:
    taken = posting(-4_00)

    assert [counts is taken for _, counts in router(route(1), route(2, clawback=True)).counted(taken)] == [True, True]


# Whose a sale is


def test_a_shared_sale_counts_by_the_shares_of_those_whom_the_scope_names_and_whole_elsewhere() -> None:
    routes = router(
        route(ANA, scope={"rep": ["ana"]}),
        route(BEN, scope={"rep": ["ben"], "region": ["emea"]}),
        route(3, scope={"rep": ["ana", "ben", "eve"]}),
        route(4, scope={"region": ["emea"]}),
        route(5),
        route(6, scope={"rep": ["eve"]}),
        route(7, scope={"rep": ["ana"], "region": ["us"]}),
    )

    found = amounts(routes, posting(10_00, credit=SHARED, dimensions={"region": "emea", "rep": "eve"}))

    assert {one.int: amount for one, amount in found.items()} == {1: 5_00, 2: 2_50, 3: 7_50, 4: 10_00, 5: 10_00}


def test_a_sale_that_one_has_all_of_counts_as_it_is() -> None:
    one = posting(credit=[{"rep": "ana", "bps": 10_000}])

    ((_, counts),) = router(route(ANA, scope={"rep": ["ana"]})).counted(one)

    assert counts is one


def test_the_shares_of_an_odd_cent_go_to_the_earlier() -> None:
    thirds = [{"rep": name, "bps": 3_333} for name in ("ana", "ben", "eve")]
    routes = router(*[route(n, scope={"rep": [name]}) for n, name in enumerate(("ana", "ben", "eve"), 1)])

    found = amounts(routes, posting(2, credit=thirds))

    assert {one.int: amount for one, amount in found.items()} == {1: 1, 2: 1, 3: 0}


def test_what_nobody_is_credited_with_is_nobodys() -> None:
    assert credited(1_00, [{"rep": "ana", "bps": 1}], {"ana"}) == 0
    assert credited(100_00, [{"rep": "ana", "bps": 1}], {"ana"}) == 1
    assert credited(100_00, [{"rep": "ana", "bps": 1}], {"ben"}) == 0


def test_a_shared_refund_is_clawed_back_by_the_share() -> None:
    routes = router(route(ANA, scope={"rep": ["ana"]}, clawback=True))

    ((_, counts),) = routes.counted(posting(-10_00, ENDS, credit=SHARED, original_at=NOON))

    assert (counts.amount, counts.occurred_at) == (-5_00, NOON)


@given(
    st.integers(-(10**15), 10**15),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 2_500)), min_size=1, max_size=4),
    st.sets(st.sampled_from("abc")),
)
def test_shares_are_exact_and_taken_back_exactly(amount: int, shares: list[tuple[str, int]], people: set[str]) -> None:
    credit = [{"rep": rep, "bps": bps} for rep, bps in shares]

    part = credited(amount, credit, people)

    assert part == share_of(amount, tuple(shares), people)
    assert credited(-amount, credit, people) == -part
    assert part + credited(amount, credit, set("abc") - people) == credited(amount, credit, set("abc"))


# What was measured, and ratios


def test_a_level_counts_where_levels_do_and_a_sale_where_sums_do() -> None:
    routes = router(route(1), route(2, levels=True), route(3, under=True))
    level, withdrawn = posting(level=True), posting(level=True, withdraws="0")

    assert [one.int for one in amounts(routes, posting())] == [1, 3]
    assert routes.counted(level) == [(UUID(int=2), level)]
    assert routes.counted(withdrawn) == [(UUID(int=2), withdrawn)]


def test_a_ratio_counts_a_sale_above_below_or_in_both() -> None:
    routes = router(route(1, metric="margin"), route(1, under=True, scope={"region": ["emea"]}), route(2))
    of_both = router(route(1, scope={"region": ["emea"]}), route(1, under=True))
    one = posting(dimensions={"region": "emea"})

    sides = [[(target_id.int, counts.under) for target_id, counts in found.counted(one)] for found in (routes, of_both)]

    assert sides == [[(2, False), (1, True)], [(1, False), (1, True)]]
    assert amounts(routes, posting(metric="margin")) == {UUID(int=1): 10_00}


# What a plan counts


def test_a_plan_counts_sums_by_its_scope_and_refunds_by_its_rule() -> None:
    (own,) = routes_of(ANA, plan(scope={"rep": ["ana"]}))
    (back,) = routes_of(ANA, plan(refunds="clawback"))

    assert own == route(ANA, scope={"rep": ["ana"]})
    assert back == route(ANA, clawback=True)


@pytest.mark.parametrize(
    "of_levels",
    [{"kind": "from_to", "baseline": "8.00", "goal": "5.00"}, {"kind": "keep", "goal": None, "bounds_max": "5.00"}],
)
def test_a_plan_for_a_level_counts_measurements(of_levels: dict[str, Any]) -> None:
    assert routes_of(ANA, plan(**of_levels)) == [route(ANA, levels=True)]


def test_a_plan_for_a_ratio_counts_two_sums() -> None:
    ratio = plan(
        metric=None,
        kind="ratio",
        goal="0.5",
        numerator=Measure("won", {"region": ["emea"]}, "pieces"),
        denominator=Measure("asked", {}, "pieces"),
        refunds="clawback",
    )

    assert routes_of(ANA, ratio) == [
        route(ANA, "won", {"region": ["emea"]}, clawback=True),
        route(ANA, "asked", clawback=True, under=True),
    ]


# The index finds what the rules say, whatever they are

VALUES = {"region": ["emea", "us", "apac"], "rep": ["ana", "ben", "eve"], "shop": ["x"]}


def _any_route(chance: Random, id: int) -> Route:
    names = chance.sample(sorted(VALUES), chance.randrange(4))
    scope = {name: chance.sample(VALUES[name], chance.randint(1, len(VALUES[name]))) for name in names}
    rules = {name: chance.random() < 0.3 for name in ("clawback", chance.choice(("levels", "under")))}
    return route(id, chance.choice(("revenue", "margin")), scope, **rules)


def _any_posting(chance: Random) -> Posting:
    level = chance.random() < 0.2
    shares = [{"rep": rep, "bps": chance.randint(1, 3_333)} for rep in chance.choices(VALUES["rep"], k=3)]
    return posting(
        chance.randint(-99, 99),
        chance.choice((NOON, OCTOBER, ENDS)),
        metric=chance.choice(("revenue", "margin")),
        dimensions={name: chance.choice(VALUES[name]) for name in VALUES if chance.random() < 0.7},
        level=level,
        credit=shares if not level and chance.random() < 0.4 else None,
        original_at=chance.choice((None, NOON, OCTOBER)) if not level else None,
    )


@pytest.mark.parametrize("seed", range(100))
def test_the_router_finds_every_target_that_counts_a_posting_and_no_other(seed: int) -> None:
    chance = Random(seed)
    routes = [_any_route(chance, id) for id in range(chance.randrange(20))]
    found = router(*routes)
    gone = {one.target_id for one in routes if chance.random() < 0.2}
    for target_id in gone:
        found.remove(target_id)

    for _ in range(50):
        one = _any_posting(chance)
        due = {
            (kept.target_id, kept.under): counts
            for kept in routes
            if kept.target_id not in gone and (counts := kept.counted(one)) is not None
        }
        said = found.counted(one)
        assert len(said) == len(due)
        assert {(target_id, counts.under): counts for target_id, counts in said} == due
