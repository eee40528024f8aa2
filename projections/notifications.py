"""Every notification: for whom, about what, and how far it has got. What it says stands in the log alone."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.delivery.notification import Notification, State
from domain.facts import NOTIFICATION_TOPICS
from projections.view import View


@dataclass(frozen=True)
class Telling:
    """One notification. position: where it was queued; due: when it is to be tried next, while it waits; reason: why
    it waits, died or was cancelled."""

    alert: UUID
    episode: int
    transition: str
    n: int
    kind: str
    target: UUID
    recipient: str
    subscription: UUID
    channel: str
    about: int
    queued_at: datetime
    state: State
    since: datetime
    """In this state."""
    due: datetime
    expires_at: datetime | None = None
    attempts: int = 0
    reason: str | None = None
    answer: str | None = None
    position: int = 0


def evolve(row: Telling | None, fact: object) -> Telling | None:
    match row, fact:
        case None, Notification.NotificationQueued():
            return _first(fact)
        case Telling(), Notification.Event(timestamp=at):
            return _moved(replace(row, since=at), fact)
    return row


def _moved(row: Telling, fact: Notification.Event) -> Telling:
    match fact:
        case Notification.NotificationSending(attempt=attempt):
            return replace(row, state=State.SENDING, attempts=attempt)
        case Notification.NotificationDelivered(answer=answer):
            return replace(row, state=State.DELIVERED, answer=answer, reason=None)
        case Notification.NotificationWaiting(next_at=next_at, reason=reason):
            return replace(row, state=State.WAITING, due=next_at, reason=reason)
        case Notification.NotificationDead(reason=reason):
            return replace(row, state=State.DEAD, reason=reason)
        case Notification.NotificationCancelled(reason=reason):
            return replace(row, state=State.CANCELLED, reason=reason)
        case Notification.NotificationRedriven(timestamp=at):
            return replace(row, state=State.QUEUED, due=at, reason=None)
    return row


def _first(fact: Notification.NotificationQueued) -> Telling:
    return Telling(
        alert=fact.alert,
        episode=fact.episode,
        transition=fact.transition,
        n=fact.n,
        kind=fact.kind,
        target=fact.target,
        recipient=fact.recipient,
        subscription=fact.subscription,
        channel=fact.channel,
        about=fact.about,
        queued_at=fact.timestamp,
        state=State.QUEUED,
        since=fact.timestamp,
        due=fact.not_before or fact.timestamp,
        expires_at=fact.expires_at,
    )


POSITION = "((row->>'position')::bigint)"
NOTIFICATIONS = View(
    "notifications",
    Telling,
    evolve,
    NOTIFICATION_TOPICS,
    indexes=(
        POSITION,
        f"(row->>'recipient'), {POSITION}",
        f"(row->>'target'), {POSITION}",
        f"(row->>'recipient'), (row->>'channel'), {POSITION}",
    ),
    placed=lambda row, position: replace(row, position=position),
)
