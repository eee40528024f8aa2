"""Revising: a target under way gets another plan, that goes on from where it stands, or holds from the beginning.

What was evaluated stays as it was said. The first plan is kept for ever: attainment is shown against it, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.agenda import Errand
from domain.application import Milemarker, Writing, first_uses, target_in, with_rates
from domain.checkpoint import Checkpoint, Circumstances, checkpoint_id
from domain.comparison import goal_of_percent, uplift_percent, with_calendar, year_before
from domain.course import Course
from domain.defining import Resolving, plan_of
from domain.definition import Definition, definition_of
from domain.filling import keep_checkpoints
from domain.milestones.milestone import Milestone
from domain.milestones.reminders import keep_agenda
from domain.milestones.value_milestones import judge_values
from domain.plan import KEEP, RATIO, UPLIFT, Plan
from domain.prose import prose
from domain.rebasing import refuse_unknown_actual
from domain.refusal import Refused
from domain.revised import Request, Revised
from domain.revision import MODES, PROSPECTIVE, REPLAN, RETROACTIVE, going_on_from, status_under
from domain.rollup.joining import carry_up, members_of
from domain.saying import changes_of
from domain.schedule import PlannedCheckpoint
from domain.target import State, Target
from domain.watch.looking import keep_watch

REVISABLE = (
    "name",
    "goal",
    "baseline",
    "bounds_min",
    "bounds_max",
    "pass_share",
    "start",
    "end",
    "scope",
    "numerator",
    "denominator",
    "pacing",
    "checkpoints",
    "comparison",
    "mode",
    "align",
    "calendar",
    "thresholds",
    "refunds",
    "expect_data_every",
    "rate_table",
)
"""Fields of a Definition; metric, unit and time zone are what a target is, and are never revised."""
FIXED = ("kind", "metric", "unit", "time_zone")
REVISIONS_MAX = 100
COUNTED_BY = ("start", "end", "scope", "refunds", "comparison", "metric", "numerator", "denominator", "baseline")
"""Fields of a Plan: where they change, other sales count than before, or a level has changed by something else."""


@dataclass(frozen=True)
class Wish:
    """A revision as somebody asks for it: changes by field of a Definition; effective_at: None for now.

    freeze_anew: whether the comparison is read again, as the ledger has it by then.
    """

    changes: Mapping[str, Any]
    reason: str
    mode: str = PROSPECTIVE
    effective_at: datetime | None = None
    freeze_anew: bool = False


def revise_target(
    app: Milemarker,
    target_id: UUID,
    wish: Wish,
    known: Resolving,
    *,
    by: str,
    at: datetime,
    expected_version: int | None = None,
    request: Request | None = None,
) -> tuple[Target, int]:
    """Give a target another plan. The target after it, and the log's position. The same request again changes nothing.

    Refused, with the field: not_revisable, nothing_revised, unknown_mode, still_filling, actual_unknown,
    bad_effective_at, end_before_evaluated, milestone_outside, key_reused, or whatever is wrong with what the definition
    has become.
    """
    with app.writing() as log:
        target = target_in(log, target_id)
        if request is not None and (said := (target.requests or {}).get(request.id)) is not None:
            if said != request.says:
                raise Refused("key_reused", "this Idempotency-Key has revised the target otherwise before")
            return target, log.position
        if expected_version is not None:
            target_in(log, target_id, expected_version)
        revision = Revision(log, target, wish, known, by, at)
        revision.decide(request=request)
        revision.save()
        return target, log.position


class Revision:
    """One revision, under the log's lock: decided on, then saved; what is only decided has changed nothing."""

    def __init__(self, log: Writing, target: Target, wish: Wish, known: Resolving, by: str, at: datetime) -> None:
        self._log = log
        self._target = target
        self._wish = wish
        self._known = replace(known, metrics=log.metrics())
        self._by = by
        self._at = at
        self._evaluated_to = log.agenda.evaluated_to([target.id]).get(target.id)
        self._milestones: list[Milestone] = []

    def decide(self, *, request: Request | None = None, proposed_by: str | None = None) -> Revised:
        target, wish = self._target, self._wish
        target.refuse_unless_revisable()
        before = definition_of(target.plan)
        plan = self._plan_of(self._after(before))
        if wish.freeze_anew and plan.comparison is None:
            raise Refused("not_of_kind", "it is compared with nothing that could be read again", "/freeze_anew")
        changes = changes_of(before, definition_of(plan))
        if not changes and not wish.freeze_anew:
            raise Refused("nothing_revised", "the target is so already: say what is to change", "/changes")
        plan = self._kept(plan)
        if plan.roll_up:
            plan = with_rates(self._log, plan)
            plan = plan.with_members(members_of(self._log, target.id, plan))
        plan, anew = self._compared(plan)
        if wish.mode == REPLAN:
            refuse_unknown_actual(target, plan, anew)
        counted_anew = self._counts_anew(plan, anew)
        plan = self._going_on(plan)
        course = Course([*target.plans, plan])
        revised = Revised(
            effective_at=self._effective_at(plan),
            mode=wish.mode,
            reason=prose(wish.reason, "reason"),
            changes=changes,
            plan=plan,
            fill_upto=self._log.position if counted_anew else None,
            status=None if counted_anew else self._status(plan),
            proposed_by=proposed_by,
            request=request,
        )
        target.revise(revised, by=self._by, at=self._at)
        self._milestones = self._rescheduled(course)
        return revised

    def _plan_of(self, after: Definition) -> Plan:
        """The plan that the definition has become; what is wrong with it is wrong with what changes."""
        try:
            return plan_of(after, self._known)
        except Refused as refused:
            raise Refused(refused.code, refused.detail, f"/changes{refused.field}") from None

    def _after(self, before: Definition) -> Definition:
        wish = self._wish
        if wish.mode not in MODES:
            raise Refused("unknown_mode", f"a revision is {', '.join(MODES)}", "/mode")
        for name in wish.changes:
            if name not in REVISABLE:
                detail = f"{name} is no part of a revision"
                if name in FIXED:
                    detail = f"{name} is what the target is, and is never revised: cancel it, and define another"
                raise Refused("not_revisable", detail, f"/changes/{name}")
        if len(self._target.plans) > REVISIONS_MAX:
            raise Refused("too_many_revisions", f"a target has up to {REVISIONS_MAX} revisions: define another")
        return replace(before, **{**self._following(before), **wish.changes})

    def _following(self, before: Definition) -> dict[str, Any]:
        """What nobody said, but followed from what changes now: last year's profile is of the year before the period,
        and of no use to another pace."""
        versus, changes = before.comparison, self._wish.changes
        of_pace = before.kind != UPLIFT and versus is not None
        if not of_pace or not changes.keys() & {"start", "end", "pacing"}:
            return {}
        pacing = changes.get("pacing", before.pacing)
        if pacing is None or pacing.kind != "last_year":
            return {"comparison": None, "align": None}
        assert versus is not None
        by_default = (versus.start, versus.end) == year_before(before.start, before.end)
        return {"comparison": None} if by_default else {}

    def _kept(self, plan: Plan) -> Plan:
        """The plan with the checkpoints that were evaluated as they were, and its own after them."""
        evaluated_to, old = self._evaluated_to, self._target.plan
        if evaluated_to is None:
            return plan
        kept = [one for one in old.checkpoints if one.cutoff <= evaluated_to]
        if plan.ends <= evaluated_to:
            detail = f"the period can't end before its last evaluated checkpoint, {kept[-1].day}"
            raise Refused("end_before_evaluated", detail, "/changes/end")
        if kept and plan.begins >= kept[0].cutoff:
            detail = f"the period can't begin after its first evaluated checkpoint, {kept[0].day}"
            raise Refused("start_after_evaluated", detail, "/changes/start")
        coming = [one for one in plan.checkpoints if one.cutoff > evaluated_to]
        return replace(plan, checkpoints=_numbered([*kept, *coming]))

    def _compared(self, plan: Plan) -> tuple[Plan, bool]:
        """The plan with what was frozen, where that holds; and whether it has to be frozen anew."""
        old = self._target.plan
        if plan.comparison is None:
            return plan, False
        new = plan.comparison
        same = old.comparison is not None and new == replace(old.comparison, align=new.align, halves=new.halves)
        same = same and plan.scope == old.scope and plan.refunds == old.refunds
        if not same or self._wish.freeze_anew or old.frozen is None:
            return plan, True
        goal, frozen = plan.goal, old.frozen
        if plan.percent is not None:
            goal = goal_of_percent(uplift_percent(plan.percent), frozen.total)
        if old.comparison is not None and old.comparison.halves != new.halves:
            frozen = with_calendar(frozen, new.halves)
        return plan.with_comparison(frozen, goal), False

    def _counts_anew(self, plan: Plan, frozen_anew: bool) -> bool:
        """Whether the target is to be filled again."""
        target, old = self._target, self._target.plan
        if target.state is State.DRAFT:
            return False
        moved = any(getattr(plan, name) != getattr(old, name) for name in COUNTED_BY if name != "comparison")
        moved = moved or plan.members.members != old.members.members
        finer = not set(plan.slot_starts()) <= set(old.slot_starts())
        return target.state is State.FILLING or frozen_anew or moved or finer

    def _effective_at(self, plan: Plan) -> datetime:
        """The effective moment, inside the period; by default now."""
        wish = self._wish
        at = wish.effective_at or self._at
        if wish.effective_at is not None:
            if wish.mode != RETROACTIVE and self._evaluated_to is not None and at < self._evaluated_to:
                said = self._evaluated_to.isoformat()
                detail = (
                    f"a revision holds from the last evaluated cut-off ({said}) on, or retroactively from the start"
                )
                raise Refused("bad_effective_at", detail, "/effective_at")
            if wish.mode == REPLAN and at > self._at:
                detail = "replan goes on from the actual, which is not known of a moment to come"
                raise Refused("bad_effective_at", detail, "/effective_at")
            if plan.kind in (KEEP, RATIO) and at > self._at:
                detail = (
                    f"a {plan.kind} target has no pace that goes on from a moment to come: revise it when it is due"
                )
                raise Refused("bad_effective_at", detail, "/effective_at")
            if not plan.begins <= at < plan.ends:
                raise Refused("bad_effective_at", "a revision takes effect within the period", "/effective_at")
        return min(max(at, plan.begins), plan.ends)

    def _going_on(self, plan: Plan) -> Plan:
        """The plan, going on from where the target stands, unless it holds from the beginning."""
        at = self._effective_at(plan)
        return replace(plan, rebased=going_on_from(self._target, plan, self._wish.mode, at, now=self._at))

    def _status(self, plan: Plan) -> str | None:
        """The official status under the new plan; None while none is due."""
        previous, evaluated = None, 0
        if self._evaluated_to is not None:
            last = checkpoint_id(self._target.id, self._evaluated_to)
            checkpoint = self._log.aggregates(Checkpoint, [last]).get(last)
            previous = None if checkpoint is None else checkpoint.previous
            evaluated = 0 if checkpoint is None else checkpoint.number
        return status_under(self._target, plan, Circumstances(previous, evaluated), self._at)

    def _rescheduled(self, course: Course) -> list[Milestone]:
        """The milestones, moved with the target; what is achieved, missed or waived stays where it is."""
        milestones = self._log.milestones([self._target.id]).get(self._target.id, [])
        for one in milestones:
            try:
                one.follow(course, by=self._by, at=self._at)
            except Refused as refused:
                detail = f"the milestone {one.name!r} would not fit: {refused.detail}. Move or waive it first"
                raise Refused("milestone_outside", detail, "/changes") from None
        return milestones

    def save(self) -> None:
        """What was decided, and all that hangs on it."""
        log, target, milestones = self._log, self._target, self._milestones
        moved = [one for one in milestones if one.pending_events]
        facts = [*first_uses(log, target.plan, by=self._by, at=self._at), *target.collect_events()]
        # No sale decides here: where a level is to go the other way from now on, other values are reached.
        facts += judge_values(log, target, {one.id: one for one in milestones}, (), by=self._by, at=self._at)
        facts += [fact for one in moved for fact in one.collect_events()]
        log.save(facts)
        if target.state is State.DRAFT:
            return
        carry_up(log, [target], by=self._by, at=self._at)
        log.keep_route(target)
        log.agenda.drop(subject=target.id, errand=Errand.CHECKPOINT)
        keep_watch(log, target, self._at)
        if target.state is State.ACTIVE:
            keep_checkpoints(log, target, self._at, again=self._wish.mode == RETROACTIVE)
            keep_agenda(log, target, moved, self._at)
        elif self._evaluated_to is not None:
            log.agenda.drop(subject=target.id, errand=Errand.RESTATE)


def _numbered(checkpoints: Sequence[PlannedCheckpoint]) -> list[PlannedCheckpoint]:
    return [replace(one, number=number) for number, one in enumerate(checkpoints, 1)]
