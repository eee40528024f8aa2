"""Joining: who belongs to whom, and what a roll-up makes of it in the same transaction.

Whatever changes what a member counts or expects is carried up, level by level, before the transaction ends.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from domain.agenda import Appointment, Errand
from domain.milestones.following import move_with
from domain.plan import CUMULATIVE, RATIO, UPLIFT, Part, Plan
from domain.refusal import Refused
from domain.rollup.membership import Membership, Window, membership_id
from domain.rollup.pinned import pin
from domain.rollup.rolled import Rolled
from domain.rollup.rolling import added, factor_of, rolled_up
from domain.target import State, Target

if TYPE_CHECKING:
    from domain.application import Writing

MEMBERS_MAX = 1_000
"""Of one parent, at one time or another."""
DEPTH_MAX = 10
"""Levels, the lowest one too."""
OVER = (State.CLOSED, State.SEALED, State.CANCELLED)
SUMMED = (CUMULATIVE, UPLIFT, RATIO)


def join(
    log: "Writing", parent: Target, member: Target, window: Window, *, field: str = "/target", by: str, at: datetime
) -> Membership:
    """Make one target a member of another; the same again changes nothing. field: where the request names it.

    Refused: cycle, too_deep, too_many_members, member_elsewhere, not_of_kind, wrong_unit, bad_window, or what the
    states of the two are.
    """
    mine = [one for one in log.memberships_of([member.id]) if one.target == parent.id]
    for one in mine:
        if one.window == window and not one.ended:
            return one
    _check_states(parent, member, field)
    _check_alike(parent.plan, member.plan, field)
    _check_window(parent.plan, member.plan, window)
    _check_places(log, parent.id, member.id, window, field)
    if log.many_memberships(parent.id) >= MEMBERS_MAX:
        raise Refused("too_many_members", f"a target has up to {MEMBERS_MAX:,} members: put a level between", field)
    joined = Membership.join(
        membership_id(parent.id, member.id, 1 + len(mine)), parent.id, member.id, window, by=by, at=at
    )
    log.keep_membership(joined)
    log.save(list(joined.collect_events()))
    _roll_up(log, {parent.id: {member.id}}, by, at)
    return joined


def leave(log: "Writing", parent: Target, member: UUID, until: date | None, *, by: str, at: datetime) -> Membership:
    """End the last membership of one target in another after this day; without one, as if it had never been.

    Refused: not_member, end_before_start, member_elsewhere, or what the parent's state is.
    """
    if parent.state in OVER:
        raise Refused(parent.state.value, f"the target is {parent.state.value}: its members stay as they are")
    mine = [one for one in log.memberships([parent.id]) if one.member == member and not one.ended]
    if not mine:
        raise Refused("not_member", f"{member} is no member of this target", "/target")
    last = max(mine, key=lambda one: one.window.since or date.min)
    if until is not None:
        plan = log.targets([member])[member].plan
        if until < plan.start:
            detail = f"its period begins on {plan.start}: leave out until to take the membership back as a whole"
            raise Refused("end_before_start", detail, "/until")
        _check_elsewhere(log, member, Window(last.window.since, until), "/until", last.id)
    last.leave(until, by=by, at=at)
    log.save(list(last.collect_events()))
    _roll_up(log, {parent.id: {member}}, by, at)
    return last


def carry_up(log: "Writing", targets: Iterable[Target], *, by: str, at: datetime) -> None:
    """What these count or expect has changed, and is saved: so have the roll-ups that they are in."""
    _roll_up(log, _above(log, [one.id for one in targets]), by, at)


def _above(log: "Writing", members: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """The targets above these, each with those of these that it has."""
    found: dict[UUID, set[UUID]] = {}
    for one in log.memberships_of(members):
        found.setdefault(one.target, set()).add(one.member)
    return found


def _roll_up(log: "Writing", moved: Mapping[UUID, set[UUID]], by: str, at: datetime) -> None:
    """Bring these up to date, and the roll-ups that they are in; those that are no roll-ups have nothing to bring.

    moved: by target, its members that are others than before.
    """
    while moved:
        changed: list[UUID] = []
        for target in log.targets(moved).values():
            if not target.plan.roll_up or target.state in OVER:
                continue
            pin(target, _rolled_now(log, target, moved[target.id]), log.position, by=by, at=at)
            if facts := list(target.collect_events()):
                log.save(facts)
                _keep(log, target, at)
                move_with(log, target, by=by, at=at)
                changed.append(target.id)
        moved = _above(log, changed)


def _rolled_now(log: "Writing", target: Target, moved: set[UUID]) -> Rolled:
    """What its members come to now. Those that were none before are added to the others, of which there may be many."""
    before = target.plan.members
    if any(one.target in moved for one in before.members):
        return members_of(log, target.id, target.plan)
    memberships = [one for one in log.memberships_of(moved) if one.target == target.id]
    return added(before, rolled_up(target.plan, memberships, log.outlines(moved)))


def members_of(log: "Writing", target_id: UUID, plan: Plan) -> Rolled:
    """What the members of a roll-up with this plan come to now."""
    memberships = log.memberships([target_id])
    return rolled_up(plan, memberships, log.outlines({one.member for one in memberships}))


def _keep(log: "Writing", target: Target, at: datetime) -> None:
    """What is to be done about a roll-up now: it is filled again, or what was evaluated is read again."""
    if target.state is State.FILLING:
        log.keep_route(target)
        for errand in (Errand.CHECKPOINT, Errand.RESTATE):
            log.agenda.drop(subject=target.id, errand=errand)
    elif log.agenda.evaluated_to([target.id]):
        log.agenda.plan([Appointment(at, target.id, target.id, Errand.RESTATE, since=at)])


def _check_states(parent: Target, member: Target, field: str) -> None:
    if parent.state in OVER:
        detail = f"{parent.plan.name} is {parent.state.value}: its members stay as they are"
        raise Refused(parent.state.value, detail, field)
    if member.state is State.CANCELLED:
        raise Refused(member.state.value, f"{member.plan.name} is cancelled: it counts nothing", field)


def _check_alike(parent: Plan, member: Plan, field: str) -> None:
    if parent.kind not in SUMMED:
        raise Refused("not_of_kind", f"{parent.name} is a {parent.kind} target: levels don't add up", field)
    if (parent.kind, parent.mode) != (member.kind, member.mode):
        said = " ".join((parent.kind, *([parent.mode] if parent.mode else ())))
        raise Refused("not_of_kind", f"members of {parent.name} are {said} targets, as it is", field)
    if parent.sums_up:
        try:
            factor_of(parent, member)
        except Refused as refused:
            raise Refused(refused.code, refused.detail, field) from None
        return
    for own, theirs in zip(_parts(parent), _parts(member), strict=True):
        if (own.unit, own.exponent) != (theirs.unit, theirs.exponent):
            detail = f"{parent.name} is counted in {own.unit}, and {member.name} in {theirs.unit}"
            raise Refused("wrong_unit", detail, field)


def _parts(plan: Plan) -> list[Part]:
    if plan.numerator is not None and plan.denominator is not None:
        return [plan.numerator, plan.denominator]
    return [Part(plan.metric, plan.unit, plan.exponent, plan.scope)]


def _check_window(parent: Plan, member: Plan, window: Window) -> None:
    if window.since is not None and window.until is not None and window.until < window.since:
        raise Refused("end_before_start", "a membership ends on or after the day that it begins on", "/until")
    within = window.within(member)
    if within is None or within[0] >= parent.ends or within[1] <= parent.begins:
        detail = (
            f"{member.name} runs from {member.start} to {member.end}, and {parent.name} from {parent.start} to"
            f" {parent.end}: a membership lies in both"
        )
        raise Refused("bad_window", detail, "/until" if window.until is not None else "/since")


def _check_places(log: "Writing", parent: UUID, member: UUID, window: Window, field: str) -> None:
    above, below = _levels(log, parent, up=True), _levels(log, member, up=False)
    if any(member in level for level in above):
        raise Refused("cycle", "a target can't be a member of itself, nor of one that is a member of it", field)
    if len(above) + len(below) > DEPTH_MAX:
        raise Refused("too_deep", f"targets stand on up to {DEPTH_MAX} levels, one below another", field)
    _check_elsewhere(log, member, window, field)


def _levels(log: "Writing", one: UUID, *, up: bool) -> list[set[UUID]]:
    """A target, then those above it, or below it, level by level."""
    levels, seen = [{one}], {one}
    while True:
        found = log.memberships_of(levels[-1]) if up else log.memberships(levels[-1])
        beyond = {it.target if up else it.member for it in found if not it.ended} - seen
        if not beyond:
            return levels
        levels.append(beyond)
        seen |= beyond


def _check_elsewhere(log: "Writing", member: UUID, window: Window, field: str, but: UUID | None = None) -> None:
    """A target belongs to one parent at a time."""
    for one in log.memberships_of([member]):
        if not one.ended and one.id != but and one.window.meets(window):
            days = f"from {one.window.since or 'its start'} to {one.window.until or 'its end'}"
            detail = f"it is a member of {one.target} {days}: a target has one parent at a time, end that one before"
            raise Refused("member_elsewhere", detail, field)
