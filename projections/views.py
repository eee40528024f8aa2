"""Every read model there is."""

from typing import Any

from projections.alerts import ALERTS
from projections.checkpoints import CHECKPOINTS
from projections.memberships import MEMBERSHIPS
from projections.milestones import MILESTONES
from projections.notifications import NOTIFICATIONS
from projections.plans import PLANS
from projections.progress import PROGRESS
from projections.proposals import PROPOSALS
from projections.rate_tables import RATE_TABLES
from projections.sales import SALE_BATCHES
from projections.status import STATUSES
from projections.subscriptions import SUBSCRIPTIONS
from projections.templates import TEMPLATES
from projections.updates import CHECK_INS, UPDATES
from projections.view import View

VIEWS: tuple[View[Any], ...] = (
    PLANS,
    STATUSES,
    PROGRESS,
    SALE_BATCHES,
    CHECKPOINTS,
    MILESTONES,
    PROPOSALS,
    MEMBERSHIPS,
    RATE_TABLES,
    NOTIFICATIONS,
    SUBSCRIPTIONS,
    ALERTS,
    TEMPLATES,
    UPDATES,
    CHECK_INS,
)
