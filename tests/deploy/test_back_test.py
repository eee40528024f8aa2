"""`back-test`: forecasts of targets that are over, held against what came."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from deploy.commands.back_test import chosen, json_lines, lines_of
from deploy.trouble import Trouble
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.refusal import Refused
from projections.back_testing import Trial, back_test
from projections.store import Store
from tests.projections.test_history import AFTER, november
from tests.words import plan, sale

FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
A_DAY = 3_500_00


@pytest.fixture
def over(store: Store) -> UUID:
    """$3,500 on every day of November, of a goal of $100,000; one of the 5th came in late."""
    target, intake = uuid4(), Intake(store.app, uuid4)
    store.app.define_target(target, plan(schedule=FRIDAYS), activate=True, by="ana@example.com", at=november(1))
    Filler(store.app).fill_some(november(1))
    days = [sale(str(day), "3500.00", occurred_at=november(day, 12).isoformat()) for day in range(1, 31)]
    late = days.pop(4)
    intake.record([Arrival(days)], november(30, 13))
    _closed(store)
    intake.record([Arrival([late])], AFTER + timedelta(days=2))
    return target


def _closed(store: Store) -> None:
    now = AFTER + timedelta(hours=1)
    while Evaluator(store.app, timedelta(0)).evaluate_some(now, now, complete=True):
        continue


def trials(store: Store, *said: str) -> list[Trial]:
    for name in ("statuses", "plans", "progress"):
        while store.views.follow(store.views.views[name]):
            continue
    return back_test(store, chosen(store, said))


def test_each_checkpoint_is_forecast_from_what_had_occurred_before_it(store: Store, over: UUID) -> None:
    (one,) = trials(store)

    assert (one.id, one.name) == (over, "November revenue")
    # The late sale is there at the 5th: every day brought the same, and the forecast is right to the cent.
    assert [scored.forecast.p50 for scored in one.scored] == [30 * A_DAY] * 4
    assert [scored.outcome for scored in one.scored] == [30 * A_DAY] * 4


def test_how_often_forecasts_were_right_is_said_in_words(store: Store, over: UUID) -> None:
    assert list(lines_of(trials(store, "november"))) == [
        "November revenue: 4 forecasts; 100.00 % of the outcomes in P10..P90",
        "",
        "P50 was off by        0.00 % of the way from the baseline to the goal, in the mean",
        "P10..P90 contained    100.00 % of the outcomes: P10 to P90 are to contain 4 in 5",
        "Brier score           0.0000: 0 is the best, always saying 1/2 gives 0.2500",
        "",
        "Probability    forecasts    said on average    reached the goal",
        "90 to 100 %            4           100.00 %            100.00 %",
    ]


def test_programs_get_a_line_of_json_for_each_target_and_one_for_all(store: Store, over: UUID) -> None:
    one, every = (json.loads(line) for line in json_lines(trials(store, str(over), "november")))

    assert (one["target"]["id"], one["target"]["forecasts"]) == (str(over), 4)
    assert (every["all"]["targets"], every["all"]["contained"], every["all"]["error"]) == (1, "1.0000", "0.0000")
    assert every["all"]["calibration"][0]["low"] == "0.9000"


def test_of_what_is_not_over_nothing_can_be_said(store: Store) -> None:
    with pytest.raises(Trouble, match="no target is over yet"):
        trials(store)
    store.app.define_target(uuid4(), plan(), activate=True, by="ana@example.com", at=november(1))
    with pytest.raises(Trouble, match="November revenue is filling: a forecast can be tested once its target is clos"):
        trials(store, "november")
    with pytest.raises(Trouble, match="there is no target 0000"):
        trials(store, str(UUID(int=1)))
    with pytest.raises(Refused, match="there is no target 'tuesday'"):
        trials(store, "tuesday")


def test_a_target_too_short_for_a_range_says_so(store: Store) -> None:
    store.app.define_target(uuid4(), plan(schedule=["2026-11-02"]), activate=True, by="ana@example.com", at=november(1))
    Filler(store.app).fill_some(november(1))
    _closed(store)

    said = list(lines_of(trials(store)))

    assert said[0] == "November revenue: 1 forecast, 1 of them without a range (under 5 open days)"
    assert said[-1] == "No forecast had five open days to go by: there is no range and no probability to test"
