"""Delivery, decided: what may be tried now, what became of what was tried, and trying the dead again.

Each step is one transaction under the log's lock; the sending itself happens between two steps, outside of it.
An attempt is recorded before the try and left to whoever recorded it for the time of a lease. Who dies in between
leaves an attempt of which nothing more is known; when its lease has run out the next one follows, under the same id.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.application import Fact, Milemarker, Writing
from domain.endpoint import Endpoint, endpoint_disabled
from domain.notification import INBOX, Notification, State
from domain.outbox import Dead
from domain.refusal import Refused
from domain.retry import Accepted, Failure, Ladder, Outcome

BY = "delivery"
WEBHOOK = "webhook"
NATS = "nats"
LEASE = timedelta(seconds=30)
PER_ENDPOINT_MAX = 4
BATCH_MAX = 50

LookAgain = Callable[[Writing, Sequence[Notification], datetime], None]
"""May cancel what is not to be sent any more: looked at again at the moment of sending."""


@dataclass(frozen=True)
class Attempt:
    """One try that is to be made now, by nobody else until `lease_until`."""

    notification: UUID
    number: int
    channel: str
    recipient: str
    endpoint: Endpoint | None
    body: dict[str, object]
    lease_until: datetime


@dataclass(frozen=True)
class Ended:
    attempt: Attempt
    outcome: Outcome


def as_queued(_log: Writing, _notifications: Sequence[Notification], _at: datetime) -> None:
    """Everything that was queued is still wanted."""


class Delivering:
    def __init__(
        self,
        app: Milemarker,
        ladders: Mapping[str, Ladder],
        *,
        lease: timedelta = LEASE,
        look_again: LookAgain = as_queued,
    ) -> None:
        """ladders: of each channel that is sent on from here."""
        self._app = app
        self._ladders = ladders
        self._lease = lease
        self._look_again = look_again

    def step(self, ended: Sequence[Ended], at: datetime, limit: int = BATCH_MAX) -> tuple[list[Attempt], int]:
        """Record what has ended, then claim up to `limit` that are due.

        What is to be tried now, and how many were claimed: some are given up or cancelled instead.
        """
        with self._app.writing() as log:
            if ended:
                self._record(log, ended, at)
            claimed = log.deliveries.claim(at, min(limit, BATCH_MAX), PER_ENDPOINT_MAX) if limit > 0 else []
            return (self._begin(log, claimed, at) if claimed else []), len(claimed)

    # What became of what was tried

    def _record(self, log: Writing, ended: Sequence[Ended], at: datetime) -> None:
        notifications = log.aggregates(Notification, {one.attempt.notification for one in ended})
        endpoints = log.endpoints.of({one.subscription for one in notifications.values()})
        facts: list[Fact] = []
        for one in ended:
            notification = notifications[one.attempt.notification]
            self._end(notification, one, at)
            before = endpoints.get(notification.subscription)
            # One whose URL was changed meanwhile is another endpoint.
            if before is None or one.attempt.endpoint is None or before.url != one.attempt.endpoint.url:
                continue
            after = _after(before, one.outcome, at)
            endpoints[notification.subscription] = after
            if after.disabled and not before.disabled:
                facts.append(
                    endpoint_disabled(
                        after, notification.recipient, notification.id, attempt=one.attempt.number, by=BY, at=at
                    )
                )
            if after != before:
                log.endpoints.note(after)
        # Of an attempt that another has overtaken nothing is recorded, and its row is the other's.
        log.deliveries.keep(*(one for one in notifications.values() if one.pending_events))
        log.save([fact for one in notifications.values() for fact in one.collect_events()] + facts)

    def _end(self, notification: Notification, ended: Ended, at: datetime) -> None:
        attempt, outcome = ended.attempt, ended.outcome
        if isinstance(outcome, Accepted):
            notification.delivered(outcome.answer, attempt=attempt.number, by=BY, at=at)
        else:
            notification.fail(outcome, self._ladders[attempt.channel], attempt=attempt.number, by=BY, at=at)

    # What may be tried now

    def _begin(self, log: Writing, claimed: Sequence[UUID], at: datetime) -> list[Attempt]:
        found = log.aggregates(Notification, claimed)
        notifications = [found[one] for one in claimed]
        endpoints = log.endpoints.of({one.subscription for one in notifications})
        untold = log.deliveries.untold(claimed)
        self._look_again(log, notifications, at)
        for one in notifications:
            self._begin_one(one, endpoints.get(one.subscription), one.id in untold, at)
        lease_until = at + self._lease
        log.deliveries.keep(*notifications, lease_until=lease_until)
        log.save([fact for one in notifications for fact in one.collect_events()])
        return [
            Attempt(
                one.id,
                one.attempts,
                one.channel,
                one.recipient,
                endpoints.get(one.subscription),
                one.body,
                lease_until,
            )
            for one in notifications
            if one.state is State.SENDING
        ]

    def _begin_one(self, one: Notification, endpoint: Endpoint | None, untold: bool, at: datetime) -> None:
        if untold:
            one.give_up("what it answers was never delivered", by=BY, at=at)
        elif one.channel == INBOX:
            one.put_in_inbox(by=BY, at=at)
        elif one.channel not in self._ladders:
            one.give_up(f"nothing is sent by {one.channel} here", by=BY, at=at)
        elif one.channel == WEBHOOK and endpoint is None:
            one.cancel("its subscription is gone", by=BY, at=at)
        elif endpoint is not None and endpoint.disabled:
            one.give_up(f"the endpoint is disabled: {endpoint.disabled}", by=BY, at=at)
        else:
            one.begin_attempt(by=BY, at=at)


def _after(endpoint: Endpoint, outcome: Outcome, at: datetime) -> Endpoint:
    if isinstance(outcome, Failure):
        return endpoint.failed(outcome.reason, gone=outcome.gone, at=at)
    return endpoint.answered()


def redrive(
    app: Milemarker, dead: Sequence[Dead], reason: str, *, dry: bool, by: str, at: datetime
) -> list[tuple[Dead, str | None]]:
    """Give each of these a new ladder, in one transaction; each with why it is left as it is, None when it is not.

    dry: decide the same, and change nothing.
    """
    with app.writing() as log:
        notifications = log.aggregates(Notification, [one.notification for one in dead])
        endpoints = log.endpoints.of({one.endpoint for one in dead})
        answered = log.deliveries.answered_already([one.notification for one in dead])
        said: list[tuple[Dead, str | None]] = []
        for one in dead:
            try:
                _check(one, endpoints.get(one.endpoint), one.notification in answered)
                notifications[one.notification].redrive(reason, by=by, at=at)
                said.append((one, None))
            except Refused as refused:
                said.append((one, refused.detail))
        if not dry:
            log.deliveries.keep(*notifications.values())
            log.save([fact for one in notifications.values() for fact in one.collect_events()])
        return said


def _check(one: Dead, endpoint: Endpoint | None, answered: bool) -> None:
    if answered:
        raise Refused("answered_already", "what answers it was delivered: it would come after its own end")
    if one.channel == WEBHOOK and endpoint is None:
        raise Refused("endpoint_gone", "its subscription is gone")
    if endpoint is not None and endpoint.disabled:
        raise Refused("endpoint_disabled", f"its endpoint is disabled: {endpoint.disabled}; enable it first")
