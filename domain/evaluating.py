"""Evaluating: what has fallen due on the agenda is done, in order, under the log's lock.

Everything of one call stands in one commit: each evaluation once, the closing one with the target's outcome.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.actuals import Actuals
from domain.agenda import (
    EVALUATED,
    QUIET_SPELL,
    RESTATES_WITHIN,
    REVISED,
    SEALS_AFTER,
    SETTLES_AFTER,
    Appointment,
    Errand,
    checkpoints_of,
)
from domain.application import Fact, Milemarker, Writing
from domain.checkpoint import INSIDE, Checkpoint, Circumstances, Reading, read
from domain.course import Course, course_upto
from domain.figures import stale_from
from domain.milestones.milestone import Milestone
from domain.milestones.reminders import days_left
from domain.outcome import Passed
from domain.plan import KEEP
from domain.progress import LedgerRef
from domain.schedule import PlannedCheckpoint
from domain.surroundings import as_many_as_fit, surroundings_of
from domain.target import State, Target
from domain.updates.check_ins import check_in, fall_due
from domain.updates.updates import CLOSED, Updates
from domain.watch.looking import keep_watch, look_at_data, look_at_pace
from domain.watch.watch import Watch

BY = "checkpoints"
ERRANDS_MAX = 100
FIRST = UUID(int=0)
OPEN = (State.ACTIVE, State.CLOSED)


class Evaluator:
    """Does what has fallen due. Any number may: each finds only what none has done."""

    def __init__(self, app: Milemarker, grace: timedelta) -> None:
        """grace: how long after a cut-off its evaluation falls due, for sales that are on their way."""
        self._app = app
        self._grace = grace

    def evaluate_some(
        self,
        due_at: datetime,
        at: datetime,
        *,
        complete: bool,
        errands: Sequence[Errand] = EVALUATED,
        target: UUID | None = None,
    ) -> int:
        """Do up to 100 of the errands that were due at `due_at`, of one target or of any; how many were done.

        complete: whether all sales that were published by then are in the log.
        """
        at = max(at, due_at)  # a clock that was set back meanwhile must not undo what was due
        with self._app.writing() as log:
            due = log.agenda.due(due_at, self._grace, errands, ERRANDS_MAX, target)
            if not due:
                return 0
            targets = log.targets({one.target for one in due})
            due = as_many_as_fit(due, targets)
            log.agenda.done(due)
            visits = _visits(log, due, targets, at, complete)
            for appointment in due:
                if (visit := visits.get(appointment.target)) is not None:
                    visit.keep(appointment)
            _save(log, visits.values())
        return len(due)

    def due_targets(self, due_at: datetime) -> list[UUID]:
        """The targets that the next errands are of, to be done one by one."""
        with self._app.writing() as log:
            due = log.agenda.due(due_at, self._grace, EVALUATED, ERRANDS_MAX)
        return list(dict.fromkeys(one.target for one in due))

    def put_off(self, target: UUID, until: datetime) -> None:
        """A target that can't be evaluated is left alone until then: the others must not wait for it."""
        with self._app.writing() as log:
            log.agenda.put_off(target, until)

    def plan_missing(self) -> int:
        """Enter targets that are not on the agenda, such as those of an earlier version; how many were looked at."""
        with self._app.writing() as log:
            targets = log.targets(log.agenda.unplanned(ERRANDS_MAX))
            active = [target for target in targets.values() if target.state is State.ACTIVE]
            for target in active:
                log.agenda.plan(checkpoints_of(target.id, target.plan))
                keep_watch(log, target, target.activated_at or target.plan.begins)
            for target in targets.values():
                if target.state not in (State.ACTIVE, State.DRAFT):
                    log.agenda.end(target.id)
        return sum(target.state is not State.DRAFT for target in targets.values())

    def watch_missing(self, after: UUID = FIRST) -> UUID | None:
        """Look after active targets that an earlier version entered on the agenda, which did not look after any; the
        id of the last that was looked at, to go on after it, or None for no more."""
        with self._app.writing() as log:
            ids = log.agenda.unwatched(after, ERRANDS_MAX)
            for target in log.targets(ids).values():
                keep_watch(log, target, target.activated_at or target.plan.begins)
        return ids[-1] if ids else None


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
    appointments: Sequence[Appointment]
    actuals: Actuals
    watch: Watch
    updates: Updates
    parent: Target | None
    planned: list[Appointment] = field(default_factory=list)
    evaluated: list[datetime] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def keep(self, appointment: Appointment) -> None:
        match appointment.errand:
            case Errand.CHECKPOINT:
                self._evaluate(self.target.plan.checkpoints[appointment.number - 1])
            case Errand.RESTATE:
                self._restate_or_wait(appointment)
            case Errand.SETTLE:
                self.checkpoints[appointment.number].settle(by=BY, at=self.at)
            case Errand.SEAL:
                self._seal_or_wait()
            case Errand.DUE_SOON | Errand.OVERDUE:
                self._remind(appointment)
            case Errand.TREND:
                self.planned += look_at_pace(self.watch, self.target, self.actuals, **self._circumstances)
            case Errand.STALE:
                self.planned += look_at_data(self.watch, self.target, **self._circumstances)
            case Errand.CHECK_IN:
                self.planned += fall_due(self.updates, self.target, self.parent, by=BY, at=self.at)
        self._collect()

    @property
    def _circumstances(self) -> dict[str, Any]:
        return {"complete": self.complete, "by": BY, "at": self.at}

    def _collect(self) -> None:
        """In the order in which things were decided: evaluations, then what they mean for the target."""
        for aggregate in (*self.checkpoints.values(), self.target, *self.milestones.values(), self.watch, self.updates):
            self.facts += aggregate.collect_events()

    def _evaluate(self, planned: PlannedCheckpoint) -> None:
        if self.target.state is not State.ACTIVE or planned.number in self.checkpoints:
            return
        before = self.checkpoints.get(planned.number - 1)
        reading = self._reading(planned, before, self.target.course)
        actual, expected = (before.reading.actual, before.reading.expected) if before is not None else self._origin
        self.checkpoints[planned.number] = Checkpoint.evaluate(
            self.target.id,
            planned,
            reading,
            self.target.course,
            step=(reading.actual - actual, reading.expected - expected),
            position=self.position,
            announced=self._announced(planned),
            by=BY,
            at=self.at,
        )
        self.evaluated.append(planned.cutoff)
        self._plan(Errand.SETTLE, max(planned.cutoff, self.at) + SETTLES_AFTER, planned.number)
        if not reading.complete:
            self._plan(Errand.RESTATE, self.at + QUIET_SPELL, since=self.at)
        self._ask()
        if planned.closing:
            self._collect()
            self._close(planned.cutoff)

    def _ask(self) -> None:
        """What the latest checkpoint means for the people of the target."""
        latest = self.checkpoints[max(self.checkpoints)]
        self.planned += check_in(self.updates, self.target, latest, by=BY, at=self.at)

    def _close(self, ended: datetime) -> None:
        self.target.close(passed=self._passed, by=BY, at=self.at)
        self._collect()
        for milestone in self.milestones.values():
            milestone.miss(announced=self.target.announces, by=BY, at=self.at)
        self.updates.end(CLOSED, by=BY, at=self.at)
        self._plan(Errand.SEAL, max(ended, self.at) + SEALS_AFTER)

    @property
    def _origin(self) -> tuple[int, int]:
        """What the first step is counted from: the baseline, of both."""
        return self.target.plan.baseline, self.target.plan.baseline

    @property
    def _passed(self) -> Passed | None:
        """Of a level that is to be kept: at how many checkpoints it was."""
        if self.target.plan.kind != KEEP:
            return None
        inside = sum(one.status == INSIDE for one in self.checkpoints.values())
        return Passed(inside, len(self.checkpoints))

    def _reading(self, planned: PlannedCheckpoint, before: Checkpoint | None, course: Course) -> Reading:
        previous = None if before is None else before.previous
        actual = self.actuals.before(planned.cutoff, course.plan_at(planned.cutoff))
        now = Circumstances(previous, planned.number - 1, self.complete, self._is_stale(planned.cutoff))
        return read(course, planned.cutoff, actual, now)

    def _is_stale(self, cutoff: datetime) -> bool:
        """Whether the data was older at the cut-off than the target allows."""
        since = stale_from(self.target.plan, self.target.activated_at, self.target.progressed_at)
        return since is not None and cutoff > since

    def _announced(self, planned: PlannedCheckpoint) -> bool:
        """Of the checkpoints that were past at activation only the latest is, and none of a period that was over."""
        activated_at = self.target.activated_at
        assert activated_at is not None, "an active target was activated"
        if planned.cutoff > activated_at:
            return True
        coming = self.target.plan.checkpoints[planned.number :]
        return bool(coming) and coming[0].cutoff > activated_at

    def _restate_or_wait(self, appointment: Appointment) -> None:
        """While ingest is behind, more late sales are coming; but what is known is not kept back for ever."""
        since = appointment.since or appointment.due
        if self.complete or self.at - since >= RESTATES_WITHIN:
            self._restate(revised=appointment.number == REVISED)
        else:
            self._plan(Errand.RESTATE, self.at + QUIET_SPELL, appointment.number, since)

    def _seal_or_wait(self) -> None:
        if self.complete:
            self._restate()
            self.target.seal(by=BY, at=self.at)
        else:
            self._plan(Errand.SEAL, self.at + QUIET_SPELL)

    def _restate(self, *, revised: bool = False) -> None:
        """Read every evaluated checkpoint again, in order: a class hangs on the one before it. revised: whether a
        revision is why, and no late sale."""
        if self.target.state not in OPEN:
            return
        before: Checkpoint | None = None
        for planned in self.target.plan.checkpoints:
            checkpoint = self.checkpoints.get(planned.number)
            if checkpoint is None:
                break
            since = checkpoint.position
            # What was expected at it stays what its revision said, unless a later one holds from the beginning.
            revision = max(checkpoint.revision, self.target.retroactive_to)
            reading = self._reading(planned, before, course_upto(self.target.plans, revision))
            checkpoint.restate(
                reading,
                self.position,
                self.target.plan.span,
                revision=revision if revised or revision != checkpoint.revision else None,
                by=BY,
                at=self.at,
            )
            before = checkpoint
            if planned.closing:
                self._collect()
                caused_by = LedgerRef(after=since, upto=self.position)
                self.target.restate_outcome(caused_by, passed=self._passed, by=BY, at=self.at)
        if self.checkpoints:
            self._ask()

    def _remind(self, appointment: Appointment) -> None:
        """Of what fell due meanwhile only the last is said."""
        later = [one for one in self.appointments if one.subject == appointment.subject and one > appointment]
        milestone = self.milestones.get(appointment.subject)
        if later or milestone is None or self.target.state is not State.ACTIVE or not self.target.announces:
            return
        if appointment.errand is Errand.OVERDUE:
            milestone.fall_overdue(by=BY, at=self.at)
        else:
            left = days_left(milestone, self.target.plan, self.at)
            milestone.fall_due_soon(min(appointment.number, left), by=BY, at=self.at)

    def _plan(self, errand: Errand, due: datetime, number: int = 0, since: datetime | None = None) -> None:
        self.planned.append(Appointment(due, self.target.id, self.target.id, errand, number, since))


def _visits(
    log: Writing, due: Sequence[Appointment], targets: Mapping[UUID, Target], at: datetime, complete: bool
) -> dict[UUID, _Visit]:
    errands: dict[UUID, list[Appointment]] = defaultdict(list)
    for appointment in due:
        errands[appointment.target].append(appointment)
    around = surroundings_of(log, errands, targets, at)
    return {
        one.target.id: _Visit(
            one.target,
            one.checkpoints,
            one.milestones,
            log.position,
            at,
            complete,
            errands[one.target.id],
            Actuals(one.target.plan, one.target.sums, one.target.under, one.target.measured_from),
            one.watch,
            one.updates,
            one.parent,
        )
        for one in around
    }


def _save(log: Writing, visits: Collection[_Visit]) -> None:
    log.agenda.plan([one for visit in visits for one in visit.planned])
    for visit in visits:
        if visit.target.state is State.SEALED:
            log.agenda.end(visit.target.id)
    log.agenda.evaluated([(visit.target.id, cutoff) for visit in visits for cutoff in visit.evaluated[-1:]])
    log.save([fact for visit in visits for fact in visit.facts])
