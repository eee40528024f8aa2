"""A target as it stood: at one moment of business, by what was known at one position of the log.

Two times decide it. What was *known* are the facts up to a position: of the target, its checkpoints and milestones.
What had *happened* by `as_of` are the sales before it, to the instant, and the cut-offs at or before it. Whoever asks
for no `as_of` is shown all that was known, as the target's page has it.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.checkpoint import Checkpoint, checkpoint_id
from domain.figures import Figures, figures
from domain.ledger import SalesRecorded
from domain.milestones.milestone import Milestone
from domain.plan import Plan
from domain.progress import LedgerRef
from domain.refusal import Refused
from domain.routing import routes_of
from domain.target import State, Target
from projections import checkpoints, milestones, plans, status
from projections.checkpoints import Evaluation
from projections.facts import StoredFact
from projections.milestones import Planned
from projections.plans import Plans
from projections.status import Status
from projections.store import Store
from projections.target_facts import facts_of

POSITIONS_AT_ONCE = 100_000
# The time stands first in what is stored; where it should not, all of it is read as JSON.
RECORDED_AT = (
    'coalesce(substring(encode(substring(state FOR 100), \'escape\') FROM \'^[{]"timestamp":"([^"]+)"\'),'
    " convert_from(state, 'UTF8')::json->>'timestamp')::timestamptz"
)
FIRST_LATER = (
    "SELECT min(notification_id) AS position FROM milemarker_events"
    f" WHERE notification_id > %s AND notification_id <= %s AND {RECORDED_AT} > %s"
)


@dataclass(frozen=True)
class Moment:
    """What one looks back from. position: of the last fact that is known; cut: what came after `as_of` is left out."""

    position: int
    as_of: datetime
    cut: bool


class Told(NamedTuple):
    """A fact of the target's history; net: what it adds to the actual, in minor units."""

    stored: StoredFact
    fact: Any
    net: int


@dataclass(frozen=True)
class Stood:
    """The target as it stood. evaluations: by number; milestones: in the order of planning.

    as_of: of the figures, which go on no further once it is cancelled.
    """

    status: Status
    figures: Figures
    evaluations: list[Evaluation]
    milestones: dict[UUID, Planned]
    as_of: datetime


def position_known_at(store: Store, known_at: datetime) -> int:
    """The largest position whose recorded_at, made non-decreasing along the positions, is not later; 0 for none.

    Reads the log from its beginning: clocks of several machines write it, and no index can say which fact was first.
    """
    top, after = store.app.recorder.max_notification_id() or 0, 0
    while after < top:
        upto = after + POSITIONS_AT_ONCE
        with store.views.datastore.cursor() as curs:
            curs.execute(FIRST_LATER, (after, upto, known_at))
            found = curs.fetchone()
            if found is not None and found["position"] is not None:
                curs.execute(
                    "SELECT max(notification_id) AS position FROM milemarker_events WHERE notification_id < %s",
                    (found["position"],),
                )
                before = curs.fetchone()
                return int(before["position"] or 0) if before is not None else 0
        after = upto
    return top


def recorded_at(store: Store, position: int) -> datetime | None:
    """When the last fact at or before this position was recorded; None where there is none."""
    with store.views.datastore.cursor() as curs:
        curs.execute(
            f"SELECT {RECORDED_AT} AS at FROM milemarker_events WHERE notification_id <= %s"
            " ORDER BY notification_id DESC LIMIT 1",
            (position,),
        )
        row = curs.fetchone()
    return None if row is None else row["at"]


def defined_plan(store: Store, target_id: UUID, position: int) -> Plan:
    """What the target was defined with. Refused: unknown_target, or not_yet_defined at this position."""
    with store.views.datastore.cursor() as curs:
        curs.execute(
            "SELECT notification_id, topic, originator_id, originator_version, state FROM milemarker_events"
            " WHERE originator_id = %s AND originator_version = 1",
            (target_id,),
        )
        row = curs.fetchone()
    fact = None if row is None else _fact(store, StoredFact(*row.values()))
    if row is None or not isinstance(fact, Target.TargetDefined):
        raise Refused("unknown_target", f"there is no target {target_id}")
    if row["notification_id"] > position:
        at = fact.timestamp.isoformat(timespec="seconds")
        raise Refused("not_yet_defined", f"{fact.plan.name} was not known then: it was defined at {at}")
    return fact.plan


def _fact(store: Store, stored: StoredFact) -> Any:
    return store.app.mapper.to_domain_event(StoredEvent(stored.id, stored.version, stored.topic, bytes(stored.state)))


class History:
    """The facts of one target that were known and had happened at a moment, and what they come to."""

    def __init__(self, store: Store, target_id: UUID, moment: Moment) -> None:
        """Refused: unknown_target, not_yet_defined."""
        self._store = store
        self.target_id = target_id
        self.moment = moment
        self.plan = defined_plan(store, target_id, moment.position)
        self._routes = routes_of(target_id, self.plan)

    def facts(self) -> Iterator[Told]:
        """In the order of the log; a page of them in memory at a time."""
        ids = [checkpoint_id(self.target_id, one.cutoff) for one in self.plan.checkpoints]
        for stored in facts_of(self._store.views.datastore, self.target_id, ids, self.moment.position):
            fact = _fact(self._store, stored)
            if isinstance(fact, Target.ProgressRecorded):
                if not self.moment.cut or any(slot.start < self.moment.as_of for slot in fact.slots):
                    yield Told(stored, fact, self._net(fact))
            elif not self.moment.cut or self._had_happened(fact):
                yield Told(stored, fact, 0)

    def stood(self) -> Stood:
        row: Status | None = None
        total, as_of = 0, self.moment.as_of
        evaluations: dict[UUID, Evaluation | None] = {}
        planned: dict[UUID, Planned | None] = {}
        known: Plans | None = None
        for stored, fact, net in self.facts():
            if isinstance(fact, Target.ProgressRecorded):
                total += net
                continue
            if isinstance(fact, Target.TargetCancelled):
                as_of = min(as_of, fact.timestamp)
            row = status.evolve(row, fact)
            known = plans.evolve(known, fact)
            if stored.topic.startswith("checkpoint."):
                evaluations[stored.id] = checkpoints.evolve(evaluations.get(stored.id), fact)
            elif stored.topic.startswith("milestone."):
                planned[stored.id] = milestones.evolve(planned.get(stored.id), fact)
        assert row is not None, "its definition is known"
        assert known is not None, "its definition is known"
        row = self._judged(replace(row, total=total))
        now = figures(known.course, row.standing, as_of)
        read = sorted((one for one in evaluations.values() if one is not None), key=lambda one: one.cutoff)
        return Stood(row, now, read, {one: row for one, row in planned.items() if row is not None}, as_of)

    def _judged(self, row: Status) -> Status:
        """In the course of business the goal is reached by what was sold so far, whenever that was recorded."""
        if not self.moment.cut or row.state is not State.ACTIVE:
            return row
        attained = row.total >= self.plan.goal
        return replace(row, attained=attained, lost=row.lost and not attained)

    # What had happened by `as_of`

    def _had_happened(self, fact: Any) -> bool:
        as_of = self.moment.as_of
        match fact:
            case Checkpoint.CheckpointEvaluated() | Checkpoint.CheckpointRestated() | Checkpoint.CheckpointSettled():
                return bool(fact.cutoff <= as_of)
            case Target.TargetClosed() | Target.OutcomeRestated() | Target.TargetSealed() | Milestone.MilestoneMissed():
                return self.plan.ends <= as_of
            case (
                Target.TargetDefined()
                | Target.TargetActivated()
                | Target.TargetFilled()
                | Milestone.MilestonePlanned()
                | Milestone.MilestoneRescheduled()
                | Milestone.TaskAdded()
            ):
                # How the target is set up holds for its whole period, also where it was entered late.
                return True
        sale = getattr(fact, "lifted_by", None) or getattr(fact, "lowered_by", None)
        return bool(sale.occurred_at < as_of) if sale is not None else bool(fact.timestamp <= as_of)

    @cached_property
    def _cut_slot(self) -> datetime | None:
        """The start of the slot that `as_of` lies inside of: of its sales, the ledger knows which came before."""
        as_of = self.moment.as_of
        if not self.moment.cut or not self.plan.begins <= as_of < self.plan.ends:
            return None
        starts = self.plan.slot_starts()
        start = starts[bisect_right(starts, as_of) - 1]
        return start if start < as_of else None

    def _net(self, fact: Target.ProgressRecorded) -> int:
        """What it adds to the actual: whole slots by their sums, the one that `as_of` cuts sale by sale."""
        if not self.moment.cut:
            return sum(slot.net for slot in fact.slots)
        cut = self._cut_slot
        whole = sum(slot.net for slot in fact.slots if slot.start < self.moment.as_of and slot.start != cut)
        if cut is None or all(slot.start != cut for slot in fact.slots):
            return whole
        return whole + sum(
            counts.amount
            for recorded in self._ledger(fact.entry)
            for entry in recorded.entries
            for posting in entry.postings()
            for route in self._routes
            if (counts := route.counted(posting)) is not None and cut <= counts.occurred_at < self.moment.as_of
        )

    def _ledger(self, entry: LedgerRef) -> Iterator[SalesRecorded]:
        """The batch, or the stretch of the ledger, that a progress counts."""
        if entry.batch is None:
            assert entry.after is not None
            assert entry.upto is not None
            for _, recorded in self._store.app.ledger(entry.after, entry.upto):
                yield recorded
            return
        with self._store.views.datastore.cursor() as curs:
            curs.execute(
                "SELECT notification_id, topic, originator_id, originator_version, state FROM milemarker_events"
                " WHERE originator_id = %s AND originator_version = 1",
                (entry.batch,),
                prepare=True,
            )
            rows = [StoredFact(*row.values()) for row in curs]
        for stored in rows:
            yield _fact(self._store, stored)
