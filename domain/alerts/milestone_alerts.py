"""Alerts of milestones: due soon or overdue, which is a condition; achieved, reopened, missed."""

from datetime import timedelta

from domain.alerts.alert import ACHIEVEMENT, CORRECTED, MILESTONE_DUE, NEWS, REMINDER, RESOLVED, TOLD
from domain.alerts.kinds import MILESTONE_DUE as MILESTONE_DUE_KIND
from domain.alerts.ruling import OVER, Ruling
from domain.alerts.telling import Telling
from domain.milestones.milestone import Milestone, Stage

REOPENED_AT_MOST_EVERY = timedelta(days=1)
DONE = {Stage.ACHIEVED: "achieved", Stage.WAIVED: "waived", Stage.MISSED: "missed"}


class MilestoneAlerts(Ruling):
    def tellings(self) -> list[Telling]:
        (milestone,) = self.round.milestones_of(self.fact)
        scope = str(self.own)
        news = self.news(NEWS, scope, self.own)
        match self.fact:
            case Milestone.MilestoneDueSoon():
                return [*self._due(milestone, "due_soon"), news]
            case Milestone.MilestoneOverdue():
                return [*self._due(milestone, "overdue"), news]
            case Milestone.MilestoneAchieved():
                return self._achieved()
            case Milestone.MilestoneReopened():
                return self._reopened()
            case Milestone.MilestoneMissed():
                told = self.news(ACHIEVEMENT, scope, self.own)
                self.round.recall(told.alert, self.own, self.position, "missed by now", told.listeners)
                self.silence(self.round.alert(MILESTONE_DUE, self.target_id, scope), "missed", told.listeners)
                return [told]
            case Milestone.MilestoneWaived():
                return [news, *self.ended(MILESTONE_DUE, scope, MILESTONE_DUE_KIND, self.own, "waived")]
            case Milestone.MilestoneRescheduled():
                return [news, *self.ended(MILESTONE_DUE, scope, MILESTONE_DUE_KIND, self.own, "rescheduled")]
        return [news]

    def _due(self, milestone: Milestone, severity: str) -> list[Telling]:
        alert = self.round.alert(MILESTONE_DUE, self.target_id, str(self.own))
        transition = alert.judge(severity, self.position, **self.done) or REMINDER
        listeners = self.hearing(MILESTONE_DUE_KIND)
        target = self.round.targets.get(self.target_id)
        reason = DONE.get(milestone.stage) or (None if target is None else OVER.get(target.state))
        if reason is not None:
            self.withhold(alert, transition, self.own, reason, listeners)
            return []
        self.round.recall(alert, self.own, self.position, "due again by now")
        # It is worth telling that something is due soon until it is due.
        expires_at = milestone.due if severity == "due_soon" else None
        return [Telling(alert, transition, MILESTONE_DUE_KIND, self.own, listeners, expires_at=expires_at)]

    def _achieved(self) -> list[Telling]:
        scope = str(self.own)
        alert = self.round.alert(ACHIEVEMENT, self.target_id, scope)
        told = self.news(ACHIEVEMENT, scope, self.own)
        for one in (alert, self.round.alert(MILESTONE_DUE, self.target_id, scope)):
            self.round.recall(one, self.own, self.position, "achieved again")
        heard = {
            sub for sub, said in alert.heard(self.own).items() if said.kind == self.type and said.transition == TOLD
        }
        # Whoever was not told that it had been reopened knows that it is achieved.
        again = [one for one in told.listeners if one.subscription in heard]
        self.withhold(alert, TOLD, self.own, "heard already", again)
        told.listeners = [one for one in told.listeners if one.subscription not in heard]
        missed = [one for one in self.follow_ups(alert, self.own, CORRECTED, None) if one.kind == "milestone.missed"]
        ended = self.ended(MILESTONE_DUE, scope, MILESTONE_DUE_KIND, self.own, "achieved")
        return [told, *missed, *ended]

    def _reopened(self) -> list[Telling]:
        """A correction for those who heard of the achieving, at most once a day: the next one waits for its time."""
        scope = str(self.own)
        alert = self.round.alert(ACHIEVEMENT, self.target_id, scope)
        due = self.round.alert(MILESTONE_DUE, self.target_id, scope)
        tellings = [
            *(one for one in self.follow_ups(alert, self.own, CORRECTED, self.type) if one.kind != "milestone.missed"),
            *(self.follow_ups(due, self.own, CORRECTED, self.type, heard=RESOLVED)),
            self.news(ACHIEVEMENT, scope, self.own, CORRECTED),
        ]
        last = max((one.corrected_at for one in (alert, due) if one.corrected_at is not None), default=None)
        for one in tellings:
            one.not_before = None if last is None else last + REOPENED_AT_MOST_EVERY
        return tellings
