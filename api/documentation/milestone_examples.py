"""What milestones look like, for the documentation."""

from api.documentation.target_examples import TARGET

PLANNING = {
    "name": "Half of November",
    "due": {"rule": "checkpoint", "number": 2, "offset_days": -1},
    "criterion": {"kind": "value", "value": "50000.00"},
    "tasks": [
        {
            "name": "Call the ten largest customers",
            "required": True,
            "assignee": "jo@example.com",
            "due": {"rule": "milestone", "offset_days": -2},
        }
    ],
    "after": [],
    "weight": 1,
}
TASK = {
    "id": "5b0a3c52-6f5e-4a0e-8f57-0c1b1f6b7a11",
    **PLANNING["tasks"][0],  # type: ignore[index]
    "due": {"rule": "milestone", "offset_days": -2, "day": "2026-11-10", "at": "2026-11-11T05:00:00Z"},
    "done": False,
    "overdue": False,
}
MILESTONE = {
    "id": "7d9a0d8e-2f43-4f0b-9a53-3d1f0a7c2b66",
    "target": TARGET["id"],
    "plan_version": 1,
    "name": PLANNING["name"],
    "state": "achieved",
    "due": {
        "rule": "checkpoint",
        "number": 2,
        "offset_days": -1,
        "day": "2026-11-12",
        "at": "2026-11-13T05:00:00Z",
    },
    "criterion": PLANNING["criterion"],
    "weight": 1,
    "after": [],
    "tasks": [TASK],
    "achieved": {
        "at": "2026-11-11T09:00:02.123456Z",
        "by": "ingest",
        "late": False,
        "out_of_order": False,
        "actual": "50012.00",
        "lifted_by": {"source": "webshop", "id": "ord-1001", "occurred_at": "2026-11-11T09:00:00Z"},
        "evidence": None,
    },
    "reopened": None,
    "waived": None,
    "position": 1234,
}
PAGE = {"items": [MILESTONE], "next": None, "completion": "1.0000"}
RESCHEDULING = {"due": {"rule": "date", "date": "2026-11-20"}}
ADDING = PLANNING["tasks"][0]  # type: ignore[index]
DOING = {"done": True}
ACHIEVING = {"evidence": "Signed on 12 November, see the minutes"}
WAIVING = {"reason": "The fair was called off"}
