"""What the use cases read and write inside one transaction of the log."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

import structlog
from eventsourcing.domain import BaseAggregate, CanMutateAggregate, DomainEventProtocol
from eventsourcing.persistence import Mapper as FactsMapper
from eventsourcing.persistence import StoredEvent
from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier

from domain.companion import may_begin
from domain.ledger import Entry, SalesRecorded
from domain.metric import Metric
from domain.milestones.milestone import Milestone
from domain.rollup.membership import Membership
from domain.rollup.outline import outlined
from domain.sale import Key
from domain.settlement import Book, Identity, Version, Waiting
from domain.target import State, Target
from domain.untold import Refusal
from projections.agenda import PostgresAgenda
from projections.audience import PostgresAudience
from projections.deliveries import PostgresDeliveries
from projections.endpoints import PostgresEndpoints
from projections.tables import NOT_PROGRESS
from projections.untold import keep_refusals

if TYPE_CHECKING:
    from projections.recorder import LogRecorder

log = structlog.get_logger()

A = TypeVar("A", bound=BaseAggregate[UUID])
SNAPSHOT_EVERY = 256
"""So many facts after its last snapshot a target that is loaded gets another one."""
KEYS = SQL("unnest(%b::text[], %b::text[]) AS k (source, id)")


class PostgresWriting:
    """`domain.application.Writing` on PostgreSQL."""

    def __init__(
        self, recorder: "LogRecorder", curs: Cursor[DictRow], mapper: FactsMapper[UUID], position: int = 0
    ) -> None:
        """position: the last in the log."""
        self._recorder = recorder
        self._curs = curs
        self._mapper = mapper
        self.agenda = PostgresAgenda(curs)
        self.audience = PostgresAudience(curs)
        self.deliveries = PostgresDeliveries(curs)
        self.endpoints = PostgresEndpoints(curs)
        self.position = position

    def _one(self) -> DictRow:
        row = self._curs.fetchone()
        assert row is not None
        return row

    def _on_log(self, statement: str) -> Composed:
        names = {"schema": Identifier(self._recorder.datastore.schema)}
        return SQL(statement).format(
            events=SQL("{schema}.{table}").format(**names, table=Identifier(self._recorder.events_table_name)),
            snapshots=SQL("{schema}.{table}").format(**names, table=Identifier(self._recorder.snapshots_table_name)),
        )

    def _facts(self) -> list[DomainEventProtocol[UUID]]:
        return [self._fact(row) for row in self._curs]

    def _fact(self, row: DictRow) -> DomainEventProtocol[UUID]:
        return self._mapper.to_domain_event(
            StoredEvent(row["originator_id"], row["originator_version"], row["topic"], bytes(row["state"]))
        )

    def _snapshots(self) -> Iterator[Target.Snapshot]:
        for row in self._curs.fetchall():
            stored = StoredEvent(row["originator_id"], row["originator_version"], row["topic"], bytes(row["state"]))
            try:
                snapshot = self._mapper.to_domain_event(stored)
            except ValueError as error:
                # One of another version of the program: a snapshot is a copy, the facts say the same.
                log.info("a snapshot is of another version", target=str(stored.originator_id), error=str(error))
                continue
            assert isinstance(snapshot, Target.Snapshot)
            yield snapshot

    # Facts

    def save(self, facts: Sequence[DomainEventProtocol[UUID]]) -> int:
        if facts:
            self._recorder.append(self._curs, [self._mapper.to_stored_event(fact) for fact in facts])
            self.position = max(row["notification_id"] for row in self._curs)
        return self.position

    def facts_after(
        self, position: int, topics: Sequence[str], limit: int
    ) -> list[tuple[int, DomainEventProtocol[UUID]]]:
        self._curs.execute(
            self._on_log(
                "SELECT * FROM {events} WHERE notification_id > %s AND topic = ANY(%s)"
                " ORDER BY notification_id LIMIT %s"
            ),
            (position, list(topics), limit),
            prepare=True,
        )
        return [(row["notification_id"], self._fact(row)) for row in self._curs]

    def aggregates(self, kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        """These aggregates as all their facts say; those that there are."""
        wanted = list(ids)
        return self._folded(kind, wanted, {}) if wanted else {}

    def targets(self, ids: Iterable[UUID]) -> dict[UUID, Target]:
        """These targets as they stand, each from its last snapshot and the facts after it."""
        wanted = list(ids)
        if not wanted:
            return {}
        found: dict[UUID, Target] = {}
        self._curs.execute(
            self._on_log(
                "SELECT s.* FROM unnest(%b::uuid[]) AS k (id), LATERAL (SELECT * FROM {snapshots}"
                " WHERE originator_id = k.id ORDER BY originator_version DESC LIMIT 1) AS s"
            ),
            (wanted,),
        )
        for snapshot in self._snapshots():
            target = snapshot.mutate(None)
            assert isinstance(target, Target)
            found[target.id] = target
        versions = {target.id: target.version for target in found.values()}
        loaded = self._folded(Target, wanted, found)
        self._keep_snapshots(
            [one for one in loaded.values() if one.version - versions.get(one.id, 0) >= SNAPSHOT_EVERY]
        )
        return loaded

    def _keep_snapshots(self, targets: Sequence[Target]) -> None:
        """Of targets that took long to load: those that sales move are copied by an intake, but a roll-up that gets
        member after member has no sale between. A copy of another version of the program gives way."""
        if not targets:
            return
        copies = [self._mapper.to_stored_event(Target.Snapshot.take(one)) for one in targets]
        self._curs.execute(
            self._on_log(
                "INSERT INTO {snapshots} (originator_id, originator_version, topic, state)"
                " SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[])"
                " ON CONFLICT (originator_id, originator_version) DO UPDATE SET state = excluded.state"
            ),
            (
                [one.originator_id for one in copies],
                [one.originator_version for one in copies],
                [one.topic for one in copies],
                [one.state for one in copies],
            ),
        )

    def outlines(self, ids: Iterable[UUID]) -> dict[UUID, Target]:
        """These targets but for what they have counted, of which there may be millions of facts."""
        self._curs.execute(
            self._on_log(
                "SELECT e.* FROM unnest(%b::uuid[]) AS k (id) JOIN {events} AS e ON e.originator_id = k.id"
                f" AND {NOT_PROGRESS.replace('%', '%%')} ORDER BY e.originator_id, e.originator_version"
            ),
            (list(ids),),
        )
        return outlined(self._facts())

    def _folded(self, kind: type[A], wanted: list[UUID], found: dict[UUID, A]) -> dict[UUID, A]:
        """What was found so far, and the facts after it folded into it."""
        versions = [found[one].version if one in found else 0 for one in wanted]
        self._curs.execute(
            self._on_log(
                "SELECT e.* FROM unnest(%b::uuid[], %b::bigint[]) AS k (id, version) JOIN {events} AS e"
                " ON e.originator_id = k.id AND e.originator_version > k.version"
                " ORDER BY e.originator_id, e.originator_version"
            ),
            (wanted, versions),
        )
        strangers: set[UUID] = set()
        for fact in self._facts():
            assert isinstance(fact, CanMutateAggregate)
            if fact.originator_id in strangers:
                continue
            known = found.get(fact.originator_id)
            # A batch of sales, and a metric, are facts without anything that they begin.
            begun = known is not None or may_begin(fact)
            moved = fact.mutate(known) if begun else None
            if isinstance(moved, kind):
                found[moved.id] = moved
            else:
                # The id that somebody sent is one of something else: there is none of this kind.
                strangers.add(fact.originator_id)
        return found

    def followed(self, follower: str) -> int | None:
        self._curs.execute("SELECT position FROM followers WHERE name = %s", (follower,), prepare=True)
        row = self._curs.fetchone()
        return None if row is None else int(row["position"])

    def keep_followed(self, follower: str, position: int) -> None:
        self._curs.execute(
            "INSERT INTO followers VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET position = excluded.position",
            (follower, position),
            prepare=True,
        )

    # What makes a sale count once, and which version of it counts

    def book(self, keys: Iterable[Key], named: Iterable[Key]) -> Book:
        book = Book()
        wanted = {*keys, *named}
        batches = self._identities(wanted, book)
        self._waiting(wanted, book)
        self._versions(
            {Key(key.source, book.identities[key].root) for key in named if key in book.identities},
            batches,
            book,
        )
        return book

    def _identities(self, keys: Iterable[Key], book: Book) -> dict[Key, UUID]:
        """Put the identities into the book; the batch that each was recorded in."""
        batches: dict[Key, UUID] = {}
        self._curs.execute(
            SQL("SELECT s.* FROM {} JOIN sale_identities AS s USING (source, id)").format(KEYS),
            _columns(keys),
            prepare=True,
        )
        for row in self._curs:
            key = Key(row["source"], row["id"])
            book.identities[key] = Identity(bytes(row["content"]), row["root"] or row["id"])
            batches[key] = row["batch"]
        return batches

    def _waiting(self, keys: Iterable[Key], book: Book) -> None:
        """What waits for these sales, and for what waits for them, whose identities come into the book too."""
        self._curs.execute("SELECT coalesce(max(turn), 0) + 1 AS turn FROM waiting_sales", prepare=True)
        book.next_turn = self._one()["turn"]
        roots = set(keys) if book.next_turn > 1 else set()
        while roots:
            self._curs.execute(
                SQL(
                    "SELECT w.*, s.content, s.root AS identity_root FROM {}"
                    " JOIN waiting_sales AS w ON w.source = k.source AND w.root = k.id"
                    " JOIN sale_identities AS s ON s.source = w.source AND s.id = w.id"
                ).format(KEYS),
                _columns(roots),
            )
            rows = self._curs.fetchall()
            entries = self._entries({Key(row["source"], row["id"]): row["batch"] for row in rows})
            for row in rows:
                key = Key(row["source"], row["id"])
                book.identities.setdefault(key, Identity(bytes(row["content"]), row["identity_root"] or row["id"]))
                root = Key(row["source"], row["root"])
                book.waiting.setdefault(root, []).append(Waiting(row["turn"], entries[key]))
            roots = entries.keys() - book.waiting.keys()

    def _versions(self, roots: set[Key], batches: Mapping[Key, UUID], book: Book) -> None:
        """Put the latest version of these sales into the book; one that only waits has none."""
        if not roots:
            return
        self._identities_missing(roots, book)
        self._curs.execute(
            SQL("SELECT v.* FROM {} JOIN sale_versions AS v ON v.source = k.source AND v.root = k.id").format(KEYS),
            _columns(roots),
        )
        rows = {Key(row["source"], row["root"]): row for row in self._curs}
        latest = {Key(key.source, row["id"]): row["batch"] for key, row in rows.items()}
        known = self._batches_of(roots - rows.keys())
        entries = self._entries(latest | known)
        for root, row in rows.items():
            book.versions[root] = Version(row["kind"], entries[Key(root.source, row["id"])])
        for root in known:
            if (entry := entries[root]).state != "waiting":
                book.versions[root] = Version(entry.kind, entry)

    def _identities_missing(self, roots: set[Key], book: Book) -> None:
        self._identities(roots - book.identities.keys(), book)

    def _batches_of(self, keys: Iterable[Key]) -> dict[Key, UUID]:
        self._curs.execute(
            SQL("SELECT source, id, batch FROM {} JOIN sale_identities USING (source, id)").format(KEYS),
            _columns(keys),
        )
        return {Key(row["source"], row["id"]): row["batch"] for row in self._curs}

    def _entries(self, batch_of: Mapping[Key, UUID]) -> dict[Key, Entry]:
        """The ledger's last entry for each key in the batch given; one batch in memory at a time."""
        wanted: dict[UUID, set[Key]] = defaultdict(set)
        for key, batch in batch_of.items():
            wanted[batch].add(key)
        found: dict[Key, Entry] = {}
        for batch, keys in wanted.items():
            self._curs.execute(
                self._on_log("SELECT * FROM {events} WHERE originator_id = %s AND originator_version = 1"),
                (batch,),
                prepare=True,
            )
            (recorded,) = self._facts()
            for entry in cast(SalesRecorded, recorded).entries:
                if entry.key in keys:
                    found[entry.key] = entry
        return found

    def keep_book(self, book: Book, recorded_in: Mapping[Key, UUID], latest_in: Mapping[Key, UUID]) -> None:
        new = list(book.new.items())
        self._curs.execute(
            "INSERT INTO sale_identities (source, id, content, batch, root)"
            " SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[], %b::uuid[], %b::text[])",
            (
                [key.source for key, _ in new],
                [key.id for key, _ in new],
                [identity.content for _, identity in new],
                [recorded_in[key] for key, _ in new],
                [None if identity.root == key.id else identity.root for key, identity in new],
            ),
            prepare=True,
        )
        self._many(
            "UPDATE sale_identities SET root = %s WHERE source = %s AND id = %s",
            [(root, *key) for key, root in book.moved.items() if key not in book.new],
        )
        self._many(
            "INSERT INTO sale_versions (source, root, kind, id, batch) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (source, root) DO UPDATE SET id = excluded.id, batch = excluded.batch",
            [
                (*root, version.kind, version.entry.id, latest_in[version.entry.key])
                for root, version in book.replaced.items()
            ],
        )
        self._many(
            "DELETE FROM waiting_sales WHERE source = %s AND id = %s",
            [tuple(key) for key in book.done_waiting],
        )
        self._many(
            "INSERT INTO waiting_sales (source, id, root, turn, batch) VALUES (%s, %s, %s, %s, %s)",
            [
                (*key, root.id, waiting.turn, recorded_in[key])
                for key, (root, waiting) in book.now_waiting.items()
                if key in book.new
            ],
        )
        self._many(
            "UPDATE waiting_sales SET root = %s WHERE source = %s AND id = %s",
            [(root.id, *key) for key, (root, _) in book.now_waiting.items() if key not in book.new],
        )

    def keep_refusals(self, refusals: Sequence[Refusal], at: datetime) -> None:
        keep_refusals(self._curs, refusals, at)

    def _many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self._curs.executemany(statement, rows)

    # What sales count toward

    def metrics(self, changed_after: int = 0) -> dict[str, Metric]:
        self._curs.execute(
            "SELECT name, unit, exponent FROM metrics WHERE changed > %s", (changed_after,), prepare=True
        )
        return {row["name"]: Metric(row["name"], row["unit"], row["exponent"]) for row in self._curs}

    def keep_metric(self, metric: Metric) -> None:
        self._curs.execute(
            "INSERT INTO metrics (name, unit, exponent, changed) VALUES (%s, %s, %s, %s)",
            (metric.name, metric.unit, metric.exponent, self._change()),
        )

    def routing_version(self) -> int:
        self._curs.execute("SELECT version FROM routing", prepare=True)
        version: int = self._one()["version"]
        return version

    def routes_changed(self, after: int) -> list[UUID]:
        self._curs.execute("SELECT target FROM routes WHERE changed > %s", (after,), prepare=True)
        return [row["target"] for row in self._curs]

    def keep_route(self, target: Target) -> None:
        self._curs.execute(
            "INSERT INTO routes (target, changed, filling) VALUES (%s, %s, %s) ON CONFLICT (target)"
            " DO UPDATE SET changed = excluded.changed, filling = excluded.filling",
            (target.id, self._change(), target.state is State.FILLING),
        )

    def milestones(self, target_ids: Iterable[UUID], by_value: bool = False) -> dict[UUID, list[Milestone]]:
        wanted = list(target_ids)
        if not wanted:
            return {}
        self._curs.execute(
            "SELECT milestone, target FROM milestones_of WHERE target = ANY(%b::uuid[]) AND (NOT %b"
            " OR target IN (SELECT target FROM milestones_of WHERE by_value)) ORDER BY turn",
            (wanted, by_value),
        )
        target_of = {row["milestone"]: row["target"] for row in self._curs}
        loaded = self.aggregates(Milestone, target_of)
        found: dict[UUID, list[Milestone]] = defaultdict(list)
        for milestone, target in target_of.items():
            found[target].append(loaded[milestone])
        return dict(found)

    def milestone_target(self, milestone_id: UUID) -> UUID | None:
        self._curs.execute("SELECT target FROM milestones_of WHERE milestone = %s", (milestone_id,))
        row = self._curs.fetchone()
        return None if row is None else row["target"]

    def keep_milestone(self, milestone: Milestone) -> None:
        self._curs.execute(
            "INSERT INTO milestones_of (milestone, target, by_value) VALUES (%s, %s, %s)",
            (milestone.id, milestone.target, milestone.by_value),
        )

    def memberships(self, parents: Iterable[UUID]) -> list[Membership]:
        return self._memberships(
            "SELECT membership FROM memberships WHERE parent = ANY(%b::uuid[]) ORDER BY turn", parents
        )

    def memberships_of(self, members: Iterable[UUID]) -> list[Membership]:
        return self._memberships(
            "SELECT membership FROM memberships WHERE member = ANY(%b::uuid[]) ORDER BY turn", members
        )

    def _memberships(self, statement: str, ids: Iterable[UUID]) -> list[Membership]:
        wanted = list(ids)
        if not wanted:
            return []
        self._curs.execute(statement.encode(), (wanted,))
        found = [row["membership"] for row in self._curs]
        loaded = self.aggregates(Membership, found)
        return [loaded[one] for one in found]

    def many_memberships(self, parent: UUID) -> int:
        self._curs.execute("SELECT count(*) AS many FROM memberships WHERE parent = %s", (parent,))
        many: int = self._one()["many"]
        return many

    def keep_membership(self, membership: Membership) -> None:
        self._curs.execute(
            "INSERT INTO memberships (membership, parent, member) VALUES (%s, %s, %s)",
            (membership.id, membership.target, membership.member),
        )

    def _change(self) -> int:
        self._curs.execute("UPDATE routing SET version = version + 1 RETURNING version")
        version: int = self._one()["version"]
        return version


def _columns(keys: Iterable[Key]) -> tuple[list[str], list[str]]:
    listed = list(keys)
    return [key.source for key in listed], [key.id for key in listed]
