"""Alerts of what only time brings: a target slips, stalls, or gets no data; conditions until that is over."""

from domain.alerts.alert import NEWS, SLIPPING, STALE, STALLED
from domain.alerts.kinds import KIND_OF
from domain.alerts.ruling import OVER, Ruling
from domain.alerts.telling import Telling
from domain.watch.watch import Watch


class WatchAlerts(Ruling):
    def tellings(self) -> list[Telling]:
        return [*self._of_condition(), self.news(NEWS, "", self.own)]

    def _of_condition(self) -> list[Telling]:
        match self.fact:
            case Watch.TargetSlipping():
                return self._fires(SLIPPING)
            case Watch.TargetStalled():
                return self._fires(STALLED)
            case Watch.DataStale():
                return self._fires(STALE)
            case Watch.TargetRecovered(what=what, reason=reason):
                return self.ended(what, "", KIND_OF[what], self.own, reason)
        return self.ended(STALE, "", KIND_OF[STALE], self.own, "data_resumed")

    def _fires(self, kind: str) -> list[Telling]:
        alert = self.round.alert(kind, self.target_id)
        transition = alert.judge(kind, self.position, **self.done)
        if transition is None:
            return []
        listeners = self.hearing(KIND_OF[kind])
        if (reason := self._inhibited(kind)) is not None:
            self.withhold(alert, transition, self.own, reason, listeners)
            return []
        return [Telling(alert, transition, KIND_OF[kind], self.own, listeners)]

    def _inhibited(self, kind: str) -> str | None:
        """Why nobody is to hear of it by now. Of an attained target, too, people hear that its data has stopped."""
        target = self.round.targets.get(self.target_id)
        if target is None:
            return None
        if target.attained and kind != STALE:
            return "attained"
        return OVER.get(target.state)
