"""`verify` recomputes targets of every kind, through every revision, and finds what was altered in any of them."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from json import dumps, loads
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.definition import Measure, Versus
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.revising import Wish, revise_target
from projections.store import Store
from projections.verification import verify
from tests.domain.reference import Published
from tests.words import NOW, active_target, resolving, sale, void

ANA = "ana@example.com"
SCHEDULE = ["2026-11-06", "2026-11-13T17:00:00Z"]


def on(day: int, id: str, amount: str, **fields: Any) -> Published:
    return sale(id, amount, occurred_at=f"2026-11-{day:02}T09:00:00Z", **fields)


def level(day: int, id: str, amount: str, **fields: Any) -> Published:
    return on(day, id, amount, kind="measurement", **fields)


BEFORE = [
    sale("last-year", "40.00", occurred_at="2025-11-04T00:00:00Z"),
    on(2, "1", "30.00", dimensions={"region": "emea"}),
    on(3, "2", "20.00", credit=[{"rep": "ana", "bps": 5_000}]),
    on(12, "3", "5.00", kind="refund", corrects="1"),
    level(2, "a", "9.00"),
    level(5, "b", "7.00"),
    level(5, "c", "6.50"),
    void("d", "a"),
    on(4, "e", "6.00", kind="correction", corrects="b"),
]
AFTER = [
    on(13, "4", "45.00", dimensions={"region": "emea"}),
    on(9, "5", "2.00", kind="refund", corrects="2"),
    void("6", "3"),
    level(6, "f", "4.50"),
    level(3, "g", "8.00"),
    on(8, "h", "5.50", kind="correction", corrects="c"),
]
KINDS: dict[str, dict[str, Any]] = {
    "Cumulative": {"goal": "60.00", "refunds": "clawback"},
    "Ana's": {"goal": "50.00", "scope": {"rep": ["ana"]}},
    "Uplift": {"kind": "uplift", "goal": "5.00", "comparison": Versus(date(2025, 11, 1), date(2025, 11, 30))},
    "Uplift in percent": {
        "kind": "uplift",
        "goal": "+10%",
        "comparison": Versus(date(2025, 11, 1), date(2025, 11, 30)),
    },
    "Level": {"kind": "from_to", "baseline": "10.00", "goal": "5.00"},
    "Kept": {"kind": "keep", "goal": None, "bounds_max": "6.00"},
    "Ratio": {
        "kind": "ratio",
        "metric": None,
        "goal": "0.5",
        "numerator": Measure("revenue", {"region": ["emea"]}),
        "denominator": Measure("revenue", {}),
    },
}


class Books:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.intake = Intake(store.app, uuid4)
        self.targets: dict[str, UUID] = {}

    def record(self, *sales: Published) -> None:
        self.intake.record([Arrival(list(sales))], NOW)

    def activate(self) -> None:
        for name, words in KINDS.items():
            self.targets[name] = active_target(self.store.app, name=name, schedule=SCHEDULE, **words)

    def revise(self, name: str, fill: bool = True, **changes: Any) -> None:
        wish = Wish(changes, "the year went otherwise")
        revise_target(self.store.app, self.targets[name], wish, resolving(), by=ANA, at=NOW)
        if fill:
            Filler(self.store.app).fill_some(NOW)

    @property
    def level(self) -> Fraction | None:
        with self.store.app.writing() as log:
            target = log.targets([self.targets["Level"]])[self.targets["Level"]]
        return target.actual(target.plan.ends)

    @property
    def differences(self) -> list[str]:
        for view in self.store.views.views.values():
            while self.store.views.follow(view):
                continue
        return verify(self.store).differences


@pytest.fixture
def books(store: Store) -> Books:
    """Targets of every kind, with sales from before they were filled and after."""
    found = Books(store)
    found.record(*BEFORE[:5])
    found.record(*BEFORE[5:])
    found.activate()
    found.record(*AFTER[:3])
    found.record(*AFTER[3:])
    return found


def test_targets_of_every_kind_agree_with_the_ledger(books: Books) -> None:
    assert books.differences == []


@pytest.mark.parametrize("again", [False, True])
def test_targets_that_count_other_sales_since_a_revision_agree(books: Books, again: bool) -> None:
    books.revise("Cumulative", fill=not again, scope={"region": ["emea"]})
    books.revise("Level", fill=not again, start=date(2026, 11, 4))
    books.revise("Ratio", fill=not again, end=date(2026, 11, 14))
    books.revise("Uplift in percent", fill=not again, refunds="clawback")
    books.record(on(5, "7", "1.00", dimensions={"region": "emea"}), level(7, "i", "3.00"), void("8", "4"))
    if again:
        books.revise("Cumulative", refunds="own_date")
        books.record(on(5, "9", "100.00", dimensions={"region": "emea"}))

    assert books.differences == []


def test_a_level_is_what_was_measured_whatever_it_is_said_to_have_come_from(books: Books) -> None:
    before = books.level

    books.revise("Level", baseline="12.00")

    assert books.level == before == Fraction(5_50)
    assert books.differences == []


def test_targets_whose_slots_a_revision_joined_agree(books: Books) -> None:
    for name in KINDS:
        books.revise(name, checkpoints=["2026-11-06"])
    books.record(on(13, "7", "1.00", dimensions={"region": "emea"}), level(13, "i", "3.00"), level(13, "j", "2.00"))

    assert books.differences == []


@pytest.mark.parametrize(
    ("topic", "alter", "named"),
    [
        ("progress_recorded", lambda said: said["slots"][0].update(under=1), "Ratio"),
        ("progress_recorded", lambda said: said["measured"]["added"][0].update(value=1), "Level"),
        ("progress_recorded", lambda said: said["measured"]["added"].pop(), "Level"),
        ("progress_recorded", lambda said: said["measured"].update(withdrawn=None), "Level"),
        ("progress_recorded", lambda said: said["slots"][0].update(net=said["slots"][0]["net"] + 1), "Level"),
        ("progress_recorded", lambda said: said["slots"][0].update(net=said["slots"][0]["net"] + 1), "Cumulative"),
        ("comparison_frozen", lambda said: said["frozen"]["nets"].__setitem__(3, 41_00), "Uplift"),
        ("comparison_frozen", lambda said: said["frozen"].update(days_with_sales=2), "Uplift"),
        ("comparison_frozen", lambda said: said["frozen"].update(position=1), "Uplift"),
        ("comparison_frozen", lambda said: said.update(goal=6_00), "Uplift"),
        ("comparison_frozen", lambda said: said.update(goal=6_00), "Uplift in percent"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_what_was_altered_is_found_in_every_kind(
    books: Books, topic: str, alter: Callable[[Any], object], named: str, first: bool
) -> None:
    altered = _alter_one(books, topic, alter, named, first)

    assert altered == 1
    assert any(named in one for one in books.differences), books.differences


def _alter_one(books: Books, topic: str, alter: Callable[[Any], object], named: str, first: bool) -> int:
    """Change the first, or the last, fact of this kind of this target; how many were changed."""
    with books.store.views.datastore.transaction(commit=True) as curs:
        curs.execute(
            "SELECT notification_id, state FROM milemarker_events WHERE topic = %s AND originator_id = %s"
            " ORDER BY notification_id",
            (f"target.{topic}", books.targets[named]),
        )
        rows = curs.fetchall()
        row = rows[0 if first else -1]
        said = loads(bytes(row["state"]))
        alter(said)
        curs.execute(
            "UPDATE milemarker_events SET state = %s WHERE notification_id = %s AND state <> %s",
            (state := dumps(said, separators=(",", ":")).encode(), row["notification_id"], state),
        )
        return curs.rowcount
