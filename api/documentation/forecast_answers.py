"""What is answered about a target's forecast, field by field, for the documentation."""

from api.documentation.schemas import (
    Schema,
    amount,
    day,
    flag,
    id_of,
    instant,
    one_of,
    or_null,
    record,
    share,
    text,
    whole,
)
from domain.forecast import BOOTSTRAP, MEANING

PROJECTION = {
    "value": "107090.20",
    "p10": "99120.35",
    "p50": "106731.08",
    "p90": "114860.51",
    "probability": "0.8720",
    "date": "2026-11-29",
    "method": BOOTSTRAP,
}
FORECAST = PROJECTION | {
    "meaning": MEANING[BOOTSTRAP],
    "insufficient": False,
    "observed_open_days": 14,
    "rests_on": {
        "actual": "52000.00",
        "pace_index": "1.0400",
        "weight": "0.4667",
        "elapsed_open_days": "14.0000",
        "open_days": "30.0000",
        "to_come": "53333.33",
    },
    "seed": {"target": "0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55", "revision": 1, "position": 1230},
    "since": "2026-11-15T05:00:00Z",
    "as_of": "2026-11-15T17:00:00Z",
    "position": 1234,
}

_projection: dict[str, Schema] = {
    "value": or_null(
        amount(
            "The projection: what it has, and what the rest of the plan brings at the pace so far, which is drawn"
            " towards the plan as if 3 more days had gone as planned",
            "107090.20",
        )
    ),
    "p10": or_null(amount("What one path in ten ends at or under. Null without a range", "99120.35")),
    "p50": or_null(amount("What half of the paths end at or under; without a range, `value`", "106731.08")),
    "p90": or_null(amount("What nine paths in ten end at or under. Null without a range", "114860.51")),
    "probability": or_null(share("Of being at the goal at the end. Null without a range", "0.8720")),
    "date": or_null(
        day(
            "The local day on which the goal is reached: since which it is, or by which half of the paths are there."
            " Null where that is not in the period, or not known"
        )
    ),
    "method": one_of(MEANING, "How it was made; `none: ...`: why there is none, and all else is null"),
}
PROJECTED = record(
    "Where the target is heading. In lists, live and after a write `value` stands alone, without a range.", _projection
)

SCHEMAS: dict[str, Schema] = {
    "Forecast": record(
        "Where a target is heading, and how that was worked out.",
        _projection
        | {
            "meaning": text("What the method does, or why there is no forecast, in a sentence or three"),
            "insufficient": flag("Whether there are too few observed open days for a range: fewer than 5"),
            "observed_open_days": whole(
                "Open days that are over and whose ratios of actual to plan were drawn from", 14
            ),
            "rests_on": or_null(
                record(
                    "What `value` was worked out from: actual + rho * to_come, rho = (n * pace_index + 3) / (n + 3), n"
                    " being elapsed_open_days. Exact inside, rounded here. Null without a forecast.",
                    {
                        "actual": amount(
                            "What it has. Of the day under way, a gain counts once it is more than what the whole day"
                            " is compared with",
                            "52000.00",
                        ),
                        "pace_index": or_null(
                            share(
                                "`actual` by `expected` of the days that are over. Null before any: rho is 1", "1.0400"
                            )
                        ),
                        "weight": share("The share of the plan that is behind it", "0.4667"),
                        "elapsed_open_days": share("That are over; half days are half", "14.0000"),
                        "open_days": share("Of the whole period", "30.0000"),
                        "to_come": amount(
                            "What the plan still has to bring; of the day under way, what it has not brought yet",
                            "53333.33",
                        ),
                    },
                )
            ),
            "seed": record(
                "What the paths were drawn from, and nothing else: the same again give the same figures.",
                {
                    "target": id_of("The target's id"),
                    "revision": whole("Of its plan", 1),
                    "position": whole("Of the last fact that changed what it has counted; 0 before the first", 1230),
                },
            ),
            "since": instant("The last midnight, cut-off or revision: since then only sales change it; in UTC"),
            "as_of": instant("The moment that it is for: when it was asked; in UTC"),
            "position": whole("Everything in the log up to there is in it", 1234),
        },
    )
}
