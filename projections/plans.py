"""The targets' plans, as defined: what every figure of a target is measured against."""

from domain.facts import TARGET_TOPICS
from domain.plan import Plan
from domain.target import Target
from projections.view import View


def evolve(row: Plan | None, fact: object) -> Plan | None:
    match fact:
        case Target.TargetDefined(plan=plan):
            return plan
    return row


PLANS = View("plans", Plan, evolve, [topic for topic in TARGET_TOPICS if topic == "target.defined"])
