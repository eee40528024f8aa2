"""Filling: a target activated late counts what the ledger already held, chunk by chunk, then is judged once."""

from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate, islice
from uuid import UUID

from domain.application import Fact, Milemarker, Writing
from domain.ledger import Posting, SalesRecorded
from domain.routing import Route, Router
from domain.target import State, Target, slots_of

BY = "fill"
CHUNK_BATCHES = 100
"""Ledger events read between two commits; at most this many thousand entries."""
TARGETS_MAX = 1_000
"""Targets that are filled by one reading of the ledger."""


class Filler:
    """Fills targets that no other process is filling."""

    def __init__(self, app: Milemarker) -> None:
        self._app = app

    def fill_some(self, at: datetime) -> int:
        """Fill up to 1,000 targets to the end, each under its advisory lock; how many."""
        waiting = self._app.store.filling()[:TARGETS_MAX]
        if not waiting:
            return 0
        with self._app.store.claiming(waiting) as mine:
            if mine:
                self._fill(mine, at)
            return len(mine)

    def _fill(self, ids: list[UUID], at: datetime) -> None:
        with self._app.writing() as log:
            targets = log.targets(ids)
        filling = {one.id: one for one in targets.values() if one.state is State.FILLING}
        if not filling:
            return
        router = _router(filling.values())
        after = min(target.filled_to for target in filling.values())
        upto = max(target.fill_upto for target in filling.values())
        ledger = self._app.ledger(after, upto)
        while after < upto:
            chunk = list(islice(ledger, CHUNK_BATCHES))
            end = chunk[-1][0] if len(chunk) == CHUNK_BATCHES else upto
            self._count(filling, _postings(router, chunk), after, end, at)
            after = end
        for target_id in self._finish_unreached(filling, at):
            self._finish(target_id, at)

    def _count(
        self,
        filling: dict[UUID, Target],
        found: dict[UUID, list[tuple[int, Posting]]],
        after: int,
        end: int,
        at: datetime,
    ) -> None:
        """Commit one chunk, positions (after, end] of the ledger, for each target as far as it is its own to fill."""
        with self._app.writing() as log:
            facts: list[Fact] = []
            for target in log.targets(filling).values():
                upto = min(end, target.fill_upto)
                mine = [
                    posting for position, posting in found.get(target.id, ()) if target.filled_to < position <= upto
                ]
                target.fill(target.filled_to, upto, slots_of(target.slot_starts, mine), by=BY, at=at)
                facts += target.collect_events()
            log.save(facts)

    def _finish_unreached(self, filling: Iterable[UUID], at: datetime) -> list[UUID]:
        """Finish, in one commit, those that stay under their goal: no crossing is to be named. The other ones."""
        others: list[UUID] = []
        with self._app.writing() as log:
            facts: list[Fact] = []
            for target in log.targets(filling).values():
                if below_goal_last(target) is not None:
                    others.append(target.id)
                    continue
                target.finish_fill([], by=BY, at=at)
                facts += target.collect_events()
                log.keep_route(target)
            log.save(facts)
        return others

    def _finish(self, target_id: UUID, at: datetime) -> None:
        """Judge the target on all that is counted. Sales go on meanwhile, so what it is judged by is read to the end
        outside the log's lock, and only what came since then inside it."""
        read_to, found_from, counted = 0, None, list[Posting]()
        while True:
            with self._app.writing() as log:
                target = log.targets([target_id])[target_id]
                judged_from = below_goal_last(target)
                enough = judged_from is None or (found_from is not None and found_from <= judged_from)
                if enough:
                    if judged_from is not None:
                        counted += self._postings_since(log, target, read_to, judged_from)
                    target.finish_fill(counted, by=BY, at=at)
                    log.save(target.collect_events())
                    log.keep_route(target)
                    return
                position = log.position
            assert judged_from is not None
            router = _router([target])
            found = _postings(router, self._app.ledger(0, position)).get(target_id, [])
            counted = [posting for _, posting in found if posting.occurred_at >= judged_from]
            read_to, found_from = position, judged_from

    def _postings_since(self, log: Writing, target: Target, position: int, since: datetime) -> list[Posting]:
        found = _postings(_router([target]), self._app.ledger(position, log.position))
        return [posting for _, posting in found.get(target.id, []) if posting.occurred_at >= since]


def below_goal_last(target: Target) -> datetime | None:
    """The start of the last slot that begins with the total below the goal; None when the goal isn't reached."""
    if target.total < target.plan.goal:
        return None
    starts = sorted(target.sums)
    before = accumulate((target.sums[start] for start in starts), initial=0)
    return max(start for start, total in zip(starts, before, strict=False) if total < target.plan.goal)


def _router(targets: Iterable[Target]) -> Router:
    router = Router()
    for target in targets:
        router.add(Route.of(target.id, target.plan))
    return router


def _postings(router: Router, ledger: Iterable[tuple[int, SalesRecorded]]) -> dict[UUID, list[tuple[int, Posting]]]:
    """What the ledger's batches hold for each target, with the position of the batch."""
    found: dict[UUID, list[tuple[int, Posting]]] = {}
    for position, recorded in ledger:
        for entry in recorded.entries:
            for posting in entry.postings():
                for target_id in router.targets_of(posting):
                    found.setdefault(target_id, []).append((position, posting))
    return found
