"""Notifications as rows: how far each has got, and where in the log it was queued."""

from functools import reduce
from typing import Any
from uuid import UUID

import pytest

from domain.delivery.notification import Notification, State
from projections.notifications import NOTIFICATIONS, Telling, evolve
from projections.store import Store
from tests.domain.facts import Fact, fact, past
from tests.domain.test_notification import HOUR, QUEUED, dead, delivered, sending, waiting
from tests.words import NOW, active_target

CANCELLED = fact(Notification.NotificationCancelled, by="delivery", reason="silenced")
REDRIVEN = fact(Notification.NotificationRedriven, by="delivery", reason="mended")


def told(*facts: Fact) -> Telling:
    row: Any = reduce(evolve, past(Notification, QUEUED, *facts), None)
    assert isinstance(row, Telling)
    return row


@pytest.mark.parametrize(
    ("facts", "state", "attempts", "reason"),
    [
        ([], State.QUEUED, 0, None),
        ([sending(1)], State.SENDING, 1, None),
        ([sending(1), waiting(1)], State.WAITING, 1, "answered 503"),
        ([sending(1), waiting(1), sending(2), delivered(2)], State.DELIVERED, 2, None),
        ([sending(1), dead(1, "gone")], State.DEAD, 1, "gone"),
        ([sending(1), dead(1, "gone"), REDRIVEN], State.QUEUED, 1, None),
        ([CANCELLED], State.CANCELLED, 0, "silenced"),
    ],
    ids=["queued", "sending", "waiting", "delivered", "dead", "redriven", "cancelled"],
)
def test_a_notification_is_where_its_last_fact_left_it(
    facts: list[Fact], state: State, attempts: int, reason: str | None
) -> None:
    row = told(*facts)

    assert (row.state, row.attempts, row.reason) == (state, attempts, reason)
    assert (row.recipient, row.target, row.kind) == ("ana@example.com", UUID(int=3), "alert.verdict")


def test_a_row_keeps_the_position_where_it_was_queued(store: Store) -> None:
    active_target(store.app)
    queued, *later = past(Notification, QUEUED, sending(1), delivered(1), at=NOW + HOUR)
    with store.app.writing() as log:
        position = log.save([queued])
    follow(store)
    with store.app.writing() as log:
        log.save(later)
    follow(store)

    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT position, row::text AS row FROM notifications")
        (found,) = curs.fetchall()

    row = NOTIFICATIONS.decoder.decode(found["row"])
    assert (row.position, found["position"], row.state) == (position, position + 2, State.DELIVERED)
    assert "off_track" not in found["row"]


def follow(store: Store) -> None:
    while store.views.follow(NOTIFICATIONS):
        continue
