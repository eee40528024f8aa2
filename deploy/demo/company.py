"""The demo's company: who sells where, what each is to bring in a month, and how well they do beside that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from deploy.holiday_calendars import holidays_in
from deploy.timezones import tz_version
from domain.defining import Definition, Resolving, plan_of
from domain.metric import Metric
from domain.plan import Plan

DEMO = UUID("0d6c7f3e-4f0b-5b0e-8a57-5c6f2c0f3a10")
"""The namespace of the demo's ids: a second start finds what the first one made."""
TIME_ZONE = "America/New_York"
ZONE = ZoneInfo(TIME_ZONE)
REVENUE = Metric("revenue", "USD", 2)
KNOWN = Resolving({REVENUE.name: REVENUE}, tz_version, holidays_in)
"""What the demo's plans are resolved with."""
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
GOAL = 1_000_000
"""Of the company, in dollars a month, as all others here."""
HEAD = "ana@example.com"


@dataclass(frozen=True)
class Rep:
    """form: what they sell beside their goal, at every checkpoint of every month; contract: one large order, early."""

    name: str
    region: str
    goal: int
    form: float
    contract: int = 0


@dataclass(frozen=True)
class Region:
    name: str
    goal: int
    lead: str


REGIONS = (
    Region("us", 420_000, "rosa@example.com"),
    Region("emea", 360_000, "jo@example.com"),
    Region("apac", 220_000, "mei@example.com"),
)
REPS = (
    Rep("max", "us", 205_000, 1.08),
    Rep("rosa", "us", 199_000, 1.01),
    Rep("sam", "us", 16_000, 1.10, contract=12_400),
    Rep("ana", "emea", 130_000, 1.02),
    Rep("jo", "emea", 120_000, 1.0),
    Rep("lena", "emea", 110_000, 0.88),
    Rep("kenji", "apac", 80_000, 0.72),
    Rep("mei", "apac", 70_000, 1.10),
    Rep("priya", "apac", 70_000, 1.0),
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


def company_target(first: date) -> DemoTarget:
    leads = [region.lead for region in REGIONS]
    return _target(first, "company", "Company revenue", GOAL, {}, HEAD, leads)


def region_targets(first: date) -> list[DemoTarget]:
    return [
        _target(
            first,
            region.name,
            f"{region.name.upper()} revenue",
            region.goal,
            {"region": [region.name]},
            region.lead,
            [_address(rep) for rep in REPS if rep.region == region.name and _address(rep) != region.lead],
        )
        for region in REGIONS
    ]


def rep_targets(first: date) -> list[DemoTarget]:
    return [
        _target(first, rep.name, f"{rep.name.capitalize()}'s sales", rep.goal, {"rep": [rep.name]}, _address(rep), [])
        for rep in REPS
    ]


def _address(rep: Rep) -> str:
    return f"{rep.name}@example.com"


def _target(
    first: date, key: str, name: str, goal: int, scope: dict[str, list[str]], owner: str, team: Sequence[str]
) -> DemoTarget:
    said = Definition(
        name=f"{name}, {first:%B %Y}",
        metric=REVENUE.name,
        unit=REVENUE.unit,
        goal=f"{goal}.00",
        start=first,
        end=month_of(first)[1],
        time_zone=TIME_ZONE,
        scope=scope,
        checkpoints=FRIDAYS,
        owner=owner,
        team=team,
    )
    return DemoTarget(uuid5(DEMO, f"{first} {key}"), plan_of(said, KNOWN))
