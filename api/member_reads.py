"""Reads of members: who belongs to a target, what each brings while it does, and what all of them come to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson

from api.database import Database
from api.target_reads import AT_ONCE_MAX, Found, TargetReads
from domain.actuals import ratio_of
from domain.figures import actual_now, expected_at, figures, progress_of
from domain.money import half_even, shown
from domain.plan import KEEP, RATIO, Plan
from domain.refusal import Refused
from domain.rollup.leaderboard import ACTUAL, ATTAINMENT
from domain.rollup.overlap import none_meet
from domain.rollup.rolling import factor_of, routes_within, worth_of
from domain.rollup.shares import Share, added_up, share_of
from domain.routing import COUNTING, Route
from domain.standing import pace_index
from projections.memberships import MEMBERSHIPS, Belonging
from projections.progress import Progress

VIEWS = ("plans", "statuses", "progress", "belongings")
IN = "SELECT id, row::text FROM belongings WHERE row->>'target' = %b::text"
OF = "SELECT id, row::text FROM belongings WHERE row->>'member' = %b::text"
NOTHING = Progress({})


@dataclass(frozen=True)
class FoundMember:
    """A target while it is a member of the parent; share: None where it can't be told from what is kept by the day."""

    id: UUID
    belonging: Belonging
    found: Found
    share: Share | None

    @property
    def counts(self) -> bool:
        """Neither a draft nor cancelled."""
        return self.found.status.state in COUNTING

    def shown(self, parent: Plan) -> bytes:
        found, one = self.found, self.belonging
        now, plan = figures(found.known.course, found.status.standing, found.as_of), found.known.plan
        said = {
            "membership": self.id,
            "target": found.id,
            "name": plan.name,
            "since": one.since,
            "until": one.until,
            "counts": self.counts,
            "state": found.status.state,
            "status": now.status,
            "live_status": now.live_status,
            "unit": plan.unit,
            "goal": now.goal,
            "actual": now.actual,
            "expected": now.expected,
            "pace_index": now.pace_index,
            "progress": now.progress,
            "share": None if self.share is None else share_shown(self.share, parent),
        }
        return orjson.dumps(said, option=orjson.OPT_UTC_Z)

    def value(self, by: str) -> Fraction | None:
        """The figure that it is ranked by, exact."""
        found = self.found
        course, standing = found.known.course, found.status.standing
        plan, actual = course.plan, actual_now(course.plan, standing, found.as_of)
        if by == ACTUAL:
            return actual if self.share is None or self.share.actual is None else self.share.actual
        if by == ATTAINMENT:
            return progress_of(plan, standing, actual)
        expected = None if plan.no_baseline or plan.kind == KEEP else expected_at(course, actual, found.as_of)
        if actual is None or expected is None or not course.weight(found.as_of):
            return None
        return pace_index(actual, expected, plan.baseline, plan.sign)


class MemberReads:
    def __init__(self, reads: TargetReads, database: Database) -> None:
        self._reads = reads
        self._database = database

    async def of(self, parent: Found) -> list[FoundMember]:
        """All that belong to it at one time or another, in the order of joining."""
        rows = await self._belongings(IN, parent.id)
        ids = list(dict.fromkeys(one.member for _, one in rows))
        found: dict[UUID, Found] = {}
        for first in range(0, len(ids), AT_ONCE_MAX):
            found |= await self._reads.some(ids[first : first + AT_ONCE_MAX])
        progress = await self._reads.progress_of(ids) if ids else {}
        return [
            FoundMember(row_id, one, target, _share(target, progress.get(one.member, NOTHING), one, parent))
            for row_id, one in rows
            if (target := found.get(one.member)) is not None
        ]

    async def parents_of(self, member: UUID) -> list[tuple[UUID, Belonging]]:
        return await self._belongings(OF, member)

    async def _belongings(self, statement: str, one: UUID) -> list[tuple[UUID, Belonging]]:
        rows = [
            (row_id, MEMBERSHIPS.decoder.decode(row))
            for row_id, row in await self._database.rows(statement, (str(one),))
        ]
        return sorted(((row_id, row) for row_id, row in rows if not row.ended), key=lambda it: it[1].place)


def _share(found: Found, progress: Progress, one: Belonging, parent: Found) -> Share | None:
    course, plan = found.known.course, parent.known.plan
    share = share_of(course, progress.sums, progress.under or {}, one.window, plan, parent.as_of)
    if share is None or not plan.sums_up:
        return share
    try:
        return share.worth(worth_of(plan, course.plan))
    except Refused:  # it joined by another rate table than the one that the parent was revised to have
        return None


def share_shown(share: Share, plan: Plan) -> dict[str, str | None]:
    """What it brings: of a ratio its numerator and denominator, else money in the parent's unit."""
    if plan.kind == RATIO:
        assert plan.numerator is not None
        assert plan.denominator is not None
        return {
            "numerator": shown(share.net, plan.numerator.exponent),
            "denominator": shown(share.under, plan.denominator.exponent),
        }
    return {name: amount(getattr(share, name), plan) for name in ("actual", "expected", "goal")}


def amount(value: Fraction | None, plan: Plan) -> str | None:
    return None if value is None else shown(half_even(value), plan.exponent)


def routes_of_members(parent: Plan, members: Sequence[FoundMember]) -> list[Route]:
    """What the members count that count at all, within their memberships."""
    routes: list[Route] = []
    for one in members:
        if not one.counts:
            continue
        plan = one.found.known.plan
        factor = 1 if not parent.sums_up or one.share is None else factor_of(parent, plan)
        found = routes_within(one.found.id, plan, one.belonging.window, parent)
        routes += [replace(route, factor=route.factor * factor) for route in found]
    return routes


def summed(parent: Found, members: Sequence[FoundMember], overlap: int | None) -> dict[str, Any]:
    """What the members come to beside what the parent says of itself; overlap: as counted from the sales, if it was."""
    plan = parent.known.plan
    now = figures(parent.known.course, parent.status.standing, parent.as_of)
    own_actual = actual_now(plan, parent.status.standing, parent.as_of)
    counting = [one for one in members if one.counts]
    shares = [one.share for one in counting if one.share is not None]
    whole = added_up(shares) if len(shares) == len(counting) else None
    if overlap is None and none_meet(routes_of_members(plan, members)):
        overlap = 0
    of_ratio = plan.kind == RATIO
    left = whole is not None and not of_ratio
    return {
        "roll_up": bool(plan.roll_up),
        "members": len({one.found.id for one in counting}),
        "goal": now.goal,
        "actual": now.actual,
        "expected": now.expected,
        "sum": None if whole is None else _summed_shown(whole, plan),
        "unallocated": {
            "goal": amount(plan.final - whole.goal, plan) if left and whole.goal is not None else None,
            "actual": amount(own_actual - whole.actual, plan)
            if left and own_actual is not None and whole.actual is not None
            else None,
        }
        if whole is not None and left
        else None,
        "overlap": None if overlap is None or of_ratio else amount(Fraction(overlap, plan.scale), plan),
        "as_of": parent.as_of,
        "position": parent.position,
    }


def _summed_shown(whole: Share, plan: Plan) -> dict[str, str | None]:
    if plan.kind != RATIO:
        return share_shown(whole, plan)
    return share_shown(whole, plan) | {"ratio": amount(ratio_of(plan, whole.net, whole.under), plan)}
