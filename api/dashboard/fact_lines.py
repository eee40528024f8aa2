"""A fact as a sentence of a few words, for the list of what happened to a target last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from api.dashboard import wording
from api.dashboard.beside_lines import BesideEvent, beside_line, said_by
from api.dashboard.comparing import earlier_said
from api.dashboard.glance import aim_of, aimed, is_gain, said, said_apart, sells
from api.target_days import Day
from domain.checkpoint import Checkpoint, Reading, reads_nothing
from domain.milestones.milestone import Milestone
from domain.plan import KEEP, RATIO, Plan
from domain.progress import SaleRef
from domain.proposals.proposal import Proposal
from domain.rollup.membership import Membership
from domain.rollup.pinned import MembersPinned
from domain.target import Target
from projections.milestones import Planned

BY_PEOPLE = (
    Target.TargetDefined,
    Target.TargetActivated,
    Target.TargetRevised,
    Target.TargetHandedOver,
    Target.TargetCancelled,
    Proposal.RevisionProposed,
    Proposal.RevisionApproved,
    Proposal.RevisionDeclined,
    Milestone.MilestonePlanned,
    Milestone.MilestoneRescheduled,
    Milestone.TaskAdded,
    Milestone.TaskCompleted,
    Milestone.TaskReopened,
    Milestone.TaskRescheduled,
    Milestone.MilestoneWaived,
)
UNNAMED = "a task"
"""Of which the read model does not know yet."""


@dataclass(frozen=True)
class Told:
    """What happened, and when it was recorded; by: the person who did it, if one did."""

    line: str
    at: datetime
    by: str | None = None


def told_of(facts: Sequence[Any], plan: Plan, milestones: Mapping[UUID, Planned], year: int) -> list[Told]:
    """Facts of a target as lines, in their order; counted sales are not among them, but `sold_lately` tells of them.

    year: the one that need not be said.
    """
    return [_told(fact, plan, milestones, year) for fact in facts]


def sold_lately(days: Sequence[Day], plan: Plan, as_of: datetime) -> list[str]:
    """What today has brought so far, and yesterday, where they are days of the target; days: as `days_of` says."""
    today = as_of.astimezone(ZoneInfo(plan.time_zone)).date()
    words = {today: " so far", today - timedelta(days=1): ""}
    if plan.kind == RATIO:
        return []
    what = "Change of" if plan.measured else "Sales of" if sells(plan) else "Counted on"
    return [
        f"{what} {wording.day(one.day, as_of.year)}{words[one.day]}: {_signed(plan, one.net)}"
        for one in reversed(days[-len(words) :])
        if one.day in words and one.net is not None
    ]


def _told(fact: Any, plan: Plan, milestones: Mapping[UUID, Planned], year: int) -> Told:
    if isinstance(fact, BesideEvent):
        return Told(beside_line(fact, plan, year), fact.timestamp, said_by(fact))
    of_milestone = isinstance(fact, Milestone.Event)
    row = milestones.get(fact.originator_id)
    line = _milestone_line(fact, row, plan, year) if of_milestone else _line(fact, plan, year)
    by_hand = isinstance(fact, Milestone.MilestoneAchieved) and fact.evidence is not None
    return Told(line, fact.timestamp, fact.by if by_hand or isinstance(fact, BY_PEOPLE) else None)


def _line(fact: Any, plan: Plan, year: int) -> str:
    match fact:
        case Target.TargetDefined(plan=first):
            return f"Defined: {aim_of(first)} by {wording.day(first.end, year)}"
        case Target.TargetActivated():
            return "Started"
        case Target.TargetFilled(total=total):
            what = "was measured" if plan.measured else "was sold" if sells(plan) else "there was"
            return f"Counted what {what} before: {_filled(plan, total)}"
        case Target.TargetAttained(lifted_by=sale, total=total, goal=goal):
            return f"Attained by {_sale(sale)}: {_of_goal(plan, total, goal)}"
        case Target.AttainmentLost(lowered_by=sale, total=total, goal=goal):
            why = "" if sale is None else f", by {_sale(sale)}"
            return f"Not attained any more{why}: {_of_goal(plan, total, goal)}"
        case Target.ComparisonFrozen(frozen=frozen):
            return f"Compared with {said(plan, frozen.total)} of {earlier_said(plan)}"
        case Target.TargetRevised(revision=number, reason=reason):
            return f"Revision {number}: {reason}"
        case MembersPinned(members=members):
            return f"Counts what its members count: {len(members)} changed, {aimed(plan, plan.final)} in all"
        case Membership.MemberJoined(since=since):
            return f"Another member{'' if since is None else f' from {wording.day(since, year)} on'}"
        case Membership.MemberLeft(until=until):
            return f"A member less{'' if until is None else f' after {wording.day(until, year)}'}"
        case Target.TargetClosed(outcome=outcome, total=total, goal=goal):
            return f"Closed, {_status(outcome)}: {_of_goal(plan, total, goal)}"
        case Target.OutcomeRestated(old=old, new=new, total=total, goal=goal):
            return f"Outcome corrected, {_status(new)} and not {_status(old)}: {_of_goal(plan, total, goal)}"
        case Target.TargetSealed(outcome=outcome, total=total, goal=goal):
            return f"Sealed, {_status(outcome)}: {_of_goal(plan, total, goal)}"
        case Target.TargetHandedOver(owner=owner, before=before, reason=reason):
            return f"Handed over to {owner}{f' from {before}' if before else ''}: {reason}"
        case Target.TargetCancelled(reason=reason):
            return f"Cancelled: {reason}"
        case Proposal.RevisionProposed(asked=asked):
            return f"Revision proposed: {asked.reason}"
        case Proposal.RevisionApproved(revision=number, proposed_by=asker):
            return f"Revision {number} approved, as {asker} proposed it"
        case Proposal.RevisionDeclined(reason=reason, proposed_by=asker):
            return f"Revision declined that {asker} proposed: {reason}"
        case Checkpoint.CheckpointEvaluated(number=number, status=status):
            return f"Checkpoint {number} evaluated, {_status(status)}{_reads(plan, fact.reading)}"
        case Checkpoint.CheckpointRestated(number=number, old=old, new=new, revision=revision):
            verdict = _status(new.status) if new.status == old.status else f"{_status(new.status)} now"
            if revision is not None:
                return f"Checkpoint {number} reads {verdict}, by a revision{_reads(plan, new)}"
            before = "" if reads_nothing(plan, old) else f" and not {aimed(plan, old.actual)}"
            reads = f"{aimed(plan, new.actual)}{before}"
            late = "measurements" if plan.measured else "sales"
            return f"Checkpoint {number} corrected by late {late}, {verdict}: {reads}"
        case Checkpoint.CheckpointSettled(number=number):
            return f"Checkpoint {number} settled: its reading counts"
    raise AssertionError(f"{type(fact).__name__} is no fact of a target")


def _of_goal(plan: Plan, total: int, goal: int) -> str:
    """goal: as it was then."""
    if plan.kind == KEEP:
        return f"{said(plan, total)}, to stay {aim_of(plan)}"
    if plan.measured:
        return f"{said(plan, total)}, on the way to {said(plan, goal)}"
    return f"{aimed(plan, total)} of {aimed(plan, goal)}"


def _reads(plan: Plan, one: Reading) -> str:
    """Nothing, where nothing could be read."""
    if one.status in ("no_baseline", "stale") or reads_nothing(plan, one):
        return ""
    if plan.kind == KEEP:
        return f": {said(plan, one.actual)}, to stay {aim_of(plan)}"
    of = "with" if plan.measured else "of"
    return f": {aimed(plan, one.actual)} {of} {aimed(plan, one.expected)} expected"


def _filled(plan: Plan, total: int) -> str:
    return f"{aimed(plan, total)} against all of {earlier_said(plan)}" if is_gain(plan) else said(plan, total)


def _milestone_line(fact: Milestone.Event, row: Planned | None, plan: Plan, year: int) -> str:
    # The read model may be behind the log: then it is a milestone without a name for a moment.
    name = "A milestone" if row is None else row.name
    tasks = {} if row is None else {task.id: task.name for task in row.tasks}
    match fact:
        case Milestone.MilestonePlanned(name=planned, due_day=day):
            return f"{planned}: planned for {wording.day(day, year)}"
        case Milestone.MilestoneRescheduled(due_day=day):
            return f"{name}: moved to {wording.day(day, year)}"
        case Milestone.TaskAdded(task=task):
            return f"{name}: task added, {task.name}"
        case Milestone.TaskCompleted(task=task_id):
            return f"{name}: task done, {tasks.get(task_id, UNNAMED)}"
        case Milestone.TaskReopened(task=task_id):
            return f"{name}: task not done any more, {tasks.get(task_id, UNNAMED)}"
        case Milestone.TaskRescheduled(task=task_id, due_day=day):
            return f"{name}: task due {wording.day(day, year)} now, {tasks.get(task_id, UNNAMED)}"
        case Milestone.MilestoneAchieved():
            return f"{name}: {_achieved(fact, plan, year)}"
        case Milestone.MilestoneReopened(lowered_by=sale, task=task_id):
            why = "" if task_id is None else f", {tasks.get(task_id, UNNAMED)} is to be done"
            return f"{name}: not achieved any more{why if sale is None else f' by {_sale(sale)}'}"
        case Milestone.MilestoneMissed():
            return f"{name}: missed"
        case Milestone.MilestoneWaived(reason=reason):
            return f"{name}: waived, {reason}"
        case Milestone.MilestoneDueSoon(days=days):
            return f"{name}: due {f'in {days} days' if days > 1 else 'tomorrow' if days else 'today'}"
        case Milestone.MilestoneOverdue():
            return f"{name}: overdue"
    raise AssertionError(f"{type(fact).__name__} is no fact of a milestone")


def _achieved(fact: Milestone.MilestoneAchieved, plan: Plan, year: int) -> str:
    late = ", late" if fact.late else ""
    if fact.lifted_by is not None:
        # The list says when it was recorded.
        when = wording.moment(fact.lifted_by.occurred_at, plan.time_zone, year)
        return f"reached by {_sale(fact.lifted_by)} on {when}{late}"
    return f"achieved{late}" if fact.evidence is None else f"achieved{late}: {fact.evidence}"


def _sale(sale: SaleRef) -> str:
    return f"sale {sale.id} of {sale.source}"


def _status(status: str) -> str:
    return wording.STATUSES[status]


def _signed(plan: Plan, minor: int) -> str:
    return wording.signed(minor, said_apart(plan, minor))
