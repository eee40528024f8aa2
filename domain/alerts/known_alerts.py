"""The alerts that a page of facts may touch, loaded before the log's lock is taken.

Only the follower of the log writes them, so they are as they were as long as its position is where it was. An alert
grows with every day of its target; while it is folded nobody has to wait.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.alerts.alert import Alert, alert_id
from domain.alerts.scopes import scopes_of
from domain.application import Milemarker


@dataclass(frozen=True)
class KnownAlerts:
    """looked_up: what there is not among the alerts does not exist; told: the subscriptions that heard of them."""

    looked_up: frozenset[UUID]
    alerts: dict[UUID, Alert]
    told: frozenset[UUID]


def known_alerts(app: Milemarker, facts: Iterable[Any]) -> KnownAlerts:
    """Those of the milestones of a cancelled target are left to whoever holds the lock: what it had may change."""
    wanted = frozenset(alert_id(*scope) for fact in facts for scope in scopes_of(fact, ()))
    alerts = app.store.aggregates(app.mapper, Alert, wanted)
    return KnownAlerts(wanted, alerts, told_of(alerts.values()))


def told_of(alerts: Iterable[Alert]) -> frozenset[UUID]:
    return frozenset(one for alert in alerts for heard in alert.said.values() for one in heard)
