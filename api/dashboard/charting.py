"""What charts are drawn from: a target's plan, its sums and its readings as points in time."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate

from api.dashboard.charts.drawing import Diamond, Drawing, Mark, Point
from api.dashboard.charts.zooming import zoomed
from api.milestone_reads import FoundMilestone
from api.plans import KnownPlan
from api.target_reads import Found
from domain.figures import actual_now
from domain.money import half_even
from domain.target import State
from projections.checkpoints import Evaluation

ENDED = frozenset({State.CLOSED, State.SEALED, State.CANCELLED})


def drawing_of(
    found: Found,
    sums: Mapping[datetime, int],
    evaluations: Mapping[int, Evaluation],
    milestones: Sequence[FoundMilestone],
) -> Drawing:
    """All that is drawn of a target. evaluations: by number of the checkpoint."""
    diamonds = [Diamond(one.row.name, one.row.due, one.row.stage) for one in milestones]
    marks = _marks(found, evaluations)
    whole = replace(lines_of(found, sums), expected=_steps(found.known), marks=marks, diamonds=diamonds)
    return zoomed(whole, found.as_of)


def lines_of(found: Found, sums: Mapping[datetime, int]) -> Drawing:
    """The lines alone, for a target in small: its pace is straight. sums: net by slot."""
    plan = found.known.plan
    now = _now(found)
    under_way = plan.begins <= now < plan.ends and found.status.state not in ENDED
    return Drawing(
        begins=plan.begins,
        ends=plan.ends,
        time_zone=plan.time_zone,
        goal=plan.final,
        actual=_actual(found, sums, now),
        expected=_turns(found.known),
        marks=(),
        diamonds=(),
        now=now if under_way else None,
        unit=plan.unit,
        exponent=plan.exponent,
        expected_now=found.known.expected(found.as_of) if under_way else None,
    )


def _now(found: Found) -> datetime:
    """To the minute, which is less than a pixel: a picture that is the same as before need not be sent again.

    A cut-off that has passed since then is where the pace stepped last, and the dot stands on that step.
    """
    minute = found.as_of.replace(second=0, microsecond=0)
    return max(minute, found.known.plan.last_cutoff(found.as_of) or minute)


def _actual(found: Found, sums: Mapping[datetime, int], now: datetime) -> list[Point]:
    """The cumulative total, from the beginning until now or the end, a point for each day and cut-off."""
    plan = found.known.plan
    until = min(now, plan.ends)
    if until <= plan.begins:
        return [(plan.begins, 0)]
    starts = plan.slot_starts()
    begun = starts[: bisect_right(starts, until)]
    ends = [*begun[1:], until]
    totals = accumulate(sums.get(start, 0) for start in begun)
    points = [(plan.begins, 0), *((end, total) for end, total in zip(ends, totals, strict=True) if end > plan.begins)]
    # What the target says is the last word; its sums follow the log on their own.
    actual = actual_now(plan, found.status.standing, found.as_of)
    return [*points[:-1], (until, 0 if actual is None else half_even(actual))]


def _steps(known: KnownPlan) -> list[Point]:
    """The pace as it is: so much from each instant on."""
    plan = known.plan
    steps = [(at, half_even(expected)) for at, expected in known.course.steps]
    last = [(plan.ends, half_even(known.course.expected(plan.ends)))] if steps[-1][0] < plan.ends else []
    return [(plan.begins, plan.baseline), *steps, *last]


def _turns(known: KnownPlan) -> list[Point]:
    """Where the pace becomes faster or slower: at checkpoints, or nowhere."""
    plan = known.plan
    turns = plan.cutoffs if plan.pacing == "equal_steps" else []
    instants = [plan.begins, *(at for at in turns if plan.begins < at < plan.ends), plan.ends]
    return [(at, known.expected(at)) for at in instants]


def _marks(found: Found, evaluations: Mapping[int, Evaluation]) -> list[Mark]:
    known, plan = found.known, found.known.plan
    midnights = set(plan.midnights)
    marks = []
    for one in plan.checkpoints:
        expected = known.expected(one.cutoff)
        row = evaluations.get(one.number)
        reading = None if row is None else row.restated.new if row.restated else row.reported
        actual, status = (None, None) if reading is None else (reading.actual, reading.status)
        if one.closing and status is not None:
            status = found.status.outcome or status
        inside_a_day = one.cutoff not in midnights
        marks.append(Mark(one.number, one.cutoff, expected, actual, status, one.closing, inside_a_day))
    return marks
