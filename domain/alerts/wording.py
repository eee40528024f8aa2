"""How amounts, days and statuses stand in a sentence for people. Nothing here depends on a machine's language."""

from datetime import date

from domain.money import shown

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ONES = (
    ("ies", "y"),
    ("sses", "ss"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("xes", "x"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
)
"""How words end that name many, and how the one does: the first that fits."""
STANDS = {"off_track": "off track", "at_risk": "at risk", "on_track": "on track", "ahead": "ahead"}


def said_amount(minor: int, unit: str, exponent: int) -> str:
    """4000000 cents are "$40,000.00", 12 pieces are "12 pieces"."""
    whole, point, places = shown(abs(minor), exponent).partition(".")
    number = f"{int(whole):,}{point}{places}"
    named = one_of(unit) if number == "1" else unit
    said = f"{SIGNS[unit]}{number}" if unit in SIGNS else f"{number} {named}"
    return f"-{said}" if minor < 0 else said


def one_of(unit: str) -> str:
    """What one of them is called: "customers" are one "customer", "entries" one "entry"; others keep their name."""
    for many, one in ONES:
        if unit.endswith(many) and len(unit) > len(many) + 1:
            return f"{unit.removesuffix(many)}{one}"
    return unit


def said_day(day: date) -> str:
    """Such as "Fri 13 Nov"."""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def said_status(status: str) -> str:
    return STANDS.get(status, status.replace("_", " "))


def counted(number: int, one: str, many: str | None = None) -> str:
    """1 and "sale" are "1 sale", 2,000 of them "2,000 sales"; many: where an s more is not enough."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
