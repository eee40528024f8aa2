"""Where each target stands, as its facts say; what depends on the time of asking is computed when asked."""

from dataclasses import dataclass, replace
from datetime import datetime

from eventsourcing.utils import get_topic

from domain.checkpoint import Checkpoint
from domain.facts import TARGET_TOPICS
from domain.figures import Standing, Verdict
from domain.milestones.milestone import Milestone
from domain.target import State, Target
from projections.view import View, changed, of_target


@dataclass(frozen=True)
class Status:
    """A target's state and its actual, in minor units of its metric."""

    name: str
    metric: str
    goal: int
    state: State
    plan_version: int
    total: int
    attained: bool = False
    lost: bool = False
    """Whether it was attained before, is not any more, and nothing was evaluated since."""
    outcome: str | None = None
    evaluated: int = 0
    """How many checkpoints were evaluated."""
    last: Verdict | None = None
    """The last of them, as it reads now."""
    sealed: int | None = None
    """The total at the seal: what comes after is an adjustment."""
    begins: datetime | None = None
    ends: datetime | None = None
    """Of the plan, for lists in the order of time. A row from before they were kept has none until it is rebuilt."""

    @property
    def standing(self) -> Standing:
        adjustment = 0 if self.sealed is None else self.total - self.sealed
        return Standing(
            self.state, self.total, self.attained, self.lost, self.outcome, self.last, self.evaluated, adjustment
        )


def evolve(row: Status | None, fact: object) -> Status | None:
    match row, fact:
        case None, Target.TargetDefined(plan=plan):
            return Status(plan.name, plan.metric, plan.goal, State.DRAFT, 1, 0, begins=plan.begins, ends=plan.ends)
        case Status(), Target.TargetActivated():
            return _moved(row, State.FILLING)
        case Status(), Target.ProgressRecorded(slots=slots):
            return changed(row, total=row.total + sum(slot.net for slot in slots))
        case Status(), Target.TargetFilled():
            return _moved(row, State.ACTIVE)
        case Status(), Target.TargetAttained():
            return replace(row, attained=True, lost=False)
        case Status(), Target.AttainmentLost():
            return replace(row, attained=False, lost=True)
        case Status(), Checkpoint.CheckpointEvaluated(number=number, status=status, cutoff=cutoff):
            return replace(row, evaluated=row.evaluated + 1, last=Verdict(number, status, cutoff), lost=False)
        case Status(last=Verdict() as last), Checkpoint.CheckpointRestated(cutoff=cutoff, new=new):
            return replace(row, last=replace(last, status=new.status)) if cutoff == last.cutoff else row
        case Status(), Target.TargetClosed(outcome=outcome):
            return replace(_moved(row, State.CLOSED), outcome=outcome)
        case Status(), Target.OutcomeRestated(new=outcome):
            return replace(row, outcome=outcome)
        case Status(), Target.TargetSealed(total=total):
            return replace(_moved(row, State.SEALED), sealed=total)
        case Status(), Target.TargetCancelled():
            return _moved(row, State.CANCELLED)
        case Status(), _ if isinstance(fact, CHANGES) and getattr(fact, "evidence", "by hand") is not None:
            # As `Milestone.plan_version`: people move it, sales that achieve a milestone don't.
            return replace(row, plan_version=row.plan_version + 1)
    return row


def _moved(row: Status, state: State) -> Status:
    return replace(row, state=state, plan_version=row.plan_version + 1)


CHANGES = (
    Milestone.MilestonePlanned,
    Milestone.MilestoneRescheduled,
    Milestone.TaskAdded,
    Milestone.TaskCompleted,
    Milestone.TaskReopened,
    Milestone.MilestoneAchieved,
    Milestone.MilestoneWaived,
)
TOPICS = [*TARGET_TOPICS, get_topic(Checkpoint.CheckpointEvaluated), get_topic(Checkpoint.CheckpointRestated)]
TOPICS += [get_topic(fact) for fact in CHANGES]
# It has no index but its key: a row is rewritten with every sale, and in place only while nothing indexes it.
STATUSES = View("statuses", Status, evolve, TOPICS, version=2, key=of_target)
