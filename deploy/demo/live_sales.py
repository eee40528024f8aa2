"""The sales that come in while one looks: webshop orders, now and then a large one, a refund, or the same one twice."""

import random
from collections import deque
from datetime import datetime
from typing import NamedTuple

from deploy.demo.company import REGIONS, REPS, REVENUE
from deploy.demo.made_sales import Sale, correction_of, refund_of
from deploy.demo.push import Push
from domain.money import minor_units, shown

SOURCE = "webshop"
RECENT_MAX = 20
ORDER_CENTS = (1_500, 9_000)
LARGE_CENTS = (20_000, 90_000)
REFUNDED, TWICE, CORRECTED, LARGE = 0.05, 0.05, 0.02, 0.04
PAUSE_S = (2.0, 4.0)
PAUSE_AFTER_S = (15.0, 30.0)
"""Once the push is over: a demo that is left alone must not sell a month's goal in a night."""


class Rung(NamedTuple):
    """A sale as it is sent, and what there is to say of it."""

    sale: Sale
    region: str
    note: str = ""


class Till:
    """Makes one sale after another. It keeps the push to its script: what is sold beyond that has no campaign."""

    def __init__(self, push: Push, chance: random.Random) -> None:
        self._push = push
        self._chance = chance
        self._recent: deque[Sale] = deque(maxlen=RECENT_MAX)
        self._of_push = 0

    @property
    def of_push(self) -> int:
        """What was sold for it, net and in cents."""
        return self._of_push

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
        elif self._of_push + cents <= self._push.sold_by(now) * 100:
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
        return Rung(sale, region.name)

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
            self._of_push += cents


def _cents(sale: Sale) -> int:
    return minor_units(sale["amount"], REVENUE.exponent)
