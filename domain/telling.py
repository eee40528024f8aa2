"""Telling: what one round of the alerts looks at, loaded a page at a time, and the messages that come of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.utils import get_topic

from domain.alert import Alert, alert_id
from domain.application import Fact, Writing
from domain.audience import Interest, Listener
from domain.checkpoint import Checkpoint, checkpoint_id
from domain.kinds import CONDITION_KINDS
from domain.messages import message_of
from domain.milestone import Milestone
from domain.notification import Notification, State, notification_id
from domain.scopes import scopes_of, target_of
from domain.story import Story
from domain.target import Target

BY = "alerts"
OF_CHECKPOINTS = (Checkpoint.CheckpointEvaluated, Checkpoint.CheckpointRestated, Checkpoint.CheckpointSettled)


@dataclass
class Telling:
    """One transition of one alert, for everyone who is to hear of it.

    kind: what they asked to hear of; subject: what it is about; anew: an announcement begins its next episode;
    also: what the fact did to the condition beside it.
    """

    alert: Alert
    transition: str
    kind: str
    subject: UUID
    listeners: Sequence[Listener]
    anew: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None
    also: str | None = None


class Round:
    """One transaction: alerts, audience and whatever messages rest on, and the facts that have come of it so far."""

    def __init__(self, log: Writing, page: Sequence[tuple[int, Any]], at: datetime) -> None:
        self.facts: list[Fact] = []
        self.queued = 0
        self.at = at
        self._log = log
        self._notifications: dict[UUID, Notification] = {}
        self._touched: dict[UUID, Notification] = {}
        self.checkpoints: dict[UUID, Checkpoint] = {}
        self._used: dict[UUID, Alert] = {}
        self._queued_now: list[Notification] = []
        facts = [fact for _, fact in page]
        self.milestones = self._milestones(facts)
        scopes = {scope for fact in facts for scope in scopes_of(fact, self.milestones_of(fact))}
        self._alerts = log.aggregates(Alert, {alert_id(*scope) for scope in scopes})
        self._interests: dict[str, list[Interest]] = defaultdict(list)
        self._listeners: dict[UUID, Listener] = {}
        wanted = {target_of(fact) for fact in facts}
        listened = self._listen(wanted, {get_topic(type(fact)) for fact in facts})
        restated = {fact.target for fact in facts if isinstance(fact, Checkpoint.CheckpointRestated) and fact.announced}
        self.targets = log.targets(listened | restated)
        self._load_checkpoints(facts)

    def _listen(self, targets: set[UUID], types: set[str]) -> set[UUID]:
        """Who hears of these targets, or was told of their alerts; of which of them anybody may hear."""
        listened = {alert.target for alert in self._alerts.values() if alert.said}
        for one in self._log.audience.interests(targets, types | {*CONDITION_KINDS}):
            self._interests[one.kind].append(one)
            self._listeners[one.listener.subscription] = one.listener
            listened |= targets if one.listener.target is None else {one.listener.target}
        told = {sub for alert in self._alerts.values() for heard in alert.said.values() for sub in heard}
        self._listeners |= self._log.audience.listeners(told - self._listeners.keys())
        return listened

    def _milestones(self, facts: Sequence[Any]) -> dict[UUID, Milestone]:
        named = {fact.originator_id for fact in facts if isinstance(fact, Milestone.Event)}
        found = self._log.aggregates(Milestone, named)
        cancelled = [fact.originator_id for fact in facts if isinstance(fact, Target.TargetCancelled)]
        for milestones in self._log.milestones(cancelled).values():
            found |= {one.id: one for one in milestones}
        return found

    def milestones_of(self, fact: Any) -> list[Milestone]:
        """Those that a fact is about: its own, or all of the target that was cancelled."""
        if isinstance(fact, Target.TargetCancelled):
            return [one for one in self.milestones.values() if one.target == fact.originator_id]
        found = self.milestones.get(fact.originator_id)
        return [] if found is None else [found]

    def _load_checkpoints(self, facts: Sequence[Any]) -> None:
        """Those that the facts are about, each with the one before and the one after it."""
        wanted: set[UUID] = set()
        for fact in facts:
            if isinstance(fact, OF_CHECKPOINTS) and (target := self.targets.get(fact.target)) is not None:
                near = target.plan.checkpoints[max(0, fact.number - 2) : fact.number + 1]
                wanted.add(fact.originator_id)
                wanted.update(checkpoint_id(target.id, one.cutoff) for one in near)
        self.checkpoints = self._log.aggregates(Checkpoint, wanted)

    # What there is

    def alert(self, kind: str, target: UUID, scope: str = "") -> Alert:
        """This alert; a new one stands in the log once something has come of it."""
        named = alert_id(kind, target, scope)
        if named not in self._alerts:
            self._alerts[named] = Alert.open(kind, target, scope, by=BY, at=self.at)
        self._used[named] = self._alerts[named]
        return self._alerts[named]

    def listeners(self, kind: str, target: UUID, position: int) -> list[Listener]:
        """Who hears of this kind, as of a fact at this position: a new subscription starts now, not in the past."""
        return [
            one.listener
            for one in self._interests.get(kind, [])
            if one.since < position and one.listener.target in (None, target)
        ]

    def known(self, subscriptions: Iterable[UUID]) -> list[Listener]:
        """Those of them that have not ended."""
        return [self._listeners[one] for one in subscriptions if one in self._listeners]

    def checkpoint(self, target: Target, number: int) -> Checkpoint | None:
        """The target's evaluated checkpoint of this number."""
        planned = target.plan.checkpoints
        if not 1 <= number <= len(planned):
            return None
        return self.checkpoints.get(checkpoint_id(target.id, planned[number - 1].cutoff))

    # What comes of it

    def tell(self, story: Story, tellings: Iterable[Telling]) -> None:
        """Queue them, the first for each address alone: one fact is one message."""
        reached: set[tuple[str, str]] = set()
        for telling in tellings:
            fresh: dict[tuple[str, str], Listener] = {}
            for listener in telling.listeners:
                if listener.address not in reached:
                    fresh.setdefault(listener.address, listener)
            reached |= fresh.keys()
            if fresh:
                self._queue(story, telling, list(fresh.values()))

    def _queue(self, story: Story, telling: Telling, listeners: Sequence[Listener]) -> None:
        alert, transition, kind = telling.alert, telling.transition, telling.kind
        told = [one.subscription for one in listeners]
        done: dict[str, Any] = {"by": BY, "at": self.at}
        episode, n = alert.tell(transition, kind, telling.subject, told, story.position, anew=telling.anew, **done)
        message = message_of(story, transition, kind, telling.also)
        later = telling.not_before if telling.not_before is not None and telling.not_before > self.at else None
        for one in listeners:
            notification = Notification.queue(
                notification_id(alert.id, episode, transition, n, one.recipient, one.subscription),
                alert=alert.id,
                episode=episode,
                transition=transition,
                n=n,
                kind=kind,
                target=story.target.id,
                recipient=one.recipient,
                subscription=one.subscription,
                channel=one.channel,
                about=story.position,
                message=message,
                not_before=later,
                expires_at=telling.expires_at,
                **done,
            )
            self._touch(notification)
            self.queued += 1

    def recall(self, alert: Alert, subject: UUID, position: int, reason: str) -> dict[tuple[str, str], list[UUID]]:
        """Cancel what still waits for its time; by transition and kind, the subscriptions that so have not heard it."""
        wanted = {
            notification_id(alert.id, said.episode, said.transition, said.n, one.recipient, subscription): one
            for subscription, said in alert.heard(subject).items()
            for one in self.known([subscription])
        }
        self._notifications |= self._log.aggregates(Notification, wanted.keys() - self._notifications.keys())
        recalled: dict[tuple[str, str], list[UUID]] = {}
        for named, listener in wanted.items():
            waiting = self._notifications[named]
            if waiting.state is State.QUEUED and not waiting.attempts and waiting.due > waiting.created_on:
                waiting.cancel(reason, by=BY, at=self.at)
                self._touch(waiting)
                recalled.setdefault((waiting.transition, waiting.kind), []).append(listener.subscription)
        unheard = [one for subscriptions in recalled.values() for one in subscriptions]
        alert.recall(subject, unheard, position, by=BY, at=self.at)
        return recalled

    def _touch(self, notification: Notification) -> None:
        self._notifications[notification.id] = notification
        self._touched[notification.id] = notification
        self._queued_now.append(notification)

    def collect(self) -> None:
        """What one fact has come to: first what the alerts say, then the messages."""
        for alert in self._used.values():
            if alert.version > Alert.INITIAL_VERSION:
                self.facts += alert.collect_events()
        for notification in self._queued_now:
            self.facts += notification.collect_events()
        self._used.clear()
        self._queued_now.clear()

    def save(self) -> None:
        self._log.save(self.facts)
        self._log.deliveries.keep(*self._touched.values())
