"""Where a target is judged next, and what it is expected to have by then."""

from api.dashboard import wording
from api.dashboard.cards.card import NONE, Card
from api.dashboard.glance import Glance, aim_of, aimed, said_apart
from domain.plan import KEEP, RATIO
from domain.target import State

NAME = "Next checkpoint"


def coming_card(glance: Glance) -> Card:
    found, plan = glance.found, glance.plan
    coming = next((one for one in plan.checkpoints if one.cutoff > found.as_of), None)
    if not plan.checkpoints:
        return Card(NAME, NONE, below="This target has no checkpoints")
    if coming is None or found.status.state is State.CANCELLED:
        return Card(NAME, NONE, below="There is none left")
    last = ", the closing one" if coming.closing else ""
    day, clock = wording.day(coming.day, glance.year), wording.clock(coming, plan)
    at = f"at {clock}, " if clock else ""
    if plan.kind == KEEP:
        return Card(NAME, day, f"{at}to be {aim_of(plan)}", wording.capitalized(last.removeprefix(", ")))
    if plan.no_baseline or plan.awaits_comparison:
        return Card(NAME, day, f"{at}nothing is expected", wording.capitalized(last.removeprefix(", ")))
    expected = found.known.expected(coming.cutoff)
    return Card(NAME, day, f"{at}expects {aimed(plan, expected)}", f"{_missing(glance, expected)}{last}")


def _missing(glance: Glance, expected: int) -> str:
    if glance.actual is None or not glance.measured:
        return "Nothing is there yet"
    missing = glance.plan.sign * (expected - glance.actual)
    if missing <= 0:
        return "What it expects is reached already" if glance.plan.kind != RATIO else "It has as much now"
    return f"{said_apart(glance.plan, missing)} {'short of it now' if glance.plan.kind == RATIO else 'to go'}"
