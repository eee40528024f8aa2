"""Amounts: whole minor units inside, decimal text at the edges, exact fractions between; never a float."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from domain.refusal import Refused

DIGITS_MAX = 15
"""Digits of an amount in minor units."""

_PLACES: Mapping[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN
        BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
        GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP
        LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
        NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
        SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER
        ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

ISO_4217: Mapping[str, int] = MappingProxyType(
    {code: exponent for exponent, codes in _PLACES.items() for code in codes.split()}
)
"""Currency code -> decimal places of its minor unit.

The active codes, and those that ended lately (ANG in 2025, BGN in 2026): last year's sales are still in them.
Codes without a minor unit (gold, special drawing rights, tests: XAU, XDR, XTS) are no unit of a sale.
"""

MISTAKEN = frozenset(
    "usd eur gbp jpy chf cad aud cny inr brl mxn sek nok dkk pln czk huf krw sgd hkd nzd zar".split()  # noqa: SIM905
)
"""Nobody counts in these: a first sale in "usd" would fix a metric's unit for ever to something without cents."""

_COUNT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)
_POWERS: tuple[int, ...] = tuple(int(10**places) for places in range(DIGITS_MAX + 1))


def exponent_of(unit: str) -> int:
    """Decimal places of a unit: a currency's by ISO 4217, 0 for a count such as "pieces"; else Refused."""
    exponent = ISO_4217.get(unit)
    if exponent is not None:
        return exponent
    if unit in MISTAKEN:
        raise Refused("unknown_unit", f"a currency stands in capitals: {unit.upper()}, not {unit}", "/unit")
    if _COUNT.fullmatch(unit):
        return 0
    if _CODE.fullmatch(unit):
        raise Refused("unknown_unit", f"{unit} is no active ISO 4217 currency with a minor unit", "/unit")
    raise Refused(
        "unknown_unit",
        "a unit is an ISO 4217 currency such as USD, or the name of what is counted such as pieces: "
        "1 to 64 lower-case letters, digits, '-' or '_', beginning with a letter or a digit",
        "/unit",
    )


def minor_units(text: str, exponent: int, *, field: str = "/amount", signed: bool = False) -> int:
    """The amount that decimal text such as "19.99" says, in minor units of a unit with `exponent` places.

    Only ASCII digits, with one point between digits and a minus before them; "-0" is 0. Refused:
    amount_not_decimal, amount_too_precise (more places than the unit has, zeros too), amount_too_long (over
    15 digits of minor units; leading zeros don't count), amount_negative (below 0 and not `signed`).
    """
    whole, point, places = text.partition(".")
    digits = whole + places
    missing = exponent - len(places)
    # Nearly every amount ends here: unsigned and short. All else, refusals too, takes the slow way below.
    if (
        digits.isdigit()
        and digits.isascii()
        and whole
        and (places or not point)
        and 0 <= missing <= DIGITS_MAX - len(digits)
    ):
        return int(digits) * _POWERS[missing]
    return _minor_units_slowly(text, exponent, field, signed)


def _minor_units_slowly(text: str, exponent: int, field: str, signed: bool) -> int:
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise Refused("amount_not_decimal", f'"{text[:40]}" is no decimal number such as "19.99"', field)
    minus, whole, places = match[1], match[2], match[3] or ""
    if len(places) > exponent:
        raise Refused(
            "amount_too_precise",
            f'"{text[:40]}" has {len(places)} decimal places, and its unit has {exponent}: round it to as many',
            field,
        )
    digits = (whole + places).lstrip("0")
    missing = exponent - len(places)
    if digits and len(digits) + missing > DIGITS_MAX:
        raise Refused("amount_too_long", f"an amount has up to {DIGITS_MAX} digits of minor units", field)
    amount = int(digits or "0") * _POWERS[missing]
    if minus and amount and not signed:
        raise Refused("amount_negative", f'"{text[:40]}" is below 0: the kind of a sale says its sign', field)
    return -amount if minus else amount


def shown(amount: int, exponent: int) -> str:
    """Minor units as decimal text with exactly `exponent` places: -5 with 2 is "-0.05", 12 with 0 is "12"."""
    if exponent == 0:
        return str(amount)
    whole, places = divmod(abs(amount), 10**exponent)
    return f"{'-' if amount < 0 else ''}{whole}.{places:0{exponent}d}"


def half_even(value: Fraction) -> int:
    """The nearest whole number, a half to the even one: the one rounding, done once, at output."""
    return round(value)


def decimal_shown(value: Fraction, places: int) -> str:
    """A fraction as decimal text, rounded half-even: 26/25 with 4 places is "1.0400"."""
    return shown(half_even(value * 10**places), places)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split minor units in proportion to the weights, exactly: largest remainder, ties to the earlier.

    A negative total is split as its opposite. Refused (bad_weights): a weight below 0, or none above it.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise Refused("bad_weights", "weights are whole numbers from 0 up, at least one of them above 0", "/weights")
    if total < 0:
        return [-share for share in allocate(-total, weights)]
    shares = [total * weight // whole for weight in weights]
    # sorted() keeps equals in order, so of two equal remainders the earlier comes first.
    by_remainder = sorted(range(len(weights)), key=lambda index: -(total * weights[index] % whole))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares
