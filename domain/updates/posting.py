"""Posting an update: the use case. Load, decide, save; an answer takes the check-in off the agenda."""

from datetime import datetime
from uuid import UUID

from domain.agenda import Errand
from domain.application import Milemarker, target_in
from domain.refusal import Refused
from domain.target import State
from domain.updates.updates import Posted, Said, Updates


def post_update(
    app: Milemarker, target_id: UUID, update: UUID, said: Said, *, by: str, at: datetime
) -> tuple[Posted, int]:
    """Somebody says how a target stands; by: who. What was posted, and the log's position after it.

    The same id with the same words again changes nothing. Refused: unknown_target, cancelled, sealed, key_reused, and
    what `Updates.post` refuses.
    """
    with app.writing() as log:
        target = target_in(log, target_id)
        if target.state in (State.CANCELLED, State.SEALED):
            raise Refused(target.state.value, f"the target is {target.state.value}: nothing is to be said of it now")
        named = Updates.id_of(target_id)
        updates = log.aggregates(Updates, [named]).get(named) or Updates.of(target_id, at)
        updates.post(update, said, by=by, at=at)
        if facts := list(updates.collect_events()):
            log.save(facts)
            log.agenda.drop(subject=target_id, errand=Errand.CHECK_IN)
        return updates.posted[update], log.position
