"""Alerts of endpoints: whose webhook gets nothing any more hears so in the inbox, and when it is enabled again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from eventsourcing.utils import get_topic

from domain.alerts.alert import ENDPOINT_FAILING, RESOLVED, Alert, State
from domain.alerts.audience import Listener
from domain.alerts.messages import disabled_of, enabled_of
from domain.alerts.scopes import NO_TARGET
from domain.alerts.subscription import INBOX, Subscription
from domain.alerts.telling import BY, Round, Telling
from domain.delivery.endpoint import Endpoint, EndpointDisabled, read_url

KIND = f"alert.{ENDPOINT_FAILING}"


class EndpointAlerts:
    """One fact of an endpoint or a subscription; what follows from it stands in the round."""

    def __init__(self, round_: Round, position: int, fact: Any) -> None:
        self._round = round_
        self._position = position
        self._fact = fact
        self._done: dict[str, Any] = {"by": BY, "at": round_.at}

    def keep(self) -> None:
        match self._fact:
            case EndpointDisabled(subscription=subscription, reason=reason):
                self._disabled(subscription, reason)
            case Subscription.SubscriptionChanged(originator_id=subscription):
                self._changed(subscription)
            case Subscription.SubscriptionEnded(originator_id=subscription):
                self._alert(subscription).judge(None, self._position, reason="ended", **self._done)

    def _alert(self, subscription: UUID) -> Alert:
        return self._round.alert(ENDPOINT_FAILING, NO_TARGET, str(subscription))

    def _disabled(self, subscription: UUID, reason: str) -> None:
        endpoint = self._round.endpoint(subscription)
        alert = self._alert(subscription)
        # One that has been enabled or has ended since is no news; nor is one that everybody knows of.
        if endpoint is None or endpoint.disabled is None:
            return
        transition = alert.judge("disabled", self._position, **self._done)
        if transition is not None:
            self._tell(alert, transition, endpoint, disabled_of(subscription, read_url(endpoint.url).host, reason))

    def _changed(self, subscription: UUID) -> None:
        """Its URL sent again enables it; other changes leave it as it is."""
        endpoint, alert = self._round.endpoint(subscription), self._alert(subscription)
        if alert.state is State.FIRING and endpoint is not None and endpoint.disabled is None:
            alert.judge(None, self._position, reason="enabled", **self._done)
            self._tell(alert, RESOLVED, endpoint, enabled_of(subscription, read_url(endpoint.url).host))

    def _tell(self, alert: Alert, transition: str, endpoint: Endpoint, message: dict[str, object]) -> None:
        telling = Telling(alert, transition, KIND, endpoint.subscription, self._inbox(endpoint.subscription))
        rests_on = {"type": get_topic(type(self._fact)), "position": self._position}
        said = {"kind": KIND, "transition": transition} | message | {"rests_on": rests_on}
        self._round.tell_of_endpoint(self._position, telling, said)

    def _inbox(self, subscription: UUID) -> Sequence[Listener]:
        return [replace(one, channel=INBOX) for one in self._round.known([subscription])]
