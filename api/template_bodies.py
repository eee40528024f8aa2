"""What is sent about templates, field by field; the rules themselves are the domain's."""

from dataclasses import replace
from typing import Any

from pydantic import Field

from api.definition_bodies import Day, Strict
from domain.defining import NAME_LENGTH_MAX
from domain.hearing import day
from domain.prose import LENGTH_MAX
from domain.templates.recurrence import COMPARED, FROM_MAX, FROM_MIN, INTERVAL_MAX, UNITS
from domain.templates.terms import BEGUN_MAX, DRAFT_DAYS, DRAFT_DAYS_MAX, PLACEHOLDERS, Terms

TARGET = (
    "What the targets look like: the members of a definition (POST /v1/targets) without `start`, `end`, `comparison`"
    f" and `activate`. Its `name` may hold {', '.join(f'`{{{name}}}`' for name in PLACEHOLDERS)}, each of the period."
    " Checkpoints are a rule, or left out: dates in a list belong to one period"
)
TARGET_EXAMPLE = {
    "name": "{month} {year} revenue",
    "metric": "revenue",
    "unit": "USD",
    "kind": "uplift",
    "goal": "+10 %",
    "time_zone": "America/New_York",
    "checkpoints": "FREQ=WEEKLY;BYDAY=FR",
    "owner": "ana@example.com",
}
_name = f"What people call the template: 1 to {NAME_LENGTH_MAX} printable characters"
_every = "How long a period is; the next begins the day after it"
_interval = f"Every so many of them, 1 to {INTERVAL_MAX}"
_from = (
    f"The first day of the first period, {FROM_MIN} to {FROM_MAX}; months are counted from it. Periods that have begun"
    f" already are made at once, up to {BEGUN_MAX}"
)
_until = "No period begins after this day. Null: it goes on"
_compared = (
    "Of an uplift, and of the pacing `last_year`: what each period is compared with. `last_year`: its own months a year"
    " before, of weeks those 52 weeks before. `period_before`: the one before it. It is read when the target starts"
)
_draft_days = f"So many days before it starts, the next target is there as a draft, 0 to {DRAFT_DAYS_MAX}"
_reason = f"Why, for whoever looks later: 1 to {LENGTH_MAX:,} characters"


class TemplateBody(Strict):
    """A template: targets that recur, and what they look like."""

    name: str = Field(description=_name, examples=["Monthly revenue"])
    every: str = Field(description=_every, examples=["month"], json_schema_extra={"enum": list(UNITS)})
    interval: int = Field(default=1, description=_interval, examples=[1])
    begins: Day = Field(alias="from", description=_from, examples=["2026-12-01"])
    until: Day | None = Field(default=None, description=_until, examples=["2027-12-31"])
    compared_with: str | None = Field(
        default=None, description=_compared, examples=["last_year"], json_schema_extra={"enum": [*COMPARED, None]}
    )
    draft_days: int = Field(default=DRAFT_DAYS, description=_draft_days, examples=[DRAFT_DAYS])
    target: dict[str, Any] = Field(description=TARGET, examples=[TARGET_EXAMPLE])

    def terms(self) -> Terms:
        """What it says, its dates read; or Refused."""
        return Terms(
            self.name,
            self.every,
            day(self.begins, "/from"),
            self.target,
            self.interval,
            None if self.until is None else day(self.until, "/until"),
            self.compared_with,
            self.draft_days,
        )


class TemplateChange(Strict):
    """What becomes of a template: the fields that change, those alone."""

    name: str = Field(default="", description=_name, examples=["Monthly revenue"])
    every: str = Field(default="", description=_every, examples=["month"], json_schema_extra={"enum": list(UNITS)})
    interval: int = Field(default=0, description=_interval, examples=[1])
    begins: Day = Field(default="", alias="from", description=_from, examples=["2026-12-01"])
    until: Day | None = Field(default=None, description=_until, examples=["2027-12-31"])
    compared_with: str | None = Field(
        default=None, description=_compared, examples=["last_year"], json_schema_extra={"enum": [*COMPARED, None]}
    )
    draft_days: int = Field(default=0, description=_draft_days, examples=[DRAFT_DAYS])
    target: dict[str, Any] = Field(
        default={},
        description="Members of the target that change, those alone; null takes one out",
        examples=[{"goal": "+12 %"}],
    )
    reason: str | None = Field(default=None, description=_reason, examples=["A second shop opened"])

    def changed(self, terms: Terms) -> Terms:
        """The terms as they are from now on; or Refused."""
        said = {name: getattr(self, name) for name in self.model_fields_set - {"reason", "begins"}}
        if "begins" in self.model_fields_set:
            said["start"] = day(self.begins, "/from")
        if said.get("until") is not None:
            said["until"] = day(said["until"], "/until")
        if "target" in said:
            members = terms.target | said["target"]
            said["target"] = {name: what for name, what in members.items() if what is not None}
        return replace(terms, **said)


class TemplateArchiving(Strict):
    """Why no more targets are made."""

    reason: str = Field(description=_reason, examples=["We plan by the quarter now"])


BODIES = (TemplateBody, TemplateChange, TemplateArchiving)
"""For the documentation."""
