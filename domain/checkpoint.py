"""A Checkpoint: what a target read at one cut-off, said once, and restated when late sales change it."""

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

from domain.course import Course
from domain.money import decimal_shown, half_even
from domain.plan import KEEP, RATIO, Plan
from domain.progress import LedgerRef
from domain.schedule import PlannedCheckpoint
from domain.standing import CLASSES, PLACES, classify, pace_index, thresholds_shown

TOO_EARLY, NO_BASELINE, STALE = "too_early", "no_baseline", "stale"
SILENT = (TOO_EARLY, NO_BASELINE)
"""Recorded, not announced."""
TOO_EARLY_BELOW = Fraction(1, 10)
TOO_EARLY_CHECKPOINTS = 2
TOLD_AGAIN_FROM = Fraction(1, 100)
"""Of |D|: from so much on, subscribers hear that an actual was restated."""
INSIDE, OUTSIDE = "on_track", "off_track"
"""How a level reads that is to be kept."""


@dataclass(frozen=True)
class Reading:
    """What one evaluation came to: minor units; `expected` half-even; pace index with four places, None while W = 0.

    complete: whether all sales published before the evaluation were in it; partial: whether it rests on a comparison of
    which under 80 % of the days have sales.
    """

    actual: int
    expected: int
    variance: int
    status: str
    complete: bool
    pace: str | None = None
    partial: bool | None = None


@dataclass(frozen=True)
class Circumstances:
    """What a reading hangs on beside the actual: the class before it, how many checkpoints were evaluated before it,
    whether all sales are in, and whether the data is older than the target allows."""

    previous: str | None
    evaluated: int
    complete: bool = True
    stale: bool = False


def read(course: Course, at: datetime, actual: Fraction | None, now: Circumstances) -> Reading:
    """The reading at a cut-off; actual: A there, None where there is none."""
    plan = course.plan_at(at)
    partial = plan.partial or None
    if plan.kind == KEEP:
        return _kept(plan, actual, now)
    shown = 0 if actual is None else half_even(actual)
    if plan.no_baseline:
        return Reading(shown, 0, 0, NO_BASELINE, now.complete)
    expected = course.expected(at)
    stands = status_of(course, at, actual, now)
    if actual is None:
        return Reading(0, half_even(expected), 0, stands, now.complete, None, partial)
    index = pace_index(actual, expected, plan.baseline, plan.sign)
    pace = None if index is None else decimal_shown(index, PLACES)
    variance = plan.sign * (shown - half_even(expected))
    return Reading(shown, half_even(expected), variance, stands, now.complete, pace, partial)


def _kept(plan: Plan, actual: Fraction | None, now: Circumstances) -> Reading:
    """Of a level that is to be kept: what is expected is the nearest level inside the bounds."""
    assert plan.bounds is not None
    if actual is None:
        return Reading(0, 0, 0, STALE if now.stale else TOO_EARLY, now.complete)
    nearest = plan.bounds.nearest(actual)
    status = STALE if now.stale else INSIDE if nearest == actual else OUTSIDE
    shown, expected = half_even(actual), half_even(nearest)
    return Reading(shown, expected, -abs(shown - expected), status, now.complete)


def reads_nothing(plan: Plan, one: Reading) -> bool:
    """Whether there was nothing to read: no level had been measured, there was nothing to divide by."""
    if plan.kind == RATIO:
        return one.pace is None and one.status in (TOO_EARLY, STALE)
    if plan.kind != KEEP or one.status != STALE:
        return plan.kind == KEEP and one.status == TOO_EARLY
    # Nothing measured is kept as zeros; a measured 0 is expected at the nearest level inside the bounds.
    assert plan.bounds is not None
    return one.actual == one.expected == 0 != plan.bounds.nearest(Fraction(0))


def status_of(course: Course, at: datetime, actual: Fraction | None, now: Circumstances) -> str:
    """The class of an evaluation at this instant, or why there is none."""
    plan = course.plan_at(at)
    if plan.no_baseline:
        return NO_BASELINE
    if now.stale:
        return STALE
    if plan.kind == KEEP:
        return _kept(plan, actual, now).status
    if actual is None or is_too_early(course.weight(at), now.evaluated):
        return TOO_EARLY
    expected = course.expected(at) - plan.baseline
    if plan.sign * expected <= 0:
        return TOO_EARLY
    return classify(now.previous, actual - plan.baseline, expected, plan.span, plan.limits)


def is_too_early(weight: Fraction, evaluated: int) -> bool:
    """Whether W is no base for a class yet: under a tenth with fewer than two checkpoints evaluated, or not over 0,
    where a revision may have begun."""
    return weight <= 0 or (weight < TOO_EARLY_BELOW and evaluated < TOO_EARLY_CHECKPOINTS)


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
    revision: int
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
        partial: bool | None = None
        """Whether it rests on a comparison of which under 80 % of the days have sales."""

        @property
        def reading(self) -> Reading:
            amounts = self.actual, self.expected, self.variance
            return Reading(*amounts, self.status, self.complete, self.pace, self.partial)

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
        revision: int | None = None
        """Where a revision changed it, by holding from the beginning or by counting other sales: the number of the one
        that says what was expected."""

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
        course: Course,
        *,
        step: tuple[int, int],
        position: int,
        announced: bool,
        by: str,
        at: datetime,
    ) -> "Checkpoint":
        """course: what it was read against; step: (actual, expected) since the checkpoint before; position: the log's,
        all of which was read."""
        return cls._create(
            cls.CheckpointEvaluated,
            id=checkpoint_id(target_id, planned.cutoff),
            target=target_id,
            number=planned.number,
            cutoff=planned.cutoff,
            closing=planned.closing,
            position=position,
            revision=len(course.plans),
            actual=reading.actual,
            expected=reading.expected,
            variance=reading.variance,
            pace=reading.pace,
            status=reading.status,
            step_actual=step[0],
            step_expected=step[1],
            thresholds=thresholds_shown(course.plan_at(planned.cutoff).limits),
            complete=reading.complete,
            announced=announced and reading.status not in SILENT,
            partial=reading.partial,
            by=by,
            timestamp=at,
        )

    def restate(
        self, new: Reading, position: int, span: int, *, revision: int | None = None, by: str, at: datetime
    ) -> None:
        """Late sales, or a revision, have changed what it reads. Of a revision, that holds from the beginning or counts
        other sales, nobody hears here. People hear of it when the class changed, or the actual by 1 % of |D| (there is
        none of a level to be kept), against what they were told; or when what they heard was incomplete and now is not.

        What was complete once stays so: what comes now is late.
        """
        new = replace(new, complete=new.complete or self.reading.complete)
        if new == self.reading and revision in (None, self.revision):
            return
        told = self.told
        heard = (
            revision is None
            and told is not None
            and (
                new.status != told.status
                or (span != 0 and abs(new.actual - told.actual) >= TOLD_AGAIN_FROM * abs(span))
                or new.complete != told.complete
            )
        )
        self._say(
            self.CheckpointRestated,
            closing=self.closing,
            position=position,
            old=self.reading,
            new=new,
            caused_by=LedgerRef(after=self.position, upto=position),
            announced=heard,
            revision=revision,
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
        partial: bool | None,
        revision: int,
        timestamp: datetime,
    ) -> None:
        self.target = target
        self.number = number
        self.cutoff = cutoff
        self.closing = closing
        self.position = position
        self.first_position = position
        self.evaluated_at = timestamp
        self.reading = Reading(actual, expected, variance, status, complete, pace, partial)
        self.told = self.reading if announced else None
        self.revision = revision
        self.settled = False
        self.restated = 0

    @event(CheckpointRestated)
    def _restated(self, new: Reading, position: int, announced: bool, revision: int | None) -> None:
        self.reading = new
        self.position = position
        self.restated += 1
        if revision is not None:
            self.revision = revision
            self.told = None if self.told is None else new
        if announced:
            self.told = new

    @event(CheckpointSettled)
    def _settled(self) -> None:
        self.settled = True
