"""The class of an evaluation, told a second time: lines, hysteresis and the dead band."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

WORST_FIRST = ["off_track", "at_risk", "on_track", "ahead"]
LINES = {"at_risk": "0.80", "on_track": "0.95", "ahead": "1.05"}
HIGHER_TO_IMPROVE = Fraction("0.02")


@dataclass(frozen=True)
class Read:
    """What a checkpoint reads, as people see it; without its status until those before it are known."""

    actual: int
    expected: int
    variance: int
    pace: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class Held:
    """An actual held against what is expected, exactly, from a baseline to a goal."""

    actual: Fraction
    expected: Fraction
    baseline: int
    goal: int

    @property
    def index(self) -> Fraction:
        return (self.actual - self.baseline) / (self.expected - self.baseline)

    @property
    def sign(self) -> int:
        return -1 if self.goal < self.baseline else 1

    def read(self) -> Read:
        pace = places(self.index) if self.sign * (self.expected - self.baseline) > 0 else None
        shown, due = round(self.actual), round(self.expected)
        return Read(shown, due, self.sign * (shown - due), pace)

    def class_after(self, before: str | None, lines: dict[str, str]) -> str:
        """before: the status of the checkpoint before it."""
        better = WORST_FIRST.index(before) if before in WORST_FIRST else len(WORST_FIRST)
        found = "off_track"
        for name in WORST_FIRST[1:]:
            # What is better than the status before is reached only well above its line.
            line = Fraction(lines.get(name, LINES[name]))
            if self.index >= line + (HIGHER_TO_IMPROVE if WORST_FIRST.index(name) > better else 0):
                found = name
        shortfall = self.sign * (self.expected - self.actual)
        if shortfall < max(Fraction(1), Fraction(abs(self.goal - self.baseline), 100)):
            held = WORST_FIRST[min(better, WORST_FIRST.index("on_track"))]
            found = max(found, held, key=WORST_FIRST.index)
        return found


def is_too_early(weight: Fraction, number: int) -> bool:
    """number: of the checkpoint, from 1."""
    return weight <= 0 or (weight < Fraction("0.10") and number <= 2)


def places(value: Fraction) -> str:
    """Four of them, half to even."""
    return f"{Decimal(round(value * 10_000)).scaleb(-4):.4f}"
