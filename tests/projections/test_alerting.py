"""The alerts in their transactions: whatever is killed, repeated or run side by side, each fact is told once."""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import PersistenceError

from domain.alerts import alerting
from domain.alerts.alert import Alert
from domain.alerts.alerting import FOLLOWER, NOTHING, Alerts, Decided
from domain.application import News
from domain.archiving import archive_target
from domain.evaluating import Evaluator
from domain.intake import Arrival, Intake
from projections.alerts import ALERTS
from projections.store import Store, open_store
from projections.subscriptions import SUBSCRIPTIONS
from projections.writing import PostgresWriting
from tests.hearing import START, Office
from tests.words import sale

VERDICT, EVALUATED = "alert.verdict", "checkpoint.evaluated"
REFUSE = (
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
    "CREATE TRIGGER refuse BEFORE UPDATE ON followers FOR EACH ROW EXECUTE FUNCTION refuse()"
)


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store.app)


@pytest.fixture
def beside(database: str) -> Iterator[Store]:
    """Another process on the same database."""
    with open_store(database) as opened:
        yield opened


def story(office: Office, targets: int = 3) -> list[UUID]:
    """Targets that go at risk, with three people who hear of it."""
    found = [office.target() for _ in range(targets)]
    office.subscribe(VERDICT, EVALUATED)
    office.subscribe(EVALUATED, recipient="jo@example.com", channel="webhook")
    office.subscribe(VERDICT, to=found[0], recipient="jo@example.com")
    for number, status in enumerate(["at_risk", "off_track", "on_track"], start=1):
        for target in found:
            office.evaluated(target, number, status)
    return found


ALL = 3 * 3 * 2 + 3
"""So many messages come of the story."""


def run(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


def followed(office: Office) -> int:
    return office.app.store.followed(FOLLOWER) or 0


def test_the_story_is_told_once_however_often_it_is_looked_at(office: Office) -> None:
    story(office)

    assert office.decide() > 0
    assert office.decide() == 0
    assert office.decide(Alerts(office.app)) == 0

    assert len(office.told()) == len({one.id for one in office.told()}) == ALL


def test_what_is_cut_off_half_way_leaves_nothing_and_is_told_once_later(office: Office, database: str) -> None:
    story(office)
    before = office.app.recorder.max_notification_id()
    run(database, REFUSE)

    with pytest.raises(PersistenceError, match="no"):
        office.engines[0].decide_some(office.at)
    after = office.app.recorder.max_notification_id()
    run(database, "DROP TRIGGER refuse ON followers")

    assert after == before
    assert rows(database, "SELECT count(*) FROM deliveries") == [(0,)]
    office.decide()
    assert len(office.told()) == ALL
    # What is to be sent stands in the queue of delivery too; an inbox has it already.
    assert rows(database, "SELECT count(*) FROM deliveries") == [(9,)]


def rows(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


def test_two_side_by_side_tell_once(office: Office, beside: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "FACTS_MAX", 2)
    engines = [Alerts(app) for app in (office.app, beside.app, office.app, beside.app)]
    story(office)
    ready = threading.Barrier(len(engines))

    def decide(engine: Alerts) -> None:
        ready.wait()
        office.decide(engine)

    with ThreadPoolExecutor(len(engines)) as threads:
        for one in [threads.submit(decide, engine) for engine in engines]:
            one.result()

    assert len(office.told()) == len({one.id for one in office.told()}) == ALL
    assert len(office.facts("alert.fired")) == 3


class _Overtaken(Alerts):
    """One that is overtaken by another between its look at the facts and its decision."""

    def __init__(self, office: Office, other: Alerts) -> None:
        super().__init__(office.app)
        self._office = office
        self._other = other

    def _look(self) -> News:
        seen = super()._look()
        self._office.decide(self._other)
        return seen


def test_who_is_overtaken_leaves_it_to_the_other(office: Office, beside: Store) -> None:
    story(office)
    overtaken = _Overtaken(office, Alerts(beside.app))

    assert overtaken.decide_some(office.at) == Decided(0, 0, more=True)
    assert overtaken.decide_some(office.at) == NOTHING

    assert len(office.told()) == ALL


LOCKED = "SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND mode LIKE '%Exclusive%' AND locktype = 'relation'"


def test_alerts_are_folded_before_the_lock_is_taken_however_long_they_have_lived(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded: list[bool] = []
    load = PostgresWriting.aggregates

    def watched(writing: PostgresWriting, kind: type[Any], ids: Iterable[UUID]) -> Any:
        wanted = list(ids)
        if kind is Alert and wanted:
            folded.append(bool(writing._curs.execute(LOCKED).fetchall()))
        return load(writing, kind, wanted)

    story(office)
    monkeypatch.setattr(PostgresWriting, "aggregates", watched)
    office.decide()

    assert folded == [False]


@pytest.mark.parametrize("most", [1, 2, 7])
def test_many_messages_are_queued_in_several_commits_and_none_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(alerting, "QUEUED_MAX", most)
    story(office)

    commits = []
    while (decided := office.engines[0].decide_some(office.at)) != NOTHING:
        commits.append(decided.queued)

    assert sum(commits) == len(office.told()) == ALL
    assert max(commits) <= most + 3


def test_replaying_and_a_second_start_send_nothing(office: Office, store: Store, database: str) -> None:
    story(office)
    office.decide()
    before = office.app.recorder.max_notification_id()

    for name in store.views.views:
        store.views.rebuild(name)
    with open_store(database) as again:
        assert office.decide(Alerts(again.app)) == 0

    assert office.app.recorder.max_notification_id() == before


def test_the_first_start_on_an_old_log_tells_nothing_of_what_was(store: Store, database: str) -> None:
    office = Office(store.app)
    target = office.target()
    office.evaluated(target, 1, "at_risk")
    run(database, "DELETE FROM followers; UPDATE audience SET since = 0")
    office.subscribe(VERDICT, EVALUATED)
    run(database, "DELETE FROM followers; UPDATE audience SET since = 0")

    assert office.decide(Alerts(store.app)) == 0
    office.evaluated(target, 2, "off_track")
    office.decide(Alerts(store.app))

    assert office.heard() == [(VERDICT, "firing")]


def test_what_happens_before_the_first_start_and_after_the_first_subscription_is_told(store: Store) -> None:
    office = Office(store.app, engines=[_Asleep(store.app)])
    target = office.target()
    office.subscribe(VERDICT)
    office.evaluated(target, 1, "at_risk")

    office.decide(Alerts(store.app))

    assert office.heard() == [(VERDICT, "firing")]


class _Asleep(Alerts):
    def decide_some(self, at: Any) -> Any:
        return NOTHING


def test_facts_that_mean_nothing_here_move_the_position_now_and_then(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "IDLE_MAX", 2)
    begun = followed(office)
    office.subscribe(VERDICT)
    office.decide()
    assert followed(office) == begun

    for number in range(3):
        office.subscribe(VERDICT, recipient=f"{number}@example.com")
    office.decide()

    assert followed(office) == office.app.recorder.max_notification_id()


def test_the_story_of_a_target_as_it_is_evaluated_restated_and_closed(office: Office) -> None:
    evaluator, intake = Evaluator(office.app, timedelta()), Intake(office.app, uuid4)

    def sell(id: str, amount: str, at: str) -> None:
        intake.record([Arrival([sale(id, amount, occurred_at=at)])], office.at)

    def at(moment: str) -> None:
        office.at = datetime.fromisoformat(moment)
        while evaluator.evaluate_some(office.at, office.at, complete=True):
            continue
        office.decide()

    office.target()
    office.subscribe(VERDICT, "target.closed")
    sell("1", "22000.00", "2026-11-01T12:00:00Z")
    at("2026-11-07T00:00:01+00:00")
    office.at += timedelta(hours=1)
    sell("2", "2500.00", "2026-11-06T12:00:00Z")
    at("2026-11-07T01:02:00+00:00")
    at("2026-11-14T00:00:01+00:00")
    at("2026-12-01T00:00:01+00:00")

    assert [(one.kind, one.transition, one.message["status"]) for one in office.told()] == [
        (VERDICT, "firing", "at_risk"),
        (VERDICT, "corrected", "on_track"),
        (VERDICT, "firing", "off_track"),
        ("target.closed", "told", "missed"),
    ]
    assert [one.message.get("previous") for one in office.told()] == [None, "at_risk", "on_track", None]


def test_the_views_have_what_the_facts_say(office: Office, store: Store, database: str) -> None:
    first, *_ = story(office)
    office.decide()
    office.at += timedelta(days=1)
    office.attained(first)
    office.evaluated(first, 4, "off_track")
    office.decide()

    for view in (ALERTS, SUBSCRIPTIONS):
        while store.views.follow(view):
            continue

    verdict = office.alert("verdict", first)
    assert verdict is not None
    ((text,),) = rows(database, f"SELECT row::text FROM alerts WHERE id = '{verdict.id}'")
    row = ALERTS.decoder.decode(text)
    assert (row.kind, row.target, row.state, row.episode, row.severity) == ("verdict", first, "firing", 2, "off_track")
    assert (row.told, row.withheld) == (2 * 3, "attained")
    subscriptions = [
        SUBSCRIPTIONS.decoder.decode(text) for (text,) in rows(database, "SELECT row::text FROM subscriptions")
    ]
    assert {one.recipient for one in subscriptions} == {"ana@example.com", "jo@example.com"}
    assert not any(one.ended for one in subscriptions)
    assert min(one.created_at for one in subscriptions) >= START


def test_who_asked_for_it_hears_that_a_target_was_handed_over_and_archived(office: Office, store: Store) -> None:
    target = office.target()
    office.subscribe("target.handed_over", "target.archived", "target.unarchived")
    store.app.hand_over_target(target, "jo@example.com", None, "Ana is on leave", by="ana@example.com", at=START)
    store.app.cancel_target(target, "The shop closed", by="ana@example.com", at=START)
    for archived in (True, False):
        archive_target(store.app, target, archived, by="ana@example.com", at=START)

    office.decide()

    assert [kind for kind, _ in office.heard()] == ["target.handed_over", "target.archived", "target.unarchived"]
