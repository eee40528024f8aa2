"""Filling takes many commits: what people do between two of them is not undone by what was read before."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.application import Milemarker
from domain.definition import Versus
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.revising import Wish, revise_target
from domain.target import State, Target
from projections.store import Store
from tests.words import NOW, plan, resolving, sale

NOVEMBER, OCTOBER = (Versus(date(2025, month, 1), date(2025, month, 30)) for month in (11, 10))
COMPARED: dict[str, Any] = {"kind": "uplift", "goal": "5.00", "comparison": NOVEMBER}


@pytest.mark.parametrize("commits", range(1, 4))
def test_a_comparison_that_is_revised_while_it_is_read_is_read_again(store: Store, commits: int) -> None:
    target = compared(store.app)

    def revise() -> None:
        wish = Wish({"comparison": OCTOBER}, "October it is")
        revise_target(store.app, target, wish, resolving(), by="ana@example.com", at=NOW)

    found = filled(store.app, target, after=commits, meanwhile=revise)

    assert (found.state, found.plan.compared_total, found.plan.comparison) == (State.ACTIVE, 70_00, OCTOBER_FROZEN)


@pytest.mark.parametrize("commits", range(1, 4))
def test_a_target_that_is_handed_over_while_it_fills_is_compared_all_the_same(store: Store, commits: int) -> None:
    target = compared(store.app)

    def hand_over() -> None:
        store.app.hand_over_target(target, "ben@example.com", None, "ana left", by="ana@example.com", at=NOW)

    found = filled(store.app, target, after=commits, meanwhile=hand_over)

    assert (found.state, found.plan.compared_total, found.total) == (State.ACTIVE, 30_00, 10_00)


OCTOBER_FROZEN = plan(**COMPARED | {"comparison": OCTOBER}).comparison


def compared(app: Milemarker) -> UUID:
    """An uplift beside an October with $70 and a November with $30."""
    sales = [
        sale("october", "70.00", occurred_at="2025-10-10T12:00:00Z"),
        sale("november", "30.00", occurred_at="2025-11-10T12:00:00Z"),
        sale("now"),
    ]
    Intake(app, uuid4).record([Arrival(sales)], NOW)
    target = uuid4()
    app.define_target(target, plan(**COMPARED), activate=True, by="ana@example.com", at=NOW)
    return target


def filled(app: Milemarker, target: UUID, *, after: int, meanwhile: Callable[[], None]) -> Target:
    """The target, filled; meanwhile: done once, when the filler looks for the so-manieth time whether to go on."""
    looks = 0

    def stopping() -> bool:
        nonlocal looks
        looks += 1
        if looks == after:
            meanwhile()
        return False

    while Filler(app).fill_some(NOW, stopping):
        continue
    with app.writing() as log:
        return log.targets([target])[target]
