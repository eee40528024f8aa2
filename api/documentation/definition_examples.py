"""What definitions look like, one of each kind, for the documentation."""

from typing import Any

DEFINITION: dict[str, Any] = {
    "name": "November revenue",
    "metric": "revenue",
    "unit": "USD",
    "kind": "cumulative",
    "goal": "100000.00",
    "start": "2026-11-01",
    "end": "2026-11-30",
    "time_zone": "America/New_York",
    "scope": {"region": ["emea", "us"]},
    "pacing": {"kind": "equal_steps"},
    "checkpoints": "FREQ=WEEKLY;BYDAY=FR",
    "owner": "ana@example.com",
    "team": ["jo@example.com"],
    "parent": None,
    "activate": True,
}
_november = {name: DEFINITION[name] for name in ("start", "end", "time_zone", "checkpoints")}
_of_revenue = {name: DEFINITION[name] for name in ("metric", "unit")}

DEFINITIONS: dict[str, dict[str, Any]] = {
    "cumulative: so much by the end": DEFINITION,
    "uplift: so much more than last year": {
        "name": "November, 10 % over last year",
        "kind": "uplift",
        **_of_revenue,
        "goal": "+10 %",
        "comparison": {"start": "2025-11-01", "end": "2025-11-30"},
        "mode": "gain",
        "align": "same_weekday",
        "pacing": {"kind": "last_year"},
        "calendar": {"closed": ["SU"], "country": "US", "days": {"2026-11-27": "half"}},
        **_november,
        "activate": True,
    },
    "from_to: a level that moves": {
        "name": "Churn from 8 % to 5 %",
        "kind": "from_to",
        "metric": "churn",
        "unit": "basis-points",
        "baseline": "800",
        "goal": "500",
        "expect_data_every": 24,
        **_november,
        "activate": True,
    },
    "keep: a level that stays": {
        "name": "Answered within a day",
        "kind": "keep",
        "metric": "answer-hours",
        "unit": "hours",
        "bounds": {"max": "24"},
        "pass_share": "0.9",
        **_november,
        "activate": True,
    },
    "ratio: one sum by another": {
        "name": "Returns",
        "kind": "ratio",
        "numerator": {"metric": "orders", "scope": {"returned": ["yes"]}, "unit": "pieces"},
        "denominator": {"metric": "orders", "unit": "pieces"},
        "goal": "0.05",
        "thresholds": {"ahead": "1.1", "on_track": "1", "at_risk": "0.9"},
        **_november,
        "activate": True,
    },
    "paced by points": {
        "name": "Launch month",
        **_of_revenue,
        "goal": "100000.00",
        "pacing": {"kind": "explicit", "points": [{"date": "2026-11-15", "value": "20000.00"}]},
        "refunds": "clawback",
        **_november,
        "activate": True,
    },
    "paced by weights": {
        "name": "Weekend shop",
        **_of_revenue,
        "goal": "100000.00",
        "pacing": {"kind": "weighted", "by": "weekday", "weights": {"FR": "1", "SA": "2.5", "SU": "2.5"}},
        **_november,
        "activate": True,
    },
}
"""By what each is an example of."""
