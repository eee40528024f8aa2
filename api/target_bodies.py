"""What is sent about targets and metrics, field by field; the rules themselves are the domain's."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.definition_bodies import NAME_RULE, PERSON, UNIT, Day, DefinitionFields, Strict
from domain.defining import NAME_LENGTH_MAX, TEAM_MAX
from domain.definition import Definition
from domain.hearing import definition_from
from domain.metric import EXPONENT_MAX
from domain.period import DAYS_MAX, YEAR_MAX, YEAR_MIN
from domain.plan import KINDS
from domain.prose import LENGTH_MAX
from domain.starting import AT_START

KIND = """What the goal is held against:

- `cumulative`: the net sum of the sales since the start;
- `uplift`: so much more than in the `comparison`;
- `from_to`: a measured level that moves from the `baseline` to the goal, up or down;
- `keep`: a measured level that stays inside `bounds`;
- `ratio`: a `numerator` by a `denominator`, each the net sum of a metric of its own."""


ACTIVATE = (
    f"Whether to start it: true at once; `{AT_START}` at the first instant of its period, when what it is compared with"
    " is read. Otherwise it is a `draft` that counts nothing until POST /v1/targets/{id}/activate. Either way, what was"
    " sold since `start` counts"
)


def _activated(value: Any) -> Any:
    if type(value) is not bool and value != AT_START:
        raise PydanticCustomError("bad_activate", f'activate is true, false or "{AT_START}"')
    return value


Activate = Annotated[
    Any,
    BeforeValidator(_activated),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "string", "enum": [AT_START]}]}),
]


class TargetBody(DefinitionFields):
    """A target: what is to be reached in one period, by which sales, and at what pace."""

    name: str = Field(
        description=f"What people call it: 1 to {NAME_LENGTH_MAX} printable characters", examples=["November revenue"]
    )
    metric: str | None = Field(
        default=None,
        description=f"What is counted: the `metric` of the sales. {NAME_RULE}. A new one is made, with this unit. A"
        " `ratio` has it in its numerator and denominator; every other kind needs it here",
        examples=["revenue"],
    )
    unit: str | None = Field(
        default=None,
        description=f"{UNIT}. A metric's unit is fixed by its first use: another one is refused (`wrong_unit`). Every"
        " kind but `ratio` needs it",
        examples=["USD", "pieces"],
    )
    kind: str = Field(
        default="cumulative", description=KIND, examples=["cumulative"], json_schema_extra={"enum": list(KINDS)}
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
        description="The id of the target that it is a member of, for all of its period. By POST"
        " /v1/targets/{id}/members it may also be one for some of its days",
        examples=[None],
    )
    roll_up: bool = Field(
        default=False,
        description="Whether it counts what its members count and nothing else: of `cumulative` targets their sums,"
        " without a goal, scope and pacing of its own; of `ratio` targets their parts, with a goal of its own",
        examples=[False],
    )
    rate_table: str | None = Field(
        default=None,
        description="Of a roll-up whose members are counted in several currencies: the name of the rate table (POST"
        " /v1/rates) that converts them. What it says is kept in the target; another one takes a revision",
        examples=[None],
    )
    activate: Activate = Field(default=False, description=ACTIVATE, examples=[True])

    def definition(self) -> Definition:
        """What it says; or Refused."""
        return definition_from(self.model_dump(exclude={"activate"}))

    @property
    def metrics(self) -> list[str]:
        """Those that are named."""
        named = (self.metric, *(one.metric for one in (self.numerator, self.denominator) if one is not None))
        return [one for one in named if one is not None]


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
