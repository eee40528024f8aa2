"""Rate tables: what one unit of each currency is in a base one, as of a day. Uploaded once, and never changed: another
day's rates are another table. A roll-up over several currencies pins what it takes from one in its plan."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

from domain.money import ISO_4217, decimal_shown
from domain.refusal import Refused
from domain.sale import name_of

if TYPE_CHECKING:
    from domain.application import Writing

TABLES = UUID("3b6e5a64-5f0e-5d1e-8b4c-0f6f0f5c9d21")
PLACES = 8
"""Decimal places of a rate."""
DIGITS_MAX = 12
"""Before the point."""
_RATE = re.compile(rf"[0-9]{{1,{DIGITS_MAX}}}(\.[0-9]{{1,{PLACES}}})?", re.ASCII)


@dataclass(frozen=True)
class RateTable:
    """rates: by currency, what one unit of it is in the base; decimal text."""

    name: str
    as_of: date
    base: str
    rates: dict[str, str]


def rate_table_of(name: str, as_of: date, base: str, rates: Mapping[str, str]) -> RateTable:
    """Refused, with the field: bad_name, unknown_unit, bad_rate."""
    name_of(name, "/name")
    _currency(base, "/base")
    if not rates:
        raise Refused("bad_rate", "a rate table has a rate at least", "/rates")
    for unit, text in rates.items():
        _currency(unit, f"/rates/{unit[:64]}")
        if _RATE.fullmatch(text) is None or not Fraction(text):
            detail = f'a rate is decimal text over zero with up to {PLACES} places, such as "1.0842"'
            raise Refused("bad_rate", detail, f"/rates/{unit}")
    if base in rates and Fraction(rates[base]) != 1:
        raise Refused("bad_rate", f"one {base} is one {base}", f"/rates/{base}")
    return RateTable(name, as_of, base, dict(sorted(rates.items())))


def _currency(unit: str, field: str) -> None:
    if unit not in ISO_4217:
        raise Refused("unknown_unit", f"{unit[:64]!r} is no active ISO 4217 currency with a minor unit", field)


def rates_into(unit: str, table: RateTable) -> dict[str, str]:
    """What one unit of each other currency of the table is in this one; with 8 places, half-even."""
    into_base = {one: Fraction(text) for one, text in table.rates.items()} | {table.base: Fraction(1)}
    if unit not in into_base:
        raise Refused("no_rate", f"the rate table {table.name} has no rate for {unit}", "/rate_table")
    found = {one: decimal_shown(rate / into_base[unit], PLACES) for one, rate in into_base.items() if one != unit}
    for one, text in found.items():
        if not Fraction(text):
            raise Refused("bad_rate", f"one {one} is too little in {unit} for {PLACES} decimal places", "/rate_table")
    return found


class Rates(BaseAggregate[UUID]):
    TOPIC = "rates"

    table: RateTable

    class Event(AggregateEvent):
        by: str

    class RatesUploaded(Event, AggregateCreated):
        TOPIC = "rates.uploaded"
        table: RateTable

    @classmethod
    def upload(cls, table: RateTable, *, by: str, at: datetime) -> "Rates":
        return cls._create(cls.RatesUploaded, id=rates_id(table.name), table=table, by=by, timestamp=at)

    @event(RatesUploaded)
    def __init__(self, table: RateTable) -> None:
        self.table = table


def rates_id(name: str) -> UUID:
    return uuid5(TABLES, name)


def upload_rates(log: "Writing", table: RateTable, *, by: str, at: datetime) -> None:
    """The same again changes nothing; another table of the same name is refused: rates_fixed."""
    known = log.aggregates(Rates, [rates_id(table.name)]).get(rates_id(table.name))
    if known is None:
        log.save(list(Rates.upload(table, by=by, at=at).collect_events()))
    elif known.table != table:
        detail = f"the rate table {table.name} is as it is for ever: upload these rates under another name"
        raise Refused("rates_fixed", detail, "/name")


def rates_in(log: "Writing", name: str, unit: str) -> dict[str, str]:
    """What a plan pins of this table. Refused: unknown_rate_table, no_rate."""
    known = log.aggregates(Rates, [rates_id(name)]).get(rates_id(name))
    if known is None:
        raise Refused("unknown_rate_table", f"there is no rate table {name[:64]}: POST /v1/rates", "/rate_table")
    return rates_into(unit, known.table)
