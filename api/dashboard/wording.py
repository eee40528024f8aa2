"""How amounts, times and standings are said on the page. English everywhere, whatever language the server has."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from api.dashboard.charts.amounts import exact, suffix, symbol
from api.dashboard.charts.axis import clock_shown
from domain.alerts.wording import counted as counted
from domain.money import half_even, shown
from domain.plan import Plan
from domain.schedule import PlannedCheckpoint

LOCALE = "en"
SPACE = "\N{NO-BREAK SPACE}"
ONE_DAY = timedelta(days=1)
ROUND_FROM = 1_000
"""Whole units, from which on an overview has no cents."""

STATUSES = {
    "attainment_lost": "attainment lost",
    "off_track": "off track",
    "at_risk": "at risk",
    "stale": "no fresh data",
    "no_baseline": "not comparable",
    "too_early": "too early to say",
    "filling": "counting past sales",
    "on_track": "on track",
    "ahead": "ahead",
    "attained": "attained",
    "attained_by_revision": "attained by revision",
    "draft": "draft",
    "not_started": "not started",
    "exceeded": "goal exceeded",
    "met": "goal met",
    "missed": "goal missed",
    "cancelled": "cancelled",
}
"""Those under way first, the worst before the others. The sign before the words is the style sheet's."""

STAGES = {
    "planned": "planned",
    "due_soon": "due soon",
    "overdue": "overdue",
    "achieved": "achieved",
    "missed": "missed",
    "waived": "waived",
}

SENDINGS = {
    "queued": "on its way",
    "sending": "on its way",
    "waiting": "to be tried again",
    "delivered": "delivered",
    "dead": "not delivered",
    "cancelled": "not sent",
}


def amount(minor: int, unit: str, exponent: int) -> str:
    """With all places: "$52,000.00", "1,234 pieces"; of a ratio as many as it is said with elsewhere."""
    if unit.startswith("ratio, "):
        return exact(minor, unit, exponent)
    whole, point, places = shown(abs(minor), exponent).partition(".")
    number = f"{int(whole):,}{point}{places}"
    return f"{'-' if minor < 0 else ''}{symbol(unit)}{number}{suffix(unit, one=number == '1')}"


def rounded(minor: int, unit: str, exponent: int, below: int | None = None) -> str:
    """For an overview: "$820,830", with cents only under 1,000 units. What is less than `below` never looks like it."""
    if abs(minor) >= ROUND_FROM * 10**exponent:
        whole = half_even(Fraction(minor, 10**exponent)) * 10**exponent
        if below is None or not minor < below <= whole:
            minor = whole
    return exact(minor, unit, exponent)


def signed(minor: int, said: str) -> str:
    """What is said of an amount, with a plus where it is one."""
    return f"+{said}" if minor > 0 else said


def percent(share: Fraction) -> str:
    """Such as "104 %" or "94.96 %": the four places that shares have everywhere, without their last zeros."""
    hundredths = half_even(share * 10_000)
    digits, _, places = shown(abs(hundredths), 2).partition(".")
    places = places.rstrip("0")
    return f"{'-' if hundredths < 0 else ''}{int(digits):,}{'.' if places else ''}{places}{SPACE}%"


def times(share: Fraction) -> str:
    """How many times as much, such as "1.4": to two places, without their last zeros."""
    said = shown(half_even(share * 100), 2).rstrip("0").rstrip(".")
    whole, point, places = said.partition(".")
    return f"{int(whole):,}{point}{places}"


def days_counted(days: Fraction, kind: str = "day") -> str:
    """Such as "1 day", "8 open days", "7.5 open days"."""
    said = f"{days.numerator // days.denominator:,}{'' if days.denominator == 1 else '.5'}"
    return f"{said} {kind if days == 1 else f'{kind}s'}"


def hours_said(hours: int) -> str:
    """Such as "36 hours", "2 days"."""
    return counted(hours // 24, "day") if hours % 24 == 0 else counted(hours, "hour")


def tenths(share: Fraction) -> str:
    """Such as "82.1 %", for an overview; what is less than whole is never "100 %"."""
    said = Fraction(half_even(share * 1_000), 1_000)
    return percent(Fraction(999, 1_000) if share < 1 <= said else said)


def day(one: date, year: int | None = None) -> str:
    """Such as "Fri 27 Nov"; with its year unless that is this one."""
    return format_date(one, "EEE d MMM" if one.year == year else "EEE d MMM y", LOCALE)


def days(first: date, last: date, year: int | None = None) -> str:
    """Such as "1 Oct – 31 Dec 2026"; with the year unless that is this one."""
    begins = format_date(first, "d MMM" if first.year == last.year else "d MMM y", LOCALE)
    ends = format_date(last, "d MMM" if first.year == last.year == year else "d MMM y", LOCALE)
    return ends if first == last else f"{begins} – {ends}"


def month(first: date, last: date) -> str:
    """Such as "November 2026", of the whole of one month; else empty."""
    whole = first.day == 1 and (first.year, first.month) == (last.year, last.month)
    return format_date(first, "MMMM y", LOCALE) if whole and (last + ONE_DAY).day == 1 else ""


def short_month(first: date) -> str:
    """Such as "Nov 2026"."""
    return format_date(first, "MMM y", LOCALE)


def moment(at: datetime, zone: str, year: int | None = None) -> str:
    """Such as "Fri 27 Nov, 14:05", there."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{day(there.date(), year)}, {format_time(there, 'HH:mm', locale=LOCALE)}"


def clock(planned: PlannedCheckpoint, plan: Plan) -> str:
    """The local time of a cut-off, such as "14:05"; empty where it is the end of the day."""
    return "" if planned.cutoff in plan.midnights else clock_shown(planned.cutoff, ZoneInfo(plan.time_zone))


def cutoff(planned: PlannedCheckpoint, plan: Plan, year: int | None = None) -> str:
    """Such as "Fri 27 Nov"; "Fri 27 Nov, 14:05" where the cut-off is not the end of the day."""
    at = clock(planned, plan)
    return f"{day(planned.day, year)}{', ' if at else ''}{at}"


def listed(parts: list[str], last: str = "and") -> str:
    """Such as "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def counts_said(metric: str, scope: dict[str, list[str]], most: int = 4) -> str:
    """What is counted, such as "Revenue", "Revenue where region is emea or us"; values beyond `most` are counted."""
    what = capitalized(metric.replace("_", " "))
    if not scope:
        return what
    said = []
    for name, values in scope.items():
        shown = values if len(values) <= most else [*values[: most - 1], f"{len(values) - most + 1} more"]
        said.append(f"{name} is {listed(shown, 'or')}")
    return f"{what} where {listed(said)}"


def capitalized(sentence: str) -> str:
    """With a capital at its beginning; the rest stays."""
    return sentence[:1].upper() + sentence[1:]
