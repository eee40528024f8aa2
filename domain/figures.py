"""The figures of a target at one moment: what people look at. Pure: the moment is given."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from domain import pace
from domain.money import decimal_shown, half_even, shown
from domain.plan import Plan
from domain.schedule import PlannedCheckpoint
from domain.standing import classify, pace_index
from domain.target import State

SHOWN_PLACES = 4
TOO_EARLY_BELOW = Fraction(1, 10)


@dataclass(frozen=True)
class Standing:
    """What the facts say of a target: its state, its total in minor units, and whether it is attained."""

    state: State
    total: int
    attained: bool = False
    lost: bool = False
    outcome: str | None = None


@dataclass(frozen=True)
class Figures:
    """Money as decimal text of the target's unit, shares as text with four places; None where undefined."""

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


def figures(plan: Plan, curve: pace.Curve, standing: Standing, as_of: datetime) -> Figures:
    """Everything that is shown of a target at `as_of`; no checkpoint of it has been evaluated."""
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
        required_rate=_required_rate(plan, standing.total, as_of),
        next_checkpoint=None if standing.state is State.CANCELLED else _next_checkpoint(plan, curve, as_of),
    )


def _settled(standing: Standing) -> str | None:
    """The status that the facts alone decide, if they do."""
    match standing.state:
        case State.CANCELLED:
            return "cancelled"
        case State.CLOSED:
            return standing.outcome
    if standing.attained:
        return "attained"
    return "attainment_lost" if standing.lost else None


def _status(plan: Plan, standing: Standing, as_of: datetime) -> str:
    """The official status, before the first evaluation."""
    settled = _settled(standing)
    if settled is not None:
        return settled
    return "not_started" if standing.state is State.DRAFT or as_of < plan.begins else "too_early"


def _live_status(plan: Plan, standing: Standing, weight: Fraction, as_of: datetime) -> str:
    settled = _settled(standing)
    if settled is not None and settled != "attainment_lost":
        return settled
    if standing.state is State.DRAFT or as_of < plan.begins:
        return "not_started"
    # Too early while less than a tenth is due: no checkpoint has been evaluated. A target that fills has not yet
    # counted all that it knows of.
    if weight < TOO_EARLY_BELOW or standing.state is State.FILLING:
        return "too_early"
    return classify(None, standing.total, plan.goal * weight, plan.goal)


def _required_rate(plan: Plan, total: int, as_of: datetime) -> dict[str, str]:
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
    coming: PlannedCheckpoint | None = next((one for one in plan.checkpoints if one.cutoff > as_of), None)
    if coming is None:
        return None
    expected = half_even(plan.goal * curve.weight(coming.cutoff))
    return {"number": coming.number, "cutoff": coming.cutoff, "expected": shown(expected, plan.exponent)}
