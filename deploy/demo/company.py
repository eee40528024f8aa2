"""The demo's company: who sells where, how much more than last year each is to bring, and how well they do beside that.

The company belongs to nobody, regions to the company, reps to regions: each is to beat the same month of last year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from deploy.demo.metrics import METRICS, REVENUE
from deploy.holiday_calendars import holidays_in
from deploy.timezones import tz_version
from domain.defining import Resolving, plan_of
from domain.definition import Definition, Versus
from domain.plan import UPLIFT, Plan
from domain.templates.template import target_id_of

DEMO = UUID("0d6c7f3e-4f0b-5b0e-8a57-5c6f2c0f3a10")
"""The namespace of the demo's ids: a second start finds what the first one made."""
TIME_ZONE = "America/New_York"
ZONE = ZoneInfo(TIME_ZONE)
KNOWN = Resolving({one.name: one for one in METRICS}, tz_version, holidays_in)
"""What the demo's plans are resolved with."""
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
SAME_WEEKDAY = "same_weekday"
"""Weekends sell less: a Saturday is held against a Saturday."""
GOAL = 100_000
"""Of the company: so many dollars more than in the same month of last year, as all goals here."""
HEAD = "ana@example.com"
TEMPLATE = uuid5(DEMO, "company revenue, month after month")
"""Makes the company's target of each month that is to come."""


@dataclass(frozen=True)
class Rep:
    """before: what they sold in the same month of last year, goal: what they are to bring on top of that, in dollars;
    form: what they do bring, beside the goal, at every checkpoint of every month; contract: one large order, early."""

    name: str
    region: str
    before: int
    goal: int
    form: float
    contract: int = 0


@dataclass(frozen=True)
class Region:
    name: str
    goal: int
    lead: str


REGIONS = (
    Region("us", 42_000, "rosa@example.com"),
    Region("emea", 36_000, "jo@example.com"),
    Region("apac", 22_000, "mei@example.com"),
)
REPS = (
    Rep("max", "us", 190_000, 22_000, 1.13),
    Rep("rosa", "us", 187_500, 18_000, 1.0),
    Rep("sam", "us", 500, 2_000, 0.3, contract=2_600),
    Rep("ana", "emea", 117_000, 13_000, 1.02),
    Rep("jo", "emea", 108_000, 12_000, 1.02),
    Rep("lena", "emea", 99_000, 11_000, 0.87),
    Rep("kenji", "apac", 72_000, 8_000, 0.55),
    Rep("mei", "apac", 63_000, 7_000, 1.15),
    Rep("priya", "apac", 63_000, 7_000, 0.98),
)


@dataclass(frozen=True)
class DemoTarget:
    """One of the company's targets, as it is defined."""

    id: UUID
    plan: Plan


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of its month."""
    first = day.replace(day=1)
    return first, next_month(first) - timedelta(days=1)


def next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def last_month(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def today(now: datetime) -> date:
    """Where the company is."""
    return now.astimezone(ZONE).date()


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


def last_year(first: date) -> date:
    return first.replace(year=first.year - 1)


def company_target(first: date) -> DemoTarget:
    return DemoTarget(target_id_of(TEMPLATE, first), plan_of(company_definition(first), KNOWN))


def company_definition(first: date) -> Definition:
    leads = [region.lead for region in REGIONS]
    return _definition(first, "Company revenue", GOAL, {}, HEAD, leads, None)


def region_targets(first: date) -> list[DemoTarget]:
    company = company_target(first).id
    return [
        _target(
            region_id(first, region.name),
            _definition(
                first,
                f"{region.name.upper()} revenue",
                region.goal,
                {"region": [region.name]},
                region.lead,
                [_address(rep) for rep in REPS if rep.region == region.name and _address(rep) != region.lead],
                company,
            ),
        )
        for region in REGIONS
    ]


def rep_targets(first: date) -> list[DemoTarget]:
    return [
        _target(
            uuid5(DEMO, f"{first} {rep.name}"),
            _definition(
                first,
                f"{rep.name.capitalize()}'s sales",
                rep.goal,
                {"rep": [rep.name]},
                _address(rep),
                [],
                region_id(first, rep.region),
            ),
        )
        for rep in REPS
    ]


def region_id(first: date, name: str) -> UUID:
    return uuid5(DEMO, f"{first} {name}")


def _address(rep: Rep) -> str:
    return f"{rep.name}@example.com"


def _target(target: UUID, said: Definition) -> DemoTarget:
    return DemoTarget(target, plan_of(said, KNOWN))


def _definition(
    first: date,
    name: str,
    goal: int,
    scope: dict[str, list[str]],
    owner: str,
    team: Sequence[str],
    parent: UUID | None,
) -> Definition:
    before = last_year(first)
    return Definition(
        name=f"{name}, {first:%B %Y}",
        kind=UPLIFT,
        metric=REVENUE.name,
        unit=REVENUE.unit,
        goal=f"{goal}.00",
        start=first,
        end=month_of(first)[1],
        comparison=Versus(*month_of(before)),
        align=SAME_WEEKDAY,
        time_zone=TIME_ZONE,
        scope=scope,
        checkpoints=FRIDAYS,
        owner=owner,
        team=team,
        parent=parent,
    )
