"""All that was published, as it stands at one moment."""

from datetime import datetime

from tests.domain.reference import Reference, Version, within
from tests.domain.scratch.days import Words


class Sales:
    def __init__(self, published: Reference) -> None:
        self.counted = [one for _, one in published.in_force(measured=False)]
        self.levels = sorted((one for _, one in published.in_force(measured=True)), key=lambda one: (one.at, one.turn))
        sums = (versions for name, versions in published.versions.items() if published.kinds[name] != "measurement")
        self.ever = [one for versions in sums for one in versions]
        """Every version that there ever was, taken back or not."""

    def net(self, words: Words, begins: datetime, before: datetime, *, clawback: bool = False) -> int:
        """Of the metric and scope of these words, from an instant until before another."""
        return sum(
            within(one, words.get("scope") or {})
            for one in self.counted
            if one.metric == words["metric"] and begins <= counts_at(one, clawback=clawback) < before
        )

    def level(self, words: Words, begins: datetime, before: datetime) -> int | None:
        """The latest that was measured."""
        found = [
            one.cents
            for one in self.levels
            if one.metric == words["metric"] and begins <= one.at < before and in_scope(one, words)
        ]
        return found[-1] if found else None


def counts_at(one: Version, *, clawback: bool) -> datetime:
    return one.original_at or one.at if clawback else one.at


def in_scope(one: Version, words: Words) -> bool:
    """Whether any of it is, be it nothing."""
    reps = {rep for rep, _ in one.credit}
    return all(
        bool(reps & set(values)) if name == "rep" and reps else one.dimensions.get(name) in values
        for name, values in (words.get("scope") or {}).items()
    )
