"""What there is of a target, and of how much: for each kind in its own words."""

from fractions import Fraction

from api.dashboard import wording
from api.dashboard.cards.card import NONE, Card, share_of
from api.dashboard.comparing import earlier_said, partly_said
from api.dashboard.glance import Glance, aim_of, aimed, is_gain, said_apart, said_in_full
from domain.plan import KEEP, LEVEL, RATIO, UPLIFT

NOT_MEASURED = "Nothing was measured yet"


def actual_card(glance: Glance) -> Card:
    plan = glance.plan
    if plan.kind == KEEP:
        return _kept(glance)
    notes = (_sold(glance), _original(glance), partly_said(plan))
    elapsed = glance.course.weight(glance.found.as_of)
    return Card(
        _name(glance),
        NONE if glance.actual is None or not glance.measured else said_in_full(plan, glance.actual),
        _beside(glance),
        _below(glance),
        share_of(glance.progress or Fraction(0)),
        None if glance.over or plan.kind == RATIO or plan.no_baseline else share_of(elapsed),
        notes=tuple(note for note in notes if note),
    )


def _name(glance: Glance) -> str:
    plan = glance.plan
    if plan.incomparable:
        return "Sold"
    return "Gain" if is_gain(plan) else "Level" if plan.measured else "Ratio" if plan.kind == RATIO else "Actual"


def _beside(glance: Glance) -> str:
    plan, goal = glance.plan, glance.goal
    if plan.incomparable:
        return f"of {aim_of(plan)} more than {earlier_said(plan)}"
    if is_gain(plan):
        if plan.frozen is None:
            return f"of {aim_of(plan)} more than {earlier_said(plan)}"
        less = glance.actual is not None and glance.actual < 0
        day = "" if glance.over else " by this day"
        return f"{'less' if less else 'more'} than {earlier_said(plan)}{day}, of {aim_of(plan)}"
    if plan.measured:
        return f"on the way {aim_of(plan)}"
    if goal is None:
        return f"of {aim_of(plan)} more than {earlier_said(plan)}" if plan.percent else "it has no goal of its own"
    if plan.kind == UPLIFT and plan.mode == LEVEL and plan.frozen is not None:
        total, more = glance.said(plan.frozen.total), aim_of_more(glance)
        return f"of {glance.said(goal)}: {total} of {earlier_said(plan)} and {more} more"
    return f"of {glance.said(goal)}"


def aim_of_more(glance: Glance) -> str:
    """What an uplift in level is to bring more: "$100,000", or "10 %" where that was said."""
    return (glance.plan.percent or glance.said(glance.plan.goal)).removeprefix("+")


def _below(glance: Glance) -> str:
    """How far it is, and what is left to the goal or over it."""
    plan, missing, progress = glance.plan, glance.missing, glance.progress
    if plan.awaits_comparison:
        return f"What {earlier_said(plan)} brought is read when the target is started"
    if plan.incomparable:
        return f"There is nothing of {earlier_said(plan)} to hold it against"
    if not glance.measured:
        return f"{NOT_MEASURED}: it begins at {glance.said(plan.baseline)}"
    if glance.actual is None:
        return "There is nothing to divide by yet"
    if missing is None or progress is None:
        return ""
    share, left = wording.percent(progress), said_apart(plan, abs(missing))
    of = f"{share} of the {'way' if plan.measured else 'goal'}"
    if missing > 0:
        if glance.over or plan.kind == RATIO:
            return f"{share if glance.over and not plan.measured else of}, {left} short of the goal"
        return f"{of}, {left} to go"
    return f"{of}, {f'{left} {beyond(glance)} it' if missing else 'just reached'}"


def beyond(glance: Glance) -> str:
    """Which side of the goal is better than it."""
    return "under" if glance.plan.sign < 0 else "over"


def _sold(glance: Glance) -> str:
    """What a gain is the difference of: so much now, so much then."""
    plan, found = glance.plan, glance.found
    if not is_gain(plan) or plan.frozen is None:
        return ""
    then = plan.compared(min(found.as_of, plan.ends))
    return f"{glance.said(found.status.total)} now, {glance.said(then)} then"


def _original(glance: Glance) -> str:
    """How far it is on the way that was committed to first, where a revision has changed that."""
    progress, original = glance.now.original_progress, glance.original_goal
    if original is None:
        return ""
    share = "" if progress is None else f": {wording.percent(Fraction(progress))}"
    return f"Of the original {aimed(glance.plan, original)}{share}"


def _kept(glance: Glance) -> Card:
    plan, first = glance.plan, glance.course.plans[0]
    beside = f"to stay {aim_of(plan)}"
    notes = (f"At first it was to stay {aim_of(first)}",) if first.bounds != plan.bounds else ()
    if glance.actual is None:
        return Card("Level", NONE, beside, NOT_MEASURED, notes=notes)
    return Card("Level", said_in_full(plan, glance.actual), beside, where_said(glance), notes=notes)


def where_said(glance: Glance) -> str:
    """Of a level that is to be kept: "inside", "0.4 above it"."""
    assert glance.actual is not None
    assert glance.expected is not None
    apart = glance.actual - glance.expected
    if not apart:
        return "It is inside"
    return f"It is {said_apart(glance.plan, abs(apart))} {'above' if apart > 0 else 'below'} that"
