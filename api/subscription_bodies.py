"""What is sent about subscriptions, field by field; the rules themselves are the domain's."""

from uuid import UUID

from api.target_bodies import Strict
from domain.alerts.subscribing import Wanted
from domain.refusal import Refused

EVERY = "*"


class ChannelBody(Strict):
    """`webhook` with its `url`, `nats`, or `inbox`."""

    kind: str
    url: str | None = None


class SubscriptionBody(Strict):
    recipient: str
    target: str
    kinds: list[str]
    channel: ChannelBody

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.recipient, target_of(self.target), self.kinds, self.channel.kind, self.channel.url)


class SubscriptionChange(Strict):
    kinds: list[str] | None = None
    channel: ChannelBody | None = None
    rotate_secret: bool = False


BODIES = (SubscriptionBody, SubscriptionChange)
"""For the documentation."""


def target_of(text: str) -> UUID | None:
    """The target that a subscription names; None for every one."""
    if text == EVERY:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Refused(
            "unknown_target", f'target is the id of a target, or "{EVERY}" for every one', "/target"
        ) from None
