"""`history` in words: where a target stood and why, a line for each thing that happened to it."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from deploy.commands.history import Asked, lines_of, read_time
from deploy.trouble import Trouble
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.refusal import Refused
from projections.store import Store
from tests.projections.test_history import november
from tests.words import plan, sale

LATER = timedelta(hours=1)
NOW = november(20)


@pytest.fixture
def november_target(store: Store) -> UUID:
    """Goal $100,000 in New York: three sales on the 3rd, one on the 4th, an evaluation, one late for the 4th."""
    target, intake, evaluator = uuid4(), Intake(store.app, uuid4), Evaluator(store.app, timedelta(0))
    fridays = plan(
        schedule="FREQ=WEEKLY;BYDAY=FR", time_zone="America/New_York", scope={"region": ["emea", "us"]}, owner="Ana"
    )
    store.app.define_target(target, fridays, activate=True, by="ana@example.com", at=november(1))
    Filler(store.app).fill_some(november(1))
    for number, (on, at) in enumerate(((3, 3), (3, 3), (3, 3), (4, 4), (4, 8))):
        one = sale(str(number), "8000.00", occurred_at=(november(on, 15)).isoformat(), dimensions={"region": "us"})
        intake.record([Arrival([one])], november(at, 15) + number * LATER)
        evaluator.evaluate_some(november(at, 23), november(at, 23), complete=True)
    while store.views.follow(store.views.views["statuses"]):
        continue
    return target


def told(
    store: Store, as_of: str | None = None, known_at: str | None = None, *, all_of_them: bool = False
) -> list[str]:
    asked = Asked(as_of, known_at, NOW)
    return list(lines_of(store, "november", asked, all_of_them=all_of_them, as_json=False))


def test_a_target_is_told_as_it_was_known_when_it_was_reported(store: Store, november_target: UUID) -> None:
    lines = told(store, known_at="2026-11-07")

    assert lines[0] == (
        "November revenue: $100,000.00 of revenue from 2026-11-01 to 2026-11-30, where region is emea or us"
    )
    assert lines[2].startswith("As of 2026-11-08 00:00:00, with everything known at position ")
    assert "  actual    $32,000.00: 32.00 % of the goal" in lines
    assert "  expected  $28,571.43" in lines
    assert "  variance  +$3,428.57" in lines
    assert "Checkpoints: none evaluated of 5" in lines
    assert "2026-11-03 10:00:00  ingest  a commit of sales: +$8,000.00" in lines[-5]
    slow = "checkpoints  stalled: its last 2 open days brought $0.00 of $8,333.33 expected"
    assert f"2026-11-03 18:00:00  {slow}" in lines[-4]
    assert "2026-11-03 12:00:00  ingest  2 commits of sales: +$16,000.00" in lines[-3]
    assert "2026-11-04 13:00:00  ingest  a commit of sales: +$8,000.00" in lines[-2]
    assert "2026-11-04 18:00:00  checkpoints  not stalled any more" in lines[-1]


def test_each_commit_is_told_when_all_are_asked_for(store: Store, november_target: UUID) -> None:
    lines = told(store, all_of_them=True)

    assert len([line for line in lines if "a commit of sales: +$8,000.00" in line]) == 5
    assert "defined: $100,000.00 of revenue by Mon 30 Nov 2026" in lines[lines.index("Facts") + 1]


def test_a_moment_inside_a_day_and_a_position_may_be_asked_for(store: Store, november_target: UUID) -> None:
    assert "  actual    $24,000.00: 24.00 % of the goal" in told(store, as_of="2026-11-04T10:00:00-05:00")
    assert "  actual    $40,000.00: 40.00 % of the goal" in told(store, as_of="2026-11-04T10:00:01-05:00")
    assert "  actual    $0.00: 0.00 % of the goal" in told(store, known_at="5")


def test_programs_get_a_line_of_json_for_each_thing(store: Store, november_target: UUID) -> None:
    lines = list(lines_of(store, str(november_target), Asked(None, None, NOW), all_of_them=False, as_json=True))
    told = [json.loads(line) for line in lines]

    assert [next(iter(one)) for one in told[:3]] == ["target", "checkpoint", "fact"]
    assert (told[0]["target"]["actual"], told[1]["checkpoint"]["actual"]) == ("40000.00", "40000.00")
    assert told[1]["checkpoint"]["reported"]["actual"] == "40000.00"
    assert [one["fact"]["type"] for one in told[2:4]] == ["target.defined", "target.activated"]


@pytest.mark.parametrize("time", ["lately", "2026-11-07T12:00:00", "2026-13-01", ""])
def test_a_time_that_can_not_be_read_is_refused_with_an_example(time: str) -> None:
    with pytest.raises(Trouble, match=r"--as-of is .* such as 2026-11-06 or 2026-11-06T17:00:00-05:00"):
        read_time(time, "UTC", "--as-of")


def test_before_it_was_defined_there_is_nothing_to_tell(store: Store, november_target: UUID) -> None:
    with pytest.raises(Refused, match="was not known then"):
        told(store, known_at="2026-10-01")


@pytest.mark.parametrize(
    ("as_of", "known_at", "said"),
    [
        ("2026-11-20", None, "--as-of 2026-11-20 is still to come: it is 2026-11-19 19:00:00 now in America/New_York"),
        (None, "2026-11-20T00:00:01Z", "--known-at 2026-11-20T00:00:01Z is still to come"),
        (None, "100", "--known-at 100 is beyond the log, whose last position is 1[0-9]$"),
        (None, "9" * 5_000, "--known-at 9{40} is beyond the log"),
    ],
    ids=["as of tomorrow", "known in a second", "known at 100", "known at a large number"],
)
def test_what_is_still_to_come_is_refused_with_what_there_is(
    store: Store, november_target: UUID, as_of: str | None, known_at: str | None, said: str
) -> None:
    with pytest.raises(Trouble, match=said):
        told(store, as_of, known_at)


def test_of_a_day_that_is_not_over_one_sees_what_there_is_by_now(store: Store, november_target: UUID) -> None:
    assert told(store, as_of="2026-11-19")[2].startswith("As of 2026-11-19 19:00:00, with")


def test_a_cancelled_target_is_told_as_it_was_when_it_was_cancelled(store: Store, november_target: UUID) -> None:
    store.app.cancel_target(november_target, "the company was sold", by="ana@example.com", at=november(10, 17))

    lines = told(store)

    assert lines[2].startswith("As of 2026-11-10 12:00:00, when it was cancelled, with everything known at position ")
    assert "  required  $2,857.14 on each day that was left then" in lines
    assert lines == [*told(store, as_of="2026-11-15")]
    assert "when it was cancelled" not in told(store, as_of="2026-11-09")[2]
