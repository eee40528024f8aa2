"""What the page says of each kind of target: cards, sentences, lines and rows, by example."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest

from api.dashboard.cards.card import Card
from api.dashboard.cards.figure_cards import cards_of
from api.dashboard.charts.amounts import RATIO_MONEY, RATIO_NUMBER, RATIO_PERCENT, apart, exact, short
from api.dashboard.checkpoint_rows import table_of
from api.dashboard.glance import Glance, aim_of, counts_said
from api.dashboard.overview_lines import Line, line_of
from api.dashboard.statements import badge_of, standing_said
from api.plans import KnownPlan
from api.target_reads import Found
from domain.checkpoint import Reading
from domain.comparison import Frozen
from domain.defining import plan_of
from domain.definition import Measure, Versus
from domain.figures import Verdict
from domain.metric import Metric
from domain.plan import Plan
from domain.target import State
from projections.checkpoints import Evaluation
from projections.plans import Plans
from projections.progress import Progress
from projections.status import Status
from tests.api.test_page_words import NOTHING_FORECAST, plain
from tests.words import NOW, definition, plan, resolving

FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
LAST_NOVEMBER = Versus(date(2025, 11, 1), date(2025, 11, 30))
CHURN, STOCK = Metric("churn", "percent", 2), Metric("stock", "days", 1)
ORDERS, VISITS = Metric("orders", "orders", 0), Metric("visits", "visits", 0)


def frozen(a_day: int, days: int = 30, sold: int | None = None) -> Frozen:
    return Frozen(1, [a_day] * days, days_with_sales=days if sold is None else sold)


def uplift(goal: str = "100000.00", since: Frozen | None = None, **changes: Any) -> Plan:
    """Over a last November of $2,000 a day unless told otherwise."""
    made = plan(kind="uplift", goal=goal, comparison=LAST_NOVEMBER, schedule=FRIDAYS, **changes)
    held = frozen(2_000_00) if since is None else since
    percent = made.percent and round(Fraction(made.percent.strip("+ %")) * held.total / 100)
    return made.with_comparison(held, percent or made.goal)


def churn(baseline: str = "8.00", goal: str = "5.00") -> Plan:
    return plan(metric=CHURN, kind="from_to", baseline=baseline, goal=goal, schedule=FRIDAYS)


def stock(low: str | None = "3.0", high: str | None = "5.0", **changes: Any) -> Plan:
    return plan(metric=STOCK, kind="keep", goal=None, bounds_min=low, bounds_max=high, schedule=FRIDAYS, **changes)


def ratio(goal: str = "0.15", over: Measure | None = None, under: Measure | None = None) -> Plan:
    said = definition(metric=None, kind="ratio", goal=goal, schedule=FRIDAYS)
    parts = replace(said, numerator=over or Measure("orders", {}), denominator=under or Measure("visits", {}))
    return plan_of(parts, resolving(ORDERS, VISITS))


def found(of: Plan, total: int = 0, state: State = State.ACTIVE, as_of: datetime = NOW, **says: Any) -> Found:
    plans = says.pop("plans", [of])
    status = Status(of.name, of.metric, of.final, state, 1, total, **says)
    return Found(KnownPlan(uuid4(), Plans(plans)), status, 1, as_of)


def glance(of: Plan, total: int = 0, **says: Any) -> Glance:
    return Glance.of(found(of, total, **says))


def cards(of: Plan, total: int = 0, progress: Progress | None = None, **says: Any) -> dict[str, Card]:
    return {card.name: card for card in cards_of(glance(of, total, **says), progress or Progress({}), NOTHING_FORECAST)}


def words(card: Card) -> str:
    said = [card.value, card.beside, card.below, *card.notes]
    return plain(" | ".join(part for part in said if part))


def standing(of: Plan, total: int = 0, evaluations: Mapping[int, Evaluation] | None = None, **says: Any) -> str:
    one = glance(of, total, **says)
    return plain(f"{badge_of(one)}: {standing_said(one, evaluations or {})}")


def line(of: Plan, total: int = 0, **says: Any) -> Line:
    return line_of(found(of, total, **says), Progress({}))


def read_as(of: Plan, number: int, actual: int, status: str, pace: str | None = None) -> Evaluation:
    expected = round(of.expected(of.cutoffs[number - 1]))
    reading = Reading(actual, expected, of.sign * (actual - expected), status, True, pace)
    return Evaluation(uuid4(), number, of.cutoffs[number - 1], False, reading, actual, expected, 1, True, NOW, 1)


# Uplift


def test_a_gain_is_told_as_more_than_last_year_of_so_much_more() -> None:
    # 22 days and today's: the comparison has 22 whole days by noon of the 23rd.
    told = cards(uplift(), 56_400_00)

    assert words(told["Gain"]) == (
        "+$12,400.00 | more than last year by this day, of +$100,000 | 12.4 % of the goal, $87,600 to go | "
        "$56,400 now, $44,000 then"
    )
    assert words(told["Pace"]) == (
        "15.1 % | of the expected pace, now off track | $69,742.86 behind the expected +$82,142.86"
    )
    assert words(told["Next checkpoint"]) == "Fri 27 Nov | expects +$100,000 | $87,600 to go"


def test_a_gain_below_nothing_is_less_than_last_year() -> None:
    told = cards(uplift(), 41_000_00)["Gain"]

    assert words(told).startswith("-$3,000.00 | less than last year by this day, of +$100,000 | -3 % of the goal")
    assert told.bar == "0"


def test_a_level_names_what_it_is_made_of() -> None:
    told = cards(uplift(mode="level"), 80_000_00)["Actual"]

    assert words(told) == (
        "$80,000.00 | of $160,000: $60,000 of last year and $100,000 more | 50 % of the goal, $80,000 to go"
    )


def test_a_percentage_is_said_until_it_is_an_amount() -> None:
    asked = plan(kind="uplift", goal="+10 %", comparison=LAST_NOVEMBER)

    assert aim_of(asked) == "+10 %"
    assert aim_of(uplift("+10 %")) == "+$6,000"
    assert words(cards(asked, state=State.DRAFT)["Gain"]) == (
        "$0.00 | of +10 % more than last year | What last year brought is read when the target is started"
    )
    assert line(asked, state=State.DRAFT).goal == "of +10 % more than last year"


def test_another_period_is_named_by_its_dates() -> None:
    over = plan(kind="uplift", comparison=Versus(date(2026, 10, 1), date(2026, 10, 31)), align="day_index")
    held = over.with_comparison(frozen(1_00, 31), over.goal)

    assert "less than 1 Oct – 31 Oct 2026 by this day" in words(cards(held, 5_00)["Gain"])


def test_a_partial_comparison_is_said_wherever_its_figures_stand() -> None:
    holes = uplift(since=frozen(2_000_00, sold=20))

    assert cards(holes, 56_400_00)["Gain"].notes[-1] == "Partial: last year has sales on only 20 of 30 days"
    assert "by a partial comparison" in line(holes, 56_400_00).pace
    rows = table_of(found(holes, 56_400_00), {1: read_as(holes, 1, 9_000_00, "off_track")}).rows
    assert "against a partial comparison" in rows[0].small


def test_nothing_to_compare_with_is_never_nothing_gained() -> None:
    none = uplift(since=frozen(0, sold=0))

    assert words(cards(none, 700_00)["Sold"]) == (
        "$700.00 | of +$100,000 more than last year | There is nothing of last year to hold it against"
    )
    assert words(cards(none, 700_00)["Pace"]) == "– | There is nothing of last year to take it from"
    assert standing(none, 700_00) == (
        "no_baseline: There is nothing of last year to compare it with, so nothing is expected of it."
    )
    assert line(none, 700_00).pace == "nothing of last year to compare with"
    assert table_of(found(none), {}).rows[0].expected == ""


# Levels


def test_a_falling_level_is_good_below_what_is_expected() -> None:
    told = cards(churn(), -2_10, levels=20)

    assert words(told["Level"]) == "5.90 % | on the way from 8 % to 5 % | 70 % of the way, 0.9 percentage points to go"
    assert words(told["Pace"]).endswith("0.36 percentage points behind the expected 5.54 %")
    assert (
        plain(cards(churn(), -2_50, levels=20)["Pace"].below) == "0.04 percentage points ahead of the expected 5.54 %"
    )
    assert words(told["Needed per day"]) == (
        "-0.11 percentage points | on each of the 8 days left, with today | "
        "-0.095 percentage points a day so far, over 22 days: it needs 1.18 × that"
    )


def test_a_rising_level_that_is_past_its_goal_says_so() -> None:
    up = churn("5.00", "8.00")

    assert plain(cards(up, 3_20, levels=1)["Level"].below) == "106.67 % of the way, 0.2 percentage points over it"
    assert (
        plain(cards(churn(), -3_20, levels=1)["Level"].below) == "106.67 % of the way, 0.2 percentage points under it"
    )


def test_a_level_that_nothing_measured_is_no_figure() -> None:
    told = cards(churn())

    assert words(told["Level"]) == "– | on the way from 8 % to 5 % | Nothing was measured yet: it begins at 8 %"
    assert (line(churn()).actual, line(churn()).share) == ("–", "")


@pytest.mark.parametrize(
    ("of", "level", "says"),
    [
        (stock(), 45, "4.5 days | to stay between 3 and 5 days | It is inside"),
        (stock(), 54, "5.4 days | to stay between 3 and 5 days | It is 0.4 days above that"),
        (stock(low=None), 54, "5.4 days | to stay at most 5 days | It is 0.4 days above that"),
        (stock(high=None), 10, "1.0 days | to stay at least 3 days | It is 2 days below that"),
    ],
)
def test_a_level_to_be_kept_is_inside_or_outside(of: Plan, level: int, says: str) -> None:
    assert words(cards(of, level, levels=1)["Level"]) == says


def test_a_level_to_be_kept_counts_its_checkpoints() -> None:
    kept = stock(pass_share="0.75")
    told = cards(kept, 45, levels=9, evaluated=4, inside=3)

    assert words(told["Checkpoints inside"]) == (
        "3 of 4 | evaluated so far | It is to be inside at 75 % of them, and at the end"
    )
    assert words(told["At this moment"]) == "inside | its bounds"
    assert words(told["Next checkpoint"]) == "Fri 27 Nov | to be between 3 and 5 days"
    assert line(kept, 45, levels=9, evaluated=4, inside=3).share == "3 of 4 checkpoints inside"
    assert standing(kept, 45, levels=9, evaluated=4, inside=3, last=Verdict(3, "on_track", kept.cutoffs[2])) == (
        "on_track: Checkpoint 3 (Fri 20 Nov) read on track. "
        "At this moment it is inside: it is to stay between 3 and 5 days."
    )


# Ratios


def test_a_ratio_is_told_with_what_it_is_made_of() -> None:
    told = cards(ratio(), 130, Progress({NOW: 130}, {NOW: 1_000}), under=1_000)

    assert words(told["Ratio"]) == "13 % | of 15 % | 86.67 % of the goal, 2 percentage points short of the goal"
    assert words(told["Pace"]) == "86.67 % | of the goal, now at risk | 2 percentage points behind the goal of 15 %"
    assert words(told["Made of"]) == "130 orders | by 1,000 visits | One sum by the other, never an average of shares"
    assert words(told["Next checkpoint"]) == "Fri 27 Nov | expects 15 % | 2 percentage points short of it now"
    assert counts_said(ratio()) == "Orders by visits"


def test_a_ratio_with_nothing_to_divide_by_is_no_figure() -> None:
    told = cards(ratio())

    assert words(told["Ratio"]) == "– | of 15 % | There is nothing to divide by yet"
    assert line(ratio()).pace == "nothing to divide by yet"
    assert "nothing to divide by yet" in standing(ratio())


def test_money_by_a_count_is_money_a_piece() -> None:
    average = ratio("180", over=Measure("revenue", {"channel": ["web"]}), under=Measure("orders", {}))
    told = cards(average, 18_181_20, Progress({NOW: 18_181_20}, {NOW: 100}), under=100)

    assert words(told["Ratio"]).startswith("$181.81 | of $180 | 101.01 % of the goal, $1.81 over it")
    assert words(told["Made of"]).startswith("$18,181.20 | of revenue where channel is web, by 100 orders")


@pytest.mark.parametrize(
    ("amount", "unit", "exactly", "shortly"),
    [
        (135_241, RATIO_PERCENT, "13.52 %", "13.5241 %"),
        (9_135, RATIO_PERCENT, "0.9135 %", "0.9135 %"),
        (-50_000, RATIO_PERCENT, "-5 %", "-5 %"),
        (3_400_000, RATIO_NUMBER, "3.4", "3.4"),
        (123_456, RATIO_NUMBER, "0.1235", "0.123456"),
        (54_199_999, f"{RATIO_MONEY}USD", "$54.20", "$54.199999"),
        (180_000_000, f"{RATIO_MONEY}USD", "$180", "$180"),
    ],
)
def test_ratios_have_the_places_that_say_something(amount: int, unit: str, exactly: str, shortly: str) -> None:
    assert (plain(exact(amount, unit, 6)), plain(short(amount, unit, 6))) == (exactly, shortly)


def test_percentages_lie_points_apart() -> None:
    assert [plain(apart(one, unit, 2)) for one, unit in ((2_50, "percent"), (-1_00, "percent"), (2_50, "USD"))] == [
        "2.5 percentage points",
        "-1 percentage point",
        "$2.50",
    ]
