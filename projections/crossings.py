"""Verifies that each crossing of a goal was said, by the sale that crossed it, and no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.filling import below_goal_last
from domain.ledger import Posting
from domain.money import shown
from domain.progress import SaleRef, crossing
from domain.target import State, Target

Differs = Callable[[str], None]


@dataclass(slots=True)
class FilledCrossing:
    """A crossing that was named when a target was filled: it rests on the ledger before it."""

    target: Target
    position: int
    total: int
    line: int
    since: datetime
    said: SaleRef
    postings: list[Posting] = field(default_factory=list)

    def collect(self, position: int, postings: Sequence[Posting]) -> None:
        """The ledger's postings for the target, at this position, in a second reading."""
        if position < self.position:
            self.postings += (one for one in postings if one.occurred_at >= self.since)


@dataclass(slots=True)
class _Due:
    position: int
    sale: SaleRef | None
    """The sale to be named; None after a fill, where the ledger before it decides."""
    total: int
    since: datetime | None = None


class Crossings:
    """Told of every progress, fill and crossing in the log's order; tells what differs."""

    def __init__(self, differs: Differs) -> None:
        self._differs = differs
        self._due: dict[UUID, tuple[Target, _Due]] = {}
        self._filled: list[FilledCrossing] = []

    def progressed(self, position: int, target: Target, postings: Sequence[Posting]) -> None:
        if target.state not in (State.ACTIVE, State.CLOSED) or _agrees(target):
            return
        line = target.plan.line
        assert line is not None, "it would agree"
        try:
            sale = crossing(postings, target.total, line)
        except AssertionError:
            self._differs(f"position {position}: the progress of {_name(target)} crosses its goal, and its sales don't")
            return
        self._due[target.id] = target, _Due(position, sale, target.total)

    def was_filled(self, position: int, target: Target) -> None:
        if not _agrees(target):
            self._due[target.id] = target, _Due(position, None, target.total, below_goal_last(target))

    def said(self, position: int, topic: str, target: Target, sale: SaleRef | None) -> FilledCrossing | None:
        """What is to be held against the ledger, where the crossing rests on that."""
        _, due = self._due.pop(target.id, (target, None))
        if due is None:
            self._differs(f"position {position}: {topic} of {_name(target)} follows no progress that crosses the goal")
        elif sale is not None and due.sale is not None and due.sale != sale:
            self._differs(_names_another(position, topic, target, sale, due.sale))
        elif due.sale is None and due.since is not None and sale is not None:
            filled = FilledCrossing(target, position, due.total, target.plan.line or 0, due.since, sale)
            self._filled.append(filled)
            return filled
        return None

    def all_said(self) -> None:
        """No crossing may be left unsaid where another batch begins."""
        for target, due in self._due.values():
            total, goal = (shown(amount, target.plan.exponent) for amount in (due.total, target.plan.line or 0))
            self._differs(
                f"position {due.position}: {_name(target)} comes to {total}, its goal is {goal},"
                " and no fact says that it crossed"
            )
        self._due = {}

    def judge_filled(self) -> None:
        """After the second reading: was the crossing of each fill the one that the ledger shows?"""
        for filled in self._filled:
            try:
                sale = crossing(filled.postings, filled.total, filled.line)
            except AssertionError:
                self._differs(f"position {filled.position}: the sales of {_name(filled.target)} don't cross its goal")
                continue
            if sale != filled.said:
                self._differs(_names_another(filled.position, "target.attained", filled.target, filled.said, sale))


def _agrees(target: Target) -> bool:
    line = target.plan.line
    return (line is not None and target.total >= line) == target.attained


def _name(target: Target) -> str:
    return f"{target.plan.name} ({target.id})"


def _names_another(position: int, topic: str, target: Target, said: SaleRef, due: SaleRef) -> str:
    return (
        f"position {position}: {topic} of {_name(target)} names {said.source} {said.id},"
        f" and the sale that crossed is {due.source} {due.id}"
    )
