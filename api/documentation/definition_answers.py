"""What is answered of a target's definition, field by field, for the documentation."""

from api.documentation.schemas import (
    Schema,
    amount,
    day,
    flag,
    id_of,
    list_of,
    mapping,
    one_of,
    or_null,
    record,
    share,
    text,
    whole,
)
from domain.calendar import HALVES
from domain.comparison import ALIGNMENTS
from domain.pace import PACINGS
from domain.plan import KINDS, MODES, REFUNDS
from domain.rrule import WEEKDAYS

_scope = mapping(
    list_of(text("A value of the dimension"), "Any of these"), "Dimensions, each with the values that count; all hold"
)


def _measure(about: str) -> Schema:
    return record(
        about,
        {
            "metric": text("What is counted", "orders"),
            "unit": text("The metric's unit", "pieces"),
            "scope": _scope,
        },
    )


_points = list_of(
    record("One of them.", {"date": day("A day of the period"), "value": amount("By its end", "60000.00")}),
    "Of `explicit`: what is to be reached by when",
)
_weights = {
    "description": "Of `weighted`: by weekday, or a list of one for each week or month; decimal text",
    "anyOf": [mapping(text("A weight"), "By weekday"), list_of(text("A weight"), "By week or month")],
}
_pacing = record(
    "How the goal is spread over the period.",
    {
        "kind": one_of(PACINGS, "As it was defined, or chosen"),
        "by": one_of(["weekday", "week", "month"], "Of `weighted`: what its weights are by"),
        "weights": _weights,
        "points": _points,
    },
    optional=("by", "weights", "points"),
)
_calendar = record(
    "Which days are open. Left out where every day is.",
    {
        "closed": list_of(one_of(WEEKDAYS, "A weekday"), "Closed every week"),
        "country": or_null(text("Whose public holidays are closed", "US")),
        "subdivision": or_null(text("One of the country's", "NY")),
        "days": mapping(one_of(HALVES, "How it is"), "Own days, by date"),
    },
)
_line = share("Decimal text", "1.0500")

DEFINITION: dict[str, Schema] = {
    "name": text("What people call it"),
    "metric": text("What is counted; of a ratio, the metric that is divided", "revenue"),
    "unit": text("The metric's unit: a currency, or the name of what is counted; `ratio` of a ratio", "USD", "pieces"),
    "kind": one_of(KINDS, "What the goal is held against"),
    "start": day("The first local day of the period"),
    "end": day("The last local day of the period"),
    "time_zone": text("IANA name; days begin and end by it", "America/New_York"),
    "scope": _scope,
    "pacing": _pacing,
    "checkpoints": {
        "description": "As they were defined: a rule, a list of dates or date-times, or null for the closing one alone",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}],
    },
    "baseline": amount("Of `from_to`: the level that it comes from", "8.00"),
    "bounds": record(
        "Of `keep`: where the level is to stay.",
        {"min": amount("The lowest that is well", "2.00"), "max": amount("The highest that is well", "5.00")},
        optional=("min", "max"),
    ),
    "pass_share": text("Of `keep`: at how many of its checkpoints it is to be inside. Left out: at all", "0.9"),
    "numerator": _measure("Of `ratio`: what is divided."),
    "denominator": _measure("Of `ratio`: by what."),
    "comparison": record(
        "What an uplift is compared with, or the pacing `last_year` follows.",
        {"start": day("Its first local day"), "end": day("Its last local day")},
    ),
    "mode": one_of(MODES, "Of `uplift`: whether the actual is the gain, or the level"),
    "align": one_of(ALIGNMENTS, "Which day is compared with which"),
    "calendar": _calendar,
    "thresholds": record(
        "From which pace index on it is how well. Left out where that is by default.",
        {"ahead": _line, "on_track": _line, "at_risk": _line},
    ),
    "refunds": one_of(REFUNDS, "When a refund counts: at its own time, or at its original sale's"),
    "expect_data_every": whole("Hours after which it is stale without new data. Left out: never", 24),
    "owner": or_null(text("Who is accountable", "ana@example.com")),
    "team": list_of(text("One of them", "jo@example.com"), "Who works on it"),
    "parent": or_null(
        id_of("What it was defined as a member of; GET /v1/targets/{id}/parents says where it is one now")
    ),
    "roll_up": flag("Whether it counts what its children count. Left out where it does not"),
    "rate_table": text("Of a roll-up over several currencies: what converts them. Left out where nothing does"),
}
LEFT_UNSAID = (
    "pacing",
    "baseline",
    "bounds",
    "pass_share",
    "numerator",
    "denominator",
    "comparison",
    "mode",
    "align",
    "calendar",
    "thresholds",
    "expect_data_every",
    "roll_up",
    "rate_table",
)
"""Fields that are left out where they say nothing."""
