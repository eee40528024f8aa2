"""What members look like, for the documentation."""

from typing import Any

from api.documentation.target_examples import TARGET

MEMBER = "5d2c0f0a-3c0e-4d53-8a9e-6c5b1c0d9a12"
JOINING = {"target": MEMBER, "since": None, "until": "2026-11-15"}
MEMBERSHIP = {
    "membership": "f0f6b0f5-7d7e-5f2a-9a43-1f0d1f4f7c55",
    "parent": TARGET["id"],
    "target": MEMBER,
    "since": None,
    "until": "2026-11-15",
}
CHILD: dict[str, Any] = {
    "membership": MEMBERSHIP["membership"],
    "target": MEMBER,
    "name": "EMEA, November",
    "since": None,
    "until": "2026-11-15",
    "counts": True,
    "state": "active",
    "status": "on_track",
    "live_status": "on_track",
    "unit": "USD",
    "goal": "60000.00",
    "actual": "31000.00",
    "expected": "30000.00",
    "pace_index": "1.0333",
    "progress": "0.5167",
    "share": {"actual": "31000.00", "expected": "30000.00", "goal": "30000.00"},
}
CHILDREN = {"items": [CHILD], "next": None}
PARENTS = {"items": [MEMBERSHIP], "next": None}
ROLL_UP: dict[str, Any] = {
    "roll_up": False,
    "members": 1,
    "goal": "100000.00",
    "actual": "52000.00",
    "expected": "50000.00",
    "sum": CHILD["share"],
    "unallocated": {"goal": "70000.00", "actual": "21000.00"},
    "overlap": "0.00",
    "as_of": "2026-11-16T05:00:00Z",
    "position": 1234,
}
LEADERBOARD = {
    "items": [{"rank": 1, "target": MEMBER, "name": CHILD["name"], "owner": "ana@example.com", "value": "0.5167"}],
    "next": None,
}
