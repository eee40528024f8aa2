"""Where each target stands: evaluations, losses, outcomes and seals, one after another."""

from datetime import datetime
from functools import reduce
from typing import Any

from domain.checkpoint import Checkpoint, Reading
from domain.comparison import Frozen
from domain.figures import Verdict
from domain.progress import LedgerRef, SaleRef, Slot
from domain.target import State, Target
from projections.status import STATUSES, Status, evolve
from projections.view import of_target
from tests.domain.facts import ID, Fact, fact, past
from tests.words import NOW, plan

SALE = SaleRef("webshop", "1", NOW)
GOAL = 100_000_00
STARTED = (
    fact(Target.TargetDefined, plan=plan(schedule="FREQ=WEEKLY;BYDAY=FR")),
    fact(Target.TargetActivated, fill_upto=0),
    fact(Target.TargetFilled, total=0),
)
ATTAINED = fact(Target.TargetAttained, total=GOAL, goal=GOAL, lifted_by=SALE)
LOST = fact(Target.AttainmentLost, total=1, goal=GOAL, lowered_by=SALE)
CLOSED = fact(Target.TargetClosed, total=GOAL, goal=GOAL, outcome="met")


def status(*facts: Fact) -> Status:
    row: Any = reduce(evolve, past(Target, *STARTED, *facts), None)
    assert isinstance(row, Status)
    return row


def sold(cents: int) -> Fact:
    return fact(Target.ProgressRecorded, entry=LedgerRef(), slots=[Slot(NOW, cents)])


def evaluated(number: int, read: str) -> Fact:
    return fact(
        Checkpoint.CheckpointEvaluated,
        **about(number),
        closing=False,
        position=1,
        revision=1,
        actual=0,
        expected=0,
        variance=0,
        pace=None,
        status=read,
        step_actual=0,
        step_expected=0,
        thresholds={},
        complete=True,
        announced=True,
    )


def restated(number: int, read: str) -> Fact:
    says: dict[str, Any] = {
        "closing": False,
        "position": 2,
        "old": reading(read),
        "new": reading(read),
        "caused_by": LedgerRef(),
        "announced": True,
    }
    return fact(Checkpoint.CheckpointRestated, **about(number), **says)


def reading(status: str) -> Reading:
    return Reading(0, 0, 0, status, True)


def about(number: int) -> dict[str, Any]:
    return {"target": ID, "number": number, "cutoff": cutoff(number)}


def cutoff(number: int) -> datetime:
    return plan(schedule="FREQ=WEEKLY;BYDAY=FR").checkpoints[number - 1].cutoff


def test_the_last_evaluation_is_kept_and_how_many_there_were() -> None:
    row = status(evaluated(1, "ahead"), evaluated(2, "at_risk"))

    assert (row.evaluated, row.last) == (2, Verdict(2, "at_risk", cutoff(2), reading("at_risk")))
    assert row.standing.last == row.last


def test_a_restatement_moves_the_status_only_where_it_is_of_the_last_evaluation() -> None:
    said = evaluated(1, "off_track"), evaluated(2, "off_track")

    assert status(*said, restated(1, "ahead")).last == Verdict(2, "off_track", cutoff(2), reading("off_track"))
    assert status(*said, restated(2, "ahead")).last == Verdict(
        2, "ahead", cutoff(2), reading("off_track"), reading("ahead")
    )


def test_a_loss_is_shown_until_the_next_evaluation() -> None:
    assert (status(ATTAINED).attained, status(ATTAINED).lost) == (True, False)
    assert (status(ATTAINED, LOST).attained, status(ATTAINED, LOST).lost) == (False, True)
    assert status(ATTAINED, LOST, restated(1, "ahead")).lost
    assert not status(ATTAINED, LOST, evaluated(1, "ahead")).lost
    assert not status(ATTAINED, LOST, ATTAINED).lost


def test_an_outcome_may_be_restated_until_the_seal_and_then_only_adjusted() -> None:
    sealed = fact(Target.TargetSealed, total=90, goal=GOAL, outcome="missed")
    restating = fact(Target.OutcomeRestated, old="met", new="missed", total=90, goal=GOAL, caused_by=LedgerRef())

    row = status(sold(100), CLOSED, sold(-10), restating, sealed, sold(5))

    assert (row.state, row.outcome, row.plan_version) == (State.SEALED, "missed", 5)
    assert (row.total, row.standing.adjustment) == (95, 5)
    assert status(sold(100), CLOSED, sold(-10)).standing.adjustment == 0


def test_what_checkpoints_say_stands_in_the_row_of_their_target() -> None:
    (checkpoint,) = past(Checkpoint, evaluated(1, "ahead"))
    (defined,) = past(Target, STARTED[0])

    assert of_target(checkpoint) == ID == STATUSES.key(checkpoint)
    assert of_target(defined) == defined.originator_id


def test_what_has_nothing_to_be_compared_with_is_known_without_its_plan() -> None:
    none, some = Frozen(1, [0], days_with_sales=0), Frozen(1, [5], days_with_sales=1)

    rows = [
        status(fact(Target.ComparisonFrozen, frozen=one, goal=goal)) for one, goal in ((none, 5), (some, 0), (some, 5))
    ]

    assert [row.no_baseline for row in rows] == [True, True, False]
