"""A sale as published: what is refused and why, and when two of them say the same."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.metric import Metric, metric_in
from domain.refusal import Refused
from domain.sale import FIELDS, KINDS, Sale, sale_of
from tests.words import NOW, REVENUE, sale, void

KNOWN = {"revenue": REVENUE, "pieces": Metric("pieces", "pieces", 0), "level": Metric("level", "BHD", 3)}


def exponent_of(metric: str, unit: str) -> int:
    return metric_in(KNOWN, metric, unit).exponent


def taken(fields: object) -> Sale:
    return sale_of(fields, NOW, exponent_of)


def taken_or_refused(fields: object) -> Sale | Refused:
    try:
        return taken(fields)
    except Refused as refused:
        return refused


def without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {field: value for field, value in fields.items() if field != name}


def dimensions(count: int) -> dict[str, str]:
    return {f"d{number}": "x" for number in range(count)}


def credit(*bps: int) -> list[dict[str, Any]]:
    return [{"rep": f"rep-{number}", "bps": share} for number, share in enumerate(bps)]


def test_a_sale_is_read_in_minor_units_utc_and_sorted_dimensions() -> None:
    said = sale(
        "ord-1001", "19.99", occurred_at="2026-11-06T15:04:05-05:00", dimensions={"rep": "ana", "region": "emea"}
    )

    found = taken(said)

    assert (found.key, found.kind, found.metric, found.unit) == (("webshop", "ord-1001"), "sale", "revenue", "USD")
    assert (found.amount, found.occurred_at) == (1999, datetime(2026, 11, 6, 20, 4, 5, tzinfo=UTC))
    assert list(found.dimensions.items()) == [("region", "emea"), ("rep", "ana")]


REFUSALS: list[tuple[str, Any, str, str]] = [
    ("an amount as a number", sale("1", amount=19.99), "amount_not_text", "/amount"),  # type: ignore[arg-type]
    ("an amount as a whole number", sale("1", amount=19), "amount_not_text", "/amount"),  # type: ignore[arg-type]
    ("not a number", sale("1", "NaN"), "amount_not_decimal", "/amount"),
    ("an infinite amount", sale("1", "Infinity"), "amount_not_decimal", "/amount"),
    ("an exponent", sale("1", "1e3"), "amount_not_decimal", "/amount"),
    ("no digit before the point", sale("1", ".50"), "amount_not_decimal", "/amount"),
    ("no digit after the point", sale("1", "5."), "amount_not_decimal", "/amount"),
    ("a decimal comma", sale("1", "19,99"), "amount_not_decimal", "/amount"),
    ("a plus sign", sale("1", "+5.00"), "amount_not_decimal", "/amount"),
    ("a blank in an amount", sale("1", " 5.00"), "amount_not_decimal", "/amount"),
    ("digits with underscores", sale("1", "1_000"), "amount_not_decimal", "/amount"),
    ("digits that are not ASCII", sale("1", "١٢"), "amount_not_decimal", "/amount"),
    ("a superscript digit", sale("1", "1²"), "amount_not_decimal", "/amount"),
    ("a line's end after an amount", sale("1", "5.00\n"), "amount_not_decimal", "/amount"),
    ("an empty amount", sale("1", ""), "amount_not_decimal", "/amount"),
    ("more places than the unit has", sale("1", "1.000"), "amount_too_precise", "/amount"),
    ("places of what has none", sale("1", "1.0", metric="pieces", unit="pieces"), "amount_too_precise", "/amount"),
    ("more than 15 digits", sale("1", "12345678901234.00"), "amount_too_long", "/amount"),
    ("a million digits", sale("1", "9" * 1_000_000), "amount_too_long", "/amount"),
    ("a negative amount", sale("1", "-0.01"), "amount_negative", "/amount"),
    ("a negative refund", sale("1", "-0.01", kind="refund"), "amount_negative", "/amount"),
    ("a time without an offset", sale("1", occurred_at="2026-11-06T15:04:05"), "bad_time", "/occurred_at"),
    ("a date without a time", sale("1", occurred_at="2026-11-06"), "bad_time", "/occurred_at"),
    ("a week's date", sale("1", occurred_at="2026-W45-5T00:00:00Z"), "bad_time", "/occurred_at"),
    ("the 30th of February", sale("1", occurred_at="2026-02-30T00:00:00Z"), "bad_time", "/occurred_at"),
    ("the year 0", sale("1", occurred_at="0000-01-01T00:00:00Z"), "bad_time", "/occurred_at"),
    ("before the calendar", sale("1", occurred_at="0001-01-01T00:00:00+23:59"), "bad_time", "/occurred_at"),
    ("after the calendar", sale("1", occurred_at="9999-12-31T23:59:59-23:59"), "bad_time", "/occurred_at"),
    ("an offset of a day", sale("1", occurred_at="2026-11-06T00:00:00+24:00"), "bad_time", "/occurred_at"),
    ("digits of a time that are not ASCII", sale("1", occurred_at="٢٠٢٦-11-06T00:00:00Z"), "bad_time", "/occurred_at"),
    ("a time as a number", sale("1", occurred_at=1_762_441_445), "bad_time", "/occurred_at"),
    ("the year 1900", sale("1", occurred_at="1900-01-01T00:00:00Z"), "time_out_of_range", "/occurred_at"),
    ("the year 3000", sale("1", occurred_at="3000-01-01T00:00:00Z"), "time_out_of_range", "/occurred_at"),
    ("an unknown field", sale("1", color="red"), "unknown_field", "/color"),
    ("an empty id", sale(""), "bad_text", "/id"),
    ("an id of 129 characters", sale("x" * 129), "bad_text", "/id"),
    ("an id of a control character", sale("a\x00b"), "bad_text", "/id"),
    ("an id with a tab", sale("a\tb"), "bad_text", "/id"),
    ("an id with half of a pair of surrogates", sale("a\ud800b"), "bad_text", "/id"),
    ("an id as a number", sale(1001), "bad_text", "/id"),  # type: ignore[arg-type]
    ("a source in capitals", sale("1", source="Webshop"), "bad_name", "/source"),
    ("an empty source", sale("1", source=""), "bad_name", "/source"),
    ("a source of 65 characters", sale("1", source="x" * 65), "bad_name", "/source"),
    ("a source with a line's end", sale("1", source="webshop\n"), "bad_name", "/source"),
    ("a source that begins with a dash", sale("1", source="-webshop"), "bad_name", "/source"),
    ("a source with a dot", sale("1", source="web.shop"), "bad_name", "/source"),
    ("a metric in capitals", sale("1", metric="Revenue"), "bad_name", "/metric"),
    ("another unit than the metric's", sale("1", unit="EUR"), "wrong_unit", "/unit"),
    ("a currency that is none", sale("1", metric="new", unit="XXX"), "unknown_unit", "/unit"),
    ("a unit that is none", sale("1", metric="new", unit="Pieces of eight"), "unknown_unit", "/unit"),
    ("a unit as a number", sale("1", unit=5), "unit_not_text", "/unit"),
    ("an unknown kind", sale("1", kind="gift"), "unknown_kind", "/kind"),
    ("17 dimensions", sale("1", dimensions=dimensions(17)), "too_many_dimensions", "/dimensions"),
    ("40 dimensions", sale("1", dimensions=dimensions(40)), "too_many_dimensions", "/dimensions"),
    ("dimensions as a list", sale("1", dimensions=["emea"]), "bad_dimensions", "/dimensions"),
    ("a dimension in capitals", sale("1", dimensions={"Region": "x"}), "bad_name", "/dimensions"),
    ("a dimension without a name", sale("1", dimensions={"": "x"}), "bad_name", "/dimensions"),
    ("a dimension without a value", sale("1", dimensions={"region": ""}), "bad_text", "/dimensions/region"),
    ("a dimension of 129 characters", sale("1", dimensions={"region": "x" * 129}), "bad_text", "/dimensions/region"),
    ("a dimension that is a list", sale("1", dimensions={"region": ["x"]}), "bad_text", "/dimensions/region"),
    ("a dimension with NUL", sale("1", dimensions={"region": "\x00"}), "bad_text", "/dimensions/region"),
    ("credit over the whole", sale("1", credit=credit(6_000, 4_001)), "bad_credit", "/credit"),
    ("one share over the whole", sale("1", credit=credit(10_001)), "bad_credit", "/credit/0/bps"),
    ("a share of nothing", sale("1", credit=credit(0)), "bad_credit", "/credit/0/bps"),
    ("a share of less than nothing", sale("1", credit=credit(1, -1)), "bad_credit", "/credit/1/bps"),
    ("a share that is true", sale("1", credit=credit(True)), "bad_credit", "/credit/0/bps"),
    ("a broken share", sale("1", credit=[{"rep": "ana", "bps": 0.5}]), "bad_credit", "/credit/0/bps"),
    ("a share of nobody", sale("1", credit=[{"bps": 1}]), "bad_credit", "/credit/0"),
    ("a share with more to say", sale("1", credit=[{"rep": "a", "bps": 1, "x": 1}]), "bad_credit", "/credit/0"),
    ("a share for an empty name", sale("1", credit=[{"rep": "", "bps": 1}]), "bad_text", "/credit/0/rep"),
    ("17 shares", sale("1", credit=credit(*[1] * 17)), "bad_credit", "/credit"),
    ("credit as an object", sale("1", credit={"ana": 10_000}), "bad_credit", "/credit"),
    ("a sale that corrects", sale("2", corrects="1"), "corrects_nothing", "/corrects"),
    ("a measurement that corrects", sale("2", kind="measurement", corrects="1"), "corrects_nothing", "/corrects"),
    ("a void of itself", void("1", "1"), "corrects_itself", "/corrects"),
    ("a correction of itself", sale("1", kind="correction", corrects="1"), "corrects_itself", "/corrects"),
    ("a refund of itself", sale("1", kind="refund", corrects="1"), "corrects_itself", "/corrects"),
    ("a correction of nothing", sale("1", kind="correction"), "missing_field", "/corrects"),
    ("a void of nothing", without(void("1", "2"), "corrects"), "missing_field", "/corrects"),
    ("a void of an empty id", void("1", ""), "bad_text", "/corrects"),
    ("a void with an amount alone", void("1", "2", amount="1.00"), "missing_field", "/metric"),
    ("a void with a unit alone", void("1", "2", unit="USD"), "missing_field", "/metric"),
    ("no object but a list", [sale("1")], "not_an_object", ""),
    ("no object but text", "a sale", "not_an_object", ""),
    ("no object but a number", 1, "not_an_object", ""),
    ("no object but true", True, "not_an_object", ""),
    ("nothing at all", None, "not_an_object", ""),
    ("an empty object", {}, "missing_field", "/source"),
    *[
        (f"a sale without {name}", without(sale("1"), name), "missing_field", f"/{name}")
        for name in ("source", "id", "metric", "amount", "unit", "occurred_at")
    ],
    *[
        (f"a void without {name}", without(void("1", "2"), name), "missing_field", f"/{name}")
        for name in ("source", "id", "occurred_at")
    ],
]


@pytest.mark.parametrize(("said", "code", "field"), [pytest.param(*refusal, id=name) for name, *refusal in REFUSALS])
def test_what_is_no_sale_is_refused_by_name_and_field(said: object, code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        taken(said)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.detail


@pytest.mark.parametrize("name", sorted(FIELDS))
@pytest.mark.parametrize("wrong", [True, False, None, 0, -1, 1.5, [], [None], {"a": {}}, "", "\x00", "\ud800"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_wrong_value_in_any_field_is_a_sale_or_a_refusal_and_nothing_else(name: str, wrong: Any, kind: str) -> None:
    said = sale("1", kind=kind, corrects="2", dimensions={"region": "emea"}, credit=credit(10_000)) | {name: wrong}

    assert isinstance(taken_or_refused(said), Sale | Refused)


@pytest.mark.parametrize(
    "said",
    [
        sale("1", "0"),
        sale("1", "-0.00"),
        sale("1", "9999999999999.99"),
        sale("1", "000000000000000000019.99"),
        sale("1", "-5.123", metric="level", unit="BHD", kind="measurement"),
        sale("2", "-5.123", metric="level", unit="BHD", kind="correction", corrects="1"),
        sale("1", "5", metric="anything-new_1", unit="JPY"),
        sale("x" * 128),
        sale("Straße 1 / 東京 🛒"),
        sale("1", dimensions=dimensions(16), credit=credit(*[625] * 16)),
        sale("1", dimensions={}, credit=[], corrects=None),
        sale("1", occurred_at="1970-01-01T00:00:00Z"),
        sale("1", occurred_at=(NOW + timedelta(hours=24)).isoformat()),
        sale("1", occurred_at="2026-11-06t15:04:05.123456789z"),
        sale("2", "5.00", kind="refund"),
        sale("2", "5.00", kind="refund", corrects="1"),
        void("2", "1"),
        void("2", "1", metric="revenue", unit="USD", amount="5.00", dimensions={"region": "emea"}),
    ],
)
def test_what_the_rules_allow_is_taken(said: dict[str, Any]) -> None:
    assert taken(said).key.id == said["id"]


def test_a_sale_may_lie_24_hours_ahead_and_not_a_second_more() -> None:
    too_far = (NOW + timedelta(hours=24, seconds=1)).isoformat()

    with pytest.raises(Refused, match="24 hours"):
        taken(sale("1", occurred_at=too_far))


FULL = sale(
    "1",
    "19.90",
    kind="refund",
    corrects="0",
    dimensions={"region": "emea", "rep": "ana"},
    credit=credit(6_000, 4_000),
    occurred_at="2026-11-06T15:04:05Z",
)


@pytest.mark.parametrize(
    "change",
    [
        {"dimensions": {"rep": "ana", "region": "emea"}},
        {"occurred_at": "2026-11-06T15:04:05+00:00"},
        {"occurred_at": "2026-11-06T10:04:05-05:00"},
        {"occurred_at": "2026-11-06 15:04:05.000z"},
        {"occurred_at": "2026-11-07T00:49:05+09:45"},
        {"amount": "19.9"},
        {"amount": "0019.90"},
        {"id": "another"},
        {"source": "another"},
    ],
)
def test_the_same_content_in_other_words_is_the_same(change: dict[str, Any]) -> None:
    assert taken(FULL | change).content == taken(FULL).content


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "19.91"},
        {"occurred_at": "2026-11-06T15:04:06Z"},
        {"occurred_at": "2026-11-06T15:04:05.000001Z"},
        {"kind": "correction"},
        {"corrects": "00"},
        {"corrects": None},
        {"dimensions": {"region": "emea"}},
        {"dimensions": {"region": "emea", "rep": "Ana"}},
        {"dimensions": {"region": "ana", "rep": "emea"}},
        {"dimensions": None},
        {"credit": credit(6_000, 4_000)[::-1]},
        {"credit": credit(6_000, 3_999)},
        {"credit": None},
        {"metric": "other", "unit": "USD"},
        {"metric": "revenue-eur", "unit": "EUR"},
    ],
)
def test_a_change_of_any_field_is_another_content(change: dict[str, Any]) -> None:
    assert taken(FULL | change).content != taken(FULL).content


def test_two_letters_that_look_alike_are_two() -> None:
    composed = taken(FULL | {"dimensions": {"rep": "\u00e9"}})
    combined = taken(FULL | {"dimensions": {"rep": "e\u0301"}})

    assert composed.content != combined.content


def test_a_strange_field_is_pointed_at_as_json_pointers_point() -> None:
    with pytest.raises(Refused) as refused:
        taken(sale("1") | {"a/b~c": 1})

    assert (refused.value.code, refused.value.field) == ("unknown_field", "/a~1b~0c")


# Anything that JSON can say

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=200)
    | st.text(st.characters(categories=["Cs", "Cc"]), max_size=3)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "source": st.sampled_from(["webshop", "shop-2"]),
    "id": st.text(min_size=1, max_size=3),
    "metric": st.sampled_from(["revenue", "pieces", "level", "new"]),
    "amount": st.from_regex(r"-?[0-9]{1,16}(\.[0-9]{1,3})?", fullmatch=True),
    "unit": st.sampled_from(["USD", "pieces", "BHD", "JPY"]),
    "occurred_at": st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
    "dimensions": st.dictionaries(st.from_regex(r"[a-z]{1,2}", fullmatch=True), st.text(max_size=2), max_size=18),
    "kind": st.sampled_from(sorted(KINDS)),
    "corrects": st.text(max_size=2),
    "credit": st.lists(st.fixed_dictionaries({"rep": st.text(max_size=2), "bps": st.integers(-1, 10_001)}), max_size=3),
}


@given(
    st.fixed_dictionaries({}, optional={name: likely | JSON for name, likely in LIKELY.items()})
    | st.dictionaries(st.sampled_from(sorted(FIELDS)) | st.text(max_size=3), JSON, max_size=11)
    | JSON
)
@example({"\ud800": 1})
@example(sale("1", unit="\ud800"))
@example(sale("1", dimensions={"\ud800": "x"}))
def test_whatever_json_says_is_a_sale_or_a_refusal_and_nothing_else(value: object) -> None:
    found = taken_or_refused(value)

    if isinstance(found, Refused):
        assert found.code
        assert found.field == "" or found.field.startswith("/")
    else:
        assert len(found.content) == 16
