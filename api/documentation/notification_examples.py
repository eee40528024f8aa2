"""What notifications look like, for the documentation."""

from domain.forecast import NO_RANGE

TOLD = {
    "id": "c9a1f6de-4c35-5b8c-93f4-0c1f2f0f6a11",
    "position": 1240,
    "state": "delivered",
    "kind": "alert.verdict",
    "target": "0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55",
    "recipient": "ana@example.com",
    "channel": "webhook",
    "subscription": "5b0e7c1a-8a3e-4f57-9f5e-2f2a6a1d7b90",
    "alert": "7d0f1c22-9b1e-5d3f-8a80-3c9a4f2b6e01",
    "episode": 1,
    "transition": "firing",
    "n": 1,
    "about": 1238,
    "queued_at": "2026-11-14T05:00:11Z",
    "since": "2026-11-14T05:00:12Z",
    "next_at": None,
    "expires_at": None,
    "attempts_made": 1,
    "reason": None,
    "answer": "204",
}
MESSAGE = {
    "line": "November revenue is at risk: $46,000.00 of $50,000.00 by Fri 13 Nov",
    "what": "checkpoint.evaluated",
    "kind": "alert.verdict",
    "transition": "firing",
    "target": {"id": TOLD["target"], "name": "November revenue", "state": "active"},
    "unit": "USD",
    "goal": "100000.00",
    "owner": "ana@example.com",
    "team": ["jo@example.com"],
    "checkpoint": {
        "id": "f5c1d9a0-3f0c-5b6e-8b2b-d0a0f6f6b101",
        "number": 2,
        "cutoff": "2026-11-14T05:00:00+00:00",
        "closing": False,
    },
    "status": "at_risk",
    "actual": "46000.00",
    "expected": "50000.00",
    "variance": "-4000.00",
    "pace_index": "0.9200",
    "complete": True,
    "previous": "on_track",
    "required_rate": {"per": "open_day", "amount": "3176.47"},
    "projection": {"value": "98983.33", "method": NO_RANGE},
    "what_to_do": ["See on its page what each day brought"],
    "link": f"/targets/{TOLD['target']}",
    "rests_on": {
        "type": "checkpoint.evaluated",
        "position": 1238,
        "revision": 1,
        "evaluation": "f5c1d9a0-3f0c-5b6e-8b2b-d0a0f6f6b101",
    },
}
ATTEMPT = {
    "attempt": 1,
    "began_at": "2026-11-14T05:00:11.5Z",
    "ended_at": "2026-11-14T05:00:12Z",
    "outcome": "delivered",
    "answer": "204",
    "reason": None,
    "next_at": None,
}
PAGE = {"items": [TOLD], "next": None}
ONE = TOLD | {"message": MESSAGE, "attempts": [ATTEMPT]}
INBOX_PAGE = {
    "items": [TOLD | {"channel": "inbox", "attempts_made": 0, "answer": "inbox", "message": MESSAGE}],
    "next": None,
}
