"""Every fact there is. Their topics are the storage format: they never change."""

from eventsourcing.domain import DomainEvent
from eventsourcing.utils import get_topic

from domain.alerts.alert import Alert
from domain.alerts.subscription import Subscription
from domain.archive import Archive
from domain.checkpoint import Checkpoint
from domain.delivery.endpoint import EndpointDisabled
from domain.delivery.notification import Notification
from domain.ledger import SalesRecorded
from domain.metric import MetricDefined
from domain.milestones.milestone import Milestone
from domain.proposals.proposal import Proposal
from domain.rollup.membership import Membership
from domain.rollup.pinned import MembersPinned
from domain.rollup.rates import Rates
from domain.target import Target
from domain.templates.template import Template
from domain.updates.updates import Updates
from domain.watch.watch import Watch

FACTS: tuple[type[DomainEvent], ...] = (
    MetricDefined,
    SalesRecorded,
    Target.TargetDefined,
    Target.TargetActivated,
    Target.ComparisonFrozen,
    Target.ProgressRecorded,
    Target.TargetFilled,
    Target.TargetAttained,
    Target.AttainmentLost,
    Target.TargetRevised,
    Target.TargetHandedOver,
    Target.TargetClosed,
    Target.OutcomeRestated,
    Target.TargetSealed,
    Target.TargetCancelled,
    Proposal.RevisionProposed,
    Proposal.RevisionApproved,
    Proposal.RevisionDeclined,
    Archive.TargetArchived,
    Archive.TargetUnarchived,
    MembersPinned,
    Membership.MemberJoined,
    Membership.MemberLeft,
    Rates.RatesUploaded,
    Updates.UpdatePosted,
    Updates.CheckInRequested,
    Updates.CheckInEscalated,
    Updates.CheckInEnded,
    Watch.TargetSlipping,
    Watch.TargetStalled,
    Watch.TargetRecovered,
    Watch.DataStale,
    Watch.DataResumed,
    Checkpoint.CheckpointEvaluated,
    Checkpoint.CheckpointRestated,
    Checkpoint.CheckpointSettled,
    Milestone.MilestonePlanned,
    Milestone.MilestoneRescheduled,
    Milestone.TaskAdded,
    Milestone.TaskCompleted,
    Milestone.TaskReopened,
    Milestone.TaskRescheduled,
    Milestone.MilestoneAchieved,
    Milestone.MilestoneReopened,
    Milestone.MilestoneMissed,
    Milestone.MilestoneWaived,
    Milestone.MilestoneDueSoon,
    Milestone.MilestoneOverdue,
    Template.TemplateDefined,
    Template.TemplateChanged,
    Template.TargetMade,
    Template.TemplateFailed,
    Template.TemplateArchived,
    Notification.NotificationQueued,
    Notification.NotificationSending,
    Notification.NotificationDelivered,
    Notification.NotificationWaiting,
    Notification.NotificationDead,
    Notification.NotificationCancelled,
    Notification.NotificationRedriven,
    EndpointDisabled,
    Subscription.SubscriptionCreated,
    Subscription.SubscriptionChanged,
    Subscription.SubscriptionEnded,
    Alert.AlertOpened,
    Alert.AlertFired,
    Alert.AlertWorsened,
    Alert.AlertEased,
    Alert.AlertResolved,
    Alert.AlertTold,
    Alert.AlertWithheld,
    Alert.AlertRecalled,
)

TOPICS: dict[str, type[DomainEvent]] = {get_topic(fact): fact for fact in FACTS}
TARGET_TOPICS = [topic for topic, fact in TOPICS.items() if issubclass(fact, Target.Event)]
"""Of the target's own stream; other facts called so stand in streams beside it."""
ARCHIVE_TOPICS = [topic for topic, fact in TOPICS.items() if issubclass(fact, Archive.Event)]
PROPOSAL_TOPICS = [topic for topic, fact in TOPICS.items() if issubclass(fact, Proposal.Event)]
UPDATE_TOPICS = [topic for topic, fact in TOPICS.items() if issubclass(fact, Updates.Event)]
CHECKPOINT_TOPICS = [topic for topic in TOPICS if topic.startswith("checkpoint.")]
MILESTONE_TOPICS = [topic for topic in TOPICS if topic.startswith("milestone.")]
MEMBERSHIP_TOPICS = [get_topic(Membership.MemberJoined), get_topic(Membership.MemberLeft)]
RATES_TOPICS = [get_topic(Rates.RatesUploaded)]
SUBSCRIPTION_TOPICS = [topic for topic in TOPICS if topic.startswith("subscription.")]
ALERT_TOPICS = [topic for topic in TOPICS if topic.startswith("alert.")]
TEMPLATE_TOPICS = [topic for topic in TOPICS if topic.startswith("template.")]
NOTIFICATION_TOPICS = [topic for topic in TOPICS if topic.startswith("notification.")]
LEDGER_TOPICS = [get_topic(SalesRecorded)]
AGGREGATE_TOPICS = [
    get_topic(Target),
    get_topic(Target.Snapshot),
    get_topic(Checkpoint),
    get_topic(Milestone),
    get_topic(Proposal),
    get_topic(Template),
    get_topic(Archive),
    get_topic(Membership),
    get_topic(Rates),
    get_topic(Notification),
    get_topic(Subscription),
    get_topic(Alert),
]
