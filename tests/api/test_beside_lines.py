"""What stands beside a target, in words: on its page, and in its history."""

import pytest

from api.dashboard.beside_lines import beside_line, said_by
from deploy.history_words import Words
from domain.watch.watch import Watch
from projections.counted_then import Added
from tests.domain.beside import beside_a_target
from tests.words import plan

ON_THE_PAGE = [
    "Checkpoint 1: ana@example.com, jo@example.com are asked to say why by Mon 9 Nov, 00:00",
    "Checkpoint 1: nobody said why, kim@example.com is told",
    "Update, not on track, confidence 0 of 10: 東京 is closed",
    "Update, on track, confidence 9 of 10: Two large orders are signed",
    "Checkpoint 2: Whoever is accountable is asked to say why by Mon 9 Nov, 00:00",
    "Checkpoint 2: nobody need say why any more, recovered",
    "Slipping: $12,000 of $15,000 expected in the last 5 open days",
    "Stalled: $12,000 of $15,000 expected in the last 5 open days",
    "Not slipping any more",
    "No data comes: some was due by Mon 9 Nov, 00:00",
    "Data comes again",
]
IN_ITS_HISTORY = [
    "checkpoint 1 is at risk: ana@example.com, jo@example.com are asked to say why, by 2026-11-09 00:00:00",
    "nobody said why of checkpoint 1: kim@example.com is told",
    "ana@example.com says it is not on track, confidence 0 of 10: 東京 is closed;"
    " it would be better with: A second shop\nin Osaka",
    "ana@example.com says it is on track, confidence 9 of 10: Two large orders are signed",
    "checkpoint 2 is off track: whoever is accountable is asked to say why, by 2026-11-09 00:00:00",
    "nobody need say any more why of checkpoint 2: recovered",
    "slipping: its last 5 open days brought $12,000.00 of $15,000.00 expected",
    "stalled: its last 5 open days brought $12,000.00 of $15,000.00 expected",
    "not slipping any more",
    "no data comes: there should have been some by 2026-11-09 00:00:00",
    "data comes again, since 2026-11-23 12:00:00",
]


@pytest.mark.parametrize(("number", "line"), list(enumerate(ON_THE_PAGE)))
def test_on_the_page_each_fact_is_a_line(number: int, line: str) -> None:
    assert beside_line(beside_a_target()[number], plan(), 2026) == line


@pytest.mark.parametrize(("number", "line"), list(enumerate(IN_ITS_HISTORY)))
def test_in_its_history_each_fact_is_a_line(number: int, line: str) -> None:
    assert Words(plan()).fact(beside_a_target()[number], Added(), {}) == line


def test_an_update_is_a_persons_and_what_was_seen_is_nobodys() -> None:
    people = [said_by(one) for one in beside_a_target()]

    assert people == [None, None, "ana@example.com", "ana@example.com", *[None] * 7]


def test_where_no_data_has_to_come_any_more_that_is_said() -> None:
    *_, resumed = beside_a_target()
    without = Watch.DataResumed(**vars(resumed) | {"data_at": None})

    assert beside_line(without, plan(), 2026) == "No data has to come any more"
    assert Words(plan()).fact(without, Added(), {}) == "no data has to come any more"
