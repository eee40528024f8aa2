"""Redriving: a new ladder for what is dead, but for what nobody is to hear any more."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from domain.application import Milemarker, Writing
from domain.delivery.delivering import UNHEARD, WEBHOOK, LookAgain, as_queued
from domain.delivery.endpoint import Endpoint
from domain.delivery.notification import FOLLOW_UPS, Notification, State
from domain.delivery.outbox import Dead
from domain.refusal import Refused


class Fate(StrEnum):
    AGAIN = "again"
    CANCELLED = "cancelled"
    LEFT = "left"


class Redriven(NamedTuple):
    """What becomes of a dead one, and why, unless it is tried again."""

    dead: Dead
    fate: Fate
    why: str = ""


def redrive(
    app: Milemarker,
    dead: Sequence[Dead],
    reason: str,
    *,
    dry: bool,
    by: str,
    at: datetime,
    look_again: LookAgain = as_queued,
) -> list[Redriven]:
    """Give each of these a new ladder, in one transaction; what is over by now is cancelled instead.

    dry: decide the same, and change nothing.
    """
    with app.writing() as log:
        notifications = log.aggregates(Notification, [one.notification for one in dead])
        left = _left(log, dead, notifications, reason, by, at)
        again = [one for one in notifications.values() if one.id not in left]
        look_again(log, again, at)
        left |= _unheard(log, again, by, at)
        changed = [one for one in again if one.id not in left]
        if not dry:
            log.deliveries.keep(*changed)
            log.save([fact for one in changed for fact in one.collect_events()])
        return [_said(one, notifications[one.notification], left.get(one.notification)) for one in dead]


def _said(one: Dead, notification: Notification, left: str | None) -> Redriven:
    if left is not None:
        return Redriven(one, Fate.LEFT, left)
    if notification.state is State.CANCELLED:
        return Redriven(one, Fate.CANCELLED, notification.reason)
    return Redriven(one, Fate.AGAIN)


def _left(
    log: Writing,
    dead: Sequence[Dead],
    notifications: Mapping[UUID, Notification],
    reason: str,
    by: str,
    at: datetime,
) -> dict[UUID, str]:
    """Redrive those that may be; of the others, why not."""
    subscriptions = {one.endpoint for one in dead}
    endpoints = log.endpoints.of(subscriptions)
    known = endpoints.keys() | log.audience.listeners(subscriptions).keys()
    answered = log.deliveries.answered_already([one.notification for one in dead])
    left = {}
    for one in dead:
        try:
            _check(one, known, endpoints.get(one.endpoint), one.notification in answered)
            notifications[one.notification].redrive(reason, by=by, at=at)
        except Refused as refused:
            left[one.notification] = refused.detail
    return left


def _unheard(log: Writing, again: Sequence[Notification], by: str, at: datetime) -> dict[UUID, str]:
    """Cancel what answers something that is never sent; of what answers something that may be yet, why it is left."""
    left = {}
    untold = log.deliveries.untold([one.id for one in again])
    beginnings: dict[tuple[UUID, UUID, int], set[State]] = {}
    for one in again:
        if one.transition not in FOLLOW_UPS:
            beginnings.setdefault((one.alert, one.subscription, one.episode), set()).add(one.state)
    for one in again:
        if (became := untold.get(one.id)) is None:
            continue
        redriven = beginnings.get((one.alert, one.subscription, one.episode), {became})
        if redriven == {State.DEAD}:
            left[one.id] = f"{UNHEARD}: redrive that as well"
        elif State.QUEUED not in redriven:
            one.cancel(UNHEARD, by=by, at=at)
    return left


def _check(one: Dead, known: Collection[UUID], endpoint: Endpoint | None, answered: bool) -> None:
    if answered:
        raise Refused("answered_already", "what answers it was delivered: it would come after its own end")
    if one.endpoint not in known or (one.channel == WEBHOOK and endpoint is None):
        raise Refused("endpoint_gone", "its subscription is gone")
    if endpoint is not None and endpoint.disabled:
        raise Refused("endpoint_disabled", f"its endpoint is disabled: {endpoint.disabled}; enable it first")
