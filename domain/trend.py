"""The trend of a target's last open days: whether it falls behind right now, whatever stood before them.

A day is (plan, actual): what the plan adds on it and what it brought, in minor units, as gains from the baseline
(a level that should fall has both below 0). Days come in order, the newest last, and are over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

TOLERATED = Fraction(1, 5)
"""The shortfall, as a share of the plan, that burns at 1: it brings a target from its plan to 0.80 of it."""
SLIPPING_FROM, STALLED_FROM = 1, 3


@dataclass(frozen=True)
class Trend:
    """The shortfall burn over the last 5, 2 and 1 open days; None over fewer days than that."""

    burn_5: Fraction | None
    burn_2: Fraction | None
    burn_1: Fraction | None

    @property
    def slipping(self) -> bool:
        """At most 0.80 of the plan over 5 open days, and on the last one too: a good day ends it."""
        return _both(self.burn_5, self.burn_1, SLIPPING_FROM)

    @property
    def stalled(self) -> bool:
        """At most 0.40 of the plan over 2 open days, and on the last one too."""
        return _both(self.burn_2, self.burn_1, STALLED_FROM)


def trend_of(opened: Sequence[tuple[Fraction, int | Fraction]], span: int) -> Trend:
    """The trend after these days, all of them open; in parts of a minor unit, where a total has such."""
    return Trend(*(_burn_over(opened, count, span) for count in (5, 2, 1)))


def burn(expected: Fraction, actual: int | Fraction, span: int) -> Fraction | None:
    """(dE - dA) / (0.20 dE): 0 on plan, 1 at 0.80 of it, 5 when nothing came, below 0 ahead of it.

    None where the plan adds nothing or, a goal having been lowered, goes the other way than D: there is no pace to
    fall behind.
    """
    if expected * span <= 0:
        return None
    return (expected - actual) / (TOLERATED * expected)


def slipping_holds(previous: Trend | None, now: Trend) -> bool:
    """Whether to alert: `slipping` first holds for two evaluations; previous: the trend at the one before."""
    return previous is not None and previous.slipping and now.slipping


def by_open_day(days: Sequence[tuple[Fraction, int]], span: int) -> list[tuple[Fraction, int]]:
    """The open days alone: those on which the plan adds something in the direction of D.

    What closed days brought counts on the next open day: a Saturday's sales are Monday's. After the last open day it
    waits for the next one, so a closed day changes neither a trend nor a forecast's ratios.
    """
    opened: list[tuple[Fraction, int]] = []
    waiting = 0
    for plan, actual in days:
        waiting += actual
        if plan * span > 0:
            opened.append((plan, waiting))
            waiting = 0
    return opened


def _burn_over(opened: Sequence[tuple[Fraction, int | Fraction]], count: int, span: int) -> Fraction | None:
    if len(opened) < count:
        return None
    last = opened[-count:]
    return burn(sum((plan for plan, _ in last), Fraction()), sum(actual for _, actual in last), span)


def _both(over_days: Fraction | None, last: Fraction | None, line: int) -> bool:
    return over_days is not None and last is not None and over_days >= line and last >= line
