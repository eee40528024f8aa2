"""Filling: a target activated late counts what the ledger already held, chunk by chunk, then is judged once."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from domain.agenda import REVISED, Appointment, Errand, checkpoints_of
from domain.application import Fact, Milemarker, Writing
from domain.comparison import Compared, Frozen, goal_of_percent, uplift_percent
from domain.ledger import Posting, SalesRecorded
from domain.milestones.following import move_with
from domain.milestones.milestone import Milestone
from domain.milestones.reminders import appointments_of
from domain.milestones.value_milestones import below_last, judge_values, judged_since
from domain.progress import Slot
from domain.rollup.joining import carry_up
from domain.routing import Router, routes_of
from domain.target import State, Target
from domain.watch.looking import keep_watch

BY = "fill"
CHUNK_BATCHES = 100
"""Ledger events read between two commits; at most this many thousand entries."""
TARGETS_MAX = 1_000
"""Targets that are filled by one reading of the ledger."""
PUT_OFF = timedelta(minutes=1)
"""So long a target is left alone that can't be filled."""


class Filler:
    """Fills targets that no other process is filling."""

    def __init__(
        self,
        app: Milemarker,
        *,
        away: tuple[type[Exception], ...] = (),
        failed: Callable[[UUID, Exception], None] | None = None,
    ) -> None:
        """failed: told of a target that can't be filled, which is put off; without it, its error is raised.

        away: errors that are no target's fault, and always raised.
        """
        self._app = app
        self._away = away
        self._failed = failed
        self._put_off: dict[UUID, datetime] = {}

    def fill_some(self, at: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
        """Fill up to 1,000 targets to the end, each under its advisory lock; how many.

        stopping: looked at between two commits; what is filled by then is kept, and another goes on from there.
        """
        filling = self._app.store.filling()
        waiting = [one for one in filling if self._put_off.get(one, at) <= at][:TARGETS_MAX]
        if not waiting:
            return 0
        with self._app.store.claiming(waiting) as mine:
            if mine:
                self._fill_all(mine, at, stopping)
            return 0 if stopping() else len(mine)

    def _fill_all(self, ids: list[UUID], at: datetime, stopping: Callable[[], bool]) -> None:
        """Together, and if that can't be done one by one: the others must not wait for one that fails."""
        try:
            self._fill(ids, at, stopping)
        except self._away:
            raise
        except Exception as error:
            if self._failed is None:
                raise
            if len(ids) > 1:
                for one in ids:
                    self._fill_all([one], at, stopping)
                return
            self._put_off[ids[0]] = at + PUT_OFF
            self._failed(ids[0], error)

    def _fill(self, ids: list[UUID], at: datetime, stopping: Callable[[], bool]) -> None:
        with self._app.writing() as log:
            targets = log.targets(ids)
        filling = {one.id: one for one in targets.values() if one.state is State.FILLING}
        if not filling:
            return
        router = _router(filling.values())
        after = min(target.filled_to for target in filling.values())
        upto = max(target.fill_upto for target in filling.values())
        ledger = self._app.ledger(after, upto)
        while after < upto and not stopping():
            chunk = islice(ledger, CHUNK_BATCHES)
            stretches, last, read = _stretches(router, filling, chunk)
            after = last if read == CHUNK_BATCHES else upto
            filling = self._count(filling, stretches, after, at)
        if stopping():
            return
        self._freeze([one for one in filling.values() if one.plan.awaits_comparison], at)
        reached = self._finish_unreached(filling, at)
        found = self._found(reached)
        for target_id in reached:
            while not stopping() and not self._finish(target_id, found[target_id], at):
                found |= self._found([target_id])

    def _count(
        self, filling: dict[UUID, Target], stretches: dict[UUID, "_Stretch"], end: int, at: datetime
    ) -> dict[UUID, Target]:
        """Commit what the ledger adds up to position `end`, for each target as far as it is its own to fill."""
        with self._app.writing() as log:
            facts: list[Fact] = []
            targets = log.targets(filling)
            # What was read by an older plan is nothing that counts: whatever was revised meanwhile begins anew.
            targets = {one: target for one, target in targets.items() if target.edition == filling[one].edition}
            for target in targets.values():
                stretch = stretches.get(target.id) or _Stretch(target)
                after, upto = filling[target.id].filled_to, min(end, target.fill_upto)
                if target.plan.measured:
                    target.fill_levels(after, upto, stretch.levels, by=BY, at=at)
                else:
                    target.fill(after, upto, stretch.slots(), by=BY, at=at)
                facts += target.collect_events()
            log.save(facts)
        return targets

    def _freeze(self, targets: Sequence[Target], at: datetime) -> None:
        """Read once what these targets are compared with, as the ledger had it when they were activated."""
        if not targets:
            return
        frozen, editions = self._compared(targets), {one.id: one.edition for one in targets}
        with self._app.writing() as log:
            facts: list[Fact] = []
            # What was read by an older plan is nothing to compare with: it is read again.
            known = [one for one in log.targets(frozen).values() if one.edition == editions[one.id]]
            for target in known:
                plan = target.plan
                goal = plan.goal
                if plan.percent is not None:
                    goal = goal_of_percent(uplift_percent(plan.percent), frozen[target.id].total)
                target.freeze_comparison(frozen[target.id], goal, by=BY, at=at)
                facts += target.collect_events()
            log.save(facts)
            for target in known:
                move_with(log, target, by=BY, at=at)
            carry_up(log, known, by=BY, at=at)

    def _compared(self, targets: Sequence[Target]) -> dict[UUID, Frozen]:
        router, compared = Router(), dict[UUID, Compared]()
        for target in targets:
            comparison = target.plan.comparison
            assert comparison is not None
            compared[target.id] = Compared(comparison)
            for route in routes_of(target.id, target.plan):
                router.add(replace(route, begins=comparison.begins, ends=comparison.ends))
        upto = {target.id: target.fill_upto for target in targets}
        for position, recorded in self._app.ledger(0, max(upto.values())):
            for target_id, posting in _matches(router, recorded):
                if position <= upto[target_id]:
                    compared[target_id].add(posting.occurred_at, posting.amount)
        return {target_id: one.frozen(upto[target_id]) for target_id, one in compared.items()}

    def _finish_unreached(self, filling: Iterable[UUID], at: datetime) -> list[UUID]:
        """Finish, in one commit, those that stay under every line: no crossing is to be named. The other ones."""
        others: list[UUID] = []
        with self._app.writing() as log:
            facts: list[Fact] = []
            targets = log.targets(filling)
            milestones = log.milestones(targets)
            for target in targets.values():
                mine = milestones.get(target.id, [])
                if judged_since(target, mine) is not None:
                    others.append(target.id)
                else:
                    facts += _finished(log, target, mine, [], at)
            log.save(facts)
        return others

    def _found(self, ids: Iterable[UUID]) -> dict[UUID, "_Found"]:
        """What these targets, which are reached, are judged by: read outside the lock, while sales go on coming in."""
        with self._app.writing() as log:
            targets = log.targets(ids)
            milestones = log.milestones(targets)
            position = log.position
        since = {one.id: judged_since(one, milestones.get(one.id, [])) for one in targets.values()}
        found = {target_id: _Found(position, begins, []) for target_id, begins in since.items()}
        router = _router(one for one in targets.values() if since[one.id] is not None)
        for _, recorded in self._app.ledger(0, position):
            for target_id, posting in _matches(router, recorded):
                begins = since[target_id]
                if begins is not None and posting.occurred_at >= begins:
                    found[target_id].postings.append(posting)
        return found

    def _finish(self, target_id: UUID, found: "_Found", at: datetime) -> bool:
        """Judge the target, reading under the lock only what came since; False when more is to be read before."""
        with self._app.writing() as log:
            target = log.targets([target_id])[target_id]
            milestones = log.milestones([target_id]).get(target_id, [])
            since = judged_since(target, milestones)
            if since is not None and (found.since is None or found.since > since):
                return False
            counted: list[Posting] = []
            if since is not None:
                router = _router([target])
                later = self._app.ledger(found.position, log.position)
                counted = [*found.postings, *(one for _, batch in later for _, one in _matches(router, batch))]
                counted = [one for one in counted if one.occurred_at >= since]
            log.save(_finished(log, target, milestones, counted, at))
            return True


@dataclass(slots=True)
class _Found:
    """A target's postings from `since` on, in the ledger up to `position`."""

    position: int
    since: datetime | None
    postings: list[Posting]


def _finished(
    log: Writing, target: Target, milestones: Sequence[Milestone], counted: Sequence[Posting], at: datetime
) -> list[Fact]:
    """What a target and its milestones come to now that all is counted; what is to be done about them is planned."""
    target.finish_fill(counted, by=BY, at=at)
    facts: list[Fact] = list(target.collect_events())
    by_id, refilled = {one.id: one for one in milestones}, len(target.plans) > 1 or bool(target.plan.roll_up)
    facts += judge_values(log, target, by_id, counted, refilled=refilled, by=BY, at=at)
    log.keep_route(target)
    if target.state is State.ACTIVE:
        keep_checkpoints(log, target, at)
        keep_watch(log, target, at)
        log.agenda.plan([due for one in milestones for due in appointments_of(one, target.plan, at)])
    return facts


def keep_checkpoints(log: Writing, target: Target, at: datetime, *, again: bool = True) -> None:
    """Plan the evaluations that are still to come; again: those that were made, if any, are looked at again at once."""
    evaluated_to = log.agenda.evaluated_to([target.id]).get(target.id)
    planned = checkpoints_of(target.id, target.plan)
    if evaluated_to is not None:
        planned = [one for one in planned if one.due > evaluated_to]
    if evaluated_to is not None and again:
        log.agenda.drop(subject=target.id, errand=Errand.RESTATE)
        planned.append(Appointment(at, target.id, target.id, Errand.RESTATE, REVISED, since=at))
    log.agenda.plan(planned)


def below_goal_last(target: Target) -> datetime | None:
    """The start of the last slot that begins with the total below the goal; None when the goal isn't reached."""
    return None if target.plan.line is None else below_last(target, target.plan.line)


def _router(targets: Iterable[Target]) -> Router:
    router = Router()
    for target in targets:
        router.add_plan(target.id, target.plan)
    return router


def _matches(router: Router, recorded: SalesRecorded) -> Iterator[tuple[UUID, Posting]]:
    """The postings of a batch, as each target counts them that they count toward."""
    for entry in recorded.entries:
        for posting in entry.postings():
            yield from router.counted(posting)


class _Stretch:
    """What a stretch of the ledger adds to one target: sums by slot, of a measured one what was measured."""

    def __init__(self, target: Target) -> None:
        self._starts = target.slot_starts
        self._nets: dict[datetime, int] = {}
        self._unders: dict[datetime, int] = {}
        self._measured = target.plan.measured
        self.levels: list[Posting] = []

    def add(self, posting: Posting) -> None:
        if self._measured:
            self.levels.append(posting)
            return
        start = self._starts[bisect_right(self._starts, posting.occurred_at) - 1]
        sums = self._unders if posting.under else self._nets
        sums[start] = sums.get(start, 0) + posting.amount

    def slots(self) -> list[Slot]:
        starts = sorted({*self._nets, *self._unders})
        return [Slot(start, self._nets.get(start, 0), self._unders.get(start)) for start in starts]


def _stretches(
    router: Router, filling: dict[UUID, Target], batches: Iterable[tuple[int, SalesRecorded]]
) -> tuple[dict[UUID, _Stretch], int, int]:
    """What these batches add to each target, where it is the target's own to fill.

    With it the position of the last batch, and how many there were.
    """
    stretches: dict[UUID, _Stretch] = {}
    last = read = 0
    for position, recorded in batches:
        last, read = position, read + 1
        for target_id, posting in _matches(router, recorded):
            target = filling.get(target_id)
            if target is not None and target.filled_to < position <= target.fill_upto:
                stretch = stretches.get(target_id)
                if stretch is None:
                    stretch = stretches[target_id] = _Stretch(target)
                stretch.add(posting)
    return stretches, last, read
