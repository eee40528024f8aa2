"""A target's history in plain words: what it was to reach, where it stood, and what each fact of it says."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from deploy.history_aims import MODES, aim_of, changes_said, is_paced, way_of, where
from domain.alerts.wording import said_amount, said_day, said_status
from domain.archive import Archive
from domain.checkpoint import Checkpoint, Reading
from domain.milestones.milestone import Milestone, Stage
from domain.money import half_even, minor_units, shown
from domain.plan import CUMULATIVE, RATIO, Part, Plan
from domain.proposals.proposal import Proposal
from domain.rollup.membership import Membership
from domain.rollup.pinned import MembersPinned
from domain.target import State, Target
from domain.updates.updates import CONFIDENCE_MAX, Updates
from domain.watch.watch import Watch
from projections.checkpoints import Evaluation
from projections.counted_then import Added
from projections.history import Moment, Stood
from projections.milestones import Planned

OUTCOMES = {
    "exceeded": "exceeded its goal",
    "met": "met its goal",
    "missed": "missed its goal",
    "no_baseline": "had nothing to be compared with",
}
PACINGS = {
    "equal_steps": "in equal steps to its checkpoints",
    "linear": "by equal parts every day",
    "business_days": "by equal parts every open day",
    "weighted": "by the weights of its days",
    "last_year": "as last year's sales grew",
    "roll_up": "as its members do",
    "explicit": "straight from each value that was set to the next",
}


class Words:
    """Of one target: its money, its days, its hours."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.zone = ZoneInfo(plan.time_zone)

    def money(self, minor: int, *, signed: bool = False) -> str:
        plan = self.plan
        if plan.kind == RATIO:
            said = shown(minor, plan.exponent).rstrip("0").rstrip(".")
        else:
            said = said_amount(minor, plan.unit, plan.exponent)
        return f"+{said}" if signed and minor >= 0 else said

    def shown(self, text: str | None, *, signed: bool = False) -> str:
        """Money that a figure gives as decimal text; what is no amount stays as it is."""
        if text is None:
            return "none"
        if not text.lstrip("-").replace(".", "").isdigit():
            return text.replace("_", " ")
        return self.money(minor_units(text, self.plan.exponent, signed=True), signed=signed)

    def time(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def cutoff_day(self, cutoff: datetime) -> str:
        planned = next((one.day for one in self.plan.checkpoints if one.cutoff == cutoff), None)
        return said_day(planned or self.plan.day_of(cutoff - timedelta(microseconds=1)))

    # The target as it stood

    def lines(self, stood: Stood, moment: Moment) -> Iterator[str]:
        plan, now, status = self.plan, stood.figures, stood.status
        aim, scope = aim_of(plan, self.money), "" if plan.kind == RATIO else where(plan.scope)
        yield f"{plan.name}: {aim}{'' if plan.kind == CUMULATIVE else ','} from {plan.start} to {plan.end}{scope}"
        yield f"  expected {PACINGS.get(plan.pacing, plan.pacing)}{self._people()}"
        known = f"everything known at position {moment.position:,} of the log"
        when = ", when it was cancelled" if status.state is State.CANCELLED else ""
        yield f"As of {self.time(stood.as_of)}{when}, with {known} (times are those of {plan.time_zone})"
        live = "" if now.live_status == now.status else f", and at that moment {said_status(now.live_status)}"
        yield f"  state     {status.state}"
        yield f"  status    {said_status(now.status)}{live}"
        yield f"  actual    {self.shown(now.actual)}{way_of(stood)}"
        yield f"  expected  {self.shown(now.expected)}"
        yield f"  variance  {self.shown(now.variance, signed=True)}"
        if is_paced(plan):
            yield f"  pace      {now.pace_index or 'none yet: nothing was expected'}"
        then = " then" if when else ""
        if now.required_rate["amount"] is not None:
            yield f"  required  {self._required(now.required_rate['amount'])}{then}"
        if now.original_goal != now.goal and now.original_goal is not None:
            yield f"  at first  {self.shown(now.original_goal)} was to be reached"
        if now.adjustment is not None:
            yield f"  adjusted  {self.shown(now.adjustment, signed=True)} came in after the outcome was sealed"
        yield from self._evaluated(stood.evaluations)
        yield from self._planned(stood.milestones)

    def _people(self) -> str:
        owner = f"; owner {self.plan.owner}" if self.plan.owner else ""
        return owner + (f"; team {', '.join(self.plan.team)}" if self.plan.team else "")

    def _required(self, amount: str | None) -> str:
        return "no day was left" if amount == "none_possible" else f"{self.shown(amount)} on each day that was left"

    def _evaluated(self, evaluations: list[Evaluation]) -> Iterator[str]:
        yield f"Checkpoints: {len(evaluations) or 'none'} evaluated of {len(self.plan.checkpoints)}"
        for one in evaluations:
            now = one.restated.new if one.restated else one.reported
            before = f"; first reported: {self._reading(one.reported)}" if one.restated else ""
            yield f"  {one.number:>3}  {self.cutoff_day(one.cutoff):<10}  {self._reading(now)}{before}"

    def _planned(self, milestones: Mapping[UUID, Planned]) -> Iterator[str]:
        if milestones:
            yield "Milestones"
        for one in milestones.values():
            tasks = f", {len(one.done)} of {len(one.tasks)} tasks done" if one.tasks else ""
            late = ", late" if one.stage is Stage.ACHIEVED and one.achieved and one.achieved.late else ""
            yield f"  {one.name}: due {said_day(one.due_day)}, {said_status(one.stage)}{late}{tasks}"

    def _reading(self, one: Reading) -> str:
        known = "" if one.complete else ", not all sales were in yet"
        of_expected = f"{self.money(one.actual)} of {self.money(one.expected)} expected"
        return f"{said_status(one.status)}, {of_expected}{known}"

    # Facts

    @property
    def sold(self) -> str:
        """What is counted."""
        return "measurements" if self.plan.measured else "sales"

    def counted(self, added: Added) -> str:
        """What a fact adds; of a ratio to each of its parts."""
        plan = self.plan
        if plan.numerator is None or plan.denominator is None:
            return self.money(half_even(Fraction(added.net, plan.scale)), signed=True)
        return f"{_part(plan.numerator, added.net)} over {_part(plan.denominator, added.under)}"

    def fact(self, fact: Any, added: Added, milestones: Mapping[UUID, Planned]) -> str:
        match fact:
            case Target.ProgressRecorded(entry=entry):
                of = f"a commit of {self.sold}" if entry.batch is not None else f"{self.sold} from before it started"
                return f"{of}: {self.counted(added)}"
            case Target.TargetRevised():
                return self._revised(fact)
            case Checkpoint.CheckpointEvaluated(reading=reading):
                return f"{self._checkpoint(fact)} was evaluated: {self._reading(reading)}"
            case Checkpoint.CheckpointRestated(old=old, new=new):
                return f"{self._checkpoint(fact)} was restated: {self._reading(new)}; before: {self._reading(old)}"
            case Checkpoint.CheckpointSettled():
                return f"{self._checkpoint(fact)} is settled: its reading counts"
        of_target = self._of_target(fact) or self._of_people(fact) or self._of_watch(fact)
        return of_target or self._of_milestone(fact, milestones.get(fact.originator_id))

    def _revised(self, fact: Target.TargetRevised) -> str:
        how = MODES.get(fact.mode, fact.mode).format(at=self.time(fact.effective_at))
        anew = "" if fact.fill_upto is None else "; what counts is counted anew"
        reached = "" if fact.attained is None else f"; {said_status(fact.attained)} by it"
        changed = changes_said(fact.changes) or "compared anew"
        return f"revision {fact.revision}, {how}: {changed}{anew}{reached}. {fact.reason}"

    def _checkpoint(self, fact: Any) -> str:
        return f"checkpoint {fact.number} ({self.cutoff_day(fact.cutoff)})"

    def _of_target(self, fact: Any) -> str | None:
        match fact:
            case Target.TargetDefined(plan=plan):
                return f"defined: {aim_of(plan, self.money)} by {said_day(plan.end)} {plan.end.year}"
            case Target.TargetActivated():
                return "started: sales count toward it"
            case Target.TargetFilled(total=total):
                return f"what there was before it started is counted: {self.money(total)} so far"
            case Target.TargetAttained(total=total, lifted_by=sale):
                return f"attained with {self.money(total)}, by sale {sale.id} of {sale.source}"
            case Target.AttainmentLost(total=total, lowered_by=sale):
                why = "" if sale is None else f", by {sale.id} of {sale.source}"
                return f"not attained any more with {self.money(total)}{why}"
            case Target.ComparisonFrozen(frozen=frozen, goal=goal):
                return f"compared with {self.money(frozen.total)}: {self.money(goal, signed=True)} is to be reached"
            case MembersPinned(goal=goal):
                expects = "" if goal is None else f": {self.money(goal)} in all"
                return f"what its members count and expect has changed{expects}"
            case Membership.MemberJoined(member=member, since=since):
                return f"{member} is a member{'' if since is None else f' from {said_day(since)} on'}"
            case Membership.MemberLeft(member=member, until=until):
                return f"{member} is no member {'at all' if until is None else f'after {said_day(until)}'}"
            case Target.TargetClosed(total=total, outcome=outcome):
                return f"closed: it {OUTCOMES[outcome]} with {self.money(total)}"
            case Target.OutcomeRestated(total=total, old=old, new=new):
                return f"its outcome was restated: it {OUTCOMES[new]} with {self.money(total)}, not {OUTCOMES[old]}"
            case Target.TargetSealed(total=total, outcome=outcome):
                return f"sealed: it {OUTCOMES[outcome]} with {self.money(total)}; what comes now is an adjustment"
            case Target.TargetHandedOver(owner=owner, before=before, reason=reason):
                return f"handed over to {owner}{f' from {before}' if before else ''}: {reason}"
            case Target.TargetCancelled(reason=reason):
                return f"cancelled: {reason}"
            case Archive.TargetArchived(reason=reason):
                return f"archived{f': {reason}' if reason else ''}"
            case Archive.TargetUnarchived():
                return "not archived any more"
            case Proposal.RevisionProposed(asked=asked, by=by):
                return f"a revision was proposed by {by}: {asked.reason}"
            case Proposal.RevisionApproved(revision=number, by=by, proposed_by=asker):
                return f"revision {number} was approved by {by}, as {asker} proposed it"
            case Proposal.RevisionDeclined(reason=reason, by=by, proposed_by=asker):
                return f"a revision that {asker} proposed was declined by {by}: {reason}"
        return None

    def _of_people(self, fact: Any) -> str | None:
        match fact:
            case Updates.UpdatePosted(on_track=on_track, why=why, improve=improve, confidence=confidence):
                stands = "on track" if on_track else "not on track"
                better = "" if improve is None else f"; it would be better with: {improve}"
                return f"{fact.by} says it is {stands}, confidence {confidence} of {CONFIDENCE_MAX}: {why}{better}"
            case Updates.CheckInRequested(number=number, status=status, of=of, due=due):
                people = ", ".join(of) or "whoever is accountable"
                asked = f"{people} {'are' if len(of) > 1 else 'is'} asked to say why, by {self.time(due)}"
                return f"checkpoint {number} is {said_status(status)}: {asked}"
            case Updates.CheckInEscalated(number=number, to=to):
                told = f"{to} is told" if to else "there is nobody one level up to tell"
                return f"nobody said why of checkpoint {number}: {told}"
            case Updates.CheckInEnded(number=number, reason=reason):
                return f"nobody need say any more why of checkpoint {number}: {said_status(reason)}"
        return None

    def _of_watch(self, fact: Any) -> str | None:
        match fact:
            case Watch.TargetSlipping() | Watch.TargetStalled():
                what = "slipping" if isinstance(fact, Watch.TargetSlipping) else "stalled"
                brought = f"{self.money(fact.actual)} of {self.money(fact.expected)} expected"
                return f"{what}: its last {fact.days} open days brought {brought}"
            case Watch.TargetRecovered(what=what):
                return f"not {what} any more"
            case Watch.DataStale(since=since):
                return f"no data comes: there should have been some by {self.time(since)}"
            case Watch.DataResumed(data_at=data_at):
                again = "no data has to come any more"
                return again if data_at is None else f"data comes again, since {self.time(data_at)}"
        return None

    def _of_milestone(self, fact: Any, one: Planned | None) -> str:
        name = f"milestone {one.name}" if one is not None else "a milestone"
        match fact:
            case Milestone.MilestonePlanned(name=planned, due_day=day):
                return f"milestone {planned} was planned for {said_day(day)}"
            case Milestone.MilestoneRescheduled(due_day=day):
                return f"{name} is due on {said_day(day)} now"
            case Milestone.TaskAdded(task=task):
                return f"{name} has another task: {task.name}"
            case Milestone.TaskCompleted(task=task):
                return f"{name}: task done, {_task(one, task)}"
            case Milestone.TaskReopened(task=task):
                return f"{name}: to be done again is {_task(one, task)}"
            case Milestone.TaskRescheduled(task=task, due_day=day):
                return f"{name}: task due on {said_day(day)} now, {_task(one, task)}"
            case Milestone.MilestoneAchieved(late=late, evidence=evidence):
                return f"{name} was achieved{', late' if late else ''}{f': {evidence}' if evidence else ''}"
            case Milestone.MilestoneReopened():
                return f"{name} is open again"
            case Milestone.MilestoneWaived(reason=reason):
                return f"{name} was waived: {reason}"
            case Milestone.MilestoneDueSoon(days=days):
                return f"{name} is due {'today' if days == 0 else 'tomorrow' if days == 1 else f'in {days} days'}"
            case Milestone.MilestoneMissed():
                return f"{name} was missed"
            case Milestone.MilestoneOverdue():
                return f"{name} is overdue"
        return f"{name}: {type(fact).__name__}"


def _part(part: Part, amount: int) -> str:
    said = said_amount(amount, part.unit, part.exponent)
    return f"+{said}" if amount >= 0 else said


def _task(one: Planned | None, task_id: UUID) -> str:
    return next((task.name for task in (one.tasks if one is not None else ()) if task.id == task_id), str(task_id))
