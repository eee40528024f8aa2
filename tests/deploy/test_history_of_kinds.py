"""`history` in the words of each kind of target, and of what a revision changed."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.commands.history import Asked, lines_of
from domain.definition import Measure, Versus
from domain.intake import Arrival, Intake
from domain.metric import Metric
from domain.revising import Wish, revise_target
from domain.rollup.rates import rate_table_of
from projections.store import Store
from tests.projections.test_history import november
from tests.words import NOW, active_target, resolving, sale

ANA = "ana@example.com"
LAST_YEAR = Versus(date(2025, 11, 1), date(2025, 11, 30))
SOLD = [
    sale("before", "40.00", occurred_at="2025-11-02T00:00:00Z"),
    sale("1", "30.00", dimensions={"region": "emea"}),
    sale("2", "50.00"),
    sale("level", "6.50", kind="measurement", occurred_at="2026-11-03T09:00:00Z"),
]
KINDS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an uplift": (
        {"kind": "uplift", "goal": "+10%", "comparison": LAST_YEAR},
        [
            "It: +10% of revenue over 2025-11-01 to 2025-11-30, from 2026-11-01 to 2026-11-30",
            "  actual    $40.00: 1000.00 % of the goal",
            "compared with $40.00: +$4.00 is to be reached",
        ],
    ),
    "a level": (
        {"kind": "from_to", "baseline": "10.00", "goal": "5.00"},
        [
            "It: revenue from $10.00 to $5.00, from 2026-11-01 to 2026-11-30",
            "  actual    $6.50: 70.00 % of the way",
            "measurements from before it started: -$3.50",
        ],
    ),
    "a level to be kept": (
        {"kind": "keep", "goal": None, "bounds_max": "6.00"},
        ["It: revenue at most $6.00, from 2026-11-01 to 2026-11-30", "  actual    $6.50", "  expected  $6.00"],
    ),
    "a ratio": (
        {
            "kind": "ratio",
            "metric": None,
            "goal": "0.5",
            "numerator": Measure("revenue", {"region": ["emea"]}),
            "denominator": Measure("revenue", {}),
        },
        [
            "It: 0.5 as the ratio of revenue, where region is emea to revenue, from 2026-11-01 to 2026-11-30",
            "  actual    0.375: 75.00 % of the goal",
            "sales from before it started: +$30.00 over +$80.00",
        ],
    ),
}


def told(store: Store, target: UUID, as_of: str | None = None) -> list[str]:
    asked = Asked(as_of, None, november(29))
    return list(lines_of(store, str(target), asked, all_of_them=False, as_json=False))


@pytest.fixture
def sold(store: Store) -> Store:
    Intake(store.app, uuid4).record([Arrival(SOLD)], november(20))
    return store


@pytest.mark.parametrize("kind", KINDS)
def test_a_target_of_every_kind_is_told_in_its_own_words(sold: Store, kind: str) -> None:
    words, said = KINDS[kind]

    lines = told(sold, active_target(sold.app, name="It", **words))

    for one in said:
        assert any(line == one or line.endswith(f"  {one}") for line in lines), (one, lines)
    assert not any("none on each day" in line for line in lines)


def test_before_a_revision_took_effect_a_target_is_told_as_it_was_and_after_it_with_what_it_was_at_first(
    sold: Store,
) -> None:
    target = active_target(sold.app, name="It", goal="100.00")
    changes = {"goal": "120.00", "scope": {"region": ["emea"]}}
    revise_target(sold.app, target, Wish(changes, "two left us"), resolving(), by=ANA, at=november(23, 18))

    before, after = told(sold, target, "2026-11-22"), told(sold, target, "2026-11-25")

    assert before[0] == "It: $100.00 of revenue from 2026-11-01 to 2026-11-30"
    assert after[0] == "It: $120.00 of revenue from 2026-11-01 to 2026-11-30, where region is emea"
    assert "  at first  $100.00 was to be reached" in after
    assert not any(line.startswith("  at first") for line in before)
    revised = 'revision 2, from 2026-11-23 18:00:00 on: goal 120.00, not 100.00; scope {"region":["emea"]}, not none'
    assert after[-1].endswith(f"{revised}; what counts is counted anew. two left us")


def test_a_roll_up_over_several_currencies_tells_what_each_sale_comes_to(store: Store) -> None:
    app, euros = store.app, Metric("revenue_eur", "EUR", 2)
    app.upload_rates(rate_table_of("october", date(2026, 10, 31), "USD", {"EUR": "1.0842"}), by=ANA, at=NOW)
    whole = active_target(app, name="It", goal=None, roll_up=True, rate_table="october")
    active_target(app, name="Euros", goal="100.00", metric=euros, parent=whole)
    Intake(app, uuid4).record([Arrival([sale("1", "10.01", metric="revenue_eur", unit="EUR")])], NOW)

    lines = told(store, whole)

    assert any(line.startswith("  actual    $10.85") for line in lines)
    assert any("+$10.85" in line for line in lines)
    assert any("is a member" in line for line in lines), lines
