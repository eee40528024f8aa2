"""Today's push: a target of an hour that each start of the demo begins, with checkpoints that one can wait for."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid5

from deploy.demo.company import DEMO, HEAD, KNOWN, REGIONS, TIME_ZONE, ZONE, today
from deploy.demo.metrics import REVENUE
from domain.application import Milemarker
from domain.defining import plan_of
from domain.definition import Definition
from domain.plan import Plan
from domain.target import State

GOAL = 3_000
"""In dollars."""
CHECKPOINTS_MIN = (1, 3, 6, 10, 20, 40, 60)
"""Minutes after the beginning; each takes an equal step."""
SCRIPT = (
    (0.0, 0.0),
    (1.0, 0.10),
    (3.0, 0.305),
    (6.0, 0.471),
    (10.0, 0.515),
    (20.0, 0.71),
    (40.0, 0.86),
    (57.0, 1.005),
    (60.0, 1.03),
)
"""By which minute which share of the goal is sold: off track, on track, ahead, at risk, on track, attained."""
DAY_PARTS = ((5, "night"), (12, "morning"), (14, "midday"), (18, "afternoon"), (23, "evening"), (24, "night"))


@dataclass(frozen=True)
class Push:
    """campaign: the dimension by which its sales are known; begins: in UTC, on a whole second."""

    id: UUID
    campaign: str
    begins: datetime
    plan: Plan

    @property
    def ends(self) -> datetime:
        """Its last checkpoint; the target closes at midnight."""
        return self.begins + timedelta(minutes=CHECKPOINTS_MIN[-1])

    def sold_by(self, at: datetime) -> float:
        """What is to be sold by then, in dollars; without an end, so that it goes on a little."""
        minutes = max(0.0, (at - self.begins) / timedelta(minutes=1))
        for (before, low), (after, high) in pairwise(SCRIPT):
            if minutes <= after:
                return GOAL * (low + (high - low) * (minutes - before) / (after - before))
        return GOAL * SCRIPT[-1][1]

    def next_checkpoint(self, at: datetime) -> datetime | None:
        passed = bisect_right(self.plan.cutoffs, at)
        return self.plan.cutoffs[passed] if at < self.ends else None


def push_at(now: datetime) -> Push:
    """The push that begins now, by the company's clock."""
    begins = now.replace(microsecond=0).astimezone(UTC)
    cutoffs = [begins + timedelta(minutes=minutes) for minutes in CHECKPOINTS_MIN]
    there = begins.astimezone(ZONE)
    campaign = f"push-{there:%Y%m%d-%H%M%S}"
    # A cut-off at midnight is the end of the day before, and closes it.
    last = cutoffs[-1] - timedelta(microseconds=1)
    said = Definition(
        name=f"{there:%A} {_part_of(there.hour)} push, {there:%H:%M}",
        metric=REVENUE.name,
        unit=REVENUE.unit,
        goal=f"{GOAL}.00",
        start=today(begins),
        end=today(last),
        time_zone=TIME_ZONE,
        scope={"campaign": [campaign]},
        checkpoints=[cutoff.isoformat() for cutoff in cutoffs],
        owner=HEAD,
        team=[region.lead for region in REGIONS],
    )
    return Push(uuid5(DEMO, campaign), campaign, begins, plan_of(said, KNOWN))


def _part_of(hour: int) -> str:
    return next(part for until, part in DAY_PARTS if hour < until)


def lay_aside(app: Milemarker, push: UUID, now: datetime) -> None:
    """The push of an earlier start: one that is not over yet is cancelled, any other closes by itself."""
    with app.writing() as log:
        target = log.targets([push]).get(push)
    if target is None or target.state not in (State.DRAFT, State.FILLING, State.ACTIVE) or target.attained:
        return
    cutoffs = target.plan.cutoffs
    if now < (cutoffs[-2] if len(cutoffs) > len(CHECKPOINTS_MIN) else cutoffs[-1]):
        app.cancel_target(push, "the demo was started again, with a push of its own", by="demo", at=now)
