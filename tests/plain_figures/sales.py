"""From a file of sales to the net of each local day."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Key = tuple[str, str]


@dataclass(frozen=True)
class Counted:
    """A sale as it stands in the end; a refund's amount is negative, in minor units."""

    metric: str
    amount: int
    occurred_at: datetime
    said: dict[str, Any]


def read_lines(path: Path) -> Iterator[str]:
    """The lines of an NDJSON file, gzipped or not."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        yield from file


def standing_sales(lines: Iterable[str], exponent: int = 2) -> list[Counted]:
    """What is left after duplicates, voids and corrections, in whichever order they come."""
    book = Book(exponent)
    for line in lines:
        if line.strip():
            book.record(json.loads(line))
    return [sale for sale in book.standing.values() if sale is not None]


class Book:
    def __init__(self, exponent: int) -> None:
        self.exponent = exponent
        self.first: dict[Key, Key] = {}  # any version's key: the key of the sale's first version
        self.sign: dict[Key, int] = {}  # by the first version's key, as all below
        self.standing: dict[Key, Counted | None] = {}
        self.waiting: dict[Key, list[dict[str, Any]]] = defaultdict(list)  # by the key that is not there yet

    def record(self, said: dict[str, Any]) -> None:
        key = (said["source"], said["id"])
        if key in self.first:
            return  # the same again is a duplicate, other content a conflict: the first one counts
        match said.get("kind", "sale"):
            case "sale" | "refund" as kind:
                self.first[key] = key
                self.sign[key] = -1 if kind == "refund" else 1
                self.standing[key] = self.counted(said, key)
            case "void" | "correction" as kind:
                named = (said["source"], said["corrects"])
                if named not in self.first:
                    self.waiting[named].append(said)
                    return
                first = self.first[named]
                if kind == "void" and self.standing[first] is None:
                    return  # already void: refused, and leaves no identity
                self.first[key] = first
                self.standing[first] = None if kind == "void" else self.counted(said, first)
            case kind:
                raise ValueError(f"{key}: a {kind} has no net to sum")
        for late in self.waiting.pop(key, []):
            self.record(late)

    def counted(self, said: dict[str, Any], first: Key) -> Counted:
        """A correction of a refund is a refund."""
        amount = self.sign[first] * minor(said["amount"], self.exponent)
        return Counted(said["metric"], amount, datetime.fromisoformat(said["occurred_at"]), said)


def minor(amount: str, exponent: int = 2) -> int:
    """Whole cents of dollars, as "19.99" is 1999."""
    whole = Decimal(amount).scaleb(exponent)
    if whole != int(whole):
        raise ValueError(f"{amount} has more than {exponent} places")
    return int(whole)


def net_by_day(
    sales: Iterable[Counted], zone: ZoneInfo, metric: str = "revenue", scope: dict[str, set[str]] | None = None
) -> dict[date, int]:
    """The net of each local day, in minor units, of one metric and what matches the scope."""
    net: dict[date, int] = defaultdict(int)
    for sale in sales:
        if sale.metric == metric and matches(sale.said, scope or {}):
            net[day_of(sale.occurred_at, zone)] += sale.amount
    return dict(net)


def matches(said: dict[str, Any], scope: dict[str, set[str]]) -> bool:
    dimensions = said.get("dimensions", {})
    if scope and ("credit" in said or (said.get("kind") == "refund" and "corrects" in said and not dimensions)):
        raise ValueError(f"{said['id']}: split credit, and refunds that match by another sale, are not worked out here")
    return all(dimensions.get(dimension) in values for dimension, values in scope.items())


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The local day that an instant belongs to: days begin at their midnight, and exactly midnight is the new day's."""
    day = instant.astimezone(zone).date()
    # Where clocks go back over midnight, 23:01 comes a second time after the midnight that began the new day.
    tomorrow = day + timedelta(days=1)
    return tomorrow if midnight(tomorrow, zone) <= instant else day


@cache
def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Of two midnights the earlier one."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
