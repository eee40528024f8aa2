"""Every rate table that was uploaded."""

from domain.facts import RATES_TOPICS
from domain.rollup.rates import Rates, RateTable
from projections.view import View


def evolve(row: RateTable | None, fact: object) -> RateTable | None:
    match row, fact:
        case None, Rates.RatesUploaded(table=table):
            return table
    return row


RATE_TABLES = View("rate_tables", RateTable, evolve, RATES_TOPICS, indexes=["(row->>'name')"])
