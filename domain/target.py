"""A Target: what is to be reached in one period, and how far it is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import (
    AggregateCreated,
    AggregateEvent,
    BaseAggregate,
    CanSnapshotAggregate,
    DomainEvent,
    event,
)

from domain.comparison import Frozen
from domain.ledger import Posting
from domain.outcome import ATTAINED_BY_REVISION, NOT_ATTAINED, Passed, outcome_of
from domain.plan import Plan
from domain.progress import (
    LedgerRef,
    Measured,
    SaleRef,
    Slot,
    crossing,
    measured_in,
)
from domain.prose import prose
from domain.refusal import Refused
from domain.revised import Request, Revised
from domain.tally import Tally


class State(StrEnum):
    DRAFT = "draft"
    FILLING = "filling"
    ACTIVE = "active"
    CLOSED = "closed"
    SEALED = "sealed"
    CANCELLED = "cancelled"


class Target(Tally, BaseAggregate[UUID]):
    TOPIC = "target"

    edition: int
    """It moves with every fact that changes a plan."""
    state: State
    plan_version: int
    fill_upto: int
    filled_to: int
    attained: bool
    by_revision: bool
    retroactive_to: int
    """The number of the last revision that holds from the beginning; 0 for none."""
    outcome: str | None
    requests: dict[UUID, UUID] | None
    """What it was revised by: what each said, by its id."""
    activated_at: datetime | None
    progressed_at: datetime | None
    handed_over: bool | None
    """Whether it has another owner or team than it was defined with."""

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

    class ComparisonFrozen(Event):
        """What an uplift, or the profile of last year, is compared with: read once, at activation or a revision."""

        TOPIC = "target.comparison_frozen"
        frozen: Frozen
        goal: int
        """The Delta in minor units: of an uplift in percent it follows from what was frozen."""

    class ProgressRecorded(Event):
        TOPIC = "target.progress_recorded"
        entry: LedgerRef
        slots: list[Slot]
        measured: Measured | None = None
        """Of a measured target: what was measured, and which measurements were taken back."""

        def apply(self, aggregate: "Target") -> None:
            # As a decorated method would, at half the price: there is one for every batch and target.
            aggregate._progress_recorded(self)

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
        lowered_by: SaleRef | None = None
        """None where it was lost by counting other sales than before a revision."""
        announced: bool = True

    class TargetRevised(Event):
        TOPIC = "target.revised"
        revision: int
        effective_at: datetime
        mode: str
        reason: str
        changes: dict[str, dict[str, Any]]
        """By field of the definition: {"from", "to"}, as it was said."""
        plan: Plan
        fill_upto: int | None = None
        """Where other sales count than before: it is filled again, up to this position."""
        attained: str | None = None
        """"attained", "attained_by_revision" or "not_attained", where the revision changes that."""
        status: str | None = None
        """The official one from now on, until the next evaluation; None where there is none to change."""
        proposed_by: str | None = None
        """Who asked for it, where somebody else approved it."""
        request: Request | None = None
        """With what it was asked for, where that may be sent again."""

    class TargetHandedOver(Event):
        TOPIC = "target.handed_over"
        owner: str
        team: list[str]
        reason: str
        before: str | None = None
        """Who had it."""

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
            for name in ("sums", "under", "levels", "missing", "plans"):
                state[name] = type(state[name])(state[name])
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

    def freeze_comparison(self, frozen: Frozen, goal: int, *, by: str, at: datetime) -> None:
        """What was sold in the period that it is compared with, once; goal: the Delta that follows."""
        if self.state is State.FILLING and self.plan.awaits_comparison:
            self.trigger_event(self.ComparisonFrozen, frozen=frozen, goal=goal, by=by, timestamp=at)

    def record_progress(self, batch: UUID, postings: Sequence[Posting], *, by: str, at: datetime) -> None:
        """Count one batch's postings; all of them match this target."""
        # Exactly-once is the dedupe rows' work, in the same transaction: a target keeps no list of what it has seen.
        self._progress(LedgerRef(batch=batch), postings, by, at, filled=False)
        self._judge(postings, by, at)

    def fill(self, after: int, upto: int, slots: list[Slot], *, by: str, at: datetime) -> None:
        """Count what the ledger held at positions (after, upto] before activation; out of turn it is ignored."""
        if self._next_to_fill(after, upto):
            entry = LedgerRef(after=after, upto=upto)
            self.trigger_event(self.ProgressRecorded, entry=entry, slots=slots, by=by, timestamp=at)

    def fill_levels(self, after: int, upto: int, postings: Sequence[Posting], *, by: str, at: datetime) -> None:
        """As `fill`, of a measured target."""
        if self._next_to_fill(after, upto):
            self._progress(LedgerRef(after=after, upto=upto), postings, by, at, filled=True)

    def _next_to_fill(self, after: int, upto: int) -> bool:
        return self.state is State.FILLING and after == self.filled_to and after < upto <= self.fill_upto

    def finish_fill(self, counted: Sequence[Posting], *, by: str, at: datetime) -> None:
        """All is counted; `counted` are the postings, of the whole ledger, from which a crossing is named."""
        counted_all = self.filled_to == self.fill_upto and not self.plan.awaits_comparison
        if self.state is State.FILLING and counted_all:
            self.trigger_event(self.TargetFilled, total=self.shown_total(self.plan.ends), by=by, timestamp=at)
            # What a revision no longer counts was sold by nobody: no sale is named for an attainment that is lost so.
            self._judge([] if self.attained else counted, by, at)

    def revise(self, revised: Revised, *, by: str, at: datetime) -> None:
        """Another plan from now on. What is decided of it beside this target is in `domain.revising`."""
        self.refuse_unless_revisable()
        self.trigger_event(
            self.TargetRevised,
            revision=len(self.plans) + 1,
            attained=self.attained_under(revised.plan, refilled=revised.fill_upto is not None),
            by=by,
            timestamp=at,
            **vars(revised),
        )

    def refuse_unless_revisable(self) -> None:
        if self.state in (State.CLOSED, State.SEALED, State.CANCELLED):
            raise Refused(self.state.value, f"the target is {self.state.value}: its plan stands")

    def attained_under(self, plan: Plan, *, refilled: bool = False) -> str | None:
        """What a revision makes of the attainment; None: nothing. refilled: where it is filled again, the rest is
        decided once that is done."""
        total = self.total
        if refilled:
            if (plan.scope, plan.refunds) != (self.plan.scope, self.plan.refunds):
                return None
            total = sum(net for start, net in self.sums.items() if plan.begins <= start < plan.ends)
        reached = plan.line is not None and total >= plan.line
        if self.state is not State.ACTIVE or reached == self.attained:
            return None
        if not reached:
            return None if refilled else NOT_ATTAINED
        return ATTAINED_BY_REVISION

    def hand_over(self, owner: str, team: list[str] | None, reason: str, *, by: str, at: datetime) -> None:
        """Another owner from now on; team: None for the one that there is."""
        if self.state is State.CANCELLED:
            raise Refused("cancelled", "the target is cancelled: nobody has to do with it any more")
        plan = self.plan
        team = plan.team if team is None else team
        if (owner, team) != (plan.owner, plan.team):
            says = {"owner": owner, "team": team, "before": plan.owner, "reason": reason}
            self.trigger_event(self.TargetHandedOver, by=by, timestamp=at, **says)

    def close(self, *, passed: Passed | None = None, by: str, at: datetime) -> None:
        """The closing evaluation's outcome, once the period is over; passed: of the checkpoints of a `keep` target."""
        if self.state is State.ACTIVE and at >= self.plan.ends:
            self._say_total(self.TargetClosed, by, at, outcome=self._reads(passed), announced=self.announces)

    def restate_outcome(self, caused_by: LedgerRef, *, passed: Passed | None = None, by: str, at: datetime) -> None:
        """What late sales have made of the outcome."""
        if self.state is State.CLOSED and (new := self._reads(passed)) != self.outcome:
            says = {"old": self.outcome, "new": new, "caused_by": caused_by, "announced": self.announces}
            self._say_total(self.OutcomeRestated, by, at, **says)

    def seal(self, *, by: str, at: datetime) -> None:
        """Later sales still count, beside an outcome that stands."""
        if self.state is State.CLOSED:
            self._say_total(self.TargetSealed, by, at, outcome=self.outcome)

    def _reads(self, passed: Passed | None) -> str:
        return outcome_of(self.plan, self.actual(self.plan.ends), bool(self.levels), passed)

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

    def _progress(self, entry: LedgerRef, postings: Sequence[Posting], by: str, at: datetime, *, filled: bool) -> None:
        slots = self.slots_for(postings, filled=filled)
        measured = measured_in(postings, filled=filled) if self.plan.measured else None
        self.trigger_event(self.ProgressRecorded, entry=entry, slots=slots, measured=measured, by=by, timestamp=at)

    def _judge(self, postings: Sequence[Posting], by: str, at: datetime) -> None:
        # Once per batch, on its net effect. While it fills nothing is judged: finish_fill does, once.
        line, total = self.plan.line, self.total
        reached = line is not None and total >= line
        if self.state not in (State.ACTIVE, State.CLOSED) or reached == self.attained:
            return
        if line is not None and reached:
            self._say_total(
                self.TargetAttained, by, at, lifted_by=crossing(postings, total, line), announced=self.announces
            )
        else:
            # Without a line there is nothing left to compare with: no sale did that.
            sale = crossing(postings, total, line) if postings and line is not None else None
            self._say_total(self.AttainmentLost, by, at, lowered_by=sale, announced=self.announces)

    def _say_total(self, fact: type[Event], by: str, at: datetime, **says: Any) -> None:
        """A fact with the actual that the whole period comes to so far, and the goal beside it."""
        total = self.shown_total(self.plan.ends)
        self.trigger_event(fact, total=total, goal=self.plan.final, by=by, timestamp=at, **says)

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    @event(TargetDefined)
    def __init__(self, plan: Plan) -> None:
        self.plans = [plan]
        self.edition = 1
        self.plan_version = 1
        self.count_anew(0)
        self.state = State.DRAFT
        self.attained = False
        self.by_revision = False
        self.retroactive_to = 0
        self.outcome = None
        self.requests = None
        self.activated_at = None
        self.progressed_at = None
        self.handed_over = None

    def count_anew(self, fill_upto: int) -> None:
        self.state = State.FILLING
        self.fill_upto = fill_upto
        self.filled_to = 0
        self.count_nothing()

    @event(TargetActivated)
    def _activated(self, fill_upto: int, timestamp: datetime) -> None:
        self.state = State.FILLING
        self.activated_at = timestamp
        self.fill_upto = fill_upto
        self.plan_version += 1

    @event(ComparisonFrozen)
    def _comparison_frozen(self, frozen: Frozen, goal: int) -> None:
        self.plans = [*self.plans[:-1], self.plan.with_comparison(frozen, goal)]
        self.edition += 1

    def _progress_recorded(self, fact: ProgressRecorded) -> None:
        self.count(fact.slots, fact.measured)
        if fact.entry.upto is not None:
            self.filled_to = fact.entry.upto
        self.progressed_at = fact.timestamp

    @event(TargetFilled)
    def _filled(self) -> None:
        self.state = State.ACTIVE
        self.plan_version += 1

    @event(TargetRevised)
    def _revised(
        self, plan: Plan, revision: int, mode: str, fill_upto: int | None, attained: str | None, request: Request | None
    ) -> None:
        self.plans = [*self.plans, plan]
        if mode == "retroactive":
            self.retroactive_to = revision
        self.edition += 1
        self.plan_version += 1
        self.__dict__.pop("_slot_starts", None)
        if attained is not None:
            self.attained = attained != NOT_ATTAINED
            self.by_revision = attained == ATTAINED_BY_REVISION
        if fill_upto is not None:
            self.count_anew(fill_upto)
        if request is not None:
            self.requests = {**(self.requests or {}), request.id: request.says}

    @event(TargetHandedOver)
    def _handed_over(self, owner: str, team: list[str]) -> None:
        self.plans = [*self.plans[:-1], replace(self.plan, owner=owner, team=team)]
        self.handed_over = True
        self.edition += 1
        self.plan_version += 1

    @event(TargetAttained)
    def _target_attained(self) -> None:
        self.attained = True
        self.by_revision = False

    @event(AttainmentLost)
    def _attainment_lost(self) -> None:
        self.attained = False
        self.by_revision = False

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
