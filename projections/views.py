"""Every read model there is."""

from typing import Any

from projections.plans import PLANS
from projections.progress import PROGRESS
from projections.sales import SALE_BATCHES
from projections.status import STATUSES
from projections.view import View

VIEWS: tuple[View[Any], ...] = (PLANS, STATUSES, PROGRESS, SALE_BATCHES)
