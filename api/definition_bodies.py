"""What is sent of a target's definition, field by field, also in a revision; the rules themselves are the domain's."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.calendar import HALVES, OWN_DAYS_MAX, WEEKEND
from domain.comparison import ALIGNMENTS
from domain.defining import EXPECT_HOURS_MAX, SCOPE_VALUES_MAX
from domain.money import DIGITS_MAX
from domain.pace import PACINGS, WEIGHT_DIGITS_MAX
from domain.plan import MODES, RATIO_PLACES, REFUNDS
from domain.rrule import INTERVAL_MAX, WEEKDAYS
from domain.sale import DIMENSIONS_MAX, TEXT_LENGTH_MAX
from domain.schedule import CHECKPOINTS_MAX
from domain.standing import DEFAULT_THRESHOLDS, thresholds_shown


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


def _texts(value: Any) -> Any:
    texts = list(value.values()) if type(value) is dict else value
    if value is not None and not (type(texts) is list and all(type(one) is str for one in texts)):
        raise PydanticCustomError(
            "bad_weights", 'weights are an object of weekdays, or a list, of decimal texts such as "1.5"'
        )
    return value


TEXTS = {"type": "array", "items": {"type": "string"}}
BY_NAME = {"type": "object", "additionalProperties": {"type": "string"}}

Amount = Annotated[str, BeforeValidator(_decimal_text), WithJsonSchema({"type": "string"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Checkpoints = Annotated[
    Any, BeforeValidator(_rule_or_list), WithJsonSchema({"anyOf": [{"type": "string"}, TEXTS, {"type": "null"}]})
]
Weights = Annotated[Any, BeforeValidator(_texts), WithJsonSchema({"anyOf": [BY_NAME, TEXTS, {"type": "null"}]})]

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
GOAL = (
    "What is to be reached by the end, in the unit: decimal text with at most the unit's decimal places (2 for USD) and"
    f" up to {DIGITS_MAX} digits of minor units; a JSON number is refused. `cumulative`: over zero. `uplift`: how much"
    ' more than the comparison, in the unit or as a percent such as `"+10 %"`. `from_to`: the level to come to.'
    f' `ratio`: a fraction such as `"0.25"`, with up to {RATIO_PLACES} places. `keep` has bounds in its place'
)
PACING = """How the goal is spread over the period:

- `equal_steps`: the k-th of n checkpoints expects k/n of it, and between two of them it grows by equal parts a day;
- `linear`: it grows by equal parts a day over the whole period, whatever the checkpoints;
- `business_days`: by equal parts an open day of the `calendar`, half days by half (without one: Monday to Friday);
- `weighted`: by `weights`;
- `last_year`: as the sales of the `comparison` grew, by default those of the same dates a year before;
- `explicit`: straight from each of `points` to the next."""
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
LINES = thresholds_shown(DEFAULT_THRESHOLDS)


class Strict(BaseModel):
    """No field more than these."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PointBody(Strict):
    """A point of an explicit pace."""

    date: Day = Field(description="A day of the period, each once", examples=["2026-11-15"])
    value: Amount = Field(
        description="What is to be reached by the end of that day: between the baseline and the goal, and not behind"
        " the point before it. On the last day it is the goal, or left out",
        examples=["60000.00"],
    )


class Pacing(Strict):
    """How the goal is spread over the period."""

    kind: str = Field(description=PACING, examples=["equal_steps"], json_schema_extra={"enum": list(PACINGS)})
    by: str | None = Field(
        default=None,
        description="With `weighted`, and needed there: what `weights` are by",
        examples=["weekday"],
        json_schema_extra={"enum": ["weekday", "week", "month", None]},
    )
    weights: Weights = Field(
        default=None,
        description="With `weighted`, and needed there: how much each brings, of any sum above 0; decimal text of up to"
        f" {WEIGHT_DIGITS_MAX} digits. By `weekday` an object of {', '.join(WEEKDAYS)} (one left out brings nothing),"
        " by `week` (from Monday) or `month` a list with one for each that the period touches",
        examples=[{"MO": "1", "FR": "2.5"}],
    )
    points: list[PointBody] | None = Field(
        default=None,
        description="With `explicit`, and needed there",
        examples=[[{"date": "2026-11-15", "value": "60000.00"}]],
    )


class BoundsBody(Strict):
    """Where a level is to stay; each is part of it. One may be left out."""

    min: Amount | None = Field(default=None, description="The lowest that is well, in the unit", examples=["2.00"])
    max: Amount | None = Field(default=None, description="The highest that is well, in the unit", examples=["5.00"])


class MeasureBody(Strict):
    """One side of a ratio."""

    metric: str = Field(description=f"What is counted: the `metric` of the sales. {NAME_RULE}", examples=["orders"])
    scope: dict[str, list[str]] | None = Field(default=None, description=SCOPE, examples=[{"returned": ["yes"]}])
    unit: str | None = Field(
        default=None, description=f"{UNIT}. Needed only for a metric that is not known yet", examples=["pieces"]
    )


class ComparisonBody(Strict):
    """A period that is over when the target's begins."""

    start: Day = Field(description="Its first local day", examples=["2025-11-01"])
    end: Day = Field(description="Its last local day, inclusive", examples=["2025-11-30"])


class CalendarBody(Strict):
    """Which days are open. An own day wins over a holiday, a holiday over the weekday."""

    closed: list[str] | None = Field(
        default=None,
        description=f"Weekdays that are closed every week, of {', '.join(WEEKDAYS)}. Default: {', '.join(WEEKEND)}",
        examples=[["SU"]],
    )
    country: str | None = Field(
        default=None, description="ISO 3166-1, two letters: its public holidays are closed", examples=["US"]
    )
    subdivision: str | None = Field(
        default=None, description="One of the country's with holidays of its own: these are closed too", examples=["NY"]
    )
    days: dict[str, str] | None = Field(
        default=None,
        description=f"Own days by date, each {', '.join(f'`{one}`' for one in HALVES)}; up to {OWN_DAYS_MAX:,}",
        examples=[{"2026-11-27": "half"}],
    )


class ThresholdsBody(Strict):
    """The lowest pace index of each class, `ahead` over `on_track` over `at_risk`; under that is `off_track`."""

    ahead: str | None = Field(
        default=None, description=f"Decimal text with up to 4 places. Default: {LINES['ahead']}", examples=["1.1"]
    )
    on_track: str | None = Field(
        default=None, description=f"Decimal text with up to 4 places. Default: {LINES['on_track']}", examples=["1"]
    )
    at_risk: str | None = Field(
        default=None, description=f"Decimal text with up to 4 places. Default: {LINES['at_risk']}", examples=["0.9"]
    )


class DefinitionFields(Strict):
    """What may be revised later, too. Null is the same as left out."""

    goal: Amount | None = Field(default=None, description=GOAL, examples=["100000.00"])
    baseline: Amount | None = Field(
        default=None,
        description="Of `from_to`, and needed there: the level that it comes from. The goal may be over or under it",
        examples=["8.00"],
    )
    bounds: BoundsBody | None = Field(
        default=None,
        description="Of `keep`, and needed there: where the level is to stay",
        examples=[{"min": "2.00", "max": "5.00"}],
    )
    pass_share: str | None = Field(
        default=None,
        description="Of `keep`: the share of its checkpoints at which the level is to be inside, decimal text over 0"
        " and up to 1. Default: 1, all of them",
        examples=["0.9"],
    )
    numerator: MeasureBody | None = Field(
        default=None,
        description="Of `ratio`, and needed there: what is divided. The actual is sum by sum",
        examples=[{"metric": "orders", "scope": {"returned": ["yes"]}}],
    )
    denominator: MeasureBody | None = Field(
        default=None, description="Of `ratio`, and needed there: by what", examples=[{"metric": "orders"}]
    )
    comparison: ComparisonBody | None = Field(
        default=None,
        description="Of `uplift`, and needed there: the period it is compared with. Its sales are frozen when the"
        " target starts. For the pacing `last_year`: the period whose profile it follows",
        examples=[{"start": "2025-11-01", "end": "2025-11-30"}],
    )
    mode: str | None = Field(
        default=None,
        description="Of `uplift`. `gain`: the actual is what was sold over the comparison so far. `level`: the actual"
        " is all that was sold, and the goal the whole comparison with the uplift on it. Default: `gain`",
        examples=["gain"],
        json_schema_extra={"enum": [*MODES, None]},
    )
    align: str | None = Field(
        default=None,
        description="Which day is compared with which. `same_date`: the same date. `same_weekday`: so many whole weeks"
        " before. `day_index`: the first with the first, and so on. Default: `same_date`",
        examples=["same_weekday"],
        json_schema_extra={"enum": [*ALIGNMENTS, None]},
    )
    scope: dict[str, list[str]] | None = Field(default=None, description=SCOPE, examples=[{"region": ["emea", "us"]}])
    pacing: Pacing | None = Field(
        default=None,
        description="What is expected by when. Default: `equal_steps` with `checkpoints`, else `linear`. A `ratio`"
        " expects its goal all the time",
        examples=[{"kind": "equal_steps"}],
    )
    checkpoints: Checkpoints = Field(
        default=None,
        description=CHECKPOINTS,
        examples=["FREQ=WEEKLY;BYDAY=FR", ["2026-11-13", "2026-11-27T17:00:00-05:00"]],
    )
    calendar: CalendarBody | None = Field(
        default=None,
        description="Which days are open: rates are of open days. The holidays known now are kept with the target."
        " Default: every day is open",
        examples=[{"closed": ["SA", "SU"], "country": "US", "days": {"2026-11-27": "half"}}],
    )
    thresholds: ThresholdsBody | None = Field(
        default=None,
        description="From which pace index on the target is how well. Default: "
        + ", ".join(f"`{name}` {line}" for name, line in LINES.items()),
        examples=[{"ahead": "1.1", "on_track": "1", "at_risk": "0.9"}],
    )
    refunds: str | None = Field(
        default=None,
        description="When a refund counts: `own_date`, at its own time, or `clawback`, at its original sale's."
        " Default: `own_date`",
        examples=["clawback"],
        json_schema_extra={"enum": [*REFUNDS, None]},
    )
    expect_data_every: int | None = Field(
        default=None,
        description=f"Hours, 1 to {EXPECT_HOURS_MAX:,}: after so long without new data the target is `stale`. Default:"
        " it never is",
        examples=[24],
    )
