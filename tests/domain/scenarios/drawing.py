"""Chance writes a history: few targets, few ids and few instants, so that sales meet, collide, cross goals and come
late around every cut-off. More kinds of steps are added to STEPS, of targets in `targets`, of sales in `selling`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from tests.domain.scenarios import steps
from tests.domain.scenarios.company import GRACE, PROCESSES
from tests.domain.scenarios.selling import DAY, HOUR, Drawn, aimed, sales, sales_before
from tests.domain.scenarios.steps import Step
from tests.domain.scenarios.targets import GOALS, KINDS, RATIOS, revision
from tests.domain.scratch.books import Books

SECOND = timedelta(seconds=1)
WAITS = (SECOND, 11 * SECOND, 31 * SECOND, HOUR, DAY, 4 * DAY)
AFTER_CUTOFF = (HOUR, -SECOND, 9 * SECOND, 10 * SECOND)
BEGINS_AFTER_DAYS = (0, 3, -6, 12, 45)
MODES = ("prospective", "retroactive", "replan")
SEAL = timedelta(days=31)
TARGETS_MAX = 3
CHAPTERS, CHAPTER_STEPS_MAX = 5, 12
CHANCES = st.integers(0, 2**32 - 1).map(Random)

# Steps; each gives one or several that belong together


def publish(drawn: Drawn) -> list[Step]:
    return [steps.Publish(_process(drawn), sales(drawn))]


def publish_aimed(drawn: Drawn) -> list[Step]:
    return [steps.Publish(_process(drawn), aimed(drawn))]


def publish_in_vain(drawn: Drawn) -> list[Step]:
    return [steps.PublishInVain(_process(drawn), sales(drawn))]


def define(drawn: Drawn) -> list[Step]:
    if len(drawn.books.targets) == TARGETS_MAX:
        return publish_aimed(drawn)
    words = drawn.chance.choice(KINDS)(drawn.chance)
    defined: list[Step] = [steps.Define(words, activate=not drawn.one_in(3))]
    if words["pacing"] == "last_year" or ("comparison" in words and not drawn.one_in(6)):
        return [steps.Publish(_process(drawn), sales_before(drawn, words)), *defined]
    return defined


def pass_time(drawn: Drawn) -> list[Step]:
    return [steps.Wait(drawn.chance.choice(WAITS))]


def pass_a_cutoff(drawn: Drawn) -> list[Step]:
    """To around the next one, and whoever is awake looks."""
    now = drawn.books.now
    coming = min((one for one in drawn.moments if one > now), default=now)
    wait = max(coming + drawn.chance.choice(AFTER_CUTOFF) - now, 0 * SECOND)
    return [steps.Wait(wait), *look(drawn)]


def pass_the_seal(drawn: Drawn) -> list[Step]:
    return [steps.Wait(SEAL), *look(drawn)] if drawn.one_in(3) else be_calm(drawn)


def look(drawn: Drawn) -> list[Step]:
    return [steps.Look(complete=not drawn.one_in(4))]


def fill(drawn: Drawn) -> list[Step]:
    return [steps.FillInPart(drawn.chance.randrange(4)) if drawn.one_in(2) else steps.Fill()]


def decide(drawn: Drawn) -> list[Step]:
    """Somebody activates or, less often, cancels."""
    return [steps.Cancel(_target(drawn)) if drawn.one_in(4) else steps.Activate(_target(drawn))]


def revise(drawn: Drawn) -> list[Step]:
    number = _target(drawn)
    target = drawn.books.targets[number]
    if target.state == "filling":
        return fill(drawn)
    changes = revision(drawn.chance, target.words, target.terms.pacing)
    return [steps.Revise(number, changes, drawn.chance.choice(MODES))]


def plan_milestone(drawn: Drawn) -> list[Step]:
    target = _target(drawn)
    words = drawn.books.targets[target].words
    values: Sequence[str] = RATIOS if words["kind"] == "ratio" else GOALS
    if words["kind"] == "from_to" and not drawn.one_in(4):
        baseline, goal = Decimal(words["baseline"]), Decimal(words["goal"])
        values = [f"{baseline + (goal - baseline) * quarters / 4:.2f}" for quarters in range(1, 5)]
    drawn.milestones += 1
    return [steps.PlanMilestone(f"{drawn.milestones}", target, drawn.chance.choice(values))]


def be_calm(drawn: Drawn) -> list[Step]:
    return [steps.Calm()]


def _process(drawn: Drawn) -> int:
    return drawn.chance.randrange(PROCESSES)


def _target(drawn: Drawn) -> int:
    return drawn.chance.randrange(len(drawn.books.targets))


Drawing = Callable[[Drawn], list[Step]]
STEPS: list[Drawing] = [
    *[publish] * 6,
    *[publish_aimed] * 6,
    *[pass_a_cutoff] * 4,
    *[define] * 2,
    *[fill] * 2,
    *[be_calm] * 2,
    *[revise] * 2,
    pass_time,
    pass_the_seal,
    look,
    decide,
    plan_milestone,
    publish_in_vain,
]


# Histories


@dataclass
class History:
    begins: datetime
    steps: list[Step]


def history(chance: Random, size: int, more: Sequence[Drawing] = ()) -> History:
    """So many steps, with calm at the end. more: kinds of steps beside STEPS."""
    drawn = _begun(chance)
    begins, found = drawn.books.now, _told(define, drawn)
    for _ in range(size):
        found += _told(chance.choice([*STEPS, *more]), drawn)
    return History(begins, [*found, *be_calm(drawn)])


@st.composite
def histories(draw: st.DrawFn) -> History:
    """As `history` has them, for hypothesis: what fails is made shorter, step by step."""
    drawn = draw(CHANCES.map(_begun))
    begins, found = drawn.books.now, _told(define, drawn)
    step = CHANCES.map(lambda chance: _told(chance.choice(STEPS), drawn.by(chance)))
    for _ in range(CHAPTERS):
        found += [one for some in draw(st.lists(step, max_size=CHAPTER_STEPS_MAX)) for one in some]
    return History(begins, [*found, *be_calm(drawn)])


def _begun(chance: Random) -> Drawn:
    now = datetime(2026, 11, 1, tzinfo=UTC) + DAY * chance.choice(BEGINS_AFTER_DAYS)
    return Drawn(chance, Books(now, GRACE))


def _told(drawing: Drawing, drawn: Drawn) -> list[Step]:
    """The next steps, and the books after them."""
    found = drawing(drawn)
    for step in found:
        step.tell(drawn.books)
    return found
