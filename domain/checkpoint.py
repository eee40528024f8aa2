"""A Checkpoint: what a target read at one cut-off, said once, and restated when late sales change it."""

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

from domain.money import decimal_shown, half_even
from domain.plan import Plan
from domain.schedule import PlannedCheckpoint
from domain.standing import CLASSES, DEFAULT_THRESHOLDS, Thresholds, classify, pace_index
from domain.target import LedgerRef

TOO_EARLY = "too_early"
TOO_EARLY_BELOW = Fraction(1, 10)
TOO_EARLY_CHECKPOINTS = 2
TOLD_AGAIN_FROM = Fraction(1, 100)
"""Of |D|: from so much on, subscribers hear that an actual was restated."""
PLACES = 4


@dataclass(frozen=True)
class Reading:
    """What one evaluation came to: minor units; `expected` half-even; pace index with four places, None while W = 0.

    complete: whether all sales published before the evaluation were in it.
    """

    actual: int
    expected: int
    variance: int
    status: str
    complete: bool
    pace: str | None = None


def read(
    plan: Plan, weight: Fraction, one: PlannedCheckpoint, actual: int, previous: str | None, complete: bool
) -> Reading:
    """The reading of a planned checkpoint; `weight`: W at its cut-off; `previous`: the class at the one before it."""
    expected = plan.goal * weight
    index = pace_index(actual, expected)
    early = is_too_early(weight, one.number - 1)
    status = TOO_EARLY if early else classify(previous, actual, expected, plan.goal)
    shown = half_even(expected)
    pace = None if index is None else decimal_shown(index, PLACES)
    return Reading(actual, shown, actual - shown, status, complete, pace)


def is_too_early(weight: Fraction, evaluated: int) -> bool:
    """Whether W is no base for a class yet: under a tenth with fewer than two checkpoints evaluated, or 0."""
    return weight == 0 or (weight < TOO_EARLY_BELOW and evaluated < TOO_EARLY_CHECKPOINTS)


def _shown(thresholds: Thresholds) -> dict[str, str]:
    lines = {"ahead": thresholds.ahead, "on_track": thresholds.on_track, "at_risk": thresholds.at_risk}
    return {name: decimal_shown(line, PLACES) for name, line in lines.items()}


def checkpoint_id(target_id: UUID, cutoff: datetime) -> UUID:
    """The stream of a target's evaluation at one cut-off: there is one, so it is evaluated once."""
    return uuid5(target_id, cutoff.isoformat())


class Checkpoint(BaseAggregate[UUID]):
    TOPIC = "checkpoint"

    target: UUID
    number: int
    cutoff: datetime
    closing: bool
    position: int
    evaluated_at: datetime
    reading: Reading
    told: Reading | None
    settled: bool
    restated: int

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(AggregateEvent):
        by: str

    class CheckpointEvaluated(Event, AggregateCreated):
        TOPIC = "checkpoint.evaluated"
        target: UUID
        number: int
        cutoff: datetime
        closing: bool
        position: int
        """Everything in the log up to here is in it, and nothing after."""
        revision: int
        actual: int
        expected: int
        variance: int
        pace: str | None
        status: str
        step_actual: int
        """Since the checkpoint before."""
        step_expected: int
        thresholds: dict[str, str]
        """The lowest pace index of each class, as decimal text."""
        complete: bool
        announced: bool
        """Whether anyone is to hear of it."""

    class CheckpointRestated(Event):
        TOPIC = "checkpoint.restated"
        target: UUID
        number: int
        cutoff: datetime
        closing: bool
        position: int
        old: Reading
        new: Reading
        caused_by: LedgerRef
        announced: bool

    class CheckpointSettled(Event):
        TOPIC = "checkpoint.settled"
        target: UUID
        number: int
        cutoff: datetime

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    @classmethod
    def evaluate(
        cls,
        target_id: UUID,
        planned: PlannedCheckpoint,
        reading: Reading,
        *,
        step: tuple[int, int],
        position: int,
        announced: bool,
        by: str,
        at: datetime,
    ) -> "Checkpoint":
        """step: (actual, expected) since the checkpoint before; position: the log's, all of which was read."""
        return cls._create(
            cls.CheckpointEvaluated,
            id=checkpoint_id(target_id, planned.cutoff),
            target=target_id,
            number=planned.number,
            cutoff=planned.cutoff,
            closing=planned.closing,
            position=position,
            revision=1,
            actual=reading.actual,
            expected=reading.expected,
            variance=reading.variance,
            pace=reading.pace,
            status=reading.status,
            step_actual=step[0],
            step_expected=step[1],
            thresholds=_shown(DEFAULT_THRESHOLDS),
            complete=reading.complete,
            announced=announced and reading.status != TOO_EARLY,
            by=by,
            timestamp=at,
        )

    def restate(self, new: Reading, position: int, span: int, *, by: str, at: datetime) -> None:
        """Late sales have changed what it reads. People hear of it when the class changed, or the actual by 1 % of
        |D|, against what they were told; or when what they heard was incomplete and now is not.

        What was complete once stays so: what comes now is late.
        """
        new = replace(new, complete=new.complete or self.reading.complete)
        if new == self.reading:
            return
        told = self.told
        heard = told is not None and (
            new.status != told.status
            or abs(new.actual - told.actual) >= TOLD_AGAIN_FROM * abs(span)
            or new.complete != told.complete
        )
        self._say(
            self.CheckpointRestated,
            closing=self.closing,
            position=position,
            old=self.reading,
            new=new,
            caused_by=LedgerRef(after=self.position, upto=position),
            announced=heard,
            by=by,
            timestamp=at,
        )

    def settle(self, *, by: str, at: datetime) -> None:
        """It was open to late sales for long enough to be counted on."""
        if not self.settled:
            self._say(self.CheckpointSettled, by=by, timestamp=at)

    def _say(self, fact: type[Event], **says: Any) -> None:
        self.trigger_event(fact, target=self.target, number=self.number, cutoff=self.cutoff, **says)

    @property
    def status(self) -> str:
        return self.reading.status

    @property
    def previous(self) -> str | None:
        """What hysteresis of the next checkpoint begins from: a class, or nothing."""
        return self.status if self.status in CLASSES else None

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    @event(CheckpointEvaluated)
    def __init__(
        self,
        target: UUID,
        number: int,
        cutoff: datetime,
        closing: bool,
        position: int,
        actual: int,
        expected: int,
        variance: int,
        pace: str | None,
        status: str,
        complete: bool,
        announced: bool,
        timestamp: datetime,
    ) -> None:
        self.target = target
        self.number = number
        self.cutoff = cutoff
        self.closing = closing
        self.position = position
        self.first_position = position
        self.evaluated_at = timestamp
        self.reading = Reading(actual, expected, variance, status, complete, pace)
        self.told = self.reading if announced else None
        self.settled = False
        self.restated = 0

    @event(CheckpointRestated)
    def _restated(self, new: Reading, position: int, announced: bool) -> None:
        self.reading = new
        self.position = position
        self.restated += 1
        if announced:
            self.told = new

    @event(CheckpointSettled)
    def _settled(self) -> None:
        self.settled = True
