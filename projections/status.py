"""Where each target stands, as its facts say; what depends on the time of asking is computed when asked."""

from dataclasses import dataclass, replace
from datetime import datetime

from eventsourcing.utils import get_topic

from domain.archive import Archive
from domain.checkpoint import INSIDE, Checkpoint
from domain.comparison import has_none
from domain.facts import ARCHIVE_TOPICS, TARGET_TOPICS
from domain.figures import Standing, Verdict
from domain.milestones.milestone import Milestone
from domain.outcome import ATTAINED_BY_REVISION, NOT_ATTAINED
from domain.plan import Plan
from domain.rollup.pinned import MembersPinned
from domain.target import State, Target
from domain.updates.updates import Updates
from projections.view import View, changed, of_target


@dataclass(frozen=True)
class Voice:
    """The newest update; confidence: 0 to 10."""

    on_track: bool
    confidence: int
    by: str
    at: datetime


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
    edition: int = 1
    """Of its plans, as `Target.edition`."""
    under: int = 0
    levels: int = 0
    """How many measurements stand, of a measured target."""
    by_revision: bool = False
    inside: int = 0
    """At how many checkpoints it was on track or better: of a level that is to be kept, inside its bounds."""
    revised: str | None = None
    """The official status since a revision, until the next evaluation."""
    activated_at: datetime | None = None
    progressed_at: datetime | None = None
    no_baseline: bool = False
    """Whether what it is compared with has no sales: for lists, which have no plans at hand."""
    under_metric: str | None = None
    """What the denominator of a ratio is a sum of."""

    sealed_reading: int | None = None
    """What it read at the seal: of a ratio no total says it."""
    archived: bool = False
    said: Voice | None = None
    """What people said of it last, beside what is computed."""

    @property
    def standing(self) -> Standing:
        adjustment = 0 if self.sealed is None else self.total - self.sealed
        return Standing(
            self.state,
            self.total,
            self.attained,
            self.lost,
            self.outcome,
            self.last,
            self.evaluated,
            adjustment,
            self.under,
            bool(self.levels),
            self.by_revision,
            self.inside,
            self.revised,
            self.activated_at,
            self.progressed_at,
            self.sealed_reading,
        )


def evolve(row: Status | None, fact: object) -> Status | None:
    match row, fact:
        case None, Target.TargetDefined(plan=plan):
            return _planned(Status(plan.name, plan.metric, plan.final, State.DRAFT, 1, 0), plan)
        case Status(), Target.TargetActivated(timestamp=at):
            return replace(_moved(row, State.FILLING), activated_at=at)
        case Status(), Target.ComparisonFrozen(frozen=frozen, goal=goal):
            return replace(row, edition=row.edition + 1, no_baseline=has_none(frozen) or goal <= 0)
        case Status(), Target.ProgressRecorded():
            return _progressed(row, fact)
        case Status(), Target.TargetFilled():
            return _moved(row, State.ACTIVE)
        case Status(), Target.TargetAttained():
            return replace(row, attained=True, lost=False, by_revision=False)
        case Status(), Target.AttainmentLost():
            return replace(row, attained=False, lost=True, by_revision=False)
        case Status(), Target.TargetHandedOver():
            return replace(row, edition=row.edition + 1, plan_version=row.plan_version + 1)
        case Status(), Archive.TargetArchived():
            return replace(row, archived=True)
        case Status(), Archive.TargetUnarchived():
            return replace(row, archived=False)
        case Status(), Updates.UpdatePosted(on_track=on_track, confidence=confidence, by=by, timestamp=at):
            return replace(row, said=Voice(on_track, confidence, by, at))
        case Status(), Target.TargetRevised():
            return _revised(row, fact)
        case Status(), MembersPinned():
            return _pinned(row, fact)
        case Status(), Checkpoint.CheckpointEvaluated(number=number, status=status, cutoff=cutoff):
            last, inside = Verdict(number, status, cutoff, fact.reading), row.inside + (status == INSIDE)
            return replace(row, evaluated=row.evaluated + 1, last=last, lost=False, revised=None, inside=inside)
        case Status(last=Verdict() as last), Checkpoint.CheckpointRestated(cutoff=cutoff, old=old, new=new):
            inside = row.inside + (new.status == INSIDE) - (old.status == INSIDE)
            latest = replace(last, status=new.status, restated=new) if cutoff == last.cutoff else last
            return replace(row, last=latest, inside=inside)
        case Status(), Target.TargetClosed(outcome=outcome):
            return replace(_moved(row, State.CLOSED), outcome=outcome)
        case Status(), Target.OutcomeRestated(new=outcome):
            return replace(row, outcome=outcome)
        case Status(), Target.TargetSealed(total=reading):
            return replace(_moved(row, State.SEALED), sealed=row.total, sealed_reading=reading)
        case Status(), Target.TargetCancelled():
            return _moved(row, State.CANCELLED)
        case Status(), _ if isinstance(fact, CHANGES) and getattr(fact, "evidence", "by hand") is not None:
            # As `Milestone.plan_version`: people move it, sales that achieve a milestone don't.
            return replace(row, plan_version=row.plan_version + 1)
    return row


def _planned(row: Status, plan: Plan) -> Status:
    under = plan.denominator.metric if plan.denominator is not None else None
    return replace(
        row,
        name=plan.name,
        metric=plan.metric,
        goal=plan.final,
        begins=plan.begins,
        ends=plan.ends,
        under_metric=under,
    )


def _progressed(row: Status, fact: Target.ProgressRecorded) -> Status:
    total = row.total + sum(slot.net for slot in fact.slots)
    if fact.measured is not None:
        levels = row.levels + len(fact.measured.added) - len(fact.measured.withdrawn or ())
        return changed(row, total=total, levels=levels, progressed_at=fact.timestamp)
    under = row.under + sum(slot.under or 0 for slot in fact.slots)
    return changed(row, total=total, under=under, progressed_at=fact.timestamp)


def _revised(row: Status, fact: Target.TargetRevised) -> Status:
    plan = fact.plan
    after = replace(
        _planned(row, plan),
        edition=row.edition + 1,
        plan_version=row.plan_version + 1,
        revised=fact.status,
        no_baseline=plan.no_baseline,
        last=row.last if row.last is None else replace(row.last, number=plan.cutoffs.index(row.last.cutoff) + 1),
    )
    return _judged(after, fact.attained, fact.fill_upto)


def _pinned(row: Status, fact: MembersPinned) -> Status:
    goal = row.goal if fact.goal is None else fact.goal
    after = replace(row, goal=goal, edition=row.edition + 1, plan_version=row.plan_version + 1)
    return _judged(after, fact.attained, fact.fill_upto)


def _judged(row: Status, attained: str | None, fill_upto: int | None) -> Status:
    """What another plan makes of the attainment, and whether it is filled again."""
    if attained is not None:
        row = replace(row, attained=attained != NOT_ATTAINED, by_revision=attained == ATTAINED_BY_REVISION, lost=False)
    if fill_upto is not None:
        return replace(row, state=State.FILLING, total=0, under=0, levels=0)
    return row


def _moved(row: Status, state: State) -> Status:
    return replace(row, state=state, plan_version=row.plan_version + 1)


CHANGES = (
    Milestone.MilestonePlanned,
    Milestone.MilestoneRescheduled,
    Milestone.TaskAdded,
    Milestone.TaskCompleted,
    Milestone.TaskReopened,
    Milestone.TaskRescheduled,
    Milestone.MilestoneAchieved,
    Milestone.MilestoneWaived,
)
TOPICS = [
    *TARGET_TOPICS,
    *ARCHIVE_TOPICS,
    get_topic(Checkpoint.CheckpointEvaluated),
    get_topic(Checkpoint.CheckpointRestated),
    get_topic(Updates.UpdatePosted),
]
TOPICS += [get_topic(fact) for fact in CHANGES]
# It has no index but its key: a row is rewritten with every sale, and in place only while nothing indexes it.
STATUSES = View("statuses", Status, evolve, TOPICS, version=5, key=of_target)
