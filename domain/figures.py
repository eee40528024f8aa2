"""The figures of a target at one moment: what people look at. Pure: the moment is given."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from operator import attrgetter

from domain.actuals import actual_of
from domain.checkpoint import NO_BASELINE, Circumstances, Reading, reads_nothing, status_of
from domain.course import Course
from domain.money import decimal_shown, half_even, shown
from domain.outcome import ATTAINED_BY_REVISION
from domain.plan import KEEP, RATIO, UPLIFT, Plan
from domain.standing import pace_index
from domain.target import State

SHOWN_PLACES = 4
NONE_POSSIBLE = "none_possible"


@dataclass(frozen=True)
class Verdict:
    """What the last evaluated checkpoint reads, restated or not; `status`: a class, or too_early.

    reported: what it read when it was evaluated; restated: what late sales have made of it, None while nothing.
    """

    number: int
    status: str
    cutoff: datetime
    reported: Reading | None = None
    restated: Reading | None = None


@dataclass(frozen=True)
class Standing:
    """What the facts say of a target: its state, its net total in minor units, and whether it is attained.

    under: the denominator of a ratio; measured: whether a level stands; lost: it was attained, is not any more, and
    nothing was evaluated since; evaluated: how many checkpoints were, and inside: at how many a level was where it is
    to be kept; adjustment: what came after the seal, in minor units; revised: the official status since a revision,
    until the next evaluation; progressed_at: when the last data was recorded.
    """

    state: State
    total: int
    attained: bool = False
    lost: bool = False
    outcome: str | None = None
    last: Verdict | None = None
    evaluated: int = 0
    adjustment: int = 0
    under: int = 0
    measured: bool = False
    by_revision: bool = False
    inside: int = 0
    revised: str | None = None
    activated_at: datetime | None = None
    progressed_at: datetime | None = None
    sealed: int | None = None
    """What it read at the seal, in minor units."""


@dataclass(frozen=True)
class Rates:
    """What a day brings, in minor units: required of each open day that is left, so far on each that is over.

    catch_up: required / current; None where one of them is not, or nothing came so far. open_left, open_over: in days.
    """

    required: Fraction | None
    current: Fraction | None
    catch_up: Fraction | None
    open_left: Fraction
    open_over: Fraction
    none_possible: bool = False


@dataclass(frozen=True)
class Figures:
    """Money as decimal text of the target's unit, shares as text with four places; None where undefined.

    adjustment: what came after the seal; None while that is nothing.
    """

    status: str
    live_status: str
    actual: str | None
    expected: str | None
    variance: str | None
    pace_index: str | None
    progress: str | None
    goal: str | None
    original_goal: str | None
    original_progress: str | None
    required_rate: dict[str, str | None]
    current_rate: dict[str, str | None]
    catch_up_factor: str | None
    next_checkpoint: dict[str, object] | None
    last_evaluation: dict[str, object] | None
    adjustment: str | None
    partial: bool = False
    actual_minor: int | None = field(default=None, repr=False)
    """The actual, half-even, for whoever draws it."""


def figures(course: Course, standing: Standing, as_of: datetime) -> Figures:
    """Everything that is shown of a target at `as_of`."""
    plan = course.plan
    actual = actual_now(plan, standing, as_of)
    expected = None if plan.no_baseline else expected_at(course, actual, as_of)
    index = None
    if actual is not None and expected is not None and plan.kind != KEEP and course.weight(as_of):
        index = pace_index(actual, expected, plan.baseline, plan.sign)
    rates = rates_at(plan, actual, as_of)
    original = course.plans[0]
    return Figures(
        status=_status(course, standing, as_of),
        live_status=live_status(course, standing, as_of),
        actual=_money(plan, actual),
        expected=_money(plan, expected),
        variance=_variance(plan, actual, expected),
        pace_index=None if index is None else decimal_shown(index, SHOWN_PLACES),
        progress=_share(progress_of(plan, standing, actual)),
        goal=goal_shown(plan),
        original_goal=goal_shown(original),
        original_progress=_share(progress_of(original, standing, _actual_at_first(original, plan, standing, as_of))),
        required_rate=_rate_shown(plan, rates.required, rates.none_possible),
        current_rate=_rate_shown(plan, rates.current),
        catch_up_factor=_share(rates.catch_up),
        next_checkpoint=None if standing.state is State.CANCELLED else _next_checkpoint(course, as_of),
        last_evaluation=None if standing.last is None else _shown(standing.last, plan),
        adjustment=_adjustment(plan, standing, actual),
        partial=plan.partial,
        actual_minor=None if actual is None else half_even(actual),
    )


def actual_now(plan: Plan, standing: Standing, as_of: datetime) -> Fraction | None:
    """A of all that is counted, at this moment; None where there is none yet."""
    if plan.kind == KEEP and not standing.measured:
        return None
    return actual_of(plan, standing.total, standing.under, min(as_of, plan.ends))


def _actual_at_first(original: Plan, plan: Plan, standing: Standing, as_of: datetime) -> Fraction | None:
    """A, as the original commitment reads it: of an uplift with what that is compared with."""
    return actual_now(original if plan.kind == UPLIFT else plan, standing, as_of)


def _adjustment(plan: Plan, standing: Standing, actual: Fraction | None) -> str | None:
    """What came after the seal; of a ratio, by how much it reads other than then, which no sum of sales says."""
    if plan.kind != RATIO:
        return _money(plan, Fraction(standing.adjustment, plan.scale)) if standing.adjustment else None
    if standing.sealed is None or actual is None or half_even(actual) == standing.sealed:
        return None
    return shown(half_even(actual) - standing.sealed, plan.exponent)


def expected_at(course: Course, actual: Fraction | None, as_of: datetime) -> Fraction | None:
    """E; of a level that is to be kept the nearest one inside its bounds."""
    plan = course.plan
    if plan.kind != KEEP:
        return course.expected(as_of)
    assert plan.bounds is not None
    return None if actual is None else plan.bounds.nearest(actual)


def goal_shown(plan: Plan) -> str | None:
    """g as decimal text; None where there is none: of a level to be kept, of a percentage of nothing, or of what is not
    frozen yet."""
    of_nothing = plan.awaits_comparison or plan.roll_up or (plan.percent is not None and plan.no_baseline)
    if plan.kind == KEEP or (of_nothing and not plan.goal):
        return None
    return shown(plan.final, plan.exponent)


def is_paced(plan: Plan) -> bool:
    """Whether it is known what is expected by when: not of a level to be kept, nor of an unknown comparison."""
    return goal_shown(plan) is not None and not plan.no_baseline


def progress_of(plan: Plan, standing: Standing, actual: Fraction | None) -> Fraction | None:
    """p = (A - b) / (g - b), unclamped; of a level to be kept: passed checkpoints by evaluated ones."""
    if plan.kind == KEEP:
        return Fraction(standing.inside, standing.evaluated) if standing.evaluated else None
    if actual is None or not plan.span or plan.incomparable:
        return None
    return (actual - plan.baseline) / plan.span


def is_stale(plan: Plan, standing: Standing, as_of: datetime) -> bool:
    """Whether no data has come for longer than the target allows, since it counts and its period has begun."""
    since = stale_from(plan, standing.activated_at, standing.progressed_at)
    return since is not None and standing.state is State.ACTIVE and as_of > since


def stale_from(plan: Plan, activated_at: datetime | None, progressed_at: datetime | None) -> datetime | None:
    """The moment after which it is stale, if no data comes by then; None where it does not say how often it must."""
    if plan.expect_data_every is None or activated_at is None:
        return None
    return max(plan.begins, activated_at, progressed_at or activated_at) + timedelta(hours=plan.expect_data_every)


def _decided(standing: Standing) -> str | None:
    """The status that the facts alone decide, if they do."""
    match standing.state:
        case State.CANCELLED:
            return "cancelled"
        case State.CLOSED | State.SEALED:
            return standing.outcome
    if standing.attained:
        return ATTAINED_BY_REVISION if standing.by_revision else "attained"
    return None


def _status(course: Course, standing: Standing, as_of: datetime) -> str:
    """The official status: it stays what the last evaluation, revision or crossing of the goal made it."""
    decided = _decided(standing)
    if decided is not None:
        return decided
    if standing.lost:
        return "attainment_lost"
    if standing.revised is not None:
        return standing.revised
    if standing.last is not None:
        return standing.last.status
    if _not_started(course.plan, standing, as_of):
        return "not_started"
    return "no_baseline" if course.plan.no_baseline else "too_early"


def live_status(course: Course, standing: Standing, as_of: datetime) -> str:
    """What an evaluation at this moment would say."""
    plan = course.plan
    decided = _decided(standing)
    if decided is not None:
        return decided
    if _not_started(plan, standing, as_of):
        return "not_started"
    # A target that fills has not yet counted all that it knows of.
    if standing.state is State.FILLING:
        return "too_early"
    previous = None if standing.last is None else standing.last.status
    now = Circumstances(previous, standing.evaluated, stale=is_stale(plan, standing, as_of))
    return status_of(course, as_of, actual_now(plan, standing, as_of), now)


def _not_started(plan: Plan, standing: Standing, as_of: datetime) -> bool:
    return standing.state is State.DRAFT or as_of < plan.begins


def _shown(last: Verdict, plan: Plan) -> dict[str, object]:
    """The last evaluation, as reported beside as restated."""
    said: dict[str, object] = {"number": last.number, "status": last.status, "cutoff": last.cutoff}
    readings = {"reported": last.reported, "restated": last.restated}
    return said | {name: None if one is None else reading_shown(one, plan) for name, one in readings.items()}


def reading_shown(one: Reading, plan: Plan) -> dict[str, object]:
    """Amounts as decimal text; None where nothing was expected, or nothing was there to be read."""
    empty = reads_nothing(plan, one)
    amounts = {
        "expected": None if one.status == NO_BASELINE or (empty and plan.kind == KEEP) else one.expected,
        "actual": None if empty else one.actual,
        "variance": None if empty or one.status == NO_BASELINE else one.variance,
    }
    said: dict[str, object] = {name: None if of is None else shown(of, plan.exponent) for name, of in amounts.items()}
    said |= {"pace_index": one.pace, "status": one.status, "complete": one.complete}
    return said | ({"partial": True} if one.partial else {})


def rates_at(plan: Plan, actual: Fraction | None, as_of: datetime) -> Rates:
    """What each open day that is left must bring, today with it, and what each that is over has brought."""
    over = min(plan.days, max(0, bisect_right(plan.midnights, as_of) - 1))
    left, passed = plan.open_days(over), plan.open_days(0, over)
    # A ratio, or a level that is to be kept, does not add up from day to day.
    if actual is None or plan.kind in (KEEP, RATIO) or not plan.span or plan.no_baseline:
        return Rates(None, None, None, left, passed)
    current = (actual - plan.baseline) / passed if passed else None
    missing = plan.final - actual
    if plan.sign * missing <= 0:
        return Rates(Fraction(0), current, Fraction(0), left, passed)
    if not left:
        return Rates(None, current, None, left, passed, none_possible=True)
    required = missing / left
    return Rates(required, current, required / current if current else None, left, passed)


def required_rate(plan: Plan, actual: Fraction | None, as_of: datetime) -> dict[str, str | None]:
    """As it is shown: per open day, decimal text or none_possible; None where there is nothing to reach."""
    rates = rates_at(plan, actual, as_of)
    return _rate_shown(plan, rates.required, rates.none_possible)


def _rate_shown(plan: Plan, rate: Fraction | None, none_possible: bool = False) -> dict[str, str | None]:
    return {"per": "open_day", "amount": NONE_POSSIBLE if none_possible else _money(plan, rate)}


def _money(plan: Plan, value: Fraction | None) -> str | None:
    return None if value is None else shown(half_even(value), plan.exponent)


def _share(value: Fraction | None) -> str | None:
    return None if value is None else decimal_shown(value, SHOWN_PLACES)


def _variance(plan: Plan, actual: Fraction | None, expected: Fraction | None) -> str | None:
    """Of the figures as they are shown, so that a line adds up."""
    if actual is None or expected is None:
        return None
    apart = half_even(actual) - half_even(expected)
    return shown(-abs(apart) if plan.kind == KEEP else plan.sign * apart, plan.exponent)


def _next_checkpoint(course: Course, as_of: datetime) -> dict[str, object] | None:
    plan = course.plan
    passed = bisect_right(plan.checkpoints, as_of, key=attrgetter("cutoff"))
    if passed == len(plan.checkpoints):
        return None
    coming = plan.checkpoints[passed]
    expected = _money(plan, course.expected(coming.cutoff)) if is_paced(plan) else None
    return {"number": coming.number, "cutoff": coming.cutoff, "expected": expected}
