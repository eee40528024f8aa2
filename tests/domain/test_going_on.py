"""What a revision goes on from, for every kind of target, and what stays as it was said; on a log in memory."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from domain.calendar import Calendar
from domain.checkpoint import Checkpoint
from domain.definition import Measure, Pacing, Versus
from domain.figures import Figures, figures
from domain.intake import Intake
from domain.refusal import Refused
from domain.revising import Wish, revise_target
from domain.revision import PROSPECTIVE, REPLAN, RETROACTIVE
from domain.target import State, Target
from projections.status import Status, evolve
from tests.domain.test_revising import ANA, FRIDAYS, Month, november
from tests.memory import memory_app
from tests.words import plan, resolving

LAST_YEAR = Versus(date(2025, 11, 1), date(2025, 11, 30))


class Year(Month):
    """A November, as `Month`, of a company that has sold before."""

    def __init__(self, sold: dict[date, str] | None = None, *, activated: datetime | None = None, **said: Any) -> None:
        self.app = memory_app()
        self.now = activated or november(1, 9)
        self.intake = Intake(self.app, uuid4)
        self.target_id = uuid4()
        self._sales = count(1)
        for day, amount in (sold or {}).items():
            self.sell(amount, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        of = plan(**{"schedule": FRIDAYS} | said)
        self.app.define_target(self.target_id, of, activate=True, by=ANA, at=self.now)

    def becomes(self, mode: str) -> Target:
        """An uplift is read the other way from now on."""
        wish = Wish({"mode": mode}, "It is easier to read")
        return revise_target(self.app, self.target_id, wish, resolving(), by=ANA, at=self.now)[0]

    def figures(self) -> Figures:
        row: Status | None = None
        for fact in self.facts(Target.Event, Checkpoint.Event):
            row = evolve(row, fact)
        assert row is not None
        return figures(self.target.course, row.standing, self.now)


def gained(goal: str = "50000.00", **said: Any) -> Year:
    """An uplift over a last November of 30,000 on the 2nd and 30,000 on the 22nd."""
    sold = {date(2025, 11, 2): "30000.00", date(2025, 11, 22): "30000.00"}
    year = Year(sold, kind="uplift", goal=goal, comparison=LAST_YEAR, **said)
    year.fill()
    return year


def half_way(**said: Any) -> Month:
    """After checkpoint 2 of 4: 40,000 were sold, of 50,000 that are expected."""
    month = Month(**said)
    month.sell("40000.00", november(3))
    month.until(november(14, 1))
    return month


def expected(target: Target, *days: int) -> list[int]:
    return [round(target.course.expected(november(day))) for day in days]


# From the actual


def test_a_replan_goes_on_from_the_actual_of_its_effective_moment_whatever_was_sold_since() -> None:
    month = half_way()
    month.sell("30000.00", november(17))
    month.now = november(18)

    target = month.revise(REPLAN, november(14), goal="120000.00")

    assert expected(target, 14, 21, 28) == [40_000_00, 80_000_00, 120_000_00]


def test_a_replan_of_a_level_goes_on_from_what_was_measured_also_where_its_baseline_changes() -> None:
    year = Year(kind="from_to", baseline="8.00", goal="5.00")
    year.fill()
    year.sell("7.00", november(3), kind="measurement")
    year.until(november(14, 1))

    assert expected(year.revise(REPLAN, baseline="9.00", goal="4.00"), 15) == [round(7_00 - 3_00 / 14)]


def test_a_target_that_still_counts_has_no_actual_to_replan_from() -> None:
    month = half_way()
    month.revise(end=date(2026, 12, 5))
    assert month.target.state is State.FILLING

    with pytest.raises(Refused) as refused:
        month.revise(REPLAN, goal="120000.00")

    assert (refused.value.code, refused.value.field) == ("still_filling", "/mode")
    month.fill()
    assert round(month.revise(REPLAN, goal="120000.00").course.expected(november(14, 2))) == 40_000_00


@pytest.mark.parametrize(
    "changes", [{"scope": {"region": ["emea"]}}, {"start": date(2026, 11, 2)}, {"refunds": "clawback"}]
)
def test_a_replan_that_counts_other_sales_is_refused_as_its_actual_is_not_known(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        half_way().revise(REPLAN, **changes)

    assert (refused.value.code, refused.value.field) == ("actual_unknown", "/mode")


def test_going_on_from_behind_the_baseline_no_share_tells_good_from_bad() -> None:
    """To be further behind last year than the plan goes on from is not to be ahead of it."""
    year = gained()
    year.sell("20000.00", november(1, 10))
    year.until(november(7, 1))
    year.sell("90000.00", november(8), kind="refund")
    year.now = november(10)
    target = year.revise(REPLAN, goal="60000.00")
    assert expected(target, 10) == [-100_000_00]
    year.sell("50000.00", november(11), kind="refund")

    year.until(november(14, 1))

    evaluated = year.facts(Checkpoint.CheckpointEvaluated)[-1]
    assert evaluated.actual < evaluated.expected < 0
    assert (evaluated.pace, evaluated.status, evaluated.announced) == (None, "too_early", False)
    assert (year.figures().live_status, year.figures().pace_index) == ("too_early", None)


# From the pace


def test_a_level_that_becomes_a_gain_goes_on_from_the_same_sales() -> None:
    """Half-way a gain of 25,000 was expected: with last year's 30,000 that is a level of 55,000."""
    year = gained()
    year.until(november(14, 1))
    assert expected(year.target, 14) == [25_000_00]

    for mode, by_now, at_last in (("level", 55_000_00, 110_000_00), ("gain", 25_000_00, 50_000_00)):
        course = year.becomes(mode).course
        assert [round(course.expected(at)) for at in (november(14, 2), november(28))] == [by_now, at_last]


def test_an_evaluated_gain_stays_one_when_a_late_sale_comes_after_it_has_become_a_level() -> None:
    year = gained()
    year.sell("60000.00", november(3))
    year.until(november(7, 1))
    year.becomes("level")
    year.sell("1000.00", november(4))
    year.until(november(7, 3))

    (restated,) = year.facts(Checkpoint.CheckpointRestated)
    assert (restated.old.actual, restated.new.actual, restated.new.expected) == (30_000_00, 31_000_00, 12_500_00)
    assert year.figures().original_progress == "0.6200"


def test_a_level_whose_comparison_is_frozen_anew_goes_on_from_what_was_expected() -> None:
    year = gained("10000.00", mode="level")
    year.until(november(14, 1))
    assert expected(year.target, 7, 14) == [17_500_00, 35_000_00]
    year.sell("8000.00", datetime(2025, 11, 3, tzinfo=UTC))

    year.revise(freeze_anew=True)
    year.fill()

    assert expected(year.target, 7, 14, 28) == [17_500_00, 35_000_00, 78_000_00]


def test_a_plan_revised_before_its_comparison_was_known_is_read_by_the_one_that_is() -> None:
    year = Year(
        {date(2025, 11, 2): "30000.00"}, activated=november(10), kind="uplift", goal="+10 %", comparison=LAST_YEAR
    )
    year.now = november(15)
    year.revise(goal="+20 %")
    year.fill()

    year.until(november(15, 1))

    assert [one.expected for one in year.facts(Checkpoint.CheckpointEvaluated)] == [1_500_00, 3_000_00]


def test_another_calendar_leaves_the_frozen_comparison_as_it_was_read() -> None:
    sold = {date(2025, 11, day): "100.00" for day in range(1, 31)}
    year = Year(sold, goal="1000.00", pacing=Pacing("last_year"))
    year.fill()
    year.sell("500.00", datetime(2025, 11, 3, tzinfo=UTC))

    target = year.revise(calendar=Calendar())

    assert target.state is State.ACTIVE
    frozen = target.plan.frozen
    assert frozen is not None
    assert (frozen.total, frozen.days_with_sales, frozen.halves_with_sales) == (3_000_00, 30, 40)


def test_lines_that_move_at_a_moment_to_come_hold_from_then_on() -> None:
    month = half_way()
    lines = {"on_track": "0.5", "at_risk": "0.3"}

    month.revise(PROSPECTIVE, november(25), thresholds=lines)
    month.until(november(28, 1))

    assert expected(month.target, 14, 21, 28) == [50_000_00, 75_000_00, 100_000_00]
    assert [one.status for one in month.facts(Checkpoint.CheckpointEvaluated)] == [
        "ahead",
        "at_risk",
        "off_track",  # 0.53, by the lines of before
        "at_risk",  # 0.40
    ]


def test_a_ratio_is_not_revised_for_a_moment_to_come() -> None:
    of = Measure("revenue", {"region": ["emea"]}, "USD")
    year = Year(metric=None, kind="ratio", goal="0.5", numerator=of, denominator=Measure("revenue", {}, "USD"))
    year.fill()

    with pytest.raises(Refused) as refused:
        year.revise(PROSPECTIVE, november(20), goal="0.6")

    assert (refused.value.code, refused.value.field) == ("bad_effective_at", "/effective_at")
    assert year.revise(goal="0.6").plan.goal == 600_000


def test_two_revisions_at_one_instant_go_on_one_from_the_other_and_a_retroactive_one_from_none() -> None:
    month = half_way()
    month.revise(REPLAN, november(14), goal="120000.00")

    second = month.revise(PROSPECTIVE, november(14), goal="140000.00")
    assert expected(second, 7, 14, 21, 28) == [25_000_00, 40_000_00, 90_000_00, 140_000_00]

    third = month.revise(RETROACTIVE, november(1), goal="200000.00")
    assert expected(third, 7, 14, 21, 28) == [50_000_00, 100_000_00, 150_000_00, 200_000_00]


@pytest.mark.parametrize("mode", [PROSPECTIVE, REPLAN, RETROACTIVE])
def test_before_the_start_a_revision_leaves_no_trace_in_the_pace(mode: str) -> None:
    year = Year(activated=datetime(2026, 10, 20, tzinfo=UTC))
    year.fill()

    target = year.revise(mode, goal="120000.00")

    assert (expected(target, 7, 28), target.plan.rebased) == ([30_000_00, 120_000_00], None)


def test_after_the_last_step_a_new_goal_is_expected_at_the_close_alone() -> None:
    month = half_way()
    month.until(november(28, 1))

    month.revise(goal="120000.00")
    month.until(november(30) + timedelta(days=1, hours=1))

    closing = month.facts(Checkpoint.CheckpointEvaluated)[-1]
    assert expected(month.target, 30) == [100_000_00]
    assert (closing.expected, closing.step_expected, closing.revision) == (120_000_00, 20_000_00, 2)


def test_a_step_after_a_revision_is_the_difference_of_what_was_shown_before_and_after() -> None:
    month = half_way()
    month.revise(PROSPECTIVE, november(14), goal="120000.00")
    month.sell("20000.00", november(17))

    month.until(november(21, 1))

    third = month.facts(Checkpoint.CheckpointEvaluated)[-1]
    assert (third.actual, third.expected, third.step_actual, third.step_expected) == (
        60_000_00,
        85_000_00,
        20_000_00,
        35_000_00,
    )


# What follows for the status and the attainment


def test_a_revision_of_a_target_without_fresh_data_leaves_it_stale() -> None:
    month = half_way(expect_data_every=24)
    month.now = november(16)

    month.revise(goal="120000.00")

    assert month.facts(Target.TargetRevised)[0].status == "stale"


def test_a_goal_lowered_under_the_actual_is_attained_by_revision_also_where_the_dates_move() -> None:
    month = half_way()

    month.revise(goal="40000.00", end=date(2026, 12, 5))
    month.fill()

    assert (month.target.attained, month.target.by_revision) == (True, True)
    assert month.facts(Target.TargetAttained) == []


def test_what_the_new_dates_leave_out_does_not_attain_a_lower_goal() -> None:
    month = Month()
    month.sell("40000.00", november(3))
    month.until(november(5))

    month.revise(goal="40000.00", start=date(2026, 11, 4))
    month.fill()

    assert (month.target.total, month.target.attained) == (0, False)
    assert month.facts(Target.TargetAttained, Target.AttainmentLost) == []


# What was said


def test_evaluated_checkpoints_that_count_other_sales_since_a_revision_are_restated_and_nobody_hears() -> None:
    month = Month()
    month.sell("40000.00", november(3), dimensions={"region": "emea"})
    month.sell("20000.00", november(4), dimensions={"region": "us"})
    month.until(november(7, 1))

    month.revise(scope={"region": ["us"]})
    month.fill()
    month.until(november(7, 2))

    (restated,) = month.facts(Checkpoint.CheckpointRestated)
    assert (restated.old.status, restated.new.status) == ("ahead", "at_risk")
    assert (restated.announced, month.checkpoint(1).revision) == (False, 1)


def test_a_late_sale_after_a_target_was_filled_again_is_heard_of() -> None:
    month = half_way()
    month.revise(end=date(2026, 12, 5))
    month.fill()
    month.until(november(14, 2))
    assert month.facts(Checkpoint.CheckpointRestated) == []

    month.sell("8000.00", november(4))
    month.until(november(14, 3))

    assert [(one.number, one.announced) for one in month.facts(Checkpoint.CheckpointRestated)] == [(1, True), (2, True)]


def test_of_a_level_to_be_kept_people_hear_again_only_when_its_class_changes() -> None:
    year = Year(kind="keep", goal=None, bounds_min="5.00", bounds_max="8.00")
    year.fill()
    year.sell("6.00", november(3), kind="measurement")
    year.until(november(7, 1))

    year.sell("6.50", november(4), kind="measurement")
    year.until(november(7, 2))
    year.sell("9.00", november(5), kind="measurement")
    year.until(november(7, 3))

    restated = year.facts(Checkpoint.CheckpointRestated)
    assert [(one.new.actual, one.new.status, one.announced) for one in restated] == [
        (6_50, "on_track", False),
        (9_00, "off_track", True),
    ]


def test_what_comes_after_the_seal_of_a_ratio_is_by_how_much_it_reads_otherwise() -> None:
    of = Measure("revenue", {"region": ["emea"]}, "USD")
    year = Year(metric=None, kind="ratio", goal="0.5", numerator=of, denominator=Measure("revenue", {}, "USD"))
    year.fill()
    year.sell("50.00", november(3), dimensions={"region": "emea"})
    year.sell("50.00", november(3))
    year.until(november(30) + timedelta(days=1, hours=1))
    year.until(november(30) + timedelta(days=40))
    assert (year.target.state, year.figures().adjustment) == (State.SEALED, None)

    year.sell("25.00", november(5))

    assert (year.figures().actual, year.figures().adjustment) == ("0.400000", "-0.100000")
    assert year.target.outcome == "met"
