"""What the company has set out to reach beside revenue: one target of each other kind, and what each can be like."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from deploy.demo.company import DEMO, FRIDAYS, HEAD, KNOWN, REGIONS, TIME_ZONE, DemoTarget, month_of
from deploy.demo.metrics import CHURN, CUSTOMERS, ORDERS, SIGNUPS, UPTIME, VISITS
from domain.calendar import Calendar
from domain.defining import plan_of
from domain.definition import Definition, Measure, Pacing
from domain.plan import FROM_TO, KEEP, RATIO

UPTIME_MIN = "99.50"


def conversion_targets(first: date) -> list[DemoTarget]:
    """Orders by visits: of the whole webshop, which adds up what its regions count, then of each region."""
    webshop = _target(
        first,
        "conversion",
        "Webshop conversion",
        HEAD,
        kind=RATIO,
        goal="0.03",
        numerator=Measure(ORDERS.name, {}),
        denominator=Measure(VISITS.name, {}),
        roll_up=True,
        checkpoints=FRIDAYS,
    )
    return [webshop, *(_conversion_of(first, region.name, region.lead, webshop.id) for region in REGIONS)]


def _conversion_of(first: date, region: str, lead: str, parent: UUID) -> DemoTarget:
    scope = {"region": [region]}
    return _target(
        first,
        f"conversion {region}",
        f"{region.upper()} conversion",
        lead,
        kind=RATIO,
        goal="0.03",
        numerator=Measure(ORDERS.name, scope),
        denominator=Measure(VISITS.name, scope),
        checkpoints=FRIDAYS,
        parent=parent,
    )


def churn_target(first: date) -> DemoTarget:
    says: dict[str, Any] = {"kind": FROM_TO, "baseline": "8.00", "goal": "5.00", "checkpoints": FRIDAYS}
    return _target(first, "churn", "Customer churn", "lena@example.com", **says, **_counted_in(CHURN.name, CHURN.unit))


def uptime_target(first: date) -> DemoTarget:
    says: dict[str, Any] = {"kind": KEEP, "bounds_min": UPTIME_MIN, "pass_share": "0.75", "checkpoints": FRIDAYS}
    named = _counted_in(UPTIME.name, UPTIME.unit)
    return _target(first, "uptime", "Webshop uptime", "priya@example.com", **says, **named)


def customers_target(first: date) -> DemoTarget:
    """Nobody signs on a weekend or a holiday, so nobody is expected to."""
    return _target(
        first,
        "customers",
        "New customers",
        "rosa@example.com",
        goal="40",
        pacing=Pacing("business_days"),
        calendar=Calendar(country="US"),
        checkpoints=FRIDAYS,
        **_counted_in(CUSTOMERS.name, CUSTOMERS.unit),
    )


def signups_target(first: date) -> DemoTarget:
    """Its goal is raised once the month is under way: see `deploy.demo.people`."""
    says: dict[str, Any] = {"goal": "2000", "pacing": Pacing("linear"), "checkpoints": FRIDAYS}
    named = _counted_in(SIGNUPS.name, SIGNUPS.unit)
    return _target(first, "sign-ups", "Newsletter sign-ups", "sam@example.com", **says, **named)


def other_targets(first: date) -> Sequence[DemoTarget]:
    """Each after the one that it belongs to."""
    single = (churn_target, uptime_target, customers_target, signups_target)
    return [*conversion_targets(first), *(one(first) for one in single)]


def _counted_in(metric: str, unit: str) -> dict[str, Any]:
    return {"metric": metric, "unit": unit}


def _target(first: date, key: str, name: str, owner: str, **says: Any) -> DemoTarget:
    start, end = month_of(first)
    said = Definition(name=f"{name}, {first:%B %Y}", start=start, end=end, time_zone=TIME_ZONE, owner=owner, **says)
    return DemoTarget(uuid5(DEMO, f"{first} {key}"), plan_of(said, KNOWN))
