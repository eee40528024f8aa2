"""Every alert: how a condition stands, in which episode, and how many messages have come of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.alerts.alert import Alert, State
from domain.facts import ALERT_TOPICS
from projections.view import View


@dataclass(frozen=True)
class AlertRow:
    """since: in this state; told: messages queued in all episodes, less the recalled; position: where it came up."""

    kind: str
    target: UUID
    scope: str
    opened_at: datetime
    since: datetime
    state: State = State.NONE
    episode: int = 0
    severity: str | None = None
    reason: str | None = None
    """Why it was resolved."""
    withheld: str | None = None
    """Why the last ones were not told."""
    told: int = 0
    told_at: datetime | None = None
    position: int = 0


def evolve(row: AlertRow | None, fact: object) -> AlertRow | None:
    match row, fact:
        case None, Alert.AlertOpened(kind=kind, target=target, scope=scope, timestamp=at):
            return AlertRow(kind, target, scope, at, at)
        case AlertRow(), Alert.AlertFired(episode=episode, severity=severity, timestamp=at):
            moved = replace(row, state=State.FIRING, episode=episode, severity=severity, since=at)
            return replace(moved, reason=None, withheld=None)
        case AlertRow(), Alert.AlertWorsened(severity=severity) | Alert.AlertEased(severity=severity):
            return replace(row, severity=severity)
        case AlertRow(), Alert.AlertResolved(reason=reason, timestamp=at):
            return replace(row, state=State.RESOLVED, severity=None, reason=reason, since=at)
        case AlertRow(), Alert.AlertTold(told=told, messages=messages, episode=episode, timestamp=at):
            many = len(told) if messages is None else messages
            return replace(row, told=row.told + many, told_at=at, episode=episode, withheld=None)
        case AlertRow(), Alert.AlertRecalled(recalled=recalled, messages=messages):
            return replace(row, told=row.told - (len(recalled) if messages is None else messages))
        case AlertRow(), Alert.AlertWithheld(reason=reason):
            return replace(row, withheld=reason)
    return row


POSITION = "((row->>'position')::bigint)"
ALERTS = View(
    "alerts",
    AlertRow,
    evolve,
    ALERT_TOPICS,
    indexes=(POSITION, f"(row->>'target'), {POSITION}", f"(row->>'state'), {POSITION}"),
    placed=lambda row, position: replace(row, position=position),
)
