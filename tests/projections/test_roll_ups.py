"""Roll-ups on PostgreSQL: counted sale by sale by every process, proved from the facts, and shown as they say."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from domain.application import Milemarker
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.revising import Wish, revise_target
from domain.rollup.membership import Window
from projections import writing
from projections.plans import PLANS, Plans
from projections.progress import PROGRESS, Progress
from projections.status import STATUSES, Status
from projections.store import Store
from projections.verification import verify
from tests.domain.companies import BY, EMEA, US, company, loaded, refused, region, sale_in, sold, started
from tests.words import NOW, resolving

ALTER = "UPDATE milemarker_events SET state = convert_to(replace(convert_from(state, 'UTF8'), %s, %s), 'UTF8')"


def lived(app: Milemarker) -> tuple[UUID, UUID, UUID]:
    """A company, a region that is a roll-up itself, and a team that moves; with whatever else may happen."""
    world, europe = started(app, company(name="World")), started(app, company(name="Europe"))
    app.join_target(world, europe, Window(), **BY)
    sold(app, sale_in("emea", "before", "7.00", 5))
    team = started(app, region("300.00", name="Team", schedule="FREQ=WEEKLY;BYDAY=FR"))
    app.join_target(europe, team, Window(until=date(2026, 11, 12)), **BY)
    app.join_target(world, team, Window(since=date(2026, 11, 13)), **BY)
    loaded(app, world)
    sold(app, sale_in("emea", "1", "100.00", 12), sale_in("emea", "2", "20.00", 13), sale_in("us", "3", "3.00"))
    while Evaluator(app, timedelta()).evaluate_some(NOW, NOW, complete=True):
        pass
    revise_target(app, team, Wish({"goal": "100.00"}, "Less"), resolving(), **BY)
    revise_target(app, world, Wish({"name": "Whole world"}, "Better said"), resolving(), **BY)
    gone = started(app, region("50.00", US), europe)
    loaded(app, world)
    app.cancel_target(gone, "Given up", **BY)
    loaded(app, world)
    while Evaluator(app, timedelta()).evaluate_some(NOW, NOW, complete=True):
        pass
    return world, europe, team


def follow(store: Store) -> None:
    for view in store.views.views.values():
        while store.views.follow(view):
            continue


def test_every_figure_of_a_roll_up_is_proved(store: Store) -> None:
    world, europe, _ = lived(store.app)
    follow(store)

    assert verify(store).differences == []
    assert [loaded(store.app, one).total for one in (world, europe)] == [127_00, 107_00]


def test_a_member_that_is_not_pinned_as_it_is_is_found(store: Store) -> None:
    lived(store.app)
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute(ALTER + " WHERE topic = 'target.members_pinned'", ('"emea"', '"apac"'))

    assert any("counts other sales than its members do" in one for one in verify(store).differences)


def test_the_read_models_say_what_the_roll_up_says(store: Store) -> None:
    world, *_ = lived(store.app)
    follow(store)

    target = loaded(store.app, world)
    plans, status, progress = row(store, world)
    assert (plans.plans, plans.edition) == (target.plans, target.edition)
    assert (status.goal, status.total, status.state) == (target.plan.goal, target.total, target.state)
    assert (status.plan_version, status.edition, status.attained) == (
        target.plan_version,
        target.edition,
        target.attained,
    )
    assert progress.sums == target.sums


def row(store: Store, one: UUID) -> tuple[Plans, Status, Progress]:
    found = []
    for view in (PLANS, STATUSES, PROGRESS):
        with store.views.datastore.cursor() as curs:
            curs.execute(f"SELECT row::text AS row FROM {view.name} WHERE id = %s", (one,))
            (said,) = curs
        found.append(view.decoder.decode(said["row"]))
    return tuple(found)  # type: ignore[return-value] # one of each


def test_another_intake_counts_toward_a_roll_up_from_the_moment_that_somebody_joins(store: Store) -> None:
    intake = Intake(store.app, uuid4)
    parent = started(store.app, company())
    intake.record([Arrival([sale_in("emea", "1", "1.00")])], NOW)
    started(store.app, region("100.00", EMEA), parent)

    intake.record([Arrival([sale_in("emea", "2", "2.00")])], NOW)

    assert loaded(store.app, parent).total == 3_00


def test_what_was_read_for_an_older_plan_is_not_counted_for_a_newer_one(store: Store) -> None:
    app = store.app
    parent, member = started(app, company()), started(app, region("100.00", EMEA))
    other = started(app, region("100.00", US))
    sold(app, sale_in("emea", "1", "1.00"), sale_in("us", "2", "2.00"))
    app.join_target(parent, member, Window(), **BY)

    def meanwhile() -> bool:
        """Asked before each stretch of the ledger is committed."""
        if not joined:
            joined.append(app.join_target(parent, other, Window(), **BY))
        return False

    joined: list[object] = []
    Filler(app).fill_some(NOW, meanwhile)

    assert loaded(app, parent).total == 3_00


def test_a_target_and_its_parent_are_one_decision(store: Store) -> None:
    target_id = uuid4()

    said = refused(lambda: store.app.define_target(target_id, region("1.00", parent=uuid4()), activate=True, **BY))

    assert said == ("unknown_parent", "/parent")
    with store.app.writing() as log:
        assert log.targets([target_id]) == {}
        assert log.memberships_of([target_id]) == []


def test_memberships_are_found_from_both_ends(store: Store) -> None:
    world, europe, team = lived(store.app)
    with store.app.writing() as log:
        assert [one.member for one in log.memberships([world])] == [europe, team]
        assert [one.target for one in log.memberships_of([team])] == [europe, world]


def test_the_outline_of_a_target_is_its_plans_and_its_state(store: Store) -> None:
    ids = lived(store.app)
    with store.app.writing() as log:
        whole, outlines = log.targets(ids), log.outlines([*ids, uuid4()])

    assert {one: (target.plans, target.state, target.edition) for one, target in outlines.items()} == {
        one: (target.plans, target.state, target.edition) for one, target in whole.items()
    }
    assert all(target.sums == {} for target in outlines.values())


def test_a_roll_up_that_gets_member_after_member_is_not_loaded_from_its_first_fact_each_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "SNAPSHOT_EVERY", 3)
    app = store.app
    parent = started(app, company())
    for number in range(1, 9):
        started(app, region(f"{number}.00", EMEA), parent)

    assert app.snapshots is not None
    (copy,) = app.snapshots.get(parent, desc=True, limit=1)
    whole = loaded(app, parent)

    assert copy.originator_version > 6
    assert (whole.total, whole.plan.goal, len(whole.plan.members.members)) == (0, 36_00, 8)
    assert verify(store).differences == []
