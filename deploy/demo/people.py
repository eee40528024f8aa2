"""What the company's people say and decide while the month goes on: an update, a raised goal, the months to come."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import uuid5

from deploy.demo.company import HEAD, KNOWN, REGIONS, TEMPLATE, DemoTarget, company_definition, next_month
from domain.application import Milemarker
from domain.revising import Wish, revise_target
from domain.saying import said_of
from domain.target import State
from domain.templates.recurrence import LAST_YEAR
from domain.templates.recurring import Templates
from domain.templates.template import Template
from domain.templates.terms import OF_THE_PERIOD, Terms
from domain.updates.posting import post_update
from domain.updates.updates import Said

RAISED_FROM_DAY = 5
"""Of a month: before nobody knows better than the plan."""
RAISED_TO = "2300"
RAISED_BECAUSE = "Every invoice links to the newsletter from now on: that should bring 300 more"
PERCENT = "+10 %"
DRAFT_DAYS = 31
"""So that next month's target is there on any day of this one."""
GOING_ON = (State.FILLING, State.ACTIVE)
"""Whoever looks at the demo may have cancelled it."""
UPDATES = {
    "emea": Said(
        on_track=True,
        why="Lena's two large renewals slipped into next week; both customers have confirmed in writing.",
        confidence=7,
        improve="Ana joins the call on Tuesday, so that the discount needs no second round.",
    ),
    "apac": Said(
        on_track=False,
        why="Kenji's largest customer has frozen its budget until the new year, and nothing replaces it yet.",
        confidence=4,
        improve="Two of the pilots in the US would sign here too: give us one of Rosa's people for two weeks.",
    ),
}
"""By region, of its lead."""


def post_updates(app: Milemarker, regions: Sequence[DemoTarget], now: datetime) -> None:
    """Once there is a verdict to speak of; it answers the check-in where one is open. Others are left open."""
    with app.writing() as log:
        going_on = {one.id for one in log.targets(one.id for one in regions).values() if one.state in GOING_ON}
    for region, target in zip(REGIONS, regions, strict=True):
        said = UPDATES.get(region.name)
        if said is not None and target.id in going_on and target.plan.cutoffs[0] <= now:
            post_update(app, target.id, uuid5(target.id, "update"), said, by=region.lead, at=now)


def raise_goal(app: Milemarker, target: DemoTarget, day: date, now: datetime) -> None:
    """Once, when the month is under way: the checkpoints to come expect more, those that were keep their verdicts."""
    with app.writing() as log:
        known = log.targets([target.id])[target.id]
    if len(known.plans) == 1 and known.state in GOING_ON and day.day >= RAISED_FROM_DAY:
        revise_target(app, target.id, Wish({"goal": RAISED_TO}, RAISED_BECAUSE), KNOWN, by=HEAD, at=now)


def plan_months_to_come(app: Milemarker, first: date, now: datetime) -> None:
    """From next month on the company's target is made by itself: last year's month, and ten per cent more."""
    with app.writing() as log:
        if log.aggregates(Template, [TEMPLATE]):
            return
    coming = next_month(first)
    said = said_of(replace(company_definition(coming), name="Company revenue, {month} {year}", goal=PERCENT))
    terms = Terms(
        name="Company revenue",
        every="month",
        start=coming,
        target={name: what for name, what in said.items() if name not in OF_THE_PERIOD},
        compared_with=LAST_YEAR,
        draft_days=DRAFT_DAYS,
    )
    Templates(app, KNOWN, by=HEAD, at=now).define(TEMPLATE, terms)
