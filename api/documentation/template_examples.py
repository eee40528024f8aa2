"""What templates look like, for the documentation."""

from api.template_bodies import TARGET_EXAMPLE

BODY = {
    "name": "Monthly revenue",
    "every": "month",
    "from": "2026-12-01",
    "compared_with": "last_year",
    "target": TARGET_EXAMPLE,
}
CHANGE = {"target": {"goal": "+12 %"}, "reason": "A second shop opened"}
REASON = {"reason": "We plan by the quarter now"}
_next = {
    "start": "2027-01-01",
    "end": "2027-01-31",
    "drafted_at": "2026-12-25T05:00:00Z",
    "starts_at": "2027-01-01T05:00:00Z",
}
TEMPLATE = {
    "id": "9b1f6c0e-3d0a-4f51-8a4e-5c7f2b8d6e13",
    "version": 1,
    "name": "Monthly revenue",
    "every": "month",
    "from": "2026-12-01",
    "target": {"refunds": "own_date", "team": [], **TARGET_EXAMPLE},
    "interval": 1,
    "until": None,
    "compared_with": "last_year",
    "draft_days": 7,
    "state": "active",
    "made": 1,
    "last": {
        "target": "0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55",
        "start": "2026-12-01",
        "end": "2026-12-31",
        "version": 1,
    },
    "next": _next,
    "failure": None,
    "created_at": "2026-11-10T09:00:00.123456Z",
    "created_by": "ana@example.com",
}
PAGE = {"items": [TEMPLATE], "next": None}
NEXT = {
    "items": [
        {
            "number": 2,
            **_next,
            "name": "January 2027 revenue",
            "goal": "+10 %",
            "comparison": {"start": "2026-01-01", "end": "2026-01-31"},
            "problem": None,
        }
    ]
}
