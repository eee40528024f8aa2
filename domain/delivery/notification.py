"""A Notification: one message about one alert for one recipient on one endpoint, from queued to delivered or dead."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

from domain.delivery.retry import RETRY_AFTER_MAX, Failure, Ladder, Severity, jittered
from domain.refusal import Refused

NOTIFICATIONS = UUID("b1d7c1de-3c4f-5e0a-8a57-5f2f7d0a6c3e")
REFUSALS_MAX = 3
LOST_MAX = 20
"""So many attempts may end without a word, their worker killed, before nobody tries any more."""
INBOX = "inbox"
ANNOUNCED = "told"
FOLLOW_UPS = frozenset({"resolved", "corrected", "retracted"})
"""Transitions that answer an earlier message of the same alert, and never overtake it."""
CORRECTING_KINDS = frozenset(
    {"target.attainment_lost", "target.outcome_restated", "checkpoint.restated", "milestone.reopened"}
)
"""Whoever asked for one of these hears of it in its own right, whether or not what it corrects ever got there."""


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    CANCELLED = "cancelled"


OPEN = frozenset({State.QUEUED, State.SENDING, State.WAITING})


def notification_id(alert: UUID, episode: int, transition: str, n: int, recipient: str, subscription: UUID) -> UUID:
    """The same message for the same recipient on the same endpoint has the same id, whoever queues it."""
    fields = (str(alert), str(episode), transition, str(n), recipient, str(subscription))
    # With its length before it, no field can be mistaken for two.
    return uuid5(NOTIFICATIONS, "".join(f"{len(one)}:{one}" for one in fields))


class Notification(BaseAggregate[UUID]):
    TOPIC = "notification"

    state: State
    due: datetime
    """When it is to be tried next, while it waits."""
    attempts: int
    under_way: set[int]
    """Attempts that began and of which nobody has said that they got there, or that another try is to follow."""
    redriven_after: int
    """How many attempts there had been when it was last redriven."""
    tries: int
    """Failed ones since it was queued or redriven: how far up the ladder it is."""
    refusals: int
    reason: str

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(AggregateEvent):
        by: str

    class NotificationQueued(Event, AggregateCreated):
        TOPIC = "notification.queued"
        alert: UUID
        episode: int
        transition: str
        n: int
        kind: str
        target: UUID
        recipient: str
        subscription: UUID
        """It is the endpoint: its URL and secret stand beside the log, never in it."""
        channel: str
        about: int
        """The position of the fact that it rests on."""
        message: dict[str, object]
        not_before: datetime | None = None
        expires_at: datetime | None = None

    class NotificationSending(Event):
        TOPIC = "notification.sending"
        attempt: int

    class NotificationDelivered(Event):
        TOPIC = "notification.delivered"
        attempt: int
        answer: str

    class NotificationWaiting(Event):
        TOPIC = "notification.waiting"
        attempt: int
        next_at: datetime
        reason: str
        refused: bool = False
        """Whether the other side would not take this very message."""

    class NotificationDead(Event):
        TOPIC = "notification.dead"
        attempts: int
        reason: str

    class NotificationCancelled(Event):
        TOPIC = "notification.cancelled"
        reason: str

    class NotificationRedriven(Event):
        TOPIC = "notification.redriven"
        reason: str

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    @classmethod
    def queue(
        cls,
        notification_id: UUID,
        *,
        alert: UUID,
        episode: int,
        transition: str,
        n: int,
        kind: str,
        target: UUID,
        recipient: str,
        subscription: UUID,
        channel: str,
        about: int,
        message: dict[str, object],
        not_before: datetime | None = None,
        expires_at: datetime | None = None,
        held: bool = False,
        by: str,
        at: datetime,
    ) -> "Notification":
        """message: what people get, as JSON has it. An inbox has it at once, unless it is for later.

        held: or unless something of the same alert has not reached it, which must not be overtaken.
        """
        queued = cls._create(
            cls.NotificationQueued,
            id=notification_id,
            alert=alert,
            episode=episode,
            transition=transition,
            n=n,
            kind=kind,
            target=target,
            recipient=recipient,
            subscription=subscription,
            channel=channel,
            about=about,
            message=message,
            not_before=not_before,
            expires_at=expires_at,
            by=by,
            timestamp=at,
        )
        if channel == INBOX and not_before is None and not held:
            queued.put_in_inbox(by=by, at=at)
        return queued

    def put_in_inbox(self, *, by: str, at: datetime) -> None:
        """There the row itself is the delivery: no attempt, nothing that could fail."""
        if self.state is State.QUEUED and not self._expires(by, at):
            self.trigger_event(self.NotificationDelivered, attempt=0, answer=INBOX, by=by, timestamp=at)

    def begin_attempt(self, *, by: str, at: datetime) -> bool:
        """Recorded before the try. False: nothing is to be sent."""
        if self.state not in OPEN or self._expires(by, at):
            return False
        if sum(attempt > self.redriven_after for attempt in self.under_way) >= LOST_MAX:
            self.give_up(f"{LOST_MAX} attempts ended without a word", by=by, at=at)
            return False
        self.trigger_event(self.NotificationSending, attempt=self.attempts + 1, by=by, timestamp=at)
        return True

    def delivered(self, answer: str, *, attempt: int, by: str, at: datetime) -> None:
        """The other side has it, also when it was given up or cancelled meanwhile: what got there got there."""
        if attempt in self.under_way and self.state is not State.DELIVERED:
            self.trigger_event(self.NotificationDelivered, attempt=attempt, answer=answer, by=by, timestamp=at)

    def fail(self, failure: Failure, ladder: Ladder, *, attempt: int, by: str, at: datetime) -> None:
        """To be tried again later, or dead. Of an earlier attempt than the latest it says nothing."""
        if self.state is not State.SENDING or attempt != self.attempts:
            return
        refused = failure.severity is Severity.REFUSED
        if failure.severity is Severity.FINAL or (refused and self.refusals + 1 >= REFUSALS_MAX):
            self.give_up(failure.reason, by=by, at=at)
            return
        wait_s = ladder.wait_s(self.tries + 1)
        if wait_s is None:
            self.give_up(f"{self.tries + 1} tries failed, the last: {failure.reason}", by=by, at=at)
            return
        next_at = at + _bounded(failure.retry_after, jittered(wait_s, self.id, attempt))
        if self.expires_at is not None and next_at >= self.expires_at:
            self.give_up(f"expires before the next try; the last: {failure.reason}", by=by, at=at)
            return
        self.trigger_event(
            self.NotificationWaiting,
            attempt=attempt,
            next_at=next_at,
            reason=failure.reason,
            refused=refused,
            by=by,
            timestamp=at,
        )

    def give_up(self, reason: str, *, by: str, at: datetime) -> None:
        if self.state in OPEN:
            self.trigger_event(self.NotificationDead, attempts=self.attempts, reason=reason, by=by, timestamp=at)

    def cancel(self, reason: str, *, by: str, at: datetime) -> None:
        if self.state in OPEN:
            self.trigger_event(self.NotificationCancelled, reason=reason, by=by, timestamp=at)

    def redrive(self, reason: str, *, by: str, at: datetime) -> None:
        """A new ladder for what is dead, from its first rung, under the same id."""
        if self.state is not State.DEAD:
            raise Refused("not_dead", f"it is {self.state}: only what is dead can be tried again")
        if self.expires_at is not None and at >= self.expires_at:
            raise Refused("expired", f"it was worth telling until {self.expires_at.isoformat()}")
        self.trigger_event(self.NotificationRedriven, reason=reason, by=by, timestamp=at)

    def _expires(self, by: str, at: datetime) -> bool:
        if self.expires_at is None or at < self.expires_at:
            return False
        self.give_up("expired", by=by, at=at)
        return True

    @property
    def never_heard(self) -> bool:
        """Whether it was cancelled, and no attempt of it can have got there: its follow-ups are not sent either."""
        return self.state is State.CANCELLED and not self.under_way and self.transition not in FOLLOW_UPS

    @property
    def body(self) -> dict[str, object]:
        """What goes out, the same at every attempt: type, timestamp and data as Standard Webhooks want them."""
        return {
            "type": self.kind,
            "timestamp": self.created_on,
            "id": self.id,
            "alert": self.alert,
            "transition": self.transition,
            "recipient": self.recipient,
            "subscription": self.subscription,
            "target": self.target,
            "position": self.about,
            "data": self.message,
        }

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    @event(NotificationQueued)
    def __init__(
        self,
        alert: UUID,
        episode: int,
        transition: str,
        n: int,
        kind: str,
        target: UUID,
        recipient: str,
        subscription: UUID,
        channel: str,
        about: int,
        message: dict[str, object],
        timestamp: datetime,
        not_before: datetime | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        self.alert = alert
        self.episode = episode
        self.transition = transition
        self.n = n
        self.kind = kind
        self.target = target
        self.recipient = recipient
        self.subscription = subscription
        self.channel = channel
        self.about = about
        self.message = message
        self.expires_at = expires_at
        self.state = State.QUEUED
        self.due = not_before or timestamp
        self.attempts = 0
        self.under_way = set()
        self.redriven_after = 0
        self.tries = 0
        self.refusals = 0
        self.reason = ""

    @event(NotificationSending)
    def _sending(self, attempt: int) -> None:
        self.state = State.SENDING
        self.attempts = attempt
        self.under_way.add(attempt)

    @event(NotificationDelivered)
    def _delivered(self, attempt: int) -> None:
        self.state = State.DELIVERED
        self.under_way.discard(attempt)
        self.reason = ""

    @event(NotificationWaiting)
    def _waiting(self, attempt: int, next_at: datetime, reason: str, refused: bool) -> None:
        self.state = State.WAITING
        self.under_way.discard(attempt)
        self.tries += 1
        self.refusals += refused
        self.due = next_at
        self.reason = reason

    @event(NotificationDead)
    def _dead(self, reason: str) -> None:
        self.state = State.DEAD
        self.reason = reason

    @event(NotificationCancelled)
    def _cancelled(self, reason: str) -> None:
        self.state = State.CANCELLED
        self.reason = reason

    @event(NotificationRedriven)
    def _redriven(self, timestamp: datetime) -> None:
        self.state = State.QUEUED
        self.due = timestamp
        self.tries = 0
        self.refusals = 0
        self.redriven_after = self.attempts


def _bounded(asked: timedelta | None, otherwise: timedelta) -> timedelta:
    """What the other side asks for may only make it longer, up to a day: no answer uses the ladder up in a moment."""
    return otherwise if asked is None else max(otherwise, min(asked, RETRY_AFTER_MAX))
