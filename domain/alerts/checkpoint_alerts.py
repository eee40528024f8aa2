"""Alerts of checkpoints: the verdict, which is a condition, what is told of each one, and corrections."""

from datetime import datetime, timedelta

from domain.alerts.alert import CHECKPOINT, CORRECTED, FIRING, NEWS, RESOLVED, TOLD, VERDICT, WORSE, Alert, State
from domain.alerts.kinds import VERDICT as VERDICT_KIND
from domain.alerts.ruling import OVER, Ruling
from domain.alerts.telling import Telling
from domain.checkpoint import STALE
from domain.target import Target

BAD = ("at_risk", "off_track")
INCOMPLETE_WAITS = timedelta(minutes=15)
"""A verdict without all sales waits so long for them, then it is told as it is."""


class CheckpointAlerts(Ruling):
    def evaluated(self) -> list[Telling]:
        fact = self.fact
        tellings = [*self._verdict(fact.status, fact.closing), self.news(CHECKPOINT, str(self.own), self.own)]
        return _when_complete(tellings, fact.complete, fact.timestamp)

    def _verdict(self, status: str, closing: bool) -> list[Telling]:
        """At risk and off track are one condition, which ends when the target is neither; without data it stays."""
        if status == STALE:
            return []
        alert = self.round.alert(VERDICT, self.target_id)
        severity = status if status in BAD else None
        transition = alert.judge(severity, self.position, reason=status, **self.done)
        if transition == RESOLVED:
            return [self.resolved(alert, VERDICT_KIND, self.own)]
        if severity is None:
            return []
        listeners = self.hearing(VERDICT_KIND)
        if transition is None:
            # Nothing new, but to those who were kept from hearing of it.
            transition = FIRING
            listeners = [one for one in listeners if one.subscription in alert.spared]
        if (reason := self._inhibited(closing)) is not None:
            self.withhold(alert, transition, self.own, reason, listeners)
            return []
        return [Telling(alert, transition, VERDICT_KIND, self.own, listeners)]

    def _inhibited(self, closing: bool) -> str | None:
        """Why nobody is to hear of a bad verdict now. The closing one is heard: it comes with the close."""
        target = self.round.targets.get(self.target_id)
        if target is None:
            return None
        if target.attained:
            return "attained"
        reason = OVER.get(target.state)
        return None if closing and reason == "closed" else reason

    def restated(self) -> list[Telling]:
        """A correction for who heard the original, and what it does to the verdict where that is the latest one."""
        fact, round_, position = self.fact, self.round, self.position
        target = round_.targets[self.target_id]
        verdict = round_.alert(VERDICT, target.id)
        told = round_.alert(CHECKPOINT, target.id, str(self.own))
        reason = "told anew with all sales" if fact.new.complete else "told anew with late sales"
        recalled = [(one, round_.recall(one, self.own, position, reason)) for one in (verdict, told)]
        corrections = [
            *self.follow_ups(verdict, self.own, CORRECTED, None),
            *self.follow_ups(told, self.own, CORRECTED, self.type),
        ]
        moved: list[Telling] = []
        if target.state not in OVER and self._is_latest(target):
            moved = self._verdict(fact.new.status, fact.closing)
        for one in corrections:
            one.also = moved[0].transition if moved and moved[0].listeners else None
        anew = []
        for alert, waited in recalled:
            for (transition, kind), subscriptions in waited.items():
                if _holds(transition, alert):
                    anew.append(Telling(alert, transition, kind, self.own, round_.known(subscriptions)))
        restated = Telling(told, TOLD, self.type, self.own, self.hearing(self.type))
        evaluated_at = round_.checkpoints[self.own].evaluated_at
        return _when_complete([*corrections, *anew, *moved, restated], fact.new.complete, evaluated_at)

    def _is_latest(self, target: Target) -> bool:
        """Whether no later checkpoint had been evaluated: the latest alone decides whether the target is at risk."""
        after = self.round.checkpoint(target, self.fact.number + 1)
        # By positions: a clock may be set back.
        return after is None or after.first_position > self.fact.position

    def settled(self) -> list[Telling]:
        listeners = self.hearing(self.type)
        if not listeners:
            return []
        checkpoint = self.round.checkpoints.get(self.own)
        # Nobody heard of the checkpoints of a past that was entered late: nor do they hear that it is settled.
        if checkpoint is None or checkpoint.told is None:
            return []
        return [self.news(NEWS, str(self.own), self.own)]


def _holds(transition: str, alert: Alert) -> bool:
    """Whether what was not heard is still so."""
    if transition in (FIRING, WORSE):
        return alert.state is State.FIRING
    return transition != RESOLVED or alert.state is State.RESOLVED


def _when_complete(tellings: list[Telling], complete: bool, evaluated_at: datetime) -> list[Telling]:
    for one in tellings:
        one.not_before = None if complete else evaluated_at + INCOMPLETE_WAITS
    return tellings
