"""Proves the figures: every fact of every target recomputed from the ledger, every row from the facts.

One reading of the log in its order recomputes what each commit must have said; a second one adds up the ledger by
itself, and each read model is made again in memory and held against its table. What differs is named by position.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eventsourcing.domain import CanMutateAggregate
from eventsourcing.persistence import Notification

from domain.alerts.wording import counted
from domain.checkpoint import Checkpoint
from domain.ledger import Posting, SalesRecorded
from domain.money import shown
from domain.outcome import outcome_of
from domain.progress import LedgerRef, Slot, slots_of
from domain.routing import Router
from domain.target import State, Target
from projections.contents import Corrected, wrong_contents
from projections.crossings import Crossings
from projections.evaluations import Evaluations
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
        _add_up(store, reading, lambda done: progress(position + done, 2 * position))
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
        self.cancelled_at: dict[UUID, int] = {}
        self.fills: dict[UUID, list[tuple[int, LedgerRef, list[Slot]]]] = defaultdict(list)
        self._router = Router()
        self._batch: tuple[int, UUID] = (0, UUID(int=0))
        self._due: dict[UUID, list[Slot]] = {}
        self._postings: dict[UUID, list[Posting]] = {}
        self.crossings = Crossings(verdict.differs)
        self.evaluations = Evaluations(verdict.differs)
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
            case CanMutateAggregate() if notification.topic.startswith("target."):
                self._take_target_fact(position, notification.topic, fact)
            case Checkpoint.CheckpointEvaluated() | Checkpoint.CheckpointRestated() | Checkpoint.CheckpointSettled():
                self.evaluations.said(position, notification.topic, self.targets.get(fact.target), fact)

    def finish(self) -> None:
        self._check_all_counted()
        self._verdict.targets = len(self.targets)
        self._verdict.checkpoints = self.evaluations.evaluated

    def _check_all_counted(self) -> None:
        position, _ = self._batch
        for target_id, slots in self._due.items():
            name = self.targets[target_id].plan.name
            self._verdict.differs(
                f"position {position}: the sales count {_sum(slots)} toward {name} ({target_id}),"
                " and no progress says so"
            )
        self._due = {}
        self.crossings.all_said()

    def _take_sales(self, position: int, recorded: SalesRecorded) -> None:
        self._verdict.sales += len(recorded.entries)
        self._batch = position, recorded.originator_id
        for sentence in (*wrong_contents(self._store, recorded), *self._corrected.wrong(recorded.entries)):
            self._verdict.differs(f"position {position}: {sentence}")
        self._postings = self._router.by_target(recorded.entries)
        self._due = {one: self.targets[one].slots_for(found) for one, found in self._postings.items()}

    def _take_target_fact(self, position: int, topic: str, fact: Any) -> None:
        target = self.targets.get(fact.originator_id)
        try:
            target = fact.mutate(target)
        except (ValueError, AssertionError, Exception) as error:  # noqa: BLE001 - any failure to replay is a finding
            self._verdict.differs(f"position {position}: {topic} does not follow what stands before it: {error!r}")
            return
        assert target is not None
        self.targets[target.id] = target
        match fact:
            case Target.ProgressRecorded(entry=entry, slots=slots):
                self.evaluations.progressed(position, target)
                self._take_progress(position, target, entry, slots)
                return
            case Target.TargetCancelled():
                self.cancelled_at[target.id] = position
            case Target.TargetAttained(lifted_by=sale) | Target.AttainmentLost(lowered_by=sale):
                self.crossings.said(position, topic, target, sale)
            case Target.TargetFilled():
                self.crossings.was_filled(position, target)
            case Target.TargetClosed():
                self.evaluations.closed(position, target)
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
                passed = self.evaluations.passed(target)
                due = outcome_of(plan, target.actual(plan.ends), bool(target.levels), passed)
                if said != due:
                    self._verdict.differs(f"position {position}: {topic} says {said} of {plan.name}, and it is {due}")

    def _take_progress(self, position: int, target: Target, entry: LedgerRef, slots: list[Slot]) -> None:
        if entry.batch is None:
            self.fills[target.id].append((position, entry, slots))
            return
        due = self._due.pop(target.id, None) if entry.batch == self._batch[1] else None
        if due is None:
            self._verdict.differs(
                f"position {position}: progress of {target.plan.name} counts sales that it should not: {_sum(slots)}"
            )
        elif due != slots:
            self._verdict.differs(
                f"position {position}: progress of {target.plan.name} ({target.id}) says {_sum(slots)},"
                f" and its sales at position {self._batch[0]} come to {_sum(due)}{_first_slot(slots, due)}"
            )
        else:
            self.crossings.progressed(position, target, self._postings[target.id])


def _add_up(store: Store, reading: _Reading, progress: Callable[[int], None]) -> None:
    """The ledger's own sum for every target, and for every stretch of the ledger that a fill says it counted."""
    verdict = reading._verdict
    counting = {one: target for one, target in reading.targets.items() if target.state is not State.DRAFT}
    router = Router()
    for target in counting.values():
        router.add_plan(target.id, target.plan)
    nets: dict[UUID, dict[Any, int]] = {one: defaultdict(int) for one in counting}
    filled: dict[tuple[UUID, int], dict[Any, int]] = defaultdict(lambda: defaultdict(int))
    for position, recorded in store.app.ledger(0, verdict.position):
        for target_id, found in router.by_target(recorded.entries).items():
            if position > reading.cancelled_at.get(target_id, verdict.position):
                continue
            reading.crossings.collect(position, target_id, found)
            stretch = _stretch(reading.fills.get(target_id, ()), position)
            for slot in slots_of(counting[target_id].slot_starts, found):
                nets[target_id][slot.start] += slot.net
                if stretch is not None:
                    filled[target_id, stretch][slot.start] += slot.net
        progress(position)
    reading.crossings.judge_filled()
    for target_id, fills in reading.fills.items():
        for position, counts, slots in fills:
            due = [Slot(start, net) for start, net in sorted(filled[target_id, position].items())]
            if due != slots:
                name = reading.targets[target_id].plan.name
                verdict.differs(
                    f"position {position}: progress of {name} ({target_id}) says {_sum(slots)}, and the sales at"
                    f" positions {counts.after} to {counts.upto} come to {_sum(due)}{_first_slot(slots, due)}"
                )
    for target_id, target in counting.items():
        if target.state is not State.FILLING and target_id not in reading.cancelled_at:
            _compare_sums(verdict, target, nets[target_id])


def _stretch(fills: Sequence[tuple[int, LedgerRef, list[Slot]]], position: int) -> int | None:
    """The fill that counted this position of the ledger."""
    for filled_at, entry, _ in fills:
        assert entry.after is not None
        assert entry.upto is not None
        if entry.after < position <= entry.upto:
            return filled_at
    return None


def _compare_sums(verdict: Verdict, target: Target, ledger: dict[Any, int]) -> None:
    for start in sorted({*ledger, *target.sums}):
        own, summed = target.sums.get(start, 0), ledger.get(start, 0)
        if own != summed:
            exponent = target.plan.exponent
            verdict.differs(
                f"{target.plan.name} ({target.id}) on {target.plan.day_of(start)}: its facts come to"
                f" {shown(own, exponent)}, the ledger to {shown(summed, exponent)}"
            )
            return


def _sum(slots: Sequence[Slot]) -> int:
    return sum(slot.net for slot in slots)


def _first_slot(said: Sequence[Slot], due: Sequence[Slot]) -> str:
    """Where two lists of slots first differ, when their sums alone don't show it."""
    if _sum(said) != _sum(due):
        return ""
    first = next(one for one in (*said, *due) if one not in said or one not in due)
    return f", but otherwise from {first.start.isoformat()} on"
