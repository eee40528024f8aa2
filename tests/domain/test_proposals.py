"""A revision that one person proposes and another one approves: what is kept, what is checked, and what is told."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.dashboard.fact_lines import told_of
from deploy.history_words import Words
from domain.alerts.alert import TOLD
from domain.alerts.lines import line_of
from domain.alerts.messages import message_of
from domain.alerts.story import Story
from domain.application import Milemarker
from domain.proposals.proposal import Asked, Proposal, Stage
from domain.proposals.proposing import approve_revision, decline_revision, propose_revision
from domain.refusal import Refused
from domain.target import Target
from projections.counted_then import Added
from tests.domain.facts import fact, past
from tests.memory import memory_app
from tests.words import NOW, active_target, plan, resolving

ANA, JO = "ana@example.com", "jo@example.com"
RAISED = Asked({"goal": "120000.00", "expect_data_every": 24}, "A second shop opened", "prospective")


class Board:
    """One target, and the people who decide on it."""

    def __init__(self) -> None:
        self.app: Milemarker = memory_app()
        self.target_id = active_target(self.app, schedule="FREQ=WEEKLY;BYDAY=FR")
        self.known = resolving()

    def propose(self, asked: Asked = RAISED, named: UUID | None = None) -> Proposal:
        one = named or uuid4()
        proposal, _ = propose_revision(self.app, one, self.target_id, asked, self.known, by=ANA, at=NOW)
        return proposal

    def approve(self, proposal: Proposal, by: str = JO) -> Target:
        later = NOW + timedelta(hours=1)
        target, _ = approve_revision(self.app, proposal.id, self.known, by=by, at=later)
        return target

    def decline(self, proposal: Proposal, by: str = JO) -> Proposal:
        declined, _ = decline_revision(self.app, proposal.id, "Wait for it", by=by, at=NOW)
        return declined

    @property
    def target(self) -> Target:
        with self.app.writing() as log:
            return log.targets([self.target_id])[self.target_id]

    def facts(self, kind: type[Any]) -> list[Any]:
        found = self.app.recorder.select_notifications(1, 1_000)
        return [one for one in map(self.app.mapper.to_domain_event, found) if isinstance(one, kind)]


@pytest.fixture
def board() -> Board:
    return Board()


def test_what_is_proposed_changes_nothing(board: Board) -> None:
    before = board.target

    proposal = board.propose()

    assert (board.target.plans, board.target.version) == (before.plans, before.version)
    (told,) = board.facts(Proposal.RevisionProposed)
    assert (proposal.stage, told.revision, told.by) == (Stage.OPEN, 1, ANA)
    assert told.changes == {
        "goal": {"from": "100000.00", "to": "120000.00"},
        "expect_data_every": {"from": None, "to": 24},
    }


def test_what_is_approved_is_made_at_the_moment_of_the_approval(board: Board) -> None:
    proposal = board.propose()

    target = board.approve(proposal)

    (revised,), (approved,) = board.facts(Target.TargetRevised), board.facts(Proposal.RevisionApproved)
    assert (target.plan.goal, target.plan.expect_data_every) == (120_000_00, 24)
    assert (revised.by, revised.proposed_by, revised.effective_at) == (JO, ANA, NOW + timedelta(hours=1))
    assert (approved.by, approved.proposed_by, approved.revision) == (JO, ANA, 2)


def test_nobody_approves_their_own(board: Board) -> None:
    proposal = board.propose()

    with pytest.raises(Refused) as refused:
        board.approve(proposal, by=ANA)

    assert (refused.value.code, len(board.target.plans)) == ("own_proposal", 1)


def test_what_was_proposed_for_another_revision_is_proposed_anew(board: Board) -> None:
    first, second = board.propose(), board.propose(replace(RAISED, changes={"goal": "90000.00"}))
    board.approve(first)

    with pytest.raises(Refused) as refused:
        board.approve(second)

    assert (refused.value.code, board.target.plan.goal) == ("proposal_outdated", 120_000_00)


def test_it_is_checked_again_when_it_is_approved(board: Board) -> None:
    soon = replace(RAISED, effective_at=NOW + timedelta(days=1))
    proposal = board.propose(soon)
    board.app.cancel_target(board.target_id, "The shop closed", by=ANA, at=NOW)

    with pytest.raises(Refused) as refused:
        board.approve(proposal)

    assert (refused.value.code, board.facts(Proposal.RevisionApproved)) == ("cancelled", [])


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        (replace(RAISED, changes={"goal": "0.00"}), "goal_not_positive", "/changes/goal"),
        (replace(RAISED, changes={"end": "1 December"}), "bad_date", "/changes/end"),
        (replace(RAISED, changes={"unit": "EUR"}), "not_revisable", "/changes/unit"),
        (replace(RAISED, changes={}), "nothing_revised", "/changes"),
        (replace(RAISED, reason=" "), "reason_missing", "/reason"),
        (replace(RAISED, mode="at_once"), "unknown_mode", "/mode"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_could_not_be_made_is_not_proposed(board: Board, asked: Asked, code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        board.propose(asked)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert board.facts(Proposal.RevisionProposed) == []


def test_the_same_again_proposes_declines_and_approves_nothing_more(board: Board) -> None:
    named = uuid4()
    proposal = board.propose(named=named)

    assert board.propose(named=named).version == proposal.version
    with pytest.raises(Refused, match="another revision"):
        board.propose(replace(RAISED, mode="replan"), named=named)
    assert board.approve(proposal).version == board.approve(proposal).version

    other = board.propose(replace(RAISED, changes={"goal": "130000.00"}))
    assert board.decline(other).version == board.decline(other).version
    assert len(board.facts(Proposal.Event)) == 4


def test_what_is_decided_stays_decided(board: Board) -> None:
    declined = board.decline(board.propose())
    approved = board.propose()
    board.approve(approved)

    for decide, code in ((lambda: board.approve(declined), "declined"), (lambda: board.decline(approved), "approved")):
        with pytest.raises(Refused) as refused:
            decide()
        assert refused.value.code == code


def test_nothing_else_has_the_id_of_a_proposal(board: Board) -> None:
    with pytest.raises(Refused) as refused:
        approve_revision(board.app, board.target_id, board.known, by=JO, at=NOW)

    assert refused.value.code == "unknown_proposal"


NOVEMBER = plan(name="November revenue", end=date(2026, 11, 30))
OF: dict[str, Any] = {"target": UUID(int=1)}
LIFE = [
    fact(Proposal.RevisionProposed, asked=RAISED, revision=1, changes={}, **OF),
    fact(Proposal.RevisionApproved, by=JO, revision=2, proposed_by=ANA, **OF),
    fact(Proposal.RevisionDeclined, by=JO, reason="Wait for it", proposed_by=ANA, **OF),
]


def test_each_step_is_told_in_the_words_of_its_place() -> None:
    facts = past(Proposal, *LIFE)
    (target,) = past(Target, fact(Target.TargetDefined, plan=NOVEMBER))
    stories = [Story(7, one.TOPIC, one, target.mutate(None)) for one in facts]

    assert [line_of(one, TOLD) for one in stories] == [
        "ana@example.com proposes to revise November revenue: A second shop opened",
        "jo@example.com has approved what ana@example.com proposed for November revenue",
        "jo@example.com has declined what ana@example.com proposed for November revenue: Wait for it",
    ]
    assert [(one.line, one.by) for one in told_of(facts, NOVEMBER, {}, 2026)] == [
        ("Revision proposed: A second shop opened", ANA),
        ("Revision 2 approved, as ana@example.com proposed it", JO),
        ("Revision declined that ana@example.com proposed: Wait for it", JO),
    ]
    assert [Words(NOVEMBER).fact(one, Added(), {}) for one in facts] == [
        "a revision was proposed by ana@example.com: A second shop opened",
        "revision 2 was approved by jo@example.com, as ana@example.com proposed it",
        "a revision that ana@example.com proposed was declined by jo@example.com: Wait for it",
    ]
    asked = message_of(stories[0], TOLD, stories[0].type)["what_to_do"]
    assert asked == [
        "Approve it, unless it is your own: POST /v1/proposals/00000000-0000-0000-0000-000000000001/approve",
        "Or decline it, with a reason: POST /v1/proposals/00000000-0000-0000-0000-000000000001/decline",
    ]
