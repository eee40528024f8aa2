"""The days of a target: what each brought, and what was there and what was expected when it ended."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from api.plans import KnownPlan
from domain.actuals import Actuals, ratio_of
from domain.money import half_even
from domain.plan import KEEP, RATIO
from projections.progress import Progress


@dataclass(frozen=True)
class Day:
    """Minor units. net: what was sold on it, of a level by how much it changed, of a ratio that of the day alone;
    actual, expected: at its end. None where there is none: nothing to divide by, no level yet, no bounds to come to.
    """

    day: date
    net: int | None
    actual: int | None
    expected: int | None


def actuals_of(known: KnownPlan, progress: Progress) -> Actuals:
    """A(t) at every midnight and cut-off. The slot that the first level was measured in begins before either."""
    return Actuals(known.plan, progress.sums, progress.under, min(progress.sums, default=None))


def days_of(known: KnownPlan, progress: Progress, now: datetime) -> list[Day]:
    """Each day that has begun."""
    plan = known.plan
    begun = bisect_left(plan.midnights[:-1], now) if now < plan.ends else plan.days
    actuals = actuals_of(known, progress)
    nets, under = _by_day(known, progress.sums), _by_day(known, progress.under or {})
    days = []
    for number in range(begun):
        day, ends = plan.start + timedelta(days=number), plan.midnights[number + 1]
        net: int | None = half_even(Fraction(nets.get(day, 0), plan.scale))
        if plan.kind == RATIO:
            net = _rounded(ratio_of(plan, nets.get(day, 0), under.get(day, 0)))
        expected = None if plan.kind == KEEP or plan.no_baseline else known.expected(ends)
        days.append(Day(day, net, _rounded(actuals.before(ends)), expected))
    return days


def _by_day(known: KnownPlan, sums: dict[datetime, int]) -> dict[date, int]:
    found: dict[date, int] = {}
    for start, net in sums.items():
        day = known.plan.day_of(start)
        found[day] = found.get(day, 0) + net
    return found


def _rounded(value: Fraction | None) -> int | None:
    return None if value is None else half_even(value)
