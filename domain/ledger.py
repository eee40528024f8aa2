"""The ledger: what was sold, refunded, voided and corrected, in order of recording. Nothing in it is edited."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventsourcing.domain import AggregateEvent

from domain.sale import Key, Sale, canonical_of, content_of, size_of

ENTRIES_MAX = 1_000
BATCH_BYTES_MAX = 512 * 1024
"""One ledger event holds at most this many entries and bytes."""


@dataclass(slots=True)
class Posting:
    """An amount that counts: signed minor units, at an instant, by the dimensions that it matches by."""

    source: str
    id: str
    metric: str
    amount: int
    occurred_at: datetime
    dimensions: dict[str, str]


@dataclass(slots=True)
class Reversal:
    """What a void or correction takes back: the version before it, with its sign."""

    metric: str
    amount: int
    occurred_at: datetime
    dimensions: dict[str, str]


@dataclass(slots=True)
class Entry:
    """One line of the ledger: the sale as published, and what it does to the figures."""

    source: str
    id: str
    kind: str
    metric: str
    unit: str
    amount: int
    occurred_at: datetime
    dimensions: dict[str, str]
    corrects: str | None = None
    credit: list[dict[str, Any]] | None = None
    counts: int | None = None
    """What it adds, signed minor units; None when it adds nothing itself (void, measurement, waiting)."""
    inherited: dict[str, str] | None = None
    """The original's dimensions, for a refund that gives none of its own."""
    reverses: Reversal | None = None
    state: str | None = None
    """None, "waiting" (its sale is not known yet), "applied" (its sale came) or "lapsed" (it no longer applied)."""

    @property
    def key(self) -> Key:
        return Key(self.source, self.id)

    @property
    def content(self) -> bytes:
        """The hash of what was published, as `Sale.content`."""
        return content_of(self._canonical())

    @property
    def size(self) -> int:
        """About how many bytes it takes in the log, with what it reverses or inherits."""
        also = [self.inherited or {}, self.reverses.dimensions if self.reverses is not None else {}]
        texts = sum(len(name) + 2 * len(text.encode()) + 6 for one in also for name, text in one.items())
        return size_of(self._canonical(), self.key, len(self.dimensions) + 4 * len(self.credit or ())) + texts + 200

    def _canonical(self) -> bytes:
        return canonical_of(
            self.metric,
            self.unit,
            self.amount,
            self.occurred_at,
            self.kind,
            self.corrects,
            self.credit,
            self.dimensions,
        )

    @property
    def matches_by(self) -> dict[str, str]:
        return self.dimensions if self.inherited is None else self.inherited

    def postings(self) -> Iterator[Posting]:
        """What it adds to the figures, and what it takes back from them."""
        if self.reverses is not None:
            back = self.reverses
            yield Posting(self.source, self.id, back.metric, back.amount, back.occurred_at, back.dimensions)
        if self.counts is not None:
            yield Posting(self.source, self.id, self.metric, self.counts, self.occurred_at, self.matches_by)

    def stored(self) -> dict[str, Any]:
        """The JSON object in the log: what is None is left out."""
        line: dict[str, Any] = {
            "source": self.source,
            "id": self.id,
            "kind": self.kind,
            "metric": self.metric,
            "unit": self.unit,
            "amount": self.amount,
            "occurred_at": self.occurred_at,
            "dimensions": self.dimensions,
        }
        if self.counts is not None:
            line["counts"] = self.counts
        if self.corrects is not None:
            line["corrects"] = self.corrects
        if self.credit is not None:
            line["credit"] = self.credit
        if self.inherited is not None:
            line["inherited"] = self.inherited
        if self.reverses is not None:
            line["reverses"] = self.reverses
        if self.state is not None:
            line["state"] = self.state
        return line


def entry_of(
    sale: Sale, counts: int | None = None, inherited: dict[str, str] | None = None, state: str | None = None
) -> Entry:
    """The line for a sale, and what it does."""
    source, name = sale.key
    return Entry(
        source,
        name,
        sale.kind,
        sale.metric,
        sale.unit,
        sale.amount,
        sale.occurred_at,
        sale.dimensions,
        sale.corrects,
        sale.credit,
        counts,
        inherited,
        None,
        state,
    )


class SalesRecorded(AggregateEvent):
    """A batch of sales entered the ledger, in a stream of its own: id = batch id, version 1."""

    TOPIC = "ledger.sales_recorded"

    by: str
    entries: list[Entry]
