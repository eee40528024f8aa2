"""What a sale does to the figures beside its amount: when a refund counts, whose a sale is, what was measured."""

from dataclasses import replace
from typing import Any

import pytest

from domain.ledger import Posting, bare
from domain.sale import Key
from domain.settlement import Version, act
from tests.domain.reference import Published
from tests.domain.shelf import EMEA, FIRST_DAY, SECOND_DAY, US, Shelf, correction, given, instant, refund
from tests.words import sale, void

ANA = [{"rep": "ana", "bps": 6_000}]
BEN = [{"rep": "ben", "bps": 10_000}]


def last(ledger: Shelf) -> Posting:
    return ledger.postings[-1]


def measured(id: str, level: str, **fields: Any) -> Published:
    return sale(id, level, kind="measurement", **fields)


def sold(**fields: Any) -> Published:
    """The first sale, of the first day."""
    return sale("1", "10.00", occurred_at=FIRST_DAY, **fields)


# When the original of a refund was


def test_a_refund_knows_when_the_sale_that_it_names_occurred() -> None:
    ledger = given(sold(dimensions=EMEA))

    ledger.record(refund("2", "4.00", corrects="1", dimensions=US, occurred_at=SECOND_DAY))

    assert (last(ledger).occurred_at, last(ledger).original_at) == (instant(SECOND_DAY), instant(FIRST_DAY))
    assert ledger.postings[0].original_at is None


def test_a_refund_goes_by_the_latest_version_of_its_sale() -> None:
    ledger = given(sold(), correction("2", "1", occurred_at=SECOND_DAY))

    ledger.record(refund("3", "4.00", corrects="1"))

    assert last(ledger).original_at == instant(SECOND_DAY)


def test_a_later_correction_of_its_sale_moves_a_refund_no_more() -> None:
    ledger = given(sold(), refund("2", "4.00", corrects="1"), correction("3", "1", occurred_at=SECOND_DAY))

    ledger.record(void("4", "2"))

    assert last(ledger).original_at == instant(FIRST_DAY)


def test_a_refund_of_a_void_sale_goes_by_when_that_sale_was() -> None:
    ledger = given(sold(), void("2", "1"))

    ledger.record(refund("3", "4.00", corrects="1"))

    assert last(ledger).original_at == instant(FIRST_DAY)


def test_a_refund_of_a_refund_goes_by_the_sale_behind_both() -> None:
    ledger = given(sold(), refund("2", "4.00", corrects="1", occurred_at=SECOND_DAY))

    ledger.record(refund("3", "1.00", corrects="2"))

    assert last(ledger).original_at == instant(FIRST_DAY)


def test_a_refund_that_waited_learns_it_when_its_sale_comes() -> None:
    ledger = given(refund("2", "4.00", corrects="1"))

    ledger.record(sold())

    assert (last(ledger).id, last(ledger).original_at) == ("2", instant(FIRST_DAY))


def test_a_refund_recorded_before_its_sale_never_learns_it() -> None:
    ledger = given(refund("2", "4.00", corrects="1", dimensions=US), sold())

    ledger.record(void("3", "2"))

    assert [one.original_at for one in ledger.postings] == [None, None, None]


def test_what_takes_a_refund_back_counts_when_that_did() -> None:
    ledger = given(sold(), refund("2", "4.00", corrects="1", occurred_at=SECOND_DAY))

    ledger.record(void("3", "2"))

    back = last(ledger)
    assert (back.amount, back.occurred_at, back.original_at) == (4_00, instant(SECOND_DAY), instant(FIRST_DAY))


def test_a_corrected_refund_keeps_its_original() -> None:
    ledger = given(sold(), refund("2", "4.00", corrects="1"), correction("3", "2", "3.00"))

    ledger.record(void("4", "2"), correction("5", "2", "2.00"))

    assert [one.original_at for one in ledger.postings[1:]] == [instant(FIRST_DAY)] * 5
    assert ledger.net() == 8_00


# Whose a sale is


def test_a_sale_says_who_shares_it() -> None:
    assert last(given(sold(credit=ANA))).credit == ANA
    assert last(given(sold(credit=[]))).credit is None


def test_a_reversal_is_shared_as_what_it_takes_back() -> None:
    ledger = given(sold(credit=ANA))

    ledger.record(correction("2", "1", "9.00", credit=BEN), void("3", "1", credit=ANA))

    assert [(one.amount, one.credit) for one in ledger.postings[1:]] == [(-10_00, ANA), (9_00, BEN), (-9_00, BEN)]


def test_a_correction_without_credit_is_whole() -> None:
    ledger = given(sold(credit=ANA))

    ledger.record(correction("2", "1", "9.00"))

    assert last(ledger).credit is None


@pytest.mark.parametrize(
    ("own", "dimensions", "credit"),
    [
        ({}, EMEA, ANA),
        ({"credit": BEN}, EMEA, BEN),
        ({"dimensions": US}, US, None),
        ({"dimensions": US, "credit": BEN}, US, BEN),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_a_refund_that_gives_neither_dimensions_nor_credit_has_those_of_its_sale(
    own: dict[str, Any], dimensions: dict[str, str], credit: Any, before: bool
) -> None:
    both = [sold(dimensions=EMEA, credit=ANA), refund("2", "4.00", corrects="1", **own)]
    ledger = given(*(both if before or "dimensions" in own else reversed(both)))

    assert (last(ledger).id, last(ledger).dimensions, last(ledger).credit) == ("2", dimensions, credit)


def test_a_refund_of_a_void_sale_is_shared_as_that_was() -> None:
    ledger = given(sold(credit=ANA), void("2", "1"))

    ledger.record(refund("3", "4.00", corrects="1"))

    assert last(ledger).credit == ANA


# What was measured


def test_a_measurement_posts_a_level_and_adds_nothing() -> None:
    ledger = given(measured("1", "-8.00", dimensions=EMEA, credit=ANA))

    assert (last(ledger).amount, last(ledger).level, last(ledger).withdraws) == (-8_00, True, None)
    assert last(ledger).credit is None
    assert ledger.net(**EMEA) == 0


def test_a_void_withdraws_the_level_that_was_said_where_it_was_said() -> None:
    ledger = given(measured("1", "8.00", dimensions=EMEA, occurred_at=FIRST_DAY))

    ledger.record(void("2", "1"))

    back = last(ledger)
    assert (back.id, back.withdraws, back.level, back.amount) == ("2", "1", True, 8_00)
    assert (back.occurred_at, back.dimensions, ledger.levels) == (instant(FIRST_DAY), EMEA, set())


def test_a_correction_withdraws_a_level_and_says_its_own() -> None:
    ledger = given(measured("1", "8.00"), correction("2", "1", "7.00"))

    ledger.record(correction("3", "1", "6.00", metric="margin"))

    said = [(one.id, one.metric, one.withdraws, one.amount) for one in ledger.postings[3:]]
    assert said == [("3", "revenue", "2", 7_00), ("3", "margin", None, 6_00)]


def test_a_void_measurement_is_brought_back_by_a_correction_that_withdraws_nothing() -> None:
    ledger = given(measured("1", "8.00"), void("2", "1"))

    ledger.record(correction("3", "1", "7.00"))

    assert [(one.withdraws, one.amount) for one in ledger.postings] == [(None, 8_00), ("1", 8_00), (None, 7_00)]


def test_a_correction_that_waited_for_a_measurement_is_a_level_too() -> None:
    ledger = given(correction("2", "1", "7.00"))

    ledger.record(measured("1", "8.00"))

    assert [(one.id, one.level, one.withdraws) for one in ledger.postings] == [
        ("1", True, None),
        ("2", True, "1"),
        ("2", True, None),
    ]


# What was recorded before any of this counted


def of_old(ledger: Shelf) -> Shelf:
    """The ledger as it was written before: silent about levels, credit and originals."""
    for name, version in ledger.versions.items():
        entry = replace(version.entry, level=None, credited=None, original_at=None)
        ledger.versions[name] = Version(version.kind, entry)
    return ledger


def test_what_takes_an_old_sale_back_takes_back_what_it_counted_then() -> None:
    ledger = of_old(given(sold(credit=ANA), sale("5"), refund("2", "4.00", corrects="5")))

    ledger.record(void("3", "1"), void("4", "2"))

    assert [(one.amount, one.credit, one.original_at) for one in ledger.postings[3:]] == [
        (-10_00, None, None),
        (4_00, None, None),
    ]


def test_an_old_measurement_is_withdrawn_from_nothing() -> None:
    ledger = of_old(given(measured("1", "8.00", dimensions=EMEA), measured("4", "5.00")))
    said = len(ledger.postings)

    ledger.record(void("2", "1"), correction("5", "4", "6.00"), refund("3", "1.00", corrects="1"))

    assert [(one.id, one.withdraws, one.amount) for one in ledger.postings[said:]] == [
        ("5", None, 6_00),
        ("3", None, -1_00),
    ]
    assert (last(ledger).dimensions, last(ledger).original_at) == (EMEA, None)


def test_what_a_line_does_follows_from_what_was_published_and_what_it_names() -> None:
    ledger = given(sold(credit=ANA, dimensions=EMEA))
    named = ledger.versions[Key("webshop", "1")]
    ledger.record(refund("2", "4.00", corrects="1"))

    again = bare(ledger.entries[-1])
    act(again, named)

    assert again == ledger.entries[-1]
