"""What is answered about targets, field by field, for the documentation."""

from api.documentation.forecast_answers import PROJECTED
from api.documentation.schemas import (
    Schema,
    amount,
    anything,
    day,
    flag,
    id_of,
    instant,
    list_of,
    mapping,
    one_of,
    or_null,
    page,
    record,
    share,
    text,
    whole,
)
from domain.checkpoint import TOO_EARLY
from domain.money import decimal_shown
from domain.pace import PACINGS
from domain.plan import KINDS
from domain.standing import CLASSES, DEFAULT_THRESHOLDS
from domain.target import State

OUTCOMES = ("exceeded", "met", "missed")
VERDICTS = (*reversed(CLASSES), TOO_EARLY)
LIVE_STATUSES = ("not_started", *VERDICTS, "attained", *OUTCOMES, "cancelled")
STATUSES = (*LIVE_STATUSES, "attainment_lost")
CHECKPOINT_STATES = ("pending", "provisional", "settled")

_lines = {name: decimal_shown(line, 2) for name, line in vars(DEFAULT_THRESHOLDS).items()}
CLASSED = (
    f"By the pace index: {', '.join(f'`{name}` from {line}' for name, line in _lines.items())}, else `off_track`."
    " A class improves only 0.02 above its line, and a shortfall under 1 % of the goal does not worsen it below"
    " `on_track`. `too_early`: under a tenth of the pace is due and fewer than two checkpoints have been evaluated"
)

_figures: dict[str, Schema] = {
    "actual": amount("What the sales that count have come to, in the target's unit", "52000.00"),
    "expected": amount("What the pace expects", "50000.00"),
    "variance": amount("`actual` less `expected`: below 0 when behind", "2000.00"),
    "pace_index": or_null(share("`actual` by `expected`. Null while nothing is expected yet", "1.0400")),
}

_standing: dict[str, Schema] = {
    "id": id_of("The target's id"),
    "plan_version": whole("The ETag: definition, state, milestones move it, sales don't", 3),
    "revision": whole("Of the plan; 1 for what was defined", 1),
    "state": one_of(
        State,
        "`draft`: defined and not started. `filling`: counts what was sold before it was started. `active`: counts."
        " `closed`: its period is over, late sales still count. `sealed`: the outcome stays. `cancelled`: it is over",
    ),
    "status": one_of(
        STATUSES,
        "The official one: what the last evaluated checkpoint said, or `attained` from the sale on that reached the"
        " goal; from the close on the outcome: `exceeded`, `met` or `missed`. `attainment_lost`: it was attained, and a"
        f" refund or correction took it below the goal. `not_started`: before its start. {CLASSED}",
    ),
    "live_status": one_of(LIVE_STATUSES, "What an evaluation at `as_of` would say: shown, not announced"),
    **_figures,
    "progress": share("`actual` by `goal`; over 1 when there is more", "0.5200"),
    "goal": amount("What is to be reached by the end", "100000.00"),
    "original_goal": amount("What was to be reached when it was defined", "100000.00"),
    "required_rate": record(
        "What each remaining day must bring, today included.",
        {
            "per": one_of(["open_day"], "Every day of the period is an open one"),
            "amount": text(
                "Decimal text; 0 once the goal is reached; `none_possible` when no day is left",
                "3200.00",
                "none_possible",
            ),
        },
    ),
    "projection": PROJECTED,
    "next_checkpoint": or_null(
        record(
            "The next one by its cut-off. Null when all are past, or the target is cancelled.",
            {
                "number": whole("From 1", 3),
                "cutoff": instant("Sales before this instant count in it; in UTC"),
                "expected": amount("What the pace expects by then", "75000.00"),
            },
        )
    ),
    "last_evaluation": or_null(
        record(
            "The last evaluated checkpoint, as it reads now. Null before the first.",
            {
                "number": whole("From 1", 2),
                "status": one_of(VERDICTS, CLASSED),
                "cutoff": instant("Sales before this instant count in it; in UTC"),
            },
        )
    ),
    "as_of": instant("The moment that the figures are for: when it was asked; in UTC"),
    "position": whole("Everything in the log up to there is in it", 1234),
    "adjustment": amount("What came after the seal, and leaves the outcome alone. Left out while that is nothing"),
}

NO_DAY = "Null where there is none: a ratio with nothing to divide by, a level before its first measurement"

_definition: dict[str, Schema] = {
    "name": text("What people call it"),
    "metric": text("What is counted", "revenue"),
    "unit": text("The metric's unit: a currency, or the name of what is counted", "USD", "pieces"),
    "kind": one_of(KINDS, "What the goal is held against: the net sum of what was sold since the start"),
    "start": day("The first local day of the period"),
    "end": day("The last local day of the period"),
    "time_zone": text("IANA name; days begin and end by it", "America/New_York"),
    "scope": mapping(
        list_of(text("A value of the dimension"), "Any of these"),
        "Dimensions, each with the values that count; all hold",
    ),
    "pacing": record(
        "How the goal is spread over the period.", {"kind": one_of(PACINGS, "As it was defined, or chosen")}
    ),
    "checkpoints": {
        "description": "As they were defined: a rule, a list of dates or date-times, or null for the closing one alone",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}],
    },
    "owner": or_null(text("Who is accountable", "ana@example.com")),
    "team": list_of(text("One of them", "jo@example.com"), "Who works on it"),
    "parent": or_null(text("Always null: targets have no parents yet")),
}

_reading: dict[str, Schema] = {
    **_figures,
    "status": one_of(VERDICTS, CLASSED),
    "complete": flag("Whether every sale published before the evaluation was in it"),
}

_restated = record(
    "What late sales, refunds and corrections have made of what was reported. Null while they changed nothing.",
    {
        "old": record("What was reported.", _reading),
        "new": record("What it reads now.", _reading),
        "at": instant("When it was restated last; in UTC"),
        "times": whole("How often", 1),
        "position": whole("Everything in the log up to there is in `new`", 1230),
    },
)

_evaluated = ("actual", "variance", "status", "complete")

SCHEMAS: dict[str, Schema] = {
    "Target": record(
        "A target: where it stands, and how it was defined.", _standing | _definition, optional=("adjustment",)
    ),
    "TargetPage": page("Target", "the id of the last target here"),
    "Checkpoint": record(
        "One evaluation, planned or done.",
        {
            "number": whole("In order of the cut-offs, from 1", 2),
            "cutoff": instant("Sales before this instant count in it; in UTC"),
            "closing": flag("Whether it is the last one, at the end of the period"),
            "state": one_of(
                CHECKPOINT_STATES,
                "`pending`: not evaluated yet. `provisional`: evaluated in the last 2 days. `settled`: since then",
            ),
            **{name: or_null(schema) if name in _evaluated else schema for name, schema in _reading.items()},
            "step": record(
                "The part since the checkpoint before.",
                {
                    "expected": amount("Of what is expected", "25000.00"),
                    "actual": or_null(amount("Of what was sold. Null while pending", "18000.00")),
                },
            ),
            "evaluated_at": or_null(instant("When; in UTC. Null while pending")),
            "position": or_null(whole("Everything in the log up to there is in it. Null while pending", 1201)),
            "restated": or_null(_restated),
        },
    ),
    "CheckpointPage": page("Checkpoint", "the number of the last checkpoint here"),
    "Day": record(
        "One day of a target.",
        {
            "day": day("In the target's time zone"),
            "net": or_null(
                amount(f"What the day itself brought, of a level by how much it changed. {NO_DAY}", "5200.00")
            ),
            "actual": or_null(amount(f"From the start to the end of the day. {NO_DAY}", "5200.00")),
            "expected": or_null(
                amount("What the pace expects by the end of the day. Null where nothing is", "4166.67")
            ),
        },
    ),
    "DayPage": page("Day", "the last day here"),
    "Fact": record(
        "Something that happened, as the log has it, for ever.",
        {
            "position": whole("Its place in the log: later ones have higher numbers", 1234),
            "type": text("What happened", "target.progress_recorded", "checkpoint.evaluated"),
            "id": id_of("What it happened to: a target, a checkpoint, a milestone, a batch of sales, ..."),
            "version": whole("Which one it is of that id, from 1", 4),
            "recorded_at": instant("When; in UTC"),
            "by": or_null(text("Who did it: the name of a key, or of a worker", "ingest", "ana@example.com")),
            "data": anything("What it says, by its `type`. Amounts are whole numbers of minor units here"),
        },
    ),
    "FactPage": page("Fact", "the position of the last fact here"),
}
