"""What is sent and answered about sales and metrics, field by field, for the documentation."""

from api.documentation.schemas import (
    Schema,
    amount,
    id_of,
    instant,
    list_of,
    mapping,
    named,
    one_of,
    or_null,
    page,
    record,
    text,
    whole,
)
from domain.metric import EXPONENT_MAX
from domain.sale import BASIS_POINTS, CREDITS_MAX, DIMENSIONS_MAX, KINDS, REQUIRED_OF_A_VOID, TEXT_LENGTH_MAX

STATES = ("counted", "waiting", "lapsed", "applied", "void", "corrected", "recorded")
SALE_KINDS = ("sale", *sorted(KINDS - {"sale"}))

_share = record(
    "One share of the credit.",
    {
        "rep": text("Who gets it: 1 to 128 printable characters", "ana"),
        "bps": whole("Basis points: 10,000 are the whole sale", 6_000) | {"minimum": 1, "maximum": BASIS_POINTS},
    },
)
_sale: dict[str, Schema] = {
    "source": text("Who publishes it: 1 to 64 lower-case letters, digits, `-` and `_`", "webshop"),
    "id": text(
        f"The source's own id, 1 to {TEXT_LENGTH_MAX} printable characters. With the source it counts once for ever:"
        " the same again is a duplicate, another content under it is refused (`conflict`)",
        "ord-1001",
    ),
    "kind": one_of(
        SALE_KINDS,
        "`sale`: the default. `refund` subtracts its positive amount, at its own date or, for targets that claw back,"
        " when the sale that `corrects` names was sold; giving neither dimensions nor credit it has those of that sale."
        " `void` takes back the sale that `corrects` names and needs only source, id, corrects and occurred_at;"
        " `correction` replaces it and carries all the right values. One that names a sale not yet seen waits for it."
        " `measurement` is a level and adds nothing to a sum",
    ),
    "metric": text(
        "What is counted: 1 to 64 lower-case letters, digits, `-` and `_`. Its first use fixes its unit", "revenue"
    ),
    "amount": amount(
        "Decimal text, zero or more (a measurement, or what corrects one, may be below 0), with at most the decimal"
        " places of its unit and up to 15 digits of minor units. A JSON number is refused",
        "19.99",
    ),
    "unit": text("An ISO 4217 currency in capitals, or the name of what is counted in lower case", "USD", "pieces"),
    "occurred_at": instant(
        "When it was sold, with an offset: it decides the day and the period. From 1970 to 24 hours from now",
        "2026-11-06T15:04:05-05:00",
    ),
    "dimensions": mapping(
        text(f"1 to {TEXT_LENGTH_MAX} printable characters, compared byte for byte"),
        f"What the scopes of targets match by, up to {DIMENSIONS_MAX}: names as of metrics, texts as values",
    )
    | {"maxProperties": DIMENSIONS_MAX},
    "corrects": text("The id, of the same source, of the sale that a refund, void or correction is for", "ord-1001"),
    "credit": list_of(
        _share,
        "How the sale is split among people: at most 10,000 basis points together. Toward a target whose scope names"
        " `rep` their shares count, instead of the dimension `rep`; toward any other the whole",
    )
    | {"maxItems": CREDITS_MAX},
}
_published = _sale | {"occurred_at": instant("When it was sold; in UTC")}

SCHEMAS: dict[str, Schema] = {
    "Sale": record(
        "A sale as a service publishes it. All but a void need metric, amount and unit, too.",
        _sale | {"kind": _sale["kind"] | {"default": "sale"}},
        optional=_sale.keys() - {"source", "id", "occurred_at"},
    ),
    "Recorded": record(
        "What came of a body of sales, after the last commit.",
        {
            "position": whole("Where the log stands then: a read with `min_position` of this has them all", 1234),
            "accepted": whole("So many are recorded now", 2),
            "duplicates": whole("So many were known already, with the same content", 1),
            "rejected": list_of(
                record(
                    "A sale that was refused: send it again, mended.",
                    {
                        "index": whole("Its place in the array, or among the lines that are not blank, from 0", 3),
                        "source": or_null(text("As it was sent. Null when it can't be read", "webshop")),
                        "id": or_null(text("As it was sent. Null when it can't be read", "ord-1004")),
                        "code": text("Which rule it breaks", "amount_not_text"),
                        "detail": text("The same in a sentence"),
                        "field": text("A JSON pointer into the sale; empty for the whole of it", "/amount"),
                    },
                ),
                "Those that were refused; the good ones count even so",
            ),
        },
    ),
    "SaleFound": record(
        "What became of a sale.",
        {
            "source": text("Who published it", "webshop"),
            "id": text("The source's own id", "ord-1001"),
            "position": whole("Where in the log it was recorded", 1234),
            "recorded_at": instant("When; in UTC"),
            "state": one_of(
                STATES,
                "`counted`; `waiting`: what it names has not come yet; `lapsed`: it no longer applied when that came;"
                " `applied`: a void that took its sale back; `void` or `corrected` by `latest`; `recorded`: a"
                " measurement",
            ),
            "sale": record(
                "As it was published, in UTC.",
                _published,
                optional=_published.keys() - {*REQUIRED_OF_A_VOID, "kind", "dimensions"} | {"corrects"},
            ),
            "root": text("The id of the sale that this is a version of: its own, or what it corrects", "ord-1001"),
            "latest": or_null(text("The id of the version in force. Null while this one waits", "ord-1001")),
            "counts_toward": list_of(
                record(
                    "A target.",
                    {
                        "target": id_of("Its id"),
                        "name": text("Its name"),
                        "amount": amount(
                            "What it counts there: below 0 for a refund; of a sale whose credit is split, the shares of"
                            " the people whom the target's scope names; of a measurement, its level",
                            "19.99",
                        ),
                        "counted_at": instant(
                            "When it counts there; in UTC. A target that claws back counts a refund when its original"
                            " was sold"
                        ),
                        "part": one_of(("numerator", "denominator"), "Of a ratio: where it counts"),
                    },
                    optional=["part"],
                ),
                "What `latest` counts toward now. A sale may stand in both parts of a ratio",
            ),
        },
    ),
    "Metric": record(
        "What sales are counted in.",
        {
            "name": text("1 to 64 lower-case letters, digits, `-` and `_`", "revenue"),
            "unit": text("An ISO 4217 currency, or the name of what is counted", "USD", "pieces"),
            "exponent": whole("Decimal places of the minor unit", 2) | {"minimum": 0, "maximum": EXPONENT_MAX},
        },
    ),
    "MetricPage": page("Metric", "the name of the last metric here"),
    "Health": record("What machines ask.", {"status": one_of(("alive", "ready"), "How it is")}),
}
SALES: Schema = {
    "anyOf": [
        named("Sale"),
        {"type": "array", "maxItems": 5_000, "items": named("Sale"), "description": "Many at once"},
    ]
}
