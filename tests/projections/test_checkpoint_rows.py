"""Checkpoints as rows: what was reported stays, and what became of it stands beside it."""

from datetime import timedelta

import pytest

from domain.checkpoint import checkpoint_id
from projections.checkpoints import CHECKPOINTS, Evaluation
from projections.store import Store
from tests.projections.test_evaluating import QUIET, Business, november


@pytest.fixture
def business(store: Store) -> Business:
    return Business(store)


def row(store: Store, business: Business, number: int) -> Evaluation:
    """The row of this checkpoint of the one target that there is."""
    while store.views.follow(CHECKPOINTS):
        continue
    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT id, row::text AS row FROM checkpoints WHERE (row->>'number')::int = %s", (number,))
        found = curs.fetchone()
    assert found is not None
    evaluation = CHECKPOINTS.decoder.decode(found["row"])
    assert found["id"] == checkpoint_id(evaluation.target, evaluation.cutoff)
    return evaluation


def test_a_row_says_what_was_reported(store: Store, business: Business) -> None:
    target = business.target()
    business.sell("24000.00", november(3))
    business.turn_to(november(7, 1))

    first = row(store, business, 1)

    assert (first.target, first.number, first.cutoff, first.closing) == (target, 1, november(7), False)
    assert (first.reported.actual, first.reported.expected, first.reported.status) == (24_000_00, 25_000_00, "on_track")
    assert (first.step_actual, first.evaluated_at, first.settled) == (24_000_00, november(7, 1), False)
    assert first.restated is None


def test_what_was_reported_stays_when_it_is_restated_twice_and_settled(store: Store, business: Business) -> None:
    business.target()
    business.turn_to(november(7, 1))
    for hour in (2, 3):
        business.sell("12000.00", november(3), at=november(7, hour))
        business.turn_to(november(7, hour) + QUIET)
    business.turn_to(november(7, 1) + timedelta(days=2))

    first = row(store, business, 1)

    assert (first.reported.actual, first.reported.status) == (0, "off_track")
    assert first.restated is not None
    assert (first.restated.old.actual, first.restated.new.actual) == (12_000_00, 24_000_00)
    assert (first.restated.new.status, first.restated.times) == ("on_track", 2)
    assert first.restated.at == november(7, 3) + QUIET
    assert first.settled
