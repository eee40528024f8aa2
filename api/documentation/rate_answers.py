"""What is answered about rates, for the documentation."""

from api.documentation.schemas import Schema, amount, day, mapping, page, record, text

TABLE = {
    "name": "month-end-2026-10",
    "as_of": "2026-10-31",
    "base": "USD",
    "rates": {"EUR": "1.0842", "JPY": "0.00657"},
}
LISTED = {"items": [TABLE], "next": None}
SCHEMAS: dict[str, Schema] = {
    "RateTable": record(
        "What one unit of each currency is in a base one, as of a day; for ever.",
        {
            "name": text("What targets call it"),
            "as_of": day("The day that the rates are of"),
            "base": text("The currency that the rates are in", "USD"),
            "rates": mapping(amount("Decimal text", "1.0842"), "By currency: what one unit of it is in the base"),
        },
    ),
    "RateTablePage": page("RateTable", "the name of the last table here"),
}
