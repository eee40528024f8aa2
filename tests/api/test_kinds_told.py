"""What the page says of each kind of target: cards, sentences, lines and rows, by example."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import orjson
import pytest

from api.dashboard import wording
from api.dashboard.cards.card import Card
from api.dashboard.cards.figure_cards import cards_of
from api.dashboard.charts.amounts import RATIO_MONEY, RATIO_NUMBER, RATIO_PERCENT, apart, exact, short
from api.dashboard.checkpoint_rows import table_of
from api.dashboard.day_rows import day_table
from api.dashboard.fact_lines import told_of
from api.dashboard.glance import Glance, aim_of, counts_said, said_apart_in_full, said_in_full
from api.dashboard.overview_lines import Line, line_of
from api.dashboard.statements import badge_of, standing_said
from api.plans import KnownPlan
from api.target_days import days_of
from api.target_reads import Found
from domain.checkpoint import Checkpoint, Reading
from domain.comparison import Frozen
from domain.defining import Measure, Versus, plan_of
from domain.figures import Verdict
from domain.metric import Metric
from domain.money import minor_units
from domain.plan import Plan
from domain.progress import SaleRef
from domain.target import State, Target
from projections.checkpoints import Evaluation
from projections.plans import Plans
from projections.progress import Progress
from projections.status import Status
from tests.api.test_page_words import NOTHING_FORECAST, plain
from tests.domain.facts import fact, past
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

    assert words(told["Level"]) == "5.90 % | on the way from 8 % to 5 % | 70 % of the way, 0.9 points to go"
    assert words(told["Pace"]).endswith("0.36 points behind the expected 5.54 %")
    assert plain(cards(churn(), -2_50, levels=20)["Pace"].below) == "0.04 points ahead of the expected 5.54 %"
    assert words(told["Needed per day"]) == (
        "-0.11 points | on each of the 8 days left, with today | "
        "-0.1 points a day so far, over 22 days: it needs 1.18 × that"
    )


def test_a_rising_level_that_is_past_its_goal_says_so() -> None:
    up = churn("5.00", "8.00")

    assert plain(cards(up, 3_20, levels=1)["Level"].below) == "106.67 % of the way, 0.2 points over it"
    assert plain(cards(churn(), -3_20, levels=1)["Level"].below) == "106.67 % of the way, 0.2 points under it"


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

    assert words(told["Ratio"]) == "13 % | of 15 % | 86.67 % of the goal, 2 points short of the goal"
    assert words(told["Pace"]) == "86.67 % | of the goal, now at risk | 2 points behind the goal of 15 %"
    assert words(told["Made of"]) == "130 orders | by 1,000 visits | One sum by the other, never an average of shares"
    assert words(told["Next checkpoint"]) == "Fri 27 Nov | expects 15 % | 2 points short of it now"
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
    assert [plain(apart(one, unit, 2)) for one, unit in ((2_50, "percent"), (2_50, "USD"))] == ["2.5 points", "$2.50"]


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


def read_as(of: Plan, number: int, actual: int, status: str, pace: str | None = None) -> Evaluation:
    expected = round(of.expected(of.cutoffs[number - 1]))
    reading = Reading(actual, expected, of.sign * (actual - expected), status, True, pace)
    return Evaluation(uuid4(), number, of.cutoffs[number - 1], False, reading, actual, expected, 1, True, NOW, 1)


def test_steps_of_a_level_begin_at_its_baseline_and_point_where_it_goes() -> None:
    table = table_of(found(churn(), -1_00, levels=3), {1: read_as(churn(), 1, 7_50, "at_risk")})

    assert table.steps
    assert (plain(table.rows[0].actual), plain(table.rows[0].variance)) == ("7.5 %", "-0.25 points")
    assert plain(table.rows[0].step) == "-0.5 points of -0.75 points"
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
        (churn(), -3_20, "exceeded", "The period is over, and the goal was exceeded by 0.2 points."),
        (ratio(), 140, "missed", "The period is over, and the goal was missed by 1 point."),
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
