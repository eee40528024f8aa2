"""Amounts: what is read, what is refused, and that nothing is lost on the way."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import (
    ISO_4217,
    allocate,
    decimal_shown,
    exponent_of,
    half_even,
    minor_units,
    shown,
)
from domain.refusal import Refused

VECTORS: list[dict[str, Any]] = [
    vector
    for vector in json.loads(Path(__file__).with_name("semantics_vectors.json").read_text(encoding="utf-8"))
    if vector["kind"] == "allocate"
]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_a_total_is_split_as_the_semantics_say(vector: dict[str, Any]) -> None:
    assert allocate(vector["total"], vector["weights"]) == vector["gives"]


@pytest.mark.parametrize(
    ("text", "exponent", "amount"),
    [
        ("19.99", 2, 1999),
        ("19.9", 2, 1990),
        ("19", 2, 1900),
        ("0", 2, 0),
        ("0.05", 2, 5),
        ("-0", 2, 0),
        ("-0.00", 2, 0),
        ("12", 0, 12),
        ("1.234", 3, 1234),
        ("1.2345", 4, 12345),
        ("9999999999999.99", 2, 999_999_999_999_999),
        ("999999999999999", 0, 999_999_999_999_999),
        ("00000000000000000000019.99", 2, 1999),
        ("0" * 5_000 + "1", 0, 1),
    ],
)
def test_decimal_text_becomes_minor_units(text: str, exponent: int, amount: int) -> None:
    assert minor_units(text, exponent) == amount


@pytest.mark.parametrize(
    "text",
    # The last four are digits to Python, and no ASCII.
    [
        "",
        "-",
        ".",
        "+1",
        "1.",
        ".5",
        "1e3",
        "NaN",
        "Infinity",
        " 1",
        "1 ",
        "1\n",
        "1_000",
        "1,000",
        "1.2.3",
        "--1",
        "1-",
        "-.5",
        "0x1",
        "1.-5",
        "one",
        "\uff11\uff12",
        "\u0661",
        "\u00b2",
        "1.\u0662",
    ],
)
def test_text_that_is_no_plain_decimal_is_refused(text: str) -> None:
    for signed in (False, True):
        with pytest.raises(Refused) as refused:
            minor_units(text, 2, signed=signed)
        assert (refused.value.code, refused.value.field) == ("amount_not_decimal", "/amount")


@pytest.mark.parametrize(
    ("text", "exponent", "code"),
    [
        ("1.999", 2, "amount_too_precise"),
        ("1.990", 2, "amount_too_precise"),
        ("1.0", 0, "amount_too_precise"),
        ("10000000000000.00", 2, "amount_too_long"),
        ("10000000000000", 2, "amount_too_long"),
        ("1000000000000000", 0, "amount_too_long"),
        ("9" * 5_000, 0, "amount_too_long"),
        ("-0.01", 2, "amount_negative"),
        ("-5", 0, "amount_negative"),
    ],
)
def test_an_amount_that_its_unit_can_not_hold_is_refused(text: str, exponent: int, code: str) -> None:
    with pytest.raises(Refused) as refused:
        minor_units(text, exponent, field="/goal")
    assert (refused.value.code, refused.value.field) == (code, "/goal")


def test_a_measurement_may_be_below_zero() -> None:
    assert minor_units("-0.05", 2, signed=True) == -5
    assert minor_units("0.05", 2, signed=True) == 5


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.sampled_from([0, 2, 3, 4]))
def test_an_amount_shown_is_read_back_as_it_was(amount: int, exponent: int) -> None:
    assert minor_units(shown(amount, exponent), exponent, signed=True) == amount


def test_an_amount_is_shown_with_every_place_of_its_unit() -> None:
    assert [shown(-5, 2), shown(37088693, 2), shown(12, 0), shown(0, 3)] == ["-0.05", "370886.93", "12", "0.000"]


def test_rounding_takes_a_half_to_the_even_neighbour() -> None:
    halves = [Fraction(1, 2), Fraction(3, 2), Fraction(5, 2), Fraction(-1, 2), Fraction(-3, 2)]
    assert [half_even(half) for half in halves] == [0, 2, 2, 0, -2]
    assert decimal_shown(Fraction(26, 25), 4) == "1.0400"
    assert decimal_shown(Fraction(1, 8), 2) == "0.12"
    assert decimal_shown(Fraction(-1, 1000), 2) == "0.00"


def test_a_currency_has_the_places_of_iso_4217_and_a_count_has_none() -> None:
    units = ["USD", "JPY", "KWD", "CLF", "pieces", "signups", "new-customers_2", "7"]
    assert [exponent_of(unit) for unit in units] == [2, 0, 3, 4, 0, 0, 0, 0]
    assert len(ISO_4217) > 160


@pytest.mark.parametrize("unit", ["", "ZZZ", "XXX", "Usd", "USDT", "-x", "a b", "a" * 65, "pièces", "usd\n"])
def test_an_unknown_unit_is_refused(unit: str) -> None:
    with pytest.raises(Refused) as refused:
        exponent_of(unit)
    assert refused.value.code == "unknown_unit"


@given(
    st.integers(-(10**15), 10**15),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(lambda weights: sum(weights) > 0),
)
def test_the_shares_of_a_total_add_up_to_it_and_none_is_off_by_a_whole_unit(total: int, weights: list[int]) -> None:
    shares = allocate(total, weights)

    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_a_total_can_not_be_split_by_weights_that_are_none(weights: list[int]) -> None:
    with pytest.raises(Refused) as refused:
        allocate(100, weights)
    assert refused.value.code == "bad_weights"
