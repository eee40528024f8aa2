"""What a target expects, told a second time: its plans, one revision after another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from tests.domain.scratch.kinds import KINDS, Kind
from tests.domain.scratch.paces import has_profile
from tests.domain.scratch.terms import Terms


@dataclass
class Edition:
    """One of them; since and base: where a revision goes on from, and what was expected there. None: from the start."""

    terms: Terms
    since: datetime | None = None
    base: Fraction = Fraction(0)

    @property
    def kind(self) -> Kind:
        return KINDS[self.terms.words["kind"]](self.terms)

    def expected(self, at: datetime) -> Fraction:
        kind = self.kind
        if not has_profile(self.terms):
            return Fraction(0)
        if self.since is None:
            return kind.baseline + kind.span * kind.weight(at)
        gone = kind.weight(self.since)
        if gone == 1:
            return Fraction(kind.goal) if at >= self.terms.days.ends else self.base
        return self.base + (kind.goal - self.base) * (kind.weight(at) - gone) / (1 - gone)

    def share(self, at: datetime) -> Fraction:
        """W; after a revision what it comes to."""
        kind = self.kind
        if not has_profile(self.terms):
            return Fraction(0)
        if self.since is None or not kind.span:
            return kind.weight(at)
        return (self.expected(at) - kind.baseline) / kind.span


def edition_at(editions: Sequence[Edition], at: datetime) -> Edition:
    """The one that says what is expected at an instant."""
    return [one for one in editions if one.since is None or one.since <= at][-1]
