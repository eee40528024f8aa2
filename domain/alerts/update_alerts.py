"""Alerts of what people say of a target: an update is told, and a check-in is a condition until it is answered.

One answer answers for all who were asked, so a target has one such condition.
"""

from collections.abc import Sequence

from domain.alerts.alert import CHECK_IN, NEWS, REMINDER
from domain.alerts.audience import Listener
from domain.alerts.kinds import CHECK_IN as KIND
from domain.alerts.ruling import OVER, Ruling
from domain.alerts.telling import Telling
from domain.updates.updates import Updates

ASKED, UNANSWERED = "asked", "unanswered"


class UpdateAlerts(Ruling):
    def tellings(self) -> list[Telling]:
        subject = self.fact.update if isinstance(self.fact, Updates.UpdatePosted) else self.own
        return [*self._of_check_in(), self.news(NEWS, "", subject)]

    def _of_check_in(self) -> list[Telling]:
        match self.fact:
            case Updates.CheckInRequested():
                return self._open(ASKED, self.hearing(KIND))
            case Updates.CheckInEscalated():
                return self._open(UNANSWERED, [*self.hearing(KIND), *self._above()])
            case Updates.UpdatePosted():
                return self.ended(CHECK_IN, "", KIND, self.own, "answered")
            case Updates.CheckInEnded(reason=reason):
                return self.ended(CHECK_IN, "", KIND, self.own, reason)
        return []

    def _above(self) -> list[Listener]:
        """The owner of the target above, by whatever hears of check-ins of that one."""
        if self.fact.parent is None:
            return []
        here = {one.subscription for one in self.hearing(KIND)}
        above = self.round.listeners(KIND, self.fact.parent, self.position)
        return [one for one in above if one.recipient == self.fact.to and one.subscription not in here]

    def _open(self, severity: str, listeners: Sequence[Listener]) -> list[Telling]:
        alert = self.round.alert(CHECK_IN, self.target_id)
        # What is asked anew, while the one before went unanswered, is said again.
        transition = alert.judge(severity, self.position, **self.done) or REMINDER
        if (reason := self._inhibited()) is not None:
            self.withhold(alert, transition, self.own, reason, listeners)
            return []
        # It is worth telling that an answer is awaited until it is due.
        expires_at = self.fact.due if severity == ASKED else None
        return [Telling(alert, transition, KIND, self.own, listeners, expires_at=expires_at)]

    def _inhibited(self) -> str | None:
        target = self.round.targets.get(self.target_id)
        if target is None:
            return None
        return "attained" if target.attained else OVER.get(target.state)
