"""How far a target had come when a day ended, from all of its days."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from domain.forecast import Run


def run_after(upto: date, days: Sequence[tuple[date, Fraction, int]], *, baseline: int, goal: int) -> Run:
    """The run as it was when a day ended; days: (date, plan, actual) of the whole period.

    What later days brought is not in it: a back-test sees only what was sold before.
    """
    direction = 1 if goal > baseline else -1
    actual, reached_on = baseline, None
    observed: list[tuple[Fraction, int]] = []
    remaining: list[tuple[date, Fraction]] = []
    for day, plan, came in days:
        if day > upto:
            remaining.append((day, plan))
            continue
        observed.append((plan, came))
        actual += came
        if direction * (goal - actual) > 0:
            reached_on = None
        elif reached_on is None:
            reached_on = day
    return Run(baseline, goal, actual, observed, remaining, reached_on)
