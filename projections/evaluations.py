"""Verifies that each checkpoint reads what its target's facts say up to its position, and what its plan expects."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from domain.actuals import Actuals
from domain.checkpoint import INSIDE, Checkpoint, Circumstances, Reading, checkpoint_id, read
from domain.course import course_upto
from domain.figures import stale_from
from domain.money import shown
from domain.outcome import Passed
from domain.plan import KEEP, Plan
from domain.schedule import PlannedCheckpoint
from domain.standing import CLASSES
from domain.target import State, Target

Differs = Callable[[str], None]
OPEN = (State.ACTIVE, State.CLOSED)


@dataclass(slots=True)
class _Read:
    """What a checkpoint reads now; the rest of its reading follows from the plans up to its revision."""

    actual: int
    expected: int
    status: str
    complete: bool
    revision: int
    settled: bool = False


@dataclass(slots=True)
class _Evaluated:
    """A target's checkpoints so far, in their order."""

    target: Target
    reads: list[_Read] = field(default_factory=list)


class Evaluations:
    """Told of every progress and every checkpoint's fact in the log's order; tells what differs."""

    def __init__(self, differs: Differs) -> None:
        self._differs = differs
        self._courses: dict[UUID, _Evaluated] = {}
        self._progressed: dict[UUID, int] = defaultdict(int)
        self._actuals = _Actuals()
        self.evaluated = 0

    def progressed(self, position: int, target: Target) -> None:
        self._progressed[target.id] = position

    def said(self, position: int, topic: str, target: Target | None, fact: Any) -> None:
        """`fact`: of a checkpoint; `target`: the one that it names, as it stands, None when there is none."""
        if target is None:
            self._differs(f"position {position}: {topic} names target {fact.target}, and there is none")
            return
        course = self._courses.get(target.id)
        if course is None:
            course = self._courses[target.id] = _Evaluated(target)
        course.target = target
        where = f"position {position}: {topic} {fact.number} of {target.plan.name} ({target.id})"
        for wrong in self._wrong(course, position, fact)[:1]:
            self._differs(f"{where} {wrong}")

    def closed(self, position: int, target: Target) -> None:
        """The closing evaluation stands before the close, and all others before that."""
        course = self._courses.get(target.id)
        evaluated, planned = len(course.reads) if course is not None else 0, len(target.plan.checkpoints)
        if evaluated != planned:
            self._differs(
                f"position {position}: {target.plan.name} ({target.id}) is closed with {evaluated} of {planned}"
                " checkpoints evaluated"
            )

    def last_of(self, target: UUID) -> Circumstances:
        """The class of a target's last evaluation, and how many there were."""
        course = self._courses.get(target)
        reads = course.reads if course is not None else []
        return Circumstances(_previous(reads[-1] if reads else None), len(reads))

    def passed(self, target: Target) -> Passed | None:
        """Of a level that is to be kept: at how many of its checkpoints so far it was."""
        if target.plan.kind != KEEP:
            return None
        course = self._courses.get(target.id)
        reads = course.reads if course is not None else []
        return Passed(sum(one.status == INSIDE for one in reads), len(reads))

    def _wrong(self, course: _Evaluated, position: int, fact: Any) -> list[str]:
        """What is not so, first thing first."""
        planned = _planned(course.target, fact)
        if planned is None:
            return ["is not one that its plan has"]
        match fact:
            case Checkpoint.CheckpointEvaluated():
                self.evaluated += 1
                return self._evaluated(course, position, planned, fact)
            case Checkpoint.CheckpointRestated():
                return self._restated(course, position, planned, fact)
            case Checkpoint.CheckpointSettled():
                return _settled(course, fact)
        return []

    def _evaluated(
        self, course: _Evaluated, position: int, planned: PlannedCheckpoint, fact: Checkpoint.CheckpointEvaluated
    ) -> list[str]:
        if fact.number != len(course.reads) + 1 or course.target.state is not State.ACTIVE:
            return [f"follows {len(course.reads)} others of a target that is {course.target.state}"]
        said = fact.reading
        before = course.reads[-1] if course.reads else None
        revision = len(course.target.plans)
        due = self._due(course, planned, before, said.complete, revision)
        if fact.revision != revision:
            return [f"names revision {fact.revision}, and revision {revision} was in force"]
        course.reads.append(_Read(due.actual, due.expected, due.status, due.complete, revision))
        wrong = self._unlike(course, position, fact.position, said, due)
        origin = course.target.plan.baseline
        earlier = (before.actual, before.expected) if before is not None else (origin, origin)
        step = due.actual - earlier[0], due.expected - earlier[1]
        if (fact.step_actual, fact.step_expected) != step:
            wrong.append(f"says a step of {fact.step_actual} of {fact.step_expected}, and it is {step[0]} of {step[1]}")
        return wrong

    def _restated(
        self, course: _Evaluated, position: int, planned: PlannedCheckpoint, fact: Checkpoint.CheckpointRestated
    ) -> list[str]:
        if fact.number > len(course.reads) or course.target.state not in OPEN:
            return [f"follows {len(course.reads)} evaluations of a target that is {course.target.state}"]
        now = course.reads[fact.number - 1]
        before = course.reads[fact.number - 2] if fact.number > 1 else None
        now.revision = max(now.revision, course.target.retroactive_to)
        due = self._due(course, planned, before, fact.new.complete, now.revision)
        was = (now.actual, now.status, now.complete)
        now.actual, now.expected, now.status, now.complete = due.actual, due.expected, due.status, due.complete
        wrong = self._unlike(course, position, fact.position, fact.new, due)
        if (fact.old.actual, fact.old.status, fact.old.complete) != was:
            wrong.append(f"says that it read {fact.old.actual}, {fact.old.status}, and it read {was[0]}, {was[1]}")
        return wrong

    def _due(
        self, course: _Evaluated, planned: PlannedCheckpoint, before: _Read | None, complete: bool, revision: int
    ) -> Reading:
        target = course.target
        course_then = course_upto(target.plans, revision)
        held = course_then.plan_at(planned.cutoff)
        actual = self._actuals.before(target, self._progressed[target.id], planned.cutoff, held)
        since = stale_from(target.plan, target.activated_at, target.progressed_at)
        stale = since is not None and planned.cutoff > since
        now = Circumstances(_previous(before), planned.number - 1, complete, stale)
        return read(course_then, planned.cutoff, actual, now)

    def _unlike(self, course: _Evaluated, position: int, rests_on: int, said: Reading, due: Reading) -> list[str]:
        exponent = course.target.plan.exponent
        if not self._progressed[course.target.id] <= rests_on < position:
            return [f"rests on position {rests_on}, and its sales on {self._progressed[course.target.id]}"]
        if said.actual != due.actual:
            return [f"says {shown(said.actual, exponent)}, and its sales come to {shown(due.actual, exponent)}"]
        for name in ("expected", "variance", "pace", "status", "partial"):
            if getattr(said, name) != getattr(due, name):
                return [f"says {name} {getattr(said, name)}, and it is {getattr(due, name)}"]
        return []


def _previous(before: _Read | None) -> str | None:
    """What hysteresis begins from: a class, or nothing."""
    return before.status if before is not None and before.status in CLASSES else None


class _Actuals:
    """What a target came to before an instant, for many checkpoints in a row: one target's sums are kept at a time."""

    def __init__(self) -> None:
        self._of: tuple[UUID, int, int] | None = None
        self._kept: Actuals | None = None

    def before(self, target: Target, progressed_at: int, instant: datetime, held: Plan) -> Fraction | None:
        of = target.id, progressed_at, target.edition
        if self._kept is None or self._of != of:
            self._of, self._kept = of, Actuals(target.plan, target.sums, target.under, target.measured_from)
        return self._kept.before(instant, held)


def _planned(target: Target, fact: Any) -> PlannedCheckpoint | None:
    """The planned checkpoint that a fact is about, where all that it says of it is so."""
    listed = target.plan.checkpoints
    if not 0 < fact.number <= len(listed) or fact.originator_id != checkpoint_id(target.id, fact.cutoff):
        return None
    planned = listed[fact.number - 1]
    closing = getattr(fact, "closing", planned.closing)
    return planned if (planned.cutoff, planned.closing) == (fact.cutoff, closing) else None


def _settled(course: _Evaluated, fact: Checkpoint.CheckpointSettled) -> list[str]:
    if fact.number > len(course.reads):
        return ["was not evaluated before"]
    if course.reads[fact.number - 1].settled:
        return ["was settled before"]
    course.reads[fact.number - 1].settled = True
    return []
