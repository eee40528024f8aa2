"""Which alerts a fact may touch: the verdict of its target, what was told of its checkpoint, and so on."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from domain.alerts.alert import (
    ACHIEVEMENT,
    ATTAINMENT,
    CHECKPOINT,
    ENDPOINT_FAILING,
    MILESTONE_DUE,
    NEWS,
    OUTCOME,
    VERDICT,
)
from domain.alerts.subscription import Subscription
from domain.checkpoint import Checkpoint
from domain.delivery.endpoint import EndpointDisabled
from domain.milestones.milestone import Milestone
from domain.target import Target

Scope = tuple[str, UUID, str]
"""Kind, target and scope of an alert."""
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
            return [(VERDICT, target, ""), (ATTAINMENT, target, "")]
        case Target.TargetClosed() | Target.OutcomeRestated():
            return [(VERDICT, target, ""), (OUTCOME, target, "")]
        case Target.TargetCancelled():
            due = [(MILESTONE_DUE, target, str(one.id)) for one in milestones]
            return [(VERDICT, target, ""), (NEWS, target, ""), *due]
        case Milestone.Event():
            return [(kind, target, own) for kind in (MILESTONE_DUE, ACHIEVEMENT, NEWS)]
    return [(NEWS, target, "")]
