"""What a target's actual was at an instant: A(t), from the sums that it keeps by slot."""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from itertools import accumulate

from domain.plan import GAIN, KEEP, MEASURED, RATIO, UPLIFT, Plan


class Actuals:
    """sums: net by slot, of a measured target how its level changed, of a ratio its numerator; under: its denominator.

    measured_from: when the first of its levels was measured, None while there is none.
    """

    def __init__(
        self,
        plan: Plan,
        sums: Mapping[datetime, int],
        under: Mapping[datetime, int] | None = None,
        measured_from: datetime | None = None,
    ) -> None:
        self._plan = plan
        self._net = _Running(sums)
        self._under = _Running(under or {})
        self._measured_from = measured_from

    def before(self, instant: datetime, held: Plan | None = None) -> Fraction | None:
        """A of what happened before a midnight or a cut-off, minor units; None where there is none: nothing to divide
        by, nothing measured yet of a level that is to be kept.

        held: the plan that was in force there; of an uplift it says what its sales are compared with.
        """
        plan = held if held is not None and held.kind == UPLIFT else self._plan
        if plan.kind == KEEP and (self._measured_from is None or self._measured_from >= instant):
            return None
        return actual_of(plan, self._net.before(instant), self._under.before(instant), instant)

    def net_before(self, instant: datetime) -> int:
        return self._net.before(instant)


def actual_of(plan: Plan, net: int, under: int, at: datetime) -> Fraction | None:
    """A of a net sum (of a level: what it has changed by, of a ratio: its numerator) at an instant."""
    if plan.kind in MEASURED:
        return Fraction(plan.baseline + net)
    if plan.kind == RATIO:
        return ratio_of(plan, net, under)
    if plan.kind == UPLIFT and plan.mode == GAIN:
        return Fraction(net - plan.compared(at))
    return Fraction(net, plan.scale)


def ratio_of(plan: Plan, over: int, under: int) -> Fraction | None:
    """sum(num) / sum(den) in millionths; None while there is nothing to divide by."""
    assert plan.numerator is not None
    assert plan.denominator is not None
    if not under:
        return None
    places = plan.denominator.exponent - plan.numerator.exponent + plan.exponent
    return Fraction(over, under) * Fraction(10) ** places


class _Running:
    """A sum by slot before an instant, for many instants."""

    def __init__(self, sums: Mapping[datetime, int]) -> None:
        self._starts = sorted(sums)
        self._totals = list(accumulate((sums[start] for start in self._starts), initial=0))

    def before(self, instant: datetime) -> int:
        """instant: a midnight or a cut-off."""
        return self._totals[bisect_left(self._starts, instant)]
