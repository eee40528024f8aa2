"""Alerts of a target itself: attained and lost, closed with an outcome, cancelled."""

from domain.alerts.alert import ATTAINMENT, CORRECTED, MILESTONE_DUE, NEWS, OUTCOME, RETRACTED, VERDICT
from domain.alerts.kinds import VERDICT as VERDICT_KIND
from domain.alerts.ruling import Ruling
from domain.alerts.telling import Telling


class TargetAlerts(Ruling):
    def attained(self) -> list[Telling]:
        """It silences verdicts: what fires is over, and those who know of it hear so, once."""
        told = self.news(ATTAINMENT, "", self.target_id)
        told.anew = True
        return [told, *self.ended(VERDICT, "", VERDICT_KIND, self.target_id, "attained")]

    def attainment_lost(self) -> list[Telling]:
        """Retracted to those who heard of the attainment, and told to whoever else asked for it."""
        target = self.target_id
        attainment, verdict = self.round.alert(ATTAINMENT, target), self.round.alert(VERDICT, target)
        return [
            *self.follow_ups(attainment, target, RETRACTED, self.type),
            *self.follow_ups(verdict, target, RETRACTED, self.type),
            self.news(ATTAINMENT, "", target),
        ]

    def closed(self) -> list[Telling]:
        told = self.news(OUTCOME, "", self.target_id)
        self.silence(self.round.alert(VERDICT, self.target_id), "closed", told.listeners)
        return [told]

    def outcome_restated(self) -> list[Telling]:
        outcome = self.round.alert(OUTCOME, self.target_id)
        corrections = self.follow_ups(outcome, self.target_id, CORRECTED, self.type)
        return [*corrections, self.news(OUTCOME, "", self.target_id)]

    def cancelled(self) -> list[Telling]:
        told = self.news(NEWS, "", self.target_id)
        due = [self.round.alert(MILESTONE_DUE, one.target, str(one.id)) for one in self.round.milestones_of(self.fact)]
        for alert in (self.round.alert(VERDICT, self.target_id), *due):
            self.silence(alert, "cancelled", told.listeners)
        return [told]
