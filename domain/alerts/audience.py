"""The audience: who is to hear of what, as it stands beside the log, written with the subscriptions' facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.alerts.subscription import WEBHOOK, Subscription


@dataclass(frozen=True)
class Listener:
    """One subscription as the alerts see it."""

    subscription: UUID
    recipient: str
    channel: str
    target: UUID | None

    @property
    def address(self) -> tuple[str, str]:
        """Where it ends up: an inbox, or a subject, is one for all subscriptions of its recipient."""
        return self.recipient, str(self.subscription) if self.channel == WEBHOOK else self.channel


@dataclass(frozen=True)
class Interest:
    """A listener and one kind that it hears of, from the facts after position `since` on."""

    listener: Listener
    kind: str
    since: int


class Audience(Protocol):
    """Inside a transaction of the log."""

    def keep(self, subscription: Subscription, position: int) -> None:
        """Bring the rows to what it says; what is new in it begins after this position."""

    def remove(self, subscription: UUID) -> None: ...

    def interests(self, targets: Iterable[UUID], kinds: Iterable[str]) -> list[Interest]:
        """Who hears of these kinds about any of these targets; the eldest subscriptions first."""

    def listeners(self, subscriptions: Iterable[UUID]) -> dict[UUID, Listener]:
        """Those of them that have not ended."""

    def count(self, target: UUID | None) -> int:
        """How many subscriptions there are to this target; None: to every target."""

    def count_of(self, recipient: str) -> tuple[int, int]:
        """How many subscriptions a recipient has in all, and how many of them to every target."""

    def tried_at(self, subscription: UUID) -> datetime | None:
        """When it was last tried out."""

    def keep_trial(self, subscription: UUID, at: datetime) -> None: ...

    def queued(self, subscription: UUID, limit: int) -> list[UUID]:
        """Some of the notifications to it that are not delivered, dead or cancelled."""
