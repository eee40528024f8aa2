"""Proposals: the use cases. A revision is checked whole when it is proposed, and again when it is approved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.application import Milemarker, Writing, target_in
from domain.defining import Resolving
from domain.hearing import fields_from
from domain.proposals.proposal import Asked, Proposal, Stage
from domain.refusal import Refused
from domain.revising import Revision, Wish
from domain.target import Target


def wish_of(asked: Asked) -> Wish:
    """The revision that JSON says; or Refused, with the field."""
    return Wish(changes_said(asked.changes), asked.reason, asked.mode, asked.effective_at, asked.freeze_anew)


def changes_said(changes: Mapping[str, Any]) -> dict[str, Any]:
    """What changes, by field of a Definition; or Refused, with the pointer into a revision."""
    try:
        return fields_from(changes)
    except Refused as refused:
        raise Refused(refused.code, refused.detail, f"/changes{refused.field}") from None


def propose_revision(
    app: Milemarker,
    proposal_id: UUID,
    target_id: UUID,
    asked: Asked,
    known: Resolving,
    *,
    by: str,
    at: datetime,
    expected_version: int | None = None,
) -> tuple[Proposal, int]:
    """Propose a revision, and the log's position. The same id with the same revision again changes nothing.

    Refused: whatever `revise_target` would refuse now, and key_reused.
    """
    with app.writing() as log:
        before = log.aggregates(Proposal, [proposal_id]).get(proposal_id)
        if before is not None:
            if (before.target, before.asked) != (target_id, asked):
                raise Refused("key_reused", "this Idempotency-Key has proposed another revision before")
            return before, log.position
        target = target_in(log, target_id, expected_version)
        revision = len(target.plans)
        changes = Revision(log, target, wish_of(asked), known, by, at).decide().changes
        proposal = Proposal.propose(proposal_id, target_id, asked, revision=revision, changes=changes, by=by, at=at)
        return proposal, log.save(list(proposal.collect_events()))


def approve_revision(
    app: Milemarker, proposal_id: UUID, known: Resolving, *, by: str, at: datetime
) -> tuple[Target, int]:
    """Make the revision that somebody else has proposed; the target after it. Approving again changes nothing.

    Refused: unknown_proposal, own_proposal, declined, proposal_outdated, or whatever `revise_target` refuses.
    """
    with app.writing() as log:
        proposal = _proposal_in(log, proposal_id)
        target = target_in(log, proposal.target)
        if proposal.stage is Stage.APPROVED:
            return target, log.position
        proposal.check_approval(len(target.plans), by=by)
        revision = Revision(log, target, wish_of(proposal.asked), known, by, at)
        revision.decide(proposed_by=proposal.by)
        proposal.approve(len(target.plans), by=by, at=at)
        log.save(list(proposal.collect_events()))
        revision.save()
        return target, log.position


def decline_revision(app: Milemarker, proposal_id: UUID, reason: str, *, by: str, at: datetime) -> tuple[Proposal, int]:
    """The proposal, declined, and the log's position. Refused: unknown_proposal, approved, reason_missing."""
    with app.writing() as log:
        proposal = _proposal_in(log, proposal_id)
        proposal.decline(reason, by=by, at=at)
        return proposal, log.save(list(proposal.collect_events()))


def _proposal_in(log: Writing, proposal_id: UUID) -> Proposal:
    proposal = log.aggregates(Proposal, [proposal_id]).get(proposal_id)
    if proposal is None:
        raise Refused("unknown_proposal", "there is no proposal with this id")
    return proposal
