"""Subscribing: who wants to hear of what begins, changes and ends; a new subscription starts now, not in the past."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.alerts.alert import TEST, TRIAL, Alert
from domain.alerts.alerting import begin_alerts
from domain.alerts.messages import trial_of
from domain.alerts.subscription import CHANNELS, WEBHOOK, Channel, Subscription
from domain.application import Fact, Milemarker, Writing, target_in
from domain.delivery.endpoint import read_url
from domain.delivery.notification import Notification, notification_id
from domain.refusal import Refused

TO_ONE_TARGET_MAX = 1_000
TO_EVERY_TARGET_MAX = 1_000
"""Subscriptions: each fact is told to as many, in one commit."""
OF_ONE_RECIPIENT_MAX = 100
OF_ONE_RECIPIENT_TO_EVERY_MAX = 20
"""So nobody takes the room of all others."""
TRIED_AT_MOST_EVERY = timedelta(seconds=10)
"""Each subscription."""
CANCELLED_AT_ONCE = 200
EVERY_TARGET = UUID(int=0)
"""In place of a target, for the trial of a subscription to all of them."""

May = Callable[[str], bool]
"""Whether whoever asks may act for this recipient."""


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for. target: None for every one; url: of a webhook, else None."""

    recipient: str
    target: UUID | None
    kinds: Sequence[str]
    channel: str
    url: str | None

    def place(self) -> Channel:
        """The channel as the facts have it, or Refused."""
        if self.channel not in CHANNELS:
            raise Refused("unknown_channel", f"a channel is one of {', '.join(CHANNELS)}", "/channel/kind")
        if self.channel == WEBHOOK:
            return Channel(WEBHOOK, read_url(self.url).host)
        if self.url is not None:
            raise Refused("url_not_for_channel", f"the channel {self.channel} has no url: leave it out", "/channel/url")
        return Channel(self.channel)


class Subscribing:
    """The use cases. Each answers with the subscription and the log's position."""

    def __init__(self, app: Milemarker) -> None:
        self._app = app

    def create(
        self, subscription_id: UUID, wanted: Wanted, secret: str, *, by: str, at: datetime
    ) -> tuple[Subscription, int, str | None]:
        """With a webhook's secret, unless it was created before: the same again changes nothing."""
        channel = wanted.place()
        with self._app.writing() as log:
            known = log.aggregates(Subscription, [subscription_id]).get(subscription_id)
            created = Subscription.create(
                subscription_id, wanted.recipient, wanted.target, wanted.kinds, channel, by=by, at=at
            )
            if known is not None:
                if known.ended or _said(known) != _said(created) or not _leads(log, known, wanted.url):
                    raise Refused("key_reused", "this Idempotency-Key has created another subscription before")
                return known, log.position, None
            _check_room(log, wanted)
            begin_alerts(log)
            log.save(created.collect_events())
            log.audience.keep(created, log.position)
            if wanted.url is None:
                return created, log.position, None
            log.endpoints.keep(subscription_id, wanted.url, secret)
            return created, log.position, secret

    def change(
        self,
        subscription_id: UUID,
        kinds: Sequence[str] | None,
        url: str | None,
        new_secret: str | None,
        may: May,
        *,
        by: str,
        at: datetime,
    ) -> tuple[Subscription, int]:
        """new_secret: signs from now on, beside the one before it."""
        place = None if url is None else read_url(url)
        with self._app.writing() as log:
            subscription = _subscription(log, subscription_id, may)
            if subscription.channel.kind != WEBHOOK and (url is not None or new_secret is not None):
                raise Refused("no_webhook", "only a webhook has a url and a secret", "/channel")
            endpoint = log.endpoints.of([subscription_id]).get(subscription_id)
            # The same URL again enables a webhook that was disabled: whoever sends it anew has mended it.
            moved = endpoint is not None and url is not None and (url != endpoint.url or endpoint.disabled is not None)
            host = None if place is None else place.host
            rotated = new_secret is not None
            subscription.change(kinds, host, secret_changed=rotated, moved=moved, by=by, at=at)
            log.save(subscription.collect_events())
            log.audience.keep(subscription, log.position)
            if endpoint is not None and (url is not None or rotated):
                former = endpoint.secret if rotated else endpoint.former_secret
                log.endpoints.keep(subscription_id, url or endpoint.url, new_secret or endpoint.secret, former)
            return subscription, log.position

    def end(self, subscription_id: UUID, may: May, *, by: str, at: datetime) -> int:
        """Nothing more is sent to it. Ending it again changes nothing."""
        with self._app.writing() as log:
            subscription = _subscription(log, subscription_id, may, ended=True)
            subscription.end(by=by, at=at)
            log.save(subscription.collect_events())
            log.audience.remove(subscription_id)
            log.endpoints.remove(subscription_id)
            position, more = _cancel_queued(log, subscription_id, by, at)
        while more:
            with self._app.writing() as log:
                position, more = _cancel_queued(log, subscription_id, by, at)
        return position

    def try_out(self, trial: UUID, subscription_id: UUID, may: May, *, by: str, at: datetime) -> tuple[UUID, int]:
        """Queue one message that says that it is a test; its notification's id. trial: the same again is the same.

        At most one in 10 seconds for each subscription.
        """
        with self._app.writing() as log:
            subscription = _subscription(log, subscription_id, may)
            # An alert of its own: one for all tests of a subscription would take longer with each of them.
            scope = f"{subscription_id} {trial}"
            alert = Alert.open(TRIAL, subscription.target or EVERY_TARGET, scope, by=by, at=at)
            tried = notification_id(alert.id, 1, TEST, 1, subscription.recipient, subscription_id)
            if log.aggregates(Notification, [tried]):
                return tried, log.position
            _refuse_tried(log.audience.tried_at(subscription_id), at)
            log.audience.keep_trial(subscription_id, at)
            rests_on = log.position
            alert.tell(TEST, TEST, subscription_id, [subscription_id], rests_on, messages=1, by=by, at=at)
            notification = _trial(alert, subscription, tried, rests_on, by, at)
            log.deliveries.keep(notification)
            facts: list[Fact] = [*alert.collect_events(), *notification.collect_events()]
            return tried, log.save(facts)


def _refuse_tried(last: datetime | None, at: datetime) -> None:
    # A time to come is one of a clock that was set back: it keeps nobody waiting.
    if last is not None and last <= at < last + TRIED_AT_MOST_EVERY:
        again = (last + TRIED_AT_MOST_EVERY).isoformat(timespec="seconds")
        detail = f"it was tried out less than {TRIED_AT_MOST_EVERY.seconds} seconds ago: try again after {again}"
        raise Refused("tried_just_now", detail)


def _trial(
    alert: Alert, subscription: Subscription, notification: UUID, rests_on: int, by: str, at: datetime
) -> Notification:
    return Notification.queue(
        notification,
        alert=alert.id,
        episode=1,
        transition=TEST,
        n=1,
        kind=TEST,
        target=subscription.target or EVERY_TARGET,
        recipient=subscription.recipient,
        subscription=subscription.id,
        channel=subscription.channel.kind,
        about=rests_on,
        message=trial_of(subscription.recipient, subscription.target, subscription.channel.kind),
        by=by,
        at=at,
    )


def _subscription(log: Writing, subscription_id: UUID, may: May, *, ended: bool = False) -> Subscription:
    found = log.aggregates(Subscription, [subscription_id]).get(subscription_id)
    if found is None or not may(found.recipient) or (found.ended and not ended):
        raise Refused("unknown_subscription", "there is no subscription with this id, or it has ended")
    return found


def _said(one: Subscription) -> tuple[object, ...]:
    return one.recipient, one.target, one.kinds, one.channel


def _leads(log: Writing, known: Subscription, url: str | None) -> bool:
    endpoint = log.endpoints.of([known.id]).get(known.id)
    return url == (None if endpoint is None else endpoint.url)


def _check_room(log: Writing, wanted: Wanted) -> None:
    target = wanted.target
    if target is not None:
        target_in(log, target)
    most = TO_EVERY_TARGET_MAX if target is None else TO_ONE_TARGET_MAX
    if log.audience.count(target) >= most:
        which = "every target" if target is None else "this target"
        raise Refused("too_many_subscriptions", f"there are {most} subscriptions to {which}, and there can't be more")
    _check_room_of(log, wanted)


def _check_room_of(log: Writing, wanted: Wanted) -> None:
    many, to_every = log.audience.count_of(wanted.recipient)
    if many >= OF_ONE_RECIPIENT_MAX:
        has, where = OF_ONE_RECIPIENT_MAX, ""
    elif wanted.target is None and to_every >= OF_ONE_RECIPIENT_TO_EVERY_MAX:
        has, where = OF_ONE_RECIPIENT_TO_EVERY_MAX, " to every target"
    else:
        return
    detail = f"{wanted.recipient} has {has} subscriptions{where}, and can't have more: end one, or change its kinds"
    raise Refused("too_many_of_recipient", detail, "/recipient")


def _cancel_queued(log: Writing, subscription_id: UUID, by: str, at: datetime) -> tuple[int, bool]:
    """Cancel some of what still waits; the log's position, and whether there may be more."""
    queued = log.audience.queued(subscription_id, CANCELLED_AT_ONCE)
    notifications = list(log.aggregates(Notification, queued).values())
    for one in notifications:
        one.cancel("the subscription has ended", by=by, at=at)
    log.deliveries.keep(*(one for one in notifications if one.pending_events))
    log.save([fact for one in notifications for fact in one.collect_events()])
    return log.position, len(queued) == CANCELLED_AT_ONCE
