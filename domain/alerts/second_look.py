"""A second look, at the moment of sending: what a condition has told and is silenced since is not sent any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from domain.alerts.alert import BAD_NEWS, Alert
from domain.alerts.alert import State as AlertState
from domain.alerts.kinds import CONDITION_KINDS, STALE
from domain.alerts.milestone_alerts import DONE
from domain.alerts.ruling import OVER
from domain.application import Writing
from domain.delivery.notification import Notification
from domain.milestones.milestone import Milestone
from domain.target import Target

BY = "delivery"


def look_again(log: Writing, notifications: Sequence[Notification], at: datetime) -> None:
    """Cancel, with the reason, what an attainment, an achieving, a close or a cancelling has silenced, or what is over.

    The end of a condition, and corrections, are left to whoever knows whether the beginning was delivered.
    """
    asked = [one for one in notifications if one.kind in CONDITION_KINDS and one.transition in BAD_NEWS]
    if not asked:
        return
    targets = log.targets({one.target for one in asked})
    milestones = log.aggregates(Milestone, {named for one in asked if (named := _milestone(one)) is not None})
    alerts = log.aggregates(Alert, {one.alert for one in asked})
    for one in asked:
        reason = _silenced(one, targets, milestones) or _over(one, targets.get(one.target), alerts.get(one.alert))
        if reason is not None:
            one.cancel(f"silenced: the {reason} by now", by=BY, at=at)


def _silenced(one: Notification, targets: Mapping[UUID, Target], milestones: Mapping[UUID, Milestone]) -> str | None:
    target, named = targets.get(one.target), _milestone(one)
    milestone = None if named is None else milestones.get(named)
    if target is None:
        return None  # nothing that is known speaks against it
    if milestone is not None and (done := DONE.get(milestone.stage)) is not None:
        return f"milestone is {done}"
    if named is None and target.attained and one.kind != STALE:
        return "target is attained"
    over = OVER.get(target.state)
    # The closing verdict comes with the close itself.
    return None if over is None or (over == "closed" and _closing(one)) else f"target is {over}"


def _over(one: Notification, target: Target | None, alert: Alert | None) -> str | None:
    """Whether the episode that it tells of has ended; the close ends that of the closing verdict, which is sent."""
    if alert is None or (alert.episode == one.episode and alert.state is AlertState.FIRING):
        return None
    if target is not None and OVER.get(target.state) == "closed" and _closing(one):
        return None
    return "alert is resolved"


def _milestone(one: Notification) -> UUID | None:
    said = cast(dict[str, Any], one.message.get("milestone") or {})
    return UUID(said["id"]) if said else None


def _closing(one: Notification) -> bool:
    said = cast(dict[str, Any], one.message.get("checkpoint") or {})
    return bool(said.get("closing"))
