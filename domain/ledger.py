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


Credit = list[dict[str, Any]]
"""Shares of {"rep", "bps"}, at most 10,000 basis points together."""


@dataclass(slots=True)
class Posting:
    """An amount that counts: signed minor units, at an instant, by the dimensions that it matches by."""

    source: str
    id: str
    metric: str
    amount: int
    occurred_at: datetime
    dimensions: dict[str, str]
    original_at: datetime | None = None
    """Of a refund: when the sale that it names occurred, where that was known. Some targets count it then."""
    credit: Credit | None = None
    """Among whom it is split, for targets that name reps."""
    level: bool = False
    """Whether the amount is a measured level, which adds to no sum."""
    withdraws: str | None = None
    """The id of the measurement, of the same source, that is taken back; the amount is the level that it said."""
    under: bool = False
    """Whether it counts in the denominator of a ratio."""


@dataclass(slots=True)
class Reversal:
    """What a void or correction takes back: the version before it, with the opposite sign; a level as it was."""

    metric: str
    amount: int
    occurred_at: datetime
    dimensions: dict[str, str]
    original_at: datetime | None = None
    credit: Credit | None = None
    withdraws: str | None = None
    """The id of the version, where that said a level."""


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
    credit: Credit | None = None
    counts: int | None = None
    """What it adds, signed minor units; None when it adds nothing itself (void, measurement, waiting)."""
    inherited: dict[str, str] | None = None
    """The original's dimensions, for a refund that gives none of its own."""
    reverses: Reversal | None = None
    state: str | None = None
    """None, "waiting" (its sale is not known yet), "applied" (its sale came) or "lapsed" (it no longer applied)."""
    credited: Credit | None = None
    """Among whom what it adds is split: its own credit, or the original's for a refund that gives neither dimensions
    nor credit. None, too, in what was recorded before credit counted."""
    original_at: datetime | None = None
    """When the original occurred, for a refund of a sale that was known."""
    level: int | None = None
    """What a measurement, or the correction of one, says. None, too, in what was recorded before levels counted."""

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
        back = self.reverses
        also = [self.inherited or {}, back.dimensions if back is not None else {}]
        texts = sum(len(name) + 2 * len(text.encode()) + 6 for one in also for name, text in one.items())
        credits = [self.credited or [], (back.credit or []) if back is not None else []]
        shares = sum(2 * len(share["rep"].encode()) + 24 for one in credits for share in one)
        withdrawn = 4 * len(back.withdraws or "") if back is not None else 0
        own = size_of(self._canonical(), self.key, len(self.dimensions) + 4 * len(self.credit or ()))
        return own + texts + shares + withdrawn + 400

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
    def plain(self) -> bool:
        """Whether it is the sale as published and nothing else."""
        return self.reverses is None and self.inherited is None and self.credited is None and self.original_at is None

    @property
    def matches_by(self) -> dict[str, str]:
        return self.dimensions if self.inherited is None else self.inherited

    @property
    def reversal(self) -> Reversal | None:
        """What takes back what it adds; None when it adds nothing."""
        if self.level is not None:
            return Reversal(self.metric, self.level, self.occurred_at, self.dimensions, withdraws=self.id)
        if self.counts is None:
            return None
        return Reversal(self.metric, -self.counts, self.occurred_at, self.matches_by, self.original_at, self.credited)

    def postings(self) -> Iterator[Posting]:
        """What it takes back from the figures, and what it adds to them."""
        if self.reverses is not None:
            yield self._taken_back(self.reverses)
        if (added := self.added()) is not None:
            yield added

    def added(self) -> Posting | None:
        """What it adds to the figures, if anything."""
        if self.counts is not None:
            return Posting(
                self.source,
                self.id,
                self.metric,
                self.counts,
                self.occurred_at,
                self.dimensions if self.inherited is None else self.inherited,
                self.original_at,
                self.credited,
            )
        if self.level is not None:
            return Posting(self.source, self.id, self.metric, self.level, self.occurred_at, self.dimensions, level=True)
        return None

    def _taken_back(self, back: Reversal) -> Posting:
        return Posting(
            self.source,
            self.id,
            back.metric,
            back.amount,
            back.occurred_at,
            back.dimensions,
            back.original_at,
            back.credit,
            level=back.withdraws is not None,
            withdraws=back.withdraws,
        )

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
        if self.level is not None:
            line["level"] = self.level
        if self.corrects is not None:
            line["corrects"] = self.corrects
        if self.credit is not None:
            line["credit"] = self.credit
        if self.inherited is not None:
            line["inherited"] = self.inherited
        if self.credited is not None:
            line["credited"] = self.credited
        if self.original_at is not None:
            line["original_at"] = self.original_at
        if self.reverses is not None:
            line["reverses"] = self.reverses
        if self.state is not None:
            line["state"] = self.state
        return line


def entry_of(sale: Sale, state: str | None = None) -> Entry:
    """The line for a sale, which does nothing yet."""
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
        state=state,
    )


def bare(entry: Entry, state: str | None = None) -> Entry:
    """The same line again, without what it does."""
    return Entry(
        entry.source,
        entry.id,
        entry.kind,
        entry.metric,
        entry.unit,
        entry.amount,
        entry.occurred_at,
        entry.dimensions,
        entry.corrects,
        entry.credit,
        state=state,
    )


class SalesRecorded(AggregateEvent):
    """A batch of sales entered the ledger, in a stream of its own: id = batch id, version 1."""

    TOPIC = "ledger.sales_recorded"

    by: str
    entries: list[Entry]
