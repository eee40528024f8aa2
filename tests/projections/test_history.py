"""Looking back: what was known at one time, of what had happened by another, is what plain arithmetic says it was."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from uuid import UUID, uuid4

import pytest

from domain.checkpoint import Checkpoint
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.refusal import Refused
from domain.target import State, Target
from projections.history import History, Moment
from projections.known_times import position_known_at
from projections.store import Store
from projections.target_names import find_target
from tests.domain.publishing import long_history, split
from tests.domain.reference import Published, Reference
from tests.words import NOW, active_target, plan, sale

BEGINS = datetime(2026, 11, 1, tzinfo=UTC)
SECONDS = 30 * 24 * 3600
AFTER = datetime(2026, 12, 1, tzinfo=UTC)


def november(day: int, hour: int = 0) -> datetime:
    return BEGINS + timedelta(days=day - 1, hours=hour)


EDGES = [november(3), november(7), november(9, 5), november(13, 17)]
"""A midnight, two cut-offs, and an instant inside a day."""


def batches_of(chance: Random) -> list[list[Published]]:
    """Sales of every kind all over November, some on an edge."""
    edges = [at.isoformat() for at in EDGES]
    history = long_history(chance, 80, "abcdefghijkl")
    for one in {id(one): one for one in history}.values():
        at = BEGINS + timedelta(seconds=chance.randrange(SECONDS))
        one["occurred_at"] = chance.choice(edges) if chance.random() < 0.5 else at.isoformat()
    return split(chance, history)


@pytest.mark.parametrize("seed", range(2))
def test_every_moment_has_the_sales_that_were_known_and_had_happened(store: Store, seed: int) -> None:
    chance, intake = Random(seed), Intake(store.app, uuid4)
    batches, known = batches_of(chance), [(0, Reference())]
    scopes: list[dict[str, list[str]]] = [{}, {"region": ["emea"], "rep": ["ana", "ben"]}]
    targets: dict[UUID, dict[str, list[str]]] = {}
    cutoffs = ["2026-11-13T17:00:00Z", "2026-11-06"]
    for number, batch in enumerate(batches):
        if number == len(batches) // 3:
            targets = {active_target(store.app, scope=scope, schedule=cutoffs): scope for scope in scopes}
            begun = store.app.recorder.max_notification_id() or 0
        # The clocks of those who write differ: one is up to a minute behind the other.
        _, position = intake.record([Arrival(batch)], AFTER + timedelta(seconds=number - chance.randrange(60)))
        told = Reference()
        for before in batches[: number + 1]:
            for one in before:
                told.publish(one)
        known.append((position, told))

    for _ in range(60):
        position, told = chance.choice([one for one in known if one[0] >= begun])
        as_of = chance.choice([*EDGES, BEGINS + timedelta(minutes=1)])
        as_of = chance.choice([as_of, BEGINS + timedelta(seconds=chance.randrange(SECONDS))])
        for target, scope in targets.items():
            history = History(store, target, Moment(position, as_of, cut=True))
            net = told.total("revenue", BEGINS, as_of, scope)
            assert history.stood().status.total == net
            assert sum(one.added.net for one in history.facts()) == net


def test_a_time_means_the_last_position_before_anything_was_recorded_later(store: Store) -> None:
    chance, intake = Random(7), Intake(store.app, uuid4)
    for number in range(30):
        at = NOW + timedelta(seconds=10 * number + chance.randrange(-35, 35), microseconds=chance.choice([0, 1]))
        intake.record([Arrival([sale(str(number))])], at)
    facts = store.app.recorder.select_notifications(1, 1_000)
    times = [store.app.mapper.to_domain_event(one).timestamp for one in facts]  # type: ignore[attr-defined]
    never_back = list(accumulate(times, max))

    for time in {*times, NOW - timedelta(days=1), NOW + timedelta(days=1)}:
        known = [one.id for one, latest in zip(facts, never_back, strict=True) if latest <= time]
        assert position_known_at(store, time, stretch=4) == max(known, default=0)


def test_what_is_noted_of_the_times_is_right_however_far_the_log_had_come(store: Store) -> None:
    chance, intake, asked = Random(8), Intake(store.app, uuid4), list[tuple[datetime, int]]()
    latest = NOW
    for number in range(25):
        at = NOW + timedelta(seconds=10 * number + chance.randrange(-25, 25))
        latest = max(latest, at)
        _, position = intake.record([Arrival([sale(str(number))])], at)
        assert position_known_at(store, latest, stretch=4) == position
        asked = [*(one for one in asked if one[0] < latest), (latest, position)]
        for time, known in asked:
            assert position_known_at(store, time, stretch=4) == known


@pytest.fixture
def november_target(store: Store) -> UUID:
    """Goal $100,000: $30,000 on the 3rd, $80,000 on the 20th, evaluated on time, closed; $5,000 late for the 4th."""
    target, evaluator, intake = uuid4(), Evaluator(store.app, timedelta(0)), Intake(store.app, uuid4)
    by_fridays = plan(schedule="FREQ=WEEKLY;BYDAY=FR")
    store.app.define_target(target, by_fridays, activate=True, by="ana@example.com", at=november(1))
    Filler(store.app).fill_some(november(1))
    for day, amount in ((3, "30000.00"), (20, "80000.00")):
        on = november(day, 12)
        intake.record([Arrival([sale(f"of-{day}", amount, occurred_at=on.isoformat())])], on)
        _evaluate(evaluator, november(day + 4, 1))
    _evaluate(evaluator, AFTER + timedelta(hours=1))
    late = AFTER + timedelta(days=1)
    intake.record([Arrival([sale("late", "5000.00", occurred_at=november(4).isoformat())])], late)
    _evaluate(evaluator, late + timedelta(minutes=1))
    return target


def _evaluate(evaluator: Evaluator, now: datetime) -> None:
    while evaluator.evaluate_some(now, now, complete=True):
        continue


def test_a_target_is_shown_as_reported_and_as_restated(store: Store, november_target: UUID) -> None:
    reported = Moment(position_known_at(store, november(8)), november(8), cut=True)
    restated = Moment(10_000, november(8), cut=True)

    before, after = (History(store, november_target, moment).stood() for moment in (reported, restated))

    assert (before.figures.actual, before.figures.expected, before.status.state) == ("30000.00", "28571.43", "active")
    assert (after.figures.actual, after.figures.expected, after.status.state) == ("35000.00", "28571.43", "active")
    assert [one.restated is not None for one in (*before.evaluations, *after.evaluations)] == [False, True]
    assert after.figures.live_status == "ahead"


def test_without_a_time_of_business_all_that_is_known_is_shown(store: Store, november_target: UUID) -> None:
    stood = History(store, november_target, Moment(10_000, AFTER + timedelta(days=2), cut=False)).stood()

    assert (stood.status.state, stood.figures.status, stood.figures.actual) == (State.CLOSED, "exceeded", "115000.00")
    assert [one.number for one in stood.evaluations] == [1, 2, 3, 4, 5]


def test_what_comes_later_in_the_business_is_left_out_of_the_facts_too(store: Store, november_target: UUID) -> None:
    history = History(store, november_target, Moment(10_000, november(20, 18), cut=True))
    facts = [one.fact for one in history.facts()]

    assert [one.number for one in facts if isinstance(one, Checkpoint.CheckpointEvaluated)] == [1, 2]
    assert not any(isinstance(one, Target.TargetClosed) for one in facts)
    assert (history.stood().figures.status, history.stood().figures.actual) == ("attained", "115000.00")
    assert len([one for one in facts if isinstance(one, Target.TargetAttained)]) == 1


def test_before_it_was_defined_a_target_was_not_known(store: Store, november_target: UUID) -> None:
    with pytest.raises(Refused, match="November revenue was not known then: it was defined at 2026-11-01") as refused:
        History(store, november_target, Moment(1, november(1), cut=True))
    with pytest.raises(Refused, match="there is no target"):
        History(store, uuid4(), Moment(100, november(1), cut=True))

    assert refused.value.code == "not_yet_defined"


def test_a_target_is_meant_by_its_id_the_beginning_of_it_or_its_name(store: Store) -> None:
    ids = {name: active_target(store.app, name=name) for name in ("EMEA", "EMEA new", "Déjà vu")}
    while store.views.follow(store.views.views["statuses"]):
        continue
    for name, said in (("EMEA", "EMEA"), ("EMEA new", "NEW"), ("Déjà vu", "DÉJÀ")):
        assert find_target(store, said) == ids[name]
        assert find_target(store, str(ids[name])[:9].upper()) == ids[name]

    with pytest.raises(
        Refused, match=f"(?s)several targets are meant by 'emea':.*{ids['EMEA new']}  EMEA new"
    ) as refused:
        find_target(store, "emea")
    with pytest.raises(Refused, match="there is no target 'APAC'; there are, among others"):
        find_target(store, "APAC")

    assert refused.value.code == "ambiguous_target"
