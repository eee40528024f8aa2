"""Alerts of a target itself: attained and lost, closed with an outcome, cancelled."""

from itertools import chain

from domain.alerts.alert import ATTAINMENT, CORRECTED, MILESTONE_DUE, NEWS, OUTCOME, RETRACTED
from domain.alerts.kinds import KIND_OF
from domain.alerts.ruling import Ruling
from domain.alerts.scopes import UNTIL_ATTAINED, UNTIL_CLOSED
from domain.alerts.telling import Telling


class TargetAlerts(Ruling):
    def attained(self) -> list[Telling]:
        """It silences verdicts: what fires is over, and those who know of it hear so, once."""
        told = self.news(ATTAINMENT, "", self.target_id)
        told.anew = True
        ended = (self.ended(kind, "", KIND_OF[kind], self.target_id, "attained") for kind in UNTIL_ATTAINED)
        return [told, *chain.from_iterable(ended)]

    def attainment_lost(self) -> list[Telling]:
        """Retracted to those who heard of the attainment, and told to whoever else asked for it."""
        target = self.target_id
        heard = (self.round.alert(kind, target) for kind in (ATTAINMENT, *UNTIL_ATTAINED))
        retracted = (self.follow_ups(alert, target, RETRACTED, self.type) for alert in heard)
        return [*chain.from_iterable(retracted), self.news(ATTAINMENT, "", target)]

    def closed(self) -> list[Telling]:
        told = self.news(OUTCOME, "", self.target_id)
        for kind in UNTIL_CLOSED:
            self.silence(self.round.alert(kind, self.target_id), "closed", told.listeners)
        return [told]

    def outcome_restated(self) -> list[Telling]:
        outcome = self.round.alert(OUTCOME, self.target_id)
        corrections = self.follow_ups(outcome, self.target_id, CORRECTED, self.type)
        return [*corrections, self.news(OUTCOME, "", self.target_id)]

    def cancelled(self) -> list[Telling]:
        told = self.news(NEWS, "", self.target_id)
        due = [self.round.alert(MILESTONE_DUE, one.target, str(one.id)) for one in self.round.milestones_of(self.fact)]
        for alert in (*(self.round.alert(kind, self.target_id) for kind in UNTIL_CLOSED), *due):
            self.silence(alert, "cancelled", told.listeners)
        return [told]
