"""A ledger in memory, and the words of those who publish to it: given what was recorded, when more comes, then."""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.ledger import Entry, Posting
from domain.metric import metric_in
from domain.refusal import Refused
from domain.sale import Key, Sale, sale_of
from domain.settlement import Book, Identity, Version, Waiting, naming, settle
from tests.domain.reference import Figure, Level, Published, nonzero
from tests.words import NOW, sale

EMEA, US = {"region": "emea"}, {"region": "us"}
FIRST_DAY, SECOND_DAY = "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"


def read(fields: Published) -> Sale:
    return sale_of(fields, NOW, lambda metric, unit: metric_in({}, metric, unit).exponent)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass
class Shelf:
    """A ledger in memory. It hands out books that hold what a Book's description promises, and not a key more."""

    identities: dict[Key, Identity] = field(default_factory=dict)
    versions: dict[Key, Version] = field(default_factory=dict)
    waiting: dict[Key, tuple[Key, Waiting]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    lapsed: list[Key] = field(default_factory=list)

    def book(self, sales: list[Sale]) -> Book:
        named = naming(sales)
        wanted = {one.key for one in sales} | named
        book = Book({key: self.identities[key] for key in wanted & self.identities.keys()})
        roots = set(wanted)
        while roots:
            found = [(root, one) for root, one in self.waiting.values() if root in roots]
            for root, one in found:
                book.waiting.setdefault(root, []).append(one)
                book.identities[one.entry.key] = self.identities[one.entry.key]
            roots = {one.entry.key for _, one in found} - book.waiting.keys()
        for key in named & self.identities.keys():
            root = Key(key.source, self.identities[key].root)
            if root in self.versions:
                book.versions[root] = self.versions[root]
        book.next_turn = max((one.turn for _, one in self.waiting.values()), default=0) + 1
        return deepcopy(book)

    def keep(self, book: Book) -> None:
        self.identities |= book.new
        for key, root in book.moved.items():
            self.identities[key].root = root
        recorded = {key: version for key, version in book.versions.items() if key in book.new}
        self.versions |= recorded | book.replaced
        for key in book.done_waiting:
            del self.waiting[key]
        self.waiting |= book.now_waiting

    def record(self, *published: Published) -> list[str]:
        """Settle one batch and keep what it came to; the verdicts."""
        sales = [read(one) for one in published]
        book = self.book(sales)
        verdicts = []
        for one in sales:
            before = deepcopy(book)
            try:
                settled = settle(one, book)
            except Refused as refused:
                assert book == before, "a refused sale leaves the book as it was"
                verdicts.append(refused.code)
                continue
            self.entries += settled.entries
            self.lapsed += [lapse.key for lapse in settled.lapsed]
            verdicts.append(str(settled.verdict))
        self.keep(book)
        return verdicts

    @property
    def postings(self) -> list[Posting]:
        return [posting for entry in self.entries for posting in entry.postings()]

    @property
    def figures(self) -> Counter[Figure]:
        figures: Counter[Figure] = Counter()
        for one in self.postings:
            if not one.level:
                shares = tuple((share["rep"], share["bps"]) for share in one.credit or ())
                dimensions = tuple(sorted(one.dimensions.items()))
                figures[one.metric, dimensions, one.occurred_at, one.original_at, shares] += one.amount
        return nonzero(figures)

    @property
    def levels(self) -> set[Level]:
        """The measurements that stand, each taken back as it was said."""
        standing: set[Level] = set()
        for one in self.postings:
            if one.level:
                name = one.source, one.withdraws or one.id
                level = name, one.metric, tuple(sorted(one.dimensions.items())), one.occurred_at, one.amount
                if one.withdraws is None:
                    standing.add(level)
                else:
                    standing.remove(level)
        return standing

    def net(self, **dimensions: str) -> int:
        """What counts by exactly these dimensions, in cents."""
        return sum(
            amount for (_, found, *_), amount in self.figures.items() if found == tuple(sorted(dimensions.items()))
        )


def given(*published: Published) -> Shelf:
    """A ledger into which these were recorded, each in a batch of its own."""
    shelf = Shelf()
    for one in published:
        shelf.record(one)
    return shelf


def correction(id: str, corrects: str, amount: str = "10.00", **fields: Any) -> Published:
    return sale(id, amount, kind="correction", corrects=corrects, **fields)


def refund(id: str, amount: str, **fields: Any) -> Published:
    return sale(id, amount, kind="refund", **fields)
