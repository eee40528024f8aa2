"""Milestones and tasks over HTTP: planned, done, achieved, moved, waived, and where each stands."""

from collections.abc import Callable
from datetime import datetime
from functools import partial, reduce
from uuid import UUID

from fastapi import Request, Response

from api.auth import caller_of
from api.bodies import answer, read_as
from api.database import Database
from api.documentation import milestone_examples as examples
from api.documenting import (
    CHANGED,
    LIMIT,
    MADE,
    SEEN,
    After,
    IdempotencyKey,
    IfMatch,
    Limit,
    MilestoneId,
    MinPosition,
    TargetId,
    TaskId,
    answers,
    takes,
)
from api.milestone_bodies import Achieving, MilestoneBody, Rescheduling, TaskBody, TaskDone, Waiving, ids_of
from api.milestone_reads import FoundMilestone, MilestoneReads, completion_of
from api.milestone_writes import VIEWS, MilestoneWrites
from api.paging import page_of
from api.problems import Problem
from api.routes import Routes
from api.target_reads import TargetReads
from api.targets import (
    READERS,
    WRITERS,
    bad_cursor,
    new_id,
    parsed_id,
    seen_version,
    unknown_target,
)
from api.writes import Writes
from domain.application import Milemarker
from domain.milestones.planning import Decided, Planner
from domain.refusal import Refused
from projections.milestones import evolve

MILESTONE_KEYS = UUID("0b0ce8f1-5f0e-5f0c-8a5d-6d1a4f7f9c02")
TASK_KEYS = UUID("c1f4b0f6-2a0d-5b43-9c0f-1be0a3d47e19")
"""Idempotency-Keys make ids in a space of their own for each kind of thing."""


class Milestones:
    def __init__(self, writes: Writes, reads: TargetReads, database: Database, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._deciding = MilestoneWrites(writes, database, clock)
        self._targets = reads
        self._reads = MilestoneReads(database)
        self._database = database
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        add, one = routes.add, "/milestones/{milestone_id}"
        of_target = "/targets/{target_id}/milestones"
        milestone = partial(answers, examples.MILESTONE, 404, schema="Milestone")
        shown, moved = milestone(headers=SEEN), milestone(409, 412, headers=CHANGED)
        planned = milestone(409, 412, status=201, headers=MADE)
        add(f"GET {one}", self.show, "Where a milestone stands", roles=READERS, answers=shown)
        page = answers(examples.PAGE, 404, schema="MilestonePage")
        add(f"GET {of_target}", self.show_all, "Its milestones, by their due dates", roles=READERS, answers=page)
        wished = takes(MilestoneBody, examples.PLANNING)
        add(f"POST {of_target}", self.plan, "Plan one", roles=WRITERS, answers=planned, status=201, body=wished)
        wished = takes(TaskBody, examples.ADDING)
        add(f"POST {one}/tasks", self.add_task, "Add a task", roles=WRITERS, answers=planned, status=201, body=wished)
        wished = takes(TaskDone, examples.DOING)
        add(
            f"PUT {one}/tasks/{{task_id}}",
            self.set_task,
            "Do a task, un-do it, or move it",
            roles=WRITERS,
            answers=moved,
            body=wished,
        )
        wished = takes(Achieving, examples.ACHIEVING)
        add(f"POST {one}/achieve", self.achieve, "Achieve it by hand", roles=WRITERS, answers=moved, body=wished)
        wished = takes(Waiving, examples.WAIVING)
        add(f"POST {one}/waive", self.waive, "Waive it", roles=WRITERS, answers=moved, body=wished)
        wished = takes(Rescheduling, examples.RESCHEDULING)
        add(f"POST {one}/reschedule", self.reschedule, "Move it", roles=WRITERS, answers=moved, body=wished)

    # Reads

    async def show(self, milestone_id: MilestoneId, min_position: MinPosition = None) -> Response:
        """The ETag is its plan version: what people do to it and to its tasks moves it, sales and time don't.
        `achieved.late` is against `due`; `out_of_order`: one that it comes after was not achieved yet."""
        await self._database.wait_for(VIEWS, min_position)
        found = await self._reads.one(milestone_id_of(milestone_id))
        if found is None:
            raise unknown_milestone()
        target = await self._targets.one(found.row.target)
        if target is None:  # its views are behind the one of the milestones
            await self._database.wait_for(VIEWS, found.position)
            target = await self._targets.one(found.row.target)
        assert target is not None, "a milestone is on a target"
        return answer(found.shown(target.known.plan.exponent, self._clock()), headers=_etag(found))

    async def show_all(
        self, target_id: TargetId, limit: Limit = LIMIT, after: After = None, min_position: MinPosition = None
    ) -> Response:
        """`completion`: the share of all of them that is achieved, by their weights; it stands beside the target's
        progress and is no part of it."""
        await self._database.wait_for(VIEWS, min_position)
        target = await self._targets.one(parsed_id(target_id))
        if target is None:
            raise unknown_target()
        found = await self._reads.of_target(target.id)
        first = 0 if after is None else _place_after(found, parsed_id(after, cursor=True))
        page, more = found[first : first + limit], found[first + limit :]
        exponent, completion = target.known.plan.exponent, completion_of(found)
        listed = page_of([one.shown(exponent, self._clock()) for one in page], page[-1].id if more else None)
        said = b"null" if completion is None else b'"%s"' % completion.encode()
        return answer(listed[:-1] + b',"completion":' + said + b"}")

    # Writes

    async def plan(
        self,
        request: Request,
        target_id: TargetId,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        """It falls due by a rule, within the target's period: at its `start` or `end` or at a `checkpoint`, some days
        later or earlier; where the pace reaches a `fraction`; or on a `date`. Its criterion is `tasks` (all that are
        required are done), a `value` that the target's actual reaches, or `by_hand`. If-Match is the target's."""
        one, caller = parsed_id(target_id), caller_of(request)
        milestone_id = new_id(caller.id, idempotency_key, MILESTONE_KEYS)
        wish = (await read_as(MilestoneBody, request)).wish
        return await self._decided(request, lambda planner: planner.plan(milestone_id, one, wish), if_match, status=201)

    async def add_task(
        self,
        request: Request,
        milestone_id: MilestoneId,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        """A required one reopens what its tasks had achieved. The answer is the milestone."""
        one, task_id = milestone_id_of(milestone_id), new_id(caller_of(request).id, idempotency_key, TASK_KEYS)
        wish = (await read_as(TaskBody, request)).wish()
        return await self._decided(request, lambda planner: planner.add_task(one, task_id, wish), if_match, status=201)

    async def set_task(
        self, request: Request, milestone_id: MilestoneId, task_id: TaskId, if_match: IfMatch = None
    ) -> Response:
        """The last required task achieves a milestone of tasks; un-doing one reopens it. What is done does not move."""
        one, task = milestone_id_of(milestone_id), task_id_of(task_id)
        body = await read_as(TaskDone, request)
        done, rule = body.done, None if body.due is None else body.due.due_rule
        if done is None and rule is None:
            raise Refused("missing_field", "say whether the task is done, or by when it is to be", "/done")
        return await self._decided(request, lambda planner: planner.set_task(one, task, done, rule), if_match)

    async def achieve(self, request: Request, milestone_id: MilestoneId, if_match: IfMatch = None) -> Response:
        """For milestones with the criterion `by_hand` alone. Achieving again changes nothing."""
        one = milestone_id_of(milestone_id)
        evidence = (await read_as(Achieving, request)).evidence
        return await self._decided(request, lambda planner: planner.achieve(one, evidence), if_match)

    async def waive(self, request: Request, milestone_id: MilestoneId, if_match: IfMatch = None) -> Response:
        """It is not to be achieved any more, for good. Waiving again changes nothing."""
        one = milestone_id_of(milestone_id)
        reason = (await read_as(Waiving, request)).reason
        return await self._decided(request, lambda planner: planner.waive(one, reason), if_match)

    async def reschedule(self, request: Request, milestone_id: MilestoneId, if_match: IfMatch = None) -> Response:
        """Another `due` rule, another order by `after`, or both; an achieved milestone never moves."""
        one, body = milestone_id_of(milestone_id), await read_as(Rescheduling, request)
        rule = None if body.due is None else body.due.due_rule
        after = None if body.after is None else ids_of(body.after)
        return await self._decided(request, lambda planner: planner.reschedule(one, rule, after), if_match)

    async def _decided(
        self, request: Request, decide: Callable[[Planner], Decided], if_match: str | None, *, status: int = 200
    ) -> Response:
        """The milestone as the read model has it once it knows of the write; after 2 s, as its own facts say."""
        decided, shown = await self._deciding.decide(caller_of(request).name, decide, seen_version(if_match))
        milestone_id, position = decided.milestone.id, decided.position
        found = await self._reads.one(milestone_id) if shown else None
        if found is None:
            found = await self._writes.do(lambda app: _folded(app, milestone_id, position))
        headers = _etag(found)
        if status == 201:
            headers["Location"] = f"/v1/milestones/{milestone_id}"
        return answer(found.shown(decided.plan.exponent, self._clock()), position, status=status, headers=headers)


def milestone_id_of(text: str) -> UUID:
    """The id of a milestone; what can't be one is no milestone's."""
    try:
        return UUID(text)
    except ValueError:
        raise unknown_milestone() from None


def unknown_milestone() -> Problem:
    return Problem(404, "unknown_milestone", "there is no milestone with this id")


def task_id_of(text: str) -> UUID:
    """The id of a task; what can't be one is no task's."""
    try:
        return UUID(text)
    except ValueError:
        raise Problem(404, "unknown_task", "the milestone has no task with this id") from None


def _place_after(found: list[FoundMilestone], cursor: UUID) -> int:
    for number, one in enumerate(found, 1):
        if one.id == cursor:
            return number
    raise bad_cursor()


def _folded(app: Milemarker, milestone_id: UUID, position: int) -> FoundMilestone:
    row = reduce(evolve, app.events.get(milestone_id), None)
    assert row is not None, "it was planned"
    return FoundMilestone(milestone_id, position, row)


def _etag(found: FoundMilestone) -> dict[str, str]:
    return {"ETag": f'"{found.row.plan_version}"'}
