"""Three mistakes that other products are known for, none of which is made here."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from domain.ledger import Posting
from domain.progress import SaleRef
from domain.target import Target
from tests.domain.periods import ZONES
from tests.words import NOW, plan

DONE: dict[str, Any] = {"by": "ingest", "at": NOW}
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
AFTER = datetime.fromisoformat("2026-12-01T00:00:01Z")


def started(**said: Any) -> Target:
    target = Target.define(UUID(int=1), plan(goal="100.00", schedule=FRIDAYS, **said), **DONE)
    target.activate(1, **DONE)
    target.fill(0, 1, [], **DONE)
    target.finish_fill([], **DONE)
    target.collect_events()
    return target


def sell(target: Target, id: str, cents: int) -> None:
    at = datetime.fromisoformat("2026-11-10T12:00:00Z")
    target.record_progress(UUID(int=7), [Posting("webshop", id, "revenue", cents, at, {})], **DONE)


def test_attainment_un_happens_when_a_refund_says_so_and_happens_again() -> None:
    target = started()
    sell(target, "1", 100_00)
    assert target.attained

    sell(target, "1-refund", -1)

    assert not target.attained
    lost = target.collect_events()[-1]
    assert isinstance(lost, Target.AttainmentLost)
    assert lost.lowered_by == SaleRef("webshop", "1-refund", datetime.fromisoformat("2026-11-10T12:00:00Z"))
    sell(target, "2", 1)
    assert target.attained


@pytest.mark.parametrize("zone", ZONES)
def test_a_week_is_seven_local_days_whatever_the_clocks_do(zone: str) -> None:
    year = plan(start=date(2026, 1, 1), end=date(2026, 12, 31), time_zone=zone, schedule=FRIDAYS)

    # The first Friday is on the second day: too short an interval for a checkpoint.
    days = [one.day for one in year.checkpoints if not one.closing]
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=7)}
    assert (days[0], days[-1], len(days)) == (date(2026, 1, 9), date(2026, 12, 25), 51)
    # Each is cut off where its Saturday begins on that clock; a week with a change of it has 167, 168.5 or 169 hours.
    for one in year.checkpoints[:-1]:
        assert one.cutoff == year.midnights[(one.day - year.start).days + 1]


def test_a_goal_that_never_moved_still_fails_at_its_end() -> None:
    target = started()

    target.close(by="checkpoints", at=AFTER)

    assert target.outcome == "missed"
    (closed,) = target.collect_events()
    assert isinstance(closed, Target.TargetClosed)
    assert (closed.total, closed.goal, closed.announced) == (0, 100_00, True)
