"""Telling: what one round of the alerts looks at, loaded a page at a time, and the messages that come of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.utils import get_topic

from domain.alerts.alert import Alert, Said, alert_id
from domain.alerts.audience import Interest, Listener
from domain.alerts.kinds import CONDITION_KINDS
from domain.alerts.known_alerts import KnownAlerts, told_of
from domain.alerts.messages import message_of
from domain.alerts.scopes import NO_TARGET, OF_ENDPOINTS, scopes_of, subscription_of, target_of
from domain.alerts.story import Story
from domain.application import Fact, Writing
from domain.checkpoint import Checkpoint, checkpoint_id
from domain.delivery.endpoint import Endpoint
from domain.delivery.notification import FOLLOW_UPS, INBOX, OPEN, Notification, State, notification_id
from domain.milestones.milestone import Milestone
from domain.target import Target
from domain.updates.updates import Updates

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


@dataclass(frozen=True)
class About:
    """What messages rest on, and say."""

    position: int
    target: UUID
    message: dict[str, object]


class Round:
    """One transaction: alerts, audience and whatever messages rest on, and the facts that have come of it so far."""

    def __init__(self, log: Writing, page: Sequence[tuple[int, Any]], known: KnownAlerts, at: datetime) -> None:
        self.facts: list[Fact] = []
        self.queued = 0
        self.at = at
        self._log = log
        self._notifications: dict[UUID, Notification] = {}
        self._touched: dict[UUID, Notification] = {}
        self.checkpoints: dict[UUID, Checkpoint] = {}
        self._used: dict[UUID, Alert] = {}
        self._queued_now: list[Notification] = []
        self._touched_of: dict[UUID, dict[UUID, Notification]] = defaultdict(dict)
        facts = [fact for _, fact in page]
        self.milestones = self._milestones(facts)
        scopes = {scope for fact in facts for scope in scopes_of(fact, self.milestones_of(fact))}
        others = log.aggregates(Alert, {alert_id(*scope) for scope in scopes} - known.looked_up)
        self._alerts = known.alerts | others
        self._interests: dict[str, list[Interest]] = defaultdict(list)
        self._listeners: dict[UUID, Listener] = {}
        endpoints = {subscription_of(fact) for fact in facts if isinstance(fact, OF_ENDPOINTS)}
        self._endpoints = log.endpoints.of(endpoints) if endpoints else {}
        wanted = {target_of(fact) for fact in facts if not isinstance(fact, OF_ENDPOINTS)}
        escalated = [fact for fact in facts if isinstance(fact, Updates.CheckInEscalated)]
        above = {fact.target: fact.parent for fact in escalated if fact.parent is not None}
        told = known.told | told_of(others.values()) | endpoints
        listened = self._listen(wanted | {*above.values()}, {get_topic(type(fact)) for fact in facts}, told)
        # Whoever hears of the target above may hear of this one.
        listened |= {target for target, parent in above.items() if parent in listened}
        restated = {fact.target for fact in facts if isinstance(fact, Checkpoint.CheckpointRestated) and fact.announced}
        self.targets = log.targets(listened | restated)
        self._load_checkpoints(facts)

    def _listen(self, targets: set[UUID], types: set[str], told: frozenset[UUID]) -> set[UUID]:
        """Who hears of these targets, or was told of their alerts; of which of them anybody may hear."""
        listened = {alert.target for alert in self._alerts.values() if alert.said}
        for one in self._log.audience.interests(targets, types | {*CONDITION_KINDS}):
            self._interests[one.kind].append(one)
            self._listeners[one.listener.subscription] = one.listener
            listened |= targets if one.listener.target is None else {one.listener.target}
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

    def endpoint(self, subscription: UUID) -> Endpoint | None:
        """Its webhook, for a subscription that the facts are about."""
        return self._endpoints.get(subscription)

    # What comes of it

    def tell(self, story: Story, tellings: Iterable[Telling]) -> None:
        """Queue them, the first for each address alone: one fact is one message."""
        reached: set[tuple[str, str]] = set()
        for telling in tellings:
            fresh: dict[tuple[str, str], Listener] = {}
            told: list[UUID] = []
            for listener in telling.listeners:
                if listener.address not in reached:
                    fresh.setdefault(listener.address, listener)
                    told.append(listener.subscription)
            reached |= fresh.keys()
            if fresh:
                message = message_of(story, telling.transition, telling.kind, telling.also)
                about = About(story.position, story.target.id, message)
                self._queue(about, telling, list(fresh.values()), told)

    def tell_of_endpoint(self, position: int, telling: Telling, message: dict[str, object]) -> None:
        """Queue it for all its listeners; it is about no target."""
        if telling.listeners:
            told = [one.subscription for one in telling.listeners]
            self._queue(About(position, NO_TARGET, message), telling, telling.listeners, told)

    def _queue(self, about: About, telling: Telling, listeners: Sequence[Listener], told: Sequence[UUID]) -> None:
        """listeners: who gets a message; told: with them, whoever else has subscribed for the same address."""
        alert, transition, kind = telling.alert, telling.transition, telling.kind
        done: dict[str, Any] = {"by": BY, "at": self.at}
        later = telling.not_before if telling.not_before is not None and telling.not_before > self.at else None
        numbers: dict[str, Any] = {"messages": len(listeners), "anew": telling.anew, "not_before": later}
        episode, n = alert.tell(transition, kind, telling.subject, told, about.position, **numbers, **done)
        held = self._held(alert, listeners, follows=transition in FOLLOW_UPS)
        for one in listeners:
            notification = Notification.queue(
                notification_id(alert.id, episode, transition, n, one.recipient, one.subscription),
                alert=alert.id,
                episode=episode,
                transition=transition,
                n=n,
                kind=kind,
                target=about.target,
                recipient=one.recipient,
                subscription=one.subscription,
                channel=one.channel,
                about=about.position,
                message=about.message,
                not_before=later,
                expires_at=telling.expires_at,
                held=one.subscription in held,
                **done,
            )
            self._touch(notification)
            self.queued += 1

    def _held(self, alert: Alert, listeners: Sequence[Listener], *, follows: bool) -> set[UUID]:
        """The inboxes that something of this alert has not reached: what comes next waits behind it."""
        inboxes = {one.subscription for one in listeners if one.channel == INBOX}
        if not inboxes:
            return set()
        here = self._touched_of[alert.id].values()
        waiting = {one.subscription for one in here if one.state is not State.DELIVERED if follows or one.state in OPEN}
        known = (one.id for one in here)
        return self._log.deliveries.unfinished(alert.id, inboxes, follows=follows, but=known) | (waiting & inboxes)

    def recall(
        self, alert: Alert, subject: UUID, position: int, reason: str, among: Iterable[Listener] | None = None
    ) -> dict[tuple[str, str], list[UUID]]:
        """Cancel what still waits for its time; by transition and kind, the subscriptions that so have not heard it.

        among: only what waits for one of these.
        """
        only = None if among is None else {one.subscription for one in among}
        heard = alert.heard(subject)
        listeners = self.known(one for one in heard if only is None or one in only)
        wanted = {_message(alert, heard[one.subscription], one): one for one in listeners}
        self._notifications |= self._log.aggregates(Notification, wanted.keys() - self._notifications.keys())
        cancelled: set[tuple[Said, tuple[str, str]]] = set()
        for named, listener in wanted.items():
            waiting = self._notifications.get(named)
            if waiting is not None and _waits(waiting):
                waiting.cancel(reason, by=BY, at=self.at)
                self._touch(waiting)
                cancelled.add((_numbers(heard[listener.subscription]), listener.address))
        recalled: dict[tuple[str, str], list[UUID]] = {}
        for listener in listeners:
            said = heard[listener.subscription]
            # Whoever shares a message has not heard it either.
            if (_numbers(said), listener.address) in cancelled:
                recalled.setdefault((said.transition, said.kind), []).append(listener.subscription)
        unheard = [one for subscriptions in recalled.values() for one in subscriptions]
        alert.recall(subject, unheard, position, messages=len(cancelled), by=BY, at=self.at)
        return recalled

    def _touch(self, notification: Notification) -> None:
        self._notifications[notification.id] = notification
        self._touched[notification.id] = notification
        self._queued_now.append(notification)
        self._touched_of[notification.alert][notification.id] = notification

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


def _message(alert: Alert, said: Said, listener: Listener) -> UUID:
    numbers = said.episode, said.transition, said.n
    return notification_id(alert.id, *numbers, listener.recipient, listener.subscription)


def _numbers(said: Said) -> Said:
    return replace(said, before=None)


def _waits(one: Notification) -> bool:
    return one.state is State.QUEUED and not one.attempts and one.due > one.created_on
