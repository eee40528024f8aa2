"""What is counted and measured beside sales in a month: made with a seed, as those are."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from deploy.demo.company import REGIONS, local
from deploy.demo.made_sales import SOURCE, Sale, Told
from deploy.demo.metrics import CHURN, CUSTOMERS, ORDERS, SIGNUPS, UPTIME, VISITS
from deploy.demo.other_targets import churn_target, customers_target, signups_target, uptime_target
from domain.metric import Metric
from domain.plan import Plan

VISITS_A_DAY = {"us": (1_200, 0.032), "emea": (1_000, 0.0305), "apac": (600, 0.0272)}
"""About so many, and the share of them that orders."""
GOOD_UPTIME, OUTAGE = (99.7, 99.99), 98.7
CHURN_FORM = (0.97, 1.02)
CUSTOMERS_FORM, SIGNUPS_FORM = 1.0, 1.07
WOBBLE = (0.985, 1.015)
THURSDAY = 3
LATE = 23
"""The hour in which a day is added up."""


def figures_of(first: date) -> list[Told]:
    """A whole month's, those of its future included."""
    chance = random.Random(f"{first:%Y-%m} figures")
    return [
        *_visits(chance, uptime_target(first).plan),
        *_churn(chance, churn_target(first).plan),
        *_uptime(chance, uptime_target(first).plan),
        *_paced(chance, CUSTOMERS, customers_target(first).plan, CUSTOMERS_FORM),
        *_paced(chance, SIGNUPS, signups_target(first).plan, SIGNUPS_FORM),
    ]


def count_of(metric: Metric, source: str, number: str, amount: int, at: datetime, region: str | None = None) -> Sale:
    """So many of something, as a service publishes them."""
    return {
        "source": source,
        "id": number,
        "kind": "sale",
        "metric": metric.name,
        "amount": str(amount),
        "unit": metric.unit,
        "occurred_at": at.isoformat(timespec="milliseconds"),
        "dimensions": {} if region is None else {"region": region},
    }


def _days(plan: Plan) -> list[date]:
    return [plan.start + timedelta(days=number) for number in range(plan.days)]


def _visits(chance: random.Random, plan: Plan) -> Iterator[Told]:
    for day in _days(plan):
        at = local(day, LATE)
        for region in REGIONS:
            many, share = VISITS_A_DAY[region.name]
            visits = round(many * chance.uniform(0.9, 1.1))
            orders = round(visits * share * chance.uniform(0.96, 1.04))
            for metric, amount in ((VISITS, visits), (ORDERS, orders)):
                number = f"{metric.name}-{day:%Y%m%d}-{region.name}"
                yield Told(at, count_of(metric, SOURCE, number, amount, at, region.name))


def _churn(chance: random.Random, plan: Plan) -> Iterator[Told]:
    """On the first, and then before each Friday's checkpoint: about what is expected by then."""
    yield _measured(CHURN, local(plan.start, 9), plan.baseline / 100)
    for day in _days(plan)[1:]:
        if day.weekday() == THURSDAY and (coming := [one for one in plan.cutoffs if one > local(day, 17)]):
            share = float(plan.weight(coming[0])) * chance.uniform(*CHURN_FORM)
            yield _measured(CHURN, local(day, 17), (plan.baseline + plan.span * share) / 100)


def _uptime(chance: random.Random, plan: Plan) -> Iterator[Told]:
    """Of each day; there was an outage before the second checkpoint."""
    outage = plan.day_of(plan.cutoffs[1] - timedelta(microseconds=1))
    for day in _days(plan):
        up = OUTAGE if outage - timedelta(days=1) <= day <= outage else chance.uniform(*GOOD_UPTIME)
        yield _measured(UPTIME, local(day, 18), up)


def _paced(chance: random.Random, metric: Metric, plan: Plan, form: float) -> Iterator[Told]:
    """What each day is to bring by the plan's own pace, in whole pieces, by about so much more or less."""
    counted = 0
    for day, midnight in zip(_days(plan), plan.midnights[1:], strict=True):
        brought = round(float(plan.expected(midnight)) * form * chance.uniform(*WOBBLE)) - counted
        if brought > 0:
            counted += brought
            at = local(day, 17)
            yield Told(at, count_of(metric, SOURCE, f"{metric.name}-{day:%Y%m%d}", brought, at))


def _measured(metric: Metric, at: datetime, level: float) -> Told:
    return Told(
        at,
        {
            "source": SOURCE,
            "id": f"{metric.name}-{at:%Y%m%d}",
            "kind": "measurement",
            "metric": metric.name,
            "amount": f"{level:.2f}",
            "unit": metric.unit,
            "occurred_at": at.isoformat(timespec="seconds"),
        },
    )
