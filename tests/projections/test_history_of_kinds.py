"""Looking back at targets of every kind, through their revisions: what they were is what plain arithmetic says."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.definition import Measure, Versus
from domain.evaluating import Evaluator
from domain.figures import actual_now
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.money import shown
from domain.revising import Wish, revise_target
from projections.history import History, Moment, Stood
from projections.progress import PROGRESS
from projections.status import STATUSES
from projections.store import Store
from tests.domain.publishing import long_history, split
from tests.domain.reference import Published, Reference
from tests.domain.scratch.kinds import KINDS, Kind
from tests.domain.scratch.sales import Sales
from tests.domain.scratch.terms import Terms
from tests.words import active_target, resolving

ANA = "ana@example.com"
BEGINS = datetime(2026, 11, 1, tzinfo=UTC)
AFTER = datetime(2026, 12, 1, tzinfo=UTC)
CUTOFFS = ["2026-11-06", "2026-11-13T17:00:00Z"]
EDGES = [BEGINS + timedelta(days=day - 1, hours=hour) for day, hour in ((7, 0), (13, 17), (9, 5))]
"""Two cut-offs, and an instant inside a day."""
EMEA = {"region": ["emea"]}
PLACE = {"start": date(2026, 11, 1), "end": date(2026, 11, 30), "time_zone": "UTC", "schedule": CUTOFFS}
OCTOBER = date(2026, 10, 1), date(2026, 10, 31)
TARGETS: list[dict[str, Any]] = [
    {"kind": "cumulative", "goal": "100.00", "refunds": "clawback"},
    {"kind": "uplift", "goal": "20.00", "mode": "gain", "comparison": OCTOBER},
    {"kind": "uplift", "goal": "+10%", "mode": "level", "comparison": OCTOBER},
    {"kind": "from_to", "baseline": "10.00", "goal": "5.00"},
    {"kind": "keep", "goal": None, "bounds_max": "40.00"},
    {
        "kind": "ratio",
        "goal": "0.5",
        "numerator": {"metric": "revenue", "scope": EMEA},
        "denominator": {"metric": "revenue", "scope": {}},
    },
]
REVISED: list[dict[str, Any]] = [
    {"scope": {"rep": ["ana"]}},
    {"refunds": "clawback"},
    {"start": date(2026, 11, 4)},
    {"baseline": "12.00"},
    {"checkpoints": ["2026-11-06", "2026-11-20T05:00:00Z"]},
    {"end": date(2026, 11, 20)},
]


def plan_words(words: dict[str, Any]) -> dict[str, Any]:
    """As `tests.words.plan` takes them."""
    said = dict(words)
    if "comparison" in said:
        said["comparison"] = Versus(*said["comparison"])
    if said["kind"] == "ratio":
        said |= {name: Measure(**said[name]) for name in ("numerator", "denominator")} | {"metric": None}
    return said


def told(words: dict[str, Any], at_activation: Sales) -> Kind:
    """The target once more, from scratch."""
    terms = Terms.of({"metric": "revenue", "scope": {}} | PLACE | words)
    terms.freeze(at_activation)
    return KINDS[words["kind"]](terms)


def sales_of(batches: list[list[Published]]) -> Sales:
    reference = Reference()
    for batch in batches:
        for one in batch:
            reference.publish(one)
    return Sales(reference)


def somewhen(chance: Random, size: int) -> list[list[Published]]:
    """Sales of every kind from the middle of October to the end of November, some on an edge."""
    history = long_history(chance, size, "abcdefghijklmnop")
    for one in {id(one): one for one in history}.values():
        at = BEGINS + timedelta(seconds=chance.randrange(-15 * 24 * 3600, 30 * 24 * 3600))
        one["occurred_at"] = chance.choice([at, *EDGES]).isoformat()
    return split(chance, history, 6)


EDGES = [
    datetime(2026, 11, 7, tzinfo=UTC),
    datetime(2026, 11, 13, 17, tzinfo=UTC),
    datetime(2026, 11, 9, 5, tzinfo=UTC),
]


@pytest.mark.parametrize("seed", range(2))
def test_every_kind_had_counted_what_was_known_and_had_happened(store: Store, seed: int) -> None:
    chance, intake = Random(seed), Intake(store.app, uuid4)
    batches = somewhen(chance, 90)
    targets: list[UUID] = []
    kinds: list[tuple[int, list[Kind]]] = []
    positions = list[int]()
    for number, batch in enumerate(batches):
        _, position = intake.record([Arrival(batch)], AFTER + timedelta(seconds=number))
        positions.append(position)
        known = sales_of(batches[: number + 1])
        if number == len(batches) // 3:
            targets = [active_target(store.app, **PLACE, **plan_words(words)) for words in TARGETS]
            kinds.append((number, [told(words, known) for words in TARGETS]))
        if number == 2 * len(batches) // 3:
            revised = []
            for target, words, change in zip(targets, TARGETS, REVISED, strict=True):
                revise_target(store.app, target, Wish(change, "so"), resolving(), by=ANA, at=AFTER)
                Filler(store.app).fill_some(AFTER)
                change = {"schedule" if name == "checkpoints" else name: what for name, what in change.items()}
                revised.append(told(words | change, known))
            kinds.append((number, revised))
        if kinds and kinds[-1][0] == number:
            positions[-1] = store.app.recorder.max_notification_id() or 0

    for target in targets:
        check_against_what_is_shown(store, target)
    for _ in range(40):
        number = chance.randrange(kinds[0][0], len(batches))
        as_of = chance.choice([*EDGES, BEGINS + timedelta(seconds=chance.randrange(30 * 24 * 3600))])
        sales, then = sales_of(batches[: number + 1]), [of for since, of in kinds if since <= number][-1]
        for target, kind in zip(targets, then, strict=True):
            history = History(store, target, Moment(positions[number], as_of, cut=True))
            stood = history.stood()
            assert actual_of(stood) == kind.actual(sales, min(as_of, kind.terms.days.ends)), (kind, as_of)
            assert sum(one.added.net for one in history.facts()) == kind.net(sales, min(as_of, kind.terms.days.ends))


def check_against_what_is_shown(store: Store, target: UUID) -> None:
    """What there is now is the read model's row; what a checkpoint reads is what its cut-off shows."""
    evaluator, late = Evaluator(store.app, timedelta(0)), AFTER + timedelta(days=1)
    while evaluator.evaluate_some(late, late, complete=True):
        continue
    for view in store.views.views.values():
        while store.views.follow(view):
            continue
    top = store.app.recorder.max_notification_id() or 0
    now = History(store, target, Moment(top, late, cut=False)).stood()
    assert now.status == STATUSES.decoder.decode(_row(store, "statuses", target))
    assert dict(now.sums) == PROGRESS.decoder.decode(_row(store, "progress", target)).sums or not now.sums
    assert now.evaluations
    for one in now.evaluations:
        figures = History(store, target, Moment(top, one.cutoff, cut=True)).stood().figures
        if None not in (figures.actual, figures.expected):
            said = (shown(amount, now.plan.exponent) for amount in (one.reported.actual, one.reported.expected))
            assert (figures.actual, figures.expected, figures.pace_index) == (*said, one.reported.pace), one


def _row(store: Store, view: str, target: UUID) -> str:
    with store.views.datastore.cursor() as curs:
        curs.execute(f"SELECT row::text AS row FROM {view} WHERE id = %s", (target,))
        row = curs.fetchone()
    return "" if row is None else str(row["row"])


def actual_of(stood: Stood) -> Fraction | None:
    return actual_now(stood.plan, stood.status.standing, stood.as_of)
