"""What errands look at beside their targets: read together for all targets of one commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from domain.agenda import Appointment, Errand
from domain.application import Writing
from domain.checkpoint import Checkpoint, checkpoint_id
from domain.companion import Companion
from domain.milestones.milestone import Milestone
from domain.plan import KEEP
from domain.schedule import PlannedCheckpoint
from domain.target import Target
from domain.updates.check_ins import parent_of
from domain.updates.updates import Updates
from domain.watch.watch import Watch

READINGS_MAX = 500
"""In one commit: sales wait while it is made. One target may take more: what it reads hangs together."""
OF_ALL_EVALUATED = (Errand.RESTATE, Errand.SEAL)
OF_MILESTONES = (Errand.DUE_SOON, Errand.OVERDUE)
WATCHING = (Errand.STALE, Errand.TREND)
ASKING = (Errand.CHECKPOINT, Errand.RESTATE, Errand.SEAL, Errand.CHECK_IN)
"""What people may be asked at, or need not answer any more."""

C = TypeVar("C", bound=Companion)


@dataclass(frozen=True)
class Surroundings:
    """A target and what its errands look at; checkpoints: those that were evaluated, by number."""

    target: Target
    checkpoints: dict[int, Checkpoint]
    milestones: dict[UUID, Milestone]
    watch: Watch
    updates: Updates
    parent: Target | None


def as_many_as_fit(due: Sequence[Appointment], targets: Mapping[UUID, Target]) -> list[Appointment]:
    """The first of these, as many as read about five hundred checkpoints."""
    fitting: list[Appointment] = []
    readings = 0
    for one in due:
        target = targets.get(one.target)
        many = len(target.plan.checkpoints) if target is not None and one.errand in OF_ALL_EVALUATED else 1
        readings += many
        if fitting and readings > READINGS_MAX:
            break
        fitting.append(one)
    return fitting


def surroundings_of(
    log: Writing, errands: Mapping[UUID, Sequence[Appointment]], targets: Mapping[UUID, Target], at: datetime
) -> list[Surroundings]:
    """errands: by target; at: the time."""
    visited = [target for target in targets.values() if target.id in errands]
    checkpoints = _checkpoints(log, visited, errands)
    milestones = log.milestones(one.id for one in visited if _of_milestones(one, errands[one.id]))
    watches = _companions(log, Watch, errands, WATCHING, at)
    updates = _companions(log, Updates, errands, ASKING, at)
    parents = _parents(log, visited, errands, at)
    return [
        Surroundings(
            one,
            checkpoints[one.id],
            {milestone.id: milestone for milestone in milestones.get(one.id, ())},
            watches[one.id],
            updates[one.id],
            parents.get(one.id),
        )
        for one in visited
    ]


def _checkpoints(
    log: Writing, targets: Sequence[Target], errands: Mapping[UUID, Sequence[Appointment]]
) -> dict[UUID, dict[int, Checkpoint]]:
    evaluated_to = log.agenda.evaluated_to(errands)
    wanted = {
        checkpoint_id(target.id, planned.cutoff)
        for target in targets
        for planned in _looked_at(target, errands[target.id], evaluated_to.get(target.id))
    }
    found: dict[UUID, dict[int, Checkpoint]] = {target.id: {} for target in targets}
    for one in sorted(log.aggregates(Checkpoint, wanted).values(), key=lambda one: one.number):
        found[one.target][one.number] = one
    return found


def _looked_at(
    target: Target, appointments: Iterable[Appointment], evaluated_to: datetime | None
) -> set[PlannedCheckpoint]:
    """The checkpoints that these errands look at: a target may have thousands."""
    planned = target.plan.checkpoints
    wanted: set[PlannedCheckpoint] = set()
    for one in appointments:
        match one.errand:
            case Errand.CHECKPOINT if target.plan.kind == KEEP and one.number == len(planned):
                wanted.update(planned)
            case Errand.CHECKPOINT:
                wanted.update(planned[max(0, one.number - 2) : one.number])
            case Errand.SETTLE:
                wanted.add(planned[one.number - 1])
            case Errand.RESTATE | Errand.SEAL:
                wanted.update(other for other in planned if evaluated_to is not None and other.cutoff <= evaluated_to)
    return wanted


def _of_milestones(target: Target, appointments: Iterable[Appointment]) -> bool:
    """Whether one of these errands looks at its milestones: a reminder, or its close."""
    last = len(target.plan.checkpoints)
    return any(
        one.errand in OF_MILESTONES or (one.errand is Errand.CHECKPOINT and one.number == last) for one in appointments
    )


def _companions(
    log: Writing, kind: type[C], errands: Mapping[UUID, Sequence[Appointment]], those: Sequence[Errand], at: datetime
) -> dict[UUID, C]:
    """What stands beside each of these targets; it is read for those with one of `those` errands."""
    wanted = {kind.id_of(target) for target, due in errands.items() if any(one.errand in those for one in due)}
    found = log.aggregates(kind, wanted)
    return {target: found.get(kind.id_of(target)) or kind.of(target, at) for target in errands}


def _parents(
    log: Writing, targets: Sequence[Target], errands: Mapping[UUID, Sequence[Appointment]], at: datetime
) -> dict[UUID, Target]:
    """The targets above those whose check-in has fallen due."""
    asked = [one for one in targets if any(due.errand is Errand.CHECK_IN for due in errands[one.id])]
    memberships = log.memberships_of(one.id for one in asked) if asked else []
    above: dict[UUID, UUID] = {}
    for one in asked:
        parent = parent_of(one, [of for of in memberships if of.member == one.id], at)
        if parent is not None:
            above[one.id] = parent
    found = log.targets(set(above.values())) if above else {}
    return {one: found[parent] for one, parent in above.items() if parent in found}
