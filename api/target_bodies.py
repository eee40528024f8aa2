"""What is sent about targets, field by field; the rules themselves are the domain's."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.metric import Metric
from domain.plan import Plan, plan_of
from domain.refusal import Refused

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _decimal_text(value: Any) -> Any:
    if type(value) is not str:
        raise PydanticCustomError("amount_not_text", 'an amount is a decimal string such as "19.99"')
    return value


def _rule_or_list(value: Any) -> Any:
    listed = type(value) is list and all(type(one) is str for one in value)
    if value is not None and type(value) is not str and not listed:
        raise PydanticCustomError(
            "bad_schedule", "checkpoints are a rule such as FREQ=WEEKLY;BYDAY=FR, or a list of dates or date-times"
        )
    return value


Amount = Annotated[str, BeforeValidator(_decimal_text), WithJsonSchema({"type": "string", "examples": ["100000.00"]})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Checkpoints = Annotated[
    Any,
    BeforeValidator(_rule_or_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]}),
]


class Strict(BaseModel):
    """No field more than these."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Pacing(Strict):
    kind: str


class TargetBody(Strict):
    name: str
    metric: str
    unit: str
    kind: str = "cumulative"
    goal: Amount
    start: Day
    end: Day
    time_zone: str
    scope: dict[str, list[str]] = {}
    pacing: Pacing | None = None
    checkpoints: Checkpoints = None
    owner: str | None = None
    team: list[str] = []
    parent: str | None = None
    activate: bool = False

    def plan(self, metric: Metric, tz_version: Callable[[str], str]) -> Plan:
        """The plan that it defines, or Refused."""
        return plan_of(
            name=self.name,
            metric=metric,
            kind=self.kind,
            goal=self.goal,
            start=day_of(self.start, "/start"),
            end=day_of(self.end, "/end"),
            time_zone=self.time_zone,
            tz_version=tz_version(self.time_zone),
            scope=self.scope,
            pacing=None if self.pacing is None else self.pacing.kind,
            schedule=self.checkpoints,
            owner=self.owner,
            team=self.team,
            parent=self.parent,
        )


class Cancelling(Strict):
    reason: str


class MetricBody(Strict):
    unit: str
    exponent: int | None = None


def day_of(text: str, field: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Refused("bad_date", "a date is text such as 2026-11-30, of a day that there is", field)
