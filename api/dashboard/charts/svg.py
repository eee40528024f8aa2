"""SVG as text: elements with everything escaped, numbers short, paths in tenths of a pixel."""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from unicodedata import combining, east_asian_width

from markupsafe import Markup, escape

Point = tuple[float, float]

SLIM = frozenset(" \N{NO-BREAK SPACE}.,:;'|!iljtfrI()[]-")
BROAD = frozenset("mwMW%@—…")
SLIM_EMS, LETTER_EMS, CAPITAL_EMS, BROAD_EMS = 0.4, 0.64, 0.75, 1.0
"""Widths in the broadest of the usual system fonts, in parts of the size: rooms are kept by them."""


def element(name: str, *inside: str, **attributes: str | float) -> Markup:
    """<name attribute="...">inside</name>. class_ is class, an underscore in a name a hyphen; text is escaped."""
    said = "".join(
        f' {attribute.rstrip("_").replace("_", "-")}="{escape(value) if isinstance(value, str) else number(value)}"'
        for attribute, value in attributes.items()
    )
    content = "".join(escape(part) for part in inside)
    return Markup(f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>")


def number(value: float) -> str:
    """To one decimal, as short as it can be: "12", "0.5", "-3.2"."""
    assert isfinite(value)
    return _tenths(round(value * 10))


def path(points: Sequence[Point]) -> str:
    """The `d` of a line through points, in relative steps: of whole tenths, so no error adds up."""
    rounded = [(round(x * 10), round(y * 10)) for x, y in points]
    steps = [(x - before_x, y - before_y) for (before_x, before_y), (x, y) in pairwise(rounded)]
    return f"M{_pair(*rounded[0])}" + "".join(_step(x, y) for x, y in steps if x or y)


def text_width(text: str, size: float) -> float:
    """How wide text is at most, in pixels."""
    return sum(_ems(letter) for letter in text) * size


def _ems(letter: str) -> float:
    if letter in SLIM:
        return SLIM_EMS
    if letter in BROAD or east_asian_width(letter) in "WF":
        return BROAD_EMS
    if combining(letter):
        return 0.0
    return CAPITAL_EMS if letter.isupper() else LETTER_EMS


def _step(x: int, y: int) -> str:
    if not y:
        return f"h{_tenths(x)}"
    return f"l{_pair(x, y)}" if x else f"v{_tenths(y)}"


def _pair(x: int, y: int) -> str:
    return f"{_tenths(x)}{'' if y < 0 else ' '}{_tenths(y)}"


def _tenths(value: int) -> str:
    whole, tenth = divmod(abs(value), 10)
    return f"{'-' if value < 0 else ''}{whole}{f'.{tenth}' if tenth else ''}"
