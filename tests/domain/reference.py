"""What the ledger must come to, told a second time and as simply as possible, on the sales as published.

Nothing is posted and reversed here: every sale has a list of versions and the last one counts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Published = dict[str, Any]
Name = tuple[str, str]
Figure = tuple[str, tuple[tuple[str, str], ...], datetime]


@dataclass
class Version:
    metric: str
    cents: int
    at: datetime
    dimensions: dict[str, str]
    voided: bool = False


@dataclass
class Reference:
    said: dict[Name, object] = field(default_factory=dict)
    names: dict[Name, Name] = field(default_factory=dict)
    kinds: dict[Name, str] = field(default_factory=dict)
    versions: dict[Name, list[Version]] = field(default_factory=dict)
    waiting: list[Published] = field(default_factory=list)
    lapsed: list[Name] = field(default_factory=list)

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
        if sale.get("corrects") is None or (kind == "refund" and sale.get("dimensions")):
            self._begin(name, sale, sale.get("dimensions") or {})
            return "accepted"
        root = self._root((sale["source"], sale["corrects"]))
        if kind != "refund" and root == name:
            return "corrects_itself"
        if root not in self.versions:
            self.waiting.append(sale)
            return "waiting"
        return self._apply(name, sale, root)

    def _apply(self, name: Name, sale: Published, root: Name) -> str:
        latest = self.versions[root][-1]
        match sale["kind"]:
            case "refund":
                self._begin(name, sale, latest.dimensions)
            case "void":
                if latest.voided:
                    return "already_void"
                self.versions[root].append(
                    Version(latest.metric, latest.cents, latest.at, latest.dimensions, voided=True)
                )
            case "correction":
                cents = _signed(self.kinds[root], sale)
                dimensions = sale.get("dimensions") or {}
                self.versions[root].append(Version(sale["metric"], cents, _instant(sale), dimensions))
        return "accepted"

    def _begin(self, name: Name, sale: Published, dimensions: dict[str, str]) -> None:
        self.kinds[name] = sale.get("kind", "sale")
        cents = _signed(self.kinds[name], sale)
        self.versions[name] = [Version(sale["metric"], cents, _instant(sale), dimensions)]

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

    def figures(self) -> Counter[Figure]:
        """Net by metric, dimensions and instant."""
        figures: Counter[Figure] = Counter()
        for versions in self.versions.values():
            last = versions[-1]
            if not last.voided:
                figures[last.metric, tuple(sorted(last.dimensions.items())), last.at] += last.cents
        return nonzero(figures)

    def total(
        self, metric: str, begins: datetime, ends: datetime, scope: Mapping[str, Iterable[str]] | None = None
    ) -> int:
        """What a target with this metric, period and scope has."""
        found = 0
        for (name, dimensions, at), cents in self.figures().items():
            own = dict(dimensions)
            matches = all(own.get(one, "") in values for one, values in (scope or {}).items())
            if name == metric and begins <= at < ends and matches:
                found += cents
        return found


def nonzero(figures: Counter[Figure]) -> Counter[Figure]:
    return Counter({figure: cents for figure, cents in figures.items() if cents})


def _signed(kind: str, sale: Published) -> int:
    if kind == "measurement":
        return 0
    cents = int(Decimal(sale["amount"]) * 100)
    return -cents if kind == "refund" else cents


def _instant(sale: Published) -> datetime:
    return datetime.fromisoformat(sale["occurred_at"]).astimezone(UTC)


def _content(sale: Published) -> object:
    said = {name: value for name, value in sale.items() if name not in ("source", "id") and value}
    if said.get("metric"):
        said["amount"] = Decimal(said["amount"])
    return said | {"occurred_at": _instant(sale), "kind": sale.get("kind", "sale")}
