"""What is answered about targets, field by field, for the documentation."""

from api.documentation.definition_answers import DEFINITION, LEFT_UNSAID
from api.documentation.forecast_answers import PROJECTED
from api.documentation.schemas import (
    Schema,
    amount,
    anything,
    day,
    flag,
    id_of,
    instant,
    one_of,
    or_null,
    page,
    record,
    share,
    text,
    whole,
)
from domain.checkpoint import NO_BASELINE, STALE, TOO_EARLY
from domain.money import decimal_shown
from domain.outcome import ATTAINED_BY_REVISION
from domain.standing import CLASSES, DEFAULT_THRESHOLDS
from domain.target import State

VERDICTS = (*reversed(CLASSES), TOO_EARLY, NO_BASELINE, STALE)
LIVE_STATUSES = ("not_started", *VERDICTS, "attained", ATTAINED_BY_REVISION, "exceeded", "met", "missed", "cancelled")
STATUSES = (*LIVE_STATUSES, "attainment_lost")
CHECKPOINT_STATES = ("pending", "provisional", "settled")

_lines = {name: decimal_shown(line, 2) for name, line in vars(DEFAULT_THRESHOLDS).items()}
CLASSED = (
    f"By the pace index: {', '.join(f'`{name}` from {line}' for name, line in _lines.items())}, else `off_track`."
    " A class improves only 0.02 above its line, and a shortfall under 1 % of the goal does not worsen it below"
    " `on_track`. `too_early`: under a tenth of the pace is due and fewer than two checkpoints have been evaluated."
    " `no_baseline`: nothing was sold in what it is compared with. `stale`: no data has come for longer than"
    " `expect_data_every`. A level to be kept is `on_track` inside its bounds, else `off_track`"
)

_figures: dict[str, Schema] = {
    "actual": amount(
        "What the sales that count have come to, or the level that was measured last, in its unit", "52.00"
    ),
    "expected": amount("What the pace expects; of a level to be kept, the nearest one inside its bounds", "50.00"),
    "variance": amount("How far `actual` is before `expected`: below 0 when behind", "2.00"),
    "pace_index": or_null(
        share("What was reached from the baseline on, by what is expected. Null while nothing is expected", "1.0400")
    ),
}
_now = _figures | {
    "actual": or_null(_figures["actual"]),
    "expected": or_null(_figures["expected"]),
    "variance": or_null(_figures["variance"]),
}
"""Null where there is none: nothing was measured or divided by yet, nothing is there to compare with."""


def _rate(about: str, amounts: Schema) -> Schema:
    per = one_of(["open_day"], "Open days of the calendar; without one, every day is open")
    return record(about, {"per": per, "amount": or_null(amounts)})


_reading: dict[str, Schema] = {
    **_now,
    "status": one_of(VERDICTS, CLASSED),
    "complete": flag("Whether every sale published before the evaluation was in it"),
    "partial": flag("It rests on a comparison of which under 80 % of the open days have sales. Else left out"),
}
_AT_TIMES = ("partial",)

_standing: dict[str, Schema] = {
    "id": id_of("The target's id"),
    "plan_version": whole("The ETag: definition, state, milestones move it, sales don't", 3),
    "revision": whole("The number of the one in force; 1 for what was defined", 1),
    "state": one_of(
        State,
        "`draft`: defined and not started. `filling`: counts what was sold before it was started. `active`: counts."
        " `closed`: its period is over, late sales still count. `sealed`: the outcome stays. `cancelled`: it is over",
    ),
    "status": one_of(
        STATUSES,
        "The official one: what the last evaluated checkpoint said, or `attained` from the sale on that reached the"
        " goal; from the close on the outcome: `exceeded`, `met` or `missed`. `attainment_lost`: it was attained, and a"
        " refund or correction took it below the goal. `attained_by_revision`: a revision took the goal to the actual."
        f" `not_started`: before its start. {CLASSED}",
    ),
    "live_status": one_of(LIVE_STATUSES, "What an evaluation at `as_of` would say: shown, not announced"),
    **_now,
    "progress": or_null(
        share(
            "The part of the way from the baseline to the goal; over 1 when there is more. Of `keep`: passed"
            " checkpoints by evaluated ones. Null where there is no way yet",
            "0.5200",
        )
    ),
    "goal": or_null(
        amount("What is to be reached by the end. Null for a `keep`, and for a percentage of nothing known", "100.00")
    ),
    "original_goal": or_null(amount("What was to be reached when it was defined", "100.00")),
    "original_progress": or_null(share("`progress` as it would be without any revision", "0.5200")),
    "required_rate": _rate(
        "What each open day that is left must bring, today included.",
        text(
            "Decimal text; 0 once the goal is reached; `none_possible` when no open day is left",
            "3200.00",
            "none_possible",
        ),
    ),
    "current_rate": _rate("What each open day that is over has brought.", amount("Null while none is over", "3714.29")),
    "catch_up_factor": or_null(
        share("The required rate by the current one. Null where there is none of either", "0.8615")
    ),
    "projection": PROJECTED,
    "next_checkpoint": or_null(
        record(
            "The next one by its cut-off. Null when all are past, or the target is cancelled.",
            {
                "number": whole("From 1", 3),
                "cutoff": instant("Sales before this instant count in it; in UTC"),
                "expected": or_null(amount("What the pace expects by then. Null for a `keep`", "75000.00")),
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
                "reported": or_null(record("What it read when it was evaluated.", _reading, optional=_AT_TIMES)),
                "restated": or_null(
                    record(
                        "What late sales have made of it since. Null while they changed nothing.",
                        _reading,
                        optional=_AT_TIMES,
                    )
                ),
            },
        )
    ),
    "team_update": or_null(
        record(
            "What people said of it last: it stands beside the figures and changes none. Null before the first.",
            {
                "on_track": flag("Whether it was on track, as they saw it"),
                "confidence": whole("That it will be reached: 0 to 10", 6),
                "by": text("Who said it", "ana@example.com"),
                "at": instant("When; in UTC"),
            },
        )
    ),
    "as_of": instant("The moment that the figures are for: when it was asked, or what was asked for; in UTC"),
    "known_at": instant("By when all was recorded that is in it; in UTC. Left out unless it was asked to look back"),
    "position": whole("Everything in the log up to there is in it", 1234),
    "adjustment": amount("What came after the seal, and leaves the outcome alone. Left out while that is nothing"),
    "archived": flag("Whether it is put away: lists leave it out. Left out where it is not"),
    "partial": flag("Under 80 % of the open days that it is compared with have sales. Left out where that is not so"),
}
LEFT_OUT = ("adjustment", "known_at", "partial", "archived")
NO_DAY = "Null where there is none: a ratio with nothing to divide by, a level before its first measurement"

_restated = record(
    "What late sales, refunds and corrections have made of what was reported. Null while they changed nothing.",
    {
        "old": record("What was reported.", _reading, optional=_AT_TIMES),
        "new": record("What it reads now.", _reading, optional=_AT_TIMES),
        "at": instant("When it was restated last; in UTC"),
        "times": whole("How often", 1),
        "position": whole("Everything in the log up to there is in `new`", 1230),
    },
)

_evaluated = ("status", "complete")

SCHEMAS: dict[str, Schema] = {
    "Target": record(
        "A target: where it stands, and how it was defined.", _standing | DEFINITION, optional=(*LEFT_OUT, *LEFT_UNSAID)
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
                    "expected": or_null(amount("Of what is expected. Null for a `keep` and a `ratio`", "25000.00")),
                    "actual": or_null(amount("Of what was sold. Null while pending", "18000.00")),
                },
            ),
            "evaluated_at": or_null(instant("When; in UTC. Null while pending")),
            "position": or_null(whole("Everything in the log up to there is in it. Null while pending", 1201)),
            "restated": or_null(_restated),
        },
        optional=_AT_TIMES,
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
