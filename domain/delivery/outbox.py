"""What stands beside the log for notifications, in its transactions: the queue of what is to be sent, the endpoints."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.delivery.endpoint import Endpoint
from domain.delivery.notification import Notification, State


@dataclass(frozen=True)
class Dead:
    """A notification that died, as people look for it."""

    notification: UUID
    recipient: str
    channel: str
    kind: str
    transition: str
    target: UUID
    endpoint: UUID
    attempts: int
    reason: str
    queued_at: datetime
    died_at: datetime


@dataclass(frozen=True)
class Sought:
    """Which dead ones; None: any. `notification`: that one alone."""

    recipient: str | None = None
    target: UUID | None = None
    kind: str | None = None
    notification: UUID | None = None


class Deliveries(Protocol):
    """The queue: a row for each notification that is not delivered and not cancelled."""

    def keep(self, *notifications: Notification, lease_until: datetime | None = None) -> None:
        """Bring the rows to what the notifications say; called after every decision, in its transaction.

        lease_until: until when the attempts that have just begun are left to whoever began them.
        """

    def put_off(self, notification: UUID, until: datetime) -> None:
        """Look at it no sooner; nothing of that is a fact."""

    def claim(self, now: datetime, limit: int, per_endpoint_max: int, leave: Collection[UUID] = ()) -> list[UUID]:
        """What may be tried now, oldest first: due, under way nowhere, and overtaking nothing.

        per_endpoint_max: of one endpoint, those under way included; of one that is failing it is one at a time.
        leave: these are not claimed, whatever their rows say.
        """

    def unfinished(
        self, alert: UUID, endpoints: Iterable[UUID], *, follows: bool, but: Iterable[UUID] = ()
    ) -> set[UUID]:
        """Of these endpoints, the ones for which something of this alert waits, apart from the notifications `but`.

        What comes next of the alert goes through the queue there, and overtakes nothing.
        follows: it is a follow-up, for which what died or was cancelled counts as well.
        """

    def untold(self, ids: Iterable[UUID]) -> dict[UUID, State]:
        """Of these, the follow-ups of which no beginning was delivered, and whether that is dead or cancelled."""

    def answered_already(self, ids: Iterable[UUID]) -> set[UUID]:
        """Of these, the ones whose follow-up was delivered: to send them now would put the end before the beginning."""

    def dead(self, sought: Sought, limit: int) -> list[Dead]:
        """Those that died, the first queued first."""


class Endpoints(Protocol):
    """Where webhooks go."""

    def keep(self, subscription: UUID, url: str, secret: str, former_secret: str | None = None) -> None:
        """New, changed or enabled again: nothing has failed yet."""

    def remove(self, subscription: UUID) -> None: ...

    def of(self, subscriptions: Iterable[UUID]) -> dict[UUID, Endpoint]: ...

    def note(self, endpoint: Endpoint) -> None:
        """How it fares: since when it fails, whether it is disabled."""
