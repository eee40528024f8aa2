"""What achieves a milestone: its required tasks, a value that its target reaches, or a person with evidence."""

from dataclasses import dataclass

from domain.money import minor_units
from domain.refusal import Refused

TASKS = "tasks"
VALUE = "value"
BY_HAND = "by_hand"
KINDS = (TASKS, VALUE, BY_HAND)


@dataclass(frozen=True)
class Criterion:
    """value: what the target's actual has to reach, in minor units of its metric; for the kind value alone."""

    kind: str
    value: int | None = None


def criterion_of(kind: str, value: str | None, exponent: int) -> Criterion:
    """The criterion that is said, or Refused: bad_criterion, or what is wrong with the amount."""
    if kind not in KINDS:
        raise Refused("bad_criterion", f"a criterion is of kind {', '.join(KINDS)}", "/criterion/kind")
    if kind != VALUE:
        if value is not None:
            raise Refused("bad_criterion", f"a criterion of kind {kind} has no value", "/criterion/value")
        return Criterion(kind)
    if value is None:
        raise Refused("bad_criterion", "say which value the target's actual has to reach", "/criterion/value")
    minor = minor_units(value, exponent, field="/criterion/value")
    if minor == 0:
        raise Refused("bad_criterion", "the value to reach is more than zero", "/criterion/value")
    return Criterion(VALUE, minor)
