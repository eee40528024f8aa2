"""What charts are drawn from: a target's plan, its sums and its readings as points in time."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from api.dashboard import wording
from api.dashboard.charts.drawing import Diamond, Drawing, Fan, Mark, Point, Turn
from api.dashboard.charts.zooming import zoomed
from api.dashboard.comparing import earlier_said
from api.dashboard.glance import Glance, aim_of, is_gain, said_in_full, unit_of
from api.milestone_reads import FoundMilestone
from api.plans import KnownPlan
from api.target_days import actuals_of
from domain.forecast import Forecast
from domain.money import half_even
from domain.plan import CUMULATIVE, KEEP, RATIO, UPLIFT, Plan
from projections.checkpoints import Evaluation
from projections.progress import Progress


def drawing_of(
    glance: Glance,
    progress: Progress,
    evaluations: Mapping[int, Evaluation],
    milestones: Sequence[FoundMilestone],
    forecast: Forecast | None = None,
) -> Drawing:
    """All that is drawn of a target. evaluations: by number of the checkpoint."""
    diamonds = [Diamond(one.row.name, one.row.due, one.row.stage) for one in milestones]
    plan = glance.plan
    whole = replace(
        lines_of(glance, progress),
        expected=_steps(glance.found.known) if _is_paced(plan) else [],
        marks=_marks(glance, evaluations),
        diamonds=diamonds,
        earlier=_earlier(plan),
        earlier_name=wording.capitalized(earlier_said(plan)) if plan.comparison is not None else "",
        turns=_turns(glance),
        original=glance.original_goal,
    )
    drawing = zoomed(whole, glance.found.as_of)
    return drawing if drawing.cut or forecast is None else replace(drawing, fan=_fan(drawing, forecast))


def _fan(drawing: Drawing, forecast: Forecast) -> list[Fan]:
    """From where it is now to where it may end; without a range a line."""
    if drawing.now is None or not drawing.actual or forecast.p50 is None:
        return []
    at, actual = drawing.actual[-1]
    low, high = (forecast.p50 if one is None else one for one in (forecast.p10, forecast.p90))
    return [Fan(at, actual, actual, actual), Fan(drawing.ends, low, forecast.p50, high)]


def lines_of(glance: Glance, progress: Progress) -> Drawing:
    """The lines alone, for a target in small: its pace is straight."""
    plan, now = glance.plan, _now(glance)
    under_way = plan.begins <= now < plan.ends and not glance.over
    bounds = plan.bounds
    return Drawing(
        begins=plan.begins,
        ends=plan.ends,
        time_zone=plan.time_zone,
        goal=glance.goal,
        actual=_actual(glance, progress, now),
        expected=_corners(glance.found.known) if _is_paced(plan) else [],
        marks=(),
        diamonds=(),
        now=now if under_way else None,
        unit=unit_of(plan),
        exponent=plan.exponent,
        expected_now=glance.expected if under_way and plan.kind != KEEP else None,
        heading=_heading(glance),
        band=None if bounds is None else (bounds.min, bounds.max),
        falling=plan.sign < 0,
        signed=is_gain(plan) and not plan.incomparable,
        filled=plan.kind in (CUMULATIVE, UPLIFT),
        against="goal" if plan.kind == RATIO else "expected pace",
    )


def _is_paced(plan: Plan) -> bool:
    """Whether something else is expected at each time: not of what is to be kept, nor of a ratio."""
    return plan.kind not in (KEEP, RATIO) and not plan.no_baseline and not plan.awaits_comparison


def _heading(glance: Glance) -> str | None:
    """The figures, where they are not "$52,000 of $100,000"."""
    plan = glance.plan
    if glance.actual is None or not glance.measured:
        nothing = "nothing to divide by yet" if plan.kind == RATIO else "nothing measured yet"
        how = "to stay" if plan.kind == KEEP else "on the way" if plan.measured else "of"
        return f"{wording.capitalized(nothing)}, {how} {aim_of(plan)}"
    if plan.kind == KEEP:
        return f"{glance.said(glance.actual)}, to stay {aim_of(plan)}"
    if plan.measured:
        return f"{glance.said(glance.actual)}, on the way {aim_of(plan)}"
    if is_gain(plan):
        return f"{said_in_full(plan, glance.actual)} against {earlier_said(plan)}, of {aim_of(plan)}"
    return f"{glance.said(glance.actual)} so far" if glance.goal is None else None


def _now(glance: Glance) -> datetime:
    """To the minute, which is less than a pixel: a picture that is the same as before need not be sent again.

    A cut-off that has passed since then is where the pace stepped last, and the dot stands on that step.
    """
    as_of = glance.found.as_of
    minute = as_of.replace(second=0, microsecond=0)
    return max(minute, glance.plan.last_cutoff(as_of) or minute)


def _actual(glance: Glance, progress: Progress, now: datetime) -> list[Point]:
    """A, from the beginning until now or the end, a point for each day and cut-off; nothing where nothing is known."""
    plan = glance.plan
    if glance.actual is None or not glance.measured:
        return []
    until = min(now, plan.ends)
    begins = [] if plan.kind in (KEEP, RATIO) else [(plan.begins, plan.baseline)]
    if until <= plan.begins:
        return begins
    starts = plan.slot_starts()
    begun = starts[: bisect_right(starts, until)]
    actuals = actuals_of(glance.found.known, progress)
    passed = ((end, actuals.before(end)) for end in begun[1:] if plan.begins < end < until)
    points = [(at, half_even(value)) for at, value in passed if value is not None]
    # What the target says is the last word; its sums follow the log on their own.
    return [*begins, *points, (until, glance.actual)]


def _earlier(plan: Plan) -> list[Point]:
    """What it is compared with, as it grew: where a gain is drawn, that is the line at nothing."""
    if plan.frozen is None or plan.no_baseline or is_gain(plan):
        return []
    return [(at, plan.compared(at)) for at in plan.midnights]


def _steps(known: KnownPlan) -> list[Point]:
    """The pace as it is: so much from each instant on."""
    plan = known.plan
    steps = [(at, half_even(expected)) for at, expected in known.course.steps]
    last = [(plan.ends, half_even(known.course.expected(plan.ends)))] if steps[-1][0] < plan.ends else []
    return [(plan.begins, known.course.plans[0].baseline), *steps, *last]


def _corners(known: KnownPlan) -> list[Point]:
    """Where the pace becomes faster or slower: at checkpoints, or nowhere; of other paces, by day."""
    plan = known.plan
    if len(known.course.plans) > 1 or plan.pacing not in ("equal_steps", "linear"):
        return _steps(known)
    turns = plan.cutoffs if plan.pacing == "equal_steps" else []
    instants = [plan.begins, *(at for at in turns if plan.begins < at < plan.ends), plan.ends]
    return [(at, known.expected(at)) for at in instants]


def _turns(glance: Glance) -> list[Turn]:
    """Revisions, where they took effect; those that hold from the beginning where they were made."""
    plan, turns = glance.plan, []
    for one in glance.found.known.plans.revisions or ():
        at = one.at if one.mode == "retroactive" else one.effective_at
        if plan.begins < at < plan.ends:
            when = wording.moment(at, plan.time_zone, glance.year).split(",")[0]
            turns.append(Turn(at, f"Revision {one.number}, {when}: {one.reason.rstrip('.')}"))
    return turns


def _marks(glance: Glance, evaluations: Mapping[int, Evaluation]) -> list[Mark]:
    plan = glance.plan
    midnights = set(plan.midnights)
    marks = []
    for one in plan.checkpoints:
        row = evaluations.get(one.number)
        reading = None if row is None else row.restated.new if row.restated else row.reported
        actual, status = (None, None) if reading is None else (reading.actual, reading.status)
        if one.closing and status is not None:
            status = glance.found.status.outcome or status
        inside_a_day = one.cutoff not in midnights
        marks.append(
            Mark(one.number, one.cutoff, _expected(glance, one.cutoff), actual, status, one.closing, inside_a_day)
        )
    return marks


def _expected(glance: Glance, at: datetime) -> int:
    """Where a checkpoint stands that was not read yet: of a level to be kept in the middle of its band."""
    plan = glance.plan
    if plan.kind == KEEP:
        assert plan.bounds is not None
        low, high = plan.bounds.min, plan.bounds.max
        middle = (low + high) // 2 if low is not None and high is not None else low if high is None else high
        assert middle is not None
        return middle
    return 0 if plan.no_baseline or plan.awaits_comparison else glance.found.known.expected(at)
