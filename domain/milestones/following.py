"""Milestones follow their target: when its pace becomes another one, without a revision, what hangs on it moves."""

from datetime import datetime
from typing import TYPE_CHECKING

from domain.milestones.reminders import keep_agenda
from domain.target import Target

if TYPE_CHECKING:
    from domain.application import Writing


def move_with(log: "Writing", target: Target, *, by: str, at: datetime) -> None:
    """Its milestones to where its plan puts them now: what it is compared with, or what its members expect, is known.

    The period and its checkpoints are as they were, so that every rule says a day.
    """
    milestones = log.milestones([target.id]).get(target.id, [])
    for one in milestones:
        one.follow(target.course, by=by, at=at)
    if moved := [one for one in milestones if one.pending_events]:
        log.save([fact for one in moved for fact in one.collect_events()])
        keep_agenda(log, target, moved, at)
