"""A Proposal: a revision that somebody asks for, and that is made once somebody else has approved it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate, event

from domain.prose import prose
from domain.refusal import Refused


class Stage(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True)
class Asked:
    """A revision as JSON says it: read again, and checked again, when it is approved.

    changes: members of a target's JSON; effective_at: None for the moment of the approval.
    """

    changes: dict[str, Any]
    reason: str
    mode: str
    effective_at: datetime | None = None
    freeze_anew: bool = False


class Proposal(BaseAggregate[UUID]):
    TOPIC = "proposal"

    target: UUID
    asked: Asked
    revision: int
    """The target's when it was proposed: it fits no other."""
    by: str
    stage: Stage

    # Facts: stored for ever. A TOPIC never changes; a new field always has a default.

    class Event(AggregateEvent):
        by: str
        target: UUID

    class RevisionProposed(Event, AggregateCreated):
        TOPIC = "target.revision_proposed"
        asked: Asked
        revision: int
        """The target's, which it would replace."""
        changes: dict[str, dict[str, Any]]
        """{"from", "to"} by field of the definition, as it was said."""

    class RevisionApproved(Event):
        TOPIC = "target.revision_approved"
        revision: int
        """The one that came of it."""
        proposed_by: str

    class RevisionDeclined(Event):
        TOPIC = "target.revision_declined"
        reason: str
        proposed_by: str

    # Decisions: read the state, then refuse, ignore or record. The only place for rules.

    @classmethod
    def propose(
        cls,
        proposal_id: UUID,
        target: UUID,
        asked: Asked,
        *,
        revision: int,
        changes: dict[str, dict[str, Any]],
        by: str,
        at: datetime,
    ) -> "Proposal":
        said = {"asked": asked, "revision": revision, "changes": changes}
        return cls._create(cls.RevisionProposed, id=proposal_id, target=target, by=by, timestamp=at, **said)

    def check_approval(self, revision: int, *, by: str) -> None:
        """Whether this person may approve it, of a target that is at this revision now; or Refused."""
        if by == self.by:
            raise Refused("own_proposal", "nobody approves a revision of their own: ask somebody else")
        if self.stage is Stage.DECLINED:
            raise Refused("declined", "the revision was declined: propose it again")
        if revision != self.revision:
            raise Refused(
                "proposal_outdated",
                f"the target is at revision {revision} now, and this was proposed for {self.revision}: propose it anew",
            )

    def approve(self, revision: int, *, by: str, at: datetime) -> None:
        """revision: the one that has come of it."""
        self._decided(self.RevisionApproved, by, at, revision=revision)

    def decline(self, reason: str, *, by: str, at: datetime) -> None:
        """Also by whoever proposed it, to withdraw it. Declining again changes nothing."""
        reason = prose(reason, "reason")
        if self.stage is Stage.APPROVED:
            raise Refused("approved", "the revision was approved, and is made: revise the target again")
        if self.stage is Stage.OPEN:
            self._decided(self.RevisionDeclined, by, at, reason=reason)

    def _decided(self, fact: type[Event], by: str, at: datetime, **says: Any) -> None:
        self.trigger_event(fact, target=self.target, proposed_by=self.by, by=by, timestamp=at, **says)

    # Evolution: a fact becomes state. Assignments only: history must always replay.

    @event(RevisionProposed)
    def __init__(self, target: UUID, asked: Asked, revision: int, by: str) -> None:
        self.target = target
        self.asked = asked
        self.revision = revision
        self.by = by
        self.stage = Stage.OPEN

    @event(RevisionApproved)
    def _approved(self) -> None:
        self.stage = Stage.APPROVED

    @event(RevisionDeclined)
    def _declined(self) -> None:
        self.stage = Stage.DECLINED
