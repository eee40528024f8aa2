"""What revisions and proposals look like, for the documentation."""

from api.documentation.target_examples import TARGET

REVISING = {
    "changes": {"goal": "120000.00", "thresholds": {"ahead": "1.1"}},
    "reason": "A second shop opened",
    "mode": "prospective",
    "effective_at": "2026-11-15T09:00:00-05:00",
}
CHANGES = {"goal": {"from": "100000.00", "to": "120000.00"}}
REVISIONS = {
    "items": [
        {
            "number": 2,
            "effective_at": "2026-11-15T14:00:00Z",
            "mode": "prospective",
            "reason": REVISING["reason"],
            "by": "ana@example.com",
            "at": "2026-11-15T17:00:00.123456Z",
            "changes": CHANGES,
            "goal": "120000.00",
            "attained": None,
            "proposed_by": None,
        }
    ],
    "next": None,
}
PROPOSAL = {
    "id": "e4d0a3b5-8c0e-4f3c-9a51-6d1c1c2f7b90",
    "target": TARGET["id"],
    "state": "open",
    "mode": "prospective",
    "reason": REVISING["reason"],
    "effective_at": "2026-11-15T14:00:00Z",
    "freeze_anew": False,
    "changes": CHANGES,
    "revision": 1,
    "proposed_by": "jo@example.com",
    "proposed_at": "2026-11-15T17:00:00.123456Z",
    "decision": None,
}
PROPOSALS = {"items": [PROPOSAL], "next": None}
DECLINING = {"reason": "Wait for the figures of November"}
