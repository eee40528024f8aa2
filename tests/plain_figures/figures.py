"""From W and A to what is shown: expected, variance, pace, class, steps and the outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

CLASSES = ("off_track", "at_risk", "on_track", "ahead")
LINES = {"at_risk": Fraction(80, 100), "on_track": Fraction(95, 100), "ahead": Fraction(105, 100)}
HYSTERESIS = Fraction(2, 100)


@dataclass(frozen=True)
class Reading:
    """How a target with baseline 0 stands at the end of one day; minor units, exact."""

    day: date
    weight: Fraction
    actual: int
    goal: int

    @property
    def expected(self) -> Fraction:
        return self.goal * self.weight

    @property
    def variance(self) -> Fraction:
        return (self.actual - self.expected) * (1 if self.goal > 0 else -1)

    @property
    def pace(self) -> Fraction | None:
        return self.actual / self.expected if self.weight else None


@dataclass(frozen=True)
class Verdict:
    """A checkpoint's figures; the steps are what is shown, in minor units."""

    number: int
    closing: bool
    reading: Reading
    status: str
    step_expected: int
    step_actual: int


def readings(weights: Mapping[date, Fraction], actuals: Mapping[date, int], goal: int) -> dict[date, Reading]:
    return {day: Reading(day, weight, actuals[day], goal) for day, weight in weights.items()}


def verdicts(by_day: Mapping[date, Reading], checkpoints: Sequence[date]) -> list[Verdict]:
    found: list[Verdict] = []
    previous: str | None = None
    shown_before, actual_before = 0, 0
    for number, day in enumerate(checkpoints, start=1):
        now = by_day[day]
        if is_too_early(now.weight, evaluated=number - 1):
            status = "too_early"
        else:
            assert now.pace is not None
            status = previous = class_of(previous, now.pace, -now.variance, now.goal)
        shown = round(now.expected)
        closing = day == checkpoints[-1]
        found.append(Verdict(number, closing, now, status, shown - shown_before, now.actual - actual_before))
        shown_before, actual_before = shown, now.actual
    return found


def is_too_early(weight: Fraction, evaluated: int) -> bool:
    return weight == 0 or (weight < Fraction(1, 10) and evaluated < 2)


def class_of(previous: str | None, pace: Fraction, shortfall: Fraction, span: int) -> str:
    """Worse at the line, better only a little above it, and not below on track for a trifle."""
    plain, firm = rank(pace, Fraction(0)), rank(pace, HYSTERESIS)
    was = None if previous is None else CLASSES.index(previous)
    now = plain if was is None or plain <= was else max(was, firm)
    if shortfall < max(Fraction(1), Fraction(abs(span), 100)):
        on_track = CLASSES.index("on_track")
        now = max(now, on_track if was is None else min(was, on_track))
    return CLASSES[now]


def rank(pace: Fraction, margin: Fraction) -> int:
    return sum(pace >= line + margin for line in LINES.values())


def outcome(closing: Reading) -> str:
    """What the target closes with, by the part of the goal that was reached."""
    progress = Fraction(closing.actual, closing.goal)
    return "exceeded" if progress > 1 else "met" if progress == 1 else "missed"


def four_places(ratio: Fraction | None) -> str | None:
    """Half-even: 1.04 is "1.0400"."""
    return None if ratio is None else f"{Decimal(round(ratio * 10_000)).scaleb(-4):f}"
