"""Where a target stands: actual against expected as one of four classes, calm at the lines between them."""

import re
from dataclasses import dataclass
from fractions import Fraction

from domain.money import decimal_shown
from domain.refusal import Refused

CLASSES = ("off_track", "at_risk", "on_track", "ahead")
"""From the worst to the best."""

IMPROVES_ABOVE_LINE = Fraction(2, 100)
DEAD_BAND = Fraction(1, 100)
DEAD_BAND_MIN = 1
"""One minor unit."""

AHEAD_MAX = 10
"""Of the plan: no line lies higher."""
PLACES = 4

_ON_TRACK = CLASSES.index("on_track")
_LINE = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4})?", re.ASCII)


@dataclass(frozen=True)
class Thresholds:
    """The lowest pace index of each class; under at_risk is off_track. Refused: bad_thresholds."""

    ahead: Fraction = Fraction(21, 20)
    on_track: Fraction = Fraction(19, 20)
    at_risk: Fraction = Fraction(4, 5)

    def __post_init__(self) -> None:
        if not self.ahead > self.on_track > self.at_risk > 0:
            raise Refused("bad_thresholds", "thresholds are ahead > on_track > at_risk > 0", "/thresholds")


DEFAULT_THRESHOLDS = Thresholds()


def thresholds_of(ahead: str | None = None, on_track: str | None = None, at_risk: str | None = None) -> Thresholds:
    """The thresholds that decimal texts such as "1.05" say, a missing one being the default.

    Refused: bad_thresholds, naming the field, for a text that is no number from 0 to 10 with up to 4 places, and for
    lines that are not ahead > on_track > at_risk > 0.
    """
    given = {"ahead": ahead, "on_track": on_track, "at_risk": at_risk}
    lines = {
        name: getattr(DEFAULT_THRESHOLDS, name) if text is None else _line_of(name, text)
        for name, text in given.items()
    }
    for higher, lower in (("ahead", "on_track"), ("on_track", "at_risk")):
        if not lines[higher] > lines[lower]:
            # Of the two, whoever wrote one is told of that one.
            field = higher if given[lower] is None else lower
            raise Refused(
                "bad_thresholds",
                f"{lower} ({_decimal(lines[lower])}) must lie below {higher} ({_decimal(lines[higher])})",
                f"/thresholds/{field}",
            )
    if not lines["at_risk"]:
        raise Refused("bad_thresholds", "at_risk must be more than 0", "/thresholds/at_risk")
    return Thresholds(**lines)


def thresholds_shown(thresholds: Thresholds) -> dict[str, str]:
    """The thresholds as decimal text with four places, by name."""
    return {name: _decimal(getattr(thresholds, name)) for name in ("ahead", "on_track", "at_risk")}


def _line_of(name: str, text: str) -> Fraction:
    if not _LINE.fullmatch(text) or (line := Fraction(text)) > AHEAD_MAX:
        raise Refused(
            "bad_thresholds",
            f'a threshold is a decimal number up to {AHEAD_MAX} with up to {PLACES} places, such as "1.05", '
            f"not {text[:40]!r}",
            f"/thresholds/{name}",
        )
    return line


def _decimal(line: Fraction) -> str:
    return decimal_shown(line, PLACES)


def classify(
    previous: str | None,
    actual: Fraction | int,
    expected: Fraction,
    span: int,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> str:
    """The class of an evaluation. Minor units from the baseline: A - b, E - b (not 0), and D = g - b.

    A class worsens at its line and improves only at the line + 0.02. While the shortfall is smaller than 1 %
    of |D| (or 1 minor unit) it does not worsen below on_track, or below `previous` if that is lower. Reaching
    is >=. Without a previous class (None, or any word that is no class, such as too_early) the plain lines
    hold.
    """
    assert expected != 0, "where W is 0 the status is too_early, not a class"
    assert span != 0, "a goal differs from its baseline"
    index = Fraction(actual) / expected
    lines = (thresholds.at_risk, thresholds.on_track, thresholds.ahead)
    before = CLASSES.index(previous) if previous in CLASSES else None
    now = sum(
        index >= (line if before is None or number <= before else line + IMPROVES_ABOVE_LINE)
        for number, line in enumerate(lines, 1)
    )
    shortfall = expected - actual if span > 0 else actual - expected
    if shortfall < max(Fraction(DEAD_BAND_MIN), DEAD_BAND * abs(span)):
        now = max(now, _ON_TRACK if before is None else min(before, _ON_TRACK))
    return CLASSES[now]


def pace_index(actual: Fraction | int, expected: Fraction, baseline: int = 0, sign: int = 1) -> Fraction | None:
    """PI = (A - b) / (E - b), exact; sign: of D. None while W is 0, and below: a revision may go on from behind the
    baseline, and of what lies there no share tells good from bad."""
    if sign * (expected - baseline) <= 0:
        return None
    return Fraction(actual - baseline) / (expected - baseline)
