"""What the rules of alerts share: one fact at its position, who hears of it, and what may be said to them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from domain.alerts.alert import RESOLVED, RETRACTED, TOLD, Alert
from domain.alerts.audience import Listener
from domain.alerts.scopes import target_of
from domain.alerts.story import Story
from domain.alerts.telling import BY, OF_CHECKPOINTS, Round, Telling
from domain.target import State

OVER = {State.CLOSED: "closed", State.SEALED: "closed", State.CANCELLED: "cancelled"}
"""In these states a target's conditions are silent, and why."""


class Ruling:
    """One fact; what follows from it stands in the round."""

    def __init__(self, round_: Round, position: int, type_: str, fact: Any) -> None:
        self.round = round_
        self.position = position
        self.type = type_
        self.fact = fact
        self.target_id = target_of(fact)
        self.own: UUID = fact.originator_id
        self.done: dict[str, Any] = {"by": BY, "at": round_.at}

    def tell(self, tellings: Iterable[Telling]) -> None:
        wanted = [one for one in tellings if one.listeners]
        if wanted:
            self.round.tell(self.story(), wanted)

    def story(self) -> Story:
        target = self.round.targets[self.target_id]
        previous = None
        if isinstance(self.fact, OF_CHECKPOINTS):
            before = self.round.checkpoint(target, self.fact.number - 1)
            previous = None if before is None else before.status
        milestone = self.round.milestones.get(self.own)
        return Story(self.position, self.type, self.fact, target, milestone, previous)

    def hearing(self, kind: str) -> list[Listener]:
        return self.round.listeners(kind, self.target_id, self.position)

    def news(self, kind: str, scope: str, subject: UUID, transition: str = TOLD) -> Telling:
        """What whoever asked for this kind of fact is told."""
        listeners = self.hearing(self.type)
        return Telling(self.round.alert(kind, self.target_id, scope), transition, self.type, subject, listeners)

    def resolved(self, alert: Alert, kind: str, subject: UUID) -> Telling:
        return Telling(alert, RESOLVED, kind, subject, self.round.known(alert.told_in_episode))

    def ended(self, alert_kind: str, scope: str, kind: str, subject: UUID, reason: str) -> list[Telling]:
        """A condition is over; those who know of it hear so."""
        alert = self.round.alert(alert_kind, self.target_id, scope)
        if alert.judge(None, self.position, reason=reason, **self.done) is None:
            return []
        return [self.resolved(alert, kind, subject)]

    def silence(self, alert: Alert, reason: str, otherwise: Iterable[Listener]) -> None:
        """A condition is over and nobody hears so; `otherwise`: who hears of the reason itself."""
        if alert.judge(None, self.position, reason=reason, **self.done) is not None:
            heard = {one.address for one in otherwise}
            spared = [one for one in self.round.known(alert.told_in_episode) if one.address not in heard]
            self.withhold(alert, RESOLVED, self.own, reason, spared)

    def withhold(self, alert: Alert, transition: str, subject: UUID, reason: str, spared: Iterable[Listener]) -> None:
        kept_from = [one.subscription for one in spared]
        alert.withhold(transition, subject, reason, kept_from, self.position, **self.done)

    def follow_ups(
        self, alert: Alert, subject: UUID, transition: str, preferred: str | None, heard: str | None = None
    ) -> list[Telling]:
        """For all who heard of this subject, by what they had asked for; as `preferred` where they asked for that too.

        heard: only those whose last message was this transition.
        """
        asked = {one.subscription for one in self.hearing(preferred)} if preferred else set()
        groups: dict[str, list[Listener]] = {}
        for subscription, said in alert.heard(subject).items():
            if heard is not None and said.transition != heard:
                continue
            # Who has heard that it is taken back, or heard of nothing but that, has nothing to be taken back.
            if transition == RETRACTED and (said.transition == RETRACTED or said.kind == preferred):
                continue
            kind = preferred if preferred and subscription in asked else said.kind
            groups.setdefault(kind, []).extend(self.round.known([subscription]))
        return [Telling(alert, transition, kind, subject, listeners) for kind, listeners in groups.items()]
