"""How a target goes, against what is expected by now."""

from fractions import Fraction

from api.dashboard import wording
from api.dashboard.cards.actual_card import NOT_MEASURED
from api.dashboard.cards.card import NONE, Card
from api.dashboard.comparing import earlier_said
from api.dashboard.glance import Glance, aimed, said_apart
from api.dashboard.statements import badge_of, now_said
from domain.plan import KEEP, RATIO
from domain.target import State

NAME = "Pace"


def pace_card(glance: Glance) -> Card:
    plan, now, state = glance.plan, glance.now, glance.found.status.state
    if state is State.CANCELLED:
        return Card(NAME, NONE, below="It was cancelled")
    if state is State.DRAFT:
        return Card(NAME, NONE, below="Nothing is counted until somebody starts it")
    if plan.kind == KEEP:
        return _kept(glance)
    if plan.no_baseline:
        return Card(NAME, NONE, below=f"There is nothing of {earlier_said(plan)} to take it from")
    if glance.actual is None:
        return Card(NAME, NONE, below="There is nothing to divide by yet")
    if now.pace_index is None or glance.expected is None or glance.variance is None:
        return Card(NAME, NONE, below="Nothing is expected yet")
    expected = aimed(plan, glance.expected)
    return Card(
        NAME,
        wording.percent(Fraction(now.pace_index)),
        f"of the {'goal' if plan.kind == RATIO else 'expected pace'}{now_said(now, badge_of(glance))}",
        f"{_beside(glance, glance.variance)} the {'goal of' if plan.kind == RATIO else 'expected'} {expected}",
        tone="good" if glance.variance >= 0 else "bad" if now.live_status == "off_track" else "",
    )


def _beside(glance: Glance, variance: int) -> str:
    if not variance:
        return "Just"
    apart = said_apart(glance.plan, abs(variance))
    return f"{'' if glance.plan.sign < 0 else '+'}{apart} ahead of" if variance > 0 else f"{apart} behind"


def _kept(glance: Glance) -> Card:
    """Whether it is where it is to stay, at this moment."""
    name = "At this moment"
    if glance.actual is None:
        return Card(name, NONE, below=NOT_MEASURED)
    if glance.now.live_status == "stale":
        return Card(name, NONE, below="The last measurement is too old to say")
    inside = not glance.variance
    return Card(name, "inside" if inside else "outside", "its bounds", tone="good" if inside else "bad")
