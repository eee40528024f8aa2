"""A read model whose rows take the facts of several aggregates, and are found by more than their id."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from domain.checkpoint import Checkpoint
from domain.facts import CHECKPOINT_TOPICS
from domain.target import Target
from projections.store import Store
from projections.view import View, of_target
from projections.view_tables import Views
from tests.projections.test_evaluating import Business, november


@dataclass(frozen=True)
class Tally:
    """How many checkpoints of a target were evaluated."""

    name: str
    evaluated: int = 0
    position: int = 0


def evolve(row: Tally | None, fact: object) -> Tally | None:
    match row, fact:
        case None, Target.TargetDefined(plan=plan):
            return Tally(plan.name)
        case Tally(), Checkpoint.CheckpointEvaluated():
            return replace(row, evaluated=row.evaluated + 1)
    return row


TALLIES = View(
    "tallies",
    Tally,
    evolve,
    ["target.defined", *CHECKPOINT_TOPICS],
    page=2,
    key=of_target,
    indexes=("(row->>'name'), id", "((row->>'evaluated')::int)"),
    placed=lambda row, position: replace(row, position=position),
)


@pytest.fixture
def tallies(store: Store) -> Views:
    views = Views(store.views.datastore, store.app.recorder, store.app.mapper, [TALLIES])
    views.create_table()
    return views


@pytest.fixture
def business(store: Store) -> Business:
    return Business(store)


def follow(views: Views) -> None:
    while views.follow(TALLIES):
        continue


def rows(views: Views) -> dict[UUID, Tally]:
    with views.datastore.cursor() as curs:
        curs.execute("SELECT id, row::text AS row FROM tallies")
        return {one["id"]: TALLIES.decoder.decode(one["row"]) for one in curs}


def indexes(views: Views) -> dict[str, str]:
    with views.datastore.cursor() as curs:
        curs.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'tallies'")
        return {one["indexname"]: one["indexdef"] for one in curs}


def test_checkpoints_stand_in_the_row_of_their_target(tallies: Views, business: Business) -> None:
    first, second = business.target(name="First"), business.target(name="Second", schedule=["2026-11-13"])

    for day in (7, 14):
        business.turn_to(november(day, 1))
        follow(tallies)

    found = rows(tallies)
    assert {one: (row.name, row.evaluated) for one, row in found.items()} == {
        first: ("First", 2),
        second: ("Second", 1),
    }
    assert found[first].position == 1 + 1 < found[second].position


def test_a_rebuilt_view_has_the_same_rows_and_the_same_indexes(tallies: Views, business: Business) -> None:
    business.target()
    business.turn_to(november(14, 1))
    follow(tallies)
    before: tuple[Any, ...] = rows(tallies), indexes(tallies)

    for _ in range(2):
        tallies.rebuild("tallies")

    assert (rows(tallies), indexes(tallies)) == before
    assert set(before[1]) == {"tallies_pkey", "tallies_by_0", "tallies_by_1"}
    assert ("'name'" in before[1]["tallies_by_0"], "'evaluated'" in before[1]["tallies_by_1"]) == (True, True)


def test_a_rebuilt_view_is_followed_on_and_made_again_where_it_was(tallies: Views, business: Business) -> None:
    target = business.target()
    tallies.rebuild("tallies")

    business.turn_to(november(7, 1))
    follow(tallies)
    tallies.create_table()

    assert rows(tallies)[target].evaluated == 1
    assert set(indexes(tallies)) == {"tallies_pkey", "tallies_by_0", "tallies_by_1"}
