"""Levels that come one by one, in any order, change what they would if all of them had come at once."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from domain.progress import (
    LITTLE_MAX,
    Level,
    Measured,
    changes_of,
    is_little,
    level_changes,
    level_sums,
    put_in,
    standing,
)

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
STARTS = [FIRST + timedelta(days=day) for day in range(10)]
BASELINE = 8_00


@pytest.mark.parametrize("seed", range(20))
def test_what_comes_bit_by_bit_changes_the_same_as_all_that_stands(seed: int) -> None:
    chance, levels = Random(seed), list[Level]()

    for batch in range(30):
        added = [any_level(chance, f"{batch}.{number}") for number in range(chance.randrange(4))]
        before, (after, _) = level_sums(STARTS, levels, BASELINE), standing(levels, Measured(added))
        changes = level_changes(STARTS, levels, added, BASELINE)
        put_in(levels, added)

        assert levels == after
        assert changes == changes_of(before, level_sums(STARTS, after, BASELINE))


def test_what_is_taken_back_and_what_comes_in_thousands_is_put_in_order_with_all_that_stands() -> None:
    many = [any_level(Random(1), str(number)) for number in range(LITTLE_MAX + 1)]

    assert is_little(Measured(many[1:]), [])
    assert not is_little(Measured(many), [])


def any_level(chance: Random, id: str) -> Level:
    hour = chance.randrange(10 * 24)
    return Level("gauge", id, chance.randrange(10_00), FIRST + timedelta(hours=hour), chance.choice((None, True)))
