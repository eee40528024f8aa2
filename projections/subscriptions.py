"""Every subscription: who hears of what, where, until it ends."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.alerts.subscription import Channel, Subscription
from domain.facts import SUBSCRIPTION_TOPICS
from projections.view import View


@dataclass(frozen=True)
class Subscribed:
    """target: None for every one."""

    recipient: str
    kinds: list[str]
    channel: Channel
    created_at: datetime
    created_by: str
    target: UUID | None = None
    ended: bool = False


def evolve(row: Subscribed | None, fact: object) -> Subscribed | None:
    match row, fact:
        case None, Subscription.SubscriptionCreated() as one:
            return Subscribed(one.recipient, one.kinds, one.channel, one.timestamp, one.by, one.target)
        case Subscribed(), Subscription.SubscriptionChanged(kinds=kinds, channel=channel):
            return replace(row, kinds=kinds, channel=channel)
        case Subscribed(), Subscription.SubscriptionEnded():
            return replace(row, ended=True)
    return row


SUBSCRIPTIONS = View(
    "subscriptions",
    Subscribed,
    evolve,
    SUBSCRIPTION_TOPICS,
    indexes=("(row->>'recipient'), id",),
)
