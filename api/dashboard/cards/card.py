"""One card: a figure, what to hold it against, and a bar where it is a part of something."""

from dataclasses import dataclass
from fractions import Fraction

WIDTH = 100
"""Of a bar, in its own units."""
NEARLY, NEARLY_SHOWN = Fraction(95, 100), Fraction(97, 100)
"""The last twentieth of a bar is drawn shorter until it is whole: so what is left can be seen."""
NONE = "–"


@dataclass(frozen=True)
class Card:
    """name: what it is; value: the figure; beside, below: what to hold it against; notes: what else is to be known."""

    name: str
    value: str
    beside: str = ""
    below: str = ""
    bar: str | None = None
    tick: str | None = None
    tone: str = ""
    notes: tuple[str, ...] = ()


def share_of(share: Fraction) -> str:
    """How far a bar reaches, 0 to 100."""
    if NEARLY < share < 1:
        share = NEARLY + (share - NEARLY) / (1 - NEARLY) * (NEARLY_SHOWN - NEARLY)
    return f"{float(max(Fraction(0), min(Fraction(1), share)) * WIDTH):.1f}".removesuffix(".0")
