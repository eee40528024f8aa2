"""How a sale enters the ledger: new, known already, in conflict, waiting for another, or replacing one.

A void or correction replaces the latest version of the sale that it names; any version's id names the sale.
The first version's id is the sale's *root*. One that names a sale not yet seen waits under that root and counts
nothing; it is applied in the transaction that records its sale. Versions follow the order of recording.
A refund is a sale of its own, with versions of its own: what it names decides how and when it counts, no more.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.ledger import Credit, Entry, Reversal, bare, entry_of
from domain.refusal import Refused
from domain.sale import Key, Sale


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    WAITING = "waiting"
    DUPLICATE = "duplicate"


@dataclass(slots=True)
class Identity:
    """A key that the ledger knows: the hash of its content, and the root of the sale that it belongs to."""

    content: bytes
    root: str


@dataclass(slots=True)
class Version:
    """The latest version of a sale. `kind` is the root's: a corrected refund stays a refund."""

    kind: str
    entry: Entry

    @property
    def reversal(self) -> Reversal | None:
        """What takes it back; None when a void already did."""
        return self.entry.reversal

    @property
    def voided(self) -> bool:
        return self.entry.kind == "void"

    @property
    def _counted(self) -> Reversal | None:
        """What it counts, as its reversal has it; of a void, what it counted before."""
        return self.entry.reverses if self.voided else self.entry.reversal

    @property
    def dimensions(self) -> dict[str, str]:
        return self.entry.matches_by if (counted := self._counted) is None else counted.dimensions

    @property
    def credited(self) -> Credit | None:
        return None if (counted := self._counted) is None else counted.credit

    @property
    def original_at(self) -> datetime | None:
        """Of a refund of a known sale: when that occurred."""
        return None if (counted := self._counted) is None else counted.original_at

    @property
    def occurred_at(self) -> datetime | None:
        """When the sale occurred; of a refund of a known sale, that one. None when a void hides it."""
        if (counted := self._counted) is None:
            return None if self.voided else self.entry.occurred_at
        return counted.original_at or counted.occurred_at


@dataclass(slots=True)
class Waiting:
    """A ledger entry that counts nothing until its sale comes; `turn` orders them by recording."""

    turn: int
    entry: Entry


@dataclass(slots=True)
class Book:
    """What is known of the keys at hand, kept up to date while a batch is settled.

    Whoever fills it puts in: the identity of every key of the batch and every key that one names; the latest
    version of the sales so named; what waits for any of these; and the next free turn of waiting. What changed
    is in `new`, `moved`, `replaced`, `now_waiting` (with the root) and `done_waiting`, for the caller to store.
    """

    identities: dict[Key, Identity] = field(default_factory=dict)
    versions: dict[Key, Version] = field(default_factory=dict)
    waiting: dict[Key, list[Waiting]] = field(default_factory=dict)
    next_turn: int = 1

    new: dict[Key, Identity] = field(default_factory=dict)
    moved: dict[Key, str] = field(default_factory=dict)
    replaced: dict[Key, Version] = field(default_factory=dict)
    now_waiting: dict[Key, tuple[Key, Waiting]] = field(default_factory=dict)
    done_waiting: set[Key] = field(default_factory=set)

    def admit(self, key: Key, content: bytes, root: str) -> None:
        identity = Identity(content, root)
        self.identities[key] = identity
        self.new[key] = identity

    def count(self, root: Key, kind: str, entry: Entry) -> None:
        """The sale's latest version is now this entry."""
        version = Version(kind, entry)
        if root in self.versions or entry.state == "applied":
            self.replaced[root] = version
        self.versions[root] = version

    def wait(self, root: Key, waiting: Waiting) -> None:
        self.waiting.setdefault(root, []).append(waiting)
        self.now_waiting[waiting.entry.key] = root, waiting

    def move_waiting(self, old: Key, new: Key) -> None:
        """What waited for a version of a sale waits for the sale: the version's own root is known now."""
        for waiting in self.waiting.pop(old, []):
            self.wait(new, waiting)
            if waiting.entry.kind != "refund":
                self.identities[waiting.entry.key].root = new.id
                self.moved[waiting.entry.key] = new.id

    def take_waiting(self, root: Key) -> list[Entry]:
        """What waited for this sale, in order of recording."""
        entries = [one.entry for one in sorted(self.waiting.pop(root, []), key=lambda one: one.turn)]
        for entry in entries:
            if self.now_waiting.pop(entry.key, None) is None or entry.key not in self.new:
                self.done_waiting.add(entry.key)
        return entries


class Lapse(NamedTuple):
    """A sale that was accepted as waiting and no longer applied when its sale came, and why."""

    key: Key
    code: str
    detail: str


@dataclass(slots=True)
class Settled:
    """What one sale came to: its verdict, the ledger entries in order, and the waiting ones that lapsed by it."""

    verdict: Verdict
    entries: list[Entry] = field(default_factory=list)
    lapsed: list[Lapse] = field(default_factory=list)


def settle(sale: Sale, book: Book) -> Settled:
    """Decide one sale against the book, and bring the book up to date; Refused leaves the book as it was."""
    known = book.identities.get(sale.key)
    if known is not None:
        if known.content == sale.content:
            return Settled(Verdict.DUPLICATE)
        raise Refused(
            "conflict",
            f"{sale.key.source} has recorded another sale as {sale.key.id}; to change it, send a correction",
            "/id",
        )
    if sale.corrects is not None:
        return _settle_naming(sale, sale.corrects, book)
    return _record_root(sale, None, book)


def act(entry: Entry, named: Version | None) -> None:
    """Put into the line what it does; `named`: the latest version of the sale that it names, where that is known.

    A void takes that version back, and a correction puts its own in its place: a corrected refund stays a refund, of
    the same original. A refund counts by what its original says, as far as it does not say so itself.
    """
    kind = entry.kind
    if kind in ("void", "correction"):
        assert named is not None
        entry.reverses = named.reversal
        if kind == "void":
            if entry.reverses is None:
                # A measurement of the time before levels counted: the dimensions that a refund may yet inherit.
                entry.inherited = named.dimensions
            return
        kind = named.kind
        entry.original_at = named.original_at
    if kind == "measurement":
        entry.level = entry.amount
        return
    entry.counts = -entry.amount if kind == "refund" else entry.amount
    if entry.credit:
        entry.credited = entry.credit
    if entry.kind == "refund" and named is not None:
        entry.original_at = named.occurred_at
        if not entry.dimensions:
            entry.inherited = named.dimensions
            if not entry.credit:
                entry.credited = named.credited


def _record_root(sale: Sale, original: Version | None, book: Book) -> Settled:
    entry = entry_of(sale)
    act(entry, original)
    book.admit(sale.key, sale.content, sale.key.id)
    book.count(sale.key, sale.kind, entry)
    settled = Settled(Verdict.ACCEPTED, [entry])
    if book.waiting:
        _apply_waiting(sale.key, book, settled)
    return settled


def _settle_naming(sale: Sale, names: str, book: Book) -> Settled:
    named = book.identities.get(Key(sale.key.source, names))
    root = Key(sale.key.source, names if named is None else named.root)
    latest = book.versions.get(root)
    if sale.kind == "refund":
        if latest is None and not sale.dimensions:
            return _wait(sale, root, sale.key, book)
        return _record_root(sale, latest, book)
    if root == sale.key:
        raise Refused("corrects_itself", f"{names} waits for {sale.key.id} itself: neither has a sale", "/corrects")
    if latest is None:
        settled = _wait(sale, root, root, book)
        book.move_waiting(sale.key, root)
        return settled
    entry = entry_of(sale)
    _replace(entry, root, latest, book)
    book.admit(sale.key, sale.content, root.id)
    book.move_waiting(sale.key, root)
    settled = Settled(Verdict.ACCEPTED, [entry])
    _apply_waiting(root, book, settled)
    return settled


def _wait(sale: Sale, waits_for: Key, root: Key, book: Book) -> Settled:
    entry = entry_of(sale, state="waiting")
    book.admit(sale.key, sale.content, root.id)
    book.wait(waits_for, Waiting(book.next_turn, entry))
    book.next_turn += 1
    return Settled(Verdict.WAITING, [entry])


def _replace(entry: Entry, root: Key, latest: Version, book: Book) -> None:
    """Make the void or correction the sale's latest version, or refuse it."""
    if entry.kind == "void" and latest.voided:
        raise Refused("already_void", f"{root.id} is void already; only a correction can follow a void", "/corrects")
    if entry.kind == "correction" and entry.amount < 0 and latest.kind != "measurement":
        detail = f"{root.id} is a {latest.kind}, whose amount is never below 0: only a level may be"
        raise Refused("amount_negative", detail, "/amount")
    act(entry, latest)
    book.count(root, latest.kind, entry)


def _apply_waiting(root: Key, book: Book, settled: Settled) -> None:
    """Apply what waited for this sale, in order of recording, and what waited for that in turn."""
    recorded = deque([root])
    while recorded:
        key = recorded.popleft()
        for waited in book.take_waiting(key):
            entry = bare(waited, state="applied")
            latest = book.versions[key]
            try:
                if entry.kind == "refund":
                    act(entry, latest)
                    book.count(entry.key, "refund", entry)
                    recorded.append(entry.key)
                else:
                    _replace(entry, key, latest, book)
            except Refused as refused:
                entry.state = "lapsed"
                settled.lapsed.append(Lapse(entry.key, refused.code, refused.detail))
            settled.entries.append(entry)


def naming(sales: Iterable[Sale]) -> set[Key]:
    """The keys that these sales name: whoever fills a Book looks them up."""
    return {Key(sale.key.source, sale.corrects) for sale in sales if sale.corrects is not None}
