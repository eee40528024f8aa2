"""What a target had counted at a moment: its progress added up again, as far as it had happened by then.

Whole slots go by their sums, the one that the moment lies inside of sale by sale; levels by when they were measured.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.ledger import Posting, SalesRecorded
from domain.plan import Plan
from domain.progress import LedgerRef, Level, Withdrawal, level_sums, standing
from domain.routing import Route, routes_of
from domain.target import Target

Ledger = Callable[[LedgerRef], Iterator[SalesRecorded]]
"""The batch, or the stretch of the ledger, that a progress counts."""


class Added(NamedTuple):
    """What a fact adds to what is counted: minor units; of a level what it changed by, of a ratio `under` too."""

    net: int = 0
    under: int = 0


class CountedThen:
    """as_of: what happened at or after it is left out; None: nothing is."""

    def __init__(self, target_id: UUID, ledger: Ledger, as_of: datetime | None) -> None:
        self._target_id = target_id
        self._ledger = ledger
        self._as_of = as_of
        self._plan: Plan | None = None
        self._routes: list[Route] = []
        self._starts: list[datetime] = []
        self._cut: datetime | None = None
        self._levels: list[Level] = []
        self._missing: list[Withdrawal] = []
        self._sums: dict[datetime, int] = {}
        self.total = 0
        self.under = 0

    def plan_by(self, plan: Plan) -> None:
        """This plan says from now on what counts."""
        self._plan = plan
        self._routes = routes_of(self._target_id, plan)
        self._starts = plan.slot_starts()
        self._cut = self._cut_slot(plan)

    def begin_anew(self) -> Added:
        """Other sales count than before: it is filled again."""
        taken = Added(-self.total, -self.under)
        self._levels, self._missing, self._sums = [], [], {}
        self.total = self.under = 0
        return taken

    def add(self, fact: Target.ProgressRecorded) -> Added:
        if fact.measured is not None:
            self._levels, self._missing = standing(self._levels, fact.measured, self._missing)
            added = Added(self._level - self.total)
        else:
            added = self._added(fact)
        self.total += added.net
        self.under += added.under
        return added

    @property
    def plan(self) -> Plan:
        assert self._plan is not None, "a target counts once it has a plan"
        return self._plan

    @property
    def levels(self) -> list[Level]:
        """What had been measured by then, in order."""
        if self._as_of is None:
            return self._levels
        return self._levels[: bisect_left(self._levels, self._as_of, key=lambda one: one.occurred_at)]

    @property
    def sums(self) -> dict[datetime, int]:
        """By slot; of a level what it changed by."""
        return level_sums(self._starts, self.levels, self.plan.baseline) if self.plan.measured else self._sums

    @property
    def _level(self) -> int:
        """What the level has changed by since the baseline."""
        return self.levels[-1].value - self.plan.baseline if self.levels else 0

    def _added(self, fact: Target.ProgressRecorded) -> Added:
        whole = [
            one for one in fact.slots if self._as_of is None or (one.start < self._as_of and one.start != self._cut)
        ]
        nets = {one.start: one.net for one in whole}
        under = sum(one.under or 0 for one in whole)
        if self._cut is not None and any(one.start == self._cut for one in fact.slots):
            inside = list(self._inside(fact.entry))
            nets[self._cut] = sum(one.amount for one in inside if not one.under)
            under += sum(one.amount for one in inside if one.under)
        for start, net in nets.items():
            self._sums[start] = self._sums.get(start, 0) + net
        return Added(sum(nets.values()), under)

    def _inside(self, entry: LedgerRef) -> Iterator[Posting]:
        """The postings of the slot that is cut, as they count here, from before the cut."""
        assert self._cut is not None
        assert self._as_of is not None
        for recorded in self._ledger(entry):
            for line in recorded.entries:
                for posting in line.postings():
                    for route in self._routes:
                        counts = route.counted(posting)
                        if counts is not None and self._cut <= counts.occurred_at < self._as_of:
                            yield counts

    def _cut_slot(self, plan: Plan) -> datetime | None:
        """The start of the slot that the moment lies inside of: of its sales, the ledger knows which came before."""
        if self._as_of is None or plan.measured or not plan.begins <= self._as_of < plan.ends:
            return None
        start = self._starts[bisect_right(self._starts, self._as_of) - 1]
        return start if start < self._as_of else None
