"""Kinds of target wherever they stand: the figures of the API, rows of tables, facts, outcomes, states."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import orjson
import pytest

from api.dashboard import wording
from api.dashboard.cards.figure_cards import cards_of
from api.dashboard.checkpoint_rows import table_of
from api.dashboard.day_rows import day_table
from api.dashboard.fact_lines import told_of
from api.dashboard.glance import Glance, said_apart_in_full, said_in_full
from api.target_days import days_of
from domain.checkpoint import Checkpoint, Reading
from domain.figures import Verdict
from domain.money import minor_units
from domain.plan import Plan
from domain.progress import SaleRef
from domain.target import State, Target
from projections.progress import Progress
from tests.api.test_kinds_told import (
    FRIDAYS,
    cards,
    churn,
    found,
    frozen,
    line,
    ratio,
    read_as,
    standing,
    stock,
    uplift,
    words,
)
from tests.api.test_page_words import NOTHING_FORECAST, plain
from tests.domain.facts import fact, past
from tests.words import NOW, plan

# Wherever it stands


PLANS = {"gain": uplift(), "level": uplift(mode="level"), "falling": churn(), "kept": stock(), "ratio": ratio()}


@pytest.mark.parametrize("kind", PLANS)
def test_the_figures_of_the_page_are_those_of_the_api(kind: str) -> None:
    of = PLANS[kind]
    one = found(of, -1_37 if kind == "falling" else 41, levels=3, under=1_000)

    answer = orjson.loads(one.shown)
    seen = Glance.of(one)
    told = {card.name: card for card in cards_of(seen, Progress({}), NOTHING_FORECAST)}

    def minor(name: str) -> int | None:
        said = answer[name]
        return None if said is None else minor_units(said, of.exponent, signed=True)

    assert (seen.actual, seen.expected, seen.variance, seen.goal) == tuple(
        minor(name) for name in ("actual", "expected", "variance", "goal")
    )
    first, pace, third, _ = told.values()
    assert first.value == said_in_full(of, minor("actual") or 0)
    if answer["pace_index"] is not None:
        assert pace.value == wording.percent(Fraction(answer["pace_index"]))
    if third.name.startswith("Needed"):
        rate = minor_units(answer["required_rate"]["amount"], of.exponent, signed=True)
        assert third.value == said_apart_in_full(of, rate)


def test_steps_of_a_level_begin_at_its_baseline_and_point_where_it_goes() -> None:
    table = table_of(found(churn(), -1_00, levels=3), {1: read_as(churn(), 1, 7_50, "at_risk")})

    assert table.steps
    assert (plain(table.rows[0].actual), plain(table.rows[0].variance)) == ("7.5 %", "-0.25 percentage points")
    assert plain(table.rows[0].step) == "-0.5 of -0.75 percentage points"
    assert not table_of(found(stock(), 40, levels=1), {}).steps
    assert table_of(found(stock(), 40, levels=1), {}).rows[0].expected == "between 3 and 5\N{NO-BREAK SPACE}days"


def test_days_have_heads_of_their_kind() -> None:
    sums = Progress({NOW.replace(hour=0): 30}, {NOW.replace(hour=0): 200})
    heads = {name: day_table(of, days_of(found(of).known, sums, NOW)).heads[:2] for name, of in PLANS.items()}
    newest = day_table(PLANS["ratio"], days_of(found(PLANS["ratio"]).known, sums, NOW)).rows[0]

    assert heads == {
        "gain": ("Sold", "Gain"),
        "level": ("Sold", "Actual"),
        "falling": ("Change", "Level"),
        "kept": ("Change", "Level"),
        "ratio": ("Of the day alone", "So far"),
    }
    assert [plain(one) for one in (newest.net, newest.actual, newest.expected)] == ["15 %", "15 %", "15 %"]


def test_facts_of_a_gain_say_what_it_is_held_against() -> None:
    facts = past(
        Target,
        fact(Target.TargetDefined, plan=uplift()),
        fact(Target.ComparisonFrozen, frozen=frozen(2_000_00), goal=100_000_00),
        fact(Target.TargetFilled, total=-3_000_00),
        fact(Target.TargetAttained, total=100_000_00, goal=100_000_00, lifted_by=SaleRef("webshop", "ord-1", NOW)),
    )

    assert [one.line for one in told_of(facts, uplift(), {}, 2026)] == [
        "Defined: +$100,000 by Mon 30 Nov",
        "Compared with $60,000 of last year",
        "Counted what was sold before: -$3,000 against all of last year",
        "Attained by sale ord-1 of webshop: +$100,000 of +$100,000",
    ]


@pytest.mark.parametrize(
    ("of", "status", "actual", "says"),
    [
        (churn(), "at_risk", 7_50, "at risk: 7.5 % with 7.25 % expected"),
        (stock(), "off_track", 54, "off track: 5.4 days, to stay between 3 and 5 days"),
        (stock(), "too_early", 0, "too early to say"),
        (uplift(since=frozen(0, sold=0)), "no_baseline", 700_00, "not comparable"),
    ],
)
def test_a_reading_is_told_in_the_words_of_its_kind(of: Plan, status: str, actual: int, says: str) -> None:
    one = Checkpoint.evaluate(
        uuid4(),
        of.checkpoints[0],
        Reading(actual, 7_25, 0, status, True),
        found(of).known.course,
        step=(0, 0),
        position=1,
        announced=True,
        by="checkpoints",
        at=NOW,
    )

    (told,) = told_of(one.collect_events(), of, {}, 2026)

    assert plain(told.line) == f"Checkpoint 1 evaluated, {says}"


# Over


OVER = datetime(2026, 12, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("of", "total", "outcome", "says"),
    [
        (uplift(), 150_000_00, "missed", "The period is over, and the goal was missed by $10,000."),
        (uplift(mode="level"), 170_000_00, "exceeded", "The period is over, and the goal was exceeded by $10,000."),
        (churn(), -3_20, "exceeded", "The period is over, and the goal was exceeded by 0.2 percentage points."),
        (ratio(), 140, "missed", "The period is over, and the goal was missed by 1 percentage point."),
        (stock(), 40, "met", "The period is over, and the goal was met: it was inside at 4 of 5 checkpoints."),
    ],
    ids=["gain", "level", "falling", "ratio", "kept"],
)
def test_an_outcome_is_told_by_how_much(of: Plan, total: int, outcome: str, says: str) -> None:
    over: dict[str, Any] = {"state": State.CLOSED, "outcome": outcome, "as_of": OVER, "levels": 1, "under": 1_000}

    told = standing(of, total, evaluated=5, inside=4, **over)

    assert told.startswith(f"{outcome}: {says}")


def test_nothing_to_compare_with_stays_so_at_the_end() -> None:
    none = uplift(since=frozen(0, sold=0))
    over: dict[str, Any] = {"state": State.CLOSED, "outcome": "no_baseline", "as_of": OVER}

    assert standing(none, 5_00, **over).startswith(
        "no_baseline: The period is over. There was nothing of last year to compare it with."
    )
    assert line(none, 5_00, **over).section == "ended"


# States that other kinds of target have, too


def test_old_data_is_said_before_any_verdict() -> None:
    every_day = plan(schedule=FRIDAYS, expect_data_every=24)
    says: dict[str, Any] = {"activated_at": every_day.begins, "progressed_at": NOW - timedelta(days=3)}

    told = standing(every_day, 80_000_00, **says, last=Verdict(3, "on_track", every_day.cutoffs[2]), evaluated=3)

    assert told.endswith("No data has come for more than 1 day: the figures may be old.")
    assert line(every_day, 80_000_00, **says).pace.endswith("now no fresh data")
    stale = standing(every_day, 80_000_00, **says, last=Verdict(3, "stale", every_day.cutoffs[2]), evaluated=3)
    assert stale.startswith("stale: At checkpoint 3 (Fri 20 Nov) there was no fresh data.")


def test_what_a_revision_decides_is_said_to_be_its_doing() -> None:
    easy = plan(schedule=FRIDAYS, goal="50000.00")

    assert standing(easy, 60_000_00, attained=True, by_revision=True) == (
        "attained_by_revision: A revision moved the goal to where it had been reached, with 8 days left. "
        "What is sold until then still counts."
    )
    assert standing(easy, 30_000_00, revised="at_risk").startswith("at_risk: Since its last revision it reads at risk.")


def test_the_original_commitment_stands_beside_the_revised_one() -> None:
    first, now = plan(schedule=FRIDAYS), plan(schedule=FRIDAYS, goal="120000.00")

    told = cards(now, 52_000_00, plans=[first, now])["Actual"]

    assert words(told) == (
        "$52,000.00 | of $120,000 | 43.33 % of the goal, $68,000 to go | Of the original $100,000: 52 %"
    )
