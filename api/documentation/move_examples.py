"""What is sent to clone a target, to hand it over and to put it away, for the documentation."""

CLONING = {
    "start": "2026-12-01",
    "end": "2026-12-31",
    "name": "December revenue",
    "goal": "120000.00",
    "milestones": True,
    "activate": "at_start",
}
HANDING_OVER = {"owner": "jo@example.com", "team": ["ana@example.com"], "reason": "Ana is on leave until March"}
ARCHIVING = {"reason": "It is over"}
