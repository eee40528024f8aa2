"""What the company has set out to do this month beside selling, and what of it is done."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from deploy.demo.company import GOAL, HEAD, DemoTarget, local, today
from domain.application import Milemarker
from domain.milestones.criterion import BY_HAND, TASKS, VALUE
from domain.milestones.due_rule import TASK_TAKES, DueRule, due_rule_of
from domain.milestones.planning import Planner, Wish
from domain.milestones.task import TaskWish
from domain.plan import Plan

LATE_FROM_DAY = 5
"""Of a month: earlier nothing has had time to be late."""


class Desk:
    """Plans milestones on one target, and does what was done by now, at the time when it was done."""

    def __init__(self, app: Milemarker, target: DemoTarget, now: datetime) -> None:
        self._app = app
        self._target = target
        self._now = now

    def at(self, day: int, hour: int = 9) -> datetime:
        """A time of the month's day, or now where that is still to come."""
        return min(local(self._target.plan.start + timedelta(days=day - 1), hour), self._now)

    def plan(
        self,
        name: str,
        rule: DueRule,
        criterion: str = TASKS,
        *,
        value: int | None = None,
        tasks: Sequence[tuple[str, str]] = (),
        after: Iterable[str] = (),
        done: Sequence[datetime] = (),
    ) -> UUID | None:
        """tasks: what, and whose; done: when each of the first tasks was. None when it was planned before."""
        milestone = self.id(name)
        with self._app.writing() as log:
            if log.milestone_target(milestone) is not None:
                return None
        wish = Wish(
            name,
            rule,
            criterion,
            None if value is None else f"{value}.00",
            [TaskWish(what, assignee=whose, rule=due_rule_of("milestone", TASK_TAKES)) for what, whose in tasks],
            [self.id(one) for one in after],
        )
        Planner(self._app, by=HEAD, at=self.at(1, 10)).plan(milestone, self._target.id, wish)
        for number, at in enumerate(done):
            # As `Planner.plan` names the tasks that a milestone is planned with.
            Planner(self._app, by=tasks[number][1], at=at).set_task(milestone, uuid5(milestone, str(number)), done=True)
        return milestone

    def achieve(self, milestone: UUID, evidence: str, at: datetime) -> None:
        Planner(self._app, by=HEAD, at=at).achieve(milestone, evidence)

    def id(self, name: str) -> UUID:
        return uuid5(self._target.id, name)


def plan_of_company(app: Milemarker, target: DemoTarget, now: datetime) -> None:
    """Before its sales are counted: so that the sale is named that beat last year.

    A value of a gain is reached once the whole of last year's month is sold, and so much more: late in a month.
    """
    desk, half = Desk(app, target, now), GOAL // 2
    board = desk.plan("Board has seen the plan", due_rule_of("start", offset_days=2), BY_HAND)
    if board is not None and today(now) >= target.plan.start + timedelta(days=1):
        desk.achieve(board, "Minutes of the board, item 3", desk.at(2, 11))
    desk.plan(
        "Buy the CRM",
        due_rule_of("checkpoint", number=1),
        tasks=[
            ("Compare three offers", "jo@example.com"),
            ("Sign the contract", HEAD),
            ("Move the contacts over", "rosa@example.com"),
        ],
        done=[desk.at(1, 15), desk.at(2, 15), desk.at(4, 16)],
    )
    desk.plan("Last year's month is beaten", due_rule_of("fraction", of="1"), VALUE, value=1)
    desk.plan("Half of the goal on top", due_rule_of("end"), VALUE, value=half)
    desk.plan(
        "Hire two reps",
        _hiring_due(target.plan, today(now)),
        tasks=[
            ("Publish the advert", "jo@example.com"),
            ("Interview", "mei@example.com"),
            ("Sign", HEAD),
        ],
        done=[desk.at(1, 16), desk.at(3, 17)],
    )


def plan_what_comes_next(app: Milemarker, target: DemoTarget, now: datetime) -> None:
    """Once the target is active: then people are reminded of what was planned on the first and is due tomorrow."""
    desk = Desk(app, target, now)
    desk.plan(
        "Launch the campaign",
        due_rule_of("date", day=min(today(now) + timedelta(days=1), target.plan.end)),
        tasks=[
            ("Write the copy", "lena@example.com"),
            ("Book the adverts", "priya@example.com"),
            ("Brief the webshop", "jo@example.com"),
        ],
        after=["Buy the CRM"],
        done=[desk.at(4, 12)],
    )


def plan_of_regions(app: Milemarker, targets: Iterable[DemoTarget], now: datetime) -> None:
    us, emea, apac = (Desk(app, target, now) for target in targets)
    us.plan("Two pilots become customers", due_rule_of("end"), BY_HAND)
    emea.plan(
        "New prices are known",
        due_rule_of("checkpoint", number=3),
        tasks=[("Agree on the prices", "jo@example.com"), ("Tell every customer", "lena@example.com")],
        done=[emea.at(3, 14), emea.at(5, 15)],
    )
    apac.plan(
        "Visit the five largest customers",
        due_rule_of("end"),
        tasks=[(f"{who.capitalize()}'s customers", f"{who}@example.com") for who in ("kenji", "mei", "priya")],
        done=[apac.at(4, 18)],
    )


def _hiring_due(plan: Plan, day: date) -> DueRule:
    """Yesterday, where there is enough of the month to be late in."""
    late = day.day >= LATE_FROM_DAY
    return due_rule_of("date", day=day - timedelta(days=1)) if late else due_rule_of("end")
