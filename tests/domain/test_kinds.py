"""Every kind of target: what its actual is, what it expects, when it is reached, and what it came to."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from domain.actuals import Actuals
from domain.checkpoint import Circumstances, Reading, read
from domain.comparison import Frozen
from domain.definition import Measure, Pacing, Versus
from domain.figures import Figures, Standing, figures
from domain.ledger import Posting
from domain.metric import Metric
from domain.outcome import Passed
from domain.plan import Plan
from domain.progress import LedgerRef, Level, SaleRef
from domain.refusal import Refused
from domain.target import State, Target
from tests.words import NOW, plan

DONE: dict[str, Any] = {"by": "ana@example.com", "at": NOW}
AFTER = datetime(2026, 12, 1, tzinfo=UTC)
LAST_YEAR = Versus(date(2025, 11, 1), date(2025, 11, 30))
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
CHURN = Metric("churn", "percent", 2)
ORDERS = Metric("orders", "orders", 0)
VISITS = Metric("visits", "visits", 0)


def november(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def posting(id: str, amount: int, at: datetime, **says: Any) -> Posting:
    return Posting("webshop", id, "revenue", amount, at, {}, **says)


def started(of: Plan, frozen: Frozen | None = None, goal: int | None = None) -> Target:
    """Active, with nothing in the ledger before it but what it is compared with."""
    target = Target.define(UUID(int=1), of, **DONE)
    target.activate(1, **DONE)
    if of.measured:
        target.fill_levels(0, 1, [], **DONE)
    else:
        target.fill(0, 1, [], **DONE)
    if frozen is not None:
        target.freeze_comparison(frozen, of.goal if goal is None else goal, **DONE)
    target.finish_fill([], **DONE)
    target.collect_events()
    return target


def sell(target: Target, *postings: Posting) -> list[str]:
    """What follows from one batch, but for its progress."""
    target.record_progress(UUID(int=7), postings, **DONE)
    return [type(fact).__name__ for fact in target.collect_events()][1:]


def standing_of(target: Target, **says: Any) -> Standing:
    return Standing(
        target.state, target.total, target.attained, under=target.total_under, measured=bool(target.levels), **says
    )


def at(target: Target, moment: datetime, **says: Any) -> Figures:
    return figures(target.course, standing_of(target, **says), moment)


def reading(target: Target, cutoff: datetime, previous: str | None = None, evaluated: int = 2) -> Reading:
    actual = Actuals(target.plan, target.sums, target.under, target.measured_from).before(cutoff)
    return read(target.course, cutoff, actual, Circumstances(previous, evaluated))


def closed(target: Target, passed: Passed | None = None) -> str | None:
    target.close(passed=passed, by="checkpoints", at=AFTER)
    return target.outcome


# Uplifts


def frozen(*days: int, first: int = 0) -> Frozen:
    """November 2025 day by day: `first` on its first day, and the given ones after it."""
    nets = [first, *days, *[0] * (29 - len(days))]
    return Frozen(1, nets, sum(bool(net) for net in nets))


EVERY_DAY = Frozen(1, [1_000_00] * 30, 30)
"""$1,000 on every day of last November: $30,000."""


def uplift(mode: str = "gain", goal: str = "10000.00", **says: Any) -> Plan:
    return plan(kind="uplift", goal=goal, mode=mode, comparison=LAST_YEAR, schedule=FRIDAYS, **says)


def test_a_gain_is_what_was_sold_less_what_was_sold_by_the_same_day_last_year() -> None:
    target = started(uplift(), EVERY_DAY)
    sell(target, posting("1", 8_000_00, november(6, 12)))

    one = reading(target, november(7))

    assert (one.actual, one.expected, one.variance) == (2_000_00, 2_500_00, -500_00)
    assert (one.pace, one.status) == ("0.8000", "at_risk")
    assert at(target, november(6, 12)).actual == "3000.00"  # the sixth is not over


def test_a_level_is_what_was_sold_against_last_year_and_the_uplift() -> None:
    target = started(uplift("level"), EVERY_DAY)
    sell(target, posting("1", 8_000_00, november(6, 12)))

    one = reading(target, november(7))

    assert (one.actual, one.expected) == (8_000_00, 10_000_00)
    assert at(target, november(7)).goal == "40000.00"


@pytest.mark.parametrize("mode", ["gain", "level"])
def test_an_uplift_is_reached_by_the_sale_that_exceeds_all_of_last_year_by_it(mode: str) -> None:
    target = started(uplift(mode), EVERY_DAY)

    assert sell(target, posting("1", 39_999_99, november(3))) == []
    assert sell(target, posting("2", 1, november(2))) == ["TargetAttained"]
    assert sell(target, posting("3", -1, november(2))) == ["AttainmentLost"]
    assert sell(target, posting("4", 1, november(2))) == ["TargetAttained"]
    assert closed(target) == "met"


def test_a_gain_falls_below_zero_while_less_is_sold_than_last_year() -> None:
    target = started(uplift(), EVERY_DAY)

    shown = at(target, november(11), evaluated=2)

    assert (shown.actual, shown.progress, shown.live_status) == ("-10000.00", "-1.0000", "off_track")


def test_an_uplift_in_percent_becomes_an_absolute_one_when_its_comparison_is_frozen() -> None:
    target = started(uplift(goal="+10 %"), EVERY_DAY, goal=3_000_00)

    assert (target.plan.goal, target.plan.percent) == (3_000_00, "+10 %")
    assert at(target, november(7)).goal == "3000.00"


def test_without_sales_last_year_there_is_no_baseline_and_never_zero() -> None:
    target = started(uplift(), frozen())
    sell(target, posting("1", 90_000_00, november(3)))

    one = reading(target, november(7))
    shown = at(target, november(8), evaluated=1)

    assert (one.status, one.pace) == ("no_baseline", None)
    assert (shown.status, shown.live_status, shown.expected, shown.progress) == ("no_baseline",) * 2 + (None, None)
    assert not target.attained
    assert closed(target) == "no_baseline"


def test_a_percentage_of_nothing_has_no_baseline() -> None:
    target = started(uplift(goal="+10 %"), Frozen(1, [5, -5, *[0] * 28], 2), goal=0)

    assert reading(target, november(7)).status == "no_baseline"


def test_a_comparison_with_too_few_days_is_partial_in_every_figure() -> None:
    few = Frozen(1, [1_000_00] * 23 + [0] * 7, 23)
    target = started(uplift(), few)

    assert reading(target, november(14)).partial
    assert at(target, november(14)).partial
    assert not at(started(uplift(), EVERY_DAY), november(14)).partial


def test_while_its_comparison_is_not_frozen_an_uplift_is_not_judged() -> None:
    target = Target.define(UUID(int=1), uplift(goal="+10 %"), **DONE)
    target.activate(1, **DONE)

    shown = figures(target.course, Standing(State.FILLING, 0), november(8))

    assert (shown.live_status, shown.goal) == ("too_early", None)
    assert target.plan.line is None


# Levels that are measured


def churn(**says: Any) -> Plan:
    said: dict[str, Any] = {"kind": "from_to", "baseline": "8.00", "goal": "5.00", "schedule": FRIDAYS}
    return plan(metric=CHURN, **said | says)


def measured(id: str, level: int, at: datetime, **says: Any) -> Posting:
    return Posting("gauge", id, "churn", level, at, {}, level=True, **says)


def test_a_level_that_is_to_fall_is_on_track_when_it_falls_fast_enough() -> None:
    target = started(churn())
    sell(target, measured("1", 7_25, november(5)))

    one = reading(target, november(7))

    assert (one.actual, one.expected, one.variance, one.pace) == (7_25, 7_25, 0, "1.0000")
    sell(target, measured("2", 7_60, november(6)))
    worse = reading(target, november(7))
    assert (worse.actual, worse.variance, worse.pace) == (7_60, -35, "0.5333")
    assert at(target, november(7)).progress == "0.1333"


def test_the_latest_measurement_counts_by_when_it_was_made_not_by_when_it_came() -> None:
    target = started(churn())
    sell(target, measured("late", 6_00, november(9)))
    sell(target, measured("early", 7_50, november(3)))

    assert target.actual(november(20)) == 6_00
    assert reading(target, november(7)).actual == 7_50
    assert [net for _, net in sorted(target.sums.items())] == [-50, -1_50]


def test_of_two_measurements_at_one_instant_the_later_recorded_counts() -> None:
    target = started(churn())
    sell(target, measured("1", 7_50, november(3)), measured("2", 7_40, november(3)))
    assert target.actual(AFTER) == 7_40
    sell(target, measured("3", 7_90, november(3)))
    assert target.actual(AFTER) == 7_90


def test_a_measurement_that_is_taken_back_leaves_the_one_before_it() -> None:
    target = started(churn())
    sell(target, measured("1", 7_00, november(3)), measured("2", 2_00, november(4)))
    sell(target, measured("void", 2_00, november(4), withdraws="2"))

    assert target.actual(AFTER) == 7_00
    assert target.levels == [Level("gauge", "1", 7_00, november(3))]


def test_a_measurement_taken_back_while_the_target_fills_never_counts() -> None:
    target = Target.define(UUID(int=1), churn(), **DONE)
    target.activate(5, **DONE)
    target.record_progress(UUID(int=7), [measured("void", 2_00, november(4), withdraws="old")], **DONE)

    target.fill_levels(0, 5, [measured("old", 2_00, november(4)), measured("older", 7_00, november(3))], **DONE)
    target.finish_fill([], **DONE)

    assert [one.id for one in target.levels] == ["older"]
    assert target.actual(AFTER) == 7_00


def test_what_the_ledger_held_before_comes_before_what_came_while_it_filled() -> None:
    target = Target.define(UUID(int=1), churn(), **DONE)
    target.activate(5, **DONE)
    target.record_progress(UUID(int=7), [measured("new", 6_00, november(3))], **DONE)
    target.fill_levels(0, 5, [measured("old", 7_00, november(3))], **DONE)

    assert target.actual(AFTER) == 6_00


@pytest.mark.parametrize(
    ("level", "outcome"), [(4_99, "exceeded"), (5_00, "met"), (5_01, "missed"), (8_00, "missed"), (9_00, "missed")]
)
def test_a_level_is_reached_at_the_close_and_never_before(level: int, outcome: str) -> None:
    target = started(churn())

    assert sell(target, measured("1", 4_00, november(3)), measured("2", level, november(28))) == []
    assert closed(target) == outcome


def test_a_level_that_rises_to_its_goal() -> None:
    target = started(churn(baseline="40.00", goal="55.00"))
    sell(target, measured("1", 56_00, november(29)))

    assert closed(target) == "exceeded"


def test_a_goal_that_never_moved_still_fails_at_its_end() -> None:
    assert closed(started(churn())) == "missed"
    assert closed(started(plan(schedule=FRIDAYS))) == "missed"
    assert closed(started(uplift(), EVERY_DAY)) == "missed"
    assert closed(started(keep()), Passed(0, 5)) == "missed"
    assert closed(started(conversion())) == "missed"


def test_a_milestone_on_a_falling_level_is_reached_from_above() -> None:
    target = started(churn())
    assert not target.reaches(6_50)
    batch = [measured("1", 6_40, november(5))]
    sell(target, *batch)

    assert target.reaches(6_50)
    assert target.reached_before(6_50, november(7))
    assert not target.reached_before(6_50, november(5))
    assert target.crossed_by(batch, 6_50) == SaleRef("gauge", "1", november(5))


# Levels that are to be kept


def keep(**says: Any) -> Plan:
    said: dict[str, Any] = {"kind": "keep", "goal": None, "bounds_min": "95.00", "bounds_max": "99.00"}
    return plan(metric=CHURN, schedule=FRIDAYS, **said | says)


@pytest.mark.parametrize(
    ("level", "status", "variance"),
    [(95_00, "on_track", 0), (99_00, "on_track", 0), (94_99, "off_track", -1), (100_00, "off_track", -1_00)],
)
def test_a_level_inside_its_bounds_is_on_track_and_outside_off_track(level: int, status: str, variance: int) -> None:
    target = started(keep())
    sell(target, measured("1", level, november(5)))

    one = reading(target, november(7), evaluated=0)

    assert (one.status, one.actual, one.variance, one.pace) == (status, level, variance, None)


def test_before_anything_is_measured_a_level_is_neither_inside_nor_outside() -> None:
    target = started(keep())

    assert reading(target, november(7)).status == "too_early"
    assert at(target, november(7)).actual is None


def test_one_bound_is_enough() -> None:
    target = started(keep(bounds_max=None))
    sell(target, measured("1", 1_000_00, november(5)))

    assert reading(target, november(7)).status == "on_track"


@pytest.mark.parametrize(
    ("share", "inside", "outcome"), [(None, 5, "met"), (None, 4, "missed"), ("0.8", 4, "met"), ("0.81", 4, "missed")]
)
def test_a_level_was_kept_when_it_is_inside_at_the_end_and_was_at_enough_checkpoints(
    share: str | None, inside: int, outcome: str
) -> None:
    target = started(keep(pass_share=share))
    sell(target, measured("1", 97_00, november(5)))

    assert closed(target, Passed(inside, 5)) == outcome


def test_a_level_outside_at_the_end_was_not_kept() -> None:
    target = started(keep(pass_share="0.5"))
    sell(target, measured("1", 97_00, november(5)), measured("2", 90_00, november(29)))

    assert closed(target, Passed(4, 5)) == "missed"


def test_the_progress_of_a_level_to_be_kept_is_how_many_checkpoints_passed() -> None:
    target = started(keep())
    sell(target, measured("1", 97_00, november(5)))

    assert at(target, november(20), evaluated=3, inside=2).progress == "0.6667"


# Ratios


def conversion(**says: Any) -> Plan:
    said: dict[str, Any] = {
        "kind": "ratio",
        "goal": "0.25",
        "numerator": Measure("orders", {}, "orders"),
        "denominator": Measure("visits", {"channel": ["web"]}, "visits"),
    }
    return plan(metric=None, schedule=FRIDAYS, **said | says)


def test_a_ratio_is_the_sum_of_one_by_the_sum_of_the_other_and_no_average_of_shares() -> None:
    target = started(conversion())
    sell(target, posting("1", 1, november(2)), posting("2", 2, november(2), under=True))
    sell(target, posting("3", 1, november(3)), posting("4", 8, november(3), under=True))

    one = reading(target, november(7), evaluated=0)

    assert one.actual == 200_000  # 2 of 10, where the average of 1/2 and 1/8 is 0.3125
    assert (one.expected, one.status, one.pace) == (250_000, "at_risk", "0.8000")
    assert at(target, november(7)).actual == "0.200000"


def test_a_ratio_expects_its_goal_at_every_checkpoint() -> None:
    target = started(conversion())

    assert [target.course.expected(cutoff) for cutoff in target.plan.cutoffs] == [250_000] * 5
    assert target.course.expected(november(1)) == 250_000


def test_without_a_denominator_there_is_no_ratio() -> None:
    target = started(conversion())
    sell(target, posting("1", 1, november(2)))

    assert reading(target, november(7)).status == "too_early"
    assert at(target, november(7)).actual is None


def test_a_ratio_of_money_by_a_count_is_in_the_units_of_money() -> None:
    basket = conversion(
        goal="45.00", numerator=Measure("revenue", {}, "USD"), denominator=Measure("orders", {}, "orders")
    )
    target = started(basket)
    sell(target, posting("1", 91_00, november(2)), posting("2", 2, november(2), under=True))

    assert at(target, november(7)).actual == "45.500000"
    assert closed(target) == "exceeded"


def test_a_ratio_is_judged_exactly_at_the_close() -> None:
    target = started(conversion(goal="0.333333"))
    sell(target, posting("1", 1, november(2)), posting("2", 3, november(2), under=True))

    assert target.actual(AFTER) == Fraction(1_000_000, 3)
    assert closed(target) == "exceeded"


# Thresholds, data, pace of last year


def test_the_lines_between_the_classes_may_be_the_targets_own() -> None:
    strict = started(plan(schedule=FRIDAYS, thresholds={"on_track": "1", "ahead": "1.2"}))
    sell(strict, posting("1", 48_990_00, november(2)))

    assert reading(strict, november(14), "at_risk").status == "at_risk"
    assert reading(started_with(48_990_00), november(14), "at_risk").status == "on_track"


def started_with(total: int) -> Target:
    target = started(plan(schedule=FRIDAYS))
    sell(target, posting("1", total, november(2)))
    return target


def test_last_years_profile_is_followed_as_it_was() -> None:
    target = started(plan(pacing=Pacing("last_year"), schedule=FRIDAYS), frozen(0, 0, 0, 30, -50, 10, 30, first=30))

    # 30, 0, 0, 0, 30, 0 (for -50), 10, 30: of 100, 60 were there after the sixth day.
    assert target.course.expected(november(7)) == 60_000_00
    assert target.course.expected(november(9)) == 100_000_00


def test_without_a_profile_last_year_a_pace_has_no_baseline_but_the_goal_is_reached_all_the_same() -> None:
    target = started(plan(pacing=Pacing("last_year"), schedule=FRIDAYS), frozen())

    assert reading(target, november(7)).status == "no_baseline"
    assert sell(target, posting("1", 100_000_00, november(2))) == ["TargetAttained"]
    assert closed(target) == "met"


def test_a_target_whose_data_is_too_old_is_stale() -> None:
    of = plan(schedule=FRIDAYS, expect_data_every=24)
    target = started(of)
    standing = {"evaluated": 1, "activated_at": november(2), "progressed_at": november(8, 12)}

    assert at(target, november(9, 12), **standing).live_status == "off_track"
    assert at(target, november(9, 13), **standing).live_status == "stale"


def test_a_filled_stretch_of_levels_names_its_part_of_the_ledger() -> None:
    target = Target.define(UUID(int=1), churn(), **DONE)
    target.activate(5, **DONE)
    target.collect_events()

    target.fill_levels(0, 5, [measured("1", 7_00, november(3))], **DONE)

    (fact,) = target.collect_events()
    assert isinstance(fact, Target.ProgressRecorded)
    assert fact.entry == LedgerRef(after=0, upto=5)
    assert fact.measured is not None
    assert fact.measured.added == [Level("gauge", "1", 7_00, november(3), filled=True)]


def test_listed_points_of_an_uplift_are_laid_out_once_its_comparison_is_known() -> None:
    points = [(date(2026, 11, 10), "20000.00"), (date(2026, 11, 20), "99999.00")]
    of = uplift("level", pacing=Pacing("explicit", points=points))
    waiting = Target.define(UUID(int=1), of, **DONE)
    target = started(of, EVERY_DAY)

    assert waiting.course.weight(november(11)) == Fraction(1, 3)  # straight, until then
    assert target.course.expected(november(11)) == 20_000_00
    assert target.course.expected(november(21)) == 40_000_00  # a point beyond the goal is the goal
    with pytest.raises(Refused) as refused:
        uplift("level", pacing=Pacing("explicit", points=[*points, (date(2026, 11, 25), "1.00")]))
    assert refused.value.code == "bad_points"


def test_a_ratio_needs_nothing_a_day() -> None:
    target = started(conversion())
    sell(target, posting("1", 1, november(2)), posting("2", 8, november(2), under=True))

    shown = at(target, november(7))

    assert (shown.required_rate["amount"], shown.current_rate["amount"], shown.catch_up_factor) == (None, None, None)


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ({"goal": "+10 %"}, "a percentage is the goal of an uplift alone: say an amount, or uplift"),
        (
            {"kind": "uplift", "comparison": LAST_YEAR, "goal": "10 percent"},
            '"10 percent" is no decimal number such as "19.99"; a percentage is said as "+10 %"',
        ),
    ],
)
def test_a_percentage_in_the_wrong_place_is_told_where_it_belongs(said: dict[str, Any], detail: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(**said)

    assert (refused.value.code, refused.value.detail) == ("amount_not_decimal", detail)
