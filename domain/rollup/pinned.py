"""MembersPinned: what a roll-up's members count and expect has changed, and its plan with it.

It is a fact of the roll-up itself, so whoever follows a target follows its members' sums with it.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from domain.outcome import ATTAINED_BY_REVISION, NOT_ATTAINED
from domain.plan import Plan
from domain.rollup.rolled import Member, Reached, Rolled
from domain.target import State, Target


class MembersPinned(Target.Event):
    TOPIC = "target.members_pinned"

    changed: list[UUID]
    """The members that are others than before, or none any more."""
    members: list[Member]
    """What those count now, as far as they count."""
    steps: list[Reached]
    """What all members expect together, those that did not change too."""
    goal: int | None = None
    """What they come to at the end, in minor units; None of a ratio, whose goal is its own."""
    fill_upto: int | None = None
    """Where other sales count than before: it is filled again, up to this position."""
    attained: str | None = None
    """"attained_by_revision" or "not_attained", where another goal changes that."""

    def plan_after(self, plan: Plan) -> Plan:
        return plan.with_members(rolled_after(plan.members, self.changed, self.members, self.steps))

    def apply(self, aggregate: Target) -> None:
        aggregate.plans = [*aggregate.plans[:-1], self.plan_after(aggregate.plan)]
        aggregate.edition += 1
        aggregate.plan_version += 1
        if self.attained is not None:
            aggregate.attained = self.attained != NOT_ATTAINED
            aggregate.by_revision = self.attained == ATTAINED_BY_REVISION
        if self.fill_upto is not None:
            aggregate.count_anew(self.fill_upto)


def rolled_after(
    before: Rolled, changed: Iterable[UUID], members: Sequence[Member], steps: Sequence[Reached]
) -> Rolled:
    gone = set(changed)
    after = [one for one in before.members if one.target not in gone]
    for one in members:
        insort(after, one, key=_order)  # a roll-up of a thousand has a thousand such facts
    return Rolled(after, list(steps))


def _order(one: Member) -> tuple[UUID, datetime]:
    return one.target, one.begins


def pin(target: Target, after: Rolled, position: int, *, by: str, at: datetime) -> None:
    """Record what a roll-up's members have come to, if it is anything new; a period that is over stands as it is."""
    before = target.plan.members
    if target.state in (State.CLOSED, State.SEALED, State.CANCELLED) or after == before:
        return
    was, now = _by_member(before), _by_member(after)
    changed = sorted(one for one in {*was, *now} if was.get(one) != now.get(one))
    counts_anew = target.state is State.FILLING or (bool(changed) and target.state is not State.DRAFT)
    target.trigger_event(
        MembersPinned,
        changed=changed,
        members=[member for one in changed for member in now.get(one, ())],
        steps=after.steps,
        goal=after.goal if target.plan.sums_up else None,
        fill_upto=position if counts_anew else None,
        attained=None if counts_anew else target.attained_under(target.plan.with_members(after)),
        by=by,
        timestamp=at,
    )


def _by_member(rolled: Rolled) -> dict[UUID, list[Member]]:
    found: dict[UUID, list[Member]] = {}
    for one in rolled.members:
        found.setdefault(one.target, []).append(one)
    return found
