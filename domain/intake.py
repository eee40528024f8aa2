"""Sales in: what has arrived becomes one commit, and each sale its verdict.

An Intake lives as long as its process. It keeps the routes and the targets that it has touched in memory, and
brings them up to date under the log's lock, so any number of intakes may run side by side.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import CanMutateAggregate

from domain.application import Fact, Milemarker, Writing
from domain.facts import MILESTONE_TOPICS, TARGET_TOPICS
from domain.ledger import BATCH_BYTES_MAX, ENTRIES_MAX, Entry, Posting, SalesRecorded
from domain.metric import Metric, define_metric, metric_in
from domain.milestones.milestone import Milestone
from domain.milestones.value_milestones import judge_values
from domain.refusal import Refused
from domain.routing import Router
from domain.sale import Key, Sale, sale_of
from domain.settlement import Lapse, Verdict, naming, settle
from domain.target import Target
from domain.untold import Refusal

BY = "ingest"
CATCH_UP_MAX = 5_000
"""Further behind than this, the targets in memory are dropped and loaded again."""
TARGETS_MAX = 20_000
"""At most this many targets are kept in memory between commits."""
SNAPSHOT_EVERY = 256
FOLLOWED_TOPICS = [*TARGET_TOPICS, *MILESTONE_TOPICS]
SOURCES_NAMED_MAX = 3
"""A refusal names so many of the sources that are allowed: it is told for every sale."""


@dataclass(slots=True)
class Arrival:
    """One message of sales: decoded JSON values, or the refusal of one that could not be decoded."""

    items: list[Any]
    sources: frozenset[str] | None = None
    """The sources that its sender may write; None for any."""
    subject: str = ""
    """What it was published on; empty for a request."""
    name: str | None = None
    """What names the message for ever, such as its place in the stream; None for a request."""


@dataclass(slots=True)
class Rejection:
    """A sale that was not taken: its index in the message, and why."""

    index: int
    source: str | None
    id: str | None
    refused: Refused
    item: Any


@dataclass(slots=True)
class Outcome:
    """What became of one message, known to be committed."""

    accepted: int = 0
    duplicates: int = 0
    rejected: list[Rejection] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    id: UUID
    entries: list[Entry] = field(default_factory=list)
    size: int = 0


class Intake:
    def __init__(self, app: Milemarker, new_id: Callable[[], UUID]) -> None:
        self._app = app
        self._new_id = new_id
        self._forget()

    def _forget(self) -> None:
        self._position: int | None = None
        self._routing_version = 0
        self._router = Router()
        self._metrics: dict[str, Metric] = {}
        self._targets: dict[UUID, Target] = {}
        self._milestones: dict[UUID, dict[UUID, Milestone]] = {}
        self._moved: set[UUID] = set()
        self._snapshot_versions: dict[UUID, int] = {}

    def record(self, arrivals: Sequence[Arrival], at: datetime) -> tuple[list[Outcome], int]:
        """Commit what has arrived in one transaction; an outcome each, and the log's position after it."""
        sales = [self._read(arrival, at) for arrival in arrivals]
        try:
            with self._app.writing() as log:
                if self._catch_up(log):
                    sales = [self._read(arrival, at) for arrival in arrivals]
                outcomes = self._record(log, arrivals, sales, at)
                position = log.position
        except BaseException:
            # What is in memory may say more than the log does: the next commit starts from the log again.
            self._forget()
            raise
        self._position = position
        return outcomes, position

    def snapshots_due(self) -> list[Target.Snapshot]:
        """Copies of the targets that have moved far since their last one, to be stored when there is time."""
        due = []
        for target_id in self._moved:
            target = self._targets[target_id]
            if target.version >= self._snapshot_versions.get(target_id, 0) + SNAPSHOT_EVERY:
                self._snapshot_versions[target_id] = target.version
                due.append(Target.Snapshot.take(target))
        self._moved.clear()
        return due

    def _exponent(self, metric: str, unit: str) -> int:
        return metric_in(self._metrics, metric, unit).exponent

    def _read(self, arrival: Arrival, at: datetime) -> list[Sale | Refused]:
        sales: list[Sale | Refused] = []
        exponent, sources = self._exponent, arrival.sources
        for item in arrival.items:
            try:
                if isinstance(item, Refused):
                    raise item
                sale = sale_of(item, at, exponent)
                if sources is not None and sale.key.source not in sources:
                    allowed = ", ".join(sorted(sources)[:SOURCES_NAMED_MAX]) or "none"
                    raise Refused(
                        "source_not_allowed",
                        f"{sale.key.source} is not a source that the sender may write; it may write {allowed}",
                        "/source",
                    )
                sales.append(sale)
            except Refused as refused:
                sales.append(refused)
        return sales

    # Under the lock

    def _catch_up(self, log: Writing) -> bool:
        """Bring what is in memory up to the log; True when the metrics have changed."""
        if self._position is not None and self._position < log.position:
            facts = log.facts_after(self._position, FOLLOWED_TOPICS, CATCH_UP_MAX + 1)
            if len(facts) > CATCH_UP_MAX:
                self._let_go()
            for _, fact in facts:
                self._follow(fact)
        if len(self._targets) > TARGETS_MAX:
            self._let_go()
        self._moved.clear()
        version = log.routing_version()
        if version == self._routing_version:
            return False
        for target in self._load(log, log.routes_changed(self._routing_version)).values():
            self._router.follow(target)
        metrics = log.metrics(self._routing_version)
        self._metrics |= metrics
        self._routing_version = version
        return bool(metrics)

    def _follow(self, fact: Fact) -> None:
        assert isinstance(fact, CanMutateAggregate)
        known: Target | Milestone | None
        if isinstance(fact, Milestone.Event):
            known = self._milestones.get(fact.target, {}).get(fact.originator_id)
        else:
            known = self._targets.get(fact.originator_id)
        if known is not None:
            fact.mutate(known)

    def _let_go(self) -> None:
        self._targets.clear()
        self._milestones.clear()

    def _load(self, log: Writing, ids: Iterable[UUID]) -> dict[UUID, Target]:
        """These targets as they stand, with the milestones of those that hang on their sales; now in memory."""
        loaded = log.targets(ids)
        self._targets |= loaded
        for target_id, milestones in log.milestones(loaded, by_value=True).items():
            self._milestones[target_id] = {one.id: one for one in milestones}
        return loaded

    def _record(
        self,
        log: Writing,
        arrivals: Sequence[Arrival],
        sales: Sequence[Sequence[Sale | Refused]],
        at: datetime,
    ) -> list[Outcome]:
        good = [sale for one in sales for sale in one if isinstance(sale, Sale)]
        book = log.book((sale.key for sale in good), naming(good))
        batches: list[_Batch] = []
        recorded_in: dict[Key, UUID] = {}
        latest_in: dict[Key, UUID] = {}
        first_uses: dict[str, Metric] = {}
        lapsed: list[Lapse] = []
        outcomes = [Outcome() for _ in arrivals]
        for arrival, outcome, ones in zip(arrivals, outcomes, sales, strict=True):
            for index, sale in enumerate(ones):
                try:
                    if isinstance(sale, Refused):
                        raise sale
                    metric = self._first_use(sale, first_uses)
                    settled = settle(sale, book)
                except Refused as refused:
                    outcome.rejected.append(_rejection(index, arrival.items[index], refused))
                    continue
                if settled.verdict is Verdict.DUPLICATE:
                    outcome.duplicates += 1
                    continue
                if metric is not None:
                    first_uses[metric.name] = metric
                outcome.accepted += 1
                lapsed += settled.lapsed
                for entry in settled.entries:
                    # Most lines are the sale and nothing else; its key and size are known.
                    plain = len(settled.entries) == 1 and entry.plain
                    key, size = (sale.key, sale.size) if plain else (entry.key, entry.size)
                    batch = self._enter(batches, entry, size)
                    recorded_in.setdefault(key, batch)
                    latest_in[key] = batch
        facts = self._facts(log, batches, first_uses, at)
        if facts:
            log.keep_book(book, recorded_in, latest_in)
            log.save(facts)
        refusals = [*_refusals(arrivals, outcomes), *_refusals_of(lapsed)]
        if refusals:
            log.keep_refusals(refusals, at)
        return outcomes

    def _first_use(self, sale: Sale, first_uses: dict[str, Metric]) -> Metric | None:
        """The metric that this sale fixes by its first use, if any; Refused when one before it fixed another."""
        if not sale.metric or sale.metric in self._metrics:
            return None
        return metric_in(first_uses, sale.metric, sale.unit)

    def _enter(self, batches: list[_Batch], entry: Entry, size: int) -> UUID:
        last = batches[-1] if batches else None
        if last is None or len(last.entries) == ENTRIES_MAX or last.size + size > BATCH_BYTES_MAX:
            last = _Batch(self._new_id())
            batches.append(last)
        last.entries.append(entry)
        last.size += size
        return last.id

    def _facts(
        self, log: Writing, batches: Iterable[_Batch], first_uses: dict[str, Metric], at: datetime
    ) -> list[Fact]:
        facts: list[Fact] = []
        for metric in first_uses.values():
            log.keep_metric(metric)
            facts.append(define_metric(metric, by=BY, at=at))
        counted = [self._router.by_target(batch.entries) for batch in batches]
        self._load(log, {target_id for one in counted for target_id in one} - self._targets.keys())
        for batch, postings_of in zip(batches, counted, strict=True):
            facts.append(SalesRecorded(batch.id, 1, at, BY, batch.entries))  # type: ignore[call-arg]
            for target_id, postings in postings_of.items():
                target = self._targets[target_id]
                target.record_progress(batch.id, postings, by=BY, at=at)
                facts += target.collect_events()
                if (milestones := self._milestones.get(target_id)) is not None:
                    facts += judge_values(log, target, milestones, postings, by=BY, at=at)
                self._moved.add(target_id)
        if counted and (evaluated_to := log.agenda.last_evaluated()) is not None:
            late = self._late(counted, evaluated_to)
            if late:
                log.agenda.late(late, at)
        return facts

    def _late(
        self, counted: Iterable[dict[UUID, list[Posting]]], evaluated_to: datetime
    ) -> list[tuple[UUID, datetime]]:
        """The targets that got a sale from before a cut-off that may be evaluated, each with the earliest of these.

        By what was evaluated, not by the clock of this process: that may be behind.
        """
        earliest: dict[UUID, datetime] = {}
        for postings_of in counted:
            for target_id, postings in postings_of.items():
                last_cutoff = self._targets[target_id].plan.last_cutoff(evaluated_to)
                if last_cutoff is None:
                    continue
                for posting in postings:
                    occurred_at = posting.occurred_at
                    if occurred_at < last_cutoff and occurred_at < earliest.get(target_id, last_cutoff):
                        earliest[target_id] = occurred_at
        return list(earliest.items())


def _refusals(arrivals: Iterable[Arrival], outcomes: Iterable[Outcome]) -> Iterator[Refusal]:
    for arrival, outcome in zip(arrivals, outcomes, strict=True):
        for one in outcome.rejected:
            refused, name = one.refused, arrival.name and f"{arrival.name}.{one.index}"
            yield Refusal(
                one.source, one.id, refused.code, refused.detail, refused.field, arrival.subject, name, one.item
            )


def _refusals_of(lapsed: Iterable[Lapse]) -> Iterator[Refusal]:
    for lapse in lapsed:
        yield Refusal(lapse.key.source, lapse.key.id, lapse.code, lapse.detail)


def _rejection(index: int, item: Any, refused: Refused) -> Rejection:
    said = item if isinstance(item, dict) else {}
    source, name = said.get("source"), said.get("id")
    return Rejection(
        index,
        source if isinstance(source, str) else None,
        name if isinstance(name, str) else None,
        refused,
        item,
    )
