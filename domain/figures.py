"""The figures of a target at one moment: what people look at. Pure: the moment is given."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from operator import attrgetter

from domain import pace
from domain.checkpoint import is_too_early
from domain.money import decimal_shown, half_even, shown
from domain.plan import Plan
from domain.standing import classify, pace_index
from domain.target import State

SHOWN_PLACES = 4


@dataclass(frozen=True)
class Verdict:
    """What the last evaluated checkpoint reads, restated or not; `status`: a class, or too_early."""

    number: int
    status: str
    cutoff: datetime


@dataclass(frozen=True)
class Standing:
    """What the facts say of a target: its state, its total in minor units, and whether it is attained.

    lost: it was attained, is not any more, and nothing was evaluated since; evaluated: how many checkpoints were;
    adjustment: what came after the seal, in minor units.
    """

    state: State
    total: int
    attained: bool = False
    lost: bool = False
    outcome: str | None = None
    last: Verdict | None = None
    evaluated: int = 0
    adjustment: int = 0


@dataclass(frozen=True)
class Figures:
    """Money as decimal text of the target's unit, shares as text with four places; None where undefined.

    adjustment: what came after the seal; None while that is nothing.
    """

    status: str
    live_status: str
    actual: str
    expected: str
    variance: str
    pace_index: str | None
    progress: str
    goal: str
    required_rate: dict[str, str]
    next_checkpoint: dict[str, object] | None
    last_evaluation: dict[str, object] | None
    adjustment: str | None


def figures(plan: Plan, curve: pace.Curve, standing: Standing, as_of: datetime) -> Figures:
    """Everything that is shown of a target at `as_of`."""
    weight = curve.weight(as_of)
    expected = plan.goal * weight
    index = pace_index(standing.total, expected) if weight else None
    return Figures(
        status=_status(plan, standing, as_of),
        live_status=_live_status(plan, standing, weight, as_of),
        actual=shown(standing.total, plan.exponent),
        expected=shown(half_even(expected), plan.exponent),
        variance=shown(standing.total - half_even(expected), plan.exponent),
        pace_index=None if index is None else decimal_shown(index, SHOWN_PLACES),
        progress=decimal_shown(Fraction(standing.total, plan.goal), SHOWN_PLACES),
        goal=shown(plan.goal, plan.exponent),
        required_rate=required_rate(plan, standing.total, as_of),
        next_checkpoint=None if standing.state is State.CANCELLED else _next_checkpoint(plan, curve, as_of),
        last_evaluation=_shown(standing.last),
        adjustment=shown(standing.adjustment, plan.exponent) if standing.adjustment else None,
    )


def _decided(standing: Standing) -> str | None:
    """The status that the facts alone decide, if they do."""
    match standing.state:
        case State.CANCELLED:
            return "cancelled"
        case State.CLOSED | State.SEALED:
            return standing.outcome
    return "attained" if standing.attained else None


def _status(plan: Plan, standing: Standing, as_of: datetime) -> str:
    """The official status: it stays what the last evaluation or crossing of the goal made it."""
    decided = _decided(standing)
    if decided is not None:
        return decided
    if standing.lost:
        return "attainment_lost"
    if standing.last is not None:
        return standing.last.status
    return "not_started" if _not_started(plan, standing, as_of) else "too_early"


def _live_status(plan: Plan, standing: Standing, weight: Fraction, as_of: datetime) -> str:
    """What an evaluation at this moment would say."""
    decided = _decided(standing)
    if decided is not None:
        return decided
    if _not_started(plan, standing, as_of):
        return "not_started"
    # A target that fills has not yet counted all that it knows of.
    if standing.state is State.FILLING or is_too_early(weight, standing.evaluated):
        return "too_early"
    previous = None if standing.last is None else standing.last.status
    return classify(previous, standing.total, plan.goal * weight, plan.goal)


def _not_started(plan: Plan, standing: Standing, as_of: datetime) -> bool:
    return standing.state is State.DRAFT or as_of < plan.begins


def _shown(last: Verdict | None) -> dict[str, object] | None:
    return None if last is None else {"number": last.number, "status": last.status, "cutoff": last.cutoff}


def required_rate(plan: Plan, total: int, as_of: datetime) -> dict[str, str]:
    """What each remaining day must bring; every day is open where the target has no calendar."""
    days = len(plan.midnights) - 1
    passed = max(0, bisect_right(plan.midnights, as_of) - 1)
    remaining = days - passed
    missing = plan.goal - total
    if missing <= 0:
        return {"per": "open_day", "amount": shown(0, plan.exponent)}
    if remaining == 0:
        return {"per": "open_day", "amount": "none_possible"}
    return {"per": "open_day", "amount": shown(half_even(Fraction(missing, remaining)), plan.exponent)}


def _next_checkpoint(plan: Plan, curve: pace.Curve, as_of: datetime) -> dict[str, object] | None:
    passed = bisect_right(plan.checkpoints, as_of, key=attrgetter("cutoff"))
    if passed == len(plan.checkpoints):
        return None
    coming = plan.checkpoints[passed]
    expected = half_even(plan.goal * curve.weight(coming.cutoff))
    return {"number": coming.number, "cutoff": coming.cutoff, "expected": shown(expected, plan.exponent)}
