"""Verifies what targets count: the ledger is added up by itself, for each of them and for each stretch of a fill.

A target counts from nothing when it is activated, and again when a revision makes other sales count: each such
counting goes by the plan of its time. What a target is compared with is read from the ledger, too.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from domain.comparison import Compared, goal_of_percent, uplift_percent
from domain.ledger import Posting, SalesRecorded
from domain.money import shown
from domain.plan import Plan
from domain.progress import Slot, level_sums, measured_in, slots_of, standing
from domain.routing import Route, Router, routes_of
from domain.target import State, Target
from projections.crossings import FilledCrossing

Differs = Callable[[str], None]


class Countings:
    """Told of what begins, fills, freezes and ends in the log's order, then of the ledger; tells what differs."""

    def __init__(self, differs: Differs) -> None:
        self._differs = differs
        self._router = Router()
        self._by_key: dict[UUID, _Counting | _Comparing] = {}
        self._current: dict[UUID, _Counting] = {}

    # The log, in its order

    def began(self, position: int, target: Target) -> None:
        """It counts from nothing, by the plan that it has now."""
        self.ended(position, target)
        counting = self._current[target.id] = _Counting(target, target.plan)
        self._add(counting, routes_of(target.id, target.plan))

    def ended(self, position: int, target: Target) -> None:
        """Here it was cancelled, or begins again."""
        if (counting := self._current.get(target.id)) is not None:
            counting.until = position

    def filled(self, position: int, target: Target, said: Target.ProgressRecorded) -> None:
        counting, after, upto = self._current.get(target.id), said.entry.after, said.entry.upto
        if counting is None or after is None or upto is None:
            self._differs(f"position {position}: {_name(target)} is filled and counts nothing")
            return
        counting.chunks.append(_Chunk(position, after, upto, said, _Sum(counting.plan)))

    def crossed(self, target: Target, crossing: FilledCrossing) -> None:
        """A sale that was named when the target was filled rests on the ledger before it."""
        if (counting := self._current.get(target.id)) is not None:
            counting.crossings.append(crossing)

    def froze(self, position: int, target: Target, before: Plan, said: Target.ComparisonFrozen) -> None:
        """before: the plan that it had until then."""
        comparison = before.comparison
        if comparison is None:
            self._differs(f"position {position}: {_name(target)} is compared with nothing")
            return
        self._add(
            _Comparing(position, target, before, said, Compared(comparison)),
            [replace(one, begins=comparison.begins, ends=comparison.ends) for one in routes_of(target.id, before)],
        )

    def _add(self, counting: "_Counting | _Comparing", routes: Iterable[Route]) -> None:
        key = UUID(int=len(self._by_key))
        self._by_key[key] = counting
        for route in routes:
            self._router.add(replace(route, target_id=key))

    # The ledger, read by itself

    def add(self, position: int, recorded: SalesRecorded) -> None:
        for key, postings in self._router.by_target(recorded.entries).items():
            self._by_key[key].add(position, postings)

    def judge(self) -> None:
        """After the whole ledger: what was said of it, and what each target has come to."""
        for counting in self._by_key.values():
            for sentence in counting.wrong():
                self._differs(sentence)
        for counting in self._current.values():
            if counting.until is None and counting.target.state is not State.FILLING:
                for sentence in _unlike(counting.target, counting.total):
                    self._differs(sentence)


class _Sum:
    """What postings come to by one plan: sums by slot, or the measurements themselves."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._starts = plan.slot_starts()
        self.nets: dict[datetime, int] = defaultdict(int)
        self.unders: dict[datetime, int] = defaultdict(int)
        self.levels: list[Posting] = []

    def add(self, postings: Sequence[Posting]) -> None:
        if self._plan.measured:
            self.levels += postings
            return
        for slot in slots_of(self._starts, postings):
            self.nets[slot.start] += slot.net
            if slot.under is not None:
                self.unders[slot.start] += slot.under

    def slots(self) -> list[Slot]:
        return [Slot(start, net, self.unders.get(start)) for start, net in sorted(self.nets.items())]


@dataclass(slots=True)
class _Chunk:
    """A stretch of the ledger that a fill says it has counted."""

    position: int
    after: int
    upto: int
    said: Target.ProgressRecorded
    found: _Sum


@dataclass(slots=True)
class _Counting:
    """What a target counts from nothing on; until: where it ended."""

    target: Target
    plan: Plan
    until: int | None = None
    chunks: list[_Chunk] = field(default_factory=list)
    crossings: list[FilledCrossing] = field(default_factory=list)
    total: _Sum = field(init=False)

    def __post_init__(self) -> None:
        self.total = _Sum(self.plan)

    def add(self, position: int, postings: Sequence[Posting]) -> None:
        if self.until is not None and position > self.until:
            return
        self.total.add(postings)
        for chunk in self.chunks:
            if chunk.after < position <= chunk.upto:
                chunk.found.add(postings)
        for crossing in self.crossings:
            crossing.collect(position, postings)

    def wrong(self) -> Iterator[str]:
        for chunk in self.chunks:
            where = f"position {chunk.position}: progress of {_name(self.target)}"
            if self.plan.measured:
                if chunk.said.measured != measured_in(chunk.found.levels, filled=True):
                    yield f"{where} says other levels than were measured at positions {chunk.after} to {chunk.upto}"
            elif chunk.said.slots != (due := chunk.found.slots()):
                yield (
                    f"{where} says {sum_of(chunk.said.slots)}, and the sales at positions {chunk.after} to {chunk.upto}"
                    f" come to {sum_of(due)}{first_slot(chunk.said.slots, due)}"
                )


@dataclass(slots=True)
class _Comparing:
    """What a target says that it is compared with, as the ledger had it when its fill began."""

    position: int
    target: Target
    plan: Plan
    said: Target.ComparisonFrozen
    found: Compared

    def add(self, position: int, postings: Sequence[Posting]) -> None:
        if position <= self.said.frozen.position:
            for posting in postings:
                self.found.add(posting.occurred_at, posting.amount)

    def wrong(self) -> Iterator[str]:
        said, plan = self.said.frozen, self.plan
        due = self.found.frozen(said.position)
        goal = plan.goal if plan.percent is None else goal_of_percent(uplift_percent(plan.percent), due.total)
        if said != due:
            yield f"{self._where} is compared with {said.total}, and the ledger has {due.total}"
        elif self.said.goal != goal:
            yield f"{self._where} has {self.said.goal} as its goal, and beside what it is compared with that is {goal}"

    @property
    def _where(self) -> str:
        return f"position {self.position}: {_name(self.target)}"


def _unlike(target: Target, ledger: _Sum) -> Iterator[str]:
    """Where a target's sums are not the ledger's: the first slot, in order of time."""
    plan, starts = target.plan, target.slot_starts
    nets: Mapping[datetime, int] = ledger.nets
    if plan.measured:
        levels, _ = standing([], measured_in(ledger.levels, filled=False))
        said, due = ([(one.source, one.id, one.value, one.occurred_at) for one in of] for of in (target.levels, levels))
        if said != due:
            yield f"{_name(target)}: its facts come to other levels than the ledger"
        nets = level_sums(starts, levels, plan.baseline)
    parts = [(target.sums, nets, plan.numerator), (target.under, ledger.unders, plan.denominator)]
    for own, sums, part in parts:
        mine, its = _by_slot(own, starts), _by_slot(sums, starts)
        exponent = plan.exponent if part is None else part.exponent
        for start in sorted({*mine, *its}):
            if mine.get(start, 0) != its.get(start, 0):
                yield (
                    f"{_name(target)} on {plan.day_of(start)}: its facts come to {shown(mine.get(start, 0), exponent)},"
                    f" the ledger to {shown(its.get(start, 0), exponent)}"
                )
                return


def _by_slot(sums: Mapping[datetime, int], starts: Sequence[datetime]) -> dict[datetime, int]:
    """By the slots that the target has now: a revision may have joined some."""
    found: dict[datetime, int] = {}
    for at, amount in sums.items():
        start = starts[bisect_right(starts, at) - 1]
        found[start] = found.get(start, 0) + amount
    return found


def _name(target: Target) -> str:
    return f"{target.plan.name} ({target.id})"


def sum_of(slots: Sequence[Slot]) -> int:
    return sum(slot.net for slot in slots)


def first_slot(said: Sequence[Slot], due: Sequence[Slot]) -> str:
    """Where two lists of slots first differ, when their sums alone don't show it."""
    if sum_of(said) != sum_of(due):
        return ""
    first = next((one for one in (*said, *due) if one not in said or one not in due), None)
    return "" if first is None else f", but otherwise from {first.start.isoformat()} on"
