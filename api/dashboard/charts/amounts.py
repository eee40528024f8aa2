"""Amounts as a chart says them: short on its axis ("$25k"), exact beside a point ("$52,000")."""

from babel.numbers import get_currency_symbol

from domain.money import ISO_4217, shown

FIXED_SPACE = "\N{NO-BREAK SPACE}"
SCALES = ((12, "T"), (9, "B"), (6, "M"), (3, "k"))
"""Powers of ten and their letters, the largest first."""


def exact(amount: int, unit: str, exponent: int) -> str:
    """ "$52,000", "$52,000.50", "1,200 pieces": no places where they are all zero."""
    whole, _, places = shown(abs(amount), exponent).partition(".")
    digits = f"{int(whole):,}"
    if places.strip("0"):
        digits = f"{digits}.{places}"
    counted = "" if unit in ISO_4217 else f"{FIXED_SPACE}{unit}"
    return f"{_minus(amount)}{symbol(unit)}{digits}{counted}"


def short(amount: int, unit: str, exponent: int, *, to_places: bool = False) -> str:
    """ "$0", "$25k", "$1.25M", without a count's name; `to_places`: "$0.20" with all places of its unit."""
    size = abs(amount)
    for power, letter in SCALES:
        if size >= 10 ** (exponent + power):
            return f"{_minus(amount)}{symbol(unit)}{_trimmed(shown(size, exponent + power))}{letter}"
    digits = shown(size, exponent)
    return f"{_minus(amount)}{symbol(unit)}{digits if to_places and size else _trimmed(digits)}"


def symbol(unit: str) -> str:
    """What stands before an amount: "$", "CHF " (with a space that does not break), nothing for a count."""
    if unit not in ISO_4217:
        return ""
    sign = get_currency_symbol(unit, locale="en")
    return f"{sign}{FIXED_SPACE}" if sign[-1].isalpha() else sign


def _minus(amount: int) -> str:
    return "-" if amount < 0 else ""


def _trimmed(digits: str) -> str:
    """Without the zeros that say nothing after the point."""
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
