"""A target as it stood: at one moment of business, by what was known at one position of the log.

Two times decide it. What was *known* are the facts up to a position: of the target, its checkpoints and milestones.
What had *happened* by `as_of` are the sales before it, to the instant, and the cut-offs at or before it. Whoever asks
for no `as_of` is shown all that was known, as the target's page has it.

What counts is what the last plan says that was known; what is expected, and the goal, are those of the plan that had
taken effect by `as_of`: so a cut-off shows what its checkpoint reads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.checkpoint import Checkpoint, checkpoint_id
from domain.figures import Figures, figures
from domain.ledger import SalesRecorded
from domain.milestones.milestone import Milestone
from domain.plan import Plan
from domain.progress import LedgerRef
from domain.refusal import Refused
from domain.rollup.pinned import MembersPinned
from domain.target import State, Target
from projections import checkpoints, milestones, plans, status
from projections.checkpoints import Evaluation
from projections.counted_then import Added, CountedThen
from projections.facts import StoredFact
from projections.milestones import Planned
from projections.plans import Plans
from projections.status import Status
from projections.store import Store
from projections.tables import NOT_PROGRESS
from projections.target_facts import facts_of
from projections.view import changed

DEFINED_BY = "topic IN ('target.defined', 'target.revised')"
LAST_DEFINED = (
    "SELECT notification_id, topic, originator_id, originator_version, state FROM milemarker_events"
    f" WHERE originator_id = %s AND {NOT_PROGRESS.replace('%', '%%')} AND {DEFINED_BY}"
    " ORDER BY originator_version DESC LIMIT 1"
)
FIRST_FACT = (
    "SELECT notification_id, topic, originator_id, originator_version, state FROM milemarker_events"
    " WHERE originator_id = %s AND originator_version = 1"
)
SETTING_UP = (Target.TargetDefined, Target.ComparisonFrozen, Target.TargetRevised, MembersPinned)
"""Facts that say what counts and what is expected of it: known by a position, they hold for the whole period."""


@dataclass(frozen=True)
class Moment:
    """What one looks back from. position: of the last fact that is known; cut: what came after `as_of` is left out."""

    position: int
    as_of: datetime
    cut: bool


class Told(NamedTuple):
    """A fact of the target's history, and what it adds to what is counted; a revision may take all of that away."""

    stored: StoredFact
    fact: Any
    added: Added


@dataclass(frozen=True)
class Stood:
    """The target as it stood. evaluations: by number; milestones: in the order of planning.

    plans: those that had taken effect, the last in force; as_of: of the figures, which go on no further once it is
    cancelled; sums: what was counted, by slot; counted_at: the position of the last fact that made it so.
    """

    status: Status
    figures: Figures
    evaluations: list[Evaluation]
    milestones: dict[UUID, Planned]
    as_of: datetime
    plans: Plans
    sums: Mapping[datetime, int]
    counted_at: int

    @property
    def plan(self) -> Plan:
        return self.plans.plan


def defined_plan(store: Store, target_id: UUID, position: int) -> Plan:
    """What the target was defined with. Refused: unknown_target, or not_yet_defined at this position."""
    stored = _one(store, FIRST_FACT, target_id)
    fact = None if stored is None else _fact(store, stored)
    if stored is None or not isinstance(fact, Target.TargetDefined):
        raise Refused("unknown_target", f"there is no target {target_id}")
    if stored.position > position:
        at = fact.timestamp.isoformat(timespec="seconds")
        raise Refused("not_yet_defined", f"{fact.plan.name} was not known then: it was defined at {at}")
    return fact.plan


def _one(store: Store, statement: LiteralString, id: UUID) -> StoredFact | None:
    with store.views.datastore.cursor() as curs:
        curs.execute(statement, (id,), prepare=True)
        row = curs.fetchone()
    return None if row is None else StoredFact(*row.values())


def _fact(store: Store, stored: StoredFact) -> Any:
    return store.app.mapper.to_domain_event(StoredEvent(stored.id, stored.version, stored.topic, bytes(stored.state)))


class _Read(NamedTuple):
    """A fact, with the plans that were known after it, and what was counted by then."""

    told: Told
    known: Plans
    counted: CountedThen


class History:
    """The facts of one target that were known and had happened at a moment, and what they come to."""

    def __init__(self, store: Store, target_id: UUID, moment: Moment) -> None:
        """Refused: unknown_target, not_yet_defined."""
        self._store = store
        self.target_id = target_id
        self.moment = moment
        defined_plan(store, target_id, moment.position)

    def facts(self) -> Iterator[Told]:
        """In the order of the log; a page of them in memory at a time."""
        for read in self._read():
            yield read.told

    def _read(self) -> Iterator[_Read]:
        moment = self.moment
        counted = CountedThen(self.target_id, self._ledger, moment.as_of if moment.cut else None)
        known: Plans | None = None
        for stored in facts_of(self._store.views.datastore, self.target_id, self._checkpoints(), moment.position):
            fact = _fact(self._store, stored)
            if isinstance(fact, Target.ProgressRecorded):
                assert known is not None, "its definition is its first fact"
                added = counted.add(fact)
                if not moment.cut or any(slot.start < moment.as_of for slot in fact.slots):
                    yield _Read(Told(stored, fact, added), known, counted)
                continue
            if not self._had_happened(fact, known):
                continue
            known, added = plans.evolve(known, fact), Added()
            assert known is not None, "its definition is its first fact"
            if isinstance(fact, SETTING_UP):
                counted.plan_by(known.plan)
                added = counted.begin_anew() if getattr(fact, "fill_upto", None) is not None else added
            yield _Read(Told(stored, fact, added), known, counted)

    def _checkpoints(self) -> list[UUID]:
        """Of its last plan, evaluated or not: what was evaluated is in every later plan."""
        last = _one(self._store, LAST_DEFINED, self.target_id)
        assert last is not None, "it is defined"
        return [checkpoint_id(self.target_id, one.cutoff) for one in _fact(self._store, last).plan.checkpoints]

    def stood(self) -> Stood:
        row: Status | None = None
        as_of, counted_at = self.moment.as_of, 0
        evaluations: dict[UUID, Evaluation | None] = {}
        planned: dict[UUID, Planned | None] = {}
        read: _Read | None = None
        for read in self._read():
            stored, fact, _ = read.told
            if isinstance(fact, Target.ProgressRecorded):
                assert row is not None, "its definition is its first fact"
                row, counted_at = self._progressed(row, fact, read.counted), stored.position
                continue
            if isinstance(fact, Target.TargetCancelled):
                as_of = min(as_of, fact.timestamp)
            row = self._evolved(row, fact)
            if stored.topic.startswith("checkpoint."):
                evaluations[stored.id] = checkpoints.evolve(evaluations.get(stored.id), fact)
            elif stored.topic.startswith("milestone."):
                planned[stored.id] = milestones.evolve(planned.get(stored.id), fact)
        assert row is not None, "its definition is known"
        assert read is not None, "its definition is known"
        in_force, counted = self._in_force(read.known, as_of), read.counted
        row = self._judged(row, in_force.plan)
        if in_force.plan.measured:
            # A level is what was measured, whatever it was said to have come from.
            row = replace(row, total=row.total + counted.plan.baseline - in_force.plan.baseline)
        now = figures(in_force.course, row.standing, as_of)
        known = sorted((one for one in evaluations.values() if one is not None), key=lambda one: one.cutoff)
        ahead = {one: row for one, row in planned.items() if row is not None}
        return Stood(row, now, known, ahead, as_of, in_force, counted.sums, counted_at)

    def _progressed(self, row: Status, fact: Target.ProgressRecorded, counted: CountedThen) -> Status:
        came_later = self.moment.cut and fact.timestamp > self.moment.as_of
        at = row.progressed_at if came_later else fact.timestamp
        levels = len(counted.levels)
        return changed(row, total=counted.total, under=counted.under, levels=levels, progressed_at=at)

    def _evolved(self, row: Status | None, fact: Any) -> Status | None:
        after = status.evolve(row, fact)
        later = self.moment.cut and isinstance(fact, (Target.TargetRevised, MembersPinned))
        if row is None or after is None or not later or fact.timestamp <= self.moment.as_of:
            return after
        # What a later revision says of the status was not official yet.
        return replace(after, revised=row.revised, attained=row.attained, by_revision=row.by_revision, lost=row.lost)

    def _in_force(self, known: Plans, as_of: datetime) -> Plans:
        """The plans that had taken effect by then; a roll-up always expects what its members do."""
        if not self.moment.cut or known.plan.sums_up:
            return known
        effective = [one.rebased is None or one.rebased.at <= as_of for one in known.plans]
        last = len(effective) - effective[::-1].index(True)
        return replace(known, plans=known.plans[:last])

    def _judged(self, row: Status, plan: Plan) -> Status:
        """In the course of business the goal is reached by what was sold so far, whenever that was recorded."""
        if not self.moment.cut or row.state is not State.ACTIVE or plan.line is None:
            return row
        attained = row.total >= plan.line
        return replace(row, attained=attained, by_revision=row.by_revision and attained, lost=row.lost and not attained)

    def _had_happened(self, fact: Any, known: Plans | None) -> bool:
        as_of = self.moment.as_of
        if not self.moment.cut or isinstance(fact, SETTING_UP):
            return True
        match fact:
            case Checkpoint.CheckpointEvaluated() | Checkpoint.CheckpointRestated() | Checkpoint.CheckpointSettled():
                return bool(fact.cutoff <= as_of)
            case Target.TargetClosed() | Target.OutcomeRestated() | Target.TargetSealed() | Milestone.MilestoneMissed():
                return known is not None and known.plan.ends <= as_of
            case (
                Target.TargetActivated()
                | Target.TargetFilled()
                | Milestone.MilestonePlanned()
                | Milestone.MilestoneRescheduled()
                | Milestone.TaskAdded()
            ):
                # How the target is set up holds for its whole period, also where it was entered late.
                return True
        sale = getattr(fact, "lifted_by", None) or getattr(fact, "lowered_by", None)
        return bool(sale.occurred_at < as_of) if sale is not None else bool(fact.timestamp <= as_of)

    def _ledger(self, entry: LedgerRef) -> Iterator[SalesRecorded]:
        """The batch, or the stretch of the ledger, that a progress counts."""
        if entry.batch is None:
            assert entry.after is not None
            assert entry.upto is not None
            for _, recorded in self._store.app.ledger(entry.after, entry.upto):
                yield recorded
            return
        stored = _one(self._store, FIRST_FACT, entry.batch)
        assert stored is not None, "what it counts is in the log"
        yield _fact(self._store, stored)
