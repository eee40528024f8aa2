"""Revisions that wait for somebody else's approval, oldest first: what each would change, and who asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from api.dashboard import wording
from api.dashboard.revision_lines import MODES, Change, changes_said
from api.database import Database
from api.target_reads import Found
from domain.proposals.proposal import Stage
from domain.target import State
from projections.proposals import PROPOSALS, Proposed

SHOWN_MAX = 5
READ_MAX = 50
WAITING = f"""
SELECT id, row::text FROM proposals WHERE row->>'target' = %b::text
AND coalesce(row->>'stage', '{Stage.OPEN}') = '{Stage.OPEN}' ORDER BY row->>'at', id LIMIT %b
"""
FIXED = (State.CANCELLED, State.SEALED)
"""In these states a target is revised no more."""


@dataclass(frozen=True)
class ProposalLine:
    """outdated: the target was revised since, so it can't be approved."""

    id: UUID
    by: str
    when: str
    effect: str
    reason: str
    changes: Sequence[Change]
    outdated: bool


async def waiting_proposals(database: Database, target_id: UUID) -> list[tuple[UUID, Proposed]]:
    rows = await database.rows(WAITING, (str(target_id), READ_MAX))
    return [(row[0], PROPOSALS.decoder.decode(row[1])) for row in rows]


def proposals_said(found: Found, proposed: Sequence[tuple[UUID, Proposed]]) -> list[ProposalLine]:
    """Those that can still be approved, then those that were overtaken."""
    if found.status.state in FIXED:
        return []
    lines = [_line(found, one, row) for one, row in proposed]
    return sorted(lines, key=lambda line: line.outdated)[:SHOWN_MAX]


def _line(found: Found, one: UUID, row: Proposed) -> ProposalLine:
    zone, year, at = found.known.plan.time_zone, found.as_of.year, row.asked.effective_at
    since = "" if at is None else f" ({wording.moment(at, zone, year)})"
    return ProposalLine(
        id=one,
        by=row.by,
        when=wording.moment(row.at, zone, year),
        effect=f"{MODES.get(row.asked.mode, row.asked.mode)}{since}",
        reason=row.asked.reason,
        changes=changes_said(found.known.plan, row.changes, year),
        outdated=row.revision != len(found.known.plans.plans),
    )
