"""Forecasting a target as it stands: which days are over, what each was to bring and brought, what is still to come.

A day that is over counts as it is. The day under way is to bring no less than its plan: of that, only the part is still
to come that it has not brought yet; from a gain, whose comparison is taken at the end of the day, only what is more
than that counts as brought. So F is A + rho D (1 - w) as at the last midnight or cut-off while the day has brought
nothing, and what it brings is never counted beside its whole plan.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from domain import forecast as rules
from domain.actuals import Actuals, actual_of
from domain.course import Course
from domain.forecast import Forecast, Run, forecast, none_because, projected, without_range
from domain.money import half_even
from domain.pace import days_elapsed
from domain.plan import FROM_TO, GAIN, KEEP, RATIO, UPLIFT, Plan
from domain.standing import pace_index
from domain.target import State

BY_OPEN_DAYS = ("equal_steps", "explicit")
"""Paces whose days weigh alike in a projection, as all do after a revision, and those of a roll-up."""
OVER_IN = (State.CLOSED, State.SEALED)


@dataclass(frozen=True)
class Seen:
    """What a target has counted, by slot, in minor units: of a level how it changed.

    position: of the last fact that made it so, 0 before the first. It seeds the draws: the same facts, whenever and
    wherever they are read again, give the same forecast.
    """

    state: State
    sums: Mapping[datetime, int]
    position: int = 0
    measured: bool = True
    """Whether a level stands, of a target that is measured."""


@dataclass(frozen=True)
class Outlook:
    """Where a target stands for its forecast: F, and what it was worked out from.

    pace: PI of the days that are over, None before any; elapsed, open_days: open days, half ones as half.
    """

    run: Run
    projection: Fraction
    pace: Fraction | None
    weight: Fraction
    elapsed: Fraction
    open_days: Fraction


def since(course: Course, as_of: datetime) -> datetime:
    """The last midnight, cut-off or revision by then: from there on, only facts change a forecast."""
    latest = [course.plan.begins]
    for plan in course.plans:
        passed = bisect_right(plan.midnights, as_of)
        latest += plan.midnights[passed - 1 : passed] if passed else []
        latest += [at for at in (plan.last_cutoff(as_of),) if at is not None]
        latest += [plan.rebased.at] if plan.rebased is not None and plan.rebased.at <= as_of else []
    return max(latest)


def none_of(course: Course, seen: Seen, as_of: datetime) -> str | None:
    """Why nothing is forecast of it at this moment, by the method's name; None where something is."""
    plan, state = course.plan, seen.state
    if plan.kind in (KEEP, RATIO):
        return rules.NONE_OF_KEPT if plan.kind == KEEP else rules.NONE_OF_RATIO
    if state is State.CANCELLED:
        return rules.CANCELLED
    if state is State.DRAFT or as_of < plan.begins:
        return rules.NOT_BEGUN
    if state is State.FILLING:
        return rules.FILLING
    if state in OVER_IN or as_of >= plan.ends:
        return rules.OVER
    if plan.nothing_to_reach:
        return rules.NO_MEMBERS
    if plan.no_baseline or plan.awaits_comparison or not plan.span:
        return rules.NO_BASELINE
    return rules.NOT_MEASURED if plan.kind == FROM_TO and not seen.measured else None


def forecast_of(target_id: UUID, course: Course, seen: Seen, as_of: datetime) -> Forecast:
    """The whole forecast, by the method that fits the target's kind: a hundredth of a second's work."""
    if (none := none_of(course, seen, as_of)) is not None:
        return none_because(none)
    now = outlook(course, seen, as_of)
    if course.plan.kind == FROM_TO:
        return without_range(now.projection, now.run.reached_on)
    revision = len(course.plans)
    return forecast(now.run, now.projection, target_id=target_id, revision=revision, position=seen.position)


def projection_of(course: Course, seen: Seen, as_of: datetime) -> Forecast:
    """The projection alone, for many targets: what a whole forecast says as its `value`, without a range."""
    if (none := none_of(course, seen, as_of)) is not None:
        return none_because(none)
    return without_range(_Days(course, seen, as_of).outlook(days=False).projection)


def outlook(course: Course, seen: Seen, as_of: datetime) -> Outlook:
    """Of a target of which something is forecast."""
    return _Days(course, seen, as_of).outlook()


def projected_at(course: Course, actual: Fraction, cutoff: datetime) -> Fraction | None:
    """F at a checkpoint, of what was read there; None where nothing is forecast, and at the end."""
    if none_of(course, Seen(State.ACTIVE, {}), cutoff) is not None:
        return None
    plan = course.plan
    over = days_elapsed(plan.midnights, plan.cutoffs, cutoff)
    pace = pace_index(actual, course.expected(cutoff), plan.baseline, plan.sign)
    weight, elapsed = _weight(course, over), plan.open_days(0, over)
    return projected(actual, pace, baseline=plan.baseline, goal=plan.final, weight=weight, elapsed_open_days=elapsed)


def _weight(course: Course, days: int) -> Fraction:
    """w once so many days are over."""
    plan = course.plan
    # A roll-up expects what members of any pace do: after their last steps it would have no days left to sell on.
    by_days = plan.pacing in BY_OPEN_DAYS or plan.sums_up or len(course.plans) > 1
    if by_days and (every := plan.open_days()):
        return plan.open_days(0, days) / every
    return plan.weight(plan.midnights[days])


class _Days:
    """The days of a target at a moment inside its period."""

    def __init__(self, course: Course, seen: Seen, as_of: datetime) -> None:
        self._course, self._as_of = course, as_of
        self._plan = plan = course.plan
        self._actuals = Actuals(plan, seen.sums)
        self._total = sum(seen.sums.values())
        self.over = days_elapsed(plan.midnights, plan.cutoffs, as_of)

    def outlook(self, *, days: bool = True) -> Outlook:
        """days: whether to look at each day, not only at the one under way."""
        plan, over = self._plan, self.over
        at_last = self._actual(over)
        pace = pace_index(at_last, self._course.expected(self._as_of), plan.baseline, plan.sign)
        brought, used = self._under_way()
        weight, elapsed = _weight(self._course, over) + used / plan.span, plan.open_days(0, over)
        projection = projected(
            at_last + brought,
            pace,
            baseline=plan.baseline,
            goal=plan.final,
            weight=weight,
            elapsed_open_days=elapsed,
        )
        # Of an uplift and a sum these are whole numbers, and so is a level; over several currencies they are rounded.
        run = Run(plan.baseline, plan.final, half_even(at_last + brought), [], [])
        if days:
            run = self._run(run.actual, used)
        return Outlook(run, projection, pace, weight, elapsed, plan.open_days())

    def _run(self, actual: int, used: Fraction) -> Run:
        plan, over = self._plan, self.over
        planned = self._planned()
        reached = [half_even(self._actual(number)) for number in range(over + 1)]
        observed = [(planned[number], reached[number + 1] - reached[number]) for number in range(over)]
        remaining = [(_day(plan, number), planned[number]) for number in range(over, plan.days)]
        if remaining:
            remaining[0] = (remaining[0][0], remaining[0][1] - used)
        held_back: dict[date, int] = {}
        if plan.offset:
            after = ((number, plan.compared(plan.midnights[number + 1])) for number in range(over, plan.days))
            held_back = {_day(plan, number): plan.offset - compared for number, compared in after}
        return Run(plan.baseline, plan.final, actual, observed, remaining, self._reached_on(), held_back)

    def _planned(self) -> list[Fraction]:
        """What each day of the period adds to the plan, in minor units."""
        plan = self._plan
        weights = [_weight(self._course, number) for number in range(plan.days + 1)]
        return [plan.span * (after - before) for before, after in pairwise(weights)]

    def _actual(self, days: int) -> Fraction:
        """A once so many days were over."""
        return self._of(self._actuals.net_before(self._plan.midnights[days]), days)

    def _of(self, net: int, days: int) -> Fraction:
        actual = actual_of(self._plan, net, 0, self._plan.midnights[days])
        assert actual is not None, "sums and levels always have an actual"
        return actual

    def _under_way(self) -> tuple[int, Fraction]:
        """What the day under way counts by, and how much of its plan that has used up."""
        plan, over, sign = self._plan, self.over, self._plan.sign
        if over == plan.days:
            return 0, Fraction()
        brought = half_even(Fraction(self._total - self._actuals.net_before(plan.midnights[over]), plan.scale))
        if sign * brought <= 0:
            return brought, Fraction()
        if plan.kind == UPLIFT and plan.mode == GAIN:
            brought -= plan.compared(plan.midnights[over + 1]) - plan.compared(plan.midnights[over])
        if sign * brought <= 0:
            return 0, Fraction()
        planned = plan.span * (_weight(self._course, over + 1) - _weight(self._course, over))
        return brought, sign * max(Fraction(), min(sign * planned, Fraction(sign * brought)))

    def _reached_on(self) -> date | None:
        """The day since which it is at its goal, as facts decide it: of a gain, over the whole comparison."""
        plan, first = self._plan, None
        for number in range(self.over + (self.over < plan.days)):
            under_way = number == self.over
            net = self._total if under_way else self._actuals.net_before(plan.midnights[number + 1])
            past = plan.sign * (plan.baseline + net - plan.final) if plan.line is None else net - plan.line
            first = (first or _day(plan, number)) if past >= 0 else None
        return first


def _day(plan: Plan, number: int) -> date:
    return plan.start + timedelta(days=number)
