"""Words about alerts: targets are judged, people subscribe, and what each of them is told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from domain.alerts.alert import Alert, alert_id
from domain.alerts.alerting import NOTHING, Alerts
from domain.alerts.subscribing import Subscribing, Wanted
from domain.application import Milemarker, target_in
from domain.checkpoint import Checkpoint, Reading, checkpoint_id
from domain.course import Course
from domain.delivery.notification import Notification
from domain.filling import Filler
from domain.milestones.criterion import BY_HAND, Criterion
from domain.milestones.due_rule import due_of, due_rule_of
from domain.milestones.milestone import Milestone
from domain.progress import LedgerRef, SaleRef
from domain.target import Target
from tests.words import plan

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
READS = {"stale": 50, "off_track": 50, "at_risk": 90, "on_track": 100, "ahead": 110}
"""Actual, in per cent of what is expected, for each class."""
SECRET = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
DONE: dict[str, Any] = {"by": "test"}
ANYBODY = lambda recipient: True  # noqa: E731


@dataclass
class Told:
    """A message that was queued, and what became of it."""

    id: UUID
    recipient: str
    kind: str
    transition: str
    line: str
    message: dict[str, Any]
    state: str
    episode: int
    n: int
    alert: UUID
    not_before: datetime | None
    expires_at: datetime | None


@dataclass
class Office:
    """One log, with targets and people; `at` is the time, and goes on when somebody says so."""

    app: Milemarker
    at: datetime = START
    engines: list[Alerts] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engines = self.engines or [Alerts(self.app)]
        self.decide()

    def decide(self, engine: Alerts | None = None) -> int:
        """Decide on all there is; how many facts."""
        chosen, facts = engine or self.engines[0], 0
        while (decided := chosen.decide_some(self.at)) != NOTHING:
            facts += decided.facts
        return facts

    # What happens

    def target(self, **changes: Any) -> UUID:
        target_id = uuid4()
        planned = plan(**{"schedule": FRIDAYS} | changes)
        self.app.define_target(target_id, planned, activate=True, by="ana@example.com", at=self.at)
        Filler(self.app).fill_some(self.at)
        return target_id

    def save(self, *facts: Any) -> int:
        with self.app.writing() as log:
            return log.save(facts)

    def load(self, target_id: UUID) -> Target:
        with self.app.writing() as log:
            return target_in(log, target_id)

    def evaluated(self, target_id: UUID, number: int, status: str, **said: Any) -> UUID:
        """The checkpoint of this number is evaluated, a few seconds after its cut-off."""
        planned = self.load(target_id).plan.checkpoints[number - 1]
        self.at = max(self.at, planned.cutoff + timedelta(seconds=10))
        checkpoint = Checkpoint.evaluate(
            target_id,
            planned,
            self.reading(number, status, said.get("complete", True)),
            self.load(target_id).course,
            step=(0, 0),
            position=self.app.recorder.max_notification_id() or 0,
            announced=said.get("announced", True),
            at=self.at,
            **DONE,
        )
        self.save(*checkpoint.collect_events())
        return checkpoint.id

    def restated(self, target_id: UUID, number: int, status: str, *, complete: bool = True) -> None:
        planned = self.load(target_id).plan
        cutoff = planned.checkpoints[number - 1].cutoff
        with self.app.writing() as log:
            one = checkpoint_id(target_id, cutoff)
            checkpoint = log.aggregates(Checkpoint, [one])[one]
            checkpoint.restate(self.reading(number, status, complete), log.position, planned.goal, at=self.at, **DONE)
            assert checkpoint.pending_events
            log.save(checkpoint.collect_events())

    def reading(self, number: int, status: str, complete: bool = True) -> Reading:
        """Of a target of 100,000.00 with four steps."""
        expected = min(number, 4) * 25_000_00
        actual = expected * READS[status] // 100
        return Reading(actual, expected, actual - expected, status, complete, f"{READS[status] / 100:.4f}")

    def happens(self, target_id: UUID, fact: type[Any], **says: Any) -> int:
        """A fact of the target, as if it had been decided."""
        with self.app.writing() as log:
            target = target_in(log, target_id)
            target.trigger_event(fact, by="test", timestamp=self.at, **says)
            return log.save(target.collect_events())

    def attained(self, target_id: UUID, total: int = 101_000_00, **says: Any) -> None:
        sale = SaleRef("webshop", "1", self.at)
        self.happens(target_id, Target.TargetAttained, total=total, goal=100_000_00, lifted_by=sale, **says)

    def lost(self, target_id: UUID, total: int = 99_000_00, **says: Any) -> None:
        sale = SaleRef("webshop", "2", self.at)
        self.happens(target_id, Target.AttainmentLost, total=total, goal=100_000_00, lowered_by=sale, **says)

    def closed(self, target_id: UUID, outcome: str, total: int = 90_000_00, **says: Any) -> None:
        self.happens(target_id, Target.TargetClosed, total=total, goal=100_000_00, outcome=outcome, **says)

    def outcome_restated(self, target_id: UUID, old: str, new: str, **says: Any) -> None:
        caused_by = LedgerRef(after=1, upto=2)
        said = {"total": 100_000_00, "goal": 100_000_00, "caused_by": caused_by} | says
        self.happens(target_id, Target.OutcomeRestated, old=old, new=new, **said)

    # Milestones

    def milestone(self, target_id: UUID) -> UUID:
        """One that is achieved by hand, due on the twentieth."""
        target, milestone_id = self.load(target_id), uuid4()
        rule = due_rule_of("date", day=target.plan.start + timedelta(days=19))
        due, criterion = due_of(rule, Course([target.plan])), Criterion(BY_HAND)
        planned = Milestone.plan(milestone_id, target_id, "Launch", rule, due, criterion, at=self.at, **DONE)
        with self.app.writing() as log:
            log.save(planned.collect_events())
            log.keep_milestone(planned)
        return milestone_id

    def moves(self, milestone_id: UUID, what: str, *args: Any) -> None:
        """A decision of the milestone, by its name."""
        with self.app.writing() as log:
            milestone = log.aggregates(Milestone, [milestone_id])[milestone_id]
            getattr(milestone, what)(*args, at=self.at, **DONE)
            log.save(milestone.collect_events())

    def due_soon(self, milestone_id: UUID, days: int) -> None:
        self.moves(milestone_id, "fall_due_soon", days)

    def reopened(self, milestone_id: UUID) -> None:
        """As sales, or a task that is to be done again, would do it."""
        with self.app.writing() as log:
            milestone = log.aggregates(Milestone, [milestone_id])[milestone_id]
            said = {"target": milestone.target, "by": "test", "timestamp": self.at}
            milestone.trigger_event(Milestone.MilestoneReopened, **said)
            log.save(milestone.collect_events())

    def due_at(self, milestone_id: UUID) -> datetime:
        with self.app.writing() as log:
            return log.aggregates(Milestone, [milestone_id])[milestone_id].due

    # Who hears

    def subscribe(
        self, *kinds: str, to: UUID | None = None, recipient: str = "ana@example.com", channel: str = "inbox"
    ) -> UUID:
        subscription_id = uuid4()
        url = "https://hooks.example.com/in?token=t" if channel == "webhook" else None
        wanted = Wanted(recipient, to, kinds, channel, url)
        Subscribing(self.app).create(subscription_id, wanted, SECRET, by=recipient, at=self.at)
        return subscription_id

    def told(self, recipient: str | None = None) -> list[Told]:
        """What was queued for a recipient, or for anybody, in order; with what became of it."""
        found = []
        for queued in self.facts("notification.queued"):
            with self.app.writing() as log:
                now = log.aggregates(Notification, [queued.originator_id])[queued.originator_id]
            if recipient in (None, queued.recipient):
                message: Any = queued.message
                said = queued.kind, queued.transition, message["line"], message
                numbers = now.state.value, queued.episode, queued.n, queued.alert
                found.append(Told(now.id, queued.recipient, *said, *numbers, queued.not_before, queued.expires_at))
        return found

    def heard(self, recipient: str | None = None) -> list[tuple[str, str]]:
        """(kind, transition) of each message to a recipient that was not cancelled."""
        return [(one.kind, one.transition) for one in self.told(recipient) if one.state != "cancelled"]

    def facts(self, *topics: str) -> list[Any]:
        return [
            self.app.mapper.to_domain_event(one)
            for one in self.app.recorder.select_notifications(1, 100_000, topics=topics)
        ]

    def alert(self, kind: str, target_id: UUID, scope: object = "") -> Alert | None:
        one = alert_id(kind, target_id, str(scope))
        with self.app.writing() as log:
            return log.aggregates(Alert, [one]).get(one)
