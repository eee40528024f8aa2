"""Tables in memory: rows by key, never changed in place, so whatever a transaction did to them can be taken back."""

from collections.abc import Callable, Iterator, MutableMapping
from datetime import datetime
from functools import partial
from typing import NamedTuple, TypeVar
from uuid import UUID

from domain.agenda import Errand
from domain.metric import Metric
from domain.sale import Key
from domain.untold import Refusal

K = TypeVar("K")
V = TypeVar("V")


class Journal:
    """How to take back what the transaction under way has done."""

    def __init__(self) -> None:
        self._undoing: list[Callable[[], None]] = []

    def note(self, undo: Callable[[], None]) -> None:
        self._undoing.append(undo)

    def keep_all(self) -> None:
        self._undoing.clear()

    def take_all_back(self) -> None:
        while self._undoing:
            self._undoing.pop()()


class Table(MutableMapping[K, V]):
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        return self._rows[key]

    def __setitem__(self, key: K, row: V) -> None:
        self._note(key)
        self._rows[key] = row

    def __delitem__(self, key: K) -> None:
        self._note(key)
        del self._rows[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, key: K, row: V) -> None:
        """As an INSERT does: a key that is there already is a mistake."""
        assert key not in self._rows, f"{key} is there already"
        self[key] = row

    def _note(self, key: K) -> None:
        if key in self._rows:
            self._journal.note(partial(self._rows.__setitem__, key, self._rows[key]))
        else:
            self._journal.note(partial(self._rows.__delitem__, key))


class IdentityRow(NamedTuple):
    content: bytes
    batch: UUID
    root: str


class VersionRow(NamedTuple):
    kind: str
    id: str
    batch: UUID


class WaitingRow(NamedTuple):
    root: str
    turn: int
    batch: UUID


class MetricRow(NamedTuple):
    metric: Metric
    changed: int


class RouteRow(NamedTuple):
    changed: int
    filling: bool


class MilestoneRow(NamedTuple):
    turn: int
    target: UUID
    by_value: bool


class MembershipRow(NamedTuple):
    turn: int
    parent: UUID
    member: UUID


class AgendaRow(NamedTuple):
    target: UUID
    due: datetime
    since: datetime | None


class Tables:
    """What stands beside the log: see `projections.tables`."""

    def __init__(self, journal: Journal) -> None:
        self.identities = Table[Key, IdentityRow](journal)
        self.versions = Table[Key, VersionRow](journal)
        """By the sale's root."""
        self.waiting = Table[Key, WaitingRow](journal)
        self.refusals = Table[int, tuple[Refusal, datetime]](journal)
        self.metrics = Table[str, MetricRow](journal)
        self.routes = Table[UUID, RouteRow](journal)
        self.routing = Table[str, int](journal)
        self.milestones = Table[UUID, MilestoneRow](journal)
        self.memberships = Table[UUID, MembershipRow](journal)
        self.agenda = Table[tuple[UUID, Errand, int], AgendaRow](journal)
        """By subject, errand and number."""
        self.evaluated = Table[UUID, datetime | None](journal)
        """Without a cut-off: no sale is late for this target any more."""
        self.followers = Table[str, int](journal)
