"""How a sale enters the ledger: known, in conflict, waiting, or replacing another; each rule a sentence."""

from collections import Counter
from random import Random

import pytest
from hypothesis import example, settings
from hypothesis import given as given_any

from domain.sale import Key
from domain.settlement import Book, Settled, Verdict, settle
from tests.domain.publishing import SOURCES, batches, histories, long_history, split, splits
from tests.domain.reference import Published, Reference
from tests.domain.shelf import EMEA, FIRST_DAY, SECOND_DAY, US, Shelf, correction, given, instant, read, refund
from tests.words import sale, void


def test_a_sale_counts_by_its_own_amount_time_and_dimensions() -> None:
    ledger = Shelf()

    verdicts = ledger.record(sale("1", "19.99", dimensions=EMEA))

    assert verdicts == ["accepted"]
    assert [(one.amount, one.dimensions) for one in ledger.postings] == [(19_99, EMEA)]


def test_the_same_sale_again_is_a_duplicate_and_counts_once() -> None:
    ledger = given(sale("1", "10.00"))

    assert ledger.record(sale("1", "10.0"), sale("1")) == ["duplicate", "duplicate"]

    assert ledger.net() == 10_00


def test_the_same_id_of_another_source_is_another_sale() -> None:
    ledger = given(sale("1"))

    assert ledger.record(sale("1", "2.00", source="shop")) == ["accepted"]


def test_other_content_under_a_known_id_is_a_conflict() -> None:
    ledger = given(sale("1", "10.00"))

    assert ledger.record(sale("1", "10.01")) == ["conflict"]

    assert ledger.net() == 10_00


def test_within_a_batch_the_first_wins() -> None:
    ledger = Shelf()

    assert ledger.record(sale("1", "10.00"), sale("1", "20.00"), sale("1", "10.00")) == [
        "accepted",
        "conflict",
        "duplicate",
    ]

    assert ledger.net() == 10_00


def test_a_void_takes_back_what_its_sale_counted_where_and_when_it_counted() -> None:
    ledger = given(sale("1", "10.00", dimensions=EMEA, occurred_at=FIRST_DAY))

    assert ledger.record(void("2", "1", occurred_at=SECOND_DAY)) == ["accepted"]

    back = ledger.postings[-1]
    assert (back.amount, back.dimensions, back.occurred_at) == (-10_00, EMEA, instant(FIRST_DAY))


def test_a_void_of_what_is_void_is_refused_and_leaves_no_identity() -> None:
    ledger = given(sale("1"), void("2", "1"))

    assert ledger.record(void("3", "1")) == ["already_void"]
    assert ledger.record(sale("3", "5.00")) == ["accepted"]

    assert ledger.net() == 5_00


def test_a_void_counts_once_however_often_it_comes() -> None:
    ledger = given(sale("1"), void("2", "1"))

    assert ledger.record(void("2", "1"), void("2", "1")) == ["duplicate", "duplicate"]

    assert ledger.net() == 0


def test_a_correction_replaces_its_sale() -> None:
    ledger = given(sale("1", "10.00"))

    assert ledger.record(correction("2", "1", "7.50")) == ["accepted"]

    assert ledger.net() == 7_50


def test_a_correction_moves_a_sale_from_one_scope_and_day_to_another() -> None:
    ledger = given(sale("1", "10.00", dimensions=EMEA, occurred_at=FIRST_DAY))

    ledger.record(correction("2", "1", "10.00", dimensions=US, occurred_at=SECOND_DAY))

    assert [(one.amount, one.dimensions) for one in ledger.postings[1:]] == [(-10_00, EMEA), (10_00, US)]
    assert ledger.figures == Counter({("revenue", (("region", "us"),), instant(SECOND_DAY), None, ()): 10_00})


def test_a_correction_may_move_a_sale_to_another_metric() -> None:
    ledger = given(sale("1", "10.00"))

    ledger.record(correction("2", "1", "10.00", metric="margin"))

    assert [metric for metric, *_ in ledger.figures] == ["margin"]


def test_a_second_correction_replaces_the_first_whichever_it_names() -> None:
    ledger = given(sale("1", "10.00"), correction("2", "1", "7.00"))

    assert ledger.record(correction("3", "1", "6.00"), correction("4", "2", "5.00")) == ["accepted", "accepted"]

    assert ledger.net() == 5_00


@pytest.mark.parametrize("version", ["1", "2", "3"])
def test_a_void_may_name_any_version_and_takes_back_the_latest(version: str) -> None:
    ledger = given(sale("1", "10.00"), correction("2", "1", "7.00"), correction("3", "2", "5.00"))

    assert ledger.record(void("4", version)) == ["accepted"]

    assert ledger.postings[-1].amount == -5_00
    assert ledger.net() == 0


@pytest.mark.parametrize("named", ["1", "2"])
def test_after_a_void_only_a_correction_is_taken(named: str) -> None:
    ledger = given(sale("1", "10.00"), void("2", "1"))

    assert ledger.record(void("3", named), correction("4", named, "8.00")) == ["already_void", "accepted"]

    assert ledger.net() == 8_00


def test_what_a_correction_brought_back_can_be_voided_again() -> None:
    ledger = given(sale("1"), void("2", "1"), correction("3", "1", "8.00"))

    assert ledger.record(void("4", "1")) == ["accepted"]

    assert ledger.net() == 0


def test_a_corrected_refund_stays_a_refund() -> None:
    ledger = given(refund("1", "10.00"))

    ledger.record(correction("2", "1", "3.00"))

    assert ledger.net() == -3_00


def test_a_voided_refund_counts_again_what_it_took() -> None:
    ledger = given(sale("1", "10.00"), refund("2", "4.00", corrects="1"))

    assert ledger.record(void("3", "2")) == ["accepted"]

    assert ledger.net() == 10_00


def test_a_refund_subtracts_at_its_own_date_by_its_own_dimensions() -> None:
    ledger = given(sale("1", "10.00", dimensions=EMEA, occurred_at=FIRST_DAY))

    ledger.record(refund("2", "4.00", corrects="1", dimensions=US, occurred_at=SECOND_DAY))

    taken = ledger.postings[-1]
    assert (taken.amount, taken.dimensions) == (-4_00, US)
    assert taken.occurred_at == instant(SECOND_DAY)


def test_a_refund_with_dimensions_of_its_own_does_not_wait_for_its_sale() -> None:
    ledger = Shelf()

    assert ledger.record(refund("2", "4.00", corrects="unseen", dimensions=US)) == ["accepted"]

    assert ledger.net(region="us") == -4_00


def test_a_refund_that_names_nothing_counts_at_once() -> None:
    assert given(refund("1", "4.00")).net() == -4_00


def test_a_refund_without_dimensions_inherits_those_of_its_sale() -> None:
    ledger = given(sale("1", "10.00", dimensions=EMEA))

    ledger.record(refund("2", "4.00", corrects="1"))

    assert ledger.net(region="emea") == 6_00


def test_a_refund_inherits_the_dimensions_that_its_sale_was_corrected_to() -> None:
    ledger = given(sale("1", "10.00", dimensions=EMEA), correction("2", "1", "10.00", dimensions=US))

    ledger.record(refund("3", "4.00", corrects="1"))

    assert ledger.net(region="us") == 6_00


def test_a_refund_of_a_void_sale_inherits_the_dimensions_that_the_sale_had() -> None:
    ledger = given(sale("1", "10.00", dimensions=EMEA), void("2", "1", dimensions=US))

    ledger.record(refund("3", "4.00", corrects="1"))

    assert ledger.net(region="emea") == -4_00


def test_a_refund_of_a_refund_inherits_what_that_one_inherited() -> None:
    ledger = given(sale("1", "10.00", dimensions=EMEA), refund("2", "4.00", corrects="1"))

    ledger.record(refund("3", "1.00", corrects="2"))

    assert ledger.net(region="emea") == 5_00


def test_a_refund_of_a_void_measurement_inherits_the_dimensions_that_it_had() -> None:
    ledger = given(sale("1", "10.00", kind="measurement", dimensions=EMEA), void("2", "1"))

    ledger.record(refund("3", "4.00", corrects="1"))

    assert ledger.net(region="emea") == -4_00


def test_several_refunds_of_one_sale_all_count() -> None:
    ledger = given(sale("1", "10.00"))

    ledger.record(refund("2", "4.00", corrects="1"), refund("3", "4.00", corrects="1"))

    assert ledger.net() == 2_00


def test_a_void_of_what_is_not_seen_yet_waits_and_counts_nothing() -> None:
    ledger = Shelf()

    assert ledger.record(void("2", "1")) == ["waiting"]

    assert ledger.postings == []


def test_a_void_that_came_before_its_sale_is_applied_with_it() -> None:
    ledger = given(void("2", "1"))

    assert ledger.record(sale("1", "10.00")) == ["accepted"]

    assert [(one.id, one.amount) for one in ledger.postings] == [("1", 10_00), ("2", -10_00)]


def test_what_waits_is_a_duplicate_when_it_comes_again_and_a_conflict_when_it_says_else() -> None:
    ledger = given(void("2", "1"))

    assert ledger.record(void("2", "1"), void("2", "3")) == ["duplicate", "conflict"]


def test_what_waits_for_one_sale_is_applied_in_order_of_recording() -> None:
    ledger = given(correction("2", "1", "7.00"), correction("3", "1", "6.00"))

    ledger.record(sale("1", "10.00"))

    assert ledger.net() == 6_00


def test_a_second_void_that_waited_lapses_when_the_first_is_applied() -> None:
    ledger = given(void("2", "1"), void("3", "1"))

    ledger.record(sale("1", "10.00"))

    assert ledger.lapsed == [Key("webshop", "3")]
    assert [entry.state for entry in ledger.entries] == ["waiting", "waiting", None, "applied", "lapsed"]
    assert ledger.net() == 0


def test_a_measurement_may_be_corrected_to_a_level_below_nothing() -> None:
    ledger = given(sale("1", "3.00", kind="measurement"))

    assert ledger.record(correction("2", "1", "-4.50"), correction("3", "2", "-5.00")) == ["accepted", "accepted"]

    assert [amount for *_, amount in ledger.levels] == [-5_00]


@pytest.mark.parametrize("kind", ["sale", "refund"])
def test_what_is_no_measurement_is_never_corrected_to_less_than_nothing(kind: str) -> None:
    ledger = given(sale("1", "3.00", kind=kind))
    before = ledger.net()

    assert ledger.record(correction("2", "1", "-4.50")) == ["amount_negative"]
    assert ledger.record(correction("2", "1", "-0.00")) == ["accepted"]

    assert (abs(before), ledger.net()) == (3_00, 0)


def test_a_correction_below_nothing_that_waited_lapses_when_its_sale_comes() -> None:
    ledger = given(correction("2", "1", "-4.50"), correction("4", "3", "-4.50"))

    ledger.record(sale("1", "3.00"), sale("3", "3.00", kind="measurement"))

    assert ledger.lapsed == [Key("webshop", "2")]
    assert (ledger.net(), [amount for *_, amount in ledger.levels]) == (3_00, [-4_50])


def test_a_void_then_a_correction_that_waited_leave_the_correction() -> None:
    ledger = given(void("2", "1"), correction("3", "1", "6.00"))

    ledger.record(sale("1", "10.00"))

    assert (ledger.lapsed, ledger.net()) == ([], 6_00)


def test_a_void_of_a_void_that_waits_waits_for_the_same_sale() -> None:
    ledger = given(void("2", "1"), void("3", "2"))

    ledger.record(sale("1", "10.00"))

    assert ledger.lapsed == [Key("webshop", "3")]


def test_a_chain_that_came_backwards_is_settled_when_its_sale_comes() -> None:
    ledger = given(void("4", "3"), correction("3", "2", "8.00"), correction("2", "1", "9.00"))

    ledger.record(sale("1", "10.00"))

    assert [entry.id for entry in ledger.entries[3:]] == ["1", "4", "3", "2"]
    assert ledger.net() == 9_00


def test_a_chain_is_settled_when_its_missing_link_comes_after_the_sale() -> None:
    ledger = given(sale("1", "10.00"), void("3", "2"))

    assert ledger.record(correction("2", "1", "9.00")) == ["accepted"]

    assert [entry.state for entry in ledger.entries] == [None, "waiting", None, "applied"]
    assert ledger.net() == 0


def test_what_waited_for_a_link_that_waits_itself_waits_on_for_the_sale() -> None:
    ledger = given(void("3", "2"), correction("2", "1", "9.00"))

    assert ledger.waiting.keys() == {Key("webshop", "2"), Key("webshop", "3")}
    assert {root for root, _ in ledger.waiting.values()} == {Key("webshop", "1")}


def test_the_whole_chain_may_come_in_one_batch_and_any_order() -> None:
    ledger = Shelf()

    verdicts = ledger.record(void("3", "2"), correction("2", "1", "9.00"), sale("1", "10.00"))

    assert verdicts == ["waiting", "waiting", "accepted"]
    assert ledger.net() == 9_00


def test_a_refund_that_waits_is_counted_by_its_sale_s_dimensions() -> None:
    ledger = given(refund("2", "4.00", corrects="1"))

    ledger.record(sale("1", "10.00", dimensions=EMEA))

    assert ledger.net(region="emea") == 6_00


def test_what_waits_for_a_refund_that_waits_follows_it() -> None:
    ledger = given(void("3", "2"), refund("2", "4.00", corrects="1"), refund("4", "1.00", corrects="2"))

    ledger.record(sale("1", "10.00", dimensions=EMEA))

    assert ledger.net(region="emea") == 9_00


def test_a_ring_of_voids_without_a_sale_is_refused() -> None:
    ledger = given(void("2", "1"), void("3", "2"))

    assert ledger.record(void("1", "3")) == ["corrects_itself"]


def test_a_sale_of_another_source_is_not_what_a_void_names() -> None:
    ledger = given(sale("1", source="shop"))

    assert ledger.record(void("2", "1")) == ["waiting"]


def test_a_refused_sale_leaves_no_identity_and_comes_again_mended() -> None:
    ledger = given(sale("1"), void("2", "1"), void("4", "3"))

    assert ledger.record(void("3", "1"), correction("3", "1", "5.00")) == ["already_void", "accepted"]

    assert ledger.net() == 0


def test_settling_says_what_it_came_to() -> None:
    book = Book()

    assert settle(read(void("2", "1")), book).verdict is Verdict.WAITING
    settled = settle(read(sale("1")), book)

    assert settled == Settled(Verdict.ACCEPTED, settled.entries, [])
    assert [entry.id for entry in settled.entries] == ["1", "2"]


# The property: whatever comes in whatever order and batches, the postings come to what the latest versions say.


@given_any(histories(), splits())
@example([void("2", "1"), void("3", "1"), sale("1")], [1, 1, 1])
@settings(max_examples=600)
def test_the_postings_of_any_history_come_to_what_the_latest_versions_say(
    history: list[Published], sizes: list[int]
) -> None:
    reference, ledger = Reference(), Shelf()

    expected = [reference.publish(one) for one in history]
    verdicts = [verdict for batch in batches(history, sizes) for verdict in ledger.record(*batch)]

    assert verdicts == expected
    assert ledger.figures == reference.figures()
    assert ledger.levels == reference.levels()
    assert sorted(ledger.lapsed) == sorted(reference.lapsed)
    assert {*ledger.waiting} == {(one["source"], one["id"]) for one in reference.waiting}


@pytest.mark.parametrize("ids", ["abc", "abcdef", "abcdefghijklmnop"])
def test_the_same_holds_for_hundreds_of_long_histories(ids: str) -> None:
    for seed in range(600):
        chance = Random(seed)
        history = long_history(chance, chance.randrange(60), ids, SOURCES[: chance.randint(1, 2)])
        reference, ledger = Reference(), Shelf()

        expected = [reference.publish(one) for one in history]
        verdicts = [verdict for batch in split(chance, history) for verdict in ledger.record(*batch)]

        assert (seed, verdicts, ledger.figures) == (seed, expected, reference.figures())
        assert (seed, ledger.levels) == (seed, reference.levels())
        assert sorted(ledger.lapsed) == sorted(reference.lapsed)


@given_any(histories())
@settings(max_examples=200)
def test_the_split_into_batches_changes_nothing(history: list[Published]) -> None:
    one_by_one, all_at_once = Shelf(), Shelf()

    for one in history:
        one_by_one.record(one)
    all_at_once.record(*history)

    assert all_at_once.entries == one_by_one.entries
