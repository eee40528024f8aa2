"""What achieves a milestone: its required tasks, a value that its target reaches, or a person with evidence."""

from dataclasses import dataclass

from domain.money import minor_units, shown
from domain.plan import FROM_TO, KEEP, Plan
from domain.refusal import Refused

TASKS = "tasks"
VALUE = "value"
BY_HAND = "by_hand"
KINDS = (TASKS, VALUE, BY_HAND)


@dataclass(frozen=True)
class Criterion:
    """value: what the target's actual has to reach, in minor units of its metric; for the kind value alone.

    Of a gain the actual is what was sold less all of its comparison; a level reaches it from its baseline's side.
    """

    kind: str
    value: int | None = None


def criterion_of(kind: str, value: str | None, plan: Plan) -> Criterion:
    """The criterion that is said, of a milestone on this target, or Refused: bad_criterion, or what is wrong with the
    amount."""
    if kind not in KINDS:
        raise Refused("bad_criterion", f"a criterion is of kind {', '.join(KINDS)}", "/criterion/kind")
    if kind != VALUE:
        if value is not None:
            raise Refused("bad_criterion", f"a criterion of kind {kind} has no value", "/criterion/value")
        return Criterion(kind)
    if plan.kind == KEEP:
        detail = "a level that is to be kept has no value to reach: let tasks or a person achieve the milestone"
        raise Refused("bad_criterion", detail, "/criterion/kind")
    if value is None:
        raise Refused("bad_criterion", "say which value the target's actual has to reach", "/criterion/value")
    minor = minor_units(value, plan.exponent, signed=plan.measured, field="/criterion/value")
    if plan.kind == FROM_TO:
        _refuse_beside_the_way(minor, plan)
    elif minor == 0:
        raise Refused("bad_criterion", "the value to reach is more than zero", "/criterion/value")
    return Criterion(VALUE, minor)


def _refuse_beside_the_way(value: int, plan: Plan) -> None:
    """A level is at its baseline from the beginning, and its last value is the goal."""
    if plan.sign * (value - plan.baseline) <= 0 or plan.sign * (plan.final - value) < 0:
        baseline, goal = shown(plan.baseline, plan.exponent), shown(plan.final, plan.exponent)
        detail = f"the level goes from {baseline} to {goal}: the value to reach lies between them, or is the goal"
        raise Refused("bad_criterion", detail, "/criterion/value")
