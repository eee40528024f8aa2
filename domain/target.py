"""A Target: what is to be reached in one period, and how far it is."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from eventsourcing.domain import (
    AggregateCreated,
    AggregateEvent,
    BaseAggregate,
    CanSnapshotAggregate,
    DomainEvent,
    event,
)

from domain.ledger import Posting
from domain.plan import Plan
from domain.prose import prose
from domain.refusal import Refused


class State(StrEnum):
    DRAFT = "draft"
    FILLING = "filling"
    ACTIVE = "active"
    CLOSED = "closed"
    SEALED = "sealed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class LedgerRef:
    """Which part of the ledger a progress counts: one batch, or what lies at positions (after, upto]."""

    batch: UUID | None = None
    after: int | None = None
    upto: int | None = None


@dataclass(slots=True)
class Slot:
    """What was added, net and in minor units, from `start` until the next local midnight or cut-off."""

    start: datetime
    net: int


@dataclass(frozen=True)
class SaleRef:
    """The sale that a fact was caused by."""

    source: str
    id: str
    occurred_at: datetime


class Target(BaseAggregate[UUID]):
    TOPIC = "target"

    plan: Plan
    state: State
    plan_version: int
    sums: dict[datetime, int]
    total: int
    fill_upto: int
    filled_to: int
    attained: bool
    outcome: str | None
    activated_at: datetime | None

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(AggregateEvent):
        by: str

    class TargetDefined(Event, AggregateCreated):
        TOPIC = "target.defined"
        plan: Plan

    class TargetActivated(Event):
        TOPIC = "target.activated"
        fill_upto: int
        """Sales at positions up to here are added by the fill; later ones as they come."""

    class ProgressRecorded(Event):
        TOPIC = "target.progress_recorded"
        entry: LedgerRef
        slots: list[Slot]

        def apply(self, aggregate: "Target") -> None:
            # As a decorated method would, at half the price: there is one for every batch and target.
            aggregate._progress_recorded(self.entry, self.slots)

    class TargetFilled(Event):
        TOPIC = "target.filled"
        total: int

    class TargetAttained(Event):
        TOPIC = "target.attained"
        total: int
        goal: int
        lifted_by: SaleRef
        announced: bool = True
        """Whether anyone is to hear of it: not of what a period that was over at activation came to."""

    class AttainmentLost(Event):
        TOPIC = "target.attainment_lost"
        total: int
        goal: int
        lowered_by: SaleRef
        announced: bool = True

    class TargetClosed(Event):
        TOPIC = "target.closed"
        total: int
        goal: int
        outcome: str
        announced: bool = True

    class OutcomeRestated(Event):
        TOPIC = "target.outcome_restated"
        old: str
        new: str
        total: int
        goal: int
        caused_by: LedgerRef
        announced: bool = True

    class TargetSealed(Event):
        TOPIC = "target.sealed"
        total: int
        goal: int
        outcome: str

    class TargetCancelled(Event):
        TOPIC = "target.cancelled"
        reason: str

    class Snapshot(CanSnapshotAggregate[UUID], DomainEvent):
        """The state at one version, to load from; a copy, never a fact."""

        TOPIC = "target.snapshot"
        topic: str
        state: dict[str, object]

        @classmethod
        def take(cls, aggregate: "Target") -> Self:  # type: ignore[override]
            state = {name: value for name, value in vars(aggregate).items() if name not in OUTSIDE_SNAPSHOTS}
            state["sums"] = dict(aggregate.sums)
            return cls(aggregate.id, aggregate.version, aggregate.modified_on, Target.TOPIC, state)  # type: ignore[call-arg]

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    @classmethod
    def define(cls, target_id: UUID, plan: Plan, *, by: str, at: datetime) -> "Target":
        return cls._create(cls.TargetDefined, id=target_id, plan=plan, by=by, timestamp=at)

    def activate(self, ledger_position: int, *, by: str, at: datetime) -> None:
        """From now on it counts; what the ledger holds up to `ledger_position` is added by the fill."""
        if self.state is State.CANCELLED:
            raise Refused("cancelled", "a cancelled target can't be activated: define a new one")
        if self.state is State.DRAFT:
            self.trigger_event(self.TargetActivated, fill_upto=ledger_position, by=by, timestamp=at)

    def record_progress(self, batch: UUID, postings: Sequence[Posting], *, by: str, at: datetime) -> None:
        """Count one batch's postings; all of them match this target."""
        # Exactly-once is the dedupe rows' work, in the same transaction: a target keeps no list of what it has seen.
        slots = self._slots_of(postings)
        self.trigger_event(self.ProgressRecorded, entry=LedgerRef(batch=batch), slots=slots, by=by, timestamp=at)
        self._judge(postings, by, at)

    def fill(self, after: int, upto: int, slots: list[Slot], *, by: str, at: datetime) -> None:
        """Count what the ledger held at positions (after, upto] before activation; out of turn it is ignored."""
        if self.state is State.FILLING and after == self.filled_to and after < upto <= self.fill_upto:
            entry = LedgerRef(after=after, upto=upto)
            self.trigger_event(self.ProgressRecorded, entry=entry, slots=slots, by=by, timestamp=at)

    def finish_fill(self, counted: Sequence[Posting], *, by: str, at: datetime) -> None:
        """All is counted; `counted` are the postings, of the whole ledger, from which a crossing is named."""
        if self.state is State.FILLING and self.filled_to == self.fill_upto:
            self.trigger_event(self.TargetFilled, total=self.total, by=by, timestamp=at)
            self._judge(counted, by, at)

    def close(self, *, by: str, at: datetime) -> None:
        """The closing evaluation's outcome, once the period is over."""
        if self.state is State.ACTIVE and at >= self.plan.ends:
            self.trigger_event(
                self.TargetClosed,
                total=self.total,
                goal=self.plan.goal,
                outcome=self._reads(),
                announced=self.announces,
                by=by,
                timestamp=at,
            )

    def restate_outcome(self, caused_by: LedgerRef, *, by: str, at: datetime) -> None:
        """What late sales have made of the outcome."""
        if self.state is State.CLOSED and (new := self._reads()) != self.outcome:
            self.trigger_event(
                self.OutcomeRestated,
                old=self.outcome,
                new=new,
                total=self.total,
                goal=self.plan.goal,
                caused_by=caused_by,
                announced=self.announces,
                by=by,
                timestamp=at,
            )

    def seal(self, *, by: str, at: datetime) -> None:
        """Later sales still count, beside an outcome that stands."""
        if self.state is State.CLOSED:
            goal, outcome = self.plan.goal, self.outcome
            self.trigger_event(self.TargetSealed, total=self.total, goal=goal, outcome=outcome, by=by, timestamp=at)

    def _reads(self) -> str:
        goal = self.plan.goal
        return "exceeded" if self.total > goal else "met" if self.total == goal else "missed"

    @property
    def announces(self) -> bool:
        """Whether people are to hear of it: not of a period that was over when it was entered."""
        return self.activated_at is not None and self.activated_at < self.plan.ends

    def cancel(self, reason: str, *, by: str, at: datetime) -> None:
        if self.state in (State.CLOSED, State.SEALED):
            raise Refused("closed", "the target's period is over and its outcome stands: it can't be cancelled")
        reason = prose(reason, "reason")
        if self.state is not State.CANCELLED:
            self.trigger_event(self.TargetCancelled, reason=reason, by=by, timestamp=at)

    def _judge(self, postings: Sequence[Posting], by: str, at: datetime) -> None:
        # Once per batch, on its net effect. While it fills nothing is judged: finish_fill does, once.
        goal, total = self.plan.goal, self.total
        if self.state not in (State.ACTIVE, State.CLOSED) or (total >= goal) == self.attained:
            return
        sale = crossing(postings, total, goal)
        said = {"total": total, "goal": goal, "announced": self.announces, "by": by, "timestamp": at}
        if total >= goal:
            self.trigger_event(self.TargetAttained, lifted_by=sale, **said)
        else:
            self.trigger_event(self.AttainmentLost, lowered_by=sale, **said)

    def _slots_of(self, postings: Sequence[Posting]) -> list[Slot]:
        return slots_of(self.slot_starts, postings)

    def total_before(self, instant: datetime) -> int:
        """What was sold before this instant, which is a midnight or a cut-off."""
        return sum(net for start, net in self.sums.items() if start < instant)

    @property
    def slot_starts(self) -> list[datetime]:
        starts: list[datetime] | None = self.__dict__.get("_slot_starts")
        if starts is None:
            starts = self.__dict__["_slot_starts"] = self.plan.slot_starts()
        return starts

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    @event(TargetDefined)
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.state = State.DRAFT
        self.plan_version = 1
        self.sums = {}
        self.total = 0
        self.fill_upto = 0
        self.filled_to = 0
        self.attained = False
        self.outcome = None
        self.activated_at = None

    @event(TargetActivated)
    def _activated(self, fill_upto: int, timestamp: datetime) -> None:
        self.state = State.FILLING
        self.activated_at = timestamp
        self.fill_upto = fill_upto
        self.plan_version += 1

    def _progress_recorded(self, entry: LedgerRef, slots: list[Slot]) -> None:
        for slot in slots:
            self.sums[slot.start] = self.sums.get(slot.start, 0) + slot.net
            self.total += slot.net
        if entry.upto is not None:
            self.filled_to = entry.upto

    @event(TargetFilled)
    def _filled(self) -> None:
        self.state = State.ACTIVE
        self.plan_version += 1

    @event(TargetAttained)
    def _target_attained(self) -> None:
        self.attained = True

    @event(AttainmentLost)
    def _attainment_lost(self) -> None:
        self.attained = False

    @event(TargetClosed)
    def _closed(self, outcome: str) -> None:
        self.state = State.CLOSED
        self.outcome = outcome
        self.plan_version += 1

    @event(OutcomeRestated)
    def _outcome_restated(self, new: str) -> None:
        self.outcome = new

    @event(TargetSealed)
    def _sealed(self) -> None:
        self.state = State.SEALED
        self.plan_version += 1

    @event(TargetCancelled)
    def _cancelled(self) -> None:
        self.state = State.CANCELLED
        self.plan_version += 1


OUTSIDE_SNAPSHOTS = frozenset({"_id", "_version", "_pending_events", "_slot_starts"})


def slots_of(starts: Sequence[datetime], postings: Sequence[Posting]) -> list[Slot]:
    """The net of the postings by slot; `starts` in order, every posting inside the period."""
    nets: dict[datetime, int] = {}
    for posting in postings:
        start = starts[bisect_right(starts, posting.occurred_at) - 1]
        nets[start] = nets.get(start, 0) + posting.amount
    return [Slot(start, nets[start]) for start in sorted(nets)]


def crossing(postings: Sequence[Posting], total: int, goal: int) -> SaleRef:
    """The posting that takes the total across the goal last, in order of (occurred_at, source, id).

    `total` is what the postings came to, counted with everything before them; it lies across the goal from
    where it was before them.
    """
    ordered = sorted(postings, key=lambda one: (one.occurred_at, one.source, one.id))
    running = total
    for posting in reversed(ordered):
        before = running - posting.amount
        if (before >= goal) != (total >= goal):
            return SaleRef(posting.source, posting.id, posting.occurred_at)
        running = before
    raise AssertionError("the postings don't cross the goal")
