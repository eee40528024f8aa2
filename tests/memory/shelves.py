"""What makes a sale count once, in memory: hands out a Book with what its description promises, and not a key more."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from domain.ledger import Entry
from domain.sale import Key
from domain.settlement import Book, Identity, Version, Waiting
from tests.memory.tables import IdentityRow, Tables, VersionRow, WaitingRow

Entries = Callable[[UUID], Iterable[Entry]]
"""The lines of a batch, as the log has them."""


class Shelves:
    def __init__(self, tables: Tables, entries_of: Entries) -> None:
        self._identities = tables.identities
        self._versions = tables.versions
        self._waiting = tables.waiting
        self._entries_of = entries_of

    def book(self, keys: Iterable[Key], named: Iterable[Key]) -> Book:
        named = set(named)
        wanted = {*keys, *named}
        book = Book()
        self._put_identities(wanted, book)
        book.next_turn = max((row.turn for row in self._waiting.values()), default=0) + 1
        self._put_waiting(wanted, book)
        roots = {Key(key.source, book.identities[key].root) for key in named & book.identities.keys()}
        self._put_identities(roots - book.identities.keys(), book)
        for root in roots:
            if (version := self._version(root)) is not None:
                book.versions[root] = version
        return book

    def _put_identities(self, keys: Iterable[Key], book: Book) -> None:
        for key in keys:
            if (row := self._identities.get(key)) is not None:
                book.identities[key] = Identity(row.content, row.root)

    def _put_waiting(self, wanted: set[Key], book: Book) -> None:
        """What waits for these sales, and for what waits for them, whose identities come into the book too."""
        roots = set(wanted) if self._waiting else set()
        while roots:
            waiting = [(key, row) for key, row in self._waiting.items() if Key(key.source, row.root) in roots]
            for key, row in waiting:
                one = Waiting(row.turn, self._entry(key, row.batch))
                book.waiting.setdefault(Key(key.source, row.root), []).append(one)
            found = {key for key, _ in waiting}
            self._put_identities(found - book.identities.keys(), book)
            roots = found - book.waiting.keys()

    def _version(self, root: Key) -> Version | None:
        """The latest version of a sale; None for one that only waits."""
        if (row := self._versions.get(root)) is not None:
            return Version(row.kind, self._entry(Key(root.source, row.id), row.batch))
        if (identity := self._identities.get(root)) is None:
            return None
        entry = self._entry(root, identity.batch)
        return None if entry.state == "waiting" else Version(entry.kind, entry)

    def _entry(self, key: Key, batch: UUID) -> Entry:
        return [one for one in self._entries_of(batch) if one.key == key][-1]

    def keep(self, book: Book, recorded_in: Mapping[Key, UUID], latest_in: Mapping[Key, UUID]) -> None:
        for key, identity in book.new.items():
            self._identities.add(key, IdentityRow(identity.content, recorded_in[key], identity.root))
        for key, root in book.moved.items():
            self._identities[key] = self._identities[key]._replace(root=root)
        for key, version in book.replaced.items():
            kind = known.kind if (known := self._versions.get(key)) is not None else version.kind
            self._versions[key] = VersionRow(kind, version.entry.id, latest_in[version.entry.key])
        for key in book.done_waiting:
            self._waiting.pop(key, None)
        for key, (root_key, waiting) in book.now_waiting.items():
            if key in book.new:
                self._waiting.add(key, WaitingRow(root_key.id, waiting.turn, recorded_in[key]))
            else:
                self._waiting[key] = self._waiting[key]._replace(root=root_key.id)
