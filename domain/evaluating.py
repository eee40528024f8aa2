"""Evaluating: what has fallen due on the agenda is done, in order, under the log's lock.

Everything of one call stands in one commit: each evaluation once, the closing one with the target's outcome.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.agenda import QUIET_SPELL, SEALS_AFTER, SETTLES_AFTER, Appointment, Errand, checkpoints_of
from domain.application import Fact, Milemarker, Writing
from domain.checkpoint import Checkpoint, Reading, checkpoint_id, read
from domain.milestone import Milestone
from domain.pace import Curve
from domain.schedule import PlannedCheckpoint
from domain.target import LedgerRef, State, Target

BY = "checkpoints"
AT_ONCE_MAX = 250
"""Appointments in one commit: sales wait while it is made."""
OPEN = (State.ACTIVE, State.CLOSED)
OF_MILESTONES = (Errand.DUE_SOON, Errand.OVERDUE)


class Evaluator:
    """Does what has fallen due. Any number may: each finds only what none has done."""

    def __init__(self, app: Milemarker, grace: timedelta) -> None:
        """grace: how long after a cut-off its evaluation falls due, for sales that are on their way."""
        self._app = app
        self._grace = grace

    def evaluate_some(self, due_at: datetime, at: datetime, *, complete: bool) -> int:
        """Do up to 250 of the errands that were due at `due_at`; how many there were.

        complete: whether all sales that were published by then are in the log.
        """
        at = max(at, due_at)  # a clock that was set back meanwhile must not undo what was due
        with self._app.writing() as log:
            due = log.agenda.due(due_at, self._grace, AT_ONCE_MAX)
            if not due:
                return 0
            log.agenda.done(due)
            visits = _visits(log, due, at, complete)
            for appointment in due:
                if (visit := visits.get(appointment.target)) is not None:
                    visit.keep(appointment)
            _save(log, visits.values())
        return len(due)

    def plan_missing(self) -> int:
        """Enter active targets that are not on the agenda, such as those of an earlier version; how many."""
        with self._app.writing() as log:
            targets = log.targets(log.agenda.unplanned(AT_ONCE_MAX))
            active = [target for target in targets.values() if target.state is State.ACTIVE]
            for target in active:
                log.agenda.plan(checkpoints_of(target.id, target.plan))
            for target in targets.values():
                if target.state not in (State.ACTIVE, State.DRAFT):
                    log.agenda.end(target.id)
        return len(active)


@dataclass(slots=True)
class _Visit:
    """One target, with all that its errands look at and what comes of them."""

    target: Target
    checkpoints: dict[int, Checkpoint]
    """Those that were evaluated, by number; as many as are looked at."""
    milestones: dict[UUID, Milestone]
    position: int
    at: datetime
    complete: bool
    curve: Curve
    appointments: Sequence[Appointment]
    planned: list[Appointment] = field(default_factory=list)
    evaluated: list[datetime] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def keep(self, appointment: Appointment) -> None:
        match appointment.errand:
            case Errand.CHECKPOINT:
                self._evaluate(self.target.plan.checkpoints[appointment.number - 1])
            case Errand.RESTATE:
                self._restate_or_wait()
            case Errand.SETTLE:
                self.checkpoints[appointment.number].settle(by=BY, at=self.at)
            case Errand.SEAL:
                self._restate()
                self.target.seal(by=BY, at=self.at)
            case Errand.DUE_SOON | Errand.OVERDUE:
                self._remind(appointment)
        self._collect()

    def _collect(self) -> None:
        """In the order in which things were decided: evaluations, then what they mean for the target."""
        for aggregate in (*self.checkpoints.values(), self.target, *self.milestones.values()):
            self.facts += aggregate.collect_events()

    def _evaluate(self, planned: PlannedCheckpoint) -> None:
        if self.target.state is not State.ACTIVE or planned.number in self.checkpoints:
            return
        before = self.checkpoints.get(planned.number - 1)
        reading = self._reading(planned, before)
        actual, expected = (before.reading.actual, before.reading.expected) if before is not None else (0, 0)
        self.checkpoints[planned.number] = Checkpoint.evaluate(
            self.target.id,
            planned,
            reading,
            step=(reading.actual - actual, reading.expected - expected),
            position=self.position,
            announced=self._announced(planned),
            by=BY,
            at=self.at,
        )
        self.evaluated.append(planned.cutoff)
        self._plan(Errand.SETTLE, max(planned.cutoff, self.at) + SETTLES_AFTER, planned.number)
        if not reading.complete:
            self._plan(Errand.RESTATE, self.at + QUIET_SPELL)
        if planned.closing:
            self._collect()
            self._close(planned.cutoff)

    def _close(self, ended: datetime) -> None:
        self.target.close(by=BY, at=self.at)
        self._collect()
        for milestone in self.milestones.values():
            milestone.miss(announced=self.target.announces, by=BY, at=self.at)
        self._plan(Errand.SEAL, max(ended, self.at) + SEALS_AFTER)

    def _reading(self, planned: PlannedCheckpoint, before: Checkpoint | None) -> Reading:
        return read(
            self.target.plan,
            self.curve,
            planned,
            self.target.total_before(planned.cutoff),
            None if before is None else before.previous,
            self.complete,
        )

    def _announced(self, planned: PlannedCheckpoint) -> bool:
        """Of the checkpoints that were past at activation only the latest is, and none of a period that was over."""
        activated_at = self.target.activated_at
        assert activated_at is not None, "an active target was activated"
        if planned.cutoff > activated_at:
            return True
        coming = self.target.plan.checkpoints[planned.number :]
        return bool(coming) and coming[0].cutoff > activated_at

    def _restate_or_wait(self) -> None:
        if self.complete:
            self._restate()
        else:
            self._plan(Errand.RESTATE, self.at + QUIET_SPELL)

    def _restate(self) -> None:
        """Read every evaluated checkpoint again, in order: a class hangs on the one before it."""
        if self.target.state not in OPEN:
            return
        before: Checkpoint | None = None
        for planned in self.target.plan.checkpoints:
            checkpoint = self.checkpoints.get(planned.number)
            if checkpoint is None:
                return
            since = checkpoint.position
            checkpoint.restate(self._reading(planned, before), self.position, self.target.plan.goal, by=BY, at=self.at)
            before = checkpoint
            if planned.closing:
                self._collect()
                self.target.restate_outcome(LedgerRef(after=since, upto=self.position), by=BY, at=self.at)

    def _remind(self, appointment: Appointment) -> None:
        """Of what fell due meanwhile only the last is said."""
        later = [one for one in self.appointments if one.subject == appointment.subject and one > appointment]
        milestone = self.milestones.get(appointment.subject)
        if later or milestone is None or self.target.state is not State.ACTIVE:
            return
        if appointment.errand is Errand.OVERDUE:
            milestone.fall_overdue(by=BY, at=self.at)
        else:
            milestone.fall_due_soon(appointment.number, by=BY, at=self.at)

    def _plan(self, errand: Errand, due: datetime, number: int = 0) -> None:
        self.planned.append(Appointment(due, self.target.id, self.target.id, errand, number))


def _visits(log: Writing, due: Sequence[Appointment], at: datetime, complete: bool) -> dict[UUID, _Visit]:
    errands: dict[UUID, list[Appointment]] = defaultdict(list)
    for appointment in due:
        errands[appointment.target].append(appointment)
    targets = log.targets(errands)
    wanted = {
        checkpoint_id(target.id, planned.cutoff)
        for target in targets.values()
        for planned in _looked_at(target, errands[target.id], at)
    }
    checkpoints: dict[UUID, dict[int, Checkpoint]] = defaultdict(dict)
    for one in sorted(log.aggregates(Checkpoint, wanted).values(), key=lambda one: one.number):
        checkpoints[one.target][one.number] = one
    closing = {
        target.id
        for target in targets.values()
        for one in errands[target.id]
        if one.errand in OF_MILESTONES
        or (one.errand is Errand.CHECKPOINT and one.number == len(target.plan.checkpoints))
    }
    milestones = log.milestones(closing)
    return {
        target.id: _Visit(
            target,
            checkpoints[target.id],
            {one.id: one for one in milestones.get(target.id, [])},
            log.position,
            at,
            complete,
            target.plan.curve(),
            errands[target.id],
        )
        for target in targets.values()
    }


def _looked_at(target: Target, appointments: Iterable[Appointment], at: datetime) -> set[PlannedCheckpoint]:
    """The checkpoints that these errands look at: a target may have thousands."""
    planned = target.plan.checkpoints
    wanted: set[PlannedCheckpoint] = set()
    for one in appointments:
        match one.errand:
            case Errand.CHECKPOINT:
                wanted.update(planned[max(0, one.number - 2) : one.number])
            case Errand.SETTLE:
                wanted.add(planned[one.number - 1])
            case Errand.RESTATE | Errand.SEAL:
                wanted.update(other for other in planned if other.cutoff <= at)
    return wanted


def _save(log: Writing, visits: Iterable[_Visit]) -> None:
    for visit in visits:
        log.agenda.plan(visit.planned)
        if visit.target.state is State.SEALED:
            log.agenda.end(visit.target.id)
    log.agenda.evaluated([(visit.target.id, cutoff) for visit in visits for cutoff in visit.evaluated[-1:]])
    log.save([fact for visit in visits for fact in visit.facts])
