"""The log in memory: the library's own recorder, with transactions that are taken back as a whole when they fail."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.domain import BaseAggregate
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, Mapper, Notification, StoredEvent
from eventsourcing.popo import POPOApplicationRecorder, POPOFactory

from domain.application import Fact, News, Writing
from tests.memory.folding import Aggregate, Folded, fold
from tests.memory.tables import Journal, Tables
from tests.memory.writing import MemoryWriting

A = TypeVar("A", bound=BaseAggregate[UUID])
LOCK_WAIT_S = 20.0
_position = attrgetter("id")


class MemoryRecorder(POPOApplicationRecorder):
    """`domain.application.Store`. Whoever is outside of a transaction sees only what is committed."""

    def __init__(self) -> None:
        super().__init__()
        self._insert_lock = Lock()
        self._journal = Journal()
        self.tables = Tables(self._journal)
        self._rows: list[Notification] = []
        self._streams: dict[UUID, list[Notification]] = {}
        self._folded = Folded()
        self._numbered = 0
        """Positions handed out. As on PostgreSQL, those of a transaction that failed are not handed out again."""
        self._committed = 0
        """The last position that everybody sees."""
        self._claimed: set[UUID] = set()

    # The library's recorder

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        with self._transaction():
            return [self.append(stored) for stored in stored_events]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        assert isinstance(originator_id, UUID)
        found = [
            row
            for row in self._streams.get(originator_id, ())
            if row.id <= self._committed
            and (gt is None or row.originator_version > gt)
            and (lte is None or row.originator_version <= lte)
        ]
        return (found[::-1] if desc else found)[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = (start or 0) - inclusive_of_start
        upto = self._committed if stop is None else min(stop, self._committed)
        return list(self._after(after, upto, topics, limit))

    def max_notification_id(self) -> int | None:
        return self._committed or None

    # Inside a transaction: what it has written is there already

    def append(self, stored: StoredEvent) -> int:
        """Its position."""
        assert self._insert_lock.locked()
        stream = self._streams.setdefault(stored.originator_id, [])  # type: ignore[arg-type] # ours are all UUIDs
        if stream and stored.originator_version <= stream[-1].originator_version:
            raise IntegrityError(f"version {stored.originator_version} of {stored.originator_id} is there already")
        self._numbered += 1
        row = Notification(
            stored.originator_id, stored.originator_version, stored.topic, stored.state, id=self._numbered
        )
        self._rows.append(row)
        stream.append(row)
        return self._numbered

    def facts_after(
        self, mapper: Mapper[UUID], position: int, topics: Sequence[str], limit: int
    ) -> list[tuple[int, Fact]]:
        return [(row.id, mapper.to_domain_event(row)) for row in self._after(position, self._numbered, topics, limit)]

    def stream(self, originator_id: UUID) -> Sequence[StoredEvent]:
        return self._streams.get(originator_id, [])

    def brought_up(self, mapper: Mapper[UUID], one: UUID) -> Aggregate | None:
        """A copy of this aggregate as all its facts say."""
        later = bisect_right(self.stream(one), self._folded.version(one), key=attrgetter("originator_version"))
        return self._folded.bring_up(one, [mapper.to_domain_event(row) for row in self.stream(one)[later:]])

    def _after(self, position: int, upto: int, topics: Sequence[str], limit: int) -> Iterator[Notification]:
        wanted = frozenset(topics)
        for index in range(bisect_right(self._rows, position, key=_position), len(self._rows)):
            row = self._rows[index]
            if limit == 0 or row.id > upto:
                return
            if not wanted or row.topic in wanted:
                limit -= 1
                yield row

    # What the use cases need beside it

    @contextmanager
    def writing(self, mapper: Mapper[UUID]) -> Iterator[Writing]:
        with self._transaction():
            yield MemoryWriting(self, mapper)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        assert self._insert_lock.acquire(timeout=LOCK_WAIT_S), "a transaction inside another waits for ever"
        try:
            try:
                yield
            except BaseException:
                self._take_back()
                raise
            self._journal.keep_all()
            if self._rows:
                self._committed = self._rows[-1].id
        finally:
            self._insert_lock.release()

    def _take_back(self) -> None:
        first = bisect_left(self._rows, self._committed + 1, key=_position)
        for row in self._rows[first:]:
            assert isinstance(row.originator_id, UUID)
            self._streams[row.originator_id].remove(row)
            self._folded.forget([row.originator_id])
        del self._rows[first:]
        self._journal.take_all_back()

    def news(self, mapper: Mapper[UUID], follower: str, topics: Sequence[str], limit: int, *, seen: int = 0) -> News:
        position, top = self.followed(follower), self._committed
        if position is None:
            return News(None, top, [])
        rows = self._after(max(position, seen), top, topics, limit)
        return News(position, top, [(row.id, mapper.to_domain_event(row)) for row in rows])

    def followed(self, follower: str) -> int | None:
        return self.tables.followers.get(follower)

    def aggregates(self, mapper: Mapper[UUID], kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        stored = {one: self.select_events(one) for one in sorted(ids)}
        found = {one: fold(None, map(mapper.to_domain_event, rows)) for one, rows in stored.items()}
        return {one: aggregate for one, aggregate in found.items() if isinstance(aggregate, kind)}

    def filling(self) -> list[UUID]:
        filling = [(row.changed, target) for target, row in self.tables.routes.items() if row.filling]
        return [target for _, target in sorted(filling)]

    @contextmanager
    def claiming(self, ids: Sequence[UUID]) -> Iterator[list[UUID]]:
        mine = [one for one in ids if one not in self._claimed]
        self._claimed.update(mine)
        try:
            yield mine
        finally:
            self._claimed.difference_update(mine)


class MemoryFactory(POPOFactory):
    def application_recorder(self) -> ApplicationRecorder:
        return MemoryRecorder()
