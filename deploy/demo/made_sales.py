"""The sales of a month: made with a seed, so the same month makes the same sales, and a second demo finds them all.

Each rep brings what they brought on last year's days, and their form of every step of their goal on top, in orders
that come when people buy: on weekdays, less at noon. Some are refunded, corrected or voided later, and some are told
twice. Of last year's month there is one line a rep and day: what an older system kept.
"""

import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from deploy.demo.company import REPS, Rep, company_target, last_year, local, next_month
from deploy.demo.metrics import REVENUE
from domain.comparison import Frozen, compared_running
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
"""And then there is little left to gain."""
REFUNDED, CORRECTED, VOIDED, TWICE = 0.012, 0.004, 0.002, 0.005

Sale = dict[str, Any]


class Told(NamedTuple):
    """A sale, and when it comes over the feed, which for a correction is later than it occurred."""

    at: datetime
    sale: Sale


@dataclass(frozen=True)
class Fate:
    """What becomes of an order; kept: the part of it that counts in the end, days: until the money is given back."""

    what: str = "stays"
    kept: float = 1.0
    days: int = 0


@dataclass(frozen=True)
class Order:
    at: datetime
    rep: Rep
    cents: int
    fate: Fate = Fate()


@dataclass(frozen=True)
class Stretch:
    """The days from one checkpoint's step to the next, and the share of a month's goal that they bring on top."""

    days: tuple[date, ...]
    share: float

    @property
    def busy(self) -> float:
        return _busy(self.days)


def _busy(days: Iterable[date]) -> float:
    return sum(BUSY[day.weekday()] for day in days)


def sales_of_last_year(first: date) -> Iterator[Sale]:
    """Of the same month a year before: what each rep sold on a day, in one line, as an older system kept it."""
    begins = last_year(first)
    for rep in REPS:
        for number, cents in enumerate(_days_of_last_year(first, rep)):
            day = begins + timedelta(days=number)
            yield _sale(f"day-{day:%Y%m%d}-{rep.name}", Order(local(day, 18), rep, cents))


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


@cache
def _days_of_last_year(first: date, rep: Rep) -> list[int]:
    """In cents: busier days bring more, and no two are alike."""
    chance, begins = random.Random(f"{last_year(first):%Y-%m} {rep.name}"), last_year(first)
    days = [begins + timedelta(days=number) for number in range((next_month(begins) - begins).days)]
    sizes = [BUSY[day.weekday()] * chance.uniform(0.95, 1.05) for day in days]
    return [round(size / sum(sizes) * rep.before * 100) for size in sizes]


def _orders(first: date) -> Iterator[Order]:
    stretches = _stretches(first)
    for rep in REPS:
        for number, (stretch, before) in enumerate(zip(stretches, _before(first, rep, stretches), strict=True)):
            chance = random.Random(f"{first:%Y-%m} {rep.name} {number}")
            gain = rep.goal * 100 * rep.form * stretch.share * chance.uniform(0.995, 1.005)
            yield from _orders_of(chance, rep, stretch, before + gain)
    third = [day for stretch in stretches for day in stretch.days if day.weekday() < 5][2]
    yield from (Order(local(third, 10, 40), rep, rep.contract * 100) for rep in REPS if rep.contract)


def _before(first: date, rep: Rep, stretches: list[Stretch]) -> list[int]:
    """What the rep sold on those of last year's days that each stretch is held against, in cents."""
    plan, nets = company_target(first).plan, _days_of_last_year(first, rep)
    assert plan.comparison is not None
    running = compared_running(plan.comparison, Frozen(0, nets, len(nets)), plan.start, plan.end)
    at = [0, *(running[(stretch.days[-1] - first).days] for stretch in stretches)]
    return [after - before for before, after in pairwise(at)]


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


def _orders_of(chance: random.Random, rep: Rep, stretch: Stretch, cents: float) -> list[Order]:
    """They come to the cent to what the rep brings in this stretch, whatever becomes of some of them in it."""
    many = cents / ORDER_CENTS / stretch.busy
    times = [
        _moment(chance, day)
        for day in stretch.days
        for _ in range(int(many * BUSY[day.weekday()] * chance.uniform(0.95, 1.05) + chance.random()))
    ]
    sizes = [chance.lognormvariate(0, SPREAD) for _ in times]
    fates = [_fate(chance, (stretch.days[-1] - at.date()).days) for at in times]
    counted = sum(size * fate.kept for size, fate in zip(sizes, fates, strict=True))
    return [
        Order(at, rep, max(LEAST_CENTS, round(size / counted * cents)), fate)
        for at, size, fate in zip(times, sizes, fates, strict=True)
    ]


def _fate(chance: random.Random, days_left: int) -> Fate:
    """days_left: money that is given back later than that would be missing from another stretch."""
    drawn = chance.random()
    if (drawn := drawn - REFUNDED) < 0:
        days = chance.randrange(1, 6)
        kept = 0.0 if chance.random() < 0.7 else 0.5
        return Fate("refunded", kept, days) if days < days_left else Fate()
    if (drawn := drawn - CORRECTED) < 0:
        return Fate("corrected", chance.choice((0.9, 0.95, 1.1)))
    if (drawn := drawn - VOIDED) < 0:
        return Fate("voided", 0.0)
    return Fate("told twice") if drawn - TWICE < 0 else Fate()


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
    number, fate = sale["id"], order.fate
    later = order.at + timedelta(minutes=chance.randrange(20, 180))
    match fate.what:
        case "refunded":
            back = order.at + timedelta(days=fate.days, minutes=chance.randrange(90))
            amount = shown(order.cents - round(order.cents * fate.kept), REVENUE.exponent)
            return [Told(back, refund_of(sale, f"{number}-r", amount, back))]
        case "corrected":
            mended = shown(round(order.cents * fate.kept), REVENUE.exponent)
            return [Told(later, correction_of(sale, f"{number}-c", mended))]
        case "voided":
            at = sale["occurred_at"]
            void = {"source": SOURCE, "id": f"{number}-v", "kind": "void", "corrects": number, "occurred_at": at}
            return [Told(later, void)]
        case "told twice":
            return [Told(order.at + timedelta(minutes=1), sale)]
    return []


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
