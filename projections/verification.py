"""Proves the figures: every fact of every target recomputed from the ledger, every row from the facts.

One reading of the log in its order recomputes what each commit must have said; a second one adds up the ledger by
itself, and each read model is made again in memory and held against its table. What differs is named by position.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification

from domain.alerts.wording import counted
from domain.checkpoint import Checkpoint
from domain.ledger import Posting, SalesRecorded
from domain.outcome import outcome_of
from domain.progress import Measured, Slot, changes_of, level_sums, measured_in, standing
from domain.rollup.membership import Membership
from domain.rollup.pinned import MembersPinned
from domain.routing import Router
from domain.target import State, Target
from projections.contents import Corrected, wrong_contents
from projections.countings import Countings, first_slot, sum_of
from projections.crossings import Crossings
from projections.evaluations import Evaluations
from projections.revisions import REVISING, wrong_in_revision
from projections.roll_ups import RollUps
from projections.rows import compare_rows, log_of
from projections.store import Store

DIFFERENCES_MAX = 100

Progress = Callable[[int, int], None]


@dataclass
class Verdict:
    """What a verification found: the differences in the order of the log, first one first, and what was compared."""

    differences: list[str] = field(default_factory=list)
    facts: int = 0
    sales: int = 0
    targets: int = 0
    checkpoints: int = 0
    position: int = 0

    @property
    def summary(self) -> str:
        found = counted(len(self.differences), "difference") if self.differences else "all figures agree"
        compared = (
            counted(self.facts, "fact"),
            counted(self.sales, "ledger entry", "ledger entries"),
            counted(self.targets, "target"),
            counted(self.checkpoints, "checkpoint"),
        )
        return f"{', '.join(compared)} up to position {self.position:,}: {found}"

    def differs(self, text: str) -> None:
        if len(self.differences) < DIFFERENCES_MAX:
            self.differences.append(text)


def verify(store: Store, progress: Progress = lambda done, total: None) -> Verdict:
    """Recompute every figure from the facts. progress: called with (facts done, facts to do)."""
    position = store.app.recorder.max_notification_id() or 0
    verdict = Verdict(position=position)
    reading = _Reading(store, verdict)
    for notification in log_of(store, position):
        reading.take(notification)
        progress(notification.id, 2 * position)
    reading.finish()
    try:
        for read, recorded in store.app.ledger(0, position):
            reading.countings.add(read, recorded)
            progress(position + read, 2 * position)
        reading.judge()
    except ValueError as error:
        verdict.differs(f"the ledger can't be added up: {error}")
    for view in store.views.views.values():
        compare_rows(store, view, verdict.differs)
    return verdict


class _Reading:
    """The log read in its order: what each commit must have said, and whether it did."""

    def __init__(self, store: Store, verdict: Verdict) -> None:
        self._store = store
        self._verdict = verdict
        self.targets: dict[UUID, Target] = {}
        self._router = Router()
        self._batch: tuple[int, UUID] = (0, UUID(int=0))
        self._due: dict[UUID, tuple[list[Slot], Measured | None]] = {}
        self._postings: dict[UUID, list[Posting]] = {}
        self._crossings = Crossings(verdict.differs)
        self._evaluations = Evaluations(verdict.differs)
        self.countings = Countings(verdict.differs)
        self._roll_ups = RollUps(verdict.differs)
        self._corrected = Corrected(store)

    def take(self, notification: Notification) -> None:
        self._verdict.facts += 1
        position = notification.id
        try:
            fact = self._store.app.mapper.to_domain_event(notification)
        except ValueError as error:
            self._verdict.differs(f"position {position}: {notification.topic} can't be read: {error}")
            return
        match fact:
            case SalesRecorded():
                self._check_all_counted()
                self._take_sales(position, fact)
            case Membership.Event():
                self._roll_ups.said(position, notification.topic, fact)
            case Target.Event():
                self._take_target_fact(position, notification.topic, fact)
            case Checkpoint.CheckpointEvaluated() | Checkpoint.CheckpointRestated() | Checkpoint.CheckpointSettled():
                self._evaluations.said(position, notification.topic, self.targets.get(fact.target), fact)

    def finish(self) -> None:
        self._check_all_counted()
        for target in self.targets.values():
            self._roll_ups.check(f"position {self._verdict.position}", target, self.targets)
        self._verdict.targets = len(self.targets)
        self._verdict.checkpoints = self._evaluations.evaluated

    def judge(self) -> None:
        """What rests on the ledger, once that was added up by itself."""
        self._crossings.judge_filled()
        self.countings.judge()

    def _check_all_counted(self) -> None:
        position, _ = self._batch
        for target_id, (slots, _) in self._due.items():
            name = self.targets[target_id].plan.name
            self._verdict.differs(
                f"position {position}: the sales count {sum_of(slots)} toward {name} ({target_id}),"
                " and no progress says so"
            )
        self._due = {}
        self._crossings.all_said()

    def _take_sales(self, position: int, recorded: SalesRecorded) -> None:
        self._verdict.sales += len(recorded.entries)
        self._batch = position, recorded.originator_id
        for sentence in (*wrong_contents(self._store, recorded), *self._corrected.wrong(recorded.entries)):
            self._verdict.differs(f"position {position}: {sentence}")
        self._postings = self._router.by_target(recorded.entries)
        self._due = {}
        for target_id, found in self._postings.items():
            target = self.targets[target_id]
            measured = measured_in(found, filled=False) if target.plan.measured else None
            self._due[target_id] = target.slots_for(found), measured

    def _take_target_fact(self, position: int, topic: str, fact: Any) -> None:
        target = self.targets.get(fact.originator_id)
        before = None if target is None else target.plan
        changes = None if target is None else _changes(target, fact)
        try:
            if target is not None and isinstance(fact, REVISING):
                for wrong in wrong_in_revision(target, fact, self._evaluations.last_of(target.id)):
                    name = f"{target.plan.name} ({target.id})"
                    self._verdict.differs(f"position {position}: {topic} of {name} {wrong}")
            target = fact.mutate(target)
        except (ValueError, AssertionError, Exception) as error:  # noqa: BLE001 - any failure to replay is a finding
            self._verdict.differs(f"position {position}: {topic} does not follow what stands before it: {error!r}")
            return
        assert target is not None
        self.targets[target.id] = target
        match fact:
            case Target.ProgressRecorded(slots=slots):
                self._evaluations.progressed(position, target)
                self._take_progress(position, target, fact)
                if changes is not None and changes != slots:
                    self._verdict.differs(
                        f"position {position}: progress of {target.plan.name} ({target.id}) says {sum_of(slots)},"
                        f" and what it measured changes its level by {sum_of(changes)}"
                    )
                return
            case Target.TargetCancelled():
                self.countings.ended(position, target)
            case Target.ComparisonFrozen(frozen=frozen) if before is not None:
                if frozen.position != target.fill_upto:
                    self._verdict.differs(f"position {position}: {topic} rests on another position than its fill")
                self.countings.froze(position, target, before, fact)
            case Target.TargetAttained(lifted_by=sale) | Target.AttainmentLost(lowered_by=sale):
                if (crossing := self._crossings.said(position, topic, target, sale)) is not None:
                    self.countings.crossed(target, crossing)
            case Target.TargetFilled():
                self._crossings.was_filled(position, target)
            case Target.TargetClosed():
                self._evaluations.closed(position, target)
            case Target.TargetRevised() | MembersPinned():
                self._roll_ups.check(f"position {position}", target, self.targets)
        if target.state is State.FILLING and not target.filled_to:
            self.countings.began(position, target)
        self._check_said(position, topic, target, fact)
        self._router.follow(target)

    def _check_said(self, position: int, topic: str, target: Target, fact: Any) -> None:
        plan = target.plan
        if not hasattr(fact, "total"):
            return
        total = target.shown_total(plan.ends)
        if fact.total != total:
            said = f"{topic} says {fact.total} of {plan.name}, its progress {total}"
            self._verdict.differs(f"position {position}: {said}")
        if getattr(fact, "goal", plan.final) != plan.final:
            self._verdict.differs(f"position {position}: {topic} says another goal than {plan.name} has")
        match fact:
            case (
                Target.TargetClosed(outcome=said) | Target.OutcomeRestated(new=said) | Target.TargetSealed(outcome=said)
            ):
                passed = self._evaluations.passed(target)
                due = outcome_of(plan, target.actual(plan.ends), bool(target.levels), passed)
                if said != due:
                    self._verdict.differs(f"position {position}: {topic} says {said} of {plan.name}, and it is {due}")

    def _take_progress(self, position: int, target: Target, fact: Target.ProgressRecorded) -> None:
        said = fact.slots
        if fact.entry.batch is None:
            self.countings.filled(position, target, fact)
            return
        due, measured = self._due.pop(target.id, (None, None)) if fact.entry.batch == self._batch[1] else (None, None)
        where = f"position {position}: progress of {target.plan.name}"
        if due is None:
            self._verdict.differs(f"{where} counts sales that it should not: {sum_of(said)}")
        elif due != said:
            self._verdict.differs(
                f"{where} ({target.id}) says {sum_of(said)},"
                f" and its sales at position {self._batch[0]} come to {sum_of(due)}{first_slot(said, due)}"
            )
        elif measured != fact.measured:
            self._verdict.differs(f"{where} ({target.id}) says other levels than its sales at {self._batch[0]}")
        else:
            self._crossings.progressed(position, target, self._postings[target.id])


def _changes(target: Target, fact: object) -> list[Slot] | None:
    """What the levels that a progress says were measured change, for a target as it is before; None for any other."""
    if not isinstance(fact, Target.ProgressRecorded) or fact.measured is None:
        return None
    after, _ = standing(target.levels, fact.measured, target.missing)
    return changes_of(target.sums, level_sums(target.slot_starts, after, target.plan.baseline))
