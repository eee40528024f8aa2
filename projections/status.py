"""Where each target stands, as its facts say; what depends on the time of asking is computed when asked."""

from dataclasses import dataclass, replace

from domain.facts import TARGET_TOPICS
from domain.target import State, Target
from projections.view import View


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
    """Whether it was attained before and is not any more."""
    outcome: str | None = None


def evolve(row: Status | None, fact: object) -> Status | None:
    match row, fact:
        case None, Target.TargetDefined(plan=plan):
            return Status(plan.name, plan.metric, plan.goal, State.DRAFT, 1, 0)
        case Status(), Target.TargetActivated():
            return _moved(row, State.FILLING)
        case Status(), Target.ProgressRecorded(slots=slots):
            return replace(row, total=row.total + sum(slot.net for slot in slots))
        case Status(), Target.TargetFilled():
            return _moved(row, State.ACTIVE)
        case Status(), Target.TargetAttained():
            return replace(row, attained=True, lost=False)
        case Status(), Target.AttainmentLost():
            return replace(row, attained=False, lost=True)
        case Status(), Target.TargetClosed(outcome=outcome):
            return replace(_moved(row, State.CLOSED), outcome=outcome)
        case Status(), Target.TargetCancelled():
            return _moved(row, State.CANCELLED)
    return row


def _moved(row: Status, state: State) -> Status:
    return replace(row, state=state, plan_version=row.plan_version + 1)


STATUSES = View("statuses", Status, evolve, TARGET_TOPICS)
