"""Proves the figures: every fact of every target recomputed from the ledger, every row from the facts.

One reading of the log in its order recomputes what each commit must have said; a second one adds up the ledger by
itself, and each read model is made again in memory and held against its table. What differs is named by position.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eventsourcing.domain import CanMutateAggregate
from eventsourcing.persistence import Notification
from psycopg.sql import SQL, Identifier

from domain.ledger import Entry, Posting, Reversal, SalesRecorded
from domain.money import shown
from domain.routing import Route, Router
from domain.sale import Key
from domain.target import LedgerRef, Slot, State, Target, slots_of
from projections.crossings import Crossings
from projections.store import Store
from projections.view import View, row_text

DIFFERENCES_MAX = 100
PAGE = 50

Progress = Callable[[int, int], None]


@dataclass
class Verdict:
    """What a verification found: the differences in the order of the log, first one first, and what was compared."""

    differences: list[str] = field(default_factory=list)
    facts: int = 0
    sales: int = 0
    targets: int = 0
    position: int = 0

    @property
    def summary(self) -> str:
        found = f"{len(self.differences)} differences" if self.differences else "all figures agree"
        counts = f"{self.facts:,} facts, {self.sales:,} ledger entries, {self.targets:,} targets"
        return f"{counts} up to position {self.position:,}: {found}"

    def differs(self, text: str) -> None:
        if len(self.differences) < DIFFERENCES_MAX:
            self.differences.append(text)


def verify(store: Store, progress: Progress = lambda done, total: None) -> Verdict:
    """Recompute every figure from the facts. progress: called with (facts done, facts to do)."""
    position = store.app.recorder.max_notification_id() or 0
    verdict = Verdict(position=position)
    reading = _Reading(store, verdict)
    for notification in _log(store, position):
        reading.take(notification)
        progress(notification.id, 2 * position)
    reading.finish()
    _add_up(store, reading, lambda done: progress(position + done, 2 * position))
    for view in store.views.views.values():
        _compare_rows(store, view, verdict)
    return verdict


def _log(store: Store, upto: int, topics: Sequence[str] = ()) -> Iterator[Notification]:
    after = 0
    while page := store.app.recorder.select_notifications(after + 1, PAGE, stop=upto, topics=topics):
        yield from page
        after = page[-1].id


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
        self._corrected = _Corrected(store)

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

    def finish(self) -> None:
        self._check_all_counted()
        self._verdict.targets = len(self.targets)

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
        for sentence in (*_wrong_contents(self._store, recorded), *self._corrected.wrong(recorded.entries)):
            self._verdict.differs(f"position {position}: {sentence}")
        postings: dict[UUID, list[Posting]] = defaultdict(list)
        for entry in recorded.entries:
            for posting in entry.postings():
                for target_id in self._router.targets_of(posting):
                    postings[target_id].append(posting)
        self._postings = postings
        self._due = {one: slots_of(self.targets[one].slot_starts, found) for one, found in postings.items()}

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
                self._take_progress(position, target, entry, slots)
                return
            case Target.TargetCancelled():
                self.cancelled_at[target.id] = position
            case Target.TargetAttained(lifted_by=sale) | Target.AttainmentLost(lowered_by=sale):
                self.crossings.said(position, topic, target, sale)
            case Target.TargetFilled():
                self.crossings.was_filled(position, target)
        self._check_said(position, topic, target, fact)
        self._router.follow(target)

    def _check_said(self, position: int, topic: str, target: Target, fact: Any) -> None:
        match fact:
            case Target.TargetFilled() | Target.TargetAttained() | Target.AttainmentLost() | Target.TargetClosed():
                if fact.total != target.total:
                    self._verdict.differs(
                        f"position {position}: {topic} says {fact.total} of {target.plan.name},"
                        f" its progress {target.total}"
                    )
                if getattr(fact, "goal", target.plan.goal) != target.plan.goal:
                    self._verdict.differs(f"position {position}: {topic} says another goal than {target.plan.name} has")

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


class _Corrected:
    """The versions of the sales that were corrected, to hold each reversal against what it takes back."""

    def __init__(self, store: Store) -> None:
        with store.views.datastore.cursor() as curs:
            curs.execute("SELECT source, id, root FROM sale_identities WHERE root IS NOT NULL")
            self._root_of = {Key(row["source"], row["id"]): Key(row["source"], row["root"]) for row in curs}
        self._roots = set(self._root_of.values())
        self._latest: dict[Key, Reversal | None] = {}

    def wrong(self, entries: Sequence[Entry]) -> Iterator[str]:
        for entry in entries:
            if entry.counts is not None and abs(entry.counts) != abs(entry.amount):
                yield f"{entry.source} {entry.id} has amount {entry.amount} and counts {entry.counts}"
            root = self._root_of.get(entry.key, entry.key)
            if root not in self._roots or entry.state in ("waiting", "lapsed"):
                continue
            if root != entry.key and entry.reverses != self._latest.get(root):
                yield f"{entry.source} {entry.id} takes back something else than what {root.id} counted"
            self._latest[root] = (
                None
                if entry.counts is None
                else Reversal(entry.metric, -entry.counts, entry.occurred_at, entry.matches_by)
            )


def _wrong_contents(store: Store, recorded: SalesRecorded) -> Iterator[str]:
    """The entries whose content is not what their identity was made from."""
    entries = recorded.entries
    with store.views.datastore.cursor() as curs:
        curs.execute(
            "SELECT k.n, s.content, s.batch FROM unnest(%b::text[], %b::text[]) WITH ORDINALITY AS k (source, id, n)"
            " LEFT JOIN sale_identities AS s USING (source, id)",
            ([entry.source for entry in entries], [entry.id for entry in entries]),
            prepare=True,
        )
        identities = {row["n"]: (row["content"], row["batch"]) for row in curs}
    for number, entry in enumerate(entries, 1):
        content, batch = identities[number]
        if content is None:
            yield f"{entry.source} {entry.id} has lost its identity: sent again it would count twice"
        elif bytes(content) != entry.content:
            yield (
                f"{entry.source} {entry.id} is not as it was published:"
                f" its amount, {entry.amount}, or another field was changed"
            )
        elif batch != recorded.originator_id and entry.state not in ("applied", "lapsed"):
            yield f"{entry.source} {entry.id} is recorded here, and its identity says in batch {batch}"


def _add_up(store: Store, reading: _Reading, progress: Callable[[int], None]) -> None:
    """The ledger's own sum for every target, and for every stretch of the ledger that a fill says it counted."""
    verdict = reading._verdict
    counting = {one: target for one, target in reading.targets.items() if target.state is not State.DRAFT}
    router = Router()
    for target in counting.values():
        router.add(Route.of(target.id, target.plan))
    nets: dict[UUID, dict[Any, int]] = {one: defaultdict(int) for one in counting}
    filled: dict[tuple[UUID, int], dict[Any, int]] = defaultdict(lambda: defaultdict(int))
    for position, recorded in store.app.ledger(0, verdict.position):
        postings: dict[UUID, list[Posting]] = defaultdict(list)
        for entry in recorded.entries:
            for posting in entry.postings():
                for target_id in router.targets_of(posting):
                    postings[target_id].append(posting)
        for target_id, found in postings.items():
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
        for position, counted, slots in fills:
            due = [Slot(start, net) for start, net in sorted(filled[target_id, position].items())]
            if due != slots:
                name = reading.targets[target_id].plan.name
                verdict.differs(
                    f"position {position}: progress of {name} ({target_id}) says {_sum(slots)}, and the sales at"
                    f" positions {counted.after} to {counted.upto} come to {_sum(due)}{_first_slot(slots, due)}"
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
        own, counted = target.sums.get(start, 0), ledger.get(start, 0)
        if own != counted:
            exponent = target.plan.exponent
            verdict.differs(
                f"{target.plan.name} ({target.id}) on {target.plan.day_of(start)}: its facts come to"
                f" {shown(own, exponent)}, the ledger to {shown(counted, exponent)}"
            )
            return


def _compare_rows(store: Store, view: View[Any], verdict: Verdict) -> None:
    """Make a view again in memory, as far as its table says that it has followed, and compare every row."""
    with store.views.datastore.transaction() as curs:
        curs.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        curs.execute("SELECT notification_id FROM view_positions WHERE application_name = %s", (view.name,))
        found = curs.fetchone()
        upto: int = found["notification_id"] if found is not None else 0
        curs.execute(SQL("SELECT id, position, row::text AS row FROM {}").format(Identifier(view.name)))
        stored = {row["id"]: (row["position"], row["row"]) for row in curs}
    rows: dict[Any, Any] = {}
    positions: dict[Any, int] = {}
    for notification in _log(store, upto, view.topics):
        after = view.evolve(rows.get(notification.originator_id), store.app.mapper.to_domain_event(notification))
        if after is not None:
            rows[notification.originator_id] = after
            positions[notification.originator_id] = notification.id
    for one in sorted({*rows, *stored}):
        due = (positions[one], row_text(rows[one])) if one in rows else None
        if stored.get(one) != due:
            said = stored.get(one, (0, "nothing"))[1][:200]
            verdict.differs(f"{view.name} says of {one}: {said} - the facts say: {due[1][:200] if due else 'nothing'}")
            return


def _sum(slots: Sequence[Slot]) -> int:
    return sum(slot.net for slot in slots)


def _first_slot(said: Sequence[Slot], due: Sequence[Slot]) -> str:
    """Where two lists of slots first differ, when their sums alone don't show it."""
    if _sum(said) != _sum(due):
        return ""
    first = next(one for one in (*said, *due) if one not in said or one not in due)
    return f", but otherwise from {first.start.isoformat()} on"
