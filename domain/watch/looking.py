"""Looking after a target between its checkpoints: at the pace of its last open days, and whether its data comes.

One look of each kind is on the agenda at a time; each plans the next.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.actuals import Actuals
from domain.agenda import QUIET_SPELL, Appointment, Errand
from domain.application import Writing
from domain.figures import stale_from
from domain.target import State, Target
from domain.watch.seeing import ATTAINED, Seen, next_look, see
from domain.watch.watch import Watch

LOOKS_AGAIN_EVERY = timedelta(minutes=15)
"""While the data of a target is stale: so soon it is seen that it comes again."""


def look_at_pace(
    watch: Watch, target: Target, actuals: Actuals, *, complete: bool, by: str, at: datetime
) -> Iterable[Appointment]:
    """After an open day: whether it slips, or stalls; what is to be planned.

    Without all sales nobody is alarmed, and while no data comes what was said stands.
    """
    if target.state is not State.ACTIVE or at >= target.plan.ends:
        return []
    if not complete:
        return [_appointment(target, Errand.TREND, at + QUIET_SPELL)]
    assert target.activated_at is not None, "an active target was activated"
    seen = see(target.course, actuals, at, target.activated_at)
    if seen is not None and target.attained:
        seen = Seen(seen.day, reason=ATTAINED)
    if seen is not None and not (watch.stale or _is_stale(target, at)):
        watch.see(seen, by=by, at=at)
    return _next_pace(target, at)


def look_at_data(watch: Watch, target: Target, *, complete: bool, by: str, at: datetime) -> Iterable[Appointment]:
    """When data should have come: whether it has; what is to be planned."""
    if target.state is not State.ACTIVE or at >= target.plan.ends:
        return []
    if not _is_stale(target, at):
        watch.resume_data(None if _stale_from(target) is None else target.progressed_at, by=by, at=at)
        return _next_data(target)
    if not complete and not watch.stale:
        return [_appointment(target, Errand.STALE, at + QUIET_SPELL)]
    since, every = _stale_from(target), target.plan.expect_data_every
    assert since is not None
    assert every is not None
    watch.miss_data(since, every, by=by, at=at)
    return [_appointment(target, Errand.STALE, at + LOOKS_AGAIN_EVERY)]


def keep_watch(log: Writing, target: Target, at: datetime) -> None:
    """Plan the next looks at an active target, by its plan as it is now; at once where a revision may have ended what
    was seen before."""
    log.agenda.drop(subject=target.id, errand=Errand.TREND)
    log.agenda.drop(subject=target.id, errand=Errand.STALE)
    if target.state is not State.ACTIVE:
        return
    planned = [*_next_pace(target, at), *_next_data(target)]
    if len(target.plans) > 1:
        due = {one.errand for one in planned}
        planned += [_appointment(target, one, at) for one in (Errand.TREND, Errand.STALE) if one not in due]
    log.agenda.plan(planned)


def _next_pace(target: Target, at: datetime) -> list[Appointment]:
    coming = next_look(target.course, at)
    return [] if coming is None else [_appointment(target, Errand.TREND, coming)]


def _next_data(target: Target) -> list[Appointment]:
    since = _stale_from(target)
    return [] if since is None or since >= target.plan.ends else [_appointment(target, Errand.STALE, since)]


def _stale_from(target: Target) -> datetime | None:
    return stale_from(target.plan, target.activated_at, target.progressed_at)


def _is_stale(target: Target, at: datetime) -> bool:
    since = _stale_from(target)
    return since is not None and at > since


def _appointment(target: Target, errand: Errand, due: datetime) -> Appointment:
    return Appointment(due, target.id, target.id, errand)
