"""Seeing whether a target slips or stalls: its last open days, held against its pace. Pure."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from domain.actuals import Actuals
from domain.course import Course
from domain.money import decimal_shown, half_even
from domain.plan import KEEP, RATIO, Plan
from domain.trend import slipping_holds, trend_of

SLIPPING, STALLED = "slipping", "stalled"
ON_PACE, ATTAINED, NO_PACE = "on_pace", "attained", "no_pace"
"""Why it is neither any more."""
SLIPPING_DAYS, STALLED_DAYS = 5, 2
DAYS_SEEN = SLIPPING_DAYS + 1
"""Open days: those of the evaluation before are one earlier."""
PLACES = 4


@dataclass(frozen=True)
class Pace:
    """So many open days: what the plan adds on them and what they brought, minor units; burns with four places."""

    days: int
    expected: int
    actual: int
    burn: str
    last_burn: str


@dataclass(frozen=True)
class Seen:
    """After the open day `day`: the pace that makes it slip, or stall; None where it does not, and then why."""

    day: date
    slipping: Pace | None = None
    stalled: Pace | None = None
    slipping_holds: bool = False
    """Whether it slipped at the evaluation before, too."""
    reason: str = ON_PACE


def see(course: Course, actuals: Actuals, at: datetime, watched_since: datetime) -> Seen | None:
    """What the open days that are over at this instant come to; None before the first of them.

    watched_since: evaluations are made from then on. What they saw then is worked out anew, with the sales that have
    come in late since.
    """
    plan = course.plan
    days = min(plan.days, bisect_right(plan.midnights, at) - 1)
    if not is_paced(plan):
        return Seen(plan.start + timedelta(days=max(0, days - 1)), reason=NO_PACE)
    found = _last_open_days(course, actuals, days)
    if not found:
        return None
    day = plan.start + timedelta(days=found[-1].number)
    opened = [(one.expected, one.actual) for one in found]
    now, before = trend_of(opened, plan.span), trend_of(opened[:-1], plan.span)
    was_made = len(found) > 1 and plan.midnights[found[-2].number + 1] > watched_since
    return Seen(
        day,
        _pace(opened, SLIPPING_DAYS, now.burn_5, now.burn_1) if now.slipping else None,
        _pace(opened, STALLED_DAYS, now.burn_2, now.burn_1) if now.stalled else None,
        slipping_holds(before if was_made else None, now),
    )


def is_paced(plan: Plan) -> bool:
    """Whether days can be held against a pace: not where a level is kept, nor where nothing is to be compared with."""
    return plan.kind not in (KEEP, RATIO) and bool(plan.span) and not plan.no_baseline and not plan.awaits_comparison


def next_look(course: Course, after: datetime) -> datetime | None:
    """The next midnight that ends an open day, on which the plan adds something. None: the close is next."""
    plan = course.plan
    if not is_paced(plan):
        return None
    first = max(1, bisect_right(plan.midnights, after))
    for number in range(first, plan.days):
        if _is_open(plan, number - 1) and _grows(course, number - 1) * plan.span > 0:
            return plan.midnights[number]
    return None


@dataclass(frozen=True)
class _Day:
    number: int
    expected: Fraction
    actual: Fraction


def _last_open_days(course: Course, actuals: Actuals, days: int) -> list[_Day]:
    """The last six of the first so many days that are open, each with the closed days before it.

    A closed day's sales are the next open one's, and so is what the plan adds on it: an even pace goes on over
    weekends.
    """
    plan, found = course.plan, list[_Day]()
    for number in reversed(range(days)):
        one = _day(course, actuals, number)
        if _is_open(plan, number) and one.expected * plan.span > 0:
            if len(found) == DAYS_SEEN:
                break
            found.append(one)
        elif found:
            grown = one.expected if one.expected * plan.span > 0 else 0
            found[-1] = _Day(found[-1].number, found[-1].expected + grown, found[-1].actual + one.actual)
    return found[::-1]


def _is_open(plan: Plan, number: int) -> bool:
    return plan.open_days(number, number + 1) > 0


def _day(course: Course, actuals: Actuals, number: int) -> _Day:
    begins, ends = course.plan.midnights[number], course.plan.midnights[number + 1]
    actual = (actuals.before(ends) or Fraction()) - (actuals.before(begins) or Fraction())
    return _Day(number, _grows(course, number), actual)


def _grows(course: Course, number: int) -> Fraction:
    """What the plan adds on this day. A revision that goes on from the actual moves E, which is nobody's day's work."""
    begins, ends = course.plan.midnights[number], course.plan.midnights[number + 1]
    grown = course.expected(ends) - course.expected(begins)
    for revision, plan in enumerate(course.plans):
        if plan.rebased is not None and begins < plan.rebased.at <= ends:
            at = plan.rebased.at
            grown -= plan.expected(at) - Course(course.plans[:revision]).expected(at)
    return grown


def _pace(opened: list[tuple[Fraction, Fraction]], days: int, burn: Fraction | None, last: Fraction | None) -> Pace:
    assert burn is not None
    assert last is not None
    expected, actual = (half_even(sum(each, Fraction())) for each in zip(*opened[-days:], strict=True))
    return Pace(days, expected, actual, decimal_shown(burn, PLACES), decimal_shown(last, PLACES))
