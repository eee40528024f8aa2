"""Delivery, decided: what may be tried now, what became of what was tried, and trying the dead again.

Each step is one transaction under the log's lock; the sending itself happens between two steps, outside of it.
An attempt is recorded before the try and left to whoever recorded it for the time of a lease. Who dies in between
leaves an attempt of which nothing more is known; when its lease has run out the next one follows, under the same id.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.application import Fact, Milemarker, Writing
from domain.delivery.endpoint import Endpoint, endpoint_disabled
from domain.delivery.notification import INBOX, Notification, State
from domain.delivery.retry import Accepted, Failure, Ladder, Outcome

BY = "delivery"
WEBHOOK = "webhook"
NATS = "nats"
LEASE = timedelta(seconds=30)
PER_ENDPOINT_MAX = 4
BATCH_MAX = 50
PUT_OFF = timedelta(minutes=5)
"""Until one that can't be begun is looked at again."""
UNHEARD = "what it answers was never delivered"

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


class CantBegin(Exception):
    """Something of these is not as it can be; nothing of the step was done. Its cause says what."""

    def __init__(self, claimed: Sequence[UUID]) -> None:
        super().__init__(f"{len(claimed)} notifications can't be begun")
        self.claimed = claimed


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

    def step(
        self,
        ended: Sequence[Ended],
        at: datetime,
        limit: int = BATCH_MAX,
        *,
        per_endpoint_max: int = PER_ENDPOINT_MAX,
        leave: Collection[UUID] = (),
        clock: Callable[[], datetime] | None = None,
    ) -> tuple[list[Attempt], int]:
        """Record what has ended, then claim up to `limit` that are due, but for those to `leave`.

        What is to be tried now, and how many were claimed: some are given up or cancelled instead.
        clock: read once the log's lock is held, so that no lease is spent on waiting for it. Raises CantBegin.
        """
        with self._app.writing() as log:
            at = at if clock is None else clock()
            if ended:
                self._record(log, ended, at)
            if limit <= 0 or not (claimed := log.deliveries.claim(at, min(limit, BATCH_MAX), per_endpoint_max, leave)):
                return [], 0
            try:
                return self._begin(log, claimed, at), len(claimed)
            except Exception as error:
                raise CantBegin(claimed) from error

    def put_off(self, notification: UUID, at: datetime) -> None:
        """One that can't be begun must not stop the others."""
        with self._app.writing() as log:
            log.deliveries.put_off(notification, at + PUT_OFF)

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
            self._begin_one(one, endpoints.get(one.subscription), untold.get(one.id), at)
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

    def _begin_one(self, one: Notification, endpoint: Endpoint | None, untold: State | None, at: datetime) -> None:
        if untold is State.DEAD:
            # It can be redriven together with what it answers.
            one.give_up(UNHEARD, by=BY, at=at)
        elif untold is State.CANCELLED:
            one.cancel(UNHEARD, by=BY, at=at)
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
