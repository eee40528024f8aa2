"""What stands beside a target, lived through once: an example of every fact of it."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.updates.updates import Said, Updates
from domain.watch.seeing import Pace, Seen
from domain.watch.watch import Watch
from tests.words import NOW

TARGET = UUID(int=9)
FIRST_CUTOFF = datetime(2026, 11, 7, tzinfo=UTC)
DUE = datetime(2026, 11, 9, tzinfo=UTC)
DONE: dict[str, Any] = {"by": "ana@example.com", "at": NOW}
SLOW = Pace(5, 15_000_00, 12_000_00, "1.0000", "2.5000")


def beside_a_target() -> list[Any]:
    """Every fact of updates and of a watch, in the order in which they were recorded."""
    updates = Updates.of(TARGET, NOW)
    updates.ask(1, FIRST_CUTOFF, "at_risk", ["ana@example.com", "jo@example.com"], DUE, **DONE)
    updates.escalate("kim@example.com", UUID(int=8), **DONE)
    updates.post(UUID(int=22), Said(False, "東京 is closed", 0, "A second shop\nin Osaka"), **DONE)
    updates.post(UUID(int=21), Said(True, "Two large orders are signed", 9), **DONE)
    updates.ask(2, DUE, "off_track", [], DUE, **DONE)
    updates.end("recovered", **DONE)
    watch = Watch.of(TARGET, NOW)
    watch.see(Seen(date(2026, 11, 6), slipping=SLOW, stalled=SLOW, slipping_holds=True), **DONE)
    watch.see(Seen(date(2026, 11, 9), stalled=SLOW), **DONE)
    watch.miss_data(DUE, 48, **DONE)
    watch.resume_data(NOW, **DONE)
    return [*updates.collect_events(), *watch.collect_events()]
