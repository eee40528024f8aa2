"""Members over HTTP: which targets belong to which, what they come to together, and who is ahead."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import Path, Query, Request, Response

from api.auth import caller_of
from api.bodies import answer, read_as
from api.database import Database
from api.documentation import member_examples as examples
from api.documenting import LIMIT, WRITTEN, After, Limit, MinPosition, TargetId, answers, answers_nothing, takes
from api.member_bodies import Joining
from api.member_reads import VIEWS, FoundMember, MemberReads, amount, routes_of_members, summed
from api.paging import page_of
from api.routes import Routes
from api.target_reads import Found, TargetReads
from api.target_writes import SHOWN_WITHIN_S
from api.targets import READERS, WRITERS, parsed_id, unknown_target
from api.writes import Writes
from domain.application import Milemarker
from domain.hearing import day
from domain.money import decimal_shown
from domain.refusal import Refused
from domain.rollup.leaderboard import ACTUAL, ranked
from domain.rollup.overlap import counted_twice, none_meet
from domain.routing import Route

MemberId = Annotated[str, Path(description="The member's id", examples=[examples.MEMBER])]
Until = Annotated[
    str | None,
    Query(description="Its last day as a member; left out: as if it had never been one", examples=["2026-11-15"]),
]
By = Annotated[
    Literal["attainment", "actual", "pace"],
    Query(
        description="`attainment`: progress toward its own goal. `actual`: what it brings while it is a member, of a"
        " ratio the ratio. `pace`: its pace index",
        examples=["attainment"],
    ),
]
AfterPlace = Annotated[
    int, Query(ge=0, le=1_000, description="The `next` of the page before; 0 for the first page", examples=[100])
]
CountOverlap = Annotated[
    bool,
    Query(
        description="Whether to count `overlap` from the sales where it does not follow from the scopes: that reads"
        " the whole ledger",
        examples=[True],
    ),
]
PLACES = 4


class Members:
    def __init__(self, writes: Writes, reads: TargetReads, database: Database, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._targets = reads
        self._reads = MemberReads(reads, database)
        self._database = database
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        add, one = routes.add, "/targets/{target_id}"
        joined = answers(examples.MEMBERSHIP, 404, 409, schema="Membership", status=201, headers=WRITTEN)
        wished = takes(Joining, examples.JOINING)
        add(
            f"POST {one}/members",
            self.join,
            "Make a target a member of this one",
            roles=WRITERS,
            answers=joined,
            status=201,
            body=wished,
        )
        add(
            f"DELETE {one}/members/{{member_id}}",
            self.leave,
            "End a membership",
            roles=WRITERS,
            answers=answers_nothing("It is ended, or was before", 404, 409),
            status=204,
        )
        add(
            f"GET {one}/children",
            self.children,
            "The targets that belong to it",
            roles=READERS,
            answers=answers(examples.CHILDREN, 404, schema="ChildPage"),
        )
        add(
            f"GET {one}/parents",
            self.parents,
            "The targets that it belongs to",
            roles=READERS,
            answers=answers(examples.PARENTS, 404, schema="MembershipPage"),
        )
        add(
            f"GET {one}/roll-up",
            self.roll_up,
            "What its members come to together",
            roles=READERS,
            answers=answers(examples.ROLL_UP, 404, schema="RollUp"),
        )
        add(
            f"GET {one}/leaderboard",
            self.leaderboard,
            "Its members, the one that is ahead first",
            roles=READERS,
            answers=answers(examples.LEADERBOARD, 404, schema="LeaderboardPage"),
        )

    # Writes

    async def join(self, request: Request, target_id: TargetId) -> Response:
        """It belongs here from `since` to `until`. A target has one parent at a time: whoever moves has two
        memberships, one after the other. A cycle is refused, and more than 10 levels or 1,000 members. What a roll-up
        counts and expects follows at once; it is `filling` until it has counted what was sold before."""
        parent, by = parsed_id(target_id), caller_of(request).name
        body = await read_as(Joining, request)
        member, window = _member_id(body.target), body.window()
        joined, position = await self._writes.do(
            lambda app: app.join_target(parent, member, window, by=by, at=self._clock())
        )
        await self._database.reached(VIEWS, position, SHOWN_WITHIN_S)
        said = _membership(joined.id, joined.target, joined.member, joined.window.since, joined.window.until)
        return answer(said, position, status=201)

    async def leave(self, request: Request, target_id: TargetId, member_id: MemberId, until: Until = None) -> Response:
        """Its last membership here ends after this day, which may be another one than before; without a day it is
        taken back as a whole."""
        parent, member, by = parsed_id(target_id), _member_id(member_id), caller_of(request).name
        last = None if until is None else day(until, "/until")
        _, position = await self._writes.do(lambda app: app.leave_target(parent, member, last, by=by, at=self._clock()))
        await self._database.reached(VIEWS, position, SHOWN_WITHIN_S)
        return Response(status_code=204, headers={"Milemarker-Position": str(position)})

    # Reads

    async def children(
        self, target_id: TargetId, limit: Limit = LIMIT, after: After = None, min_position: MinPosition = None
    ) -> Response:
        """In the order of joining; one that left and came back stands there twice. Its figures are its own, `share` is
        what it brings while it is a member, in the unit of this target: of a ratio its parts. Who does not `counts` is
        a draft, or cancelled."""
        parent, members = await self._members(target_id, min_position)
        first = 0
        if after is not None:
            beyond = parsed_id(after, cursor=True)
            first = next((place for place, one in enumerate(members, 1) if one.id == beyond), len(members))
        page = members[first : first + limit]
        more = members[first + limit :]
        return answer(page_of([one.shown(parent.known.plan) for one in page], page[-1].id if more else None))

    async def parents(self, target_id: TargetId, min_position: MinPosition = None) -> Response:
        """In the order of joining: the memberships that it has or had, one after the other."""
        await self._database.wait_for(VIEWS, min_position)
        found = await self._targets.one(parsed_id(target_id))
        if found is None:
            raise unknown_target()
        rows = await self._reads.parents_of(found.id)
        shown = [orjson.dumps(_membership(one, row.target, row.member, row.since, row.until)) for one, row in rows]
        return answer(page_of(shown, None))

    async def roll_up(
        self, target_id: TargetId, count_overlap: CountOverlap = False, min_position: MinPosition = None
    ) -> Response:
        """What the target says of itself, and beside it what its members come to. `unallocated` is what they leave:
        below zero where they have more. `overlap` is what `sum.actual` has more because two of them count the same
        sales; it is null where that takes counting. Percentages are never added: of ratios the parts are."""
        parent, members = await self._members(target_id, min_position)
        routes, overlap = routes_of_members(parent.known.plan, members), None
        if count_overlap and not none_meet(routes):
            overlap = await self._writes.do(lambda app: _counted_twice(app, routes, parent.position))
        return answer(summed(parent, members, overlap))

    async def leaderboard(
        self,
        target_id: TargetId,
        by: By = "attainment",
        limit: Limit = LIMIT,
        after: AfterPlace = 0,
        min_position: MinPosition = None,
    ) -> Response:
        """Each member that counts, once, by its last membership. Equal ones share a rank, and the next rank is left
        out; who has no such figure yet comes last, without a rank. `value` is what they are ranked by."""
        parent, members = await self._members(target_id, min_position)
        last = {one.found.id: one for one in members if one.counts}
        board = ranked({one.found.id: one.value(by) for one in last.values()})
        shown = [_placed(rank, last[one], by, parent) for rank, one in board[after : after + limit]]
        return answer(page_of(shown, after + limit if board[after + limit :] else None))

    async def _members(self, target_id: str, min_position: int | None) -> tuple[Found, list[FoundMember]]:
        await self._database.wait_for(VIEWS, min_position)
        parent = await self._targets.one(parsed_id(target_id))
        if parent is None:
            raise unknown_target()
        return parent, await self._reads.of(parent)


def _member_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("unknown_target", f"there is no target {text[:64]}", "/target") from None


def _membership(one: UUID, parent: UUID, member: UUID, since: object, until: object) -> dict[str, object]:
    return {"membership": one, "parent": parent, "target": member, "since": since, "until": until}


def _counted_twice(app: Milemarker, routes: list[Route], upto: int) -> int:
    return counted_twice(routes, (recorded for _, recorded in app.ledger(0, upto)))


def _placed(rank: int | None, one: FoundMember, by: str, parent: Found) -> bytes:
    value, plan = one.value(by), one.found.known.plan
    said = None
    if value is not None:
        said = amount(value, parent.known.plan) if by == ACTUAL else decimal_shown(value, PLACES)
    return orjson.dumps({"rank": rank, "target": one.found.id, "name": plan.name, "owner": plan.owner, "value": said})
