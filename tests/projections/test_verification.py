"""`verify` finds whatever was altered by hand, and names it."""

from collections.abc import Callable
from json import dumps, loads
from typing import Any
from uuid import uuid4

import pytest

from domain.intake import Arrival, Intake
from projections import rows
from projections.rows import compare_rows
from projections.store import Store
from projections.verification import verify
from tests.words import NOW, active_target, plan, sale, void

LEDGER = "UPDATE milemarker_events SET state = convert_to(replace(convert_from(state, 'UTF8'), %s, %s), 'UTF8')"


@pytest.fixture
def kept(store: Store) -> Store:
    """Two targets with sales, a void, a correction, a waiting one, a fill of what was there before; rows caught up."""
    intake = Intake(store.app, uuid4)
    intake.record([Arrival([sale("before", "90000.00"), sale("undone", "1.23"), void("never", "unseen")])], NOW)
    active_target(store.app)
    active_target(store.app, scope={"region": ["emea"]}, name="EMEA")
    correction = sale("corrected", "20000.00", kind="correction", corrects="1", dimensions={"region": "us"})
    intake.record([Arrival([sale("1", "10.00", dimensions={"region": "emea"}), void("2", "undone")])], NOW)
    intake.record([Arrival([correction, sale("3", "0.42", dimensions={"region": "emea"})])], NOW)
    cancelled = active_target(store.app, name="Cancelled")
    store.app.cancel_target(cancelled, "a test of the test", by="ana@example.com", at=NOW)
    intake.record([Arrival([sale("4", "11.00")])], NOW)
    _follow(store)
    return store


def _follow(store: Store) -> None:
    for view in store.views.views.values():
        while store.views.follow(view):
            continue


def test_figures_that_nobody_touched_agree(kept: Store) -> None:
    seen: list[tuple[int, int]] = []

    verdict = verify(kept, lambda done, total: seen.append((done, total)))

    assert verdict.differences == []
    assert (verdict.targets, verdict.sales) == (3, 8)
    assert seen[-1][0] <= seen[-1][1]


def test_a_defined_target_without_sales_verifies(store: Store) -> None:
    store.app.define_target(uuid4(), plan(), activate=False, by="ana@example.com", at=NOW)

    assert verify(store).differences == []


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        (LEDGER + ' WHERE topic = \'ledger.sales_recorded\'|"amount":42|"amount":43', "webshop 3"),
        (LEDGER + ' WHERE topic = \'ledger.sales_recorded\'|"counts":42|"counts":43', "webshop 3"),
        (LEDGER + ' WHERE topic = \'ledger.sales_recorded\'|"counts":42|"counts":-42', "EMEA"),
        (LEDGER + ' WHERE topic = \'ledger.sales_recorded\'|"amount":-1000|"amount":-1001', "webshop corrected"),
        (LEDGER + ' WHERE topic = \'target.progress_recorded\'|"net":-958|"net":-957', "EMEA"),
        (LEDGER + ' WHERE topic = \'target.progress_recorded\'|"net":9000123|"net":9000124', "November revenue"),
        (LEDGER + ' WHERE topic = \'target.attained\'|"total":11000042|"total":11000043', "target.attained"),
        ("DELETE FROM milemarker_events WHERE topic = 'target.filled'", "does not follow"),
        ("UPDATE statuses SET row = replace(row::text, '\"total\":', '\"total\":1')::json", "statuses"),
        ("UPDATE progress SET row = replace(row::text, ':42', ':43')::json", "progress"),
        ("UPDATE plans SET row = replace(row::text, '\"goal\":1', '\"goal\":2')::json", "plans"),
        ("DELETE FROM statuses", "statuses"),
        ("UPDATE sale_identities SET content = '\\x00' WHERE id = '3'", "webshop 3"),
        ("DELETE FROM sale_identities WHERE id = '3'", "webshop 3"),
        ("UPDATE sale_identities SET batch = gen_random_uuid() WHERE id = '3'", "webshop 3"),
        (LEDGER + ' WHERE topic = \'target.attained\'|"id":"corrected"|"id":"3"', "corrected"),
        ("DELETE FROM milemarker_events WHERE topic = 'target.attained' AND notification_id < 18", "crossed"),
    ],
)
def test_one_thing_altered_by_hand_is_found_and_named(kept: Store, tampering: str, named: str) -> None:
    statement, *texts = tampering.split("|")
    with kept.views.datastore.transaction(commit=True) as curs:
        curs.execute(statement, texts or None)
        altered = curs.rowcount

    verdict = verify(kept)

    assert altered >= 1
    assert any(named in difference for difference in verdict.differences), verdict.differences


SHARES = [{"rep": "ana", "bps": 6_000}]
NAMING = [
    sale("1", "90.00", dimensions={"region": "emea"}, credit=SHARES, occurred_at="2026-11-02T00:00:00Z"),
    sale("level", "8.00", metric="churn", kind="measurement"),
    sale("2", "5.00", kind="refund", corrects="never", dimensions={"region": "us"}),
    sale("3", "7.00", kind="refund", corrects="1"),
    void("4", "3"),
    sale("5", "6.00", kind="correction", corrects="1", occurred_at="2026-11-03T00:00:00Z", credit=SHARES),
    void("6", "5"),
    sale("7", "9.00", kind="refund", corrects="5"),
    sale("8", "1.00", kind="correction", corrects="7"),
    sale("9", "7.50", metric="churn", kind="correction", corrects="level"),
    void("10", "9"),
    sale("11", "1.00", kind="refund", corrects="12"),
    sale("12", "2.00", dimensions={"region": "us"}, credit=SHARES),
]


def _rewrite(store: Store, change: Callable[[dict[str, Any]], None]) -> int:
    """Change lines of the ledger where they are stored; how many batches are other ones now."""
    altered = 0
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute("SELECT notification_id, state FROM milemarker_events WHERE topic = 'ledger.sales_recorded'")
        for row in curs.fetchall():
            said = loads(bytes(row["state"]))
            for entry in said["entries"]:
                change(entry)
            state = dumps(said, separators=(",", ":")).encode()
            curs.execute(
                "UPDATE milemarker_events SET state = %s WHERE notification_id = %s AND state <> %s",
                (state, row["notification_id"], state),
            )
            altered += curs.rowcount
    return altered


def _put(id: str, path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A value where the path leads, in every line about this sale."""
    *way, last = path.split("/")

    def change(entry: dict[str, Any]) -> None:
        if entry["id"] == id:
            inner: Any = entry
            for step in way:
                inner = inner[int(step)] if step.isdigit() else inner[step]
            inner[last] = value

    return change


def _of_old(entry: dict[str, Any]) -> None:
    """The line as it was written before levels, credit and originals counted."""
    for name in ("level", "credited", "original_at"):
        entry.pop(name, None)
    reverses = entry.get("reverses", {})
    if "withdraws" in reverses:
        del entry["reverses"]
        if entry["kind"] == "void":
            entry["inherited"] = reverses["dimensions"]
    for name in ("credit", "original_at"):
        reverses.pop(name, None)


@pytest.mark.parametrize(
    ("id", "path", "value"),
    [
        ("1", "credited/0/rep", "ben"),
        ("level", "level", 801),
        ("2", "original_at", "2026-11-02T00:00:00Z"),
        ("3", "original_at", "2026-11-03T00:00:00Z"),
        ("3", "inherited/region", "us"),
        ("3", "credited/0/rep", "ben"),
        ("3", "counts", 7_00),
        ("4", "reverses/original_at", "2026-11-03T00:00:00Z"),
        ("4", "reverses/credit/0/bps", 5_999),
        ("7", "original_at", "2026-11-02T00:00:00Z"),
        ("8", "original_at", "2026-11-02T00:00:00Z"),
        ("8", "counts", 1_00),
        ("9", "reverses/withdraws", "1"),
        ("10", "reverses/amount", 8_00),
        ("10", "corrects", "13"),
        ("11", "counts", -1_00),
    ],
)
def test_what_a_line_does_is_held_against_what_it_names(store: Store, id: str, path: str, value: Any) -> None:
    intake = Intake(store.app, uuid4)
    active_target(store.app)
    for part in (NAMING[:4], NAMING[4:8], NAMING[8:]):
        intake.record([Arrival(part)], NOW)
    _follow(store)
    assert verify(store).differences == []

    assert _rewrite(store, _put(id, path, value)) == 1

    differences = verify(store).differences
    assert any(f": webshop {id} " in one for one in differences), differences


def test_what_was_recorded_before_levels_and_credit_counted_verifies(store: Store) -> None:
    Intake(store.app, uuid4).record([Arrival(NAMING)], NOW)

    assert _rewrite(store, _of_old) == 1

    assert verify(store).differences == []


def test_the_first_difference_comes_first(kept: Store) -> None:
    with kept.views.datastore.transaction(commit=True) as curs:
        curs.execute(LEDGER, ('"amount":123', '"amount":124'))

    verdict = verify(kept)

    assert verdict.differences[0].startswith("position 2: webshop undone")


def test_another_sale_named_for_a_goal_reached_before_activation_is_found(store: Store) -> None:
    Intake(store.app, uuid4).record([Arrival([sale("first", "60000.00"), sale("second", "60000.00")])], NOW)
    active_target(store.app)
    _follow(store)
    assert verify(store).differences == []
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute(LEDGER + " WHERE topic = 'target.attained'", ('"id":"second"', '"id":"first"'))

    (difference,) = verify(store).differences

    assert "names webshop first, and the sale that crossed is webshop second" in difference


def test_read_models_with_many_rows_are_compared_part_by_part(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROWS_A_PAGE", 2)
    views = kept.views.views.values()
    for parts in (1, 2, 7):
        found: list[str] = []
        for view in views:
            compare_rows(kept, view, found.append, at_once=max(1, 8 // parts))
        assert found == []
    with kept.views.datastore.transaction(commit=True) as curs:
        curs.execute("UPDATE sale_batches SET position = 0")
        curs.execute("SELECT min(id::text) AS first FROM sale_batches")
        (row,) = curs.fetchall()

    for at_once in (1, 2, 100):
        compare_rows(kept, kept.views.views["sale_batches"], found.append, at_once)

    assert len(found) == 3
    assert all(one.startswith(f"sale_batches says of {row['first']}") for one in found)
