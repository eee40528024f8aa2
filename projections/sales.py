"""The sales index: where in the log each batch of sales stands and which time it spans.

A sale is found by its identity, which names its batch, and the batch by this index.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.facts import LEDGER_TOPICS
from projections.view import View


@dataclass(frozen=True)
class SaleBatch:
    """When a batch was recorded, how many entries it has, and the first and last business time in it."""

    recorded_at: datetime
    entries: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Line:
    occurred_at: datetime


@dataclass(frozen=True)
class Batch:
    """What the index looks at in a SalesRecorded; to read the rest of every sale costs seven times as much."""

    originator_id: UUID
    timestamp: datetime
    entries: list[Line]


def evolve(row: SaleBatch | None, fact: object) -> SaleBatch | None:
    match fact:
        case Batch(timestamp=recorded_at, entries=entries):
            times = [entry.occurred_at for entry in entries]
            return SaleBatch(recorded_at, len(entries), min(times), max(times))
    return row


SALE_BATCHES = View("sale_batches", SaleBatch, evolve, LEDGER_TOPICS, page=50, reads_as=Batch)
