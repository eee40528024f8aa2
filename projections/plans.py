"""The targets' plans, revision by revision: what every figure of a target is measured against."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from domain.course import Course
from domain.plan import Plan
from domain.rollup.pinned import MembersPinned
from domain.target import Target
from projections.view import View


@dataclass(frozen=True)
class Revision:
    """How a plan came to be. changes: {"from", "to"} by field; proposed_by: where somebody else approved it."""

    number: int
    effective_at: datetime
    mode: str
    reason: str
    changes: dict[str, dict[str, Any]]
    by: str
    at: datetime
    proposed_by: str | None = None
    attained: str | None = None


@dataclass(frozen=True)
class Plans:
    """plans: by revision, the first one first; edition: it moves with each of their changes, as the target's."""

    plans: list[Plan]
    edition: int = 1
    revisions: list[Revision] | None = None

    @property
    def plan(self) -> Plan:
        """The one in force."""
        return self.plans[-1]

    @cached_property
    def course(self) -> Course:
        return Course(self.plans)


def evolve(row: Plans | None, fact: object) -> Plans | None:
    match row, fact:
        case None, Target.TargetDefined(plan=plan):
            return Plans([plan])
        case Plans(), Target.ComparisonFrozen(frozen=frozen, goal=goal):
            plans = [*row.plans[:-1], row.plan.with_comparison(frozen, goal)]
            return replace(row, plans=plans, edition=row.edition + 1)
        case Plans(), Target.TargetHandedOver(owner=owner, team=team):
            plans = [*row.plans[:-1], replace(row.plan, owner=owner, team=team)]
            return replace(row, plans=plans, edition=row.edition + 1)
        case Plans(), MembersPinned():
            return replace(row, plans=[*row.plans[:-1], fact.plan_after(row.plan)], edition=row.edition + 1)
        case Plans(), Target.TargetRevised():
            revisions = [*(row.revisions or ()), _revision(fact)]
            return Plans([*row.plans, fact.plan], row.edition + 1, revisions)
    return row


def _revision(fact: Target.TargetRevised) -> Revision:
    return Revision(
        fact.revision,
        fact.effective_at,
        fact.mode,
        fact.reason,
        fact.changes,
        fact.by,
        fact.timestamp,
        fact.proposed_by,
        fact.attained,
    )


PLANS = View(
    "plans",
    Plans,
    evolve,
    ["target.defined", "target.comparison_frozen", "target.revised", "target.handed_over", "target.members_pinned"],
    version=2,
)
