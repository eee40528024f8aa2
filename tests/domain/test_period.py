"""Periods: local days as instants, through every trick that clocks play."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.timezones import tz_version
from domain.period import Period
from domain.refusal import Refused

WHOLE_HOUR_ZONES = (
    "UTC", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/Havana", "America/Santiago",
    "America/St_Johns", "Europe/London", "Europe/Berlin", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut",
    "Asia/Tehran", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland", "Pacific/Chatham",
)  # fmt: skip
ODD_ZONES = ("Pacific/Apia", "Pacific/Kwajalein", "Pacific/Kiritimati", "Australia/Lord_Howe", "Antarctica/Casey")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "instant"),
    [
        ("America/New_York", "2026-11-06", "17:00", "2026-11-06T17:00-05:00"),
        # Clocks go forward: the first instant after the gap, however deep in it.
        ("America/New_York", "2026-03-08", "02:00", "2026-03-08T07:00Z"),
        ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00Z"),
        ("America/New_York", "2026-03-08", "03:00", "2026-03-08T07:00Z"),
        # Clocks go back: the first of the two.
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T01:30-04:00"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-05T01:45+11:00"),
        # Midnight itself is in the gap.
        ("America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00Z"),
        ("Asia/Beirut", "2025-03-30", "00:00", "2025-03-29T22:00Z"),
        ("America/Havana", "2025-03-09", "00:00", "2025-03-09T05:00Z"),
        ("Africa/Cairo", "2025-04-25", "00:00", "2025-04-24T22:00Z"),
        # The whole day is.
        ("Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T10:00Z"),
        # Midnight comes twice: clocks went back from 00:01.
        ("America/St_Johns", "2010-11-07", "00:00", "2010-11-07T00:00-02:30"),
    ],
)
def test_a_local_time_is_one_instant(zone: str, day: str, clock: str, instant: str) -> None:
    period = Period(date(2010, 1, 1), date(2010, 1, 1), zone)

    assert period.resolve(date.fromisoformat(day), time.fromisoformat(clock)) == at(instant)


def test_a_period_has_a_midnight_more_than_days() -> None:
    period = Period(date(2026, 11, 1), date(2026, 11, 30), "America/New_York")

    midnights = period.midnights()

    assert period.days == 30
    assert len(midnights) == 31
    assert midnights[0] == at("2026-11-01T00:00-04:00")
    assert midnights[-1] == at("2026-12-01T00:00-05:00")
    assert all(midnight.tzinfo is UTC for midnight in midnights)


def test_a_day_that_the_zone_skipped_has_no_length() -> None:
    midnights = Period(date(2011, 12, 29), date(2011, 12, 31), "Pacific/Apia").midnights()

    lengths = [end - start for start, end in pairwise(midnights)]

    assert lengths == [timedelta(hours=24), timedelta(0), timedelta(hours=24)]


def test_no_period_starts_on_a_day_that_the_zone_skipped() -> None:
    with pytest.raises(Refused) as refused:
        Period(date(2011, 12, 30), date(2012, 1, 30), "Pacific/Apia")
    assert (refused.value.code, refused.value.field) == ("no_such_day", "/start")


@given(st.sampled_from(WHOLE_HOUR_ZONES), st.dates(date(1990, 1, 1), date(2037, 1, 1)), st.integers(0, 40))
def test_a_local_day_has_23_24_or_25_hours(zone: str, start: date, days: int) -> None:
    midnights = Period(start, start + timedelta(days=days), zone).midnights()

    hours = {(end - begin) / timedelta(hours=1) for begin, end in pairwise(midnights)}
    assert hours <= {23, 24, 25, 23.5, 24.5}
    assert hours & {23.5, 24.5} == set() or zone == "Asia/Tehran"


@given(
    st.sampled_from(WHOLE_HOUR_ZONES + ODD_ZONES),
    st.dates(date(1970, 1, 1), date(2200, 1, 1)),
    st.integers(0, 60),
)
def test_midnights_never_go_back(zone: str, start: date, days: int) -> None:
    try:
        midnights = Period(start, start + timedelta(days=days), zone).midnights()
    except Refused:
        midnights = ()  # it starts on a day that the zone skipped
    assert list(midnights) == sorted(midnights)


@given(st.sampled_from(WHOLE_HOUR_ZONES + ODD_ZONES), st.dates(date(1970, 1, 2), date(2200, 1, 1)), st.times())
def test_a_local_time_never_lies_before_its_day_begins(zone: str, day: date, clock: time) -> None:
    period = Period(date(2026, 1, 1), date(2026, 1, 1), zone)

    assert period.resolve(day, time()) <= period.resolve(day, clock)


def test_the_longest_period_is_3700_days() -> None:
    start = date(2020, 1, 1)
    assert len(Period(start, start + timedelta(days=3_699), "Europe/Berlin").midnights()) == 3_701
    with pytest.raises(Refused) as refused:
        Period(start, start + timedelta(days=3_700), "Europe/Berlin")
    assert (refused.value.code, refused.value.field) == ("period_too_long", "/end")


@pytest.mark.parametrize(
    ("start", "end", "code", "field"),
    [
        ("2026-11-02", "2026-11-01", "end_before_start", "/end"),
        ("1969-12-31", "1970-01-31", "date_out_of_range", "/start"),
        ("2200-12-01", "2201-01-01", "date_out_of_range", "/end"),
    ],
)
def test_a_period_that_is_none_is_refused(start: str, end: str, code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        Period(date.fromisoformat(start), date.fromisoformat(end), "UTC")
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "Mars/Olympus",
        "America",
        "america/new_york_",
        "../etc/passwd",
        "/etc/localtime",
        "localtime",
        "right/UTC",
        "posix/UTC",
        "zone.tab",
        "Europe/Berlin\n",
        "UTC ",
        "A" * 500,
        "\udc80",
        "a\0b",
    ],
)
def test_a_zone_that_the_iana_does_not_know_is_refused(zone: str) -> None:
    with pytest.raises(Refused) as refused:
        Period(date(2026, 11, 1), date(2026, 11, 30), zone)
    assert (refused.value.code, refused.value.field) == ("unknown_time_zone", "/time_zone")


def test_the_time_zone_version_is_that_of_the_files_that_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "UTC").touch()
    (tmp_path / "tzdata.zi").write_text("# version 1999z\n# This file is in the public domain.\n")

    monkeypatch.setattr("zoneinfo.TZPATH", (str(tmp_path),))
    assert tz_version() == "1999z"
    assert tz_version("Asia/Tokyo") == tz_version("Europe/Paris") != "1999z"  # no such files: the package's
