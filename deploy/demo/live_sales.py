"""The sales that come in while one looks: webshop orders, now and then a large one, a refund, or the same one twice."""

import random
from collections import deque
from datetime import datetime
from typing import NamedTuple

from deploy.demo.company import REGIONS, REPS
from deploy.demo.made_figures import count_of
from deploy.demo.made_sales import Sale, correction_of, refund_of
from deploy.demo.metrics import ORDERS, REVENUE, VISITS
from deploy.demo.push import Push
from domain.money import minor_units, shown

SOURCE = "webshop"
RECENT_MAX = 20
ORDER_CENTS = (500, 3_000)
"""Small ones: what comes in within an hour is a part of what a day brings."""
LARGE_CENTS = (8_000, 30_000)
REFUNDED, TWICE, CORRECTED, LARGE = 0.05, 0.05, 0.02, 0.02
VISITS_OF_AN_ORDER = (18, 45)
"""Of the webshop, for one order."""
PAUSE_S = (2.0, 4.0)
PAUSE_AFTER_S = (20.0, 40.0)
"""Once the push is over: a demo that is left alone must not sell a month's goal in a night."""


class Rung(NamedTuple):
    """A sale as it is sent, what there is to say of it, and what is sent with it: an order, and visits to the shop."""

    sale: Sale
    region: str
    note: str = ""
    beside: tuple[Sale, ...] = ()

    @property
    def sent(self) -> list[Sale]:
        return [self.sale, *self.beside]


class Till:
    """Makes one sale after another. It keeps the push to its script: what is sold beyond that has no campaign."""

    def __init__(self, push: Push, chance: random.Random) -> None:
        self._push = push
        self._chance = chance
        self._recent: deque[Sale] = deque(maxlen=RECENT_MAX)
        self.of_push = 0  # cents

    def pause_s(self, now: datetime) -> float:
        return self._chance.uniform(*(PAUSE_S if now < self._push.ends else PAUSE_AFTER_S))

    def ring(self, now: datetime) -> Rung:
        number, drawn = f"web-{now:%Y%m%d%H%M%S%f}", self._chance.random()
        if self._recent:
            if (drawn := drawn - REFUNDED) < 0:
                return self._refund(self._one_of_the_recent(), number, now)
            if (drawn := drawn - TWICE) < 0:
                last = self._recent[-1]
                return Rung(last, last["dimensions"]["region"], "the same again: counted once")
            if (drawn := drawn - CORRECTED) < 0:
                return self._correction(self._one_of_the_recent(), number)
        return self._order(number, now, large=drawn < LARGE)

    def _order(self, number: str, now: datetime, *, large: bool) -> Rung:
        (region,) = self._chance.choices(REGIONS, [one.goal for one in REGIONS])
        cents = self._chance.randint(*(LARGE_CENTS if large else ORDER_CENTS))
        # Each has a rep, as the other sales do: so what reps sell adds up to what their region does.
        reps = [one for one in REPS if one.region == region.name]
        (on_duty,) = self._chance.choices(reps, [one.goal for one in reps])
        dimensions = {"channel": SOURCE, "region": region.name, "rep": on_duty.name}
        if large:
            dimensions["channel"] = "phone"
        elif self.of_push + cents <= self._push.sold_by(now) * 100:
            dimensions["campaign"] = self._push.campaign
        sale = {
            "source": SOURCE,
            "id": number,
            "kind": "sale",
            "metric": REVENUE.name,
            "amount": shown(cents, REVENUE.exponent),
            "unit": REVENUE.unit,
            "occurred_at": now.isoformat(timespec="milliseconds"),
            "dimensions": dict(sorted(dimensions.items())),
        }
        self._count(sale, cents)
        self._recent.append(sale)
        return Rung(sale, region.name, beside=() if large else self._visited(number, region.name, now))

    def _visited(self, number: str, region: str, now: datetime) -> tuple[Sale, ...]:
        visits = self._chance.randint(*VISITS_OF_AN_ORDER)
        return (
            count_of(ORDERS, SOURCE, f"{number}-o", 1, now, region),
            count_of(VISITS, SOURCE, f"{number}-v", visits, now, region),
        )

    def _refund(self, sale: Sale, number: str, now: datetime) -> Rung:
        self._count(sale, -_cents(sale))
        refund = refund_of(sale, f"{number}-r", sale["amount"], now)
        return Rung(refund, sale["dimensions"]["region"], "money back")

    def _correction(self, sale: Sale, number: str) -> Rung:
        cents = round(_cents(sale) * self._chance.choice((0.8, 0.9, 1.1)))
        self._count(sale, cents - _cents(sale))
        mended = correction_of(sale, f"{number}-c", shown(cents, REVENUE.exponent))
        return Rung(mended, sale["dimensions"]["region"], f"it was ${sale['amount']}")

    def _one_of_the_recent(self) -> Sale:
        """It is changed once at most."""
        sale = self._chance.choice(self._recent)
        self._recent.remove(sale)
        return sale

    def _count(self, sale: Sale, cents: int) -> None:
        if sale["dimensions"].get("campaign") == self._push.campaign:
            self.of_push += cents


def _cents(sale: Sale) -> int:
    return minor_units(sale["amount"], REVENUE.exponent)
