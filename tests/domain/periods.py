"""Periods in zones whose clocks play every trick, and rules that say when their checkpoints are."""

from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from domain.period import Period

ZONES = (
    "UTC", "America/New_York", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Europe/Berlin",
    "Africa/Cairo", "Asia/Beirut", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Apia",
)  # fmt: skip


def period(start: str, end: str, zone: str = "America/New_York") -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end), zone)


def end_of(over: Period, day: date) -> datetime:
    return over.resolve(day + timedelta(days=1), time())


@st.composite
def rules(draw: st.DrawFn) -> str | None:
    frequency = draw(st.sampled_from(["none", "DAILY", "WEEKLY", "MONTHLY"]))
    if frequency == "none":
        return None
    rule = f"FREQ={frequency};INTERVAL={draw(st.integers(1, 4))}"
    if frequency == "WEEKLY":
        weekdays = draw(st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1))
        rule += f";BYDAY={','.join(sorted(weekdays))}"
    if frequency == "MONTHLY":
        month_days = draw(st.sets(st.integers(-28, 28).filter(bool), min_size=1, max_size=3))
        rule += f";BYMONTHDAY={','.join(map(str, sorted(month_days)))}"
    hour = draw(st.none() | st.integers(0, 23))
    return rule if hour is None else f"{rule};BYHOUR={hour};BYMINUTE={draw(st.integers(0, 59))}"


@st.composite
def periods(draw: st.DrawFn) -> Period:
    # Both ends of the years take in the days that Apia skipped and Beirut's midnights in a gap.
    start = draw(st.dates(date(2009, 1, 1), date(2012, 6, 1)) | st.dates(date(2025, 1, 1), date(2027, 1, 1)))
    if start == date(2011, 12, 30):
        start += timedelta(days=1)
    return Period(start, start + timedelta(days=draw(st.integers(0, 200))), draw(st.sampled_from(ZONES)))
