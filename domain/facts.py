"""Every fact there is. Their topics are the storage format: they never change."""

from eventsourcing.domain import DomainEvent
from eventsourcing.utils import get_topic

from domain.checkpoint import Checkpoint
from domain.ledger import SalesRecorded
from domain.metric import MetricDefined
from domain.target import Target

FACTS: tuple[type[DomainEvent], ...] = (
    MetricDefined,
    SalesRecorded,
    Target.TargetDefined,
    Target.TargetActivated,
    Target.ProgressRecorded,
    Target.TargetFilled,
    Target.TargetAttained,
    Target.AttainmentLost,
    Target.TargetClosed,
    Target.OutcomeRestated,
    Target.TargetSealed,
    Target.TargetCancelled,
    Checkpoint.CheckpointEvaluated,
    Checkpoint.CheckpointRestated,
    Checkpoint.CheckpointSettled,
)

TOPICS: dict[str, type[DomainEvent]] = {get_topic(fact): fact for fact in FACTS}
TARGET_TOPICS = [topic for topic in TOPICS if topic.startswith("target.")]
CHECKPOINT_TOPICS = [topic for topic in TOPICS if topic.startswith("checkpoint.")]
LEDGER_TOPICS = [get_topic(SalesRecorded)]
AGGREGATE_TOPICS = [get_topic(Target), get_topic(Target.Snapshot), get_topic(Checkpoint)]
