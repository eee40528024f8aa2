"""Archiving: what is over, or never began, is put away, and got out again."""

from datetime import datetime
from uuid import UUID

from domain.application import Milemarker, Writing, target_in
from domain.archive import Archive
from domain.target import Target


def archive_target(
    app: Milemarker, target_id: UUID, archived: bool, reason: str | None = None, *, by: str, at: datetime
) -> tuple[Target, int]:
    """Put a target away, or back among the others; the same again changes nothing. Refused: still_counting."""
    with app.writing() as log:
        target, archive = target_in(log, target_id), _archive_in(log, target_id, at)
        if archived:
            archive.archive(target, reason, by=by, at=at)
        else:
            archive.unarchive(by=by, at=at)
        log.save(list(archive.collect_events()))
        return target, log.position


def _archive_in(log: Writing, target_id: UUID, at: datetime) -> Archive:
    one = Archive.id_of(target_id)
    return log.aggregates(Archive, [one]).get(one) or Archive.of(target_id, at)
