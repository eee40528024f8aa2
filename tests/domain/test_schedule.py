"""Schedules: which checkpoints a rule or a list makes of a period, and what is refused."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.period import Period
from domain.refusal import Refused
from domain.schedule import PlannedCheckpoint, parse_schedule

ZONE = "America/New_York"


def period(start: str, end: str, zone: str = ZONE) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end), zone)


NOVEMBER = period("2026-11-01", "2026-11-30")
MAY = period("2026-05-01", "2026-05-31")


def days(spec: Any, over: Period, pacing: str = "equal_steps") -> str:
    """The checkpoints' days as "11-06 11-13 ...", the closing one in brackets where it is not of the schedule."""
    schedule = parse_schedule(spec, over)
    shown = [f"{checkpoint.day:%m-%d}" for checkpoint in schedule.checkpoints(over, pacing) if not checkpoint.closing]
    own = schedule.ends_with_checkpoint(over.midnights())
    return " ".join([*shown, f"{over.end:%m-%d}" if own else f"({over.end:%m-%d})"])


def test_checkpoints_are_numbered_and_the_last_one_closes() -> None:
    over = period("2026-11-01", "2026-11-08")

    checkpoints = parse_schedule("FREQ=WEEKLY;BYDAY=FR", over).checkpoints(over)

    assert checkpoints == (
        PlannedCheckpoint(1, date(2026, 11, 6), datetime(2026, 11, 7, 5, tzinfo=UTC), closing=False),
        PlannedCheckpoint(2, date(2026, 11, 8), datetime(2026, 11, 9, 5, tzinfo=UTC), closing=True),
    )


@pytest.mark.parametrize(
    ("rule", "over", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=FR", NOVEMBER, "11-06 11-13 11-20 11-27 (11-30)"),
        ("RRULE:freq=weekly;byday=fr", NOVEMBER, "11-06 11-13 11-20 11-27 (11-30)"),
        # Weeks from Monday, counted from the start's own: Sunday the 1st is alone in its week.
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", NOVEMBER, "11-13 11-27 (11-30)"),
        ("FREQ=WEEKLY;BYDAY=MO", NOVEMBER, "11-09 11-16 11-23 11-30"),
        # Without BYDAY, the weekday of the start; its own week would be one day long.
        ("FREQ=WEEKLY", NOVEMBER, "11-08 11-15 11-22 11-29 (11-30)"),
        ("FREQ=WEEKLY;BYDAY=TU,FR", MAY, "05-01 05-05 05-08 05-12 05-15 05-19 05-22 05-26 05-29 (05-31)"),
        ("FREQ=WEEKLY;INTERVAL=5", NOVEMBER, "(11-30)"),
        ("FREQ=DAILY;INTERVAL=10", NOVEMBER, "11-01 11-11 11-21 (11-30)"),
        ("FREQ=DAILY;BYDAY=SA,SU", NOVEMBER, "11-01 11-07 11-08 11-14 11-15 11-21 11-22 11-28 11-29 (11-30)"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", period("2026-01-01", "2026-03-31"), "01-15 02-15 03-15 (03-31)"),
        ("FREQ=MONTHLY;BYMONTHDAY=14", period("2026-01-01", "2026-03-31"), "02-14 03-14 (03-31)"),
        ("FREQ=MONTHLY", period("2026-01-10", "2026-04-09"), "02-10 03-10 (04-09)"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", period("2028-01-01", "2028-03-31"), "01-30 02-28 03-30 (03-31)"),
        ("FREQ=MONTHLY;BYMONTHDAY=28,-1", period("2026-02-01", "2026-03-31"), "02-28 03-28 03-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", period("2026-02-01", "2026-03-31"), "02-01 02-15 03-01 03-15 (03-31)"),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1",
            period("2026-03-01", "2027-02-28"),
            "03-31 06-30 09-30 12-31 (02-28)",
        ),
        ("FREQ=WEEKLY;BYDAY=FR", period("2026-11-27", "2026-11-27"), "11-27"),
        ("FREQ=WEEKLY;BYDAY=FR", period("2026-11-28", "2026-11-30"), "(11-30)"),
    ],
)
def test_a_rule_says_the_days_of_its_checkpoints(rule: str, over: Period, expected: str) -> None:
    assert days(rule, over) == expected


def test_only_equal_steps_leave_out_the_checkpoint_of_a_stub() -> None:
    assert days("FREQ=WEEKLY;BYDAY=FR", MAY) == "05-08 05-15 05-22 05-29 (05-31)"
    assert days("FREQ=WEEKLY;BYDAY=FR", MAY, "linear") == "05-01 05-08 05-15 05-22 05-29 (05-31)"


@pytest.mark.parametrize(
    ("start", "first"),
    [("2026-12-01", date(2026, 12, 4)), ("2026-12-02", date(2026, 12, 11)), ("2026-12-04", date(2026, 12, 11))],
)
def test_a_first_week_of_under_four_days_is_a_stub(start: str, first: date) -> None:
    over = period(start, "2026-12-31")

    assert parse_schedule("FREQ=WEEKLY;BYDAY=FR", over).checkpoints(over)[0].day == first


@pytest.mark.parametrize(
    ("start", "end", "rule", "whole"),
    [
        ("2026-11-01", "2026-11-30", "FREQ=WEEKLY;BYDAY=FR", 4),
        ("2026-11-01", "2026-11-28", "FREQ=WEEKLY;BYDAY=FR", 4),
        ("2026-11-01", "2026-11-27", "FREQ=WEEKLY;BYDAY=FR", 3),
        ("2026-11-01", "2026-11-30", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", 2),
        ("2026-01-15", "2026-04-14", "FREQ=MONTHLY", 3),
        ("2026-01-15", "2026-04-13", "FREQ=MONTHLY", 2),
        ("2026-01-31", "2026-02-27", "FREQ=MONTHLY;BYMONTHDAY=-1", 1),
        ("2026-01-01", "2026-12-31", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1", 4),
        ("2026-01-01", "2026-12-31", "FREQ=MONTHLY;INTERVAL=3700", 0),
        ("2026-11-01", "2026-11-30", "FREQ=WEEKLY;BYDAY=TU,FR", 0),
        ("2026-11-01", "2026-11-30", "FREQ=DAILY", 0),
    ],
)
def test_whole_intervals_are_laid_end_to_end_from_the_start(start: str, end: str, rule: str, whole: int) -> None:
    assert parse_schedule(rule, period(start, end)).whole_intervals == whole


def test_a_rule_may_cut_off_at_a_local_time() -> None:
    checkpoints = parse_schedule("FREQ=WEEKLY;BYDAY=FR;BYHOUR=17;BYMINUTE=30", NOVEMBER).checkpoints(NOVEMBER)

    assert checkpoints[0] == PlannedCheckpoint(
        1, date(2026, 11, 6), datetime(2026, 11, 6, 22, 30, tzinfo=UTC), closing=False
    )


def test_a_cutoff_time_on_the_last_day_comes_before_the_closing_one() -> None:
    over = period("2026-11-23", "2026-11-27")

    checkpoints = parse_schedule("FREQ=DAILY;INTERVAL=4;BYHOUR=12", over).checkpoints(over)

    assert [(checkpoint.day.day, checkpoint.cutoff.hour) for checkpoint in checkpoints] == [
        (23, 17), (27, 17), (27, 5),
    ]  # fmt: skip


def test_a_cutoff_at_midnight_closes_the_day_before() -> None:
    for midnight, day in (("SA", "FR"), ("SU", "SA"), ("TU", "MO")):
        at_midnight = parse_schedule(f"FREQ=WEEKLY;BYDAY={midnight};BYHOUR=0", NOVEMBER)
        end_of_day = parse_schedule(f"FREQ=WEEKLY;BYDAY={day}", NOVEMBER)

        assert at_midnight.checkpoints(NOVEMBER) == end_of_day.checkpoints(NOVEMBER)


def test_a_cutoff_in_a_gap_is_the_first_instant_after_it() -> None:
    over = period("2026-03-01", "2026-03-31")

    checkpoints = parse_schedule("FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=30", over).checkpoints(over, "linear")

    assert checkpoints[1].cutoff == datetime(2026, 3, 8, 7, tzinfo=UTC)


def test_a_skipped_day_shares_the_checkpoint_of_the_day_before() -> None:
    over = period("2011-12-28", "2012-01-01", "Pacific/Apia")

    assert days("FREQ=DAILY", over) == "12-28 12-29 12-31 01-01"


def test_a_list_says_ends_of_days_and_instants_in_any_order() -> None:
    spec = ["2026-11-20", "2026-11-06T17:00:00-05:00", "2026-11-06", "2026-11-13T00:00Z"]

    checkpoints = parse_schedule(spec, NOVEMBER).checkpoints(NOVEMBER)

    assert [(one.number, f"{one.day:%m-%d}", f"{one.cutoff:%m-%d %H:%M}") for one in checkpoints] == [
        (1, "11-06", "11-06 22:00"),
        (2, "11-06", "11-07 05:00"),
        (3, "11-12", "11-13 00:00"),
        (4, "11-20", "11-21 05:00"),
        (5, "11-30", "12-01 05:00"),
    ]


def test_a_listed_cutoff_at_the_end_is_the_closing_one() -> None:
    assert days(["2026-11-13", "2026-11-30"], NOVEMBER) == "11-13 11-30"
    assert days(["2026-11-13", "2026-12-01T00:00:00-05:00"], NOVEMBER) == "11-13 11-30"
    assert days(["2026-11-13"], NOVEMBER) == "11-13 (11-30)"


@pytest.mark.parametrize("nothing", [None, []])
def test_without_checkpoints_there_is_the_closing_one(nothing: Any) -> None:
    assert days(nothing, NOVEMBER) == "(11-30)"


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("", "FREQ=WEEKLY;BYDAY=FR"),
        ("Fridays", "FRIDAYS"),
        ("FREQ=WEEKLY;", "no part"),
        ("FREQ=;BYDAY=FR", "FREQ="),
        ("BYDAY=FR", "FREQ is DAILY, WEEKLY or MONTHLY"),
        ("FREQ=YEARLY", "YEARLY"),
        ("FREQ=HOURLY", "HOURLY"),
        ("FREQ=WEEKLY;FREQ=DAILY", "FREQ comes twice"),
        ("FREQ=WEEKLY;COUNT=4", "COUNT"),
        ("FREQ=WEEKLY;UNTIL=20261130", "UNTIL"),
        ("FREQ=WEEKLY;WKST=SU", "WKST"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYDAY=FR", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=1FR", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=1FR", "1FR"),
        ("FREQ=WEEKLY;BYDAY=FRI", "FRI"),
        ("FREQ=WEEKLY;BYDAY=FR,FR", "twice"),
        ("FREQ=WEEKLY;BYDAY=FR,", "BYDAY"),
        ("FREQ=WEEKLY;INTERVAL=0", "INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=-1", "INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=3701", "INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=" + "9" * 200, "INTERVAL"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=29", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=-29", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,01", "twice"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR"),
        ("FREQ=DAILY;BYHOUR=9,17", "BYHOUR"),
        ("FREQ=DAILY;BYHOUR=9;BYMINUTE=60", "BYMINUTE"),
        ("FREQ=DAILY;BYMINUTE=30", "BYMINUTE needs BYHOUR"),
        ("FREQ=DAILY;BYHOUR=\u0661", "ASCII"),
        ("FREQ=DAILY;" * 1_000, "up to 300"),
    ],
)
def test_a_rule_outside_the_subset_is_refused_naming_the_part(rule: str, hint: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_schedule(rule, NOVEMBER)
    assert (refused.value.code, refused.value.field) == ("bad_schedule", "/checkpoints")
    assert hint in refused.value.detail


def test_a_monthly_rule_from_the_31st_needs_a_day_and_is_told_which() -> None:
    with pytest.raises(Refused) as refused:
        parse_schedule("FREQ=MONTHLY", period("2026-01-31", "2026-12-31"))
    assert "BYMONTHDAY=-1" in refused.value.detail


@pytest.mark.parametrize(
    "spec",
    [
        ["2026-10-31"],
        ["2026-12-01"],
        ["2026-11-01T00:00:00-04:00"],
        ["2026-12-01T00:00:01-05:00"],
        ["2026-11-31"],
        ["2026-11-06", "2026-11-06"],
        ["2026-11-06", "2026-11-07T00:00:00-05:00"],
        ["2026-11-06T17:00Z", "2026-11-06T12:00-05:00"],
        ["2026-11-06T17:00:00"],
        ["2026-11-06 17:00"],
        ["2026-W45-5"],
        ["20261106"],
        ["6 November"],
        [""],
        [20261106],
        [None],
        ["0001-01-01T00:00+14:00"],
        ["2026-11-06T17:00+99:00"],
        ["2026-11-06T17:00:00Z"] * 4_001,
        {"freq": "weekly"},
        7,
    ],
    ids=lambda spec: str(spec)[:60],
)
def test_a_list_with_anything_but_times_of_the_period_is_refused(spec: Any) -> None:
    with pytest.raises(Refused) as refused:
        parse_schedule(spec, NOVEMBER).checkpoints(NOVEMBER)
    assert (refused.value.code, refused.value.field) == ("bad_schedule", "/checkpoints")
