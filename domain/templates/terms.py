"""The Terms of a template: what targets made from it look like, as they are said, and how often there is one."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from domain.defining import NAME_LENGTH_MAX, Resolving, plan_of
from domain.definition import Definition, Versus
from domain.hearing import definition_from, members
from domain.plan import UPLIFT, Plan
from domain.refusal import Refused
from domain.saying import said_of
from domain.templates.recurrence import COMPARED, Recurrence, midnight

DRAFT_DAYS = 7
DRAFT_DAYS_MAX = 60
BEGUN_MAX = 200
"""Periods that have begun when a template is defined or changed: they are all made at once."""

OF_THE_PERIOD = {
    "start": "each period has its own: `from` says when the first begins",
    "end": "each period has its own: `every` says how long it is",
    "comparison": "each period has its own: say compared_with, last_year or period_before",
}
"""Members of a target that a template can't have, and why."""

Result = TypeVar("Result")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Terms:
    """target: the members of a target's JSON without its dates, its name with placeholders; draft_days: how many days
    before its start the next target is there as a draft; compared_with: of an uplift, or of last year's profile."""

    name: str
    every: str
    start: date
    target: dict[str, Any]
    interval: int = 1
    until: date | None = None
    compared_with: str | None = None
    draft_days: int = DRAFT_DAYS

    @property
    def recurrence(self) -> Recurrence:
        return Recurrence(self.every, self.start, self.interval, self.until)

    @property
    def time_zone(self) -> str:
        return str(self.target["time_zone"])

    def definition(self, number: int) -> Definition:
        """Of the target of one period, or Refused."""
        start, end = self.recurrence.period(number)
        name = named(self.target["name"], number, start, end)
        heard = definition_from(self.target | {"name": name, "start": start.isoformat(), "end": end.isoformat()})
        if self.compared_with is None:
            return heard
        return replace(heard, comparison=Versus(*self.recurrence.compared(number, self.compared_with)))

    def begins(self, number: int) -> datetime:
        """The local midnight that a period begins with."""
        return midnight(self.recurrence.period(number)[0], self.time_zone)

    def drafted(self, number: int) -> datetime:
        """When its target is made: so many days before the period begins."""
        return midnight(self.recurrence.period(number)[0] - timedelta(days=self.draft_days), self.time_zone)


def check_terms(terms: Terms, known: Resolving, at: datetime, *, first: int = 0) -> Terms:
    """The terms as they are kept, once a target could be made of them, or Refused with the field.

    first: number of the next period. Beside what is wrong with the recurrence (see there) or the target
    (/target/...): bad_name, bad_draft_days, of_the_period, unknown_placeholder, unknown_comparison, too_many_periods.
    """
    if not terms.name.strip() or len(terms.name) > NAME_LENGTH_MAX or not terms.name.isprintable():
        raise Refused("bad_name", f"a template's name has 1 to {NAME_LENGTH_MAX} printable characters", "/name")
    terms.recurrence.check()
    if not 0 <= terms.draft_days <= DRAFT_DAYS_MAX:
        detail = f"a target is a draft for 0 to {DRAFT_DAYS_MAX} days before it starts"
        raise Refused("bad_draft_days", detail, "/draft_days")
    if terms.compared_with is not None and terms.compared_with not in COMPARED:
        raise Refused("unknown_comparison", f"a period is compared with {' or '.join(COMPARED)}", "/compared_with")
    target = members(terms.target, "/target")
    for name, why in OF_THE_PERIOD.items():
        if target.get(name) is not None:
            raise Refused("of_the_period", why, f"/target/{name}")
    if target.get("kind") == UPLIFT and terms.compared_with is None:
        detail = f"an uplift says what each period is compared with: {' or '.join(COMPARED)}"
        raise Refused("missing_field", detail, "/compared_with")
    _check_fixed_dates(target)
    for name in ("name", "time_zone"):
        if type(target.get(name)) is not str:
            raise Refused("missing_field", f"targets have a {name.replace('_', ' ')}: text", f"/target/{name}")
    definition = at_target(lambda: terms.definition(first))
    at_target(lambda: plan_of(definition, known))
    _check_begun(terms, first, at)
    # As they were understood, without what is not said: so two that say the same are the same.
    kept = said_of(definition) | {"name": target["name"]}
    return replace(terms, target={name: what for name, what in kept.items() if name not in OF_THE_PERIOD})


def at_target(work: Callable[[], Result]) -> Result:
    """What this returns; a refusal of the target is one of the template's /target."""
    try:
        return work()
    except Refused as refused:
        if refused.field.startswith("/comparison"):
            raise Refused(refused.code, refused.detail, "/compared_with") from None
        raise Refused(refused.code, refused.detail, f"/target{refused.field}") from None


def plan_for(terms: Terms, number: int, known: Resolving) -> Plan:
    """The plan of a period's target, or Refused, by the fields of the template."""
    return at_target(lambda: plan_of(terms.definition(number), known))


def _check_fixed_dates(target: Mapping[str, Any]) -> None:
    if isinstance(target.get("checkpoints"), Sequence) and not isinstance(target["checkpoints"], str):
        detail = "dates in a list belong to one period: say a rule, such as FREQ=WEEKLY;BYDAY=FR"
        raise Refused("fixed_dates", detail, "/target/checkpoints")
    pacing = target.get("pacing")
    if isinstance(pacing, Mapping) and pacing.get("points") is not None:
        detail = "points have dates, which belong to one period: choose another pacing"
        raise Refused("fixed_dates", detail, "/target/pacing/points")


def _check_begun(terms: Terms, first: int, at: datetime) -> None:
    number = first + BEGUN_MAX
    if terms.recurrence.has(number) and terms.begins(number) <= at:
        detail = f"more than {BEGUN_MAX} of its periods have begun, and would be made at once: begin later"
        raise Refused("too_many_periods", detail, "/from")


# Names

MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
PLACEHOLDERS: dict[str, Callable[[int, date, date], str]] = {
    "month": lambda number, start, end: MONTH_NAMES[start.month - 1],
    "quarter": lambda number, start, end: f"Q{(start.month + 2) // 3}",
    "week": lambda number, start, end: f"W{start.isocalendar().week:02}",
    "year": lambda number, start, end: str(start.year),
    "start": lambda number, start, end: start.isoformat(),
    "end": lambda number, start, end: end.isoformat(),
    "number": lambda number, start, end: str(number + 1),
}
"""What stands in braces in a name -> what it becomes in a period: its number, first and last day."""


def named(pattern: str, number: int, start: date, end: date) -> str:
    """The name of a period's target. Refused: unknown_placeholder."""

    def said(found: re.Match[str]) -> str:
        if (word := PLACEHOLDERS.get(found[1])) is not None:
            return word(number, start, end)
        there_are = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise Refused("unknown_placeholder", f"{found[0][:40]!r} stands for nothing; there are {there_are}", "/name")

    if {"{", "}"} & set(_PLACEHOLDER.sub("", pattern)):
        raise Refused("unknown_placeholder", "a brace that is opened is closed, too: {month}", "/name")
    return _PLACEHOLDER.sub(said, pattern)
