"""An Alert: one thing about one target that people hear of; who was told what, and why somebody was not.

A condition (a verdict, a milestone due) fires and is resolved, in episodes. An announcement is only told. Life and
telling are facts of their own, so whatever else comes to be told, such as a reminder, is one more transition.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

FIRING, WORSE, REMINDER, RESOLVED = "firing", "worse", "reminder", "resolved"
TOLD, CORRECTED, RETRACTED, TEST = "told", "corrected", "retracted", "test"

BAD_NEWS = (FIRING, WORSE, REMINDER)
"""What a condition says while it lasts."""

VERDICT, MILESTONE_DUE, ENDPOINT_FAILING = "verdict", "milestone_due", "endpoint_failing"
SLIPPING, STALLED, STALE, CHECK_IN = "slipping", "stalled", "stale", "check_in"
CONDITIONS = (VERDICT, SLIPPING, STALLED, STALE, CHECK_IN, MILESTONE_DUE, ENDPOINT_FAILING)
CHECKPOINT, ATTAINMENT, OUTCOME, ACHIEVEMENT, NEWS, TRIAL = (
    "checkpoint",
    "attainment",
    "outcome",
    "achievement",
    "news",
    "trial",
)
"""Announcements: what was told of one checkpoint, of attainment, of the outcome or of one milestone may be corrected
later, to those who heard it; news, and trials of a subscription, are not."""

WORSENING = ("due_soon", "overdue", "at_risk", "off_track", SLIPPING, STALLED, STALE, "asked", "unanswered", "disabled")
"""Severities: a condition has one or two of them, the milder one first."""


class State(StrEnum):
    NONE = "none"
    FIRING = "firing"
    RESOLVED = "resolved"


def alert_id(kind: str, target: UUID, scope: str) -> UUID:
    """The alert of this kind about this part of a target; scope: a milestone, checkpoint, ..., or empty."""
    # With its length before it, no field can be mistaken for two.
    fields = (one.encode() for one in (kind, str(target), scope))
    named = b"".join(b"%d:%b" % (len(one), one) for one in fields)
    return UUID(bytes=sha256(named).digest()[:16])


@dataclass(frozen=True)
class Said:
    """What a subscription was last told about one thing, by what it heard of it, and the numbers of the message."""

    transition: str
    kind: str
    episode: int
    n: int
    before: "Said | None" = None
    """What it was told before, where this one may be recalled while it waits for its time."""


class Alert(BaseAggregate[UUID]):
    TOPIC = "alert"

    kind: str
    target: UUID
    scope: str
    state: State
    episode: int
    severity: str | None
    n: int
    said: dict[UUID, dict[UUID, Said]]
    """By what it was about (a checkpoint, a milestone, the target), then by subscription."""
    told_of: dict[UUID, None]
    """What was told of in the present episode, in that order."""
    corrected_at: datetime | None
    """When the last correction goes out."""
    corrected_before: datetime | None
    """The same, before one that waits for its time."""
    spared: set[UUID]
    """The subscriptions that were kept from hearing of the present episode, and have not heard of it since."""

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(AggregateEvent):
        by: str

    class AlertOpened(Event, AggregateCreated):
        TOPIC = "alert.opened"
        kind: str
        target: UUID
        scope: str

    class AlertFired(Event):
        TOPIC = "alert.fired"
        rests_on: int
        """The position of the fact that it rests on."""
        episode: int
        severity: str

    class AlertWorsened(Event):
        TOPIC = "alert.worsened"
        rests_on: int
        severity: str

    class AlertEased(Event):
        TOPIC = "alert.eased"
        rests_on: int
        severity: str

    class AlertResolved(Event):
        TOPIC = "alert.resolved"
        rests_on: int
        reason: str

    class AlertTold(Event):
        TOPIC = "alert.told"
        rests_on: int
        subject: UUID
        transition: str
        kind: str
        """What those told had asked to hear of."""
        episode: int
        n: int
        told: list[UUID]
        """Subscriptions; those of one inbox or subject share one notification, to the eldest of them."""
        messages: int | None = None
        """Notifications with these numbers; None: one for each of those told."""
        not_before: datetime | None = None

    class AlertWithheld(Event):
        TOPIC = "alert.withheld"
        rests_on: int
        subject: UUID
        transition: str
        reason: str
        kept_from: list[UUID]

    class AlertRecalled(Event):
        TOPIC = "alert.recalled"
        rests_on: int
        subject: UUID
        recalled: list[UUID]
        """Subscriptions whose message was cancelled while it waited: they have not heard it."""
        messages: int | None = None
        """Notifications that were cancelled; None: one for each of those recalled."""

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    @classmethod
    def open(cls, kind: str, target: UUID, scope: str, *, by: str, at: datetime) -> "Alert":
        opened = {"kind": kind, "target": target, "scope": scope, "by": by, "timestamp": at}
        return cls._create(cls.AlertOpened, id=alert_id(kind, target, scope), **opened)

    def judge(self, severity: str | None, rests_on: int, *, reason: str = "", by: str, at: datetime) -> str | None:
        """How bad it is now, or None and why it is over; the transition that people may hear of, if it is one."""
        rests: dict[str, Any] = {"rests_on": rests_on, "by": by, "timestamp": at}
        if severity is None:
            if self.state is State.FIRING:
                self.trigger_event(self.AlertResolved, reason=reason, **rests)
                return RESOLVED
            return None
        if self.state is not State.FIRING:
            self.trigger_event(self.AlertFired, episode=self.episode + 1, severity=severity, **rests)
            return FIRING
        assert self.severity is not None, "what fires has a severity"
        if WORSENING.index(severity) > WORSENING.index(self.severity):
            self.trigger_event(self.AlertWorsened, severity=severity, **rests)
            return WORSE
        if severity != self.severity:
            self.trigger_event(self.AlertEased, severity=severity, **rests)
        return None

    def tell(
        self,
        transition: str,
        kind: str,
        subject: UUID,
        told: Iterable[UUID],
        rests_on: int,
        *,
        messages: int | None = None,
        anew: bool = False,
        not_before: datetime | None = None,
        by: str,
        at: datetime,
    ) -> tuple[int, int]:
        """These subscriptions are told; (episode, n) of their messages. anew: an announcement's next episode begins.

        messages: how many, where several subscriptions share one; not_before: it may be recalled until then.
        """
        episode = max(1, self.episode + anew)
        n = self.n + 1 if episode == self.episode else 1
        self.trigger_event(
            self.AlertTold,
            rests_on=rests_on,
            subject=subject,
            transition=transition,
            kind=kind,
            episode=episode,
            n=n,
            told=list(told),
            messages=messages,
            not_before=not_before,
            by=by,
            timestamp=at,
        )
        return episode, n

    def withhold(
        self,
        transition: str,
        subject: UUID,
        reason: str,
        kept_from: Iterable[UUID],
        rests_on: int,
        *,
        by: str,
        at: datetime,
    ) -> None:
        """Nothing disappears: whoever is not told stands in a fact, with the reason."""
        if spared := list(kept_from):
            self.trigger_event(
                self.AlertWithheld,
                rests_on=rests_on,
                subject=subject,
                transition=transition,
                reason=reason,
                kept_from=spared,
                by=by,
                timestamp=at,
            )

    def recall(
        self,
        subject: UUID,
        recalled: Iterable[UUID],
        rests_on: int,
        *,
        messages: int | None = None,
        by: str,
        at: datetime,
    ) -> None:
        if unheard := list(recalled):
            self.trigger_event(
                self.AlertRecalled,
                rests_on=rests_on,
                subject=subject,
                recalled=unheard,
                messages=messages,
                by=by,
                timestamp=at,
            )

    def heard(self, subject: UUID) -> dict[UUID, Said]:
        """Which subscriptions were told of this, and what last."""
        return self.said.get(subject, {})

    @property
    def told_in_episode(self) -> list[UUID]:
        """The subscriptions that know of the present episode, and may hear of its end; as they were told of it.

        So of those with one address the same one has all messages, and none overtakes another.
        """
        told = {
            subscription: None
            for subject in self.told_of
            for subscription, said in self.said[subject].items()
            if said.episode == self.episode and said.transition != RESOLVED
        }
        return list(told)

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    @event(AlertOpened)
    def __init__(self, kind: str, target: UUID, scope: str) -> None:
        self.kind = kind
        self.target = target
        self.scope = scope
        self.state = State.NONE
        self.episode = 0
        self.severity = None
        self.n = 0
        self.said = {}
        self.told_of = {}
        self.corrected_at = None
        self.corrected_before = None
        self.spared = set()

    @event(AlertFired)
    def _fired(self, episode: int, severity: str) -> None:
        self.state = State.FIRING
        self.episode = episode
        self.severity = severity
        self.n = 0
        self.told_of.clear()
        self.spared.clear()

    @event(AlertWorsened)
    def _worsened(self, severity: str) -> None:
        self.severity = severity

    @event(AlertEased)
    def _eased(self, severity: str) -> None:
        self.severity = severity

    @event(AlertResolved)
    def _resolved(self) -> None:
        self.state = State.RESOLVED
        self.severity = None

    @event(AlertTold)
    def _told(
        self,
        subject: UUID,
        transition: str,
        kind: str,
        episode: int,
        n: int,
        told: list[UUID],
        timestamp: datetime,
        not_before: datetime | None,
    ) -> None:
        if episode != self.episode:
            self.told_of.clear()
        self.told_of[subject] = None
        self.episode = episode
        self.n = n
        heard = self.said.setdefault(subject, {})
        for subscription in told:
            before = None if not_before is None else heard.get(subscription)
            heard[subscription] = Said(transition, kind, episode, n, before)
        self.spared.difference_update(told)
        goes_out = not_before or timestamp
        if transition == CORRECTED and goes_out != self.corrected_at:
            self.corrected_before, self.corrected_at = self.corrected_at, goes_out

    @event(AlertRecalled)
    def _recalled(self, subject: UUID, recalled: list[UUID]) -> None:
        heard = self.said.get(subject, {})
        for subscription in recalled:
            said = heard.pop(subscription, None)
            if said is not None and said.before is not None:
                heard[subscription] = said.before
            if said is not None and said.transition == CORRECTED:
                self.corrected_at = self.corrected_before

    @event(AlertWithheld)
    def _withheld(self, transition: str, kept_from: list[UUID]) -> None:
        if transition in BAD_NEWS:
            self.spared.update(kept_from)
