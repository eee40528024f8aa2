"""Due rules: the day and the instant that a milestone is due at, and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.calendar import Calendar
from domain.course import Course
from domain.definition import Measure, Pacing
from domain.milestones.due_rule import Due, DueRule, due_of, due_rule_of
from domain.pace import Weighting
from domain.plan import Plan, Rebased
from domain.refusal import Refused
from tests.words import plan

FRIDAYS: dict[str, Any] = {"schedule": "FREQ=WEEKLY;BYDAY=FR", "time_zone": "America/New_York"}
AT_NOON: dict[str, Any] = {"schedule": ["2026-11-10T12:00:00-05:00"], "time_zone": "America/New_York"}


def due(over: Plan, rule: str, **said: Any) -> Due:
    return due_of(due_rule_of(rule, **said), Course([over]))


@pytest.mark.parametrize(
    ("rule", "said", "day", "at"),
    [
        ("start", {}, date(2026, 11, 1), "2026-11-02T05:00:00Z"),
        ("start", {"offset_days": 6}, date(2026, 11, 7), "2026-11-08T05:00:00Z"),
        ("end", {}, date(2026, 11, 30), "2026-12-01T05:00:00Z"),
        ("end", {"offset_days": -29}, date(2026, 11, 1), "2026-11-02T05:00:00Z"),
        ("checkpoint", {"number": 2}, date(2026, 11, 13), "2026-11-14T05:00:00Z"),
        ("checkpoint", {"number": 2, "offset_days": 0}, date(2026, 11, 13), "2026-11-14T05:00:00Z"),
        ("checkpoint", {"number": 2, "offset_days": -1}, date(2026, 11, 12), "2026-11-13T05:00:00Z"),
        ("checkpoint", {"number": 5}, date(2026, 11, 30), "2026-12-01T05:00:00Z"),
        ("fraction", {"of": "0.5"}, date(2026, 11, 13), "2026-11-14T05:00:00Z"),
        ("fraction", {"of": "0.500001"}, date(2026, 11, 14), "2026-11-15T05:00:00Z"),
        ("fraction", {"of": "1"}, date(2026, 11, 27), "2026-11-28T05:00:00Z"),
        ("date", {"day": date(2026, 11, 20)}, date(2026, 11, 20), "2026-11-21T05:00:00Z"),
    ],
)
def test_a_milestone_is_due_by_its_rule_at_the_end_of_its_local_day(
    rule: str, said: dict[str, Any], day: date, at: str
) -> None:
    assert due(plan(**FRIDAYS), rule, **said) == Due(day, datetime.fromisoformat(at))


def test_a_checkpoint_with_a_cut_off_at_noon_is_due_at_noon_and_a_day_later_at_its_end() -> None:
    noon = plan(**AT_NOON)

    assert due(noon, "checkpoint", number=1) == Due(date(2026, 11, 10), datetime(2026, 11, 10, 17, tzinfo=UTC))
    assert due(noon, "checkpoint", number=1, offset_days=1) == Due(
        date(2026, 11, 11), datetime(2026, 11, 12, 5, tzinfo=UTC)
    )


def test_a_day_of_25_hours_is_due_at_its_own_end() -> None:
    autumn = plan(time_zone="America/New_York")

    assert due(autumn, "start").at - autumn.begins == timedelta(hours=25)


@pytest.mark.parametrize(
    ("rule", "said", "code", "field"),
    [
        ("someday", {}, "bad_due_rule", "/due/rule"),
        ("checkpoint", {}, "bad_due_rule", "/due/number"),
        ("checkpoint", {"number": 0}, "unknown_checkpoint", "/due/number"),
        ("checkpoint", {"number": 6}, "unknown_checkpoint", "/due/number"),
        ("checkpoint", {"number": 5, "offset_days": 1}, "due_outside_period", "/due/offset_days"),
        ("start", {"offset_days": -1}, "due_outside_period", "/due/offset_days"),
        ("end", {"offset_days": 1}, "due_outside_period", "/due/offset_days"),
        ("end", {"offset_days": -(10**30)}, "due_outside_period", "/due/offset_days"),
        ("end", {"number": 1}, "bad_due_rule", "/due/number"),
        ("date", {}, "bad_due_rule", "/due/date"),
        ("date", {"day": date(2026, 12, 1)}, "due_outside_period", "/due/date"),
        ("date", {"day": date(2026, 10, 31)}, "due_outside_period", "/due/date"),
        ("start", {"day": date(2026, 11, 2)}, "bad_due_rule", "/due/date"),
        ("fraction", {}, "bad_due_rule", "/due/of"),
        ("fraction", {"of": "0"}, "bad_due_rule", "/due/of"),
        ("fraction", {"of": "0.000"}, "bad_due_rule", "/due/of"),
        ("fraction", {"of": "1.1"}, "bad_due_rule", "/due/of"),
        ("fraction", {"of": "5e-1"}, "bad_due_rule", "/due/of"),
        ("fraction", {"of": "0.1234567"}, "bad_due_rule", "/due/of"),
    ],
)
def test_a_rule_that_says_no_day_of_the_period_is_refused_with_its_field(
    rule: str, said: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        due(plan(**FRIDAYS), rule, **said)

    assert (refused.value.code, refused.value.field) == (code, field)


PLANS = st.sampled_from(
    [plan(), plan(**FRIDAYS), plan(**FRIDAYS, pacing="linear"), plan(**AT_NOON), plan(schedule="FREQ=DAILY")]
)


@given(PLANS, st.sampled_from(["start", "end"]), st.integers(-40, 40))
def test_an_offset_moves_the_due_day_by_as_many_days_or_is_refused(over: Plan, rule: str, offset: int) -> None:
    day = (over.start if rule == "start" else over.end) + timedelta(days=offset)

    if over.start <= day <= over.end:
        assert due(over, rule, offset_days=offset) == due(over, "date", day=day)
    else:
        with pytest.raises(Refused):
            due(over, rule, offset_days=offset)


@given(PLANS, st.fractions(0, 1, max_denominator=1_000).map(lambda share: f"{float(share):.6f}"))
def test_a_share_of_the_pace_is_due_at_the_first_instant_that_expects_it(over: Plan, share: str) -> None:
    assume(Fraction(share) > 0)

    found, curve = due(over, "fraction", of=share), over.curve()

    assert curve.weight(found.at) >= Fraction(share)
    assert curve.weight(found.at - timedelta(microseconds=1)) < Fraction(share)
    assert over.begins < found.at <= over.ends
    assert found.day == over.day_of(found.at - timedelta(microseconds=1))


@given(PLANS, st.integers(1, 30))
def test_every_due_instant_begins_a_slot_or_ends_the_period(over: Plan, number: int) -> None:
    assume(number <= len(over.checkpoints))

    found = due(over, "checkpoint", number=number)

    assert found.at in {*over.slot_starts(), over.ends}


CLOSED_SUNDAYS = Calendar(["SU"], days={date(2026, 11, 11): "closed", date(2026, 11, 12): "half"})


@pytest.mark.parametrize(
    ("rule", "said", "day"),
    [
        ("start", {"offset_open_days": 1}, 2),
        ("start", {"offset_open_days": 7}, 9),
        ("start", {"offset_open_days": 9}, 12),
        ("end", {"offset_open_days": -1}, 28),
        ("end", {"offset_open_days": -23}, 2),
        ("checkpoint", {"number": 2, "offset_open_days": -1}, 12),
        ("checkpoint", {"number": 2, "offset_open_days": -2}, 10),
        ("checkpoint", {"number": 2, "offset_open_days": 2}, 16),
    ],
)
def test_an_offset_in_open_days_counts_days_that_are_open_by_half_at_least(
    rule: str, said: dict[str, Any], day: int
) -> None:
    over = plan(**FRIDAYS, calendar=CLOSED_SUNDAYS)

    assert due(over, rule, **said) == due(over, "date", day=date(2026, 11, day))


@pytest.mark.parametrize(
    ("rule", "said"),
    [("end", {"offset_open_days": -60}), ("start", {"offset_open_days": 25}), ("end", {"offset_open_days": 1})],
)
def test_an_offset_in_open_days_beyond_the_period_is_refused(rule: str, said: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        due(plan(**FRIDAYS, calendar=CLOSED_SUNDAYS), rule, **said)

    assert (refused.value.code, refused.value.field) == ("due_outside_period", "/due/offset_open_days")


def test_an_offset_is_in_calendar_days_or_in_open_days() -> None:
    with pytest.raises(Refused) as refused:
        due_rule_of("end", offset_days=-1, offset_open_days=-1)

    assert (refused.value.code, refused.value.field) == ("bad_due_rule", "/due/offset_days")


POINTS = [(date(2026, 11, 10), "90000.00"), (date(2026, 11, 30), "100000.00")]
PACED: dict[str, Plan] = {
    "equal_steps": plan(**FRIDAYS),
    "linear": plan(pacing="linear"),
    "business_days": plan(pacing="business_days", calendar=CLOSED_SUNDAYS),
    "weighted": plan(pacing=Pacing("weighted", weighting=Weighting("weekday", {"MO": "1", "FR": "3"}))),
    "explicit": plan(pacing=Pacing("explicit", points=POINTS)),
    "a falling level": plan(kind="from_to", baseline="9000.00", goal="1000.00", pacing="linear"),
    "a level to keep": plan(kind="keep", goal=None, bounds_min="1.00", **FRIDAYS),
}


@pytest.mark.parametrize("name", PACED)
@pytest.mark.parametrize("share", ["0.01", "0.5", "0.9", "1"])
def test_a_share_of_any_pace_is_due_where_the_pace_reaches_it(name: str, share: str) -> None:
    over = PACED[name]
    found, course = due(over, "fraction", of=share), Course([over])

    assert course.weight(found.at) >= Fraction(share) > course.weight(found.at - timedelta(microseconds=1))
    assert found.day == over.day_of(found.at - timedelta(microseconds=1))


def test_a_ratio_is_expected_whole_all_the_time_so_that_a_share_of_its_pace_says_no_day() -> None:
    part = Measure("revenue", {}, "USD")
    share = plan(metric=None, kind="ratio", goal="0.5", numerator=part, denominator=part)

    with pytest.raises(Refused) as refused:
        due(share, "fraction", of="0.5")

    assert (refused.value.code, refused.value.field) == ("bad_due_rule", "/due/rule")


def revised(goal: str, base: str, at: datetime) -> Course:
    first = plan(**FRIDAYS, goal="100000.00")
    return Course([first, replace(plan(**FRIDAYS, goal=goal), rebased=Rebased(at, base))])


@pytest.mark.parametrize(
    ("goal", "base", "share", "day"),
    [
        ("120000.00", "5000000", "0.5", 15),  # 60,000: 50,000 after the 13th, and 5,000 more every day
        ("120000.00", "5000000", "0.25", 8),  # 30,000: before the revision
        ("120000.00", "5000000", "1", 27),
        ("120000.00", "4000000", "0.5", 17),  # replanned: 40,000, and 40,000 more in 7 days
        ("60000.00", "5000000", "0.75", 12),  # 45,000 was expected before the goal was lowered
    ],
)
def test_after_a_revision_a_share_is_of_the_goal_that_there_is_now(goal: str, base: str, share: str, day: int) -> None:
    friday = plan(**FRIDAYS).checkpoints[1].cutoff
    course = revised(goal, base, friday)

    found = due_of(due_rule_of("fraction", of=share), course)

    assert found == due_of(due_rule_of("date", day=date(2026, 11, day)), course)


def test_a_share_that_a_revision_reaches_within_a_day_is_due_at_the_end_of_that_day() -> None:
    noon = datetime(2026, 11, 10, 17, tzinfo=UTC)
    course = revised("40000.00", "4000000", noon)

    found = due_of(due_rule_of("fraction", of="1"), course)

    assert found == Due(date(2026, 11, 10), datetime(2026, 11, 11, 5, tzinfo=UTC))
    assert found.at in course.plan.slot_starts()


def test_a_rule_keeps_what_it_was_told() -> None:
    assert due_rule_of("checkpoint", number=2, offset_days=-1) == DueRule("checkpoint", number=2, offset_days=-1)
