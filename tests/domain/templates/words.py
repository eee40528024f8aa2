"""The words of those who let targets recur: a template, a log in memory, and time going by."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from deploy.holiday_calendars import holidays_in
from domain.agenda import Errand
from domain.application import Milemarker
from domain.calendar import Holidays
from domain.defining import Resolving
from domain.target import Target
from domain.templates.recurring import Recurrer, Templates
from domain.templates.template import Template
from domain.templates.terms import Terms

TEMPLATE = UUID(int=77)
ANA = "ana@example.com"
DEFINED_AT = datetime(2026, 11, 10, 9, tzinfo=UTC)
GRACE = timedelta(seconds=10)
TARGET: dict[str, Any] = {
    "name": "{month} {year} revenue",
    "metric": "revenue",
    "unit": "USD",
    "goal": "1000.00",
    "time_zone": "UTC",
    "checkpoints": "FREQ=WEEKLY;BYDAY=FR",
}


def terms(target: Mapping[str, Any] | None = None, **changes: Any) -> Terms:
    """Every month from December 2026 on, a goal of $1,000; target: what is other of it, None leaves out."""
    said = {name: what for name, what in (TARGET | dict(target or {})).items() if what is not None}
    fields: dict[str, Any] = {"name": "Monthly revenue", "every": "month", "start": date(2026, 12, 1), "target": said}
    return Terms(**fields | changes)


def templates(app: Milemarker, at: datetime = DEFINED_AT, holidays: Holidays = holidays_in) -> Templates:
    return Templates(app, resolving(holidays), by=ANA, at=at)


def resolving(holidays: Holidays = holidays_in) -> Resolving:
    return Resolving({}, lambda zone: "2026a", holidays)


def template(app: Milemarker) -> Template:
    with app.writing() as log:
        return log.aggregates(Template, [TEMPLATE])[TEMPLATE]


def until(app: Milemarker, at: datetime, holidays: Holidays = holidays_in) -> None:
    """The worker looks at this time, and does what is due."""
    recurrer = Recurrer(app, GRACE, lambda zone: "2026a", holidays)
    for one in recurrer.due(at, Errand.RECUR):
        while recurrer.make(one, at, at):
            continue
    for one in recurrer.due(at, Errand.START):
        recurrer.start(one, at, at)


def made(app: Milemarker) -> list[Target]:
    """The targets that were made, in order."""
    facts = app.recorder.select_notifications(1, 1_000, topics=["template.target_made"])
    ids = [app.mapper.to_domain_event(one).target for one in facts]  # type: ignore[attr-defined] # all are TargetMade
    with app.writing() as log:
        targets = log.targets(ids)
    return [targets[one] for one in ids]


def states(app: Milemarker) -> list[tuple[str, str]]:
    return [(one.plan.name, str(one.state)) for one in made(app)]
