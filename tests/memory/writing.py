"""What the use cases read and write inside one transaction of the log in memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn, TypeVar, cast
from uuid import UUID

from eventsourcing.domain import BaseAggregate
from eventsourcing.persistence import Mapper

from domain.application import Fact
from domain.ledger import Entry, SalesRecorded
from domain.metric import Metric
from domain.milestones.milestone import Milestone
from domain.rollup.membership import Membership
from domain.rollup.outline import outlined
from domain.sale import Key
from domain.settlement import Book
from domain.target import State, Target
from domain.untold import Refusal
from tests.memory.agenda import MemoryAgenda
from tests.memory.shelves import Shelves
from tests.memory.tables import MembershipRow, MetricRow, MilestoneRow, RouteRow

if TYPE_CHECKING:
    from tests.memory.recorder import MemoryRecorder

A = TypeVar("A", bound=BaseAggregate[UUID])
VERSION = "version"
PROGRESS = "target.progress_recorded"


class MemoryWriting:
    """`domain.application.Writing` without what alerts and deliveries need."""

    def __init__(self, recorder: "MemoryRecorder", mapper: Mapper[UUID]) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._tables = recorder.tables
        self._shelves = Shelves(recorder.tables, self._entries)
        self.agenda = MemoryAgenda(recorder.tables)
        self.position = recorder.max_notification_id() or 0

    @property
    def audience(self) -> NoReturn:
        raise AssertionError("not in memory")

    @property
    def deliveries(self) -> NoReturn:
        raise AssertionError("not in memory")

    @property
    def endpoints(self) -> NoReturn:
        raise AssertionError("not in memory")

    # Facts

    def save(self, facts: Sequence[Fact]) -> int:
        for fact in facts:
            self.position = self._recorder.append(self._mapper.to_stored_event(fact))
        return self.position

    def facts_after(self, position: int, topics: Sequence[str], limit: int) -> list[tuple[int, Fact]]:
        return self._recorder.facts_after(self._mapper, position, topics, limit)

    def targets(self, ids: Iterable[UUID]) -> dict[UUID, Target]:
        return self.aggregates(Target, ids)

    def outlines(self, ids: Iterable[UUID]) -> dict[UUID, Target]:
        said = (row for one in sorted(ids) for row in self._recorder.stream(one))
        befell = (row for row in said if row.topic.startswith("target.") and row.topic != PROGRESS)
        return outlined(self._mapper.to_domain_event(row) for row in befell)

    def aggregates(self, kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        found = {one: self._recorder.brought_up(self._mapper, one) for one in sorted(ids)}
        return {one: aggregate for one, aggregate in found.items() if isinstance(aggregate, kind)}

    def followed(self, follower: str) -> int | None:
        return self._recorder.followed(follower)

    def keep_followed(self, follower: str, position: int) -> None:
        self._tables.followers[follower] = position

    # What makes a sale count once, and which version of it counts

    def book(self, keys: Iterable[Key], named: Iterable[Key]) -> Book:
        return self._shelves.book(keys, named)

    def keep_book(self, book: Book, recorded_in: Mapping[Key, UUID], latest_in: Mapping[Key, UUID]) -> None:
        self._shelves.keep(book, recorded_in, latest_in)

    def _entries(self, batch: UUID) -> list[Entry]:
        (stored,) = self._recorder.stream(batch)
        return cast(SalesRecorded, self._mapper.to_domain_event(stored)).entries

    def keep_refusals(self, refusals: Sequence[Refusal], at: datetime) -> None:
        for refusal in refusals:
            self._tables.refusals[len(self._tables.refusals)] = refusal, at

    # What sales count toward

    def metrics(self, changed_after: int = 0) -> dict[str, Metric]:
        return {name: row.metric for name, row in self._tables.metrics.items() if row.changed > changed_after}

    def keep_metric(self, metric: Metric) -> None:
        self._tables.metrics.add(metric.name, MetricRow(metric, self._change()))

    def routing_version(self) -> int:
        return self._tables.routing.get(VERSION, 0)

    def routes_changed(self, after: int) -> list[UUID]:
        return [target for target, row in self._tables.routes.items() if row.changed > after]

    def keep_route(self, target: Target) -> None:
        self._tables.routes[target.id] = RouteRow(self._change(), target.state is State.FILLING)

    def milestones(self, target_ids: Iterable[UUID], by_value: bool = False) -> dict[UUID, list[Milestone]]:
        wanted, rows = set(target_ids), self._tables.milestones
        if by_value:
            wanted &= {row.target for row in rows.values() if row.by_value}
        mine = sorted((row.turn, one, row.target) for one, row in rows.items() if row.target in wanted)
        loaded = self.aggregates(Milestone, [one for _, one, _ in mine])
        found: dict[UUID, list[Milestone]] = {}
        for _, one, target in mine:
            found.setdefault(target, []).append(loaded[one])
        return found

    def milestone_target(self, milestone_id: UUID) -> UUID | None:
        row = self._tables.milestones.get(milestone_id)
        return None if row is None else row.target

    def keep_milestone(self, milestone: Milestone) -> None:
        rows = self._tables.milestones
        rows.add(milestone.id, MilestoneRow(len(rows) + 1, milestone.target, milestone.by_value))

    def memberships(self, parents: Iterable[UUID]) -> list[Membership]:
        wanted = set(parents)
        return self._memberships(one for one, row in self._tables.memberships.items() if row.parent in wanted)

    def memberships_of(self, members: Iterable[UUID]) -> list[Membership]:
        wanted = set(members)
        return self._memberships(one for one, row in self._tables.memberships.items() if row.member in wanted)

    def _memberships(self, found: Iterable[UUID]) -> list[Membership]:
        ordered = sorted(found, key=lambda one: self._tables.memberships[one].turn)
        loaded = self.aggregates(Membership, ordered)
        return [loaded[one] for one in ordered]

    def many_memberships(self, parent: UUID) -> int:
        return len(self.memberships([parent]))

    def keep_membership(self, membership: Membership) -> None:
        rows = self._tables.memberships
        rows.add(membership.id, MembershipRow(len(rows) + 1, membership.target, membership.member))

    def _change(self) -> int:
        self._tables.routing[VERSION] = self.routing_version() + 1
        return self._tables.routing[VERSION]
