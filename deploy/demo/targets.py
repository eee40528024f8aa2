"""Defines what the company has set out to reach: this month in all, last month for the company and its regions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from deploy.demo.company import (
    HEAD,
    DemoTarget,
    company_target,
    last_month,
    local,
    month_of,
    region_targets,
    rep_targets,
    today,
)
from deploy.demo.other_targets import other_targets
from domain.application import Milemarker
from domain.rollup.joining import OVER
from domain.target import State


class Targets:
    """company and regions: of this month; others: beside revenue; before: last month's, which are closed."""

    def __init__(self, now: datetime) -> None:
        self.first = month_of(today(now))[0]
        before = last_month(self.first)
        self.company = company_target(self.first)
        self.regions = region_targets(self.first)
        self.this_month = [self.company, *self.regions, *rep_targets(self.first)]
        self.others = other_targets(self.first)
        self.before = [company_target(before), *region_targets(before)]
        self.all = [*self.this_month, *self.others, *self.before]


def define_missing(app: Milemarker, targets: Sequence[DemoTarget], now: datetime) -> None:
    """As drafts. What is there stays as it is, even if this version of the demo would say something else."""
    with app.writing() as log:
        known = log.targets(one.id for one in targets)
    over = {str(one.id) for one in known.values() if one.state in OVER}
    for one in targets:
        if one.id not in known:
            # Of a month without a demo the company's target may have been made, and closed, by its template.
            plan = replace(one.plan, parent=None) if one.plan.parent in over else one.plan
            at = min(local(one.plan.start, 9), now)
            app.define_target(one.id, plan, activate=False, by=HEAD, at=at)


def activate_drafts(app: Milemarker, targets: Sequence[DemoTarget], now: datetime) -> None:
    """From now on they count, and what was sold before is counted."""
    with app.writing() as log:
        drafts = [one.id for one in log.targets(one.id for one in targets).values() if one.state is State.DRAFT]
    for target in drafts:
        app.activate_target(target, by=HEAD, at=now)


def are_filled(app: Milemarker, targets: Sequence[DemoTarget]) -> bool:
    filling = set(app.store.filling())
    return not any(one.id in filling for one in targets)
