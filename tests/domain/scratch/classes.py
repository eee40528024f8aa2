"""The class of an evaluation, told a second time: lines, hysteresis and the dead band."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

WORST_FIRST = ["off_track", "at_risk", "on_track", "ahead"]
LINES = {"at_risk": Fraction("0.80"), "on_track": Fraction("0.95"), "ahead": Fraction("1.05")}
HIGHER_TO_IMPROVE = Fraction("0.02")


@dataclass(frozen=True)
class Read:
    """What a checkpoint reads, as people see it; without its status until those before it are known."""

    actual: int
    expected: int
    pace: str | None
    status: str | None = None

    @property
    def variance(self) -> int:
        return self.actual - self.expected


def read(actual: int, expected: Fraction, baseline: int) -> Read:
    pace = None if expected == baseline else places(Fraction(actual - baseline) / (expected - baseline))
    return Read(actual, round(expected), pace)


def places(value: Fraction) -> str:
    """Four of them, half to even."""
    return f"{Decimal(round(value * 10_000)).scaleb(-4):.4f}"


def class_of(
    actual: int, expected: Fraction, baseline: int, goal: int, weight: Fraction, number: int, before: str | None
) -> str:
    """number: of the checkpoint; before: the status of the one before it."""
    if weight == 0 or (weight < Fraction("0.10") and number <= 2):
        return "too_early"
    span = goal - baseline
    index = (actual - baseline) / (expected - baseline)
    better = WORST_FIRST.index(before) if before in WORST_FIRST else len(WORST_FIRST)
    found = "off_track"
    for name in WORST_FIRST[1:]:
        # What is better than the status before is reached only well above its line.
        if index >= LINES[name] + (HIGHER_TO_IMPROVE if WORST_FIRST.index(name) > better else 0):
            found = name
    shortfall = (expected - actual) * (1 if span > 0 else -1)
    if shortfall < max(Fraction(1), Fraction(abs(span), 100)):
        held = WORST_FIRST[min(better, WORST_FIRST.index("on_track"))]
        found = max(found, held, key=WORST_FIRST.index)
    return found
