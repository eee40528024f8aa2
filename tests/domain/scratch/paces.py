"""W, told a second time: the share that is due by an instant. One function for each pacing; more are added here."""

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction

from tests.domain.scratch.days import Days, Words

Pace = Callable[[Words, Days, datetime], Fraction]


def linear(words: Words, days: Days, at: datetime) -> Fraction:
    """Calendar days elapsed; at a checkpoint its own day counts whole."""
    elapsed = 0
    for midnight, next_midnight in zip(days.midnights, days.midnights[1:], strict=False):
        closed = any(midnight < cutoff <= at for cutoff in days.cutoffs if cutoff < next_midnight)
        elapsed += next_midnight <= at or closed
    return Fraction(elapsed, len(days.midnights) - 1)


def equal_steps(words: Words, days: Days, at: datetime) -> Fraction:
    """The k-th of n steps is k/n; between two, equal parts at each midnight after the one and not after the other."""
    n, before = len(days.steps), days.begins
    for k, step in enumerate(days.steps):
        if at < step:
            midnights = [one for one in days.midnights if before < one <= step]
            passed = sum(one <= at for one in midnights)
            return Fraction(k, n) + (Fraction(passed, len(midnights) * n) if midnights else 0)
        before = step
    return Fraction(1)


PACES: dict[str, Pace] = {"linear": linear, "equal_steps": equal_steps}


def weight(words: Words, days: Days, at: datetime) -> Fraction:
    pacing = words.get("pacing") or ("equal_steps" if words.get("schedule") else "linear")
    return PACES[pacing](words, days, at)
