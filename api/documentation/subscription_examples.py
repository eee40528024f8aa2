"""What subscriptions and alerts look like, for the documentation."""

WANTED = {
    "recipient": "ana@example.com",
    "target": "0b8f6f9e-51d4-4d2a-9f0a-0d7c8c1f6a55",
    "kinds": ["checkpoint.evaluated", "alert.verdict", "target.attained"],
    "channel": {"kind": "webhook", "url": "https://hooks.example.com/milemarker"},
}
SUBSCRIPTION = {
    "id": "5b0e7c1a-8a3e-4f57-9f5e-2f2a6a1d7b90",
    **WANTED,
    "kinds": ["target.attained", "checkpoint.evaluated", "alert.verdict"],
    "channel": {"kind": "webhook", "host": "hooks.example.com"},
    "created_at": "2026-11-01T09:00:00Z",
    "created_by": "ana@example.com",
    "failing_since": None,
    "disabled": None,
}
CREATED = SUBSCRIPTION | {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwK4uY1cPzXrs="}
CHANGED = {name: what for name, what in CREATED.items() if name not in ("failing_since", "disabled")}
PAGE = {"items": [SUBSCRIPTION], "next": None}
CHANGE = {"kinds": ["alert.verdict"], "rotate_secret": True}
TRIED = {"notification": "c9a1f6de-4c35-5b8c-93f4-0c1f2f0f6a11"}

ALERT = {
    "id": "7d0f1c22-9b1e-5d3f-8a80-3c9a4f2b6e01",
    "kind": "verdict",
    "target": WANTED["target"],
    "scope": "",
    "state": "firing",
    "episode": 1,
    "severity": "at_risk",
    "since": "2026-11-14T05:00:11Z",
    "opened_at": "2026-11-14T05:00:11Z",
    "reason": None,
    "told": 1,
    "told_at": "2026-11-14T05:00:11Z",
    "withheld": None,
    "position": 1239,
}
ALERTS = {"items": [ALERT], "next": None}
WHY = {
    "alert": ALERT,
    "items": [
        {
            "fact": {
                "position": 1241,
                "type": "alert.told",
                "id": ALERT["id"],
                "version": 3,
                "recorded_at": "2026-11-14T05:00:11Z",
                "by": "alerts",
                "data": {"transition": "firing", "kind": "alert.verdict", "episode": 1, "n": 1, "rests_on": 1238},
            },
            "rests_on": {
                "position": 1238,
                "type": "checkpoint.evaluated",
                "id": "f5c1d9a0-3f0c-5b6e-8b2b-d0a0f6f6b101",
                "version": 1,
                "recorded_at": "2026-11-14T05:00:10Z",
                "by": "checkpoints",
                "data": {"number": 2, "status": "at_risk"},
            },
            "notifications": [
                {
                    "id": TRIED["notification"],
                    "recipient": "ana@example.com",
                    "subscription": SUBSCRIPTION["id"],
                    "channel": "webhook",
                    "state": "delivered",
                    "reason": None,
                    "answer": "204",
                    "queued_at": "2026-11-14T05:00:11Z",
                    "attempts": [],
                }
            ],
        }
    ],
    "next": None,
}
