"""What targets look like, for the documentation."""

from api.documentation.definition_examples import DEFINITION
from api.documentation.forecast_answers import PROJECTION

TARGET = {
    "id": "0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55",
    "plan_version": 3,
    "revision": 1,
    "state": "active",
    "status": "on_track",
    "live_status": "on_track",
    "actual": "52000.00",
    "expected": "50000.00",
    "variance": "2000.00",
    "pace_index": "1.0400",
    "progress": "0.5200",
    "goal": "100000.00",
    "original_goal": "100000.00",
    "original_progress": "0.5200",
    "required_rate": {"per": "open_day", "amount": "3000.00"},
    "current_rate": {"per": "open_day", "amount": "3714.29"},
    "catch_up_factor": "0.8077",
    "projection": PROJECTION,
    "next_checkpoint": {"number": 3, "cutoff": "2026-11-21T05:00:00Z", "expected": "75000.00"},
    "last_evaluation": {
        "number": 2,
        "status": "on_track",
        "cutoff": "2026-11-14T05:00:00Z",
        "reported": {
            "expected": "50000.00",
            "actual": "49000.00",
            "variance": "-1000.00",
            "pace_index": "0.9800",
            "status": "on_track",
            "complete": True,
        },
        "restated": None,
    },
    "team_update": {"on_track": False, "confidence": 6, "by": "ana@example.com", "at": "2026-11-15T09:12:40Z"},
    "as_of": "2026-11-15T17:00:00Z",
    "position": 1234,
    "refunds": "own_date",
} | {name: value for name, value in DEFINITION.items() if name not in ("goal", "activate")}
PAGE = {"items": [TARGET], "next": None}
CANCELLING = {"reason": "The shop closed in October"}
DAYS = {
    "items": [{"day": "2026-11-01", "net": "5200.00", "actual": "5200.00", "expected": "4166.67"}],
    "next": None,
}
FACT = {
    "position": 1234,
    "type": "target.progress_recorded",
    "id": TARGET["id"],
    "version": 4,
    "recorded_at": "2026-11-06T20:04:06.123456Z",
    "by": "ingest",
    "data": {
        "entry": {"batch": "6f8a2c1e-0f6d-4b38-8f2e-2b2f2c9f6f10"},
        "slots": [{"start": "2026-11-06T05:00:00+00:00", "net": 1999}],
    },
}
FACTS = {"items": [FACT], "next": None}
CHECKPOINTS = {
    "items": [
        {
            "number": 2,
            "cutoff": "2026-11-14T05:00:00Z",
            "closing": False,
            "state": "provisional",
            "expected": "50000.00",
            "actual": "46000.00",
            "variance": "-4000.00",
            "pace_index": "0.9200",
            "status": "at_risk",
            "step": {"expected": "25000.00", "actual": "18000.00"},
            "complete": True,
            "evaluated_at": "2026-11-14T05:00:10Z",
            "position": 1201,
            "restated": {
                "old": {
                    "expected": "50000.00",
                    "actual": "46000.00",
                    "variance": "-4000.00",
                    "pace_index": "0.9200",
                    "status": "at_risk",
                    "complete": True,
                },
                "new": {
                    "expected": "50000.00",
                    "actual": "52000.00",
                    "variance": "2000.00",
                    "pace_index": "1.0400",
                    "status": "on_track",
                    "complete": True,
                },
                "at": "2026-11-15T09:30:41Z",
                "times": 1,
                "position": 1230,
            },
        }
    ],
    "next": "2",
}
