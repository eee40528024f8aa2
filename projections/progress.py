"""What each target has counted, slot by slot: its days, split where a checkpoint's cut-off falls inside one."""

from dataclasses import dataclass
from datetime import datetime

from domain.target import Target
from projections.view import View


@dataclass(frozen=True)
class Progress:
    """Net by the start of the slot, in UTC and minor units; a slot without sales is not there."""

    sums: dict[datetime, int]


def evolve(row: Progress | None, fact: object) -> Progress | None:
    match fact:
        case Target.ProgressRecorded(slots=slots):
            sums = dict(row.sums) if row else {}
            for slot in slots:
                sums[slot.start] = sums.get(slot.start, 0) + slot.net
            return Progress(dict(sorted(sums.items())))
    return row


PROGRESS = View("progress", Progress, evolve, ["target.progress_recorded"])
