"""Amounts as a chart says them: short on its axis ("$25k"), exact beside a point ("$52,000").

A ratio is in millionths. What it is said in is no unit of a metric: those have no spaces.
"""

from fractions import Fraction

from babel.numbers import get_currency_symbol

from domain.alerts.wording import one_of
from domain.money import ISO_4217, half_even, shown
from domain.plan import RATIO_PLACES

FIXED_SPACE = "\N{NO-BREAK SPACE}"
PERCENT = f"{FIXED_SPACE}%"
POINT, POINTS = "percentage point", "percentage points"
SCALES = ((12, "T"), (9, "B"), (6, "M"), (3, "k"))
"""Powers of ten and their letters, the largest first."""
RATIO_PERCENT, RATIO_NUMBER, RATIO_MONEY = "ratio, percent", "ratio, number", "ratio, money "
"""Units of ratios: "5.25 %", "3.4", and after the last one's space a currency: "$54.20"."""
PERCENT_PLACES = RATIO_PLACES - 2
FINE_PLACES = 4


def exact(amount: int, unit: str, exponent: int) -> str:
    """ "$52,000", "$52,000.50", "1,200 pieces": no places where they are all zero. A ratio: with two places, with four
    under one."""
    if unit.startswith("ratio, "):
        return _ratio(amount, unit)
    whole, _, places = shown(abs(amount), exponent).partition(".")
    digits = f"{int(whole):,}"
    if places.strip("0"):
        digits = f"{digits}.{places.rstrip('0') if suffix(unit) else places}"
    return f"{_minus(amount)}{symbol(unit)}{digits}{suffix(unit, one=abs(amount) == 10**exponent)}"


def apart(amount: int, unit: str, exponent: int) -> str:
    """How far two amounts lie apart: two percentages so many percentage points."""
    said = exact(amount, unit, exponent)
    if not said.endswith(PERCENT):
        return said
    number = said.removesuffix(PERCENT)
    return f"{number}{FIXED_SPACE}{POINT if number in ('1', '-1') else POINTS}"


def short(amount: int, unit: str, exponent: int, *, to_places: bool = False) -> str:
    """ "$0", "$25k", "$1.25M", without a count's name; `to_places`: "$0.20" with all places of its unit."""
    if unit.startswith("ratio, "):
        to_places, exponent = False, PERCENT_PLACES if unit == RATIO_PERCENT else exponent
    size, after = abs(amount), PERCENT if suffix(unit) == PERCENT else ""
    for power, letter in SCALES:
        if size >= 10 ** (exponent + power):
            return f"{_minus(amount)}{symbol(unit)}{_trimmed(shown(size, exponent + power))}{letter}{after}"
    digits = shown(size, exponent)
    return f"{_minus(amount)}{symbol(unit)}{digits if to_places and size else _trimmed(digits)}{after}"


def symbol(unit: str) -> str:
    """What stands before an amount: "$", "CHF " (with a space that does not break), nothing for a count."""
    unit = unit.removeprefix(RATIO_MONEY)
    if unit not in ISO_4217:
        return ""
    sign = get_currency_symbol(unit, locale="en")
    return f"{sign}{FIXED_SPACE}" if sign[-1].isalpha() else sign


def suffix(unit: str, *, one: bool = False) -> str:
    """What stands after it: the name of what is counted, of one of them alone."""
    if unit in ISO_4217 or unit == RATIO_NUMBER or unit.startswith(RATIO_MONEY):
        return ""
    return PERCENT if unit in (RATIO_PERCENT, "percent") else f"{FIXED_SPACE}{one_of(unit) if one else unit}"


def _ratio(amount: int, unit: str) -> str:
    places = PERCENT_PLACES if unit == RATIO_PERCENT else RATIO_PLACES
    money = unit.startswith(RATIO_MONEY)
    kept = ISO_4217[unit.removeprefix(RATIO_MONEY)] if money else 2 if abs(amount) >= 10**places else FINE_PLACES
    rounded = half_even(Fraction(abs(amount), 10 ** (places - kept)))
    whole, _, decimals = shown(rounded, kept).partition(".")
    decimals = decimals if money and decimals.strip("0") else decimals.rstrip("0")
    digits = f"{int(whole):,}{'.' if decimals else ''}{decimals}"
    return f"{_minus(amount) if rounded else ''}{symbol(unit)}{digits}{suffix(unit)}"


def _minus(amount: int) -> str:
    return "-" if amount < 0 else ""


def _trimmed(digits: str) -> str:
    """Without the zeros that say nothing after the point."""
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
