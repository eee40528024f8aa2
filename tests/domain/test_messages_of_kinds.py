"""How a message says amounts of each kind of target: what is a difference, a level or a share is never a sum."""

from dataclasses import replace
from datetime import date

import pytest

from domain.alerts.alert import TOLD
from domain.alerts.lines import line_of
from domain.comparison import Frozen
from domain.defining import plan_of
from domain.definition import Measure, Versus
from domain.metric import Metric
from domain.plan import Plan
from domain.target import Target
from tests.domain.facts import fact, given, past
from tests.domain.test_messages import story
from tests.words import definition, plan, resolving

LEVEL = Metric("churn", "percent", 2)
GAIN = plan(kind="uplift", goal="100000.00", comparison=Versus(date(2025, 11, 1), date(2025, 11, 30)))
ELSEWHEN = plan(kind="uplift", goal="100000.00", comparison=Versus(date(2025, 10, 2), date(2025, 10, 31)))
SHARE = plan_of(
    replace(
        definition(metric=None, kind="ratio", goal="0.03"),
        numerator=Measure("orders", {}),
        denominator=Measure("visits", {}),
    ),
    resolving(Metric("orders", "orders", 0), Metric("visits", "visits", 0)),
)


@pytest.mark.parametrize(
    ("of", "total", "goal", "expected", "so"),
    [
        (
            GAIN.with_comparison(Frozen(1, [1_000_00] * 30, 30), 100_000_00),
            101_341_99,
            "+$101,341.99 of +$100,000.00 more than last year's whole period",
            "+$101,341.99 more than last year, of +$100,000.00 expected",
            100_000_00,
        ),
        (
            ELSEWHEN.with_comparison(Frozen(1, [1_000_00] * 30, 30), 100_000_00),
            -1_00,
            "-$1.00 of +$100,000.00 more than all of 2025-10-02 to 2025-10-31",
            "-$1.00 more than 2025-10-02 to 2025-10-31, of +$100,000.00 expected",
            100_000_00,
        ),
        (
            plan(metric=LEVEL, kind="from_to", baseline="8.00", goal="5.00"),
            4_97,
            "4.97 percent on the way to 5.00 percent",
            "4.97 percent with 5.00 percent expected",
            5_00,
        ),
        (
            plan(metric=LEVEL, kind="keep", goal=None, bounds_min="99.50"),
            99_82,
            "99.82 percent, to stay at least 99.50 percent",
            "99.82 percent, to stay at least 99.50 percent,",
            99_82,
        ),
        (SHARE, 30_393, "3.0393 percent of 3 percent", "3.0393 percent of 3 percent expected", 30_000),
    ],
    ids=["gain", "other dates", "level", "kept", "ratio"],
)
def test_amounts_stand_against_a_goal_in_the_words_of_their_kind(
    of: Plan, total: int, goal: str, expected: str, so: int
) -> None:
    told = story(past(Target, fact(Target.TargetSealed, total=total, goal=so, outcome="met"))[0])
    told = replace(told, target=given(Target, fact(Target.TargetDefined, plan=of)))

    assert (told.of_goal(total, so), told.of_expected(total, so)) == (goal, expected)
    assert line_of(told, TOLD) == f"November revenue is sealed: met its goal with {goal}"
