"""What a roll-up is made of, resolved: the sales that its members count, and what all of them expect together.

It is kept in the roll-up's plan, so that whoever has the plan needs nothing of its members.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from uuid import UUID


@dataclass(frozen=True)
class Counted:
    """Sales that a member counts, as its plan says; instants cut to its membership and to the roll-up's period."""

    metric: str
    scope: dict[str, list[str]]
    begins: datetime
    ends: datetime
    clawback: bool = False
    under: bool = False
    factor: int | None = None
    """What a minor unit of the member is of what the roll-up counts in; None where both are the same."""


@dataclass(frozen=True)
class Member:
    """A target while it is a member; of a roll-up in a roll-up, `counted` is all that its own members count."""

    target: UUID
    begins: datetime
    ends: datetime
    counted: list[Counted]


@dataclass(frozen=True)
class Reached:
    """What is expected from an instant on, until the next: minor units, exact, such as "5" or "150000000/7"."""

    at: datetime
    value: str


@dataclass(frozen=True)
class Rolled:
    """members: those that count, in order of their ids and of time; steps: E, added up over them; empty for a ratio."""

    members: list[Member]
    steps: list[Reached]

    @property
    def goal(self) -> int:
        """What all of them expect at the end, in minor units, half-even."""
        return round(Fraction(self.steps[-1].value)) if self.steps else 0

    @cached_property
    def instants(self) -> list[datetime]:
        return [one.at for one in self.steps]

    @cached_property
    def values(self) -> list[Fraction]:
        return [Fraction(one.value) for one in self.steps]

    def expected(self, at: datetime) -> Fraction:
        """E(t), exact, in minor units."""
        passed = bisect_right(self.instants, at)
        return self.values[passed - 1] if passed else Fraction(0)


NOTHING = Rolled([], [])
"""Of a roll-up without members that count."""
