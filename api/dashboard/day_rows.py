"""The days of a target as lines of a table, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.dashboard import wording
from api.dashboard.cards.card import NONE
from api.dashboard.glance import bounds_said, is_gain, said_apart_in_full, said_in_full, sells, unit_of
from api.target_days import Day
from domain.plan import KEEP, RATIO, Plan

SHOWN_MAX = 31
"""Days that a page shows, the newest; the API has all."""


@dataclass(frozen=True)
class DayRow:
    day: str
    net: str
    actual: str
    expected: str


@dataclass(frozen=True)
class DayTable:
    """heads: of its columns after the day; left_out: how many days are not shown."""

    heads: Sequence[str]
    rows: Sequence[DayRow]
    left_out: int


def day_table(plan: Plan, days: Sequence[Day]) -> DayTable:
    rows = [_row(plan, one) for one in reversed(days[-SHOWN_MAX:])]
    return DayTable(_heads(plan), rows, max(0, len(days) - SHOWN_MAX))


def _heads(plan: Plan) -> Sequence[str]:
    expected = "To stay" if plan.kind == KEEP else "Expected by the end of the day"
    if plan.measured:
        return ("Change", "Level", expected)
    if plan.kind == RATIO:
        return ("Of the day alone", "So far", "Goal")
    return ("Sold" if sells(plan) else "Counted", "Gain" if is_gain(plan) else "Actual", expected)


def _row(plan: Plan, one: Day) -> DayRow:
    net = NONE if one.net is None else _net(plan, one.net)
    signed = net if plan.kind == RATIO else wording.signed(one.net or 0, net)
    actual, expected = (NONE if minor is None else said_in_full(plan, minor) for minor in (one.actual, one.expected))
    return DayRow(
        wording.day(one.day, plan.end.year), signed, actual, bounds_said(plan) if plan.kind == KEEP else expected
    )


def _net(plan: Plan, minor: int) -> str:
    """Of a ratio that of the day; else what it brought."""
    if plan.kind == RATIO:
        return wording.amount(minor, unit_of(plan), plan.exponent)
    return said_apart_in_full(plan, minor)
