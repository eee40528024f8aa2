"""What the figures of a target mean, by its own rules: its kind, its pace, its days, its lines between classes."""

from datetime import date

from api.dashboard import wording
from api.dashboard.comparing import beside_said, earlier_said, partly_said
from api.dashboard.glance import aim_of, is_gain, sells
from domain.plan import CLAWBACK, KEEP, RATIO, UPLIFT, Plan
from domain.rrule import WEEKDAYS

HOLIDAYS_MAX = 8
"""That are said by name."""
DAY_NAMES = dict(zip(WEEKDAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
FORECAST = (
    "Where it ends, if the days to come go as those so far did: 2,000 such ways on are tried. Half of them end over "
    "the figure, four in five within the range, and so many of them at the goal as the percentage says."
)
GROWS = {
    "equal_steps": "from checkpoint to checkpoint in equal steps, day by day",
    "linear": "by the same amount each day",
    "business_days": "by the same amount each open day, by half of it on a half day",
    "weighted": "day by day, by the weights of its {by}s",
    "last_year": "day by day, as the sales of {earlier} did",
    "explicit": "day by day, straight from each value that was set to the next",
    "roll_up": "as what its members expect, added up",
}


def meanings_of(plan: Plan) -> list[tuple[str, str]]:
    """(term, what it means here), in the order of the page."""
    said = [
        *_actual(plan),
        _pace(plan),
        *([] if plan.kind in (KEEP, RATIO) else [_needed(plan)]),
        None if plan.kind in (KEEP, RATIO) else ("Forecast", FORECAST),
        ("Open days", calendar_said(plan)) if plan.calendar is not None else None,
        ("Next checkpoint", "Where the target is judged next, and what it is expected to have by then."),
        ("Status", _status(plan)),
        ("Refunds", _refunds(plan)) if not plan.measured else None,
        ("Data", _data(plan)) if plan.expect_data_every is not None else None,
    ]
    return [one for one in said if one is not None]


def _actual(plan: Plan) -> list[tuple[str, str]]:
    late = "Late sales are added to the day they were made on."
    if plan.measured:
        aim = f"It is to stay {aim_of(plan)}." if plan.kind == KEEP else f"It is to go {aim_of(plan)}."
        return [("Level", f"The latest measurement, by the time that it was made. {aim}")]
    if plan.kind == RATIO:
        return [("Ratio", f"All of the one that was counted in the period, by all of the other. {late}")]
    if sells(plan):
        sold = f"Everything sold in the period that this target counts, less refunds. {late}"
    else:
        sold = (
            "Everything that this target counts in the period, less what was taken back. What comes late is added to "
            "its own day."
        )
    if plan.kind != UPLIFT:
        return [("Actual", sold)]
    against = (
        f"{wording.capitalized(earlier_said(plan))} is {beside_said(plan)}. It was read when the target was started."
    )
    partial = partly_said(plan)
    against += f" {partial}." if partial else ""
    if is_gain(plan):
        return [("Gain", f"{sold} Less what {earlier_said(plan)} had by the same day."), ("Comparison", against)]
    return [("Actual", sold), ("Comparison", against)]


def _pace(plan: Plan) -> tuple[str, str]:
    if plan.kind == KEEP:
        return ("At this moment", "Whether the level is where it is to stay, its bounds included.")
    if plan.kind == RATIO:
        return ("Pace", "The ratio as a share of the goal, which is expected at every checkpoint.")
    what = "way that is done" if plan.measured else "gain" if is_gain(plan) else "actual"
    return (
        "Pace",
        f"The {what} as a share of what is expected by now. 100 % is exactly on the way to the goal; expected grows "
        f"{pacing_said(plan)}.",
    )


def pacing_said(plan: Plan) -> str:
    """How what is expected grows."""
    by = "weekday" if plan.weighting is None else plan.weighting.by
    earlier = "last year" if plan.comparison is None else earlier_said(plan)
    return GROWS[plan.pacing].format(by=by, earlier=earlier)


def _needed(plan: Plan) -> tuple[str, str]:
    kind = "day" if plan.halves is None else "open day"
    return (
        f"Needed per {kind}",
        f"What each {kind} that is left, today as a whole one, must bring to reach the goal; beside it all that has "
        f"come by the {kind}s that are over, and how many times as much is needed.",
    )


def calendar_said(plan: Plan) -> str:
    """Its closed days and its holidays, by name."""
    calendar, said = plan.calendar, []
    assert calendar is not None
    closed = wording.listed([DAY_NAMES[one] for one in calendar.closed]) if calendar.closed else ""
    said.append(f"Closed on {closed}." if closed else "No day of the week is closed.")
    if calendar.country is not None:
        where = f"{calendar.country}{f' ({calendar.subdivision})' if calendar.subdivision else ''}"
        said.append(f"Closed on the holidays of {where}: {_holidays(plan)}.")
    own = {kind: [day for day, word in calendar.days.items() if word == kind] for kind in ("closed", "half", "open")}
    for kind, days in own.items():
        inside = [day for day in days if plan.start <= day <= plan.end]
        if inside:
            said.append(f"{'Half a day' if kind == 'half' else kind.capitalize()} on {_days(inside)}.")
    said.append(f"{wording.capitalized(wording.days_counted(plan.open_days(), 'open day'))} in all.")
    return " ".join(said)


def _holidays(plan: Plan) -> str:
    named = [f"{name} ({wording.day(day, plan.end.year)})" for day, name in sorted((plan.holidays or {}).items())]
    if not named:
        return "none in this period"
    more = len(named) - HOLIDAYS_MAX
    return wording.listed([*named[:HOLIDAYS_MAX], *([f"{more} more"] if more > 0 else [])])


def _days(days: list[date]) -> str:
    more = len(days) - HOLIDAYS_MAX
    shown = [wording.day(day, day.year) for day in days[:HOLIDAYS_MAX]]
    return wording.listed([*shown, *([f"{more} more"] if more > 0 else [])])


def _status(plan: Plan) -> str:
    if plan.kind == KEEP:
        return "What the last checkpoint read: on track while the level was inside its bounds, off track outside."
    limits = plan.limits
    ahead, on_track, at_risk = (wording.percent(one) for one in (limits.ahead, limits.on_track, limits.at_risk))
    of = "goal" if plan.kind == RATIO else "expected pace"
    return (
        f"What the last checkpoint read: ahead from {ahead} of the {of}, on track from {on_track}, at risk from "
        f"{at_risk}, off track under that. Near a line it stays what it was, so that it does not flicker."
    )


def _refunds(plan: Plan) -> str:
    if plan.refunds == CLAWBACK:
        return "A refund is taken off the day that its sale was made on."
    return "A refund is taken off the day that it was made on."


def _data(plan: Plan) -> str:
    hours = wording.hours_said(plan.expect_data_every or 0)
    return f"New data is expected every {hours.removeprefix('1 ')}. Without, the target reads: no fresh data."
