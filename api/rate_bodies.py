"""What is sent about rates, field by field."""

from pydantic import Field

from api.definition_bodies import NAME_RULE, Amount, Day, Strict
from domain.rollup.rates import PLACES


class RatesBody(Strict):
    """A rate table: what one unit of each currency is in a base one, as of a day."""

    name: str = Field(description=f"What targets call it in `rate_table`: {NAME_RULE}", examples=["month-end-2026-10"])
    as_of: Day = Field(description="The day that the rates are of", examples=["2026-10-31"])
    base: str = Field(description="The currency that the rates are in, by ISO 4217", examples=["USD"])
    rates: dict[str, Amount] = Field(
        description=f"By currency: what one unit of it is in the base, decimal text with up to {PLACES} places",
        examples=[{"EUR": "1.0842", "JPY": "0.00657"}],
    )


BODIES = (RatesBody,)
"""For the documentation."""
