"""Which alerts a fact may touch: the verdict of its target, what was told of its checkpoint, and so on."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from domain.alerts.alert import (
    ACHIEVEMENT,
    ATTAINMENT,
    CHECK_IN,
    CHECKPOINT,
    ENDPOINT_FAILING,
    MILESTONE_DUE,
    NEWS,
    OUTCOME,
    SLIPPING,
    STALE,
    STALLED,
    VERDICT,
)
from domain.alerts.subscription import Subscription
from domain.checkpoint import Checkpoint
from domain.delivery.endpoint import EndpointDisabled
from domain.milestones.milestone import Milestone
from domain.target import Target
from domain.updates.updates import Updates
from domain.watch.watch import Watch

Scope = tuple[str, UUID, str]
"""Kind, target and scope of an alert."""
UNTIL_ATTAINED = (VERDICT, SLIPPING, STALLED, CHECK_IN)
"""Conditions of a target that its attainment ends;"""
UNTIL_CLOSED = (*UNTIL_ATTAINED, STALE)
"""and those that its close, or its cancelling, silences."""
NO_TARGET = UUID(int=0)
"""In place of a target, for alerts of an endpoint."""
OF_ENDPOINTS = (EndpointDisabled, Subscription.SubscriptionChanged, Subscription.SubscriptionEnded)


def subscription_of(fact: Any) -> UUID:
    """The subscription that a fact of an endpoint, or its own, is about."""
    subscription: UUID = getattr(fact, "subscription", fact.originator_id)
    return subscription


def target_of(fact: Any) -> UUID:
    """The target that a fact of it, of a checkpoint or of a milestone is about."""
    target: UUID = getattr(fact, "target", fact.originator_id)
    return target


def scopes_of(fact: Any, milestones: Iterable[Milestone]) -> list[Scope]:
    """milestones: those that the fact is about."""
    if isinstance(fact, OF_ENDPOINTS):
        return [(ENDPOINT_FAILING, NO_TARGET, str(subscription_of(fact)))]
    target, own = target_of(fact), str(fact.originator_id)
    match fact:
        case Checkpoint.CheckpointSettled():
            return [(NEWS, target, own)]
        case Checkpoint.CheckpointEvaluated() | Checkpoint.CheckpointRestated():
            return [(VERDICT, target, ""), (CHECKPOINT, target, own)] if fact.announced else []
        case Target.TargetAttained() | Target.AttainmentLost():
            return [(kind, target, "") for kind in (*UNTIL_ATTAINED, ATTAINMENT)]
        case Target.TargetClosed():
            return [(kind, target, "") for kind in (*UNTIL_CLOSED, OUTCOME)]
        case Target.OutcomeRestated():
            return [(OUTCOME, target, "")]
        case Target.TargetCancelled():
            due = [(MILESTONE_DUE, target, str(one.id)) for one in milestones]
            return [*((kind, target, "") for kind in (*UNTIL_CLOSED, NEWS)), *due]
        case Watch.Event():
            return [(kind, target, "") for kind in (SLIPPING, STALLED, STALE, NEWS)]
        case Updates.Event():
            return [(CHECK_IN, target, ""), (NEWS, target, "")]
        case Milestone.Event():
            return [(kind, target, own) for kind in (MILESTONE_DUE, ACHIEVEMENT, NEWS)]
    return [(NEWS, target, "")]
