"""Sales into the real log: whatever comes, from however many processes, each target has exactly what it should."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from random import Random
from threading import Barrier
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, PersistenceError

from domain import intake as intake_module
from domain.filling import Filler
from domain.intake import Arrival, Intake, Outcome
from domain.ledger import BATCH_BYTES_MAX, ENTRIES_MAX
from domain.metric import Metric
from domain.plan import Plan
from domain.progress import LedgerRef, Slot
from domain.refusal import Refused
from domain.target import State, Target
from projections.store import open_store
from projections.verification import verify
from tests.domain.publishing import long_history, split
from tests.domain.reference import Published, Reference
from tests.words import NOW, plan, sale, void

MARGIN = Metric("margin", "USD", 2)
SCOPES: list[dict[str, Any]] = [
    {},
    {"metric": MARGIN},
    {"scope": {"region": ["emea"]}},
    {"scope": {"region": ["emea", "us"], "rep": ["ana"]}},
    {"scope": {"rep": ["ana", "ben"]}, "time_zone": "America/New_York"},
    {"refunds": "clawback"},
    {"refunds": "clawback", "scope": {"rep": ["ana"]}, "start": date(2026, 10, 31), "end": date(2026, 11, 1)},
]


class Business:
    """Some processes on one log, and the targets that they count toward."""

    def __init__(self, url: str, processes: int = 2) -> None:
        self.stores = [open_store(url, connections_max=4) for _ in range(processes)]
        self.intakes = [Intake(store.app, uuid4) for store in self.stores]
        self.plans: dict[UUID, Plan] = {}

    def close(self) -> None:
        for store in self.stores:
            store.close()

    def activate(self, process: int = 0, **changes: Any) -> UUID:
        target_id, new = uuid4(), plan(**{"goal": "50.00"} | changes)
        self.stores[process].app.define_target(target_id, new, activate=True, by="ana", at=NOW)
        self.plans[target_id] = new
        return target_id

    def fill(self, process: int = 0) -> None:
        while Filler(self.stores[process].app).fill_some(NOW):
            continue

    def record(self, process: int, *sales: Any) -> tuple[Outcome, int]:
        (outcome,), position = self.intakes[process].record([Arrival(list(sales))], NOW)
        snapshots = self.stores[process].app.snapshots
        assert snapshots is not None
        for due in self.intakes[process].snapshots_due():
            with suppress(IntegrityError):
                snapshots.put([due])
        return outcome, position

    @property
    def targets(self) -> dict[UUID, Target]:
        with self.stores[0].app.writing() as log:
            return log.targets(self.plans)

    def totals(self) -> dict[UUID, int]:
        return {one.id: one.total for one in self.targets.values()}

    def assert_exact(self, reference: Reference) -> None:
        targets = self.targets
        for target_id, its in self.plans.items():
            clawback = its.refunds == "clawback"
            due = reference.total(its.metric, its.begins, its.ends, its.scope, clawback=clawback)
            target = targets[target_id]
            assert (target.state, target.total) == (State.ACTIVE, due)
            assert target.attained == (due >= its.goal)
            assert sum(target.sums.values()) == due
        assert verify(self.stores[0]).differences == []


@pytest.fixture
def business(database: str) -> Iterator[Business]:
    opened = Business(database)
    yield opened
    opened.close()


def verdicts(reference: Reference, batch: list[Published]) -> tuple[int, int, list[str]]:
    said = [reference.publish(one) for one in batch]
    refused = [verdict for verdict in said if verdict not in ("accepted", "waiting", "duplicate")]
    return said.count("accepted") + said.count("waiting"), said.count("duplicate"), refused


def said(outcome: Outcome) -> tuple[int, int, list[str]]:
    return outcome.accepted, outcome.duplicates, [one.refused.code for one in outcome.rejected]


def facts(url: str, topic: str = "ledger.sales_recorded") -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM milemarker_events WHERE topic = %s", [topic]).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("seed", range(8))
def test_any_history_counts_the_same_as_the_reference(
    business: Business, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, reference = Random(seed), Reference()
    monkeypatch.setattr(intake_module, "SNAPSHOT_EVERY", chance.choice((3, 256)))
    monkeypatch.setattr(intake_module, "ENTRIES_MAX", chance.choice((2, 1_000)))
    monkeypatch.setattr(intake_module, "CATCH_UP_MAX", chance.choice((4, 5_000)))
    monkeypatch.setattr(intake_module, "TARGETS_MAX", chance.choice((2, 20_000)))
    ids = chance.choice(("abcde", "abcdefghijklmnopqrstuvwxyz"))
    parts = split(chance, long_history(chance, 120, ids))

    for number, batch in enumerate(parts):
        if number in (0, len(parts) // 2):
            for scope in SCOPES:
                business.activate(number % 2, **scope)
        if chance.random() < 0.2:
            business.fill(chance.randrange(2))
        outcome, _ = business.record(chance.randrange(2), *batch)
        assert said(outcome) == verdicts(reference, batch)
    for scope in SCOPES:
        business.activate(1, **scope)
    business.fill()

    business.assert_exact(reference)


def test_two_processes_at_once_count_what_one_would_have(business: Business) -> None:
    histories = [long_history(Random(process), 150, "abcdefghijkl") for process in range(2)]
    together = Barrier(3)
    for scope in SCOPES:
        business.activate(**scope)
    business.fill()

    def publish(process: int) -> list[tuple[int, bool, list[Published]]]:
        together.wait()
        recorded = []
        for batch in split(Random(process), histories[process]):
            outcome, position = business.record(process, *batch)
            recorded.append((position, not outcome.accepted, batch))
        return recorded

    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(publish, process) for process in range(2)]
        together.wait()
        for scope in SCOPES:
            business.activate(**scope)
            business.fill()
        recorded = [one for thread in running for one in thread.result()]
    reference = Reference()
    for _, _, batch in sorted(recorded, key=lambda one: one[:2]):
        for one in batch:
            reference.publish(one)

    business.assert_exact(reference)


def test_targets_activated_while_sales_come_and_are_filled_by_two_miss_none_and_count_none_twice(
    business: Business,
) -> None:
    def publish() -> None:
        for number in range(60):
            business.record(0, *[sale(f"{number}-{index}", "1.00") for index in range(5)])

    with ThreadPoolExecutor(3) as threads:
        publishing = threads.submit(publish)
        while not publishing.done():
            business.activate(1)
            filling = [threads.submit(business.fill, process) for process in range(2)]
            for one in filling:
                one.result()
            sleep(0.01)
        publishing.result()
    business.fill()

    assert len(business.plans) > 1
    assert set(business.totals().values()) == {300_00}
    assert {(one.state, one.attained) for one in business.targets.values()} == {(State.ACTIVE, True)}
    assert facts(_url(business), "target.attained") == len(business.plans)


def _url(business: Business) -> str:
    given = business.stores[0].views.datastore.pool.kwargs
    assert isinstance(given, dict)
    return "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**given)


def test_a_filled_target_names_the_sale_that_crossed_in_order_of_business_time(business: Business) -> None:
    business.record(0, sale("late", "30.00", occurred_at="2026-11-12T00:00:00Z"))
    business.record(0, sale("early", "30.00", occurred_at="2026-11-02T00:00:00Z"))
    business.record(0, sale("between", "30.00", occurred_at="2026-11-05T00:00:00Z"))
    target_id = business.activate()

    business.record(1, sale("meanwhile", "0.01", occurred_at="2026-11-01T00:00:00Z"))
    business.fill()

    (attained,) = [one for one in _facts(business, target_id) if isinstance(one, Target.TargetAttained)]
    assert (attained.lifted_by.id, attained.total) == ("between", 90_01)


def test_a_long_ledger_is_filled_chunk_by_chunk_and_none_is_counted_twice(business: Business) -> None:
    first = business.activate()
    for number in range(230):
        business.record(0, sale(f"{number}", "1.00"))
    second = business.activate()

    with ThreadPoolExecutor(2) as threads:
        for one in [threads.submit(business.fill, process) for process in range(2)]:
            one.result()

    chunks = [one.entry for one in _facts(business, second) if isinstance(one, Target.ProgressRecorded)]
    assert [one.after for one in chunks] == [0, *[one.upto for one in chunks[:-1]]]
    assert len(chunks) == 3
    assert business.totals() == {first: 230_00, second: 230_00}
    assert {one.state for one in business.targets.values()} == {State.ACTIVE}


def _facts(business: Business, target_id: UUID) -> list[Any]:
    app = business.stores[0].app
    return [app.mapper.to_domain_event(one) for one in app.recorder.select_events(target_id)]


def test_a_metric_takes_its_unit_from_its_first_use_in_every_process(business: Business) -> None:
    euros = sale("2", "5.00", unit="EUR")

    first, _ = business.record(0, sale("1", "5.00"), euros)
    second, _ = business.record(1, euros, sale("3", "5.00"))
    third, _ = business.record(1, sale("yen", "100.00", unit="JPY"))

    assert [said(one) for one in (first, second)] == [(1, 0, ["wrong_unit"])] * 2
    assert said(third)[2] == ["wrong_unit"]
    assert facts(_url(business), "metric.defined") == 1


def test_a_refused_sale_fixes_no_unit(business: Business) -> None:
    business.record(0, sale("1", metric="other", unit="USD"))

    business.record(0, sale("1", "5", unit="JPY"))
    outcome, _ = business.record(1, sale("2", "5.00"))

    assert said(outcome) == (1, 0, [])


def test_a_unit_defined_meanwhile_holds_for_what_was_read_before(business: Business) -> None:
    business.record(0, sale("1", metric="other", unit="USD"))
    business.stores[1].app.define_metric(Metric("revenue", "USD", 4), by="ana", at=NOW)

    outcome, _ = business.record(0, sale("2", "0.0001"))

    assert said(outcome) == (1, 0, [])


def test_a_sender_may_write_its_own_sources_alone(business: Business) -> None:
    arrival = Arrival([sale("1"), sale("1", source="shop")], frozenset({"webshop"}))

    (outcome,), _ = business.intakes[0].record([arrival], NOW)

    assert said(outcome) == (1, 0, ["source_not_allowed"])
    assert (outcome.rejected[0].index, outcome.rejected[0].source) == (1, "shop")


def test_the_good_ones_count_beside_the_refused(business: Business) -> None:
    outcome, _ = business.record(0, None, sale("1"), {"id": 5}, Refused("malformed_json", "no JSON"), sale("2"), [])

    assert said(outcome) == (2, 0, ["not_an_object", "missing_field", "malformed_json", "not_an_object"])
    assert [one.index for one in outcome.rejected] == [0, 2, 3, 5]


def test_nothing_new_commits_nothing(business: Business) -> None:
    _, position = business.record(0, sale("1"))

    outcome, again = business.record(1, sale("1"), None)

    assert (said(outcome), again) == ((0, 1, ["not_an_object"]), position)


def test_a_process_that_is_thousands_of_facts_behind_is_exact_again(business: Business) -> None:
    for _ in range(80):
        business.activate(goal="1000.00")
    business.fill()
    business.record(0, sale("first", "1.00"))

    for number in range(64):
        business.record(1, sale(f"{number}", "1.00"))
    behind = facts(_url(business), "target.progress_recorded")
    business.record(0, sale("last", "1.00"))

    assert behind - 80 > intake_module.CATCH_UP_MAX
    assert set(business.totals().values()) == {66_00}


def test_targets_go_on_from_their_snapshots(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "SNAPSHOT_EVERY", 5)
    target_id = business.activate()
    business.fill()
    for number in range(12):
        business.record(number % 2, sale(f"{number}", "1.00"))

    fresh = Intake(business.stores[0].app, uuid4)
    fresh.record([Arrival([sale("fresh", "1.00")])], NOW)

    with psycopg.connect(_url(business)) as connection:
        snapshots = connection.execute("SELECT originator_version FROM milemarker_snapshots").fetchall()
    assert len(snapshots) >= 2
    assert business.totals() == {target_id: 13_00}


def test_more_money_than_64_bits_hold_is_counted_and_shown_like_any_other(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "SNAPSHOT_EVERY", 3)
    store, most = business.stores[0], "9999999999999.99"
    for process in range(2):
        for number in range(10):
            business.record(process, *[sale(f"{process}-{number}-{index}", most) for index in range(1_000)])
    target_id = business.activate()
    business.fill()
    for number in range(4):
        business.record(0, sale(f"last-{number}", most))

    for view in store.views.views.values():
        while store.views.follow(view):
            continue

    assert business.totals() == {target_id: 20_004 * 999_999_999_999_999}
    assert verify(store).differences == []


# What fails leaves nothing behind

LEFT_BEHIND = (
    "SELECT (SELECT count(*) FROM milemarker_events), (SELECT count(*) FROM sale_identities),"
    " (SELECT count(*) FROM sale_versions), (SELECT count(*) FROM waiting_sales), (SELECT version FROM routing),"
    " (SELECT count(*) FROM metrics)"
)
SALES = [sale("1", "7.00"), void("2", "1"), void("3", "unseen"), sale("4", "5", metric="new", unit="JPY")]


def refuse_at_commit(url: str) -> Callable[[], None]:
    """The database refuses what was written, at the last moment, until it is told otherwise."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;"
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON milemarker_events"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
        )

    def mend() -> None:
        with psycopg.connect(url) as connection:
            connection.execute("DROP TRIGGER refuse ON milemarker_events")

    return mend


def test_a_commit_that_fails_leaves_nothing_and_the_next_one_is_exact(business: Business, database: str) -> None:
    target_id = business.activate()
    business.fill()
    business.record(0, sale("0", "1.00"))
    with psycopg.connect(database) as connection:
        before = connection.execute(LEFT_BEHIND).fetchone()

    mend = refuse_at_commit(database)
    with pytest.raises(PersistenceError, match="disk full"):
        business.record(0, *SALES)
    with psycopg.connect(database) as connection:
        after = connection.execute(LEFT_BEHIND).fetchone()
    mend()
    outcome, _ = business.record(0, *SALES, sale("5", "2.00"))

    assert after == before
    assert said(outcome) == (5, 0, [])
    assert business.totals() == {target_id: 3_00}


def test_a_connection_cut_in_the_middle_leaves_nothing_and_the_next_one_is_exact(
    business: Business, database: str
) -> None:
    target_id = business.activate()
    business.fill()
    business.record(0, sale("0", "1.00"))

    with (
        ThreadPoolExecutor(1) as thread,
        psycopg.connect(database) as holder,
        psycopg.connect(database, autocommit=True) as killer,
    ):
        holder.execute("LOCK TABLE sale_identities IN EXCLUSIVE MODE")
        recording = thread.submit(business.record, 0, *SALES)
        cut: list[Any] = []
        while not cut:
            sleep(0.01)
            cut = killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO sale_identities%'"
            ).fetchall()
        with pytest.raises(PersistenceError):
            recording.result()
    outcome, _ = business.record(0, *SALES, sale("5", "2.00"))

    assert said(outcome) == (5, 0, [])
    assert business.totals() == {target_id: 3_00}
    assert verify(business.stores[0]).differences == []


def test_a_failure_between_two_batches_of_a_commit_takes_both_back(business: Business) -> None:
    target_id = business.activate()
    business.fill()
    ids = iter([uuid4()])
    once = Intake(business.stores[0].app, lambda: next(ids))

    with pytest.raises(StopIteration):
        once.record([Arrival([sale(f"{number}", "1.00") for number in range(ENTRIES_MAX + 1)])], NOW)
    once._new_id = uuid4
    once.record([Arrival([sale("1", "1.00")])], NOW)

    assert business.totals() == {target_id: 1_00}


# Batches have limits


def batches(url: str) -> list[tuple[int, int]]:
    """Entries and bytes of each ledger event."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT json_array_length(convert_from(state, 'UTF8')::json -> 'entries'), octet_length(state)"
            " FROM milemarker_events WHERE topic = 'ledger.sales_recorded' ORDER BY notification_id"
        ).fetchall()
    return [(row[0], row[1]) for row in rows]


def test_more_than_a_thousand_entries_are_split_in_one_commit(business: Business, database: str) -> None:
    target_id = business.activate(goal="10000.00")
    business.fill()

    outcome, _ = business.record(0, *[sale(f"{number}", "1.00") for number in range(2_500)])

    assert outcome.accepted == 2_500
    assert [entries for entries, _ in batches(database)] == [1_000, 1_000, 500]
    assert business.totals() == {target_id: 2_500_00}


@pytest.mark.parametrize("letter", ["x", "東", "🛒"])
def test_big_sales_are_split_at_512_kib(business: Business, database: str, letter: str) -> None:
    big = {f"d{number}": letter * 128 for number in range(16)}
    target_id = business.activate(goal="10000.00")
    business.fill()

    business.record(0, *[sale(f"{letter * 120}{number}", "1.00", dimensions=big) for number in range(400)])

    assert max(size for _, size in batches(database)) <= BATCH_BYTES_MAX
    assert business.totals() == {target_id: 400_00}


def test_sales_full_of_quotes_are_split_at_512_kib_too(business: Business, database: str) -> None:
    quoted = {f"d{number}": '"' * 128 for number in range(16)}

    business.record(0, *[sale(f"{number}", "1.00", dimensions=quoted) for number in range(400)])

    assert max(size for _, size in batches(database)) <= BATCH_BYTES_MAX


def test_small_voids_of_big_sales_are_split_at_512_kib_too(business: Business, database: str) -> None:
    big = {f"d{number}": "x" * 128 for number in range(16)}
    business.record(0, *[sale(f"{number}", "1.00", dimensions=big) for number in range(400)])

    business.record(0, *[void(f"void-{number}", f"{number}") for number in range(400)])

    assert max(size for _, size in batches(database)) <= BATCH_BYTES_MAX


def test_big_refunds_that_waited_for_a_small_sale_are_split_at_512_kib_too(business: Business, database: str) -> None:
    big = [{"rep": f"{number}" + "x" * 120, "bps": 1} for number in range(16)]
    refunds = [sale(f"{n}", "1.00", kind="refund", corrects="it", credit=big) for n in range(400)]
    business.record(0, *refunds)

    business.record(0, sale("it", "500.00"))

    assert max(size for _, size in batches(database)) <= BATCH_BYTES_MAX


def test_refunds_that_inherit_big_credits_and_their_reversals_are_split_at_512_kib_too(
    business: Business, database: str
) -> None:
    big = [{"rep": f"{number}" + '"' * 120, "bps": 1} for number in range(16)]
    business.record(0, *[sale(f"{number}", "1.00", credit=big) for number in range(200)])

    business.record(0, *[sale(f"back-{n}", "1.00", kind="refund", corrects=f"{n}") for n in range(200)])
    business.record(0, *[void(f"void-{n}", f"back-{n}") for n in range(200)])

    assert sum(entries for entries, _ in batches(database)) == 600
    assert max(size for _, size in batches(database)) <= BATCH_BYTES_MAX


@pytest.mark.parametrize("id", ["東" * 124, "🛒" * 124, '"' * 124])
def test_voids_of_measurements_with_long_ids_are_split_at_512_kib_too(
    business: Business, database: str, id: str
) -> None:
    level = {"metric": "m" * 64, "unit": "u" * 3, "kind": "measurement"}
    business.record(0, *[sale(f"{id}{n}", "-99999999999999", **level) for n in range(400)])

    business.record(0, *[void(f"{n}", f"{id}{n}") for n in range(400)])

    assert sum(entries for entries, _ in batches(database)) == 800
    assert max(size for _, size in batches(database)) <= BATCH_BYTES_MAX


def test_a_target_that_can_not_be_filled_keeps_no_other_from_being_filled(business: Business) -> None:
    broken, healthy = business.activate(), business.activate()
    app = business.stores[0].app
    with app.writing() as log:
        # As no rule would record it: more than the goal, and no sale in the ledger that comes to it.
        forged = Target.ProgressRecorded(  # type: ignore[call-arg]
            broken,
            log.targets([broken])[broken].version + 1,
            NOW,
            "nobody",
            entry=LedgerRef(batch=uuid4()),
            slots=[Slot(datetime(2026, 11, 10, tzinfo=UTC), 60_00)],
        )
        log.save([forged])
    failed: list[UUID] = []

    filler = Filler(app, failed=lambda target, _: failed.append(target))
    assert filler.fill_some(NOW) == 2

    with app.writing() as log:
        assert log.targets([healthy])[healthy].state is State.ACTIVE
    assert (failed, filler.fill_some(NOW)) == ([broken], 0)
