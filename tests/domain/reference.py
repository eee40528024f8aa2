"""What the ledger must come to, told a second time and as simply as possible, on the sales as published.

Nothing is posted and reversed here: every sale has a list of versions and the last one counts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

Published = dict[str, Any]
Name = tuple[str, str]
Dimensions = tuple[tuple[str, str], ...]
Shares = tuple[tuple[str, int], ...]
Figure = tuple[str, Dimensions, datetime, datetime | None, Shares]
"""What sales count by: metric, dimensions, when, when the original of a refund was, who shares them."""
Level = tuple[Name, str, Dimensions, datetime, int]
"""A measurement in force: its version's name, metric, dimensions, when, and how much."""


@dataclass
class Version:
    id: str
    metric: str
    cents: int
    at: datetime
    dimensions: dict[str, str]
    credit: Shares = ()
    original_at: datetime | None = None
    voided: bool = False
    turn: int = 0
    """The order of recording."""


@dataclass
class Reference:
    said: dict[Name, object] = field(default_factory=dict)
    names: dict[Name, Name] = field(default_factory=dict)
    kinds: dict[Name, str] = field(default_factory=dict)
    versions: dict[Name, list[Version]] = field(default_factory=dict)
    waiting: list[Published] = field(default_factory=list)
    lapsed: list[Name] = field(default_factory=list)
    turns: int = 0

    def publish(self, sale: Published) -> str:
        """Record one sale; the verdict in one word."""
        name = (sale["source"], sale["id"])
        if name in self.said:
            return "duplicate" if self.said[name] == _content(sale) else "conflict"
        verdict = self._enter(name, sale)
        if verdict in ("accepted", "waiting"):
            self.said[name] = _content(sale)
            if sale.get("kind") in ("void", "correction"):
                self.names[name] = (sale["source"], sale["corrects"])
            self._settle_waiting()
        return verdict

    def _enter(self, name: Name, sale: Published) -> str:
        kind = sale.get("kind", "sale")
        if sale.get("corrects") is None:
            self._begin(name, sale, None)
            return "accepted"
        root = self._root((sale["source"], sale["corrects"]))
        if kind != "refund" and root == name:
            return "corrects_itself"
        if root in self.versions:
            return self._apply(name, sale, root)
        if kind == "refund" and sale.get("dimensions"):
            self._begin(name, sale, None)
            return "accepted"
        self.waiting.append(sale)
        return "waiting"

    def _apply(self, name: Name, sale: Published, root: Name) -> str:
        latest = self.versions[root][-1]
        self.turns += 1
        match sale["kind"]:
            case "refund":
                self._begin(name, sale, latest)
            case "void":
                if latest.voided:
                    return "already_void"
                self.versions[root].append(replace(latest, id=sale["id"], voided=True))
            case "correction":
                if self.kinds[root] != "measurement" and Decimal(sale["amount"]) < 0:
                    return "amount_negative"
                cents, credit = _signed(self.kinds[root], sale), _shares(self.kinds[root], sale)
                says = (sale["id"], sale["metric"], cents, _instant(sale), sale.get("dimensions") or {})
                self.versions[root].append(Version(*says, credit, latest.original_at, turn=self.turns))
        return "accepted"

    def _begin(self, name: Name, sale: Published, original: Version | None) -> None:
        self.turns += 1
        kind = self.kinds[name] = sale.get("kind", "sale")
        dimensions, credit, original_at = sale.get("dimensions") or {}, _shares(kind, sale), None
        if original is not None:
            original_at = original.original_at or original.at
            if not dimensions:
                dimensions, credit = original.dimensions, credit or original.credit
        says = (sale["id"], sale["metric"], _signed(kind, sale), _instant(sale), dimensions)
        self.versions[name] = [Version(*says, credit, original_at, turn=self.turns)]

    def _root(self, name: Name) -> Name:
        while name in self.names:
            name = self.names[name]
        return name

    def _settle_waiting(self) -> None:
        """Apply the first of the waiting ones whose sale is there, until there is none."""
        while True:
            for sale in self.waiting:
                root = self._root((sale["source"], sale["corrects"]))
                if root in self.versions:
                    break
            else:
                return
            self.waiting.remove(sale)
            name = (sale["source"], sale["id"])
            if self._apply(name, sale, root) != "accepted":
                self.lapsed.append(name)

    def in_force(self, *, measured: bool) -> list[tuple[Name, Version]]:
        """The latest versions that no void took back: of measurements, or of all others."""
        latest = [(name, versions[-1]) for name, versions in self.versions.items()]
        return [
            (name, last) for name, last in latest if not last.voided and (self.kinds[name] == "measurement") == measured
        ]

    def figures(self) -> Counter[Figure]:
        """Net by all that sales count by."""
        figures: Counter[Figure] = Counter()
        for _, one in self.in_force(measured=False):
            figures[one.metric, tuple(sorted(one.dimensions.items())), one.at, one.original_at, one.credit] += one.cents
        return nonzero(figures)

    def levels(self) -> set[Level]:
        """Every measurement that stands."""
        return {
            ((source, one.id), one.metric, tuple(sorted(one.dimensions.items())), one.at, one.cents)
            for (source, _), one in self.in_force(measured=True)
        }

    def total(
        self,
        metric: str,
        begins: datetime,
        ends: datetime,
        scope: Mapping[str, Iterable[str]] | None = None,
        *,
        clawback: bool = False,
    ) -> int:
        """What a target with this metric, period and scope has. clawback: refunds count when their original was."""
        found = 0
        for _, one in self.in_force(measured=False):
            at = one.original_at or one.at if clawback else one.at
            if one.metric == metric and begins <= at < ends:
                found += within(one, scope or {})
        return found


def within(one: Version, scope: Mapping[str, Iterable[str]]) -> int:
    """What of a sale a scope takes: all, nothing, or the shares of the people that it names."""
    cents = one.cents
    for name, values in scope.items():
        if name == "rep" and one.credit:
            cents = share_of(cents, one.credit, set(values))
        elif one.dimensions.get(name, "") not in values:
            return 0
    return cents


def share_of(cents: int, shares: Shares, people: set[str]) -> int:
    """Whole cents: each share rounded down, and what is left over by one cent to the largest fractions, the first
    of equals first. What nobody is credited with has a share, too, and comes last."""
    if cents < 0:
        return -share_of(-cents, shares, people)
    everyone = [*shares, ("", 10_000 - sum(bps for _, bps in shares))]
    exact = [Fraction(cents * bps, 10_000) for _, bps in everyone]
    whole = [int(one) for one in exact]
    for index in sorted(range(len(exact)), key=lambda index: (whole[index] - exact[index], index)):
        if sum(whole) < cents:
            whole[index] += 1
    return sum(one for one, (rep, _) in zip(whole, everyone, strict=True) if rep in people)


def nonzero(figures: Counter[Figure]) -> Counter[Figure]:
    return Counter({figure: cents for figure, cents in figures.items() if cents})


def _shares(kind: str, sale: Published) -> Shares:
    """A measurement is nobody's."""
    return () if kind == "measurement" else tuple((one["rep"], one["bps"]) for one in sale.get("credit") or ())


def _signed(kind: str, sale: Published) -> int:
    cents = int(Decimal(sale["amount"]) * 100)
    return -cents if kind == "refund" else cents


def _instant(sale: Published) -> datetime:
    return datetime.fromisoformat(sale["occurred_at"]).astimezone(UTC)


def _content(sale: Published) -> object:
    said = {name: value for name, value in sale.items() if name not in ("source", "id") and value}
    if said.get("metric"):
        said["amount"] = Decimal(said["amount"])
    return said | {"occurred_at": _instant(sale), "kind": sale.get("kind", "sale")}
