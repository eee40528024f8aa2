"""What each target has counted, slot by slot: its days, split where a checkpoint's cut-off falls inside one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.rollup.pinned import MembersPinned
from domain.target import Target
from projections.view import View


@dataclass(frozen=True)
class Progress:
    """Net by the start of the slot, in UTC and minor units; a slot without sales is not there.

    Of a measured level: by how much it changed; under: of a ratio, the denominator's sums.
    """

    sums: dict[datetime, int]
    under: dict[datetime, int] | None = None


def evolve(row: Progress | None, fact: object) -> Progress | None:
    match fact:
        case Target.ProgressRecorded(slots=slots):
            sums = _added(row.sums if row else {}, {one.start: one.net for one in slots})
            unders = {one.start: one.under for one in slots if one.under is not None}
            under = row.under if row else None
            return Progress(sums, _added(under or {}, unders) if unders else under)
        case Target.TargetRevised(fill_upto=int()) | MembersPinned(fill_upto=int()) if row is not None:
            return Progress({})
    return row


def _added(sums: Mapping[datetime, int], slots: Mapping[datetime, int]) -> dict[datetime, int]:
    added = dict(sums)
    for start, net in slots.items():
        added[start] = added.get(start, 0) + net
    return dict(sorted(added.items()))


TOPICS = ["target.progress_recorded", "target.revised", "target.members_pinned"]
PROGRESS = View("progress", Progress, evolve, TOPICS, version=2)
