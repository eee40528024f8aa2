"""`verify` recomputes what each revision says: what it goes on from, whether that attains, where the target stands."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from json import dumps, loads
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.revising import Wish, revise_target
from projections.store import Store
from projections.verification import verify
from tests.words import plan, resolving, sale

ANA = "ana@example.com"
BEGINS = datetime(2026, 11, 1, tzinfo=UTC)
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"


def november(day: int) -> datetime:
    return BEGINS + timedelta(days=day - 1)


ANOTHER = {"at": november(23).isoformat(), "base": "1"}


@pytest.fixture
def revised(store: Store) -> tuple[Store, UUID]:
    """$40 of $100 by the 2nd of 4 Fridays; planned anew, then lowered to what there is, then raised again."""
    target, evaluator, intake = uuid4(), Evaluator(store.app, timedelta(0)), Intake(store.app, uuid4)
    by_fridays = plan(goal="100.00", schedule=FRIDAYS)
    store.app.define_target(target, by_fridays, activate=True, by=ANA, at=BEGINS)
    Filler(store.app).fill_some(BEGINS)
    intake.record([Arrival([sale("1", "40.00", occurred_at=november(4).isoformat())])], november(4))
    evaluator.evaluate_some(november(14), november(14), complete=True)
    for day, mode, goal in ((16, "replan", "120.00"), (17, "prospective", "40.00"), (18, "prospective", "110.00")):
        wish = Wish({"goal": goal}, "so", mode)
        revise_target(store.app, target, wish, resolving(), by=ANA, at=november(day))
    evaluator.evaluate_some(november(22), november(22), complete=True)
    wish = Wish({"thresholds": {"at_risk": "0.5"}}, "so", "retroactive")
    revise_target(store.app, target, wish, resolving(), by=ANA, at=november(23))
    return store, target


def differences(store: Store) -> list[str]:
    for view in store.views.views.values():
        while store.views.follow(view):
            continue
    return verify(store).differences


def alter(store: Store, target: UUID, number: int, change: Callable[[Any], object]) -> None:
    """Change a revision as the log has it, once the read models know of it."""
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute(
            "SELECT notification_id, state FROM milemarker_events WHERE topic = 'target.revised'"
            " AND originator_id = %s ORDER BY notification_id",
            (target,),
        )
        row = curs.fetchall()[number - 2]
        said = loads(bytes(row["state"]))
        change(said)
        state = dumps(said, separators=(",", ":")).encode()
        curs.execute(
            "UPDATE milemarker_events SET state = %s WHERE notification_id = %s AND state <> %s",
            (state, row["notification_id"], state),
        )
        assert curs.rowcount == 1


def test_revisions_of_every_mode_agree(revised: tuple[Store, UUID]) -> None:
    assert differences(revised[0]) == []


@pytest.mark.parametrize(
    ("number", "change", "said"),
    [
        (2, lambda said: said["plan"]["rebased"].update(base="41"), "goes on from 41 at 2026-11-16"),
        (
            2,
            lambda said: said["plan"]["rebased"].update(at=november(15).isoformat()),
            "from 4000 at 2026-11-15",
        ),
        (2, lambda said: said["plan"].update(rebased=None), "goes on from nothing, and it is 4000 at 2026-11-16"),
        (2, lambda said: said.update(mode="prospective"), "goes on from 4000 at"),
        (2, lambda said: said.update(status="ahead"), "says status ahead, and it is"),
        (3, lambda said: said.update(attained=None), "says nothing of the attainment, and it is attained_by_revision"),
        (4, lambda said: said.update(attained="attained_by_revision"), "says attained_by_revision, and it is not_"),
        (4, lambda said: said["plan"]["rebased"].update(base="1"), "goes on from 1 at 2026-11-18"),
        (5, lambda said: said.update(status=None), "says status None, and it is"),
        (
            5,
            lambda said: said["plan"].update(rebased={"at": november(23).isoformat(), "base": "1"}),
            "and it is nothing",
        ),
    ],
)
def test_what_was_altered_in_a_revision_is_found(
    revised: tuple[Store, UUID], number: int, change: Callable[[Any], object], said: str
) -> None:
    store, target = revised
    alter(store, target, number, change)

    found = differences(store)

    assert any(f"target.revised of November revenue ({target})" in one and said in one for one in found), found
