"""The back-test of targets that are closed: at each checkpoint the forecast as it would have been, and what came.

It is made of the sales that had occurred by the cut-off, by all that is known of them now: a late sale, a void or a
correction counts at its own time, though it was recorded later. The plan is the one that was in force at the cut-off.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from domain.actuals import actual_of
from domain.back_test import Scored
from domain.course import Course
from domain.forecasting import Seen, forecast_of
from domain.money import half_even
from domain.target import State
from projections.plans import PLANS, Plans
from projections.progress import PROGRESS, Progress
from projections.status import STATUSES
from projections.store import Store

OVER = (State.CLOSED, State.SEALED)
CLOSED = "SELECT id FROM statuses WHERE row->>'state' = ANY(%s) ORDER BY id"
ROWS = (
    "SELECT s.row::text AS status, p.row::text AS plans, g.position, g.row::text AS progress FROM statuses AS s"
    " JOIN plans AS p USING (id) LEFT JOIN progress AS g USING (id) WHERE s.id = %s"
)


@dataclass(frozen=True)
class Trial:
    """One target, and the forecasts at its checkpoints but the closing one."""

    id: UUID
    name: str
    scored: list[Scored]


class _Rows(NamedTuple):
    plans: Plans
    progress: Progress
    position: int


def closed_targets(store: Store) -> list[UUID]:
    """Those that can be tested."""
    with store.views.datastore.cursor() as curs:
        curs.execute(CLOSED, ([str(state) for state in OVER],))
        return [row["id"] for row in curs.fetchall()]


def standing_of(store: Store, target_id: UUID) -> tuple[str, State] | None:
    """Its name and state; None where there is no such target."""
    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT row->>'name' AS name, row->>'state' AS state FROM statuses WHERE id = %s", (target_id,))
        row = curs.fetchone()
    return None if row is None else (row["name"], State(row["state"]))


def back_test(
    store: Store, ids: Sequence[UUID], progress: Callable[[int, int], None] = lambda done, total: None
) -> list[Trial]:
    """Of targets that are over. progress: called with (targets done, targets to do)."""
    trials: list[Trial] = []
    for number, target_id in enumerate(ids, 1):
        with store.views.datastore.cursor() as curs:
            curs.execute(ROWS, (target_id,))
            row = curs.fetchone()
        assert row is not None, "a target that is over stays"
        counted = Progress({}) if row["progress"] is None else PROGRESS.decoder.decode(row["progress"])
        rows = _Rows(PLANS.decoder.decode(row["plans"]), counted, row["position"] or 0)
        trials.append(Trial(target_id, STATUSES.decoder.decode(row["status"]).name, _scored(target_id, rows)))
        progress(number, len(ids))
    return trials


def _scored(target_id: UUID, rows: _Rows) -> list[Scored]:
    scored: list[Scored] = []
    for checkpoint in rows.plans.plan.checkpoints:
        if checkpoint.closing:
            continue
        revised = sum(one.at <= checkpoint.cutoff for one in rows.plans.revisions or ())
        course = Course(rows.plans.plans[: revised + 1])
        before = {start: net for start, net in rows.progress.sums.items() if start < checkpoint.cutoff}
        seen = Seen(State.ACTIVE, before, rows.position, measured=bool(before))
        made = forecast_of(target_id, course, seen, checkpoint.cutoff)
        if made.p50 is None:
            continue
        plan = course.plan
        came = actual_of(plan, sum(rows.progress.sums.values()), 0, plan.ends)
        assert came is not None, "what is forecast is a sum or a level"
        scored.append(Scored(made, plan.baseline, plan.final, half_even(came)))
    return scored
