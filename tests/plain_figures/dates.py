"""The days of a target: its checkpoints, which of them take a step, and the comparison's day beside each."""

from calendar import monthrange
from datetime import date, timedelta

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = timedelta(days=1)

# A first interval shorter than this takes no step.
SHORTEST_DAYS = {"WEEKLY": 4, "MONTHLY": 15}


def days_between(first: date, last: date) -> list[date]:
    """Both inclusive."""
    return [first + n * DAY for n in range((last - first).days + 1)]


def weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def months_later(day: date, months: int) -> date:
    """The same day of another month, or that month's last: 29 February becomes the 28th."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def scheduled(rule: str | None, start: date, end: date) -> list[date]:
    """The days of FREQ=DAILY, FREQ=WEEKLY;BYDAY=TU,FR or FREQ=MONTHLY;BYMONTHDAY=-1 in the period."""
    days = days_between(start, end)
    match rule.split(";") if rule else []:
        case []:
            return []
        case ["FREQ=DAILY"]:
            return days
        case ["FREQ=WEEKLY", names] if names.startswith("BYDAY="):
            wanted = names.removeprefix("BYDAY=").split(",")
            return [day for day in days if weekday(day) in wanted]
        case ["FREQ=MONTHLY", numbers] if numbers.startswith("BYMONTHDAY="):
            # Counted from the month's first day, or from its end: -1 is the last day.
            month_days = {int(number) for number in numbers.removeprefix("BYMONTHDAY=").split(",")}
            return [day for day in days if month_days & {day.day, day.day - monthrange(day.year, day.month)[1] - 1}]
    raise ValueError(f"{rule} is not worked out here")


def interval_of(rule: str | None) -> str | None:
    """WEEKLY or MONTHLY for a rule with one checkpoint a week or month, else none."""
    if rule is None or rule == "FREQ=DAILY" or "," in rule:
        return None
    return rule.split(";")[0].removeprefix("FREQ=")


def without_stub(rule: str | None, start: date, end: date) -> list[date]:
    """The scheduled days under equal_steps: a first interval that is too short has no checkpoint."""
    days = scheduled(rule, start, end)
    shortest = SHORTEST_DAYS.get(interval_of(rule) or "", 0)
    return days[1:] if days and (days[0] - start).days + 1 < shortest else days


def checkpoints(rule: str | None, start: date, end: date, pacing: str) -> list[date]:
    """The days at whose end the target is judged; the last is the closing one."""
    days = without_stub(rule, start, end) if pacing == "equal_steps" else scheduled(rule, start, end)
    return sorted({*days, end})


def step_days(rule: str | None, start: date, end: date) -> list[date]:
    """The days at whose end one of the equal steps is complete."""
    days = without_stub(rule, start, end)
    interval = interval_of(rule)
    closing_too = not days or (interval is not None and len(days) < whole_intervals(interval, start, end))
    return [*days, end] if closing_too else days


def whole_intervals(interval: str, start: date, end: date) -> int:
    if interval == "WEEKLY":
        return ((end - start).days + 1) // 7
    return sum(months_later(start, n) <= end + DAY for n in range(1, (end - start).days // 28 + 2))


def aligned(day: date, align: str, start: date, comparison_start: date) -> date:
    """tau: the comparison's day that stands beside a day of the target; it may lie outside the comparison."""
    distance = (start - comparison_start).days
    match align:
        case "same_date":
            months = (start.year - comparison_start.year) * 12 + start.month - comparison_start.month
            return months_later(day, -months)
        case "same_weekday":
            # The nearest multiple of 7: three days back or fewer, else forward.
            return day - ((distance + 3) // 7) * 7 * DAY
        case "day_index":
            return day - distance * DAY
    raise ValueError(f"{align} is no alignment")
