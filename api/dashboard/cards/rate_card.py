"""What each day that is left must bring, beside what each has brought so far."""

from fractions import Fraction

from api.dashboard import wording
from api.dashboard.cards.actual_card import NOT_MEASURED
from api.dashboard.cards.card import NONE, Card
from api.dashboard.charts.amounts import apart
from api.dashboard.comparing import earlier_said
from api.dashboard.glance import Glance, said_apart, said_apart_in_full, sells
from domain.figures import NONE_POSSIBLE
from domain.money import half_even
from domain.plan import Plan
from domain.target import State

FINER_MAX = 6
"""Places more than those of the unit."""


def rate_card(glance: Glance) -> Card:
    plan, rates = glance.plan, glance.rates
    name = "Needed per day" if plan.halves is None else "Needed per open day"
    if glance.found.status.state is State.CANCELLED:
        return Card(name, NONE, below="It was cancelled")
    amount = glance.now.required_rate["amount"]
    if amount is None:
        return Card(name, NONE, below=_unknown(glance))
    if amount == NONE_POSSIBLE:
        left = "No day is left" if plan.halves is None or glance.over else "No open day is left"
        return Card(name, NONE, below=left)
    if not rates.required:
        return Card(name, said_apart(plan, 0), below="The goal is reached")
    needed = _finer(plan, rates.required) or said_apart_in_full(plan, half_even(rates.required))
    return Card(name, needed, _days_left(glance), _so_far(glance))


def _finer(plan: Plan, rate: Fraction) -> str:
    """Of a rate that its unit's own places would round too far: to two digits that say something, of money to one that
    is not nothing. Empty, where the unit's own places are enough."""
    least, finer = 1 if sells(plan) else 10, 0
    while rate.denominator != 1 and abs(rate) * 10**finer < least and finer < FINER_MAX:
        finer += 1
    return apart(half_even(rate * 10**finer), plan.unit, plan.exponent + finer) if finer else ""


def _unknown(glance: Glance) -> str:
    plan = glance.plan
    if plan.awaits_comparison:
        return "It is known once the target is started"
    if plan.no_baseline:
        return f"There is nothing of {earlier_said(plan)} to take it from"
    return NOT_MEASURED if not glance.measured else "It has no goal of its own"


def _days_left(glance: Glance) -> str:
    """Which days `domain.figures.rates_at` divides by: whole ones, with today; half days as halves."""
    left = glance.rates.open_left
    kind = "day" if glance.plan.halves is None else "open day"
    if glance.found.as_of < glance.plan.begins:
        return f"on each of {wording.days_counted(left, kind)}" if left > 1 else f"on its one {kind}"
    if left <= 1:
        return f"today, on the last {kind}" if _is_open_today(glance) else f"on the last {kind}"
    today = ", with today" if _is_open_today(glance) else ""
    return f"on each of the {wording.days_counted(left, kind)} left{today}"


def _is_open_today(glance: Glance) -> bool:
    plan = glance.plan
    number = (plan.day_of(glance.found.as_of) - plan.start).days
    return plan.open_days(number, number + 1) > 0


def _so_far(glance: Glance) -> str:
    """What the days that are over have brought, each on average, today's with it."""
    plan, rates = glance.plan, glance.rates
    kind = "day" if plan.halves is None else "open day"
    if glance.found.as_of < plan.begins:
        return "The first day has not begun"
    if rates.current is None:
        return f"No whole {kind} is over yet"
    came = _finer(plan, rates.current) or said_apart(plan, half_even(rates.current))
    over = wording.days_counted(rates.open_over, kind)
    each = "a day" if plan.halves is None else "an open day"
    said = f"{came} on the first {kind}" if rates.open_over == 1 else f"{came} {each} so far, over {over}"
    return f"{said}{_times(glance)}"


def _times(glance: Glance) -> str:
    """How many times as much as so far."""
    factor = glance.now.catch_up_factor
    if factor is None or Fraction(factor) <= 0:
        return ""
    return f": it needs {wording.times(Fraction(factor))} × that"
