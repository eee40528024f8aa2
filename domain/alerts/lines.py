"""The line of a message that people read: what happened to which target, in a sentence."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.alerts.alert import CORRECTED, RESOLVED, WORSE
from domain.alerts.beside import line_beside
from domain.alerts.revised import line_of_revision
from domain.alerts.story import Story
from domain.alerts.wording import said_day, said_status
from domain.archive import Archive
from domain.checkpoint import Checkpoint
from domain.milestones.milestone import Milestone
from domain.proposals.proposal import Proposal
from domain.rollup.membership import Membership
from domain.rollup.pinned import MembersPinned
from domain.target import Target
from domain.updates.updates import Updates
from domain.watch.watch import Watch

OUTCOMES = {
    "exceeded": "exceeded its goal",
    "met": "met its goal",
    "missed": "missed its goal",
    "no_baseline": "nothing to be compared with",
}


def line_of(story: Story, transition: str) -> str:
    name, fact = story.plan.name, story.fact
    match fact:
        case Checkpoint.CheckpointEvaluated():
            return _evaluated(story, transition)
        case Checkpoint.CheckpointRestated():
            return _restated(story, transition)
        case Checkpoint.CheckpointSettled(number=number):
            return f"{name}: checkpoint {number} is settled, its reading counts"
        case Target.TargetAttained(total=total, goal=goal):
            return f"{name} is attained: {story.of_goal(total, goal)}"
        case Target.AttainmentLost(total=total, goal=goal):
            return f"{name} is not attained any more: {story.of_goal(total, goal)}"
        case Target.TargetClosed(total=total, goal=goal, outcome=outcome):
            return f"{name} has closed: {_outcome(outcome)} with {story.of_goal(total, goal)}"
        case Target.OutcomeRestated(old=old, new=new, total=total, goal=goal):
            told = f"{name} has {_outcome(new)}, not {_outcome(old)}: {story.of_goal(total, goal)}"
            return f"Correction: {told}"
        case Target.TargetSealed(total=total, goal=goal, outcome=outcome):
            return f"{name} is sealed: {_outcome(outcome)} with {story.of_goal(total, goal)}"
        case Target.TargetDefined():
            return f"{name} was defined: {story.aim} by {said_day(story.plan.end)}"
        case Target.TargetActivated():
            return f"{name} has started: {story.aim} by {said_day(story.plan.end)}"
        case Target.TargetFilled(total=total):
            return f"{name} has counted what was sold before: {_filled(story, total)}"
        case Target.ComparisonFrozen(frozen=frozen):
            return f"{name} is compared with {story.money(frozen.total)}, {story.plan.compared_with}"
        case Target.TargetRevised():
            return line_of_revision(story, fact)
        case Target.TargetHandedOver(owner=owner, before=before, reason=reason):
            return f"{name} has another owner: {owner}{f', not {before}' if before else ''}. {reason}"
        case MembersPinned():
            return f"{name} counts what its members count now: {story.aim} by {said_day(story.plan.end)}"
        case Membership.MemberJoined(since=since):
            return f"{name} has another member{'' if since is None else f', from {said_day(since)} on'}"
        case Membership.MemberLeft(until=until):
            return f"{name} has a member less{'' if until is None else f', after {said_day(until)}'}"
        case Target.TargetCancelled(reason=reason):
            return f"{name} was cancelled: {reason}"
        case Archive.TargetArchived(reason=reason):
            return f"{name} was archived{f': {reason}' if reason else ''}"
        case Archive.TargetUnarchived():
            return f"{name} is among the others again, and not archived any more"
        case Proposal.RevisionProposed(by=by, asked=asked):
            return f"{by} proposes to revise {name}: {asked.reason}"
        case Proposal.RevisionApproved(by=by, proposed_by=asker):
            return f"{by} has approved what {asker} proposed for {name}"
        case Proposal.RevisionDeclined(by=by, proposed_by=asker, reason=reason):
            return f"{by} has declined what {asker} proposed for {name}: {reason}"
        case Updates.Event() | Watch.Event():
            return line_beside(story, transition)
    return _of_milestone(story, transition)


def _evaluated(story: Story, transition: str) -> str:
    one, name = story.fact, story.plan.name
    stands = said_status(one.status)
    if transition == WORSE:
        stands += " now"
    elif transition == RESOLVED:
        stands += " again"
    return f"{name} is {stands}: {_of_expected(story, one.actual, one.expected)}{_completeness(one.complete)}"


def _restated(story: Story, transition: str) -> str:
    old, new, name = story.fact.old, story.fact.new, story.plan.name
    reads = _of_expected(story, new.actual, new.expected)
    if transition == CORRECTED and new.status != old.status:
        told = f"Correction: {name} was {said_status(new.status)}, not {said_status(old.status)}"
    elif transition == CORRECTED:
        told = f"Correction: {name} is {said_status(new.status)} as before, and has"
        return f"{told} {reads}, not {story.stands(old.actual)}{_completeness(new.complete)}"
    else:
        told = f"{name} is {said_status(new.status)} with late sales counted"
    return f"{told}: {reads}{_completeness(new.complete)}"


def _of_expected(story: Story, actual: int, expected: int) -> str:
    number = story.fact.number
    which = "the closing one" if story.closing else f"checkpoint {number}"
    return f"{story.of_expected(actual, expected)} by {_cutoff(story)} ({which})"


def _filled(story: Story, total: int) -> str:
    return f"{story.stands(total)} against {story.all_earlier}" if story.gains else story.money(total)


def _cutoff(story: Story) -> str:
    """The day that ends with it, or else "Mon 23 Nov, 13:58", with its seconds where it has some."""
    at: datetime = story.fact.cutoff
    if at in story.plan.midnights:
        return said_day(story.day)
    local = at.astimezone(ZoneInfo(story.plan.time_zone))
    return f"{said_day(local.date())}, {local:%H:%M:%S}".removesuffix(":00")


def _completeness(complete: bool) -> str:
    return "" if complete else "; not all sales were in yet"


def _outcome(outcome: str) -> str:
    return OUTCOMES[outcome]


def _of_milestone(story: Story, transition: str) -> str:
    one, fact = story.milestone, story.fact
    assert one is not None, "every other fact is a milestone's"
    name, due = f"{one.name} ({story.plan.name})", said_day(one.due_day)
    match fact:
        case Milestone.MilestonePlanned():
            return f"{name} is planned for {due}"
        case Milestone.MilestoneRescheduled(due_day=day):
            return f"{name} is due on {said_day(day)} now"
        case Milestone.TaskAdded(task=task):
            return f"{name} has another task: {task.name}"
        case Milestone.TaskCompleted(task=task_id):
            return f"{name}: task done, {_task(one, task_id)}"
        case Milestone.TaskReopened(task=task_id):
            return f"{name}: task to be done again, {_task(one, task_id)}"
        case Milestone.TaskRescheduled(task=task_id, due_day=day):
            return f"{name}: task due on {said_day(day)} now, {_task(one, task_id)}"
        case Milestone.MilestoneAchieved(late=late):
            return f"{name} is achieved{', late' if late else ''}"
        case Milestone.MilestoneReopened():
            return (
                f"Correction: {name} is not achieved any more" if transition == CORRECTED else f"{name} is open again"
            )
        case Milestone.MilestoneMissed():
            return f"{name} was missed: it was due on {due}"
        case Milestone.MilestoneWaived(reason=reason):
            return f"{name} was waived: {reason}"
        case Milestone.MilestoneDueSoon(days=days):
            return f"{name} is due {'today' if days == 0 else 'tomorrow' if days == 1 else f'in {days} days'}, {due}"
        case Milestone.MilestoneOverdue():
            return f"{name} is overdue: it was due on {due}"
    raise AssertionError(f"nobody hears of {story.type}")


def _task(one: Milestone, task_id: UUID) -> str:
    return one.tasks[task_id].name if task_id in one.tasks else str(task_id)
