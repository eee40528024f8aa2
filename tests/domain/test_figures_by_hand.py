"""A February as an uplift over its January, in each mode, alignment and pacing, held to the cent against the figures
that `tests/plain_figures` works out from the sales alone."""

import json
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import islice
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from domain.application import Milemarker
from domain.calendar import Calendar
from domain.checkpoint import Checkpoint
from domain.definition import Pacing, Versus
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.money import shown
from domain.pace import Weighting
from domain.target import Target
from tests.memory import memory_app
from tests.plain_figures.__main__ import paced, targets, worked
from tests.plain_figures.sales import net_by_day, standing_sales
from tests.system.business import quarter
from tests.words import plan

ZONE = "Etc/GMT+5"
LATER = datetime(2026, 11, 28, tzinfo=UTC)
DONE: dict[str, Any] = {"by": "ana@example.com", "at": LATER}
JANUARY, FEBRUARY = (date(2017, 1, 1), date(2017, 1, 31)), (date(2017, 2, 1), date(2017, 2, 28))
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
WEEKDAYS = {"MO": "1", "TU": "1", "WE": "1", "TH": "1", "FR": "2", "SA": "3", "SU": "3"}
PRESIDENTS_DAY = date(2017, 2, 20)
ASKED = Namespace(
    period=FEBRUARY,
    comparison=JANUARY,
    goal="+2 %",
    checkpoints=FRIDAYS,
    weights={name: Fraction(weight) for name, weight in WEEKDAYS.items()},
    closed=["SA", "SU", PRESIDENTS_DAY.isoformat()],
    half=[],
    points={"2017-02-10": Fraction(20), "2017-02-20": Fraction(60)},
)

By_hand = dict[str, Any]


@pytest.fixture(scope="module")
def sales() -> list[dict[str, Any]]:
    return quarter(3_000)


@pytest.fixture(scope="module")
def by_hand(sales: list[dict[str, Any]]) -> list[By_hand]:
    net = net_by_day(standing_sales(json.dumps(one) for one in sales), ZoneInfo(ZONE))
    return [
        worked(named | {"pacing": pacing}, ASKED, actuals, goal, comparison)
        for named, actuals, goal, comparison in targets(ASKED, net)
        for pacing in paced(ASKED, comparison)
    ]


def said_as(one: By_hand) -> Any:
    """The product's plan of one of them."""
    pacing, goal, calendar = Pacing(one["pacing"]), "+2 %", None
    match one["pacing"]:
        case "weighted":
            pacing = Pacing("weighted", weighting=Weighting("weekday", WEEKDAYS))
        case "explicit":
            points = [(date.fromisoformat(day), shown(cents, 2)) for day, cents in one["points"].items()]
            pacing, goal = Pacing("explicit", points=points), shown(one["delta"], 2)
        case "business_days":
            calendar = Calendar(days={PRESIDENTS_DAY: "closed"})
    return plan(
        kind="uplift",
        goal=goal,
        start=FEBRUARY[0],
        end=FEBRUARY[1],
        time_zone=ZONE,
        schedule=FRIDAYS,
        comparison=Versus(*JANUARY),
        mode=one["mode"],
        align=one["align"],
        pacing=pacing,
        calendar=calendar,
    )


def test_every_checkpoint_of_every_uplift_is_the_one_worked_out_by_hand(
    sales: list[dict[str, Any]], by_hand: list[By_hand]
) -> None:
    app = memory_app()
    intake, coming = Intake(app, uuid4), iter(sales)
    while batch := list(islice(coming, 1_000)):
        intake.record([Arrival(batch)], LATER)
    defined = {uuid4(): one for one in by_hand}
    for target_id, one in defined.items():
        app.define_target(target_id, said_as(one), activate=True, **DONE)
    while Filler(app).fill_some(LATER):
        continue
    while Evaluator(app, timedelta()).evaluate_some(LATER, LATER, complete=True):
        continue

    assert len(defined) == 36
    evaluated = checkpoints(app)
    with app.writing() as log:
        loaded = log.targets(defined)
    for target_id, one in defined.items():
        name = f"{one['mode']} {one['align']} {one['pacing']}"
        assert (name, list(read(evaluated[target_id]))) == (name, list(worked_out(one)))
        assert (name, loaded[target_id].outcome, total_of(loaded[target_id])) == (
            name,
            one["outcome"],
            one["comparison_total"],
        )


def checkpoints(app: Milemarker) -> dict[UUID, list[Checkpoint.CheckpointEvaluated]]:
    found: dict[UUID, list[Checkpoint.CheckpointEvaluated]] = {}
    for notification in app.recorder.select_notifications(1, 10_000, topics=["checkpoint.evaluated"]):
        fact = app.mapper.to_domain_event(notification)
        assert isinstance(fact, Checkpoint.CheckpointEvaluated)
        found.setdefault(fact.target, []).append(fact)
    return found


def total_of(target: Target) -> int:
    assert target.plan.frozen is not None
    return target.plan.frozen.total


def read(facts: list[Checkpoint.CheckpointEvaluated]) -> Iterator[tuple[Any, ...]]:
    for one in facts:
        yield one.number, one.actual, one.expected, one.pace, one.status, one.step_actual, one.step_expected


def worked_out(one: By_hand) -> Iterator[tuple[Any, ...]]:
    for row in one["checkpoints"]:
        step = row["step"]
        yield (
            row["number"],
            row["actual"],
            row["expected"],
            row["pace_index"],
            row["status"],
            step["actual"],
            step["expected"],
        )
