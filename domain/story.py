"""What a message is made of: a fact at its position, and what it is about as that stands now."""

from dataclasses import dataclass
from typing import Any

from domain.milestone import Milestone
from domain.money import shown
from domain.plan import Plan
from domain.target import Target
from domain.wording import said_amount


@dataclass(frozen=True)
class Story:
    """What a message is made of: a fact at its position, and what it is about as that stands now."""

    position: int
    type: str
    fact: Any
    target: Target
    milestone: Milestone | None = None
    previous: str | None = None
    """The status at the checkpoint before."""

    @property
    def plan(self) -> Plan:
        return self.target.plan

    def money(self, minor: int) -> str:
        return said_amount(minor, self.plan.unit, self.plan.exponent)

    def amount(self, minor: int) -> str:
        return shown(minor, self.plan.exponent)

    @property
    def closing(self) -> bool:
        """Of a fact about a checkpoint: whether it is the closing one."""
        number: int = self.fact.number
        return self.plan.checkpoints[number - 1].closing
