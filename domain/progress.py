"""Progress: what a part of the ledger adds to a target, slot by slot, and which sale took it over a line."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.ledger import Posting

LITTLE_MAX = 100
"""Measurements of one batch; more are put in order together with those that stand."""


@dataclass(frozen=True)
class LedgerRef:
    """Which part of the ledger a progress counts: one batch, or what lies at positions (after, upto]."""

    batch: UUID | None = None
    after: int | None = None
    upto: int | None = None


@dataclass(slots=True)
class Slot:
    """What was added, net and in minor units, from `start` until the next local midnight or cut-off.

    Of a ratio `net` is the numerator's and `under` the denominator's; of a measured level `net` is what it changed by.
    """

    start: datetime
    net: int
    under: int | None = None


@dataclass(frozen=True)
class SaleRef:
    """The sale that a fact was caused by."""

    source: str
    id: str
    occurred_at: datetime


@dataclass(frozen=True)
class Level:
    """One measurement that stands; filled: whether it was in the ledger before the target counted, None for no."""

    source: str
    id: str
    value: int
    occurred_at: datetime
    filled: bool | None = None


@dataclass(frozen=True)
class Withdrawal:
    """A measurement that a void or correction took back."""

    source: str
    id: str


@dataclass(frozen=True)
class Measured:
    """What a part of the ledger did to the levels of a target: those that it added, and those that it took back."""

    added: list[Level]
    withdrawn: list[Withdrawal] | None = None


def slots_of(starts: Sequence[datetime], postings: Sequence[Posting]) -> list[Slot]:
    """The net of the postings by slot; `starts` in order, every posting inside the period."""
    nets: dict[datetime, int] = {}
    unders: dict[datetime, int] = {}
    for posting in postings:
        start = starts[bisect_right(starts, posting.occurred_at) - 1]
        sums = unders if posting.under else nets
        sums[start] = sums.get(start, 0) + posting.amount
    if not unders:
        return [Slot(start, nets[start]) for start in sorted(nets)]
    return [Slot(start, nets.get(start, 0), unders.get(start)) for start in sorted({*nets, *unders})]


def measured_in(postings: Sequence[Posting], *, filled: bool) -> Measured:
    """What these postings measured and took back; filled: from the ledger before the target counted."""
    added: list[Level] = []
    withdrawn: list[Withdrawal] = []
    for posting in postings:
        if posting.withdraws is not None:
            withdrawn.append(Withdrawal(posting.source, posting.withdraws))
        else:
            added.append(Level(posting.source, posting.id, posting.amount, posting.occurred_at, filled or None))
    return Measured(added, withdrawn or None)


def standing(
    levels: Iterable[Level], measured: Measured, missing: Iterable[Withdrawal] = ()
) -> tuple[list[Level], list[Withdrawal]]:
    """The levels that stand after that, in order: of measuring, then of recording, what was filled in first.

    missing: what was taken back before it was there, while the target fills; with the levels what is still missing.
    """
    known = [*levels, *measured.added]
    gone = {(one.source, one.id): one for one in (*missing, *(measured.withdrawn or ()))}
    kept = [one for one in known if (one.source, one.id) not in gone]
    found = {(one.source, one.id) for one in known}
    still = [one for name, one in gone.items() if name not in found]
    return sorted(kept, key=_turn), still


def _turn(one: Level) -> tuple[datetime, bool]:
    return one.occurred_at, not one.filled


def is_little(measured: Measured, missing: Sequence[Withdrawal]) -> bool:
    """Whether some levels came and none is taken back: beside thousands that stand they are put in one by one."""
    return len(measured.added) <= LITTLE_MAX and not measured.withdrawn and not missing


def put_in(levels: list[Level], added: Iterable[Level]) -> None:
    """As `standing`, of little, in place."""
    for one in added:
        insort(levels, one, key=_turn)


def level_changes(
    starts: Sequence[datetime], levels: Sequence[Level], added: Iterable[Level], baseline: int
) -> list[Slot]:
    """What little that was added changes of `level_sums`; levels: as they stood before."""
    after, moved = list(levels), dict[datetime, int]()
    for one in added:
        place = bisect_right(after, _turn(one), key=_turn)
        rose = one.value - (after[place - 1].value if place else baseline)
        for other, by in ((one, rose), *((later, -rose) for later in after[place : place + 1])):
            start = starts[bisect_right(starts, other.occurred_at) - 1]
            moved[start] = moved.get(start, 0) + by
        after.insert(place, one)
    return changes_of({}, moved)


def moved_by(levels: Sequence[Level], postings: Sequence[Posting]) -> SaleRef | None:
    """What made the latest of these levels the one that counts: its own measurement, where that is one of these, or
    what took back those after it. levels: as they stand after the postings, in order."""
    latest = levels[-1] if levels else None
    for one in postings:
        if latest is not None and one.withdraws is None and (one.source, one.id) == (latest.source, latest.id):
            return SaleRef(one.source, one.id, one.occurred_at)
    withdrawing = [one for one in postings if one.withdraws is not None]
    last = max(withdrawing, key=lambda one: (one.occurred_at, one.source, one.id), default=None)
    return None if last is None else SaleRef(last.source, last.id, last.occurred_at)


def level_sums(starts: Sequence[datetime], levels: Iterable[Level], baseline: int) -> dict[datetime, int]:
    """By what the level changed in each slot in which it was measured; levels in order."""
    sums: dict[datetime, int] = {}
    before = baseline
    for one in levels:
        start = starts[bisect_right(starts, one.occurred_at) - 1]
        sums[start] = sums.get(start, 0) + one.value - before
        before = one.value
    return sums


def changes_of(before: Mapping[datetime, int], after: Mapping[datetime, int]) -> list[Slot]:
    """What makes one mapping of sums the other."""
    moved = {start: after.get(start, 0) - before.get(start, 0) for start in sorted({*before, *after})}
    return [Slot(start, net) for start, net in moved.items() if net]


def crossing(postings: Sequence[Posting], total: int, goal: int) -> SaleRef:
    """As `crossing_in`, where the total lies across the goal from where it was before the postings."""
    crossed_by = crossing_in(postings, total, goal)
    assert crossed_by is not None, "the postings don't cross the goal"
    return crossed_by


def crossing_in(postings: Sequence[Posting], total: int, goal: int) -> SaleRef | None:
    """The posting that takes the total across the goal last, in order of (occurred_at, source, id); None where it was
    across before them.

    `total` is what the postings came to, counted with everything before them.
    """
    ordered = sorted(postings, key=lambda one: (one.occurred_at, one.source, one.id))
    running = total
    for posting in reversed(ordered):
        before = running - posting.amount
        if (before >= goal) != (total >= goal):
            return SaleRef(posting.source, posting.id, posting.occurred_at)
        running = before
    return None


def sum_before(sums: Mapping[datetime, int], instant: datetime) -> int:
    """What was counted before this instant, which is a midnight or a cut-off."""
    starts = sorted(sums)
    return sum(sums[start] for start in starts[: bisect_left(starts, instant)])
