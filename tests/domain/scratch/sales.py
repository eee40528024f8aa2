"""All that was published, as it stands at one moment."""

from datetime import datetime

from tests.domain.reference import Reference, Version, within
from tests.domain.scratch.days import Words


class Sales:
    def __init__(self, published: Reference) -> None:
        self.counted = [one for _, one in published.in_force(measured=False)]

    def net(self, words: Words, begins: datetime, before: datetime) -> int:
        """Of the metric and scope of these words, from an instant until before another."""
        by_original = words.get("refunds") == "clawback"
        return sum(
            within(one, words.get("scope") or {})
            for one in self.counted
            if one.metric == words["metric"] and begins <= _counts_at(one, by_original) < before
        )


def _counts_at(one: Version, by_original: bool) -> datetime:
    return one.original_at or one.at if by_original else one.at
