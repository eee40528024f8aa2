"""What each kind of target measures, told a second time; more kinds are added here."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from tests.domain.scratch.days import Days, Words
from tests.domain.scratch.sales import Sales


class Kind(Protocol):
    """In minor units; D = goal - baseline."""

    baseline: int
    goal: int

    def actual(self, sales: Sales, before: datetime) -> int:
        """A, at a cut-off or at the end."""

    def attained(self, sales: Sales) -> bool: ...

    def outcome(self, sales: Sales) -> str: ...


class Cumulative:
    """The net sum of what matches, since the beginning."""

    baseline = 0

    def __init__(self, words: Words, days: Days) -> None:
        self.words = words
        self.days = days
        self.goal = cents(words["goal"])

    def actual(self, sales: Sales, before: datetime) -> int:
        return sales.net(self.words, self.days.begins, before)

    def attained(self, sales: Sales) -> bool:
        return self.actual(sales, self.days.ends) >= self.goal

    def outcome(self, sales: Sales) -> str:
        over = self.actual(sales, self.days.ends) - self.goal
        return "exceeded" if over > 0 else "met" if over == 0 else "missed"


KINDS: dict[str, Callable[[Words, Days], Kind]] = {"cumulative": Cumulative}


def kind_of(words: Words, days: Days) -> Kind:
    return KINDS[words.get("kind", "cumulative")](words, days)


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


def expected(kind: Kind, weight: Fraction) -> Fraction:
    return kind.baseline + (kind.goal - kind.baseline) * weight
