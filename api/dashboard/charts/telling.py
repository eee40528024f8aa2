"""A chart in a sentence, for who does not see it; and what its parts say of themselves."""

from collections import Counter
from collections.abc import Iterable
from itertools import takewhile
from zoneinfo import ZoneInfo

from api.dashboard.charts.amounts import apart, exact
from api.dashboard.charts.axis import day_shown, moment_shown
from api.dashboard.charts.drawing import Diamond, Drawing, Mark

VERDICTS = {
    "ahead": "ahead",
    "on_track": "on track",
    "at_risk": "at risk",
    "off_track": "off track",
    "too_early": "too early to say",
    "stale": "without fresh data",
    "no_baseline": "with nothing to compare with",
    "attained": "attained",
    "exceeded": "exceeded",
    "met": "met",
    "missed": "missed",
    "attainment_lost": "attainment lost",
}
STAGES = {
    "planned": "planned",
    "due_soon": "due soon",
    "overdue": "overdue",
    "achieved": "achieved",
    "missed": "missed",
    "waived": "waived",
}
TO_COME = "to come"
TURNS_TOLD = 3
NAME_MOST = 80
"""Letters of a milestone's name that a chart tells: its list says it whole."""


def heading(drawing: Drawing) -> str:
    """ "$52,000 of $100,000"; in other words where the drawing has them."""
    if drawing.heading is not None:
        return drawing.heading
    assert drawing.actual
    assert drawing.goal is not None
    return f"{_amount(drawing, drawing.actual[-1][1])} of {_amount(drawing, drawing.goal)}"


def sentence(drawing: Drawing) -> str:
    """How the target stands: against the pace, at its checkpoints, with its milestones."""
    marks = _counted(verdict(mark.status) for mark in drawing.marks)
    diamonds = _counted(STAGES.get(diamond.stage, diamond.stage) for diamond in drawing.diamonds)
    parts = [f"{heading(drawing)}{_when(drawing)}."]
    parts += [f"Checkpoints: {marks}."] if marks else []
    parts += [f"Milestones: {diamonds}."] if diamonds else []
    parts += [f"{turn.told}." for turn in drawing.turns[-TURNS_TOLD:]]
    parts += [] if drawing.original is None else [f"The original goal was {_amount(drawing, drawing.original)}."]
    parts += [_fan_told(drawing)] if drawing.fan else []
    return " ".join(parts)


def _fan_told(drawing: Drawing) -> str:
    last = drawing.fan[-1]
    if last.p10 == last.p90:
        return f"It is on the way to {_amount(drawing, last.p50)}."
    low, middle, high = (_amount(drawing, one) for one in (last.p10, last.p50, last.p90))
    return f"It is on the way to {middle}, with four in five chances of {low} to {high}."


def _when(drawing: Drawing) -> str:
    """What follows on the amounts. The time of the day only where it matters: each change is sent to all who look."""
    zone = ZoneInfo(drawing.time_zone)
    ends = day_shown(drawing.ends, zone)
    if drawing.now is not None:
        now = moment_shown(drawing.now, zone, exactly=drawing.is_short)
        told = f", {difference(drawing)}" if drawing.actual and expected_now(drawing) else ""
        return f" by {now}{told}; it ends on {ends}"
    if not drawing.actual:
        return f"; it is about {moment_shown(drawing.begins, zone, exactly=False)} to {ends}"
    if len(drawing.actual) < 2:
        return f"; it begins on {moment_shown(drawing.begins, zone, exactly=False)} and ends on {ends}"
    if drawing.actual[-1][0] < drawing.ends:
        return "; it is no longer under way"
    return f" when it ended on {ends}"


def difference(drawing: Drawing) -> str:
    """ "$2,000 above the expected pace", now; of what is to fall "ahead of" or "behind" it."""
    expected = expected_now(drawing)
    assert expected is not None
    off = drawing.actual[-1][1] - expected
    if not off:
        return "just at the goal" if drawing.against == "goal" else "as the pace expects"
    return f"{apart(abs(off), drawing.unit, drawing.exponent)} {side(drawing, off)} the {drawing.against}"


def side(drawing: Drawing, off: int) -> str:
    """Where the actual is, so far above what is expected."""
    if drawing.falling:
        return "behind" if off > 0 else "ahead of"
    return "above" if off > 0 else "below"


def expected_now(drawing: Drawing) -> int | None:
    """Minor units that the pace expects now: as the figures say, else the last point of the pace that is past. None
    where nothing is expected."""
    if drawing.expected_now is not None or not drawing.expected:
        return drawing.expected_now
    now = drawing.now or drawing.actual[-1][0]
    past = takewhile(lambda point: point[0] <= now, drawing.expected)
    return max(past, default=drawing.expected[0], key=lambda point: point[0])[1]


def verdict(status: str | None) -> str:
    return TO_COME if status is None else VERDICTS.get(status, status.replace("_", " "))


def mark_told(drawing: Drawing, mark: Mark) -> str:
    """ "Checkpoint 3, 15 Oct: on track, $48,000, $50,000 expected"; "15 Oct, 14:30" where no day ends with it."""
    name = "Closing checkpoint" if mark.closing else f"Checkpoint {mark.number}"
    zone = ZoneInfo(drawing.time_zone)
    day = moment_shown(mark.cutoff, zone, exactly=True) if mark.inside_a_day else day_shown(mark.cutoff, zone)
    expected = f"{_amount(drawing, mark.expected)} expected"
    said = [] if mark.actual is None else [_amount(drawing, mark.actual)]
    read = ", ".join(["", *said, *([expected] if drawing.expected or drawing.against == "goal" else [])])
    return f"{name}, {day}: {verdict(mark.status)}{read}"


def diamond_told(drawing: Drawing, diamond: Diamond) -> str:
    """ "Price list, due Oct 15: achieved"."""
    day = day_shown(diamond.due, ZoneInfo(drawing.time_zone))
    return f"{shortened(diamond.name, NAME_MOST)}, due {day}: {STAGES.get(diamond.stage, diamond.stage)}"


def shortened(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def _amount(drawing: Drawing, amount: int) -> str:
    return exact(amount, drawing.unit, drawing.exponent)


def _counted(words: Iterable[str]) -> str:
    """ "2 on track, 1 to come": in the order in which they come first."""
    return ", ".join(f"{count} {word}" for word, count in Counter(words).items())
