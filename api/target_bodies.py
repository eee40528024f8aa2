"""What is sent about targets, field by field; the rules themselves are the domain's."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.defining import NAME_LENGTH_MAX, SCOPE_VALUES_MAX, TEAM_MAX, Definition
from domain.defining import Pacing as SaidPacing
from domain.metric import EXPONENT_MAX
from domain.money import DIGITS_MAX
from domain.pace import PACINGS
from domain.period import DAYS_MAX, YEAR_MAX, YEAR_MIN
from domain.plan import KINDS
from domain.prose import LENGTH_MAX
from domain.refusal import Refused
from domain.rrule import INTERVAL_MAX
from domain.sale import DIMENSIONS_MAX, TEXT_LENGTH_MAX
from domain.schedule import CHECKPOINTS_MAX

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


Amount = Annotated[str, BeforeValidator(_decimal_text), WithJsonSchema({"type": "string"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Checkpoints = Annotated[
    Any,
    BeforeValidator(_rule_or_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]}),
]

NAME_RULE = "1 to 64 lower-case letters, digits, `-` and `_`, beginning with a letter or a digit"
PERSON = f"1 to {TEXT_LENGTH_MAX} printable characters, such as an e-mail address"
UNIT = "An ISO 4217 currency in capitals such as `USD`, or in lower case the name of what is counted, such as `pieces`"
SCOPE = (
    "Which sales of the metric count, by their dimensions: an object of dimension and list of values. A sale counts"
    " when it has, for **every** dimension named here, **one of** the values listed, compared byte for byte: it is"
    " *and* between dimensions, *or* between the values of one. Left out or `{}`: every sale of the metric counts."
    f" Up to {DIMENSIONS_MAX} dimensions ({NAME_RULE}) of 1 to {SCOPE_VALUES_MAX:,} values"
    f" (1 to {TEXT_LENGTH_MAX} printable characters)"
)
PACING = (
    "`equal_steps`: the k-th of n checkpoints expects k/n of the goal, and between two of them it grows by equal parts"
    " a day. `linear`: it grows by equal parts a day over the whole period, whatever the checkpoints"
)
CHECKPOINTS = f"""When the actual is held against the pace: a rule, or a list. Null: at the end of the period alone. The
closing evaluation at its end always exists.

A **rule** is text, a subset of RRULE (RFC 5545), its parts separated by `;`:

- `FREQ=DAILY`, `WEEKLY` or `MONTHLY`;
- `INTERVAL=n`: every n-th day, week or month, 1 to {INTERVAL_MAX:,}, counted from `start`, weeks from Monday;
- `BYDAY=MO,WE,FR` for `DAILY` and `WEEKLY`, without numbers (`WEEKLY` without it: the weekday of `start`);
- `BYMONTHDAY=1` to `28`, or `-1` to `-28` from the month's end, for `MONTHLY` (without it: the day of `start`);
- `BYHOUR=17;BYMINUTE=30`: the local cut-off time; without, the end of the day.

Such as `FREQ=WEEKLY;BYDAY=FR`, `FREQ=MONTHLY;BYMONTHDAY=-1` or, every quarter, `FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1`.
Under `equal_steps`, a first week shorter than 4 days (a first month shorter than 15) has no checkpoint.

A **list** holds up to {CHECKPOINTS_MAX:,} texts within the period, each once: dates such as `2026-11-06` (the end of
that day), or date-times with an offset such as `2026-11-06T17:00:00-05:00`."""


class Strict(BaseModel):
    """No field more than these."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Pacing(Strict):
    """How the goal is spread over the period."""

    kind: str = Field(description=PACING, examples=["equal_steps"], json_schema_extra={"enum": list(PACINGS)})


class TargetBody(Strict):
    """A target: what is to be reached in one period, by which sales, and at what pace."""

    name: str = Field(
        description=f"What people call it: 1 to {NAME_LENGTH_MAX} printable characters", examples=["November revenue"]
    )
    metric: str = Field(
        description=f"What is counted: the `metric` of the sales. {NAME_RULE}. A new one is made, with this unit",
        examples=["revenue"],
    )
    unit: str = Field(
        description=f"{UNIT}. A metric's unit is fixed by its first use: another one is refused (`wrong_unit`)",
        examples=["USD", "pieces"],
    )
    kind: str = Field(
        default="cumulative",
        description="`cumulative` is the one there is: the net sum of the sales since the start against the goal",
        examples=["cumulative"],
        json_schema_extra={"enum": list(KINDS)},
    )
    goal: Amount = Field(
        description="What is to be reached by the end, in the unit: decimal text over zero, with at most the unit's"
        f" decimal places (2 for USD) and up to {DIGITS_MAX} digits of minor units. A JSON number is refused",
        examples=["100000.00"],
    )
    start: Day = Field(
        description=f"The first day, in the time zone; it may be past or to come, {YEAR_MIN} to {YEAR_MAX}",
        examples=["2026-11-01"],
    )
    end: Day = Field(
        description=f"The last day, inclusive; up to {DAYS_MAX:,} days in all. A period that is over is welcome",
        examples=["2026-11-30"],
    )
    time_zone: str = Field(
        description="IANA name. Days begin at its midnight, and so decide which sales are in the period",
        examples=["America/New_York", "UTC"],
    )
    scope: dict[str, list[str]] = Field(default={}, description=SCOPE, examples=[{"region": ["emea", "us"]}])
    pacing: Pacing | None = Field(
        default=None,
        description=f"What is expected by when. {PACING}. Default: `equal_steps` with `checkpoints`, else `linear`",
        examples=[{"kind": "equal_steps"}],
    )
    checkpoints: Checkpoints = Field(
        default=None,
        description=CHECKPOINTS,
        examples=["FREQ=WEEKLY;BYDAY=FR", ["2026-11-13", "2026-11-27T17:00:00-05:00"]],
    )
    owner: str | None = Field(
        default=None,
        description=f"Who is accountable: {PERSON}. It is shown and stands in messages; to hear of it, subscribe",
        examples=["ana@example.com"],
    )
    team: list[str] = Field(
        default=[],
        description=f"Who works on it, up to {TEAM_MAX} people, each {PERSON}. They are shown and stand in messages; to"
        " hear of the target, subscribe each of them",
        examples=[["jo@example.com"]],
    )
    parent: str | None = Field(
        default=None,
        description="Targets have no parents yet: leave it out, or null. Anything else is refused",
        examples=[None],
    )
    activate: bool = Field(
        default=False,
        description="Whether to start it at once. Otherwise it is a `draft` that counts nothing until"
        " POST /v1/targets/{id}/activate. Either way, what was sold since `start` counts",
        examples=[True],
    )

    def definition(self) -> Definition:
        """What it says, its dates read; or Refused."""
        if self.parent is not None:
            raise Refused("unknown_parent", "targets have no parents: leave parent out, or null", "/parent")
        return Definition(
            name=self.name,
            metric=self.metric,
            unit=self.unit,
            kind=self.kind,
            goal=self.goal,
            start=day_of(self.start, "/start"),
            end=day_of(self.end, "/end"),
            time_zone=self.time_zone,
            scope=self.scope,
            pacing=None if self.pacing is None else SaidPacing(self.pacing.kind),
            checkpoints=self.checkpoints,
            owner=self.owner,
            team=self.team,
        )


class Cancelling(Strict):
    """Why a target is cancelled."""

    reason: str = Field(
        description=f"Why, for whoever looks later: 1 to {LENGTH_MAX:,} characters",
        examples=["The shop closed in October"],
    )


class MetricBody(Strict):
    """What a metric is counted in."""

    unit: str = Field(description=f"{UNIT}. Fixed for ever", examples=["USD", "pieces"])
    exponent: int | None = Field(
        default=None,
        description=f"Decimal places of the minor unit, 0 to {EXPONENT_MAX}. Default: a currency's by ISO 4217 (no"
        " other is taken for it), and 0 for what is counted",
        examples=[2],
    )


BODIES = (TargetBody, Cancelling, MetricBody)
"""For the documentation."""


def day_of(text: str, field: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Refused("bad_date", "a date is text such as 2026-11-30, of a day that there is", field)
