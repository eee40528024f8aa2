"""Where a target stands: the four classes, and how they stay calm at the lines."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.refusal import Refused
from domain.standing import (
    CLASSES,
    DEFAULT_THRESHOLDS,
    Thresholds,
    classify,
    pace_index,
    thresholds_of,
    thresholds_shown,
)

VECTORS: list[dict[str, Any]] = [
    vector
    for vector in json.loads(Path(__file__).with_name("semantics_vectors.json").read_text(encoding="utf-8"))
    if vector["kind"] == "status"
]
GOAL = 10_000_000

classes = st.sampled_from(CLASSES)
previous_classes = st.none() | classes
amounts = st.integers(-2 * GOAL, 2 * GOAL)
expectations = st.fractions(Fraction(1, 7), 2 * GOAL, max_denominator=700)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_a_status_is_as_the_semantics_say(vector: dict[str, Any]) -> None:
    expected = Fraction(vector["expected_minor"])

    status = classify(vector["previous"], vector["actual_minor"], expected, vector["span_minor"])

    assert status == vector["gives"]


@given(previous_classes, amounts, expectations)
def test_inside_the_dead_band_a_class_never_worsens_below_on_track(
    previous: str | None, actual: int, expected: Fraction
) -> None:
    if expected - actual >= Fraction(GOAL, 100):
        actual = int(expected)
    floor = "on_track" if previous in (None, "ahead") else previous

    status = classify(previous, actual, expected, GOAL)

    assert CLASSES.index(status) >= CLASSES.index(str(floor))


@given(previous_classes, amounts, amounts, expectations)
def test_selling_more_never_makes_the_class_worse(
    previous: str | None, one: int, other: int, expected: Fraction
) -> None:
    less, more = sorted((one, other))

    statuses = [classify(previous, actual, expected, GOAL) for actual in (less, more)]

    assert CLASSES.index(statuses[0]) <= CLASSES.index(statuses[1])


@given(previous_classes, amounts, expectations)
def test_an_evaluation_repeated_changes_nothing(previous: str | None, actual: int, expected: Fraction) -> None:
    once = classify(previous, actual, expected, GOAL)

    assert classify(once, actual, expected, GOAL) == once


@given(previous_classes, amounts, expectations)
def test_a_level_that_should_fall_is_judged_as_one_that_should_rise(
    previous: str | None, actual: int, expected: Fraction
) -> None:
    assert classify(previous, -actual, -expected, -GOAL) == classify(previous, actual, expected, GOAL)


def test_the_dead_band_of_a_small_goal_is_one_minor_unit() -> None:
    # 1 % of 50 pieces is half a piece: one piece short is short, less than one is not.
    assert classify(None, 9, Fraction(10), 50) == "at_risk"
    assert classify(None, 9, Fraction(99, 10), 50) == "on_track"


@pytest.mark.parametrize("previous", [None, "too_early", "not_started", "no_baseline"])
def test_without_a_class_before_it_a_status_follows_the_plain_lines(previous: str | None) -> None:
    assert classify(previous, 5_250_000, Fraction(5_000_000), GOAL) == "ahead"
    assert classify(previous, 4_000_000, Fraction(5_000_000), GOAL) == "at_risk"


def test_a_target_may_have_thresholds_of_its_own() -> None:
    strict = Thresholds(ahead=Fraction(11, 10), on_track=Fraction(1), at_risk=Fraction(9, 10))

    assert classify(None, 5_250_000, Fraction(5_000_000), GOAL, strict) == "on_track"
    assert classify(None, 4_800_000, Fraction(5_000_000), GOAL, strict) == "at_risk"
    with pytest.raises(Refused) as refused:
        Thresholds(on_track=Fraction(3, 4))
    assert (refused.value.code, refused.value.field) == ("bad_thresholds", "/thresholds")


def test_the_pace_index_is_exact_and_undefined_while_nothing_is_expected() -> None:
    assert pace_index(52_000_00, Fraction(50_000_00)) == Fraction(26, 25)
    assert pace_index(65, Fraction(70), baseline=80, sign=-1) == Fraction(3, 2)
    assert pace_index(100, Fraction(0)) is None
    assert pace_index(100, Fraction(80), baseline=80) is None
    assert pace_index(-300, Fraction(-100)) is None  # a revision may go on from behind the baseline


def test_thresholds_are_decimal_texts_and_a_missing_one_is_the_default() -> None:
    assert thresholds_of() == DEFAULT_THRESHOLDS
    assert thresholds_of(ahead="1.1") == Thresholds(ahead=Fraction(11, 10))
    assert thresholds_of("10", "0.9999", "0.0001") == Thresholds(
        Fraction(10), Fraction(9999, 10000), Fraction(1, 10000)
    )


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        ({"ahead": "10.0001"}, "ahead"),
        ({"ahead": "9999.5"}, "ahead"),
        ({"ahead": "99999"}, "ahead"),
        ({"on_track": "1.00001"}, "on_track"),
        ({"at_risk": "-0.5"}, "at_risk"),
        ({"at_risk": ""}, "at_risk"),
        ({"at_risk": ".8"}, "at_risk"),
        ({"at_risk": "0.8 "}, "at_risk"),
        ({"at_risk": "0.8\n"}, "at_risk"),
        ({"at_risk": "8e-1"}, "at_risk"),
        ({"at_risk": "4/5"}, "at_risk"),
        ({"at_risk": "NaN"}, "at_risk"),
        ({"at_risk": "\u0660.8"}, "at_risk"),
        ({"at_risk": "0"}, "at_risk"),
        # Out of order: the one that was given is wrong, of two the lower.
        ({"ahead": "0.95"}, "ahead"),
        ({"on_track": "1.05"}, "on_track"),
        ({"on_track": "0.8"}, "on_track"),
        ({"at_risk": "0.96"}, "at_risk"),
        ({"ahead": "1.2", "on_track": "1.3"}, "on_track"),
        ({"on_track": "0.7", "at_risk": "0.7"}, "at_risk"),
    ],
)
def test_a_threshold_that_is_none_is_refused_by_its_name(texts: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        thresholds_of(**texts)

    assert (refused.value.code, refused.value.field) == ("bad_thresholds", f"/thresholds/{field}")


def test_thresholds_out_of_order_are_refused_with_both_lines() -> None:
    with pytest.raises(Refused, match=r"on_track \(1.1000\) must lie below ahead \(1.0500\)"):
        thresholds_of(on_track="1.1")


@given(st.sets(st.integers(1, 100_000), min_size=3, max_size=3))
def test_thresholds_shown_are_read_back_as_they_were(lines: set[int]) -> None:
    at_risk, on_track, ahead = (Fraction(line, 10_000) for line in sorted(lines))
    thresholds = Thresholds(ahead, on_track, at_risk)

    assert thresholds_of(**thresholds_shown(thresholds)) == thresholds
