"""Milestones that hang on a value, through the real log: the sale that crossed is named, whoever counted it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain import intake as intake_module
from domain.agenda import Appointment, Errand
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.milestones.due_rule import DueRule
from domain.milestones.milestone import Milestone, Stage
from domain.milestones.planning import Planner, Wish
from domain.refusal import Refused
from projections.store import Store, open_store
from projections.verification import verify
from projections.writing import PostgresWriting
from tests.domain.publishing import long_history, split
from tests.words import NOW, plan, sale, void

END, MIDDLE = DueRule("end"), DueRule("date", day=date(2026, 11, 15))
AHEAD = datetime(2026, 11, 1, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
BY = "ana@example.com"


class Team:
    """Two processes that take in sales, on one log."""

    def __init__(self, url: str) -> None:
        self.stores = [open_store(url, connections_max=4) for _ in range(2)]
        self.intakes = [Intake(store.app, uuid4) for store in self.stores]

    def close(self) -> None:
        for store in self.stores:
            store.close()

    @property
    def store(self) -> Store:
        return self.stores[0]

    def sell(self, process: int, *sales: dict[str, Any], at: datetime = NOW) -> None:
        (outcome,), _ = self.intakes[process].record([Arrival(list(sales))], at)
        assert not outcome.rejected

    def target(self, *, activate: bool = True, **changes: Any) -> UUID:
        target_id = uuid4()
        new = plan(**{"goal": "1000.00"} | changes)
        self.store.app.define_target(target_id, new, activate=activate, by=BY, at=AHEAD)
        return target_id

    def fill(self) -> None:
        while Filler(self.stores[1].app).fill_some(NOW):
            continue

    def active(self, **changes: Any) -> UUID:
        target_id = self.target(**changes)
        self.fill()
        return target_id

    def plan(self, target_id: UUID, value: str, rule: DueRule = END, *, after: list[UUID] | None = None) -> UUID:
        wish = Wish("Halfway", rule, "value", value, after=after or [])
        return Planner(self.store.app, by=BY, at=NOW).plan(uuid4(), target_id, wish).milestone.id

    def pass_time(self, to: datetime) -> None:
        while Evaluator(self.store.app, timedelta(0)).evaluate_some(to, to, complete=True):
            continue

    def said(self, milestone_id: UUID) -> list[tuple[str, str | None]]:
        """What became of a milestone since it was planned: each fact's name, and the sale that it names."""
        found = []
        for one in self.facts(milestone_id)[1:]:
            named = getattr(one, "lifted_by", None) or getattr(one, "lowered_by", None)
            found.append((type(one).TOPIC.partition(".")[2], named and named.id))
        return found

    def achieved(self, milestone_id: UUID) -> Milestone.MilestoneAchieved:
        return [one for one in self.facts(milestone_id) if isinstance(one, Milestone.MilestoneAchieved)][-1]

    def facts(self, milestone_id: UUID) -> list[Any]:
        app = self.store.app
        return [app.mapper.to_domain_event(one) for one in app.recorder.select_events(milestone_id)]

    def agenda(self, milestone_id: UUID) -> list[tuple[str, int]]:
        with self.store.app.writing() as log:
            due = log.agenda.due(LATER, timedelta(0), tuple(Errand), 1_000)
        return [(one.errand.value, one.number) for one in due if one.subject == milestone_id]


@pytest.fixture
def team(database: str) -> Iterator[Team]:
    opened = Team(database)
    yield opened
    opened.close()


def test_the_sale_that_reaches_the_value_is_named_and_a_refund_reopens(team: Team) -> None:
    milestone_id = team.plan(team.active(), "50.00")

    team.sell(0, sale("1", "49.00"), sale("2", "0.99"))
    team.sell(1, sale("3", "0.01"), sale("4", "5.00"))
    team.sell(0, void("5", "4"), void("6", "2"))
    team.sell(1, sale("7", "100.00"))

    assert team.said(milestone_id) == [("achieved", "3"), ("reopened", "6"), ("achieved", "7")]
    assert verify(team.store).differences == []


def test_one_batch_says_once_what_it_came_to(team: Team) -> None:
    milestone_id = team.plan(team.active(), "50.00")

    team.sell(0, sale("1", "60.00"), void("2", "1"))
    assert team.said(milestone_id) == []
    team.sell(0, sale("3", "60.00"), sale("4", "1.00"))
    team.sell(0, void("5", "3"), sale("6", "60.00"))

    assert team.said(milestone_id) == [("achieved", "3")]


def test_each_batch_of_one_commit_is_judged_for_itself(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "ENTRIES_MAX", 1)
    milestone_id = team.plan(team.active(), "50.00")

    team.sell(0, sale("1", "60.00"), void("2", "1"), sale("3", "70.00"))

    assert team.said(milestone_id) == [("achieved", "1"), ("reopened", "2"), ("achieved", "3")]


def test_a_milestone_planned_elsewhere_counts_for_the_very_next_sale(team: Team) -> None:
    target_id = team.active()
    for process in (0, 1):
        team.sell(process, sale(f"before {process}", "1.00"))

    first = team.plan(target_id, "50.00")
    team.sell(1, sale("1", "60.00"))
    second = team.plan(target_id, "100.00")
    team.sell(0, sale("2", "60.00"))
    team.sell(1, sale("3", "60.00"))

    assert (team.said(first), team.said(second)) == ([("achieved", "1")], [("achieved", "2")])


def test_what_another_process_said_of_a_milestone_is_not_said_again(team: Team) -> None:
    target_id = team.active()
    milestone_id = team.plan(target_id, "50.00")
    for process in (0, 1):
        team.sell(process, sale(f"before {process}", "1.00"))

    team.sell(0, sale("1", "60.00"))
    team.sell(1, sale("2", "60.00"))
    team.sell(1, void("3", "1"), void("4", "2"))
    team.sell(0, sale("5", "60.00"))

    assert team.said(milestone_id) == [("achieved", "1"), ("reopened", "4"), ("achieved", "5")]


def test_a_process_far_behind_forgets_its_milestones_and_is_exact_again(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "CATCH_UP_MAX", 3)
    milestone_id = team.plan(team.active(), "50.00")
    team.sell(0, sale("first", "1.00"))

    for number in range(6):
        team.sell(1, sale(f"{number}", "10.00"))
    team.sell(0, void("void", "5"), void("another", "4"))

    assert team.said(milestone_id) == [("achieved", "4"), ("reopened", "void")]


def test_a_waived_milestone_is_left_alone_by_every_process(team: Team) -> None:
    milestone_id = team.plan(team.active(), "50.00")
    for process in (0, 1):
        team.sell(process, sale(f"before {process}", "1.00"))

    Planner(team.store.app, by=BY, at=NOW).waive(milestone_id, "no longer needed")
    team.sell(1, sale("1", "60.00"))

    assert team.said(milestone_id) == [("waived", None)]
    assert team.agenda(milestone_id) == []


def test_a_milestone_planned_when_its_value_is_there_is_achieved_at_once_without_a_sale(team: Team) -> None:
    target_id = team.active()
    team.sell(0, sale("1", "60.00"))

    milestone_id = team.plan(target_id, "50.00")
    team.sell(1, sale("2", "60.00"))
    team.sell(0, void("3", "1"), void("4", "2"))

    assert team.said(milestone_id) == [("achieved", None), ("reopened", "4")]


def test_a_fill_judges_each_value_once_and_names_the_sale_that_crossed_it_in_business_time(team: Team) -> None:
    team.sell(0, sale("third", "30.00", occurred_at="2026-11-12T00:00:00Z"))
    team.sell(0, sale("first", "30.00", occurred_at="2026-11-02T00:00:00Z"))
    team.sell(0, sale("second", "30.00", occurred_at="2026-11-05T00:00:00Z"))
    target_id = team.target(goal="85.00")
    values = ("20.00", "60.00", "90.00", "90.01")
    milestones = [team.plan(target_id, value) for value in values]
    team.sell(1, sale("meanwhile", "0.01", occurred_at="2026-11-01T00:00:00Z"))
    assert [team.said(one) for one in milestones] == [[]] * 4

    team.fill()

    named = [[("achieved", sale_id)] for sale_id in ("first", "second", "third", "third")]
    assert [team.said(one) for one in milestones] == named
    assert verify(team.store).differences == []


def test_a_milestone_is_named_by_the_fill_of_a_target_whose_goal_is_not_reached(team: Team) -> None:
    team.sell(0, sale("1", "30.00"), sale("2", "30.00"))
    target_id = team.target(activate=False)
    reached, unreached = team.plan(target_id, "45.00"), team.plan(target_id, "60.01")

    team.store.app.activate_target(target_id, by=BY, at=NOW)
    team.fill()

    assert (team.said(reached), team.said(unreached)) == ([("achieved", "2")], [])


def test_a_value_reached_before_its_due_date_is_on_time_whenever_it_is_told(team: Team) -> None:
    target_id = team.active()
    early, late = team.plan(target_id, "50.00", MIDDLE), team.plan(target_id, "60.00", MIDDLE)

    team.sell(0, sale("1", "55.00", occurred_at="2026-11-15T23:59:59Z"))
    team.sell(1, sale("2", "5.00", occurred_at="2026-11-16T00:00:00Z"))

    assert (team.achieved(early).late, team.achieved(late).late) == (False, True)


def test_a_late_sale_turns_missed_into_achieved_late_and_its_refund_back_into_missed(team: Team) -> None:
    target_id = team.active()
    milestone_id = team.plan(target_id, "50.00")
    team.sell(0, sale("1", "49.00"))

    team.pass_time(LATER)
    team.sell(1, sale("late", "1.00"), at=LATER)
    team.sell(0, void("void", "late"), at=LATER)

    assert team.said(milestone_id) == [
        ("missed", None),
        ("achieved", "late"),
        ("reopened", "void"),
        ("missed", None),
    ]
    assert team.achieved(milestone_id).late
    assert team.agenda(milestone_id) == []


def test_a_milestone_is_flagged_when_one_that_it_comes_after_is_not_achieved(team: Team) -> None:
    target_id = team.active()
    high = team.plan(target_id, "90.00")
    low = team.plan(target_id, "50.00", after=[high])
    both_first = team.plan(target_id, "20.00")
    both_second = team.plan(target_id, "30.00", after=[both_first])

    team.sell(0, sale("1", "60.00"))

    flagged = {one: team.achieved(one).out_of_order for one in (low, both_first, both_second)}
    assert flagged == {low: True, both_first: False, both_second: False}


def test_tasks_done_elsewhere_are_known_when_order_is_judged(team: Team) -> None:
    target_id = team.active()
    app = team.store.app
    contract = Planner(app, by=BY, at=NOW).plan(uuid4(), target_id, Wish("Contract", END, "by_hand")).milestone.id
    milestone_id = team.plan(target_id, "50.00", after=[contract])
    team.sell(1, sale("before", "1.00"))

    Planner(app, by=BY, at=NOW).achieve(contract, "signed")
    team.sell(1, sale("1", "60.00"))

    assert not team.achieved(milestone_id).out_of_order


def test_the_agenda_holds_a_milestone_while_it_waits_and_no_longer(team: Team) -> None:
    target_id = team.target(activate=False)
    milestone_id = team.plan(target_id, "50.00", DueRule("date", day=date(2026, 11, 29)))
    assert team.agenda(milestone_id) == []

    team.store.app.activate_target(target_id, by=BY, at=NOW)
    team.fill()
    waiting = [("due_soon", 7), ("due_soon", 1), ("due_soon", 0), ("overdue", 0)]
    assert team.agenda(milestone_id) == waiting
    team.sell(0, sale("1", "60.00"))
    assert team.agenda(milestone_id) == []
    team.sell(1, void("2", "1"))
    assert team.agenda(milestone_id) == waiting

    Planner(team.store.app, by=BY, at=NOW).reschedule(milestone_id, END)
    assert team.agenda(milestone_id) == [("due_soon", 7), ("due_soon", 1), ("due_soon", 0)]


def test_one_that_is_planned_when_it_is_due_soon_is_due_soon_at_once_with_the_days_that_are_left(team: Team) -> None:
    target_id = team.active()
    milestone_id = team.plan(target_id, "50.00", DueRule("date", day=date(2026, 11, 29)))

    team.pass_time(NOW)
    team.pass_time(NOW)

    days = [one.days for one in team.facts(milestone_id) if isinstance(one, Milestone.MilestoneDueSoon)]
    assert days == [(date(2026, 11, 29) - NOW.date()).days]
    assert team.agenda(milestone_id) == [("due_soon", 1), ("due_soon", 0), ("overdue", 0)]


def test_time_makes_a_milestone_due_soon_then_overdue_then_missed(team: Team) -> None:
    target_id = team.active()
    milestone_id = team.plan(target_id, "50.00", DueRule("date", day=date(2026, 11, 28)))

    for day in (26, 27, 28, 29):
        team.pass_time(datetime(2026, 11, day, 1, tzinfo=UTC))
    assert [name for name, _ in team.said(milestone_id)] == ["due_soon", "due_soon", "due_soon", "overdue"]
    team.pass_time(LATER)

    assert [name for name, _ in team.said(milestone_id)] == ["due_soon", "due_soon", "due_soon", "overdue", "missed"]


def test_a_milestone_due_at_the_end_is_missed_at_the_close_and_never_overdue(team: Team) -> None:
    milestone_id = team.plan(team.active(), "50.00", END)

    team.pass_time(LATER)

    assert team.said(milestone_id) == [("missed", None)]


def test_of_a_period_that_was_over_when_it_was_entered_nothing_is_told_to_be_overdue(team: Team) -> None:
    over = {"start": date(2026, 9, 1), "end": date(2026, 9, 30)}
    target_id = team.target(activate=False, **over)
    milestone_id = team.plan(target_id, "50.00", DueRule("start"))
    team.store.app.activate_target(target_id, by=BY, at=NOW)
    team.fill()

    team.pass_time(LATER)

    assert team.said(milestone_id) == [("missed", None)]


def test_a_milestone_planned_after_its_due_date_is_overdue_at_once(team: Team) -> None:
    milestone_id = team.plan(team.active(), "50.00", DueRule("start"))

    with team.store.app.writing() as log:
        due = log.agenda.due(NOW, timedelta(0), tuple(Errand), 1_000)

    (overdue,) = [one for one in due if one.subject == milestone_id]
    assert isinstance(overdue, Appointment)
    assert (overdue.errand, overdue.due) == (Errand.OVERDUE, datetime(2026, 11, 2, tzinfo=UTC))


def test_a_closed_target_takes_no_milestone(team: Team) -> None:
    target_id = team.active()
    team.plan(target_id, "50.00")
    team.pass_time(LATER)

    with pytest.raises(Refused) as refused:
        team.plan(target_id, "60.00")

    assert refused.value.code == "closed"


def test_targets_in_memory_ask_for_no_milestones_again(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.plan(team.active(), "50.00")
    team.active()
    asked: list[list[UUID]] = []
    ask = PostgresWriting.milestones

    def told(log: PostgresWriting, ids: Iterable[UUID], by_value: bool = False) -> dict[UUID, list[Milestone]]:
        asked.append(list(ids))
        return ask(log, asked[-1], by_value)

    monkeypatch.setattr(PostgresWriting, "milestones", told)
    for number in range(5):
        team.sell(0, sale(f"{number}", "1.00"))

    assert [len(ids) for ids in asked if ids] == [2]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_each_milestone_is_what_its_total_says_and_each_turn_is_said_once(
    team: Team, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(seed)
    monkeypatch.setattr(intake_module, "ENTRIES_MAX", chance.choice((2, 1_000)))
    monkeypatch.setattr(intake_module, "CATCH_UP_MAX", chance.choice((3, 5_000)))
    targets, milestones = [team.active()], dict[UUID, UUID]()

    for number, batch in enumerate(split(chance, long_history(chance, 120, "abcdefghijkl"))):
        if number % 8 == 4:
            targets.append(team.target(scope=chance.choice(({}, {"region": ["emea"]}))))
        if chance.random() < 0.3:
            on = chance.choice(targets)
            milestones[team.plan(on, chance.choice(("20.00", "90.00")))] = on
        if chance.random() < 0.2:
            team.fill()
        team.intakes[chance.randrange(2)].record([Arrival(batch)], NOW)
    team.fill()

    with team.store.app.writing() as log:
        totals = {one.id: one.total for one in log.targets(targets).values()}
        found = {one.id: one for of_target in log.milestones(targets).values() for one in of_target}
    for milestone_id, target_id in milestones.items():
        turns = [name for name, _ in team.said(milestone_id)]
        assert turns == [("achieved", "reopened")[turn % 2] for turn in range(len(turns))]
        assert (len(turns) % 2 == 1) == (totals[target_id] >= (found[milestone_id].criterion.value or 0))
    assert found.keys() == milestones.keys()


def test_a_milestone_says_the_same_from_its_facts_in_every_process(team: Team) -> None:
    target_id = team.active()
    milestone_id = team.plan(target_id, "50.00")
    team.sell(0, sale("1", "60.00"))

    with team.stores[1].app.writing() as log:
        ((target, (milestone,)),) = log.milestones([target_id, uuid4()]).items()
        assert log.milestones([target_id], by_value=True).keys() == {target_id}

    assert (target, milestone.id, milestone.stage) == (target_id, milestone_id, Stage.ACHIEVED)
