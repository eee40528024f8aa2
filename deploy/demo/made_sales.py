"""The sales of a month: made with a seed, so the same month makes the same sales, and a second demo finds them all.

Each rep brings their form of every step of their goal, in orders that come when people buy: on weekdays, less at
noon. Some are refunded, corrected or voided later, and some are told twice.
"""

import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from deploy.demo.company import REPS, REVENUE, Rep, company_target, local, next_month
from domain.money import shown

SOURCE = "crm"
ORDER_CENTS = 29_000
"""On average."""
LEAST_CENTS = 1_900
SPREAD = 0.7
BUSY = (1.0, 1.0, 1.05, 1.05, 0.95, 0.5, 0.4)
"""Of each weekday, from Monday."""
HOURS = {8: 4, 9: 8, 10: 11, 11: 11, 12: 5, 13: 6, 14: 10, 15: 11, 16: 10, 17: 7, 18: 4, 19: 2}
"""How many of a day's orders come in each hour, beside the others."""
LAST_SPURT = 1.06
"""Before the last checkpoint everybody hurries."""
QUIET_AFTER = 0.35
"""And then there is little left to sell."""
GIVEN_BACK = 1.01
"""What refunds and voids will take is sold on top."""
REFUNDED, CORRECTED, VOIDED, TWICE = 0.010, 0.004, 0.002, 0.005

Sale = dict[str, Any]


class Told(NamedTuple):
    """A sale, and when it comes over the feed, which for a correction is later than it occurred."""

    at: datetime
    sale: Sale


@dataclass(frozen=True)
class Order:
    at: datetime
    rep: Rep
    cents: int


@dataclass(frozen=True)
class Stretch:
    """The days from one checkpoint's step to the next, and the share of a month's goal that they bring."""

    days: tuple[date, ...]
    share: float

    @property
    def busy(self) -> float:
        return _busy(self.days)


def _busy(days: Iterable[date]) -> float:
    return sum(BUSY[day.weekday()] for day in days)


def sales_until(first_months: Iterable[date], now: datetime) -> Iterator[Sale]:
    """What was told of these months by now, in the order in which it was told."""
    told = [one for first in first_months for one in sales_of(first)]
    return (one.sale for one in sorted(told, key=lambda one: one.at) if one.at <= now)


def sales_of(first: date) -> list[Told]:
    """A whole month's, those of its future included."""
    chance = random.Random(f"{first:%Y-%m} feed")
    end = local(next_month(first), 0)
    orders = sorted(_orders(first), key=lambda one: (one.at, one.rep.name))
    told: list[Told] = []
    for day, those in groupby(orders, key=lambda one: one.at.date()):
        for number, order in enumerate(those, 1):
            sale = _sale(f"so-{day:%Y%m%d}-{number:04d}", order)
            told += [Told(order.at, sale), *_afterwards(chance, order, sale)]
    return [one for one in told if one.at < end]


def _orders(first: date) -> Iterator[Order]:
    for number, stretch in enumerate(_stretches(first)):
        for rep in REPS:
            chance = random.Random(f"{first:%Y-%m} {rep.name} {number}")
            yield from _orders_of(chance, rep, stretch)
    third = [day for stretch in _stretches(first) for day in stretch.days if day.weekday() < 5][2]
    yield from (Order(local(third, 10, 40), rep, rep.contract * 100) for rep in REPS if rep.contract)


def _stretches(first: date) -> list[Stretch]:
    """By the steps of the company's pace; the days after the last of them bring little."""
    plan = company_target(first).plan
    days: list[list[date]] = [[] for _ in range(len(plan.steps) + 1)]
    for number, ends in enumerate(plan.midnights[1:]):
        days[bisect_left(plan.steps, ends)].append(plan.start + timedelta(days=number))
    *stepping, after = (tuple(one) for one in days)
    share = 1 / len(stepping)
    last = len(stepping) - 1
    found = [Stretch(one, share * (LAST_SPURT if number == last else 1)) for number, one in enumerate(stepping)]
    of_a_month = _busy(after) / sum(one.busy for one in found)
    return [*found, Stretch(after, QUIET_AFTER * of_a_month)] if after else found


def _orders_of(chance: random.Random, rep: Rep, stretch: Stretch) -> list[Order]:
    """They come to the cent to what the rep brings in this stretch."""
    cents = rep.goal * 100 * rep.form * stretch.share * GIVEN_BACK * chance.uniform(0.995, 1.005)
    many = cents / ORDER_CENTS / stretch.busy
    times = [
        _moment(chance, day)
        for day in stretch.days
        for _ in range(int(many * BUSY[day.weekday()] * chance.uniform(0.85, 1.15) + chance.random()))
    ]
    sizes = [chance.lognormvariate(0, SPREAD) for _ in times]
    return [
        Order(at, rep, max(LEAST_CENTS, round(size / sum(sizes) * cents)))
        for at, size in zip(times, sizes, strict=True)
    ]


def _moment(chance: random.Random, day: date) -> datetime:
    (hour,) = chance.choices(list(HOURS), list(HOURS.values()))
    return local(day, hour, chance.randrange(60)) + timedelta(seconds=chance.randrange(60))


def _sale(number: str, order: Order) -> Sale:
    return {
        "source": SOURCE,
        "id": number,
        "kind": "sale",
        "metric": REVENUE.name,
        "amount": shown(order.cents, REVENUE.exponent),
        "unit": REVENUE.unit,
        "occurred_at": order.at.isoformat(timespec="seconds"),
        "dimensions": {"channel": "field", "region": order.rep.region, "rep": order.rep.name},
    }


def _afterwards(chance: random.Random, order: Order, sale: Sale) -> list[Told]:
    """What the feed says of a sale later on, mostly nothing."""
    number, drawn = sale["id"], chance.random()
    later = order.at + timedelta(minutes=chance.randrange(20, 180))
    if order.rep.contract * 100 == order.cents:
        return []
    if (drawn := drawn - REFUNDED) < 0:
        back = order.at + timedelta(days=chance.randrange(1, 6), minutes=chance.randrange(90))
        cents = order.cents if chance.random() < 0.7 else order.cents // 2
        return [Told(back, refund_of(sale, f"{number}-r", shown(cents, REVENUE.exponent), back))]
    if (drawn := drawn - CORRECTED) < 0:
        mended = shown(round(order.cents * chance.choice((0.9, 0.95, 1.1))), REVENUE.exponent)
        return [Told(later, correction_of(sale, f"{number}-c", mended))]
    if (drawn := drawn - VOIDED) < 0:
        occurred_at = sale["occurred_at"]
        void = {"source": SOURCE, "id": f"{number}-v", "kind": "void", "corrects": number, "occurred_at": occurred_at}
        return [Told(later, void)]
    return [Told(order.at + timedelta(minutes=1), sale)] if drawn - TWICE < 0 else []


def refund_of(sale: Sale, number: str, amount: str, at: datetime) -> Sale:
    """It gives no dimensions: it counts where the sale did."""
    given = {name: what for name, what in sale.items() if name != "dimensions"}
    occurred_at = at.isoformat(timespec="seconds")
    return given | {
        "id": number,
        "kind": "refund",
        "corrects": sale["id"],
        "amount": amount,
        "occurred_at": occurred_at,
    }


def correction_of(sale: Sale, number: str, amount: str) -> Sale:
    return sale | {"id": number, "kind": "correction", "corrects": sale["id"], "amount": amount}
