"""Every evaluated checkpoint: what it read when it was evaluated, and what late sales have made of it.

A row for each checkpoint, by the id of its own stream, which follows from the target and the cut-off: a target may have
4,000, and a row of all of them would be written anew at each.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.checkpoint import Checkpoint, Reading
from domain.facts import CHECKPOINT_TOPICS
from projections.view import View


@dataclass(frozen=True)
class Restatement:
    """What the last restatement changed, and how many there were."""

    old: Reading
    new: Reading
    at: datetime
    position: int
    times: int


@dataclass(frozen=True)
class Evaluation:
    """One checkpoint. `reported` is what was said first; amounts in minor units.

    step_actual, step_expected: since the checkpoint before; position: everything in the log up to there is in it.
    """

    target: UUID
    number: int
    cutoff: datetime
    closing: bool
    reported: Reading
    step_actual: int
    step_expected: int
    revision: int
    announced: bool
    evaluated_at: datetime
    position: int
    restated: Restatement | None = None
    settled: bool = False


def evolve(row: Evaluation | None, fact: object) -> Evaluation | None:
    match row, fact:
        case None, Checkpoint.CheckpointEvaluated():
            return _first(fact)
        case Evaluation(), Checkpoint.CheckpointRestated(old=old, new=new, timestamp=at, position=position):
            times = row.restated.times + 1 if row.restated else 1
            return replace(row, restated=Restatement(old, new, at, position, times))
        case Evaluation(), Checkpoint.CheckpointSettled():
            return replace(row, settled=True)
    return row


def _first(fact: Checkpoint.CheckpointEvaluated) -> Evaluation:
    return Evaluation(
        target=fact.target,
        number=fact.number,
        cutoff=fact.cutoff,
        closing=fact.closing,
        reported=fact.reading,
        step_actual=fact.step_actual,
        step_expected=fact.step_expected,
        revision=fact.revision,
        announced=fact.announced,
        evaluated_at=fact.timestamp,
        position=fact.position,
    )


CHECKPOINTS = View("checkpoints", Evaluation, evolve, CHECKPOINT_TOPICS, version=2)
