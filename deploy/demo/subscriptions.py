"""Who at the company hears of what: by a webhook that the demo itself listens to, and in their inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from domain.alerts.kinds import MILESTONE_DUE, VERDICT
from domain.alerts.subscribing import Subscribing, Wanted
from domain.alerts.subscription import INBOX, WEBHOOK, Subscription
from domain.application import Milemarker

BY = "demo"
TURNS = (VERDICT, "target.attained", "target.attainment_lost", "target.closed")
DOINGS = (MILESTONE_DUE, "milestone.achieved", "milestone.reopened", "milestone.missed")
EVERYTHING = (*TURNS, "checkpoint.evaluated", *DOINGS)
OF_A_PUSH = ("target.activated", *TURNS, "checkpoint.evaluated")


@dataclass(frozen=True)
class Sink:
    """Where the webhooks go. anew: the secret is another one than the last start had."""

    url: str
    secret: str
    anew: bool


class Subscriptions:
    """Made once for each target, and led to the sink again when that has moved."""

    def __init__(self, app: Milemarker, sink: Sink, at: datetime) -> None:
        self._app = app
        self._subscribing = Subscribing(app)
        self._sink = sink
        self._at = at

    def keep(self, target: UUID, recipient: str, *, webhook: Sequence[str], inbox: Sequence[str]) -> None:
        """webhook, inbox: the kinds to hear of there; of none: nothing is sent."""
        if webhook:
            self._keep_webhook(target, recipient, webhook)
        if self._known(uuid5(target, INBOX)) is None:
            wanted = Wanted(recipient, target, inbox, INBOX, None)
            self._subscribing.create(uuid5(target, INBOX), wanted, "", by=BY, at=self._at)

    def end(self, target: UUID) -> None:
        for channel in (WEBHOOK, INBOX):
            known = self._known(uuid5(target, channel))
            if known is not None and not known.ended:
                self._subscribing.end(known.id, _anybody, by=BY, at=self._at)

    def _keep_webhook(self, target: UUID, recipient: str, kinds: Sequence[str]) -> None:
        sink, subscription = self._sink, uuid5(target, WEBHOOK)
        known = self._known(subscription)
        if known is None:
            wanted = Wanted(recipient, target, kinds, WEBHOOK, sink.url)
            self._subscribing.create(subscription, wanted, sink.secret, by=BY, at=self._at)
        elif not known.ended:
            secret = sink.secret if sink.anew else None
            self._subscribing.change(subscription, None, sink.url, secret, _anybody, by=BY, at=self._at)

    def _known(self, subscription: UUID) -> Subscription | None:
        with self._app.writing() as log:
            return log.aggregates(Subscription, [subscription]).get(subscription)


def _anybody(_recipient: str) -> bool:
    return True
