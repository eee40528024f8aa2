"""Several currencies: each keeps its own amounts, and a roll-up converts them exactly, by the table that it pinned."""

from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from domain.application import Milemarker
from domain.metric import Metric
from domain.plan import Plan
from domain.refusal import Refused
from domain.revising import Wish, revise_target
from domain.rollup.membership import Window
from domain.rollup.rates import RateTable, rate_table_of, rates_into
from domain.target import Target
from tests.domain.companies import BY, CLOSED, company, loaded, refused, region, sale_in, sold, started
from tests.memory import memory_app
from tests.words import NOW, resolving

EUROS, YEN = Metric("revenue_eur", "EUR", 2), Metric("revenue_jpy", "JPY", 0)
OCTOBER = rate_table_of("october", date(2026, 10, 31), "USD", {"EUR": "1.0842", "JPY": "0.00657"})
NOVEMBER = rate_table_of("november", date(2026, 11, 30), "EUR", {"USD": "0.5"})


def world(app: Milemarker, **changes: Any) -> UUID:
    for table in (OCTOBER, NOVEMBER):
        app.upload_rates(table, **BY)
    return started(app, company(rate_table="october", **changes))


def of(metric: Metric, goal: str) -> Plan:
    return region(goal, {"region": [metric.unit.lower()]}, metric=metric)


def sold_in(metric: Metric, id: str, amount: str, **fields: Any) -> dict[str, Any]:
    return sale_in(metric.unit.lower(), id, amount, metric=metric.name, unit=metric.unit, **fields)


def shown(target: Target) -> tuple[Fraction | None, int, int]:
    return target.actual(CLOSED), target.shown_total(CLOSED), target.plan.goal


def test_currencies_are_added_up_exactly_and_rounded_once() -> None:
    app = memory_app()
    whole = world(app)
    for metric, goal in ((EUROS, "100.00"), (YEN, "1000")):
        started(app, of(metric, goal), whole)
    sold(app, *(sold_in(EUROS, f"e{number}", "0.01") for number in range(10)), sold_in(YEN, "y", "1"))

    target = loaded(app, whole)

    assert shown(target) == (10 * Fraction("1.0842") + Fraction("0.657"), 11, 108_42 + 6_57)
    assert target.course.expected(CLOSED) == Fraction("5421") + Fraction("328.5")


def test_a_goal_is_reached_by_what_is_converted_and_by_nothing_less() -> None:
    app = memory_app()
    whole = world(app)
    started(app, of(EUROS, "100.00"), whole)
    sold(app, sold_in(EUROS, "1", "99.99"))
    assert not loaded(app, whole).attained

    sold(app, sold_in(EUROS, "2", "0.01"))

    target = loaded(app, whole)
    assert (target.attained, target.shown_total(NOW)) == (True, 108_42)


def test_a_revision_pins_another_table_and_counts_anew() -> None:
    app = memory_app()
    whole = world(app)
    started(app, of(EUROS, "100.00"), whole)
    sold(app, sold_in(EUROS, "1", "10.00"))
    loaded(app, whole)

    revise_target(app, whole, Wish({"rate_table": "november"}, "Month end"), resolving(), **BY)

    assert shown(loaded(app, whole))[1:] == (20_00, 200_00)


def test_a_currency_without_a_rate_is_no_member() -> None:
    app = memory_app()
    whole = world(app)
    member = started(app, of(Metric("revenue_sek", "SEK", 2), "100.00"))

    assert refused(lambda: app.join_target(whole, member, Window(), **BY)) == ("wrong_unit", "/target")


def test_a_table_that_lacks_a_member_is_refused() -> None:
    app = memory_app()
    whole = world(app)
    started(app, of(YEN, "100"), whole)

    said = refused(lambda: revise_target(app, whole, Wish({"rate_table": "november"}, "x"), resolving(), **BY))

    assert said[0] == "wrong_unit"


def test_a_roll_up_that_converts_is_a_member_of_one_in_its_own_currency() -> None:
    app = memory_app()
    europe = world(app)
    started(app, of(EUROS, "100.00"), europe)
    sold(app, sold_in(EUROS, "1", "0.01"))
    whole, without = world(app), started(app, company())

    app.join_target(whole, europe, Window(), **BY)

    assert shown(loaded(app, whole)) == (Fraction("1.0842"), 1, 108_42)
    again = world(app)
    assert refused(lambda: app.join_target(without, again, Window(), **BY)) == ("wrong_unit", "/target")


@settings(max_examples=50, deadline=None)
@given_any(st.lists(st.tuples(st.sampled_from([EUROS, YEN]), st.integers(1, 10**6)), max_size=8))
def test_whatever_is_sold_the_sum_of_the_converted_is_exact(sales: list[tuple[Metric, int]]) -> None:
    app = memory_app()
    whole = world(app)
    members = [started(app, of(metric, "1000"), whole) for metric in (EUROS, YEN)]
    sold(app, *(sold_in(metric, str(n), f"{amount}") for n, (metric, amount) in enumerate(sales)))

    euros, yen = (loaded(app, one).total for one in members)

    assert loaded(app, whole).actual(CLOSED) == euros * Fraction("1.0842") + yen * Fraction("0.657")


def test_a_table_is_kept_for_ever() -> None:
    app = memory_app()
    app.upload_rates(OCTOBER, **BY)
    other = RateTable("october", OCTOBER.as_of, "USD", {"EUR": "2"})

    assert app.upload_rates(OCTOBER, **BY) == 1
    assert refused(lambda: app.upload_rates(other, **BY)) == ("rates_fixed", "/name")


def test_a_table_says_what_each_currency_is_in_any_of_them() -> None:
    assert rates_into("USD", OCTOBER) == {"EUR": "1.08420000", "JPY": "0.00657000"}
    assert rates_into("EUR", OCTOBER) == {"USD": "0.92233905", "JPY": "0.00605977"}
    with pytest.raises(Refused, match="no rate for SEK"):
        rates_into("SEK", OCTOBER)


@pytest.mark.parametrize(
    ("base", "rates", "code", "field"),
    [
        ("usd", {"EUR": "1"}, "unknown_unit", "/base"),
        ("USD", {"eur": "1"}, "unknown_unit", "/rates/eur"),
        ("USD", {}, "bad_rate", "/rates"),
        ("USD", {"EUR": "0"}, "bad_rate", "/rates/EUR"),
        ("USD", {"EUR": "-1"}, "bad_rate", "/rates/EUR"),
        ("USD", {"EUR": "1.000000001"}, "bad_rate", "/rates/EUR"),
        ("USD", {"USD": "2"}, "bad_rate", "/rates/USD"),
    ],
)
def test_a_wrong_table_is_refused_by_field(base: str, rates: dict[str, str], code: str, field: str) -> None:
    assert refused(lambda: rate_table_of("x", NOW.date(), base, rates)) == (code, field)


def test_only_a_roll_up_of_sums_converts() -> None:
    assert refused(lambda: region("1.00", rate_table="october")) == ("not_of_kind", "/rate_table")


def test_a_table_that_there_is_not_is_refused() -> None:
    assert refused(lambda: started(memory_app(), company(rate_table="x"))) == ("unknown_rate_table", "/rate_table")
