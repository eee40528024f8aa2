"""What updates and check-ins look like, for the documentation."""

from api.documentation.target_examples import TARGET

POSTING = {
    "on_track": False,
    "why": "Two large orders slipped into December",
    "improve": "A second visit to the ten largest customers",
    "confidence": 6,
}
UPDATE = {
    "id": "3b8a4d6e-7c51-4f0e-9d53-5d1f0a7c2b77",
    "target": TARGET["id"],
    **POSTING,
    "by": "ana@example.com",
    "at": "2026-11-15T09:12:40Z",
    "checkpoint": {"number": 2, "cutoff": "2026-11-14T05:00:00Z"},
}
UPDATES = {"items": [UPDATE], "next": None}
CHECK_INS = {
    "items": [
        {
            "checkpoint": {"number": 2, "cutoff": "2026-11-14T05:00:00Z"},
            "status": "at_risk",
            "of": ["ana@example.com", "jo@example.com"],
            "asked_at": "2026-11-14T05:00:10Z",
            "due": "2026-11-18T05:00:00Z",
            "state": "answered",
            "since": "2026-11-15T09:12:40Z",
            "escalated": None,
            "update": UPDATE["id"],
            "reason": None,
        }
    ],
    "next": None,
}
