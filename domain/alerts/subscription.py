"""A Subscription: who hears of what about which target, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

from domain.alerts.kinds import check_kinds
from domain.delivery.endpoint import read_nats_recipient
from domain.refusal import Refused
from domain.sale import text_of

WEBHOOK, NATS, INBOX = "webhook", "nats", "inbox"
CHANNELS = (WEBHOOK, NATS, INBOX)


@dataclass(frozen=True)
class Channel:
    """Where messages go. Of a webhook only the host stands in the facts: its URL may hold secrets."""

    kind: str
    host: str | None = None


class Subscription(BaseAggregate[UUID]):
    TOPIC = "subscription"

    recipient: str
    target: UUID | None
    """None: every target."""
    kinds: list[str]
    channel: Channel
    created_by: str
    ended: bool

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(AggregateEvent):
        by: str

    class SubscriptionCreated(Event, AggregateCreated):
        TOPIC = "subscription.created"
        recipient: str
        kinds: list[str]
        channel: Channel
        target: UUID | None = None

    class SubscriptionChanged(Event):
        TOPIC = "subscription.changed"
        kinds: list[str]
        channel: Channel
        secret_changed: bool = False

    class SubscriptionEnded(Event):
        TOPIC = "subscription.ended"

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    @classmethod
    def create(
        cls,
        subscription_id: UUID,
        recipient: str,
        target: UUID | None,
        kinds: Sequence[str],
        channel: Channel,
        *,
        by: str,
        at: datetime,
    ) -> "Subscription":
        text_of(recipient, "/recipient")
        if channel.kind not in CHANNELS:
            raise Refused("unknown_channel", f"a channel is one of {', '.join(CHANNELS)}", "/channel/kind")
        if channel.kind == NATS:
            read_nats_recipient(recipient)
        return cls._create(
            cls.SubscriptionCreated,
            id=subscription_id,
            recipient=recipient,
            target=target,
            kinds=check_kinds(list(kinds)),
            channel=channel,
            by=by,
            timestamp=at,
        )

    def change(
        self,
        kinds: Sequence[str] | None,
        host: str | None,
        *,
        secret_changed: bool,
        moved: bool = False,
        by: str,
        at: datetime,
    ) -> None:
        """kinds: others than now; host: of the webhook's new URL; moved: the URL is another one."""
        self.refuse_ended()
        wanted = self.kinds if kinds is None else check_kinds(list(kinds))
        channel = self.channel if host is None else Channel(WEBHOOK, host)
        if moved or secret_changed or (wanted, channel) != (self.kinds, self.channel):
            self.trigger_event(
                self.SubscriptionChanged,
                kinds=wanted,
                channel=channel,
                secret_changed=secret_changed,
                by=by,
                timestamp=at,
            )

    def end(self, *, by: str, at: datetime) -> None:
        if not self.ended:
            self.trigger_event(self.SubscriptionEnded, by=by, timestamp=at)

    def refuse_ended(self) -> None:
        if self.ended:
            raise Refused("subscription_ended", "this subscription has ended: create a new one")

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    @event(SubscriptionCreated)
    def __init__(self, recipient: str, kinds: list[str], channel: Channel, target: UUID | None, by: str) -> None:
        self.recipient = recipient
        self.target = target
        self.kinds = kinds
        self.channel = channel
        self.created_by = by
        self.ended = False

    @event(SubscriptionChanged)
    def _changed(self, kinds: list[str], channel: Channel) -> None:
        self.kinds = kinds
        self.channel = channel

    @event(SubscriptionEnded)
    def _ended(self) -> None:
        self.ended = True
